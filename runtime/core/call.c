// call.c: stacks, call records, the start and the end of calls, hooks.
//
// Reads and writes: threads. Memory: the stack and the call records of a thread, through mem.h.
// Source: growth and limits are the firmware's (allocation policy of NodeMCU 3.0); the meaning of
//         calls is that of the Lua 5.1 manual.

#include "runtime/core/call.h"

#include <assert.h>

#include "runtime/core/debug.h"
#include "runtime/core/gc.h"
#include "runtime/core/mem.h"
#include "runtime/core/meta.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"
#include "runtime/core/vm.h"
#include "runtime/core/vm_inline.h"
#include "runtime/port/port.h"

// ---- stack ----

// Moves a reference into the old stack to the same place of the new one.
#define MOVE_REF(r, shift) ((r).addr += (uint32_t)(shift))

static void move_stack_refs(lua_State *L, uint32_t shift)
{
    MOVE_REF(L->top, shift);
    MOVE_REF(L->base, shift);
    for (struct call_record *c = DEREF(L->calls); c <= DEREF(L->call); c++) {
        MOVE_REF(c->func, shift);
        MOVE_REF(c->base, shift);
        MOVE_REF(c->top, shift);
    }
    struct upvalue *u = (struct upvalue *)DEREF(L->open_upvalues);
    for (; u; u = (struct upvalue *)DEREF(u->next))
        MOVE_REF(u->value, shift);
}

void call_resize_stack(lua_State *L, int32_t count)
{
    struct global_state *g = GLOBAL(L);
    int32_t real = count + STACK_RESERVE + 1;
    assert(TOP(L) - DEREF(L->stack) <= real);
    ptrdiff_t top = STACK_OFFSET(L, TOP(L));
    // A collection in here would find the vector in the hands of the allocator.
    uint8_t blocked = g->gc_blocked;
#ifdef PROBE_HAS_PLACES
    if (!blocked) { // the checks so far came before it
        PROBE_GC_CHECKS(gc_checks);
        gc_checks = gc_checks_kept = 0;
    }
#endif
    g->gc_blocked = 1;
    struct value *stack = mem_vector(L, DEREF(L->stack), (size_t)L->stack_count, (size_t)real,
                                     sizeof(struct value), KIND_STACK);
    g->gc_blocked = blocked;
    REF_SET(L->stack, stack);
    L->stack_count = real;
    REF_SET(L->stack_last, stack + count);
    // Making room may have moved the stack before, with all that refers to it.
    uint32_t shift = L->stack.addr + (uint32_t)top - L->top.addr;
    if (shift != 0)
        move_stack_refs(L, shift);
}

void call_stack_moved(lua_State *L, uint32_t addr)
{
    uint32_t shift = addr - L->stack.addr;
    MOVE_REF(L->stack, shift);
    MOVE_REF(L->stack_last, shift);
    move_stack_refs(L, shift);
}

void call_grow_stack(lua_State *L, int32_t n)
{
    int32_t count = L->stack_count;
    call_resize_stack(L, n <= count ? 2 * count : count + n);
}

// ---- call records ----

void call_resize_records(lua_State *L, int32_t count)
{
    ptrdiff_t current = CALL_OFFSET(L, DEREF(L->call));
    assert(DEREF(L->call) - DEREF(L->calls) < count);
    struct call_record *calls = mem_vector(L, DEREF(L->calls), (size_t)L->call_count, (size_t)count,
                                           sizeof(struct call_record), KIND_CALLS);
    REF_SET(L->calls, calls);
    L->call_count = count;
    REF_SET(L->call, CALL_AT(L, current));
    REF_SET(L->calls_end, calls + count - 1);
}

void call_records_moved(lua_State *L, uint32_t addr)
{
    uint32_t shift = addr - L->calls.addr;
    MOVE_REF(L->calls, shift);
    MOVE_REF(L->call, shift);
    MOVE_REF(L->calls_end, shift);
}

struct call_record *call_add_record(lua_State *L)
{
    if (L->call_count > CALLS_MAX) // the overflow itself is being handled
        call_throw(L, LUA_ERRERR);
    call_resize_records(L, 2 * L->call_count);
    if (L->call_count > CALLS_MAX)
        debug_run_error(L, "stack overflow");
    struct call_record *call = DEREF(L->call) + 1;
    REF_SET(L->call, call);
    return call;
}

void call_trim_records(lua_State *L)
{
    if (L->call_count <= CALLS_MAX)
        return;
    ptrdiff_t used = DEREF(L->call) - DEREF(L->calls);
    if (used + 1 >= CALLS_MAX)
        return;
    struct global_state *g = GLOBAL(L);
    uint8_t blocked = g->gc_blocked;
    g->gc_blocked = 1; // a collection might shrink the same vector
    call_resize_records(L, CALLS_MAX);
    g->gc_blocked = blocked;
}

