// debug.h: messages with positions and names, lines, information on calls.
//
// Reads and writes: the stack (messages), line tables. Memory: strings of messages; each fragment
//         of a formatted message is a string, as on the device (allocation policy of NodeMCU 3.0).
// Source: messages are worded as Lua 5.1's.

#ifndef FROST_CORE_DEBUG_H
#define FROST_CORE_DEBUG_H

#include <stdarg.h>

#include "runtime/core/state.h"

// "attempt to OPERATION global 'x' (a nil value)"; the name is found if `v` is a register of the
// running function.
_Noreturn void debug_type_error(lua_State *L, const struct value *v, const char *operation);
// "table is frozen (field 'y' of local 'x')"; as much of it as is known. key: NULL or what was
// stored.
_Noreturn void debug_frozen_error(lua_State *L, const struct value *t, const struct value *key);
// Called before the error for nil with a name, kinds as in debug_name_register; NULL: nobody.
extern void (*debug_nil_used)(lua_State *L, const char *kind, const char *name);
// The operand that is to blame is picked from the two.
_Noreturn void debug_concat_error(lua_State *L, const struct value *a, const struct value *b);
_Noreturn void debug_arith_error(lua_State *L, const struct value *a, const struct value *b);
_Noreturn void debug_order_error(lua_State *L, const struct value *a, const struct value *b);
// Raises a message with "source:line: " in front if a Lua function is running. Directives: those of
// lua_pushfstring.
_Noreturn void debug_run_error(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Raises the value on top through the handler.
_Noreturn void debug_raise(lua_State *L);
// lua_pushvfstring without a check of the collector.
const char *debug_push_message(lua_State *L, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

// Printable chunk name, at most LUA_IDSIZE bytes with NUL.
void debug_chunk_id(char *out, const char *source, size_t bytes);
// Tells the content probe what the firmware reads of a source for that, one by one.
#ifdef FROST_PROBED
void debug_report_source(lua_State *L, const char *source);
#else
#define debug_report_source(L, source) ((void)0)
#endif
// The same for a function; "?" without a source.
void debug_source_id(lua_State *L, char *out, const struct proto *p);

// What the value in register `slot` of a Lua call is called: returns "global", "local", "method",
// "field" or "upvalue" and the name in *name; NULL if it cannot be told.
const char *debug_name_register(lua_State *L, struct call_record *call, int slot,
                                const char **name);
// The same for the function that `call` runs, from the instruction of its caller.
const char *debug_name_function(lua_State *L, struct call_record *call, const char **name);

// Line of instruction `pc` from the packed line table (facts, a7), 0 if there is none. Reports the
// bytes it reads from flash to the probe. Any table that ends with a NUL is safe to read.
int debug_line(lua_State *L, const struct proto *p, int pc);
// Calls visit(context, line) for each run of instructions on a line.
void debug_line_each(const struct proto *p, void (*visit)(void *context, int line), void *context);
// Line of the current instruction of a call, -1 for C.
int debug_current_line(lua_State *L, struct call_record *call);
// Index of the current instruction of a call, -1 for C.
int debug_current_pc(lua_State *L, struct call_record *call);

// ---- writing a packed line table (compiler) ----

// While it grows, the table is filled up with 0x7F and ends with a NUL, so its allocated size is
// always that of the text in it.
struct line_writer {
    int line;  // of the last instruction
    int count; // instructions in the last entry so far
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
