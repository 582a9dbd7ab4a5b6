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
// have moved: after anything that allocates or calls), constants and closure. While a line or count
// hook is set, the table of handlers is `traced`, whose only entry runs the hook and goes on to the
// real handler; so running without hooks costs no test per instruction. On a computer the table in
// use has a fixed place, which costs neither a register nor an instruction; it is changed when a
// hook is set, and whenever another thread may have begun to run while hooks are in use. On the
// chip, where 512 bytes of RAM are worth more, a local refers to it, and a hook that is set while
// Lua code runs is noticed at the next jump or call.
//
// Bytecode has passed verify.c; what that cannot prove (operands of SETLIST and FORLOOP, open
// results) is guarded here.

#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/debug.h"
#include "runtime/core/func.h"
#include "runtime/core/gc.h"
#include "runtime/core/table.h"
#include "runtime/core/vm.h"
#include "runtime/core/vm_frame.h"
#include "runtime/core/vm_inline.h"
#include "runtime/format/opcode.h"

#define HOOK_MASK_TRACE (LUA_MASKLINE | LUA_MASKCOUNT)

#if defined(__GNUC__) && !defined(__clang__)
// One indirect jump per handler, not a shared one: better predicted.
#pragma GCC optimize("no-crossjumping", "no-gcse")
#endif

// ---- the table of handlers ----

#define HANDLER_COUNT 64

#ifndef FROST_CHIP
int vm_hooks_used;
// The table in use, four times over: the low byte of an instruction is got at more easily than its
// low six bits.
static const void *dispatch[4 * HANDLER_COUNT];
static const void *const *handler_tables[2]; // without and with hooks; NULL before the first run
static volatile int is_tracing;

// May be interrupted by a signal whose handler sets a hook and comes here as well.
static void set_handlers(int tracing)
{
    if (tracing == is_tracing || handler_tables[tracing] == NULL)
        return;
    is_tracing = tracing;
    int copied;
    do {
        copied = is_tracing;
        for (int n = 0; n < 4; n++)
            memcpy(dispatch + n * HANDLER_COUNT, handler_tables[copied], sizeof dispatch / 4);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
    } while (copied != is_tracing);
}

void vm_hooks_changed(void)
{
    vm_hooks_used = 1;
    set_handlers(1); // the handler finds out whether the thread has a hook
}

#define HANDLER(i) dispatch[(i)&255u]
#else
#define HANDLER(i) handlers[(i)&63u]
#endif

// ---- helpers out of the loop ----

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
        if (pc - code == 1 || pc <= old_pc ||
            line != debug_line(L, p, (int)(old_pc - code) - 1))
            call_hook(L, LUA_HOOKLINE, line);
    }
}

