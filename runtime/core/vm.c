// vm.c: the interpreter: one handler per instruction, each of which jumps to the next itself.
//
// Reads and writes: the stack and call records of the running thread; code and constants in place,
//         in RAM or in the flash window.
// Memory: tables and closures that the program makes.
// Source: the instructions are Lua 5.1's (runtime/format/opcode.h). Where a collection may run
//         (NEWTABLE, CONCAT, CLOSURE, the end of a call through C) is Lua 5.1's choice and part
//         of the ledger.
//
// State is kept in locals: pc, base and call (both move whenever the stack or the call records may
// have moved: after anything that allocates or calls), constants and closure. vm_loop.h has what
// goes from instruction to instruction, vm_quick.h the handlers for usual kinds of operands.
//
// Bytecode has passed verify.c; what that cannot prove (operands of SETLIST and FORLOOP, open
// results) is guarded here.

#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/compact.h"
#include "runtime/core/debug.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "runtime/core/overlay.h"
#include "runtime/core/table.h"
#include "runtime/core/vm.h"
#include "runtime/core/vm_frame.h"
#include "runtime/core/vm_inline.h"
#include "runtime/core/vm_loop.h"
#include "runtime/core/vm_watch.h"
#include "runtime/format/opcode.h"
#include "runtime/port/port.h"

#if defined(__GNUC__) && !defined(__clang__)
// One indirect jump per handler, not a shared one: better predicted.
#pragma GCC optimize("no-crossjumping", "no-gcse")
#ifdef FROST_CHIP
// Out of the loop, as it appears to be, addresses would only move to the stack.
#pragma GCC optimize("no-move-loop-invariants")
#endif
#endif

// ---- instructions executed ----

#ifndef FROST_PROBED
PORT_KEPT struct vm_count vm_count;
#endif

uint64_t vm_instructions(void)
{
#ifdef FROST_PROBED
    return probe_clock;
#else
    return vm_count_now();
#endif
}

// ---- the table of handlers ----

#ifndef FROST_CHIP
#define HANDLER_COPIES (256 / HANDLER_COUNT)
int vm_hooks_used;
// The table in use. Without quick operations it stands here four times over: the low byte of an
// instruction is got at more easily than its low six bits.
static const void *dispatch[256];
static const void *const *handler_tables[2]; // without and with hooks; NULL before the first run
static volatile int is_tracing;
static vm_watcher volatile watcher; // NULL: none

// May be interrupted by a signal whose handler sets a hook and comes here as well.
static void set_handlers(int tracing)
{
    if (tracing == is_tracing || handler_tables[tracing] == NULL)
        return;
    is_tracing = tracing;
    int copied;
    do {
        copied = is_tracing;
        for (int n = 0; n < HANDLER_COPIES; n++)
            memcpy(dispatch + n * HANDLER_COUNT, handler_tables[copied],
                   sizeof dispatch / HANDLER_COPIES);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
    } while (copied != is_tracing);
}

void vm_hooks_changed(void)
{
    vm_hooks_used = 1;
    set_handlers(1); // the handler finds out whether the thread has a hook
}

void vm_watch(vm_watcher wanted)
{
    watcher = wanted;
    vm_hooks_changed();
}

void vm_compact_soon(void)
{
    set_handlers(1);
}
#endif

// ---- helpers out of the loop ----

#ifndef FROST_CHIP
// The running call says for so long that it is at the instruction before `pc`: the place of the
// last one that was noted is what the line hook compares with. Stack and call records may move.
static __attribute__((cold, noinline)) void call_watchers(lua_State *L, const uint32_t *pc)
{
    const uint32_t *noted = DEREF(DEREF(L->call)->pc);
    REF_SET(DEREF(L->call)->pc, pc);
    if (watcher)
        watcher(L);
    if (compact_due > 0)
        compact_at_instruction(L);
    REF_SET(DEREF(L->call)->pc, noted);
}
#endif

