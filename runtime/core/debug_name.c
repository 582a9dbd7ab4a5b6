// debug_name.c: what a value is called in the source, found from the bytecode.
//
// Reads: functions. Writes and allocates nothing.
// Source: which names Lua 5.1 finds (its manual promises none, its messages are known). The
//         instruction that last put something into a register is looked for by walking the code
//         from the start of the function, as if every forward jump were taken.

#include <assert.h>

#include "runtime/core/call.h"
#include "runtime/core/debug.h"
#include "runtime/core/func.h"
#include "runtime/format/address_map.h"
#include "runtime/format/opcode.h"
#include "runtime/probe/probe.h"

static const uint8_t sets_a[OP_COUNT] = {
#define SETS_A_ITEM(name, layout, test, a, b, c) [OP_##name] = a,
    OPCODES(SETS_A_ITEM)
#undef SETS_A_ITEM
};

// Does instruction i change register `reg`?
static int changes_register(uint32_t i, int reg)
{
    int a = OP_A(i);
    switch (OP_CODE(i)) {
    case OP_LOADNIL:
        return a <= reg && reg <= OP_B(i);
    case OP_TFORLOOP:
        return reg >= a + 2;
    case OP_CALL:
    case OP_TAILCALL:
        return reg >= a;
    case OP_SELF:
        return reg == a || reg == a + 1;
    default:
        return sets_a[OP_CODE(i)] && reg == a;
    }
}

#ifdef FROST_PROBED

// How many byte fields of the function the firmware reads to check the operands of instruction i,
// which it does on its way: a register is compared with the size of the stack, and what a closure
// is made of says how many upvalues it has.
static uint32_t fields_checked(uint32_t i)
{
    enum use { N, U, R, K };
    static const struct {
        uint8_t is_abc, b, c;
    } uses[OP_COUNT] = {
#define IS_ABC_ABC 1
#define IS_ABC_ABX 0
#define IS_ABC_ASBX 0
#define USES_ITEM(name, layout, test, a, b, c) [OP_##name] = {IS_ABC_##layout, b, c},
        OPCODES(USES_ITEM)
#undef USES_ITEM
    };
    if (OP_CODE(i) == OP_CLOSURE)
        return 1;
    if (OP_CODE(i) >= OP_COUNT || !uses[OP_CODE(i)].is_abc)
        return 0;
    uint8_t b = uses[OP_CODE(i)].b, c = uses[OP_CODE(i)].c;
    return (b == R || (b == K && !(OP_B(i) & OP_CONSTANT_BIT))) +
           (c == R || (c == K && !(OP_C(i) & OP_CONSTANT_BIT)));
}

// Once for each walk: size of the stack, parameters, varargs, upvalues.
#define FIELDS_AT_ONCE 4u

#else
#define fields_checked(i) 0u
#define FIELDS_AT_ONCE 0u
#endif

// Index of the instruction before `end` that gave register `reg` its value, -1 if none.
static int find_setter(lua_State *L, const struct proto *p, int end, int reg)
{
    const uint32_t *code = DEREF(p->code);
    int setter = -1;
    uint32_t fields = FIELDS_AT_ONCE;
    for (int pc = 0; pc < end; pc++) {
        uint32_t i = code[pc];
        if (OP_CODE(i) >= OP_COUNT)
            break;
        fields += fields_checked(i);
        if (changes_register(i, reg))
            setter = pc;
        switch (OP_CODE(i)) {
        case OP_JMP:
        case OP_FORLOOP:
        case OP_FORPREP: {
            int to = pc + 1 + OP_SBX(i);
            if (pc < to && to <= end)
                pc = to - 1;
            break;
        }
        case OP_SETLIST:
            pc += OP_C(i) == 0;
            break;       // the batch stands in the next word
        case OP_CLOSURE: // the words that describe upvalues are not executed
            if (OP_BX(i) < p->proto_count)
                pc += PROTO_UPVALUES(DEREF(DEREF(p->protos)[OP_BX(i)]));
            break;
        default:
            break;
        }
    }
    if (IN_WINDOW(p))
        PROBE_VM_EVENTS(L, VM_FLASH_NAME, p, fields);
    (void)L;
    (void)fields;
    return setter;
}

static const char *constant_text(const struct proto *p, int idx)
{
    assert(idx < p->constant_count);
    const struct value *k = DEREF(p->constants) + idx;
    return VALUE_IS_STRING(k) ? VALUE_TEXT(k) : "?";
}

static const char *key_text(const struct proto *p, int operand)
{
    if (!(operand & OP_CONSTANT_BIT))
        return "?";
    return constant_text(p, operand & OP_CONSTANT_MAX);
}

static const char *upvalue_text(const struct proto *p, int idx)
{
    const struct string *s = NULL;
    if (idx < p->upvalue_name_count)
        s = DEREF(DEREF(p->upvalue_names)[idx]);
    return s ? STRING_TEXT(s) : "?";
}

const char *debug_name_register(lua_State *L, struct call_record *call, int slot, const char **name)
{
    if (!call_is_lua(call))
        return NULL;
    const struct proto *p = CALL_PROTO(call);
    int pc = debug_current_pc(L, call);
    for (;;) {
        *name = func_local_name(p, slot + 1, pc);
        if (*name)
            return "local";
        int setter = find_setter(L, p, pc, slot);
        if (setter < 0)
            return NULL;
        uint32_t i = DEREF(p->code)[setter];
        switch (OP_CODE(i)) {
        case OP_GETGLOBAL:
            *name = constant_text(p, OP_BX(i));
            return "global";
        case OP_GETTABLE:
            *name = key_text(p, OP_C(i));
            return "field";
        case OP_SELF:
            *name = key_text(p, OP_C(i));
            return "method";
        case OP_GETUPVAL:
            *name = upvalue_text(p, OP_B(i));
            return "upvalue";
        case OP_MOVE:
            if (OP_B(i) >= OP_A(i))
                return NULL;
            slot = OP_B(i); // a copy of a lower register, at the same pc
            break;
        default:
            return NULL;
        }
    }
}

const char *debug_name_function(lua_State *L, struct call_record *call, const char **name)
{
    if (call_is_lua(call) && call->tail_call_count > 0)
        return NULL; // its caller is gone
    if (call == DEREF(L->calls) || !call_is_lua(call - 1))
        return NULL;
    call--;
    uint32_t i = DEREF(CALL_PROTO(call)->code)[debug_current_pc(L, call)];
    switch (OP_CODE(i)) {
    case OP_CALL:
    case OP_TAILCALL:
    case OP_TFORLOOP:
        return debug_name_register(L, call, OP_A(i), name);
    default:
        return NULL;
    }
}