static inline struct call_record *next_record(lua_State *L)
{
    struct call_record *call = DEREF(L->call);
    if (call == DEREF(L->calls_end))
        return call_add_record(L);
    REF_SET(L->call, ++call);
    return call;
}

// ---- hooks ----

void call_hook(lua_State *L, int event, int line)
{
    if (L->hook == 0 || !L->hook_allowed)
        return;
    ptrdiff_t top = STACK_OFFSET(L, TOP(L));
    ptrdiff_t call_top = STACK_OFFSET(L, DEREF(DEREF(L->call)->top));
    lua_Debug ar;
    ar.event = event;
    ar.currentline = line;
    ar.call_idx = event == LUA_HOOKTAILRET ? 0 : (int)(DEREF(L->call) - DEREF(L->calls));
    STACK_CHECK(L, LUA_MINSTACK);
    REF_SET(DEREF(L->call)->top, TOP(L) + LUA_MINSTACK);
    L->hook_allowed = 0;
    ((lua_Hook)(uintptr_t)L->hook)(L, &ar);
    L->hook_allowed = 1;
    REF_SET(DEREF(L->call)->top, STACK_AT(L, call_top));
    TOP_SET(L, STACK_AT(L, top));
}

// The return event, and one for each call that a tail call has replaced.
static struct value *hook_return(lua_State *L, struct value *first)
{
    ptrdiff_t at = STACK_OFFSET(L, first);
    call_hook(L, LUA_HOOKRET, -1);
    if (call_is_lua(DEREF(L->call)))
        while ((L->hook_mask & LUA_MASKRET) && DEREF(L->call)->tail_call_count-- > 0)
            call_hook(L, LUA_HOOKTAILRET, -1);
    return STACK_AT(L, at);
}

// ---- start of a call ----

struct value *call_metamethod(lua_State *L, struct value *func)
{
    struct value storage;
    const struct value *method = meta_of(L, func, META_CALL, &storage);
    if (VALUE_BASE(method) != LUA_TFUNCTION)
        debug_type_error(L, func, "call");
    storage = *method;
    ptrdiff_t at = STACK_OFFSET(L, func);
    for (struct value *v = TOP(L); v > func; v--) // the reserve has room for one more
        *v = v[-1];
    STACK_CHECK(L, 1);
    TOP_SET(L, TOP(L) + 1);
    func = STACK_AT(L, at);
    *func = storage;
    return func;
}

// The table `arg` of an old-style vararg function: the last `count` arguments and their number.
// It stands at top; the stack has room for it.
static void make_arg_table(lua_State *L, int count)
{
    struct global_state *g = GLOBAL(L);
    g->stack_fixed++;
    struct table *t = table_new(L, count, 1);
    value_set_pointer(TOP(L), t, LUA_TTABLE);
    TOP_SET(L, TOP(L) + 1);
    for (int n = 0; n < count; n++)
        *table_set_int(L, t, n + 1) = TOP(L)[n - count - 1];
    value_set_number(table_set_string(L, t, str_new(L, "n", 1)), (lua_Number)count);
    TOP_SET(L, TOP(L) - 1);
    g->stack_fixed--;
}

struct value *call_adjust_varargs(lua_State *L, const struct proto *p, int arg_count)
{
    int fixed_count = PROTO_PARAMETERS(p);
    int stack_size = PROTO_STACK_SIZE(p);
    for (; arg_count < fixed_count; arg_count++) {
        value_set_nil(TOP(L));
        TOP_SET(L, TOP(L) + 1);
    }
    int has_arg = PROTO_VARARG(p) & VARARG_NEEDS_ARG;
    if (has_arg)
        GC_CHECK(L);
    STACK_CHECK(L, stack_size); // the missing arguments have used some of what was checked before
    struct value arg;
    if (has_arg) {
        make_arg_table(L, arg_count - fixed_count);
        arg = *TOP(L);
    }
    struct value *base = TOP(L), *fixed = base - arg_count;
    for (int n = 0; n < fixed_count; n++) {
        base[n] = fixed[n];
        value_set_nil(&fixed[n]);
    }
    if (has_arg)
        base[fixed_count++] = arg;
    TOP_SET(L, base + fixed_count);
    return base;
}