// Before an instruction of the traced table: false if the thread has no hook, and goes on without,
// unless something else is watched.
static inline int sees_hook(lua_State *L, const uint32_t *pc)
{
    (void)pc;
    vm_look_if_due();
#ifndef FROST_CHIP
    if (watcher || compact_due > 0)
        call_watchers(L, pc);
    if ((L->hook_mask & HOOK_MASK_TRACE) == 0) {
        set_handlers(watcher != NULL || compact_due > 0);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        if ((L->hook_mask & HOOK_MASK_TRACE) || watcher) // a signal has set one meanwhile
            set_handlers(1);
        return 0;
    }
#endif
    return (L->hook_mask & HOOK_MASK_TRACE) != 0;
}

// Runs the count and line hooks for the instruction before `pc`.
static __attribute__((cold, noinline)) void trace_instruction(lua_State *L, const uint32_t *pc)
{
    int mask = L->hook_mask;
    struct call_record *call = DEREF(L->call);
    const uint32_t *old_pc = DEREF(call->pc);
    REF_SET(call->pc, pc);
    if ((mask & LUA_MASKCOUNT) && L->hook_left == 0) {
        L->hook_left = L->hook_interval;
        call_hook(L, LUA_HOOKCOUNT, -1);
    }
    if (mask & LUA_MASKLINE) {
        const struct proto *p = CALL_PROTO(DEREF(L->call));
        const uint32_t *code = DEREF(p->code);
        int line = debug_line(L, p, (int)(pc - code) - 1);
        // A line is entered at the start of a function, by a jump back, or by stepping on it.
        if (pc - code == 1 || pc <= old_pc || line != debug_line(L, p, (int)(old_pc - code) - 1))
            call_hook(L, LUA_HOOKLINE, line);
    }
}

// The closure of sub-function `p` into register `a`; the words from `pc` on describe its upvalues.
static void make_closure(lua_State *L, int a, struct proto *p, const uint32_t *pc)
{
    struct global_state *g = GLOBAL(L);
    struct lua_closure *outer = CALL_CLOSURE(DEREF(L->call));
    int count = PROTO_UPVALUES(p);
    VM_FLASH_EVENT(L, VM_FLASH_CLOSURE, p);
    g->stack_fixed++;
    struct lua_closure *c = func_new_lua(L, count, closure_environment(L, outer));
    REF_SET(c->proto, p);
    struct value *base = DEREF(L->base);
    value_set_pointer(base + a, c, LUA_TFUNCTION); // keeps it alive while upvalues are made
    for (int n = 0; n < count; n++) {
        uint32_t i = pc[n];
        struct upvalue *u = OP_CODE(i) == OP_GETUPVAL ? DEREF(outer->upvalues[OP_B(i)])
                                                      : func_find_upvalue(L, base + OP_B(i));
        REF_SET(c->upvalues[n], u);
        GC_BARRIER_OBJECT(L, c, u);
    }
    g->stack_fixed--;
}

// Stores `count` values above register `a` into the table there, as the batch-th fifty.
static void set_list(lua_State *L, struct value *a, int count, uint32_t batch)
{
    struct global_state *g = GLOBAL(L);
    int64_t last = ((int64_t)batch - 1) * OP_LIST_BATCH + count;
    if (!VALUE_IS_TABLE(a) || count < 0 || batch == 0 || last > INT32_MAX)
        debug_run_error(L, "bad code");
    struct table *t = VALUE_TABLE(a);
    g->stack_fixed++;
    if (last > t->array_count)
        table_resize_list(L, t, (int32_t)last);
    for (int n = count; n > 0; n--, last--) {
        DEREF(t->array)[last - 1] = a[n];
        VM_BARRIER_TABLE(L, t, a + n);
    }
    g->stack_fixed--;
}

// Turns the three values of a numeric `for` into numbers.
static void check_loop_values(lua_State *L, struct value *a)
{
    static const char *const names[] = {"initial value", "limit", "step"};
    for (int n = 0; n < 3; n++) {
        struct value storage;
        const struct value *v = vm_to_number(L, a + n, &storage);
        if (v == NULL)
            debug_run_error(L, "'for' %s must be a number", names[n]);
        a[n] = *v;
    }
}

// ---- the loop ----

// Labels of handlers would be taken for bit fields.
// clang-format off
#define HANDLER_ITEM(name, ...) [HANDLER_OF_OPCODE(OP_##name)] = &&op_##name,
#define QUICK_HANDLER_ITEM(name) [QUICK_##name] = &&quick_##name,