// The closure of sub-function `p` into register `a`; returns the pc behind the instructions that
// describe its upvalues.
static const uint32_t *make_closure(lua_State *L, int a, struct proto *p, const uint32_t *pc)
{
    struct global_state *g = GLOBAL(L);
    struct lua_closure *outer = CALL_CLOSURE(DEREF(L->call));
    int count = PROTO_UPVALUES(p);
    VM_FLASH_EVENT(L, VM_FLASH_CLOSURE, p);
    g->stack_fixed++;
    struct lua_closure *c = func_new_lua(L, count, DEREF(outer->environment));
    REF_SET(c->proto, p);
    struct value *base = DEREF(L->base);
    value_set_pointer(base + a, c, LUA_TFUNCTION); // keeps it alive while upvalues are made
    for (int n = 0; n < count; n++) {
        uint32_t i = *pc++;
        struct upvalue *u = OP_CODE(i) == OP_GETUPVAL ? DEREF(outer->upvalues[OP_B(i)])
                                                      : func_find_upvalue(L, base + OP_B(i));
        REF_SET(c->upvalues[n], u);
        GC_BARRIER_OBJECT(L, c, u);
    }
    g->stack_fixed--;
    return pc;
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
        *table_set_int(L, t, (int32_t)last) = a[n];
        VM_FLASH_STORE_EVENT(L, a + n);
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

// Operands as addresses. Constants are numbered from 256 on where an operand may be either, so
// `constants` points 256 values below the first.
#define AT(from, idx)                                                                             \
    ((__typeof__(from))((uintptr_t)(from) + (size_t)(idx) * sizeof(struct value)))
#define CONSTANTS_OF(p) AT((const struct value *)DEREF((p)->constants), -(ptrdiff_t)OP_CONSTANT_BIT)
#define RA(i) AT(base, (i) >> 6 & 255u)
#define RB(i) AT(base, (i) >> 23)
#define RC(i) AT(base, (i) >> 14 & 511u)
#define KBX(i) (AT(constants, (i) >> 14) + OP_CONSTANT_BIT)
#define RKB(i) AT((int32_t)(i) < 0 ? constants : (const struct value *)base, (i) >> 23)
#define RKC(i)                                                                                    \
    AT((i) & 1u << 22 ? constants : (const struct value *)base, (i) >> 14 & 511u)

#define NEXT                                                                                      \
    do {                                                                                          \
        PROBE_TICK();                                                                             \
        PROBE_PC(L, pc + 1);                                                                      \
        i = *pc++;                                                                                \
        goto *HANDLER(i);                                                                  \
    } while (0)
// After a jump or a call a hook may have been set.
#ifdef FROST_CHIP
#define NEXT_CHECK_HOOK                                                                           \
    do {                                                                                          \
        if (VM_UNLIKELY(L->hook_mask & HOOK_MASK_TRACE))                                          \
            goto trace_on;                                                                        \
        NEXT;                                                                                     \
    } while (0)
#else
#define NEXT_CHECK_HOOK NEXT
#endif
#define SAVE_PC() REF_SET(call->pc, pc)
#define LOAD_BASE() (base = DEREF(L->base), call = DEREF(L->call))
// A test is followed by a jump, which is taken or left out.
#define JUMP                                                                                      \
    do {                                                                                          \
        pc += OP_SBX(*pc) + 1;                                                                    \
        NEXT_CHECK_HOOK;                                                                          \
    } while (0)
#define SKIP                                                                                      \
    do {                                                                                          \
        pc++;                                                                                     \
        NEXT;                                                                                     \
    } while (0)
#define BRANCH(condition)                                                                         \
    do {                                                                                          \
        if (condition)                                                                            \
            JUMP;                                                                                 \
        SKIP;                                                                                     \
    } while (0)
// A comparison whose result is wanted as operand A says. Two branches of the machine that both know
// where they are, in place of a comparison of two truth values.
#define BRANCH_IF_AS_WANTED(condition)                                                            \
    do {                                                                                          \
        if (OP_A(i) != 0)                                                                         \
            BRANCH(condition);                                                                    \
        if (condition)                                                                            \
            SKIP;                                                                                 \
        JUMP;                                                                                     \
    } while (0)

#define BOTH_NUMBERS(b, c) (VM_LIKELY(VALUE_IS_NUMBER(b)) && VM_LIKELY(VALUE_IS_NUMBER(c)))
#define ARITHMETIC(event, expression, also)                                                       \
    do {                                                                                          \
        const struct value *b = RKB(i), *c = RKC(i);                                              \
        if (BOTH_NUMBERS(b, c) && (also)) {                                                       \
            lua_Number x = VALUE_NUMBER(b), y = VALUE_NUMBER(c);                                  \
            struct value *a = RA(i);                                                              \
            value_set_number(a, expression);                                                      \
            NEXT;                                                                                 \
        }                                                                                         \
        SAVE_PC();                                                                                \
        vm_arith(L, RA(i), b, c, event);                                                          \
        LOAD_BASE();                                                                              \
        NEXT;                                                                                     \
    } while (0)
#ifdef FROST_INTEGER
#define DIVISOR_IS_GOOD (VALUE_NUMBER(c) != 0)
#else
#define DIVISOR_IS_GOOD 1
#endif

void vm_execute(lua_State *L, int depth)
{
#define HANDLER_ITEM(name, ...) [OP_##name] = &&op_##name,
    static const void *const normal[HANDLER_COUNT] = {
        OPCODES(HANDLER_ITEM)[OP_COUNT... HANDLER_COUNT - 1] = &&op_unknown,
    };
    static const void *const traced[HANDLER_COUNT] = {[0 ... HANDLER_COUNT - 1] = &&op_traced};
#undef HANDLER_ITEM
#ifdef FROST_CHIP
    const void *const *handlers;
#else
    if (VM_UNLIKELY(handler_tables[0] == NULL)) {
        handler_tables[0] = normal;
        handler_tables[1] = traced;
        is_tracing = 1; // neither yet
        set_handlers(0);
    }
#endif
    const uint32_t *pc;
    struct value *base;
    struct call_record *call;
    const struct value *constants;
    struct lua_closure *closure;
    uint32_t i;
#ifdef FROST_CHIP
    handlers = VM_UNLIKELY(L->hook_mask & HOOK_MASK_TRACE) ? traced : normal;
#else
    VM_HOOKS_RESTORE();
#endif

enter_frame: // the current call record is that of a Lua function that starts or goes on
    call = DEREF(L->call);
    closure = CALL_CLOSURE(call);
    constants = CONSTANTS_OF(DEREF(closure->proto));
    pc = DEREF(call->pc);
    base = DEREF(L->base);
    NEXT_CHECK_HOOK;

#ifdef FROST_CHIP
trace_on:
    handlers = traced;
    NEXT;
#endif

op_traced:
    if ((L->hook_mask & HOOK_MASK_TRACE) == 0) {
#ifdef FROST_CHIP
        handlers = normal;
#else
        set_handlers(0);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        if (L->hook_mask & HOOK_MASK_TRACE) // a signal has set one meanwhile
            set_handlers(1);
#endif
    } else if (--L->hook_left == 0 || (L->hook_mask & LUA_MASKLINE)) {
        trace_instruction(L, pc);
        LOAD_BASE();
        if (L->status == LUA_YIELD) { // the hook has yielded: do this instruction when resumed
            REF_SET(call->pc, pc - 1);
            return;
        }
    }
    goto *normal[i & 63u];

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
        pc++;
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
    struct table *t = DEREF(closure->environment);
    const struct value *v = table_get_string(t, VALUE_STRING(key));
    if (VM_LIKELY(!VALUE_IS_NIL(v))) {
        *RA(i) = *v;
        NEXT;
    }
    v = find_known(t->metatable.addr, VALUE_STRING(key));
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
    if (VM_LIKELY(VALUE_IS_TABLE(b))) {
        const struct table *t = VALUE_TABLE(b);
        const struct value *v = &value_nil;
        if (VALUE_IS_STRING(key)) {
            v = table_get_string(t, VALUE_STRING(key));
            if (!VALUE_IS_NIL(v) || REF_IS_NULL(t->metatable)) {
                *RA(i) = *v;
                NEXT;
            }
            const struct value *known = find_known(t->metatable.addr, VALUE_STRING(key));
            if (known) {
                *RA(i) = *known;
                NEXT;
            }
            if (vm_find_field(L, b, VALUE_STRING(key), RA(i)))
                NEXT;
        } else if (VALUE_IS_NUMBER(key)) {
            uint32_t idx = vm_list_index(key);
            if (VM_LIKELY(idx < (uint32_t)t->array_count)) {
                v = DEREF(t->array) + idx;
                if (VM_LIKELY(!VALUE_IS_NIL(v))) {
                    *RA(i) = *v;
                    NEXT;
                }
            } else {
                v = table_get(t, key);
            }
        } else {
            v = table_get(t, key);
        }
        if (!VALUE_IS_NIL(v) || REF_IS_NULL(t->metatable)) {
            *RA(i) = *v;
            NEXT;
        }
    } else if (VALUE_IS_STRING(key)) {
        const struct value *v =
            VALUE_IS_ROTABLE(b) ? find_known(b->as.pointer | 1u, VALUE_STRING(key)) : NULL;
        if (v) {
            *RA(i) = *v;
            NEXT;
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
    struct table *t = DEREF(closure->environment);
    struct value *place = (struct value *)table_get_string(t, VALUE_STRING(key));
    struct value *a = RA(i);
    if (VM_LIKELY(!VALUE_IS_NIL(place) && !VALUE_IS_NIL(a)) &&
        !shortcut_is_link(L, t, VALUE_STRING(key))) {
        *place = *a;
        VM_FLASH_STORE_EVENT(L, a);
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
                shortcut_is_link(L, t, VALUE_STRING(key)))
                goto set_slowly;
        } else {
            goto set_slowly;
        }
        *place = *c;
        VM_FLASH_STORE_EVENT(L, c);
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
                v = find_known(t->metatable.addr, s);
        } else if (VALUE_IS_STRING(b)) {
            v = find_known(GLOBAL(L)->metatables[LUA_TSTRING].addr, s);
        } else if (VALUE_IS_USERDATA(b)) {
            v = find_known(VALUE_USERDATA(b)->metatable.addr, s);
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

op_ADD:
    ARITHMETIC(META_ADD, VM_ADD(x, y), 1);
op_SUB:
    ARITHMETIC(META_SUB, VM_SUB(x, y), 1);
op_MUL:
    ARITHMETIC(META_MUL, VM_MUL(x, y), 1);
op_DIV:
    ARITHMETIC(META_DIV, VM_DIV(x, y), DIVISOR_IS_GOOD);
op_MOD:
    ARITHMETIC(META_MOD, VM_MOD(x, y), DIVISOR_IS_GOOD);
op_POW:
    ARITHMETIC(META_POW, number_power(x, y), 1);

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
    pc += OP_SBX(i);
    NEXT_CHECK_HOOK;

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

op_CALL: {
    struct value *a = RA(i), *top;
    int count = OP_B(i), wanted = OP_C(i) - 1;
    SAVE_PC();
    top = a + count;
    if (count == 0) {
        top = TOP(L);
        if (VM_UNLIKELY(top <= a))
            goto op_unknown;
    }
    if (VM_LIKELY(VALUE_IS_CLOSURE(a)) && !VALUE_CLOSURE(a)->is_c) {
        const struct proto *p = DEREF(VALUE_LUA_CLOSURE(a)->proto);
        int size = PROTO_STACK_SIZE(p);
        if (VM_LIKELY(!PROTO_VARARG(p)) && has_room(L, call, top, size, LUA_MASKCALL)) {
            VM_FLASH_EVENT(L, VM_FLASH_CALL, p);
            closure = VALUE_LUA_CLOSURE(a);
            call++;
            REF_SET(L->call, call);
            REF_SET(call->func, a);
            base = a + 1;
            REF_SET(call->base, base);
            REF_SET(L->base, base);
            a = base + size;
            REF_SET(call->top, a);
            call->result_count = wanted;
            call->tail_call_count = 0;
            TOP_SET(L, a);
            fill_frame(base, top, PROTO_PARAMETERS(p), size);
            pc = DEREF(p->code);
            REF_SET(call->pc, pc);
            constants = CONSTANTS_OF(p);
            depth++;
            NEXT;
        }
    }
    enum call_kind kind;
    if (is_c_function(a)) {
        int result_count = call_without_frame(L, call, a, top, wanted);
        if (result_count >= 0) {
            top = fill_results(a, result_count, wanted);
            if (VM_UNLIKELY(wanted < 0))
                TOP_SET(L, top);
            else if (count == 0)
                REF_COPY(L->top, call->top);
            NEXT;
        }
        kind = call_c_fast(L, a, top, wanted);
    } else {
        TOP_SET(L, top);
        kind = call_prepare(L, a, wanted);
    }
    if (kind == CALL_LUA) {
        depth++;
        goto enter_frame;
    }
    if (VM_UNLIKELY(kind == CALL_YIELDED))
        return;
    LOAD_BASE();
    if (wanted >= 0)
        REF_COPY(L->top, call->top);
    NEXT_CHECK_HOOK;
}

op_TAILCALL: {
    struct value *a = RA(i), *top;
    int count = OP_B(i);
    SAVE_PC();
    top = a + count;
    if (count == 0) {
        top = TOP(L);
        if (VM_UNLIKELY(top <= a))
            goto op_unknown;
    }
    if (VM_LIKELY(VALUE_IS_CLOSURE(a)) && !VALUE_CLOSURE(a)->is_c) {
        const struct proto *p = DEREF(VALUE_LUA_CLOSURE(a)->proto);
        int size = PROTO_STACK_SIZE(p);
        // As if the frame were made above this one first, which has to have room for it.
        if (VM_LIKELY(!PROTO_VARARG(p)) && has_room(L, call, top, size, LUA_MASKCALL)) {
            VM_FLASH_EVENT(L, VM_FLASH_CALL, p);
            top = fill_frame(a + 1, top, PROTO_PARAMETERS(p), size);
            if (has_open_upvalue(L, base))
                func_close_upvalues(L, base);
            struct value *to = DEREF(call->func);
            base = to + 1;
            while (a < top)
                *to++ = *a++;
            closure = CALL_CLOSURE(call);
            constants = CONSTANTS_OF(p);
            pc = DEREF(p->code);
            REF_SET(call->base, base);
            REF_SET(L->base, base);
            REF_SET(call->top, to);
            TOP_SET(L, to);
            REF_SET(call->pc, pc);
            call->tail_call_count++;
            NEXT;
        }
    }
    TOP_SET(L, top);
    enum call_kind kind = call_prepare(L, a, LUA_MULTRET);
    if (kind == CALL_LUA) {
        replace_frame(L);
        goto enter_frame;
    }
    if (VM_UNLIKELY(kind == CALL_YIELDED))
        return;
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
        return;
    if (wanted >= 0)
        REF_COPY(L->top, call->top);
    closure = CALL_CLOSURE(call);
    constants = CONSTANTS_OF(DEREF(closure->proto));
    pc = DEREF(call->pc);
    NEXT_CHECK_HOOK;
}

op_FORLOOP: {
    struct value *a = RA(i);
#ifdef FROST_INTEGER
    // FORPREP has made sure that the index is within the limit; the distance cannot wrap.
    lua_Number n = VALUE_NUMBER(a), limit = VALUE_NUMBER(a + 1), step = VALUE_NUMBER(a + 2);
    int goes_on = step > 0 ? n < limit && (uint32_t)limit - (uint32_t)n >= (uint32_t)step
                           : n >= limit && (uint32_t)n - (uint32_t)limit >= 0u - (uint32_t)step;
    n = VM_ADD(n, step);
#else
    lua_Number limit = VALUE_NUMBER(a + 1), step = VALUE_NUMBER(a + 2);
    lua_Number n = VALUE_NUMBER(a) + step;
    int goes_on = n <= limit;
    if (VM_UNLIKELY(!(step > 0)))
        goes_on = limit <= n;
#endif
    if (VM_LIKELY(goes_on)) {
        value_set_number(a, n);
        value_set_number(a + 3, n);
        pc += OP_SBX(i);
        NEXT_CHECK_HOOK;
    }
    NEXT;
}

op_FORPREP: {
    struct value *a = RA(i);
    SAVE_PC();
    if (!VALUE_IS_NUMBER(a) || !VALUE_IS_NUMBER(a + 1) || !VALUE_IS_NUMBER(a + 2))
        check_loop_values(L, a);
#ifdef FROST_INTEGER
    lua_Number n = VALUE_NUMBER(a), limit = VALUE_NUMBER(a + 1);
    if (VALUE_NUMBER(a + 2) > 0 ? n <= limit : limit <= n) {
        value_set_number(a + 3, n);
        NEXT; // into the body
    }
    pc += OP_SBX(i) + 1; // behind FORLOOP
    NEXT;
#else
    value_set_number(a, VALUE_NUMBER(a) - VALUE_NUMBER(a + 2));
    pc += OP_SBX(i);
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
    if (batch == 0)
        batch = *pc++;
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

op_CLOSURE:
    SAVE_PC();
    pc = make_closure(L, OP_A(i), DEREF(DEREF(DEREF(closure->proto)->protos)[OP_BX(i)]), pc);
    GC_CHECK(L);
    LOAD_BASE();
    NEXT;

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
    struct value *a = RA(i);
    const struct value *from = base - count;
    for (; wanted > 0 && from < base; wanted--)
        *a++ = *from++;
    for (; wanted > 0; wanted--)
        value_set_nil(a++);
    NEXT;
}
}
