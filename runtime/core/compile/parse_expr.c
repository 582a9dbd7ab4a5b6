// parse_expr.c: expressions, table constructors, calls and functions; see parse.h.

#include "runtime/core/compile/parse.h"

#include <limits.h>

#include "runtime/core/vm.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

// ---- tokens ----

static void error_expected(struct parser *ps, int kind)
{
    lua_State *L = ps->lexer.L;
    const char *name = lexer_token_name(&ps->lexer, kind);
    lexer_error_here(&ps->lexer, lua_pushfstring(L, "'%s' expected", name));
}

void parse_check(struct parser *ps, int kind)
{
    if (ps->lexer.token.kind != kind)
        error_expected(ps, kind);
}

void parse_expect(struct parser *ps, int kind)
{
    parse_check(ps, kind);
    lexer_next(&ps->lexer);
}

int parse_accept(struct parser *ps, int kind)
{
    if (ps->lexer.token.kind != kind)
        return 0;
    lexer_next(&ps->lexer);
    return 1;
}

void parse_expect_match(struct parser *ps, int kind, int opener, int line)
{
    if (parse_accept(ps, kind))
        return;
    if (line == ps->lexer.line)
        error_expected(ps, kind);
    const char *name = lexer_token_name(&ps->lexer, kind);
    const char *opener_name = lexer_token_name(&ps->lexer, opener);
    lexer_error_here(&ps->lexer,
                     lua_pushfstring(ps->lexer.L, "'%s' expected (to close '%s' at line %d)", name,
                                     opener_name, line));
}

struct string *parse_name(struct parser *ps)
{
    parse_check(ps, TOKEN_NAME);
    struct string *name = ps->lexer.token.text;
    lexer_next(&ps->lexer);
    return name;
}

void parse_enter_level(struct parser *ps)
{
    if (++ps->lexer.L->c_calls > C_CALLS_MAX || PORT_STACK_IS_SHORT())
        lexer_error(&ps->lexer, "chunk has too many syntax levels", TOKEN_NONE);
}

void parse_leave_level(struct parser *ps)
{
    ps->lexer.L->c_calls--;
}

// ---- variables and fields ----

static void set_string(struct parser *ps, struct expr *e, struct string *s)
{
    expr_init(e, EXPR_CONSTANT, code_constant_string(ps->function, s));
}

static void parse_name_as_key(struct parser *ps, struct expr *e)
{
    set_string(ps, e, parse_name(ps));
}

void parse_variable(struct parser *ps, struct expr *e)
{
    scope_find(ps, parse_name(ps), e);
}

void parse_field(struct parser *ps, struct expr *e)
{
    struct expr key;
    expr_to_any_register(ps->function, e);
    lexer_next(&ps->lexer);
    parse_name_as_key(ps, &key);
    expr_index(ps->function, e, &key);
}

static void parse_bracket_key(struct parser *ps, struct expr *e)
{
    lexer_next(&ps->lexer);
    parse_expr(ps, e);
    expr_settle(ps->function, e);
    parse_expect(ps, ']');
}

// ---- table constructors ----

struct constructor {
    struct expr item; // the last list item, not yet in its register
    struct expr *table;
    int field_count;
    int item_count;
    int waiting_count; // items in registers, not yet stored
};

static void parse_record_field(struct parser *ps, struct constructor *c)
{
    struct func_state *fs = ps->function;
    int free_register = fs->free_register;
    struct expr key, value;
    if (ps->lexer.token.kind == TOKEN_NAME) {
        scope_check_limit(fs, c->field_count, INT_MAX, "items in a constructor");
        parse_name_as_key(ps, &key);
    } else {
        parse_bracket_key(ps, &key);
    }
    c->field_count++;
    parse_expect(ps, '=');
    int key_operand = expr_to_operand(fs, &key);
    parse_expr(ps, &value);
    int value_operand = expr_to_operand(fs, &value);
    code_abc(fs, OP_SETTABLE, c->table->info, key_operand, value_operand);
    fs->free_register = free_register;
}

