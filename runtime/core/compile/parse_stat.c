// parse_stat.c: statements and blocks; see parse.h.

#include "runtime/core/compile/parse.h"

#include <assert.h>

// True if the current token ends a block.
static int at_block_end(struct parser *ps)
{
    switch (ps->lexer.token.kind) {
    case TOKEN_ELSE:
    case TOKEN_ELSEIF:
    case TOKEN_END:
    case TOKEN_UNTIL:
    case TOKEN_EOF:
        return 1;
    default:
        return 0;
    }
}

static void parse_block(struct parser *ps)
{
    struct block b;
    scope_enter_block(ps->function, &b, 0);
    parse_chunk(ps);
    assert(b.breaks == JUMP_NONE);
    scope_leave_block(ps->function);
}

// Returns the jumps that are taken if the condition is false.
static int parse_condition(struct parser *ps)
{
    struct expr e;
    parse_expr(ps, &e);
    if (e.kind == EXPR_NIL)
        e.kind = EXPR_FALSE;
    expr_go_if_true(ps->function, &e);
    return e.if_false;
}

// ---- assignment ----

// The variables on the left, the last one first.
struct target {
    struct target *before;
    struct expr var;
};

// A local on the left may be the table or key of a variable before it: a = {}; a.x, a = 1, 2. Those
// then use a copy of its old value.
static void keep_old_value(struct func_state *fs, struct target *t, const struct expr *local)
{
    int copy = fs->free_register;
    int is_used = 0;
    for (; t; t = t->before) {
        if (t->var.kind != EXPR_INDEXED)
            continue;
        if (t->var.info == local->info) {
            t->var.info = copy;
            is_used = 1;
        }
        if (t->var.key == local->info) {
            t->var.key = copy;
            is_used = 1;
        }
    }
    if (is_used) {
        code_abc(fs, OP_MOVE, copy, local->info, 0);
        code_take_registers(fs, 1);
    }
}

// Brings the values of a list, the last one still in e, to as many as there are variables.
static void adjust_values(struct func_state *fs, int variables, int values, struct expr *e)
{
    int missing = variables - values;
    if (expr_is_open(e)) {
        missing++; // e gives these
        if (missing < 0)
            missing = 0;
        expr_set_count(fs, e, missing);
        if (missing > 1)
            code_take_registers(fs, missing - 1);
        return;
    }
    if (e->kind != EXPR_NONE)
        expr_to_next_register(fs, e);
    if (missing > 0) {
        int first = fs->free_register;
        code_take_registers(fs, missing);
        code_nil(fs, first, missing);
    }
}

static void parse_targets(struct parser *ps, struct target *t, int count);

// Reads the values for `count` variables. Returns 1 if the last one has got its value.
static int parse_values(struct parser *ps, struct target *last, int count)
{
    struct func_state *fs = ps->function;
    struct expr e;
    parse_expect(ps, '=');
    int values = parse_expr_list(ps, &e);
    if (values == count) { // the last value need not go through a register
        expr_set_one(fs, &e);
        expr_store(fs, &last->var, &e);
        return 1;
    }
    adjust_values(fs, count, values, &e);
    if (values > count)
        fs->free_register -= values - count;
    return 0;
}

// Values lie in registers in the order of the variables; each variable takes the topmost.
static void store_top(struct func_state *fs, const struct target *t)
{
    struct expr e;
    expr_init(&e, EXPR_REGISTER, fs->free_register - 1);
    expr_store(fs, &t->var, &e);
}

// Reads on after variable number `count`.
static void parse_targets(struct parser *ps, struct target *t, int count)
{
    struct func_state *fs = ps->function;
    if (t->var.kind < EXPR_LOCAL || t->var.kind > EXPR_INDEXED)
        lexer_error_here(&ps->lexer, "syntax error");
    if (parse_accept(ps, ',')) {
        struct target next = {.before = t};
        parse_primary(ps, &next.var);
        if (next.var.kind == EXPR_LOCAL)
            keep_old_value(fs, t, &next.var);
        scope_check_limit(fs, count, C_CALLS_MAX - fs->L->c_calls, "variables in assignment");
        parse_targets(ps, &next, count + 1);
    } else if (parse_values(ps, t, count)) {
        return;
    }
    store_top(fs, t);
}

