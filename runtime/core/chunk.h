// chunk.h: from a stream to a function: source (compile.c and its parts) or bytecode (load.c), and
// back to bytecode (dump.c). The `.lc` format: runtime/format/lc.h.

#ifndef FROST_CORE_CHUNK_H
#define FROST_CORE_CHUNK_H

#include "runtime/core/state.h"
#include "runtime/core/stream.h"

// Compiles source. Collection is blocked by the caller. Raises LUA_ERRSYNTAX, LUA_ERRMEM.
// The buffer is the lexer's; the caller frees it. Name starts with '@' (file), '=' (as it is) or is
// the source itself. Locals' and upvalues' names are dropped afterwards at strip level 1, the
// default of the nodemcu profile (chunk_strip_level).
struct proto *compile_source(lua_State *L, struct stream *s, struct text_buffer *buffer,
                             const char *name);
// Loads bytecode (first character ESC is still in the stream).
struct proto *load_bytecode(lua_State *L, struct stream *s, struct text_buffer *buffer,
                            const char *name);
// Writes bytecode; strip != 0 leaves out source, lines, names. Result: first non-zero of writer.
int dump_bytecode(lua_State *L, const struct proto *p, lua_Writer writer, void *data, int strip);

// Called for what compiles but is not what it seems; NULL: nobody wants to know. `chunk` is the
// name as in messages. Set by the compiler's program.
extern void (*compile_warning)(const char *chunk, int line, const char *message);

// 0: keep all names; 1: drop local and upvalue names after compiling (firmware's default);
// 2: drop lines too. Process-wide.
extern int chunk_strip_level;

// Is given each function of precompiled code when it is complete, inner ones first; what it returns
// is used in its place. While it works nothing but the functions around it, which lie on the stack,
// refers to what was loaded. May not raise. NULL: nobody.
extern struct proto *(*chunk_function_loaded)(lua_State *L, struct proto *p);

#endif
