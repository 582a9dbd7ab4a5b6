// parse.h: the grammar of Lua 5.1, read by recursive descent; what its two halves share.
//
// parse_stat.c has statements, parse_expr.c expressions and functions. Both drive the code
// generator (code.h) while they read; there is no tree. Recursion is counted in the state's C
// calls: "chunk has too many syntax levels".
// Source: Lua 5.1 reference manual, chapter 2 and 8.

#ifndef FROST_CORE_COMPILE_PARSE_H
#define FROST_CORE_COMPILE_PARSE_H

#include "runtime/core/compile/scope.h"

// ---- tokens ----

// Raises "'X' expected" unless the current token is `kind`.
void parse_check(struct parser *ps, int kind);
// The same, and takes the token.
void parse_expect(struct parser *ps, int kind);
// Takes the token if it is `kind`.
int parse_accept(struct parser *ps, int kind);
// Takes the token that closes what `opener` in `line` began.
void parse_expect_match(struct parser *ps, int kind, int opener, int line);
struct string *parse_name(struct parser *ps);
void parse_enter_level(struct parser *ps);
void parse_leave_level(struct parser *ps);

// ---- expressions (parse_expr.c) ----

void parse_expr(struct parser *ps, struct expr *e);
// A comma separated list; the last one remains open in e. Returns their number.
int parse_expr_list(struct parser *ps, struct expr *e);
// A variable, a call, a parenthesis, and what is done to it.
void parse_primary(struct parser *ps, struct expr *e);
// .name or :name after e.
void parse_field(struct parser *ps, struct expr *e);
void parse_variable(struct parser *ps, struct expr *e);
// Parameters, body and `end` of a function that began in `line`.
void parse_body(struct parser *ps, struct expr *e, int is_method, int line);

// ---- statements (parse_stat.c) ----

// Statements up to a token that ends a block.
void parse_chunk(struct parser *ps);

#endif