static void parse_expr_statement(struct parser *ps)
{
    struct target t = {.before = NULL};
    parse_primary(ps, &t.var);
    if (t.var.kind == EXPR_CALL)
        code_set_c(code_at(ps->function, t.var.info), 1); // no results
    else
        parse_targets(ps, &t, 1);
}

// ---- local, function, return, break ----

static void parse_local_function(struct parser *ps)
{
    struct func_state *fs = ps->function;
    struct expr var, body;
    scope_declare(ps, parse_name(ps), 0);
    expr_init(&var, EXPR_LOCAL, fs->free_register);
    code_take_registers(fs, 1);
    scope_activate(fs, 1); // the function can call itself
    parse_body(ps, &body, 0, ps->lexer.line);
    expr_store(fs, &var, &body);
    scope_restart_last(fs);
}

static void parse_local(struct parser *ps)
{
    struct expr e;
    int variables = 0;
    int values = 0;
    do
        scope_declare(ps, parse_name(ps), variables++);
    while (parse_accept(ps, ','));
    if (parse_accept(ps, '='))
        values = parse_expr_list(ps, &e);
    else
        expr_init(&e, EXPR_NONE, 0);
    adjust_values(ps->function, variables, values, &e);
    scope_activate(ps->function, variables);
}

static void parse_function(struct parser *ps, int line)
{
    struct expr name, body;
    int is_method = 0;
    lexer_next(&ps->lexer);
    parse_variable(ps, &name);
    while (ps->lexer.token.kind == '.')
        parse_field(ps, &name);
    if (ps->lexer.token.kind == ':') {
        is_method = 1;
        parse_field(ps, &name);
    }
    parse_body(ps, &body, is_method, line);
    expr_store(ps->function, &name, &body);
    code_fix_line(ps->function, line); // the assignment stands where the function begins
}

static void parse_return(struct parser *ps)
{
    struct func_state *fs = ps->function;
    struct expr e;
    lexer_next(&ps->lexer);
    if (at_block_end(ps) || ps->lexer.token.kind == ';') {
        code_return(fs, 0, 0);
        return;
    }
    int count = parse_expr_list(ps, &e);
    if (expr_is_open(&e)) {
        expr_set_count(fs, &e, LUA_MULTRET);
        if (e.kind == EXPR_CALL && count == 1) {
            uint32_t *call = code_at(fs, e.info);
            *call = op_abc(OP_TAILCALL, OP_A(*call), OP_B(*call), OP_C(*call));
            assert(OP_A(*call) == fs->active_count);
        }
        code_return(fs, fs->active_count, LUA_MULTRET);
    } else if (count == 1) {
        int from = expr_to_any_register(fs, &e);
        code_return(fs, from, 1);
    } else {
        expr_to_next_register(fs, &e); // all values in a row, above the locals
        assert(count == fs->free_register - fs->active_count);
        code_return(fs, fs->active_count, count);
    }
}

static void code_break(struct parser *ps)
{
    struct func_state *fs = ps->function;
    struct block *b = fs->block;
    int has_captured = 0;
    for (; b && !b->is_loop; b = b->around)
        has_captured |= b->has_captured;
    if (!b)
        lexer_error_here(&ps->lexer, "no loop to break");
    if (has_captured)
        code_abc(fs, OP_CLOSE, b->active_count, 0, 0);
    code_jumps_join(fs, &b->breaks, code_jump(fs));
}

// ---- if ----

// `if` or `elseif` up to the end of its block. Returns the jumps for a false condition.
static int parse_test_and_block(struct parser *ps)
{
    lexer_next(&ps->lexer);
    int if_false = parse_condition(ps);
    parse_expect(ps, TOKEN_THEN);
    parse_block(ps);
    return if_false;
}