static void parse_item(struct parser *ps, struct constructor *c)
{
    parse_expr(ps, &c->item);
    scope_check_limit(ps->function, c->item_count, INT_MAX, "items in a constructor");
    c->item_count++;
    c->waiting_count++;
}

// The last item gets its register; full batches are stored.
static void place_item(struct func_state *fs, struct constructor *c)
{
    if (c->item.kind == EXPR_NONE)
        return;
    expr_to_next_register(fs, &c->item);
    c->item.kind = EXPR_NONE;
    if (c->waiting_count == OP_LIST_BATCH) {
        code_set_list(fs, c->table->info, c->item_count, c->waiting_count);
        c->waiting_count = 0;
    }
}

static void place_last_items(struct func_state *fs, struct constructor *c)
{
    if (c->waiting_count == 0)
        return;
    if (expr_is_open(&c->item)) {
        expr_set_count(fs, &c->item, LUA_MULTRET);
        code_set_list(fs, c->table->info, c->item_count, LUA_MULTRET);
        c->item_count--; // not known how many; it is not in the size of the list
    } else {
        if (c->item.kind != EXPR_NONE)
            expr_to_next_register(fs, &c->item);
        code_set_list(fs, c->table->info, c->item_count, c->waiting_count);
    }
}

static void parse_constructor(struct parser *ps, struct expr *e)
{
    struct func_state *fs = ps->function;
    int line = ps->lexer.line;
    int new_table = code_abc(fs, OP_NEWTABLE, 0, 0, 0);
    struct constructor c = {.table = e};
    expr_init(&c.item, EXPR_NONE, 0);
    expr_init(e, EXPR_PENDING, new_table);
    expr_to_next_register(fs, e);
    parse_expect(ps, '{');
    do {
        int kind = ps->lexer.token.kind;
        if (kind == '}')
            break;
        place_item(fs, &c);
        if (kind == '[' || (kind == TOKEN_NAME && lexer_look_ahead(&ps->lexer) == '='))
            parse_record_field(ps, &c);
        else
            parse_item(ps, &c);
    } while (parse_accept(ps, ',') || parse_accept(ps, ';'));
    parse_expect_match(ps, '}', '{', line);
    place_last_items(fs, &c);
    code_set_b(code_at(fs, new_table), number_to_fb((uint32_t)c.item_count));
    code_set_c(code_at(fs, new_table), number_to_fb((uint32_t)c.field_count));
}

// ---- functions ----

static void parse_parameters(struct parser *ps)
{
    struct func_state *fs = ps->function;
    struct proto *p = fs->proto;
    int count = 0;
    p->vararg_ = 0;
    if (ps->lexer.token.kind != ')') {
        do {
            if (ps->lexer.token.kind == TOKEN_NAME) {
                scope_declare(ps, parse_name(ps), count++);
            } else if (ps->lexer.token.kind == TOKEN_DOTS) {
                lexer_next(&ps->lexer);
                // The old-style table `arg`; not made if the function uses `...` itself.
                scope_declare_literal(ps, "arg", count++);
                p->vararg_ = VARARG_HAS_ARG | VARARG_IS | VARARG_NEEDS_ARG;
            } else {
                lexer_error_here(&ps->lexer, "<name> or '...' expected");
            }
        } while (!p->vararg_ && parse_accept(ps, ','));
    }
    scope_activate(fs, count);
    p->parameter_count_ = (uint8_t)(fs->active_count - (p->vararg_ & VARARG_HAS_ARG));
    code_take_registers(fs, fs->active_count);
}

void parse_body(struct parser *ps, struct expr *e, int is_method, int line)
{
    struct func_state inner;
    scope_open_function(ps, &inner);
    inner.proto->line_defined = line;
    PROBE_FUNCTION(&ps->order, inner.proto, line);
    parse_expect(ps, '(');
    if (is_method) {
        scope_declare_literal(ps, "self", 0);
        scope_activate(&inner, 1);
    }
    parse_parameters(ps);
    parse_expect(ps, ')');
    parse_chunk(ps);
    inner.proto->line_last_defined = ps->lexer.line;
    parse_expect_match(ps, TOKEN_END, TOKEN_FUNCTION, line);
    scope_close_function(ps);
    scope_closure(ps, &inner, e);
}

