// verify.c: see verify.h.
//
// Reads: functions in RAM or flash. Memory: none. Cost: one pass over the code.

#include "runtime/core/verify.h"

#include <assert.h>

#include "runtime/format/lc.h"
#include "runtime/format/opcode.h"

// How operands are used; from the table of instructions.
enum operand_use { USE_N, USE_U, USE_R, USE_K };
enum operand_layout { LAYOUT_ABC, LAYOUT_ABX, LAYOUT_ASBX };
struct operand_rule {
    uint8_t layout, is_test, sets_a, b, c;
};
static const struct operand_rule rules[OP_COUNT] = {
#define RULE_ITEM(name, layout, test, a, b, c)                                                     \
    [OP_##name] = {LAYOUT_##layout, test, a, USE_##b, USE_##c},
    OPCODES(RULE_ITEM)
#undef RULE_ITEM
};

struct verify {
    const struct proto *p;
    const uint32_t *code;
    const struct value *constants;
    int code_count, stack_size;
    const char *fault; // the first one
};

#define CHECK(v, condition, text)                                                                  \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (v)->fault = text;                                                                     \
            return;                                                                                \
        }                                                                                          \
    } while (0)

static int is_register(const struct verify *v, int reg)
{
    return reg >= 0 && reg < v->stack_size;
}

static int is_wide_list(uint32_t i)
{
    return OP_CODE(i) == OP_SETLIST && OP_C(i) == 0;
}

// Is the word at `pc` the batch number of the SETLIST before it? A run of words that look like
// such a SETLIST is read from its start.
static int is_batch_word(const struct verify *v, int pc)
{
    int n = 0;
    while (n < pc && is_wide_list(v->code[pc - 1 - n]))
        n++;
    return n & 1;
}

static void check_jump(struct verify *v, int pc)
{
    int64_t to = (int64_t)pc + 1 + OP_SBX(v->code[pc]);
    CHECK(v, to >= 0 && to < v->code_count, "jump out of the code");
    CHECK(v, !is_batch_word(v, (int)to), "jump into an instruction");
}

// The instruction after the next is reached by a skip.
static void check_skip(struct verify *v, int pc)
{
    CHECK(v, pc + 2 < v->code_count, "skip over the end");
    CHECK(v, !is_wide_list(v->code[pc + 1]), "jump into an instruction");
}

// An open number of results is taken by the next instruction; there is one, since the last is a
// RETURN.
static void check_open_results(struct verify *v, int pc)
{
    assert(pc + 1 < v->code_count);
    uint32_t next = v->code[pc + 1];
    enum opcode op = OP_CODE(next);
    CHECK(v, op == OP_CALL || op == OP_TAILCALL || op == OP_RETURN || op == OP_SETLIST,
          "open results are not used");
    CHECK(v, OP_B(next) == 0, "open results are not used");
}

static void check_operand(struct verify *v, int operand, int use)
{
    if (use == USE_R) {
        CHECK(v, is_register(v, operand), "register out of range");
    } else if (use == USE_K) {
        if (operand & OP_CONSTANT_BIT)
            CHECK(v, (operand & OP_CONSTANT_MAX) < v->p->constant_count, "constant out of range");
        else
            CHECK(v, is_register(v, operand), "register out of range");
    }
}

static void check_operands(struct verify *v, int pc, const struct operand_rule *rule)
{
    uint32_t i = v->code[pc];
    CHECK(v,
          is_register(v, OP_A(i)) || (OP_CODE(i) == OP_EQ || OP_CODE(i) == OP_LT ||
                                      OP_CODE(i) == OP_LE || OP_CODE(i) == OP_JMP),
          "register out of range");
    if (rule->layout == LAYOUT_ABC) {
        check_operand(v, OP_B(i), rule->b);
        if (!v->fault)
            check_operand(v, OP_C(i), rule->c);
    } else if (rule->layout == LAYOUT_ABX) {
        if (rule->b == USE_K)
            CHECK(v, OP_BX(i) < v->p->constant_count, "constant out of range");
    } else {
        check_jump(v, pc);
    }
}