static void parse_if(struct parser *ps, int line)
{
    struct func_state *fs = ps->function;
    int to_end = JUMP_NONE;
    int if_false = parse_test_and_block(ps);
    while (ps->lexer.token.kind == TOKEN_ELSEIF) {
        code_jumps_join(fs, &to_end, code_jump(fs));
        code_jumps_patch_here(fs, if_false);
        if_false = parse_test_and_block(ps);
    }
    if (ps->lexer.token.kind == TOKEN_ELSE) {
        code_jumps_join(fs, &to_end, code_jump(fs));
        code_jumps_patch_here(fs, if_false);
        lexer_next(&ps->lexer);
        parse_block(ps);
    } else {
        code_jumps_join(fs, &to_end, if_false);
    }
    code_jumps_patch_here(fs, to_end);
    parse_expect_match(ps, TOKEN_END, TOKEN_IF, line);
}

// ---- loops ----

static void parse_while(struct parser *ps, int line)
{
    struct func_state *fs = ps->function;
    struct block loop;
    lexer_next(&ps->lexer);
    int start = code_label(fs);
    int if_false = parse_condition(ps);
    scope_enter_block(fs, &loop, 1);
    parse_expect(ps, TOKEN_DO);
    parse_block(ps);
    code_jumps_patch(fs, code_jump(fs), start);
    parse_expect_match(ps, TOKEN_END, TOKEN_WHILE, line);
    scope_leave_block(fs);
    code_jumps_patch_here(fs, if_false);
}

// The condition sees the variables of the body, so that these end after it.
static void parse_repeat(struct parser *ps, int line)
{
    struct func_state *fs = ps->function;
    struct block loop, body;
    int start = code_label(fs);
    scope_enter_block(fs, &loop, 1);
    scope_enter_block(fs, &body, 0);
    lexer_next(&ps->lexer);
    parse_chunk(ps);
    parse_expect_match(ps, TOKEN_UNTIL, TOKEN_REPEAT, line);
    int if_false = parse_condition(ps);
    if (!body.has_captured) {
        scope_leave_block(fs);
        code_jumps_patch(fs, if_false, start);
    } else { // captured variables are closed on both ways
        code_break(ps);
        code_jumps_patch_here(fs, if_false);
        scope_leave_block(fs);
        code_jumps_patch(fs, code_jump(fs), start);
    }
    scope_leave_block(fs);
}

// From `do` on. `base`: the first of three hidden locals; count: variables of the loop.
static void parse_for_body(struct parser *ps, int base, int line, int count, int is_numeric)
{
    struct func_state *fs = ps->function;
    struct block body;
    scope_activate(fs, 3);
    parse_expect(ps, TOKEN_DO);
    int enter = is_numeric ? code_asbx(fs, OP_FORPREP, base, JUMP_NONE) : code_jump(fs);
    scope_enter_block(fs, &body, 0);
    scope_activate(fs, count);
    code_take_registers(fs, count);
    parse_block(ps);
    scope_leave_block(fs);
    code_jumps_patch_here(fs, enter);
    int loop = is_numeric ? code_asbx(fs, OP_FORLOOP, base, JUMP_NONE)
                          : code_abc(fs, OP_TFORLOOP, base, 0, count);
    code_fix_line(fs, line); // the loop instruction stands in the line of `for`
    code_jumps_patch(fs, is_numeric ? loop : code_jump(fs), enter + 1);
}

static void parse_expr_to_next_register(struct parser *ps)
{
    struct expr e;
    parse_expr(ps, &e);
    expr_to_next_register(ps->function, &e);
}

