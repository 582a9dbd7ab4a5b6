// code_operator.c: operators, and what is computed at compile time; see code.h.

#include "runtime/core/compile/code.h"

#include <assert.h>

#include "runtime/core/vm.h"

enum operator_class { CLASS_ARITHMETIC, CLASS_CONCAT, CLASS_COMPARISON, CLASS_AND, CLASS_OR };

// Instruction of each binary operator. A comparison jumps if its result is `condition`; > and >=
// are < and <= with the operands exchanged.
static const struct {
    uint8_t class;
    uint8_t op;
    uint8_t condition;
    uint8_t is_exchanged;
} binary[OPERATOR_BINARY_COUNT] = {
    [OPERATOR_ADD] = {CLASS_ARITHMETIC, OP_ADD, 0, 0},
    [OPERATOR_SUB] = {CLASS_ARITHMETIC, OP_SUB, 0, 0},
    [OPERATOR_MUL] = {CLASS_ARITHMETIC, OP_MUL, 0, 0},
    [OPERATOR_DIV] = {CLASS_ARITHMETIC, OP_DIV, 0, 0},
    [OPERATOR_MOD] = {CLASS_ARITHMETIC, OP_MOD, 0, 0},
    [OPERATOR_POW] = {CLASS_ARITHMETIC, OP_POW, 0, 0},
    [OPERATOR_CONCAT] = {CLASS_CONCAT, OP_CONCAT, 0, 0},
    [OPERATOR_EQ] = {CLASS_COMPARISON, OP_EQ, 1, 0},
    [OPERATOR_NE] = {CLASS_COMPARISON, OP_EQ, 0, 0},
    [OPERATOR_LT] = {CLASS_COMPARISON, OP_LT, 1, 0},
    [OPERATOR_LE] = {CLASS_COMPARISON, OP_LE, 1, 0},
    [OPERATOR_GT] = {CLASS_COMPARISON, OP_LT, 1, 1},
    [OPERATOR_GE] = {CLASS_COMPARISON, OP_LE, 1, 1},
    [OPERATOR_AND] = {CLASS_AND, OP_TESTSET, 0, 0},
    [OPERATOR_OR] = {CLASS_OR, OP_TESTSET, 0, 0},
};

// ---- computing at compile time ----

#ifdef FROST_INTEGER
#define WRAPPED(a, op, b) ((lua_Number)((uint32_t)(a)op(uint32_t)(b)))
#define IS_NAN(n) 0
static lua_Number divide(lua_Number a, lua_Number b)
{
    int64_t quotient = (int64_t)a / b;
    if (quotient * b != a && (a < 0) != (b < 0))
        quotient--;
    return (lua_Number)(uint32_t)quotient;
}
#else
#define WRAPPED(a, op, b) ((a)op(b))
#define IS_NAN(n) ((n) != (n))
static lua_Number divide(lua_Number a, lua_Number b)
{
    return a / b;
}
#endif

static int is_number(const struct expr *e)
{
    return e->kind == EXPR_NUMBER && e->if_true == JUMP_NONE && e->if_false == JUMP_NONE;
}

// Puts the result into left->number if it can be known now. Divisions by zero are left to the run,
// which may raise an error; NaN cannot be a constant.
static int fold(enum opcode op, struct expr *left, const struct expr *right)
{
    if (!is_number(left) || !is_number(right))
        return 0;
    lua_Number a = left->number;
    lua_Number b = right->number;
    lua_Number result;
    switch (op) {
    case OP_ADD:
        result = WRAPPED(a, +, b);
        break;
    case OP_SUB:
        result = WRAPPED(a, -, b);
        break;
    case OP_MUL:
        result = WRAPPED(a, *, b);
        break;
    case OP_DIV:
    case OP_MOD:
        if (b == 0)
            return 0;
        result = op == OP_DIV ? divide(a, b) : number_modulo(a, b);
        break;
    case OP_POW:
        result = number_power(a, b);
        break;
    default:
        return 0;
    }
    if (IS_NAN(result))
        return 0;
    left->number = result;
    return 1;
}

// ---- arithmetic ----

// Registers are freed in the order of a stack: the higher one first.
static void free_operands(struct func_state *fs, const struct expr *left, int left_operand,
                          const struct expr *right, int right_operand)
{
    if (left_operand > right_operand) {
        expr_free(fs, left);
        expr_free(fs, right);
    } else {
        expr_free(fs, right);
        expr_free(fs, left);
    }
}

static void set_pending(struct expr *e, int instruction)
{
    e->info = instruction;
    e->kind = EXPR_PENDING;
}

