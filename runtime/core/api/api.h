// api.h: what the files of the C interface share: positions, pushing.
//
// Private to api*.c. Nothing here allocates; api_at raises nothing.

#ifndef FROST_CORE_API_API_H
#define FROST_CORE_API_API_H

#include <assert.h>

#include "runtime/core/call.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/heap_parts.h"
#include "runtime/core/state.h"
#include "runtime/core/table.h"
#include "runtime/core/vm_inline.h"

// The place of a special position (registry, environment, globals, upvalues).
struct value *api_at_special(lua_State *L, int idx);

// The value at an acceptable position; &value_nil if there is none (never written to).
static inline struct value *api_at(lua_State *L, int idx)
{
    if (idx > 0) {
        struct value *v = DEREF(L->base) + (idx - 1);
        return v < TOP(L) ? v : (struct value *)&value_nil;
    }
    if (idx > LUA_REGISTRYINDEX)
        return TOP(L) + idx;
    return api_at_special(L, idx);
}

#define API_IS_NONE(v) ((v) == &value_nil)

// Checks what callers in C promise; where instructions are counted, not in the build for speed.
#if HAS_FAST_PATHS && defined(__OPTIMIZE__) && !HEAP_SANITIZED
#define API_ASSERT(condition) ((void)0)
#else
#define API_ASSERT(condition) assert(condition)
#endif

// Counts a slot in that has been written above top. C functions have LUA_MINSTACK of them; who
// gets many results and pushes one more, as Lua 5.1's pcall does, takes it from the reserve.
static inline void api_grow_top(lua_State *L)
{
    API_ASSERT(TOP(L) <= DEREF(L->stack_last) + STACK_RESERVE);
    TOP_SET(L, TOP(L) + 1);
}

static inline void api_push(lua_State *L, const struct value *v)
{
    *TOP(L) = *v;
    api_grow_top(L);
}

// Pushes an object. It may have been made by an allocation that has moved the stack.
static inline void api_push_object(lua_State *L, const void *o, int tag)
{
    value_set_pointer(TOP(L), o, tag);
    api_grow_top(L);
}

// Pushes a table that may be a read-only or frozen one.
static inline void api_push_any_table(lua_State *L, const struct table *t)
{
    api_push_object(L, t, OBJECT_TAG(t));
}

// Environment of the running C function: its own, or the thread's globals for light functions and
// outside any function.
struct table *api_environment(lua_State *L);

#endif