void vm_execute(lua_State *L, int depth)
{
    static const void *const normal[HANDLER_COUNT] = {
        OPCODES(HANDLER_ITEM)
        [HANDLER_OF_OPCODE(OP_COUNT)... HANDLER_OF_OPCODE(63)] = &&op_unknown,
#if HAS_FAST_PATHS
        [QUICK_UNKNOWN] = &&find_quick_op,
        QUICK_OPS(QUICK_HANDLER_ITEM)
#endif
    };
    static const void *const traced[HANDLER_COUNT] = {[0 ... HANDLER_COUNT - 1] = &&op_traced};
#ifdef FROST_CHIP
    const void *const *handlers;
#else
    if (VM_UNLIKELY(handler_tables[0] == NULL)) {
        handler_tables[0] = normal;
        handler_tables[1] = traced;
        is_tracing = !compact_due; // neither yet
        set_handlers(compact_due > 0);
    }
#endif
    code_place pc;
    struct value *base;
    struct call_record *call;
    const struct value *constants;
    struct lua_closure *closure;
    uint32_t i;
    struct value *callee, *callee_end; // of the call that is being made
    int callee_results;                // that are wanted of it
#ifdef FROST_CHIP
    handlers = VM_UNLIKELY((L->hook_mask & HOOK_MASK_TRACE) || VM_IS_WATCHED()) ? traced : normal;
#else
    VM_HOOKS_RESTORE();
#endif

    vm_count_mark outer = vm_count_enter();

enter_frame: // the current call record is that of a Lua function that starts or goes on
    call = DEREF(L->call);
    closure = CALL_CLOSURE(call);
    constants = CONSTANTS_OF(DEREF(closure->proto));
    pc = PLACE_OF(DEREF(call->pc));
    VM_COUNT_BEGIN();
    base = DEREF(L->base);
    NEXT_CHECK_HOOK;

#ifdef FROST_CHIP
trace_on:
    handlers = traced;
    NEXT;
#endif

op_traced: {
    VM_COUNT_SHOW();
    int has_hook = sees_hook(L, ADDRESS_OF(pc));
    LOAD_BASE();
    if (!has_hook) {
#ifdef FROST_CHIP
        if (!VM_IS_WATCHED())
            handlers = normal;
#endif
    } else if (--L->hook_left == 0 || (L->hook_mask & LUA_MASKLINE)) {
        trace_instruction(L, ADDRESS_OF(pc));
        LOAD_BASE();
        if (L->status == LUA_YIELD) { // the hook has yielded: do this instruction when resumed
            REF_SET(call->pc, ADDRESS_OF(pc - 1));
            goto leave;
        }
    }
    goto *normal[HANDLER_NUMBER(i, pc)];
}

#if HAS_FAST_PATHS
find_quick_op:
    QUICK_AT(pc - 1) = (uint8_t)quick_op_of(i);
    goto *normal[HANDLER_NUMBER(i, pc)];
#endif

op_unknown:
    SAVE_PC();
    debug_run_error(L, "bad code");

op_MOVE:
    *RA(i) = *RB(i);
    NEXT;

op_LOADK:
    *RA(i) = *KBX(i);
    NEXT;

op_LOADBOOL:
    value_set_boolean(RA(i), OP_B(i) != 0);
    if (OP_C(i))
        LEAVE_OUT(1);
    NEXT;

op_LOADNIL: {
    struct value *a = RA(i), *b = RB(i);
    do
        value_set_nil(b--);
    while (b >= a);
    NEXT;
}

op_GETUPVAL:
    *RA(i) = *DEREF(DEREF(closure->upvalues[OP_B(i)])->value);
    NEXT;

op_GETGLOBAL: {
    const struct value *key = KBX(i);
    struct table *t = closure_environment(L, closure);
    const struct value *v = table_get_string(t, VALUE_STRING(key));
    if (VM_LIKELY(!VALUE_IS_NIL(v))) {
        *RA(i) = *v;
        NEXT;
    }
    v = fast_path_find(t->metatable.addr, VALUE_STRING(key));
    if (v) {
        *RA(i) = *v;
        NEXT;
    }
    struct value globals;
    value_set_pointer(&globals, t, LUA_TTABLE);
    if (vm_find_field(L, &globals, VALUE_STRING(key), RA(i)))
        NEXT;
    SAVE_PC();
    vm_get(L, &globals, key, RA(i));
    LOAD_BASE();
    NEXT;
}

op_GETTABLE: {
    const struct value *b = RB(i), *key = RKC(i);
    if (VM_LIKELY(VALUE_IS_TABLE(b)) || (VALUE_IS_FROZEN_TABLE(b) && overlay_list == 0)) {
        const struct table *t = VALUE_TABLE(b);
        const struct value *v = &value_nil;
        if (VALUE_IS_STRING(key)) {
            v = table_get_string(t, VALUE_STRING(key));
            if (!VALUE_IS_NIL(v) || REF_IS_NULL(t->metatable)) {
                GOT(v);
            }
            const struct value *known = fast_path_find(t->metatable.addr, VALUE_STRING(key));
            if (known) {
                GOT(known);
            }
            if (vm_find_field(L, b, VALUE_STRING(key), RA(i)))
                NEXT;
        } else if (VALUE_IS_NUMBER(key)) {
            uint32_t idx = vm_list_index(key);
            if (VM_LIKELY(idx < (uint32_t)t->array_count)) {
                v = DEREF(t->array) + idx;
                if (VM_LIKELY(!VALUE_IS_NIL(v))) {
                    GOT(v);
                }
            } else {
                v = table_get(t, key);
            }
        } else {
            v = table_get(t, key);
        }
        if (!VALUE_IS_NIL(v) || REF_IS_NULL(t->metatable)) {
            GOT(v);
        }
    } else if (VALUE_IS_STRING(key)) {
        const struct value *v =
            VALUE_IS_ROTABLE(b) ? fast_path_find(b->as.pointer | FAST_PATH_OWN, VALUE_STRING(key))
                                : NULL;
        if (v) {
            GOT(v);
        }
        if (vm_find_field(L, b, VALUE_STRING(key), RA(i)))
            NEXT;
    }
    SAVE_PC();
    vm_get(L, b, key, RA(i));
    LOAD_BASE();
    NEXT;
}

op_SETGLOBAL: {
    const struct value *key = KBX(i);
    struct table *t = closure_environment(L, closure);
    struct value *place = (struct value *)table_get_string(t, VALUE_STRING(key));
    struct value *a = RA(i);
    VM_STORED(L, key, a);
    if (VM_LIKELY(!VALUE_IS_NIL(place) && !VALUE_IS_NIL(a)) &&
        !fast_path_is_link(L, t, VALUE_STRING(key))) {
        *place = *a;
        VM_BARRIER_TABLE(L, t, a);
        NEXT;
    }
    struct value globals;
    value_set_pointer(&globals, t, LUA_TTABLE);
    SAVE_PC();
    vm_set(L, &globals, key, a);
    LOAD_BASE();
    NEXT;
}

op_SETUPVAL: {
    struct upvalue *u = DEREF(closure->upvalues[OP_B(i)]);
    struct value *a = RA(i);
    *DEREF(u->value) = *a;
    VM_FLASH_STORE_EVENT(L, a);
    GC_BARRIER_VALUE(L, u, a);
    NEXT;
}

op_SETTABLE: {
    const struct value *a = RA(i), *key = RKB(i), *c = RKC(i);
    VM_STORED(L, key, c);
    if (VM_LIKELY(VALUE_IS_TABLE(a))) {
        struct table *t = VALUE_TABLE(a);
        struct value *place;
        // Without a metatable the old value need not be looked at, which may be far away.
        if (VALUE_IS_NUMBER(key)) {
            uint32_t idx = vm_list_index(key);
            if (VM_UNLIKELY(idx >= (uint32_t)t->array_count))
                goto set_slowly;
            place = DEREF(t->array) + idx;
            if (VM_UNLIKELY(!REF_IS_NULL(t->metatable)) && VALUE_IS_NIL(place))
                goto set_slowly;
        } else if (VALUE_IS_STRING(key)) {
            // A key that comes or goes may be the name of a metamethod: out of line.
            place = (struct value *)table_get_string(t, VALUE_STRING(key));
            if (VM_UNLIKELY(VALUE_IS_NIL(place) || VALUE_IS_NIL(c)) ||
                fast_path_is_link(L, t, VALUE_STRING(key)))
                goto set_slowly;
        } else {
            goto set_slowly;
        }
        *place = *c;
        VM_BARRIER_TABLE(L, t, c);
        NEXT;
    }
set_slowly:
    SAVE_PC();
    vm_set(L, a, key, c);
    LOAD_BASE();
    NEXT;
}

op_NEWTABLE: {
    SAVE_PC();
    struct table *t = table_new(L, (int32_t)number_from_fb(OP_B(i)),
                                (int32_t)number_from_fb(OP_C(i)));
    LOAD_BASE();
    value_set_pointer(RA(i), t, LUA_TTABLE);
    GC_CHECK(L);
    LOAD_BASE();
    NEXT;
}

op_SELF: {
    const struct value *b = RB(i), *key = RKC(i);
    struct value *a = RA(i);
    if (VM_LIKELY(VALUE_IS_STRING(key))) {
        const struct string *s = VALUE_STRING(key);
        const struct value *v = NULL;
        if (VM_LIKELY(VALUE_IS_TABLE(b))) {
            const struct table *t = VALUE_TABLE(b);
            v = table_get_string(t, s);
            if (VALUE_IS_NIL(v))
                v = fast_path_find(t->metatable.addr, s);
        } else if (VALUE_IS_STRING(b)) {
            v = fast_path_find(GLOBAL(L)->metatables[LUA_TSTRING].addr, s);
        } else if (VALUE_IS_USERDATA(b)) {
            v = fast_path_find(VALUE_USERDATA(b)->metatable.addr, s);
        }
        if (VM_LIKELY(v != NULL)) {
            struct value method = *v; // the object may stand in either register
            a[1] = *b;
            *a = method;
            NEXT;
        }
    }
    struct value object = *b, name = *key; // either may be overwritten
    if (VM_LIKELY(VALUE_IS_STRING(&name))) {
        struct value method;
        if (VM_LIKELY(vm_find_field(L, &object, VALUE_STRING(&name), &method))) {
            a[1] = object;
            *a = method;
            NEXT;
        }
    }
    SAVE_PC();
    a[1] = object;
    vm_get(L, b, &name, a); // by its register, whose name may stand in a message
    LOAD_BASE();
    NEXT;
}

#define ARITHMETIC_HANDLER(event, condition, result)                                              \
    do {                                                                                          \
        const struct value *b = RKB(i), *c = RKC(i);                                              \
        ARITHMETIC(b, c, condition, result)                                                       \
        SAVE_PC();                                                                                \
        vm_arith(L, RA(i), b, c, event);                                                          \
        LOAD_BASE();                                                                              \
        NEXT;                                                                                     \
    } while (0)

op_ADD:
    ARITHMETIC_HANDLER(META_ADD, 1, VM_ADD(x, y));
op_SUB:
    ARITHMETIC_HANDLER(META_SUB, 1, VM_SUB(x, y));
op_MUL:
    ARITHMETIC_HANDLER(META_MUL, 1, VM_MUL(x, y));
op_DIV:
    ARITHMETIC_HANDLER(META_DIV, DIVISOR_IS_GOOD(c), VM_DIV(x, y));
op_MOD:
    ARITHMETIC_HANDLER(META_MOD, DIVISOR_IS_GOOD(c), VM_MOD(x, y));
op_POW:
    ARITHMETIC_HANDLER(META_POW, 1, number_power(x, y));

op_UNM: {
    const struct value *b = RB(i);
    if (VM_LIKELY(VALUE_IS_NUMBER(b))) {
        struct value *a = RA(i);
        value_set_number(a, VM_NEGATE(VALUE_NUMBER(b)));
        NEXT;
    }
    SAVE_PC();
    vm_arith(L, RA(i), b, b, META_UNM);
    LOAD_BASE();
    NEXT;
}

op_NOT: {
    int is_false = VALUE_IS_FALSE(RB(i));
    value_set_boolean(RA(i), is_false);
    NEXT;
}

op_LEN: {
    const struct value *b = RB(i);
    if (VM_LIKELY(VALUE_IS_TABLE(b))) {
        int32_t n = table_length(VALUE_TABLE(b));
        value_set_number(RA(i), (lua_Number)n);
        NEXT;
    }
    if (VM_LIKELY(VALUE_IS_STRING(b))) {
        uint32_t n = VALUE_STRING(b)->bytes;
        value_set_number(RA(i), (lua_Number)n);
        NEXT;
    }
    SAVE_PC();
    vm_length(L, RA(i), b);
    LOAD_BASE();
    NEXT;
}

op_CONCAT: {
    int b = OP_B(i), c = OP_C(i);
    SAVE_PC();
    vm_concat(L, c - b + 1, c);
    GC_CHECK(L);
    LOAD_BASE();
    *RA(i) = base[b];
    NEXT;
}

op_JMP:
    JUMP_BY(i, 0);
    NEXT_JUMPED;

op_EQ: {
    const struct value *b = RKB(i), *c = RKC(i);
    if (VALUE_TAG(b) != VALUE_TAG(c))
        BRANCH_IF_AS_WANTED(0);
    if (VM_LIKELY(VALUE_IS_NUMBER(b)))
        BRANCH_IF_AS_WANTED(VALUE_NUMBER(b) == VALUE_NUMBER(c));
    if (VALUE_IS_NIL(b) || b->as.pointer == c->as.pointer)
        BRANCH_IF_AS_WANTED(1);
    if (!VALUE_IS_TABLE(b) && !VALUE_IS_USERDATA(b))
        BRANCH_IF_AS_WANTED(0);
    SAVE_PC();
    int is_equal = vm_equal(L, b, c);
    LOAD_BASE();
    BRANCH_IF_AS_WANTED(is_equal);
}

op_LT: {
    const struct value *b = RKB(i), *c = RKC(i);
    if (BOTH_NUMBERS(b, c))
        BRANCH_IF_AS_WANTED(VALUE_NUMBER(b) < VALUE_NUMBER(c));
    SAVE_PC();
    int is_less = vm_less(L, b, c);
    LOAD_BASE();
    BRANCH_IF_AS_WANTED(is_less);
}

op_LE: {
    const struct value *b = RKB(i), *c = RKC(i);
    if (BOTH_NUMBERS(b, c))
        BRANCH_IF_AS_WANTED(VALUE_NUMBER(b) <= VALUE_NUMBER(c));
    SAVE_PC();
    int is_less_equal = vm_less_equal(L, b, c);
    LOAD_BASE();
    BRANCH_IF_AS_WANTED(is_less_equal);
}

op_TEST:
    BRANCH(VALUE_IS_FALSE(RA(i)) != OP_C(i));

op_TESTSET: {
    const struct value *b = RB(i);
    if (VALUE_IS_FALSE(b) != OP_C(i)) {
        *RA(i) = *b;
        BRANCH(1);
    }
    BRANCH(0);
}

// The arguments of a call end where B says, or at top.
#define FIND_ARGUMENTS_END(i, a, end)                                                             \
    do {                                                                                          \
        end = a + OP_B(i);                                                                        \
        if (OP_B(i) == 0) {                                                                       \
            end = TOP(L);                                                                         \
            if (VM_UNLIKELY(end <= a))                                                            \
                goto op_unknown;                                                                  \
        }                                                                                         \
    } while (0)
// Goes on in the function at `a` if it is a Lua function whose frame needs nothing special.
#define ENTER_LUA_FUNCTION(a, arguments_end, wanted)                                              \
    if (VM_LIKELY(VALUE_IS_CLOSURE(a)) && !CLOSURE_IS_C(VALUE_CLOSURE(a))) {                      \
        const struct proto *p = DEREF(VALUE_LUA_CLOSURE(a)->proto);                               \
        if (VM_LIKELY(!PROTO_VARARG(p)) &&                                                        \
            has_room(L, call, arguments_end, PROTO_STACK_SIZE(p), LUA_MASKCALL)) {                \
            VM_FLASH_EVENT(L, VM_FLASH_CALL, p);                                                  \
            closure = VALUE_LUA_CLOSURE(a);                                                       \
            call = push_frame(L, call, a, p, arguments_end, wanted);                              \
            base = a + 1;                                                                         \
            ENTER_CODE(DEREF(p->code));                                                           \
            constants = CONSTANTS_OF(p);                                                          \
            depth++;                                                                              \
            NEXT;                                                                                 \
        }                                                                                         \
    }

op_CALL: {
    callee = RA(i);
    callee_results = OP_C(i) - 1;
    KEEP_PC();
    FIND_ARGUMENTS_END(i, callee, callee_end);
    ENTER_LUA_FUNCTION(callee, callee_end, callee_results);
}
call_slowly: __attribute__((unused)); // where there are no quick operations
{
    enum call_kind kind;
    VM_COUNT_SHOW();
    if (is_c_function(callee)) {
        int result_count = call_without_frame(L, call, callee, callee_end, callee_results);
        if (result_count >= 0) {
            struct value *top = fill_results(callee, result_count, callee_results);
            if (VM_UNLIKELY(callee_results < 0))
                TOP_SET(L, top);
            else if (OP_B(i) == 0)
                REF_COPY(L->top, call->top);
            NEXT;
        }
        kind = call_c_fast(L, callee, callee_end, callee_results);
    } else {
        TOP_SET(L, callee_end);
        kind = call_prepare(L, callee, callee_results);
    }
    if (kind == CALL_LUA) {
        VM_COUNT_END();
        depth++;
        goto enter_frame;
    }
    if (VM_UNLIKELY(kind == CALL_YIELDED))
        goto leave;
    LOAD_BASE();
    if (callee_results >= 0)
        REF_COPY(L->top, call->top);
    NEXT_CHECK_HOOK;
}

op_TAILCALL: {
    struct value *a = RA(i), *top;
    SAVE_PC();
    FIND_ARGUMENTS_END(i, a, top);
    if (VM_LIKELY(VALUE_IS_CLOSURE(a)) && !CLOSURE_IS_C(VALUE_CLOSURE(a))) {
        const struct proto *p = DEREF(VALUE_LUA_CLOSURE(a)->proto);
        // As if the frame were made above this one first, which has to have room for it.
        if (VM_LIKELY(!PROTO_VARARG(p)) &&
            has_room(L, call, top, PROTO_STACK_SIZE(p), LUA_MASKCALL)) {
            VM_FLASH_EVENT(L, VM_FLASH_CALL, p);
            if (has_open_upvalue(L, base))
                func_close_upvalues(L, base);
            base = exchange_frame(L, call, a, p, top);
            closure = CALL_CLOSURE(call);
            constants = CONSTANTS_OF(p);
            ENTER_CODE(DEREF(p->code));
            NEXT;
        }
    }
    TOP_SET(L, top);
    enum call_kind kind = call_prepare(L, a, LUA_MULTRET);
    if (kind == CALL_LUA) {
        VM_COUNT_END();
        replace_frame(L);
        goto enter_frame;
    }
    if (VM_UNLIKELY(kind == CALL_YIELDED))
        goto leave;
    LOAD_BASE();
    NEXT_CHECK_HOOK;
}

op_RETURN: {
    struct value *a = RA(i);
    int count = OP_B(i) - 1;
    if (VM_UNLIKELY(count < 0)) {
        count = (int)(TOP(L) - a);
        if (VM_UNLIKELY(count < 0))
            goto op_unknown;
    }
    if (has_open_upvalue(L, base))
        func_close_upvalues(L, base);
    int wanted = call->result_count;
    if (VM_UNLIKELY(L->hook_mask & LUA_MASKRET)) {
        TOP_SET(L, a + count);
        SAVE_PC();
        call_finish(L, a);
        LOAD_BASE();
    } else {
        struct value *to = DEREF(call->func);
        call--;
        REF_SET(L->call, call);
        base = DEREF(call->base);
        REF_SET(L->base, base);
        to = move_results(to, a, count, wanted);
        if (VM_UNLIKELY(wanted < 0 || depth == 1))
            TOP_SET(L, to);
    }
    if (--depth == 0)
        goto leave_counted;
    if (wanted >= 0)
        REF_COPY(L->top, call->top);
    closure = CALL_CLOSURE(call);
    constants = CONSTANTS_OF(DEREF(closure->proto));
    ENTER_CODE(DEREF(call->pc));
    NEXT_CHECK_HOOK;
}

op_FORLOOP: {
    struct value *a = RA(i);
    lua_Number limit = VALUE_NUMBER(a + 1), step = VALUE_NUMBER(a + 2);
#ifdef FROST_INTEGER
    // FORPREP has made sure that the index is within the limit; the distance cannot wrap.
    lua_Number old = VALUE_NUMBER(a), n = VM_ADD(old, step);
    int goes_up = old < limit && (uint32_t)limit - (uint32_t)old >= (uint32_t)step;
    int goes_down = old >= limit && (uint32_t)old - (uint32_t)limit >= 0u - (uint32_t)step;
#else
    lua_Number n = VALUE_NUMBER(a) + step;
    int goes_up = n <= limit, goes_down = limit <= n;
#endif
    if (VM_LIKELY(step > 0)) {
        if (VM_UNLIKELY(!goes_up))
            NEXT;
    } else if (!goes_down) {
        NEXT;
    }
    value_set_number(a, n);
    value_set_number(a + 3, n);
    JUMP_BY(i, 0);
    NEXT_JUMPED;
}

op_FORPREP: {
    struct value *a = RA(i);
    if (VM_UNLIKELY(!VALUE_IS_NUMBER(a) || !VALUE_IS_NUMBER(a + 1) || !VALUE_IS_NUMBER(a + 2))) {
        SAVE_PC();
        check_loop_values(L, a);
    }
#ifdef FROST_INTEGER
    lua_Number n = VALUE_NUMBER(a), limit = VALUE_NUMBER(a + 1);
    if (VALUE_NUMBER(a + 2) > 0 ? n <= limit : limit <= n) {
        value_set_number(a + 3, n);
        NEXT; // into the body
    }
    JUMP_BY(i, 1); // after FORLOOP
    NEXT;
#else
    value_set_number(a, VALUE_NUMBER(a) - VALUE_NUMBER(a + 2));
    JUMP_BY(i, 0);
    NEXT_CHECK_HOOK;
#endif
}

op_TFORLOOP: {
    struct value *a = RA(i);
    a[5] = a[2];
    a[4] = a[1];
    a[3] = a[0];
    SAVE_PC();
    TOP_SET(L, a + 6);
    call_iterator(L, a + 3, OP_C(i));
    LOAD_BASE();
    REF_COPY(L->top, call->top);
    a = RA(i);
    if (VALUE_IS_NIL(a + 3))
        BRANCH(0);
    a[2] = a[3];
    BRANCH(1);
}

op_SETLIST: {
    struct value *a = RA(i);
    int count = OP_B(i);
    uint32_t batch = (uint32_t)OP_C(i);
    SAVE_PC();
    if (batch == 0) {
        batch = WORD_AT(pc);
        LEAVE_OUT(1);
    }
    if (count == 0)
        count = (int)(TOP(L) - a) - 1;
    set_list(L, a, count, batch);
    LOAD_BASE();
    REF_COPY(L->top, call->top);
    NEXT;
}

op_CLOSE:
    func_close_upvalues(L, RA(i));
    NEXT;

op_CLOSURE: {
    SAVE_PC();
    struct proto *p = DEREF(DEREF(DEREF(closure->proto)->protos)[OP_BX(i)]);
    make_closure(L, OP_A(i), p, ADDRESS_OF(pc));
    LEAVE_OUT(PROTO_UPVALUES(p));
    GC_CHECK(L);
    LOAD_BASE();
    NEXT;
}

op_VARARG: {
    int wanted = OP_B(i) - 1;
    const struct proto *p = DEREF(closure->proto);
    int count = (int)(base - DEREF(call->func)) - 1 - PROTO_PARAMETERS(p);
    VM_FLASH_EVENT(L, VM_FLASH_VARARG, p);
    if (wanted == LUA_MULTRET) {
        SAVE_PC();
        STACK_CHECK(L, count);
        LOAD_BASE();
        wanted = count;
        TOP_SET(L, RA(i) + count);
    }
    struct value *a = RA(i), *end = a + wanted;
    const struct value *from = base - count, *last = wanted < count ? from + wanted : base;
    while (from < last)
        *a++ = *from++;
    while (a < end)
        value_set_nil(a++);
    NEXT;
}

#if HAS_FAST_PATHS
fold_count:
    ENTER_CODE(ADDRESS_OF(pc));
    goto *dispatch[HANDLER_NUMBER(i, pc)];
#endif

leave_counted:
    VM_COUNT_SHOW();
leave:
    vm_count_back(outer);
    return;

#if HAS_FAST_PATHS
#include "runtime/core/vm_quick.h"
#endif
}
// clang-format on