// CLOSURE is followed by one word for each upvalue of the new function.
static void check_closure(struct verify *v, int pc)
{
    int idx = OP_BX(v->code[pc]);
    CHECK(v, idx < v->p->proto_count, "function out of range");
    int count = PROTO_UPVALUES(DEREF(DEREF(v->p->protos)[idx]));
    CHECK(v, pc + count < v->code_count, "upvalues of a closure are cut off");
    for (int n = 1; n <= count; n++) {
        uint32_t i = v->code[pc + n];
        if (OP_CODE(i) == OP_GETUPVAL)
            CHECK(v, OP_B(i) < PROTO_UPVALUES(v->p), "upvalue out of range");
        else
            CHECK(v, OP_CODE(i) == OP_MOVE && is_register(v, OP_B(i)), "bad upvalue of a closure");
    }
}

static void check_call(struct verify *v, int pc)
{
    uint32_t i = v->code[pc];
    int a = OP_A(i), b = OP_B(i), c = OP_C(i);
    if (b != 0)
        CHECK(v, is_register(v, a + b - 1), "register out of range");
    if (c == 0)
        check_open_results(v, pc);
    else if (c > 1)
        CHECK(v, is_register(v, a + c - 2), "register out of range");
}

// Does the FORLOOP at pc go back after the FORPREP that leads to it, which has made sure that
// index, limit and step are numbers?
static int is_loop_prepared(const struct verify *v, int pc)
{
    int prepared = pc + OP_SBX(v->code[pc]);
    if (prepared < 0 || prepared >= v->code_count || is_batch_word(v, prepared))
        return 0;
    uint32_t i = v->code[prepared];
    return OP_CODE(i) == OP_FORPREP && OP_A(i) == OP_A(v->code[pc]) &&
           prepared + 1 + OP_SBX(i) == pc;
}

// What an instruction asks beyond its operands.
static void check_special(struct verify *v, int pc)
{
    uint32_t i = v->code[pc];
    int a = OP_A(i), b = OP_B(i), c = OP_C(i);
    switch (OP_CODE(i)) {
    case OP_LOADBOOL:
        if (c)
            check_skip(v, pc);
        break;
    case OP_LOADNIL:
        CHECK(v, a <= b, "empty range of registers");
        break;
    case OP_GETUPVAL:
    case OP_SETUPVAL:
        CHECK(v, b < PROTO_UPVALUES(v->p), "upvalue out of range");
        break;
    case OP_GETGLOBAL:
    case OP_SETGLOBAL:
        CHECK(v, VALUE_IS_STRING(v->constants + OP_BX(i)), "name of a global is not a string");
        break;
    case OP_SELF:
        CHECK(v, is_register(v, a + 1), "register out of range");
        break;
    case OP_CONCAT:
        CHECK(v, b < c, "empty range of registers");
        break;
    case OP_TAILCALL:
        CHECK(v, c == 0, "results of a tail call are not open"); // fall through
    case OP_CALL:
        check_call(v, pc);
        break;
    case OP_RETURN:
        if (b > 1)
            CHECK(v, is_register(v, a + b - 2), "register out of range");
        break;
    case OP_FORPREP: // integer builds leave the loop from here
        CHECK(v, pc + 2 + OP_SBX(i) < v->code_count, "jump out of the code");
        CHECK(v, OP_CODE(v->code[pc + 1 + OP_SBX(i)]) == OP_FORLOOP, "loop without an end");
        CHECK(v, is_register(v, a + 3), "register out of range");
        break;
    case OP_FORLOOP:
        CHECK(v, is_register(v, a + 3), "register out of range");
        CHECK(v, is_loop_prepared(v, pc), "loop without its preparation");
        break;
    case OP_TFORLOOP: {
        int last = c > 3 ? a + 2 + c : a + 5;
        CHECK(v, c >= 1 && is_register(v, last), "register out of range");
        break;
    }
    case OP_SETLIST:
        if (b > 0)
            CHECK(v, is_register(v, a + b), "register out of range");
        break;
    case OP_CLOSURE:
        check_closure(v, pc);
        break;
    case OP_VARARG:
        CHECK(v, (PROTO_VARARG(v->p) & VARARG_IS) && !(PROTO_VARARG(v->p) & VARARG_NEEDS_ARG),
              "no variable arguments here");
        if (b == 0)
            check_open_results(v, pc);
        else if (b > 1)
            CHECK(v, is_register(v, a + b - 2), "register out of range");
        break;
    default:
        break;
    }
}