static void prepare_lua(lua_State *L, struct value *func, int result_count)
{
    const struct proto *p = DEREF(VALUE_LUA_CLOSURE(func)->proto);
    int stack_size = PROTO_STACK_SIZE(p);
    ptrdiff_t at = STACK_OFFSET(L, func);
    VM_FLASH_EVENT(L, VM_FLASH_CALL, p);
    STACK_CHECK(L, stack_size);
    func = STACK_AT(L, at);
    struct value *base;
    if (PROTO_VARARG(p)) {
        base = call_adjust_varargs(L, p, (int)(TOP(L) - func) - 1);
        func = STACK_AT(L, at);
    } else {
        base = func + 1;
        if (TOP(L) > base + PROTO_PARAMETERS(p))
            TOP_SET(L, base + PROTO_PARAMETERS(p));
    }
    ptrdiff_t base_at = STACK_OFFSET(L, base);
    struct call_record *call = next_record(L);
    func = STACK_AT(L, at);
    base = STACK_AT(L, base_at);
    REF_SET(call->func, func);
    REF_SET(call->base, base);
    REF_SET(call->top, base + stack_size);
    REF_SET(call->pc, DEREF(p->code));
    call->result_count = result_count;
    call->tail_call_count = 0;
    REF_SET(L->base, base);
    struct value *top = base + stack_size;
    for (struct value *v = TOP(L); v < top; v++)
        value_set_nil(v);
    TOP_SET(L, top);
    if (L->hook_mask & LUA_MASKCALL) {
        REF_SET(call->pc, DEREF(p->code) + 1); // as if the first instruction were running
        call_hook(L, LUA_HOOKCALL, -1);
        REF_SET(DEREF(L->call)->pc, DEREF(p->code));
    }
}

enum call_kind call_c(lua_State *L, struct value *func, int result_count)
{
    ptrdiff_t at = STACK_OFFSET(L, func);
    STACK_CHECK(L, LUA_MINSTACK);
    struct call_record *call = next_record(L);
    func = STACK_AT(L, at);
    REF_SET(call->func, func);
    REF_SET(call->base, func + 1);
    REF_SET(L->base, func + 1);
    REF_SET(call->top, TOP(L) + LUA_MINSTACK);
    call->result_count = result_count;
    call->tail_call_count = 0;
    uint32_t function = VALUE_IS_LIGHT_FUNCTION(func) ? func->as.pointer
                                                      : VALUE_C_CLOSURE(func)->function;
    if (__builtin_expect(L->hook_mask & LUA_MASKCALL, 0))
        call_hook(L, LUA_HOOKCALL, -1);
    PROBE_PLACE(L);
    PROBE_CALL_BEGIN(L);
    int count = ((lua_CFunction)(uintptr_t)function)(L);
    if (__builtin_expect(count < 0, 0))
        return CALL_YIELDED;
    call_finish(L, TOP(L) - count);
    return CALL_C;
}

enum call_kind call_prepare(lua_State *L, struct value *func, int result_count)
{
    if (VALUE_BASE(func) != LUA_TFUNCTION)
        func = call_metamethod(L, func);
    if (VALUE_IS_LIGHT_FUNCTION(func) || CLOSURE_IS_C(VALUE_CLOSURE(func)))
        return call_c(L, func, result_count);
    prepare_lua(L, func, result_count);
    return CALL_LUA;
}

// ---- end of a call ----

int call_finish(lua_State *L, struct value *first)
{
    if (__builtin_expect(L->hook_mask & LUA_MASKRET, 0))
        first = hook_return(L, first);
    struct call_record *call = DEREF(L->call);
    assert(call > DEREF(L->calls));
    REF_SET(L->call, call - 1);
    REF_COPY(L->base, call[-1].base);
    struct value *to = DEREF(call->func), *top = TOP(L);
    int left = call->result_count;
    for (; left != 0 && first < top; left--)
        *to++ = *first++;
    for (; left > 0; left--)
        value_set_nil(to++);
    TOP_SET(L, to);
    return call->result_count != LUA_MULTRET;
}

// The count of calls is at the limit or beyond, or there is no stack for more.
static void refuse_depth(lua_State *L)
{
    if (L->c_calls < C_CALLS_MAX)
        L->c_calls = C_CALLS_MAX;
    if (L->c_calls == C_CALLS_MAX)
        debug_run_error(L, "C stack overflow");
    // While that error is being handled.
    if (L->c_calls >= C_CALLS_MAX + C_CALLS_MAX / 8 || PORT_STACK_IS_SPENT())
        call_throw(L, LUA_ERRERR);
}

void call_function(lua_State *L, struct value *func, int result_count)
{
    if (++L->c_calls >= C_CALLS_MAX || PORT_STACK_IS_SHORT())
        refuse_depth(L);
    if (call_prepare(L, func, result_count) == CALL_LUA)
        vm_execute(L, 1);
    PROBE_PLACE(L);
    L->c_calls--;
    GC_CHECK(L);
}
