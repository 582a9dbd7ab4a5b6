// code_expr.c: expressions become values in registers, operands, or conditions; see code.h.

#include "runtime/core/compile/code.h"

#include <assert.h>

void expr_init(struct expr *e, enum expr_kind kind, int info)
{
    *e = (struct expr){
        .kind = kind,
        .info = info,
        .if_true = JUMP_NONE,
        .if_false = JUMP_NONE,
    };
}

static int has_exits(const struct expr *e)
{
    return e->if_true != e->if_false; // both are JUMP_NONE, or they are different jumps
}

void expr_free(struct func_state *fs, const struct expr *e)
{
    if (e->kind == EXPR_REGISTER)
        code_free_register(fs, e->info);
}

// ---- open expressions ----

void expr_set_count(struct func_state *fs, struct expr *e, int count)
{
    if (e->kind == EXPR_CALL) {
        code_set_c(code_at(fs, e->info), count + 1);
    } else if (e->kind == EXPR_VARARG) {
        uint32_t *i = code_at(fs, e->info);
        code_set_b(i, count + 1);
        code_set_a(i, fs->free_register);
        code_take_registers(fs, 1);
    }
}

void expr_set_one(struct func_state *fs, struct expr *e)
{
    if (e->kind == EXPR_CALL) { // made for one result, which comes where the function was
        e->kind = EXPR_REGISTER;
        e->info = OP_A(*code_at(fs, e->info));
    } else if (e->kind == EXPR_VARARG) {
        code_set_b(code_at(fs, e->info), 2);
        e->kind = EXPR_PENDING;
    }
}

// ---- values ----

void expr_to_value(struct func_state *fs, struct expr *e)
{
    switch (e->kind) {
    case EXPR_LOCAL:
        e->kind = EXPR_REGISTER;
        break;
    case EXPR_UPVALUE:
        e->info = code_abc(fs, OP_GETUPVAL, 0, e->info, 0);
        e->kind = EXPR_PENDING;
        break;
    case EXPR_GLOBAL:
        e->info = code_abx(fs, OP_GETGLOBAL, 0, e->info);
        e->kind = EXPR_PENDING;
        break;
    case EXPR_INDEXED:
        code_free_register(fs, e->key);
        code_free_register(fs, e->info);
        e->info = code_abc(fs, OP_GETTABLE, 0, e->info, e->key);
        e->kind = EXPR_PENDING;
        break;
    case EXPR_CALL:
    case EXPR_VARARG:
        expr_set_one(fs, e);
        break;
    default:
        break;
    }
}

// The plain value goes to register `idx`; early exits and tests are left as they are.
static void load_value(struct func_state *fs, struct expr *e, int idx)
{
    expr_to_value(fs, e);
    switch (e->kind) {
    case EXPR_NIL:
        code_nil(fs, idx, 1);
        break;
    case EXPR_FALSE:
    case EXPR_TRUE:
        code_abc(fs, OP_LOADBOOL, idx, e->kind == EXPR_TRUE, 0);
        break;
    case EXPR_CONSTANT:
        code_abx(fs, OP_LOADK, idx, e->info);
        break;
    case EXPR_NUMBER:
        code_abx(fs, OP_LOADK, idx, code_constant_number(fs, e->number));
        break;
    case EXPR_PENDING:
        code_set_a(code_at(fs, e->info), idx);
        break;
    case EXPR_REGISTER:
        if (idx != e->info)
            code_abc(fs, OP_MOVE, idx, e->info, 0);
        break;
    default:
        assert(e->kind == EXPR_NONE || e->kind == EXPR_TEST);
        return;
    }
    e->info = idx;
    e->kind = EXPR_REGISTER;
}

static void load_value_anywhere(struct func_state *fs, struct expr *e)
{
    if (e->kind == EXPR_REGISTER)
        return;
    code_take_registers(fs, 1);
    load_value(fs, e, fs->free_register - 1);
}

static int load_boolean(struct func_state *fs, int idx, int b, int skips_next)
{
    code_label(fs);
    return code_abc(fs, OP_LOADBOOL, idx, b, skips_next);
}

// Early exits that carry no value of their own need a true and a false to jump to.
static void resolve_exits(struct func_state *fs, struct expr *e, int idx)
{
    int load_false = JUMP_NONE;
    int load_true = JUMP_NONE;
    if (code_jumps_need_value(fs, e->if_true) || code_jumps_need_value(fs, e->if_false)) {
        int over = e->kind == EXPR_TEST ? JUMP_NONE : code_jump(fs);
        load_false = load_boolean(fs, idx, 0, 1);
        load_true = load_boolean(fs, idx, 1, 0);
        code_jumps_patch_here(fs, over);
    }
    int end = code_label(fs);
    code_jumps_patch_value(fs, e->if_false, idx, end, load_false);
    code_jumps_patch_value(fs, e->if_true, idx, end, load_true);
}

void expr_to_register(struct func_state *fs, struct expr *e, int idx)
{
    load_value(fs, e, idx);
    if (e->kind == EXPR_TEST)
        code_jumps_join(fs, &e->if_true, e->info);
    if (has_exits(e))
        resolve_exits(fs, e, idx);
    expr_init(e, EXPR_REGISTER, idx);
}

