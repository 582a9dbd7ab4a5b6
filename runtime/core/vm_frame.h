// vm_frame.h: frames as the interpreter's loop makes and leaves them, where nothing has to grow.
//
// Reads and writes: the stack and call records of the running thread. What needs more (hooks, a
// larger stack, anything but a function) goes to runtime/core/call.c.
// Memory: what the called C functions make.

#ifndef FROST_CORE_VM_FRAME_H
#define FROST_CORE_VM_FRAME_H

#include "runtime/core/call.h"
#include "runtime/core/fast_path.h"
#include "runtime/core/func.h"
#include "runtime/core/vm_inline.h"

// Does an open upvalue refer to `slot` or above?
static inline int has_open_upvalue(const lua_State *L, const struct value *slot)
{
    const struct upvalue *first = (const struct upvalue *)DEREF(L->open_upvalues);
    return first != NULL && DEREF(first->value) >= slot;
}

// Puts the frame that a tail call has prepared into the place of the caller's.
static inline void replace_frame(lua_State *L)
{
    struct call_record *call = DEREF(L->call) - 1;
    if (has_open_upvalue(L, DEREF(call->base)))
        func_close_upvalues(L, DEREF(call->base));
    struct value *to = DEREF(call->func), *from = DEREF(call[1].func), *top = TOP(L);
    struct value *base = to + (DEREF(call[1].base) - from);
    while (from < top)
        *to++ = *from++;
    REF_SET(call->base, base);
    REF_SET(L->base, base);
    REF_SET(call->top, to);
    TOP_SET(L, to);
    REF_COPY(call->pc, call[1].pc);
    call->tail_call_count++;
    REF_SET(L->call, call);
}

// Can a Lua function's frame be made above `top` without growing anything and without a hook?
static inline int has_room(const lua_State *L, const struct call_record *call,
                           const struct value *top, int size, int hook)
{
    return VM_LIKELY(!(L->hook_mask & hook) && ADDR32(call) != L->calls_end.addr &&
                     (uintptr_t)(top + size) < L->stack_last.addr);
}

// Sets the registers from `base` on to nil but for the parameters that are given, up to `top`.
static inline void fill_frame(struct value *base, struct value *top, int parameter_count, int size)
{
    struct value *given_end = base + parameter_count, *end = base + size;
    if (top > given_end)
        top = given_end;
    for (; top < end; top++)
        value_set_nil(top);
}

// Makes the frame of a Lua function, `func` with prototype p, above `call`; returns its record.
static inline struct call_record *push_frame(lua_State *L, struct call_record *call,
                                             struct value *func, const struct proto *p,
                                             struct value *arguments_end, int wanted)
{
    int size = PROTO_STACK_SIZE(p), parameter_count = PROTO_PARAMETERS(p);
    struct value *base = func + 1, *end = base + size;
    call++;
    REF_SET(L->call, call);
    REF_SET(call->func, func);
    REF_SET(call->base, base);
    REF_SET(L->base, base);
    REF_SET(call->top, end);
    call->result_count = wanted;
    call->tail_call_count = 0;
    TOP_SET(L, end);
    REF_COPY(call->pc, p->code);
    fill_frame(base, arguments_end, parameter_count, size);
    return call;
}

// Puts the frame of a Lua function, `func` with prototype p, into the place of the one at `call`,
// which calls it last; returns its first register. The registers above lose what they would lose if
// the frame had been made there first.
static inline struct value *exchange_frame(lua_State *L, struct call_record *call,
                                           struct value *func, const struct proto *p,
                                           struct value *arguments_end)
{
    int size = PROTO_STACK_SIZE(p);
    const struct value *given_end = func + 1 + PROTO_PARAMETERS(p);
    fill_frame(func + 1, arguments_end, PROTO_PARAMETERS(p), size);
    struct value *to = DEREF(call->func), *base = to + 1, *end = base + size;
    for (const struct value *from = func; from < given_end; from++)
        *to++ = *from;
    while (to < end)
        value_set_nil(to++);
    REF_SET(call->base, base);
    REF_SET(L->base, base);
    REF_SET(call->top, end);
    TOP_SET(L, end);
    REF_COPY(call->pc, p->code);
    call->tail_call_count++;
    return base;
}