// Checks the instruction at pc; returns the index of the next one.
static int check_instruction(struct verify *v, int pc)
{
    uint32_t i = v->code[pc];
    if ((i & 63u) >= OP_COUNT) {
        v->fault = "unknown instruction";
        return pc;
    }
    const struct operand_rule *rule = &rules[OP_CODE(i)];
    check_operands(v, pc, rule);
    if (!v->fault && rule->is_test) { // the next instruction is a jump that may be left out
        assert(pc + 1 < v->code_count);
        if (OP_CODE(v->code[pc + 1]) != OP_JMP)
            v->fault = "test without a jump";
    }
    if (!v->fault)
        check_special(v, pc);
    return pc + 1 + is_wide_list(i); // the last word is no batch number
}

static void check_header(struct verify *v)
{
    const struct proto *p = v->p;
    int vararg = PROTO_VARARG(p);
    CHECK(v, v->stack_size <= LC_STACK_MAX, "stack too large");
    CHECK(v, PROTO_PARAMETERS(p) + (vararg & VARARG_HAS_ARG) <= v->stack_size,
          "more parameters than registers");
    CHECK(v, !(vararg & VARARG_NEEDS_ARG) || (vararg & VARARG_HAS_ARG), "bad vararg bits");
    CHECK(v, vararg <= (VARARG_HAS_ARG | VARARG_IS | VARARG_NEEDS_ARG), "bad vararg bits");
    CHECK(v, p->upvalue_name_count >= 0 && p->upvalue_name_count <= PROTO_UPVALUES(p),
          "too many upvalue names");
    CHECK(v, p->constant_count >= 0 && p->proto_count >= 0, "negative count");
    CHECK(v, v->code_count > 0, "no code");
    CHECK(v, OP_CODE(v->code[v->code_count - 1]) == OP_RETURN, "code does not end with RETURN");
    CHECK(v, !is_batch_word(v, v->code_count - 1), "code does not end with RETURN");
}

// Names of locals: a debugger reads the register of the n-th name that is active, so never more may
// be active than there are registers. Ranges begin in order and lie inside each other, as blocks
// do.
static void check_local_names(struct verify *v)
{
    const struct local_name *names = DEREF(v->p->local_names);
    int32_t ends[LC_STACK_MAX]; // of those that are active, the one that ends first on top
    int active = 0, begin = 0;
    CHECK(v, v->p->local_name_count >= 0, "negative count");
    for (int32_t i = 0; i < v->p->local_name_count; i++) {
        const struct local_name *name = &names[i];
        CHECK(v, name->pc_start >= begin && name->pc_end <= v->code_count, "range of a local name");
        begin = name->pc_start;
        while (active > 0 && ends[active - 1] <= begin)
            active--;
        if (name->pc_end <= begin)
            continue;
        CHECK(v, active < v->stack_size, "more local names than registers");
        CHECK(v, active == 0 || name->pc_end <= ends[active - 1], "range of a local name");
        ends[active++] = name->pc_end;
    }
}

const char *verify_function(const struct proto *p, int *pc)
{
    struct verify v = {
        .p = p,
        .code = DEREF(p->code),
        .constants = DEREF(p->constants),
        .code_count = p->code_count,
        .stack_size = PROTO_STACK_SIZE(p),
    };
    *pc = -1;
    check_header(&v);
    if (!v.fault)
        check_local_names(&v);
    if (v.fault)
        return v.fault;
    for (int at = 0; at < v.code_count;) {
        *pc = at;
        at = check_instruction(&v, at);
        if (v.fault)
            return v.fault;
    }
    return NULL;
}