void expr_to_next_register(struct func_state *fs, struct expr *e)
{
    expr_to_value(fs, e);
    expr_free(fs, e);
    code_take_registers(fs, 1);
    expr_to_register(fs, e, fs->free_register - 1);
}

int expr_to_any_register(struct func_state *fs, struct expr *e)
{
    expr_to_value(fs, e);
    if (e->kind == EXPR_REGISTER) {
        if (!has_exits(e))
            return e->info;
        if (e->info >= fs->active_count) { // a temporary: the exits can use it too
            expr_to_register(fs, e, e->info);
            return e->info;
        }
    }
    expr_to_next_register(fs, e);
    return e->info;
}

void expr_settle(struct func_state *fs, struct expr *e)
{
    if (has_exits(e))
        expr_to_any_register(fs, e);
    else
        expr_to_value(fs, e);
}

// The index of the constant that stands for e, or -1 if it is none.
static int constant_of(struct func_state *fs, const struct expr *e)
{
    switch (e->kind) {
    case EXPR_NIL:
        return code_constant_nil(fs);
    case EXPR_TRUE:
    case EXPR_FALSE:
        return code_constant_boolean(fs, e->kind == EXPR_TRUE);
    case EXPR_NUMBER:
        return code_constant_number(fs, e->number);
    default:
        return -1;
    }
}

int expr_to_operand(struct func_state *fs, struct expr *e)
{
    expr_settle(fs, e);
    // Once the indices that fit an operand are used up, no constant is made for one.
    if (e->kind != EXPR_CONSTANT && fs->constant_count <= OP_CONSTANT_MAX) {
        int idx = constant_of(fs, e);
        if (idx >= 0) {
            e->kind = EXPR_CONSTANT;
            e->info = idx;
        }
    }
    if (e->kind == EXPR_CONSTANT && e->info <= OP_CONSTANT_MAX)
        return e->info | OP_CONSTANT_BIT;
    return expr_to_any_register(fs, e);
}

// ---- variables ----

void expr_store(struct func_state *fs, const struct expr *var, struct expr *value)
{
    int from;
    switch (var->kind) {
    case EXPR_LOCAL:
        expr_free(fs, value);
        expr_to_register(fs, value, var->info);
        return;
    case EXPR_UPVALUE:
        from = expr_to_any_register(fs, value);
        code_abc(fs, OP_SETUPVAL, from, var->info, 0);
        break;
    case EXPR_GLOBAL:
        from = expr_to_any_register(fs, value);
        code_abx(fs, OP_SETGLOBAL, from, var->info);
        break;
    default:
        assert(var->kind == EXPR_INDEXED);
        from = expr_to_operand(fs, value);
        code_abc(fs, OP_SETTABLE, var->info, var->key, from);
        break;
    }
    expr_free(fs, value);
}

void expr_index(struct func_state *fs, struct expr *t, struct expr *key)
{
    t->key = expr_to_operand(fs, key);
    t->kind = EXPR_INDEXED;
}

void expr_method(struct func_state *fs, struct expr *e, struct expr *key)
{
    expr_to_any_register(fs, e);
    expr_free(fs, e);
    int function = fs->free_register;
    code_take_registers(fs, 2);
    int name = expr_to_operand(fs, key);
    code_abc(fs, OP_SELF, function, e->info, name);
    expr_free(fs, key);
    expr_init(e, EXPR_REGISTER, function);
}

// ---- conditions ----
//
// A constant that leaves early (false and x) is loaded and tested like any value: a plain jump
// would be passed on together with jumps that carry a value, and the value would come out (a fault
// of 5.1.4). A constant that never leaves costs nothing.

// A test of e and the jump that is taken if e is `condition`.
static int jump_if(struct func_state *fs, struct expr *e, int condition)
{
    if (e->kind == EXPR_PENDING) {
        uint32_t i = *code_at(fs, e->info);
        if (OP_CODE(i) == OP_NOT) {
            code_drop_last(fs);
            return code_test_jump(fs, OP_TEST, OP_B(i), 0, !condition);
        }
    }
    load_value_anywhere(fs, e);
    expr_free(fs, e);
    return code_test_jump(fs, OP_TESTSET, OP_NO_REGISTER, e->info, condition);
}

void expr_go_if_true(struct func_state *fs, struct expr *e)
{
    int exit;
    expr_to_value(fs, e);
    switch (e->kind) {
    case EXPR_CONSTANT:
    case EXPR_NUMBER:
    case EXPR_TRUE:
        exit = JUMP_NONE;
        break;
    case EXPR_TEST:
        code_jump_invert(fs, e->info);
        exit = e->info;
        break;
    default:
        exit = jump_if(fs, e, 0);
        break;
    }
    code_jumps_join(fs, &e->if_false, exit);
    code_jumps_patch_here(fs, e->if_true);
    e->if_true = JUMP_NONE;
}

void expr_go_if_false(struct func_state *fs, struct expr *e)
{
    int exit;
    expr_to_value(fs, e);
    switch (e->kind) {
    case EXPR_NIL:
    case EXPR_FALSE:
        exit = JUMP_NONE;
        break;
    case EXPR_TEST:
        exit = e->info;
        break;
    default:
        exit = jump_if(fs, e, 1);
        break;
    }
    code_jumps_join(fs, &e->if_true, exit);
    code_jumps_patch_here(fs, e->if_false);
    e->if_false = JUMP_NONE;
}