static void code_arithmetic(struct func_state *fs, enum opcode op, struct expr *left,
                            struct expr *right)
{
    if (fold(op, left, right))
        return;
    int right_operand = expr_to_operand(fs, right);
    int left_operand = expr_to_operand(fs, left);
    free_operands(fs, left, left_operand, right, right_operand);
    set_pending(left, code_abc(fs, op, 0, left_operand, right_operand));
}

static void code_comparison(struct func_state *fs, enum operator_kind op, struct expr *left,
                            struct expr *right)
{
    int a = expr_to_operand(fs, left);
    int b = expr_to_operand(fs, right);
    expr_free(fs, right);
    expr_free(fs, left);
    if (binary[op].is_exchanged) {
        int other = a;
        a = b;
        b = other;
    }
    left->info = code_test_jump(fs, binary[op].op, binary[op].condition, a, b);
    left->kind = EXPR_TEST;
}

// a .. (b .. c) becomes one instruction over registers in a row.
static void code_concat(struct func_state *fs, struct expr *left, struct expr *right)
{
    expr_settle(fs, right);
    if (right->kind == EXPR_PENDING && OP_CODE(*code_at(fs, right->info)) == OP_CONCAT) {
        assert(left->info == OP_B(*code_at(fs, right->info)) - 1);
        expr_free(fs, left);
        code_set_b(code_at(fs, right->info), left->info);
        set_pending(left, right->info);
    } else {
        expr_to_next_register(fs, right);
        code_arithmetic(fs, OP_CONCAT, left, right);
    }
}

// ---- unary operators ----

// An operator with one operand, which is not a constant.
static void code_on_register(struct func_state *fs, enum opcode op, struct expr *e)
{
    expr_to_any_register(fs, e);
    expr_free(fs, e);
    set_pending(e, code_abc(fs, op, 0, e->info, 0));
}

static void code_minus(struct func_state *fs, struct expr *e)
{
    if (is_number(e)) {
#ifdef FROST_INTEGER
        e->number = WRAPPED(0, -, e->number);
#else
        e->number = -e->number; // not 0 - n, which is 0 for 0
#endif
        return;
    }
    code_on_register(fs, OP_UNM, e);
}

static void code_not(struct func_state *fs, struct expr *e)
{
    expr_to_value(fs, e);
    switch (e->kind) {
    case EXPR_NIL:
    case EXPR_FALSE:
        e->kind = EXPR_TRUE;
        break;
    case EXPR_CONSTANT:
    case EXPR_NUMBER:
    case EXPR_TRUE:
        e->kind = EXPR_FALSE;
        break;
    case EXPR_TEST:
        code_jump_invert(fs, e->info);
        break;
    default: {
        // The exits stay with the expression: only its own value is loaded and turned round.
        struct expr value = *e;
        value.if_true = value.if_false = JUMP_NONE;
        code_on_register(fs, OP_NOT, &value);
        set_pending(e, value.info);
        break;
    }
    }
    int was_true = e->if_true;
    e->if_true = e->if_false;
    e->if_false = was_true;
    code_jumps_drop_values(fs, e->if_false);
    code_jumps_drop_values(fs, e->if_true);
}

void code_unary(struct func_state *fs, enum operator_kind op, struct expr *e)
{
    if (op == OPERATOR_MINUS)
        code_minus(fs, e);
    else if (op == OPERATOR_NOT)
        code_not(fs, e);
    else
        code_on_register(fs, OP_LEN, e);
}

// ---- binary operators ----

void code_binary_begin(struct func_state *fs, enum operator_kind op, struct expr *left)
{
    switch (binary[op].class) {
    case CLASS_AND:
        expr_go_if_true(fs, left);
        break;
    case CLASS_OR:
        expr_go_if_false(fs, left);
        break;
    case CLASS_CONCAT:
        expr_to_next_register(fs, left);
        break;
    case CLASS_ARITHMETIC:
        if (is_number(left)) // may be computed together with the second operand
            break;
        // fall through
    default:
        expr_to_operand(fs, left);
        break;
    }
}

void code_binary_end(struct func_state *fs, enum operator_kind op, struct expr *left,
                     struct expr *right)
{
    switch (binary[op].class) {
    case CLASS_AND:
        assert(left->if_true == JUMP_NONE);
        expr_to_value(fs, right);
        code_jumps_join(fs, &right->if_false, left->if_false);
        *left = *right;
        break;
    case CLASS_OR:
        assert(left->if_false == JUMP_NONE);
        expr_to_value(fs, right);
        code_jumps_join(fs, &right->if_true, left->if_true);
        *left = *right;
        break;
    case CLASS_CONCAT:
        code_concat(fs, left, right);
        break;
    case CLASS_COMPARISON:
        code_comparison(fs, op, left, right);
        break;
    default:
        code_arithmetic(fs, binary[op].op, left, right);
        break;
    }
}
