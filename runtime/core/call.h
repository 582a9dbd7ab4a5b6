// call.h: calls, stacks, errors, coroutines.
//
// Errors are longjmps to the innermost protected call. Pointers into a stack are invalid after
// anything that may grow it: keep offsets (STACK_OFFSET).
//
// Sizes. A stack of `stack_count` values ends with STACK_RESERVE values for error handling, and
// stack_last = stack + stack_count - STACK_RESERVE - 1: 45 values at start. `calls_end` is the last
// record of the vector (calls + call_count - 1), which is used before the vector grows.
// A thread's first record stands for the C code that made it: its func is a nil at stack[0],
// base = top = stack + 1, its top base + LUA_MINSTACK.
// pc. call_record.pc of each active Lua call is saved before anything that may raise an error,
// call, allocate or report to a probe; lua_State.pc is not used.

#ifndef FROST_CORE_CALL_H
#define FROST_CORE_CALL_H

#include "runtime/core/state.h"
#include "runtime/core/stream.h"

#define STACK_OFFSET(L, p) ((ptrdiff_t)((char *)(p) - (char *)DEREF((L)->stack)))
#define STACK_AT(L, offset) ((struct value *)((char *)DEREF((L)->stack) + (offset)))
#define CALL_OFFSET(L, p) ((ptrdiff_t)((char *)(p) - (char *)DEREF((L)->calls)))
#define CALL_AT(L, offset) ((struct call_record *)((char *)DEREF((L)->calls) + (offset)))

// Makes sure that n more values fit above top.
#define STACK_CHECK(L, n)                                                                          \
    do {                                                                                           \
        if ((char *)DEREF((L)->stack_last) - (char *)DEREF((L)->top) <=                            \
            (ptrdiff_t)((n) * sizeof(struct value)))                                               \
            call_grow_stack(L, n);                                                                 \
    } while (0)

enum call_kind { CALL_LUA, CALL_C, CALL_YIELDED };

typedef void (*call_body)(lua_State *L, void *data);

// Prepares the call of the function at `func` (arguments up to top): a C function is run, of a Lua
// function the call record is made. __call is honoured.
enum call_kind call_prepare(lua_State *L, struct value *func, int result_count);
// The same for a C function, closure or light, whose arguments are in place.
enum call_kind call_c(lua_State *L, struct value *func, int result_count);
// Moves results from `first` to the caller's place; non-zero if top is to be restored.
int call_finish(lua_State *L, struct value *first);
// Calls and runs to the end. Raises "C stack overflow".
void call_function(lua_State *L, struct value *func, int result_count);
// Runs `body` protected, with handler at stack offset `handler` (0: none). On error restores the
// stack to `old_top` (offset), leaves the message there, returns LUA_ERR*.
int call_protected(lua_State *L, call_body body, void *data, ptrdiff_t old_top, ptrdiff_t handler);
// Runs `body` protected and restores nothing; the raw status.
int call_protected_raw(lua_State *L, call_body body, void *data);
// Compiles or loads the chunk of `stream` protected; pushes a closure or a message.
int call_protected_load(lua_State *L, struct stream *stream, const char *chunk_name);
// Is told of each chunk that was loaded, its closure on top; may not raise. NULL: nobody.
extern void (*call_loaded)(lua_State *L);

_Noreturn void call_throw(lua_State *L, int status);
// Puts the message for `status` at `place` and sets top after it.
void call_set_error(lua_State *L, int status, struct value *place);

// Makes the stack `count` + STACK_RESERVE + 1 values long (45 -> call_resize_stack(L, 90) -> 96)
// and moves all pointers into it. Shrinking: size / 2. Raises out of memory; then nothing has
// changed.
void call_resize_stack(lua_State *L, int32_t count);
// Room for n more values: doubles, or adds n if that is not enough.
void call_grow_stack(lua_State *L, int32_t n);
// Makes the vector exactly `count` records long.
void call_resize_records(lua_State *L, int32_t count);
// The vector stands at `addr` by now: corrects all that refers into it.
void call_stack_moved(lua_State *L, uint32_t addr);
void call_records_moved(lua_State *L, uint32_t addr);
// After an error: takes back what a stack overflow had in excess of CALLS_MAX.
void call_trim_records(lua_State *L);
// Doubles the full vector of records and takes one. Raises "stack overflow".
struct call_record *call_add_record(lua_State *L);
// Calls the hook for `event` (LUA_HOOK*) if it is allowed.
void call_hook(lua_State *L, int event, int line);
// A callable value in place of the one at `func`: its __call, with the value as first argument.
struct value *call_metamethod(lua_State *L, struct value *func);
// Turns the arguments of a vararg function, which end at top, into its frame; returns the base.
struct value *call_adjust_varargs(lua_State *L, const struct proto *p, int arg_count);

// True for the record of a Lua function.
static inline int call_is_lua(const struct call_record *call)
{
    const struct value *f = DEREF(call->func);
    return VALUE_IS_CLOSURE(f) && !CLOSURE_IS_C(VALUE_CLOSURE(f));
}

#define CALL_CLOSURE(call) VALUE_LUA_CLOSURE(DEREF((call)->func))
#define CALL_PROTO(call) DEREF(CALL_CLOSURE(call)->proto)

#endif
