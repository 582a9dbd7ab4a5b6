// vm.h: the interpreter and the operations that the C interface shares with it.

#ifndef FROST_CORE_VM_H
#define FROST_CORE_VM_H

#include "runtime/core/state.h"

// Runs the Lua function of the current call record, and the Lua functions it calls, until
// `depth` of them have returned.
void vm_execute(lua_State *L, int depth);

// Instructions executed since the process started, in all states and threads; the one that calls
// the asking C code included. Right whenever C code runs, not in handlers of signals.
uint64_t vm_instructions(void);

// A line or count hook has been set for some thread. The other one: a thread goes on after another
// has run.
#ifdef FROST_CHIP
#define vm_hooks_changed() ((void)0)
#define VM_HOOKS_RESTORE() ((void)0)
#else
extern int vm_hooks_used;
void vm_hooks_changed(void);
// Called before every instruction of whatever thread runs, from the next one on, until it is NULL
// again: the port ends runs there. A signal handler may set it.
typedef void (*vm_watcher)(lua_State *L);
void vm_watch(vm_watcher watcher);
// Before the next instruction of whatever thread runs: compact_at_instruction.
void vm_compact_soon(void);
#define VM_HOOKS_RESTORE()                                                                         \
    do {                                                                                           \
        if (__builtin_expect(vm_hooks_used, 0))                                                    \
            vm_hooks_changed();                                                                    \
    } while (0)
#endif

// *result = t[key] / t[key] = value, with metamethods. `result` is a stack slot (kept as offset);
// the others may point into the stack: they are copied before it can move. Raises what metamethods
// raise, "attempt to index ...", "loop in gettable", "table is readonly".
void vm_get(lua_State *L, const struct value *t, const struct value *key, struct value *result);
void vm_set(lua_State *L, const struct value *t, const struct value *key,
            const struct value *value);
// Looks `key` up in t and along its chain of __index tables, read-only ones included. 1: *result
// has the value, which may be nil. 0: vm_get has to do it, since a function must be called or an
// error raised. Calls nothing, raises nothing, allocates nothing.
int vm_find_field(lua_State *L, const struct value *t, const struct string *key,
                  struct value *result);
// result = b OP c for operands that are not both numbers (and, in integer builds, for division by
// zero): converts strings, calls metamethods. vm_length: `#` of anything but tables and strings.
void vm_arith(lua_State *L, struct value *result, const struct value *b, const struct value *c,
              enum metamethod event);
void vm_length(lua_State *L, struct value *result, const struct value *v);
// Calls the metamethod of a or else of b; 0 if there is none.
int vm_call_binary(lua_State *L, const struct value *a, const struct value *b, struct value *result,
                   enum metamethod event);
// Joins `total` values that end at base + last; the result stands in the first one.
void vm_concat(lua_State *L, int total, int last);
// a == b for equal types with metamethods (of tables and userdata); raw equality.
int vm_equal(lua_State *L, const struct value *a, const struct value *b);
int vm_raw_equal(const struct value *a, const struct value *b);
// Order of two texts as of their bytes, < 0, 0 or > 0.
int vm_compare_strings(lua_State *L, const struct string *a, const struct string *b);
int vm_less(lua_State *L, const struct value *a, const struct value *b);
int vm_less_equal(lua_State *L, const struct value *a, const struct value *b);
// v itself if it is a number; the number of a string in *storage; else NULL.
const struct value *vm_to_number(lua_State *L, const struct value *v, struct value *storage);
// Turns a number in a stack slot into its string; 0 if it is neither number nor string.
int vm_to_string(lua_State *L, struct value *slot);

// ---- number.c: text and numbers ----

// Reads a whole text as a number (decimal, hexadecimal, blanks around); 0 if it is none.
int number_parse(const char *text, size_t bytes, lua_Number *result);
#ifdef FROST_INTEGER
// Decimals beyond 32 bits: 0, the limit, as on the device; 1, their lower 32 bits, as luac.cross
// has them on a computer of 64 bits. Process-wide.
extern int number_wraps;
// True if the number that was parsed last lay beyond the range.
extern int number_was_beyond;
#endif
// Writes n ("%.14g" or "%d") with its NUL; returns the length. `text` has LUAI_NUMBER_CHARS.
int number_format(lua_Number n, char *text);
lua_Number number_power(lua_Number a, lua_Number b);
lua_Number number_modulo(lua_Number a, lua_Number b); // float: a - floor(a/b)*b
// "floating byte" eeeeexxx of constructors: (xxx | 8) << (eeeee - 1).
int number_to_fb(uint32_t n); // rounds up
uint32_t number_from_fb(int fb);

#endif
