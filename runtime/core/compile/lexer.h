// lexer.h: from characters to tokens.
//
// Reads: a struct stream. Memory: one growing buffer of the Lua heap for the characters of the
// current token (32 bytes, doubled when full; the caller of the compiler frees it); the strings of
// names and string constants, which live as keys of the constants table of the function that is
// being compiled.
// Errors: LUA_ERRSYNTAX with "chunk:line: message near 'token'".
// Source: Lua 5.1 reference manual, 2.1; dialect and allocation policy of NodeMCU 3.0.

#ifndef FROST_CORE_COMPILE_LEXER_H
#define FROST_CORE_COMPILE_LEXER_H

#include "runtime/core/state.h"
#include "runtime/core/stream.h"

// Tokens of one character are that character; the others start here. Keywords come first.
#define TOKEN_KEYWORDS(X)                                                                          \
    X(AND, "and")                                                                                  \
    X(BREAK, "break")                                                                              \
    X(DO, "do")                                                                                    \
    X(ELSE, "else")                                                                                \
    X(ELSEIF, "elseif")                                                                            \
    X(END, "end")                                                                                  \
    X(FALSE, "false")                                                                              \
    X(FOR, "for")                                                                                  \
    X(FUNCTION, "function")                                                                        \
    X(IF, "if")                                                                                    \
    X(IN, "in")                                                                                    \
    X(LOCAL, "local")                                                                              \
    X(NIL, "nil")                                                                                  \
    X(NOT, "not")                                                                                  \
    X(OR, "or")                                                                                    \
    X(REPEAT, "repeat")                                                                            \
    X(RETURN, "return")                                                                            \
    X(THEN, "then")                                                                                \
    X(TRUE, "true")                                                                                \
    X(UNTIL, "until")                                                                              \
    X(WHILE, "while")
#define TOKEN_OTHERS(X)                                                                            \
    X(CONCAT, "..")                                                                                \
    X(DOTS, "...")                                                                                 \
    X(EQUAL, "==")                                                                                 \
    X(GREATER_EQUAL, ">=")                                                                         \
    X(LESS_EQUAL, "<=")                                                                            \
    X(NOT_EQUAL, "~=")                                                                             \
    X(NUMBER, "<number>")                                                                          \
    X(NAME, "<name>")                                                                              \
    X(STRING, "<string>")                                                                          \
    X(EOF, "<eof>")

#define TOKEN_FIRST 257
#define TOKEN_ITEM(name, text) TOKEN_##name,
enum token_kind {
    TOKEN_NONE = 0, // "no token" in messages
    TOKEN_BEFORE_FIRST_ = TOKEN_FIRST - 1,
    TOKEN_KEYWORDS(TOKEN_ITEM) TOKEN_OTHERS(TOKEN_ITEM) TOKEN_AFTER_LAST_
};
#undef TOKEN_ITEM

struct token {
    int kind;            // a character or an enum token_kind
    lua_Number number;   // TOKEN_NUMBER
    struct string *text; // TOKEN_NAME, TOKEN_STRING
};

struct lexer {
    lua_State *L;
    struct stream *input;
    struct text_buffer *buffer; // characters of the token last read
    struct string *chunk_name;
    struct table *texts; // keeps the strings; the compiler changes it with the function
    int current;         // the next character, not yet part of a token, or STREAM_END
    int line;            // where `current` stands, from 1
    int line_last;       // of the token before `token`
    struct token token;  // the current one
    struct token ahead;  // the one after it if lexer_look_ahead() was called, else TOKEN_EOF
};

// Starts with the first character; there is no current token before the first lexer_next().
void lexer_init(lua_State *L, struct lexer *lx, struct stream *input, struct text_buffer *buffer,
                struct string *chunk_name);
void lexer_next(struct lexer *lx);
// Reads the token after the current one; at most once before lexer_next(). Returns its kind.
int lexer_look_ahead(struct lexer *lx);
// A string that lives as long as the function being compiled.
struct string *lexer_keep_text(struct lexer *lx, const char *text, size_t bytes);

// The token as it stands in messages; a single character may be pushed on the stack.
const char *lexer_token_name(struct lexer *lx, int kind);
// Raises "chunk:line: message near 'token'"; TOKEN_NONE leaves "near" out.
_Noreturn void lexer_error(struct lexer *lx, const char *message, int token_kind);
// The same, near the current token.
_Noreturn void lexer_error_here(struct lexer *lx, const char *message);

#endif