// ---- calls ----

int parse_expr_list(struct parser *ps, struct expr *e)
{
    int count = 1;
    parse_expr(ps, e);
    while (parse_accept(ps, ',')) {
        expr_to_next_register(ps->function, e);
        parse_expr(ps, e);
        count++;
    }
    return count;
}

// The arguments of a call; the last one remains in `last`, open if it can be.
static void parse_argument_list(struct parser *ps, struct expr *last)
{
    struct lexer *lx = &ps->lexer;
    int line = lx->line;
    if (line != lx->line_last)
        lexer_error_here(lx, "ambiguous syntax (function call x new statement)");
    lexer_next(lx);
    if (lx->token.kind == ')') {
        expr_init(last, EXPR_NONE, 0);
    } else {
        parse_expr_list(ps, last);
        expr_set_count(ps->function, last, LUA_MULTRET);
    }
    parse_expect_match(ps, ')', '(', line);
}

// What follows a function, which is in a register (and, for a method, its object after it).
static void parse_arguments(struct parser *ps, struct expr *function)
{
    struct func_state *fs = ps->function;
    struct expr last;
    int line = ps->lexer.line;
    int base = function->info;
    int count;
    switch (ps->lexer.token.kind) {
    case '(':
        parse_argument_list(ps, &last);
        break;
    case '{':
        parse_constructor(ps, &last);
        break;
    case TOKEN_STRING:
        set_string(ps, &last, ps->lexer.token.text);
        lexer_next(&ps->lexer);
        break;
    default:
        lexer_error_here(&ps->lexer, "function arguments expected");
    }
    if (expr_is_open(&last)) {
        count = LUA_MULTRET;
    } else {
        if (last.kind != EXPR_NONE)
            expr_to_next_register(fs, &last);
        count = fs->free_register - (base + 1);
    }
    expr_init(function, EXPR_CALL, code_abc(fs, OP_CALL, base, count + 1, 2));
    code_fix_line(fs, line);
    fs->free_register = base + 1; // the function and its arguments make room for one result
}

static void parse_prefix(struct parser *ps, struct expr *e)
{
    int line = ps->lexer.line;
    if (ps->lexer.token.kind == TOKEN_NAME) {
        parse_variable(ps, e);
    } else if (parse_accept(ps, '(')) {
        parse_expr(ps, e);
        parse_expect_match(ps, ')', '(', line);
        expr_to_value(ps->function, e);
    } else {
        lexer_error_here(&ps->lexer, "unexpected symbol");
    }
}

void parse_primary(struct parser *ps, struct expr *e)
{
    struct func_state *fs = ps->function;
    struct expr key;
    parse_prefix(ps, e);
    for (;;) {
        switch (ps->lexer.token.kind) {
        case '.':
            parse_field(ps, e);
            break;
        case '[':
            expr_to_any_register(fs, e);
            parse_bracket_key(ps, &key);
            expr_index(fs, e, &key);
            break;
        case ':':
            lexer_next(&ps->lexer);
            parse_name_as_key(ps, &key);
            expr_method(fs, e, &key);
            parse_arguments(ps, e);
            break;
        case '(':
        case '{':
        case TOKEN_STRING:
            expr_to_next_register(fs, e);
            parse_arguments(ps, e);
            break;
        default:
            return;
        }
    }
}

// ---- operators ----

static void parse_varargs(struct parser *ps, struct expr *e)
{
    struct proto *p = ps->function->proto;
    if (!p->vararg_)
        lexer_error_here(&ps->lexer, "cannot use '...' outside a vararg function");
    p->vararg_ &= (uint8_t)~VARARG_NEEDS_ARG;
    expr_init(e, EXPR_VARARG, code_abc(ps->function, OP_VARARG, 0, 1, 0));
}