// Moves `count` results from `from` down to `to` for a caller who wants `wanted` of them; returns
// the place after the last.
static inline struct value *move_results(struct value *to, const struct value *from, int count,
                                         int wanted)
{
    if (VM_LIKELY(wanted == 1 && count > 0)) {
        *to = *from;
        return to + 1;
    }
    if (wanted == LUA_MULTRET)
        wanted = count;
    struct value *end = to + wanted;
    const struct value *last = from + (count < wanted ? count : wanted);
    while (from < last)
        *to++ = *from++;
    while (to < end)
        value_set_nil(to++);
    return end;
}

// Calls a C function, closure or light, with its arguments up to `top`.
static inline enum call_kind call_c_fast(lua_State *L, struct value *func, struct value *top,
                                         int wanted)
{
    TOP_SET(L, top);
    struct call_record *call = DEREF(L->call);
    if (!has_room(L, call, top, LUA_MINSTACK, LUA_MASKCALL | LUA_MASKRET))
        return call_c(L, func, wanted);
    call++;
    REF_SET(L->call, call);
    REF_SET(L->base, func + 1);
    REF_SET(call->func, func);
    REF_SET(call->base, func + 1);
    REF_SET(call->top, top + LUA_MINSTACK);
    call->result_count = wanted;
    call->tail_call_count = 0;
    uint32_t function = VALUE_IS_LIGHT_FUNCTION(func) ? func->as.pointer
                                                      : VALUE_C_CLOSURE(func)->function;
    PROBE_PLACE(L);
    PROBE_CALL_BEGIN(L);
    int count = ((lua_CFunction)(uintptr_t)function)(L);
    if (VM_UNLIKELY(count < 0))
        return CALL_YIELDED;
    if (VM_UNLIKELY(L->hook_mask & LUA_MASKRET)) { // set by the function
        call_finish(L, TOP(L) - count);
        return CALL_C;
    }
    call = DEREF(L->call); // calls and stack may have moved
    REF_SET(L->call, call - 1);
    REF_COPY(L->base, call[-1].base);
    TOP_SET(L, move_results(DEREF(call->func), TOP(L) - count, count, wanted));
    return CALL_C;
}

// Is `v` a C function, closure or light?
static inline int is_c_function(const struct value *v)
{
    return VALUE_IS_LIGHT_FUNCTION(v) || (VALUE_IS_CLOSURE(v) && CLOSURE_IS_C(VALUE_CLOSURE(v)));
}

// Runs a C function without a frame if it can be done so; the number of its results, which begin at
// func, else -1.
static inline int call_without_frame(lua_State *L, const struct call_record *call,
                                     struct value *func, struct value *top, int wanted)
{
#if HAS_FAST_PATHS
    fast_path_body body = fast_path_of(
        VALUE_IS_LIGHT_FUNCTION(func) ? func->as.pointer : VALUE_C_CLOSURE(func)->function);
    // As much room as the call would need: it might make the stack grow.
    if (body && has_room(L, call, top, LUA_MINSTACK, LUA_MASKCALL | LUA_MASKRET))
        return body(L, func, top, wanted);
#else
    (void)L;
    (void)call;
    (void)func;
    (void)top;
    (void)wanted;
#endif
    return -1;
}

// Adds nils to `count` results that stand at `to` for a caller who wants `wanted`; the place after
// the last.
static inline struct value *fill_results(struct value *to, int count, int wanted)
{
    for (; count < wanted; count++)
        value_set_nil(to + count);
    return to + count;
}

// One step of a `for` with the iterator at `a`: calls it, wants `count` results.
static inline void call_iterator(lua_State *L, struct value *a, int count)
{
    if (is_c_function(a) && L->c_calls + 1 < C_CALLS_MAX) {
        int result_count = call_without_frame(L, DEREF(L->call), a, a + 3, count);
        if (result_count >= 0) {
            TOP_SET(L, fill_results(a, result_count, count));
            GC_CHECK(L);
            return;
        }
        L->c_calls++; // an iterator cannot yield
        call_c_fast(L, a, TOP(L), count);
        L->c_calls--;
        GC_CHECK(L);
    } else {
        call_function(L, a, count);
    }
}

#endif
