// debug.h: messages with positions and names, lines, information on calls.

#ifndef FROST_CORE_DEBUG_H
#define FROST_CORE_DEBUG_H

#include "runtime/core/state.h"

_Noreturn void debug_type_error(lua_State *L, const struct value *v, const char *operation);
_Noreturn void debug_concat_error(lua_State *L, const struct value *a, const struct value *b);
_Noreturn void debug_arith_error(lua_State *L, const struct value *a, const struct value *b);
_Noreturn void debug_order_error(lua_State *L, const struct value *a, const struct value *b);
// Raises a message with "source:line: " in front if a Lua function is running.
_Noreturn void debug_run_error(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Raises the value on top through the handler.
_Noreturn void debug_raise(lua_State *L);

// Printable chunk name, at most LUA_IDSIZE bytes with NUL.
void debug_chunk_id(char *out, const char *source, size_t bytes);

// Line of instruction `pc` from the packed line table (facts, a7), 0 if there is none. Reports the
// bytes it reads to the probe.
int debug_line(lua_State *L, const struct proto *p, int pc);
// Line of the current instruction of a call, -1 for C.
int debug_current_line(lua_State *L, struct call_record *call);
// Index of the current instruction of a Lua call.
int debug_current_pc(lua_State *L, struct call_record *call);

// ---- writing a packed line table (compiler) ----

struct line_writer {
    int line;  // of the last instruction
    int count; // instructions on it so far
    int used;  // bytes written to p->lines
    int room;  // bytes allocated
};
void debug_line_init(struct line_writer *w);
// Adds `line` for the next instruction.
void debug_line_add(lua_State *L, struct proto *p, struct line_writer *w, int line);
// Changes the line of the last instruction.
void debug_line_fix(lua_State *L, struct proto *p, struct line_writer *w, int line);
// Takes the last instruction away.
void debug_line_remove(lua_State *L, struct proto *p, struct line_writer *w);
// Ends the table and trims it to its exact size.
void debug_line_close(lua_State *L, struct proto *p, struct line_writer *w);

#endif