static void parse_numeric_for(struct parser *ps, struct string *name, int line)
{
    struct func_state *fs = ps->function;
    int base = fs->free_register;
    scope_declare_literal(ps, "(for index)", 0);
    scope_declare_literal(ps, "(for limit)", 1);
    scope_declare_literal(ps, "(for step)", 2);
    scope_declare(ps, name, 3);
    parse_expect(ps, '=');
    parse_expr_to_next_register(ps);
    parse_expect(ps, ',');
    parse_expr_to_next_register(ps);
    if (parse_accept(ps, ',')) {
        parse_expr_to_next_register(ps);
    } else {
        code_abx(fs, OP_LOADK, fs->free_register, code_constant_number(fs, 1));
        code_take_registers(fs, 1);
    }
    parse_for_body(ps, base, line, 1, 1);
}

static void parse_generic_for(struct parser *ps, struct string *name)
{
    struct func_state *fs = ps->function;
    struct expr e;
    int base = fs->free_register;
    int declared = 0;
    scope_declare_literal(ps, "(for generator)", declared++);
    scope_declare_literal(ps, "(for state)", declared++);
    scope_declare_literal(ps, "(for control)", declared++);
    scope_declare(ps, name, declared++);
    while (parse_accept(ps, ','))
        scope_declare(ps, parse_name(ps), declared++);
    parse_expect(ps, TOKEN_IN);
    int line = ps->lexer.line;
    int values = parse_expr_list(ps, &e);
    adjust_values(fs, 3, values, &e);
    code_check_registers(fs, 3); // the call of the generator
    parse_for_body(ps, base, line, declared - 3, 0);
}

static void parse_for(struct parser *ps, int line)
{
    struct func_state *fs = ps->function;
    struct block loop;
    scope_enter_block(fs, &loop, 1);
    lexer_next(&ps->lexer);
    struct string *name = parse_name(ps);
    switch (ps->lexer.token.kind) {
    case '=':
        parse_numeric_for(ps, name, line);
        break;
    case ',':
    case TOKEN_IN:
        parse_generic_for(ps, name);
        break;
    default:
        lexer_error_here(&ps->lexer, "'=' or 'in' expected");
    }
    parse_expect_match(ps, TOKEN_END, TOKEN_FOR, line);
    scope_leave_block(fs);
}

// ---- statements ----

static void parse_do(struct parser *ps, int line)
{
    lexer_next(&ps->lexer);
    parse_block(ps);
    parse_expect_match(ps, TOKEN_END, TOKEN_DO, line);
}

static void parse_local_statement(struct parser *ps)
{
    lexer_next(&ps->lexer);
    if (parse_accept(ps, TOKEN_FUNCTION))
        parse_local_function(ps);
    else
        parse_local(ps);
}

// Returns 1 if the statement must be the last one of its block.
static int parse_statement(struct parser *ps)
{
    int line = ps->lexer.line; // may be needed for messages
    switch (ps->lexer.token.kind) {
    case TOKEN_IF:
        parse_if(ps, line);
        return 0;
    case TOKEN_WHILE:
        parse_while(ps, line);
        return 0;
    case TOKEN_DO:
        parse_do(ps, line);
        return 0;
    case TOKEN_FOR:
        parse_for(ps, line);
        return 0;
    case TOKEN_REPEAT:
        parse_repeat(ps, line);
        return 0;
    case TOKEN_FUNCTION:
        parse_function(ps, line);
        return 0;
    case TOKEN_LOCAL:
        parse_local_statement(ps);
        return 0;
    case TOKEN_RETURN:
        parse_return(ps);
        return 1;
    case TOKEN_BREAK:
        lexer_next(&ps->lexer);
        code_break(ps);
        return 1;
    default:
        parse_expr_statement(ps);
        return 0;
    }
}

void parse_chunk(struct parser *ps)
{
    int is_last = 0;
    parse_enter_level(ps);
    while (!is_last && !at_block_end(ps)) {
        is_last = parse_statement(ps);
        parse_accept(ps, ';');
        struct func_state *fs = ps->function;
        assert(PROTO_STACK_SIZE(fs->proto) >= fs->free_register);
        assert(fs->free_register >= fs->active_count);
        fs->free_register = fs->active_count; // temporaries do not outlive a statement
    }
    parse_leave_level(ps);
}