static void parse_simple(struct parser *ps, struct expr *e)
{
    const struct token *t = &ps->lexer.token;
    switch (t->kind) {
    case TOKEN_NUMBER:
        expr_init(e, EXPR_NUMBER, 0);
        e->number = t->number;
        break;
    case TOKEN_STRING:
        set_string(ps, e, t->text);
        break;
    case TOKEN_NIL:
        expr_init(e, EXPR_NIL, 0);
        break;
    case TOKEN_TRUE:
        expr_init(e, EXPR_TRUE, 0);
        break;
    case TOKEN_FALSE:
        expr_init(e, EXPR_FALSE, 0);
        break;
    case TOKEN_DOTS:
        parse_varargs(ps, e);
        break;
    case '{':
        parse_constructor(ps, e);
        return;
    case TOKEN_FUNCTION:
        lexer_next(&ps->lexer);
        parse_body(ps, e, 0, ps->lexer.line);
        return;
    default:
        parse_primary(ps, e);
        return;
    }
    lexer_next(&ps->lexer);
}

// Binding of the binary operators: stronger is larger; `right` < `left` binds to the right.
static const struct {
    int16_t token;
    uint8_t left;
    uint8_t right;
} bindings[OPERATOR_BINARY_COUNT] = {
    [OPERATOR_OR] = {TOKEN_OR, 1, 1},
    [OPERATOR_AND] = {TOKEN_AND, 2, 2},
    [OPERATOR_EQ] = {TOKEN_EQUAL, 3, 3},
    [OPERATOR_NE] = {TOKEN_NOT_EQUAL, 3, 3},
    [OPERATOR_LT] = {'<', 3, 3},
    [OPERATOR_LE] = {TOKEN_LESS_EQUAL, 3, 3},
    [OPERATOR_GT] = {'>', 3, 3},
    [OPERATOR_GE] = {TOKEN_GREATER_EQUAL, 3, 3},
    [OPERATOR_CONCAT] = {TOKEN_CONCAT, 5, 4},
    [OPERATOR_ADD] = {'+', 6, 6},
    [OPERATOR_SUB] = {'-', 6, 6},
    [OPERATOR_MUL] = {'*', 7, 7},
    [OPERATOR_DIV] = {'/', 7, 7},
    [OPERATOR_MOD] = {'%', 7, 7},
    [OPERATOR_POW] = {'^', 10, 9},
};
#define BINDING_UNARY 8
#define BINDING_NONE 0

static enum operator_kind unary_operator(int token)
{
    switch (token) {
    case TOKEN_NOT:
        return OPERATOR_NOT;
    case '-':
        return OPERATOR_MINUS;
    case '#':
        return OPERATOR_LENGTH;
    default:
        return OPERATOR_NONE;
    }
}

static enum operator_kind binary_operator(int token)
{
    for (int op = 0; op < OPERATOR_BINARY_COUNT; op++)
        if (bindings[op].token == token)
            return (enum operator_kind)op;
    return OPERATOR_NONE;
}

// Reads an expression as long as its operators bind stronger than `limit`. Returns the operator
// that does not, which is the current token.
static enum operator_kind parse_operators(struct parser *ps, struct expr *e, int limit)
{
    parse_enter_level(ps);
    enum operator_kind op = unary_operator(ps->lexer.token.kind);
    if (op != OPERATOR_NONE) {
        lexer_next(&ps->lexer);
        parse_operators(ps, e, BINDING_UNARY);
        code_unary(ps->function, op, e);
    } else {
        parse_simple(ps, e);
    }
    op = binary_operator(ps->lexer.token.kind);
    while (op != OPERATOR_NONE && bindings[op].left > limit) {
        struct expr right;
        lexer_next(&ps->lexer);
        code_binary_begin(ps->function, op, e);
        enum operator_kind next = parse_operators(ps, &right, bindings[op].right);
        code_binary_end(ps->function, op, e, &right);
        op = next;
    }
    parse_leave_level(ps);
    return op;
}

void parse_expr(struct parser *ps, struct expr *e)
{
    parse_operators(ps, e, BINDING_NONE);
}
