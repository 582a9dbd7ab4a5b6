// lexer.c: from characters to tokens; see lexer.h.

#include "runtime/core/compile/lexer.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/call.h"
#include "runtime/core/chunk.h"
#include "runtime/core/debug.h"
#include "runtime/core/mem.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"
#include "runtime/core/vm.h"
#include "runtime/probe/probe.h"

// Room for a chunk name in messages of the compiler; those of running code use LUA_IDSIZE.
#define CHUNK_ID_BYTES 80

#define TOKEN_TEXT(name, text) text,
static const char *const token_texts[] = {TOKEN_KEYWORDS(TOKEN_TEXT) TOKEN_OTHERS(TOKEN_TEXT)};
#undef TOKEN_TEXT

static const struct keyword {
    uint32_t bytes;
    const char *text;
} keywords[] = {
#define KEYWORD(name, text) {sizeof(text) - 1, text},
    TOKEN_KEYWORDS(KEYWORD)
#undef KEYWORD
};

// ---- characters ----

// ASCII only, whatever the locale of the host is.
static int is_digit(int c)
{
    return (unsigned)c - '0' < 10;
}

static int is_letter(int c)
{
    return ((unsigned)c | 32) - 'a' < 26;
}

static int is_name_part(int c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

static int is_newline(int c)
{
    return c == '\n' || c == '\r';
}

static int is_blank(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

#ifdef FROST_PROBED
// Reports the characters of the current piece of input if they are those of a Lua string. On
// stock firmware each is a byte load, in flash too. The strings of a state are all in its table, so
// the question is answered without looking at memory in front of an unknown block.
static void report_piece(struct lexer *lx, const char *text, size_t bytes)
{
    if ((uintptr_t)text > UINT32_MAX || bytes == 0)
        return;
    struct string *s = str_find(lx->L, text, bytes);
    if (s && STRING_TEXT(s) == text)
        PROBE_CONTENT_READ(lx->L, text, 0, bytes, CONTENT_LEXER);
}
#endif

static void advance(struct lexer *lx)
{
#ifdef FROST_PROBED
    if (lx->input->left == 0) {
        lx->current = stream_fill(lx->input);
        if (lx->current != STREAM_END)
            report_piece(lx, lx->input->at - 1, lx->input->left + 1);
        return;
    }
#endif
    lx->current = stream_get(lx->input);
}

static void save(struct lexer *lx, int c)
{
    struct text_buffer *b = lx->buffer;
    if (b->used == b->bytes) {
        if (b->bytes >= UINT32_MAX / 2)
            lexer_error(lx, "lexical element too long", TOKEN_NONE);
        buffer_resize(lx->L, b, (size_t)b->bytes * 2);
    }
    DEREF(b->text)[b->used++] = (char)c;
}

static void save_and_advance(struct lexer *lx)
{
    save(lx, lx->current);
    advance(lx);
}

// Takes the current character if it is a or b, or a zero byte: to Lua 5.1 that is in every set.
static int take_either(struct lexer *lx, int a, int b)
{
    if (lx->current != a && lx->current != b && lx->current != '\0')
        return 0;
    save_and_advance(lx);
    return 1;
}

// Goes over a line end, which may have two characters (in either order).
static void pass_newline(struct lexer *lx)
{
    int first = lx->current;
    advance(lx);
    if (is_newline(lx->current) && lx->current != first)
        advance(lx);
    if (++lx->line == INT_MAX)
        lexer_error_here(lx, "chunk has too many lines");
}

// ---- messages ----

const char *lexer_token_name(struct lexer *lx, int kind)
{
    if (kind >= TOKEN_FIRST)
        return token_texts[kind - TOKEN_FIRST];
    int is_control = kind < ' ' || kind == 127;
    return is_control ? lua_pushfstring(lx->L, "char(%d)", kind)
                      : lua_pushfstring(lx->L, "%c", kind);
}

// What stands in the source; for names, strings and numbers as far as it has been read.
static const char *token_source(struct lexer *lx, int kind)
{
    if (kind != TOKEN_NAME && kind != TOKEN_STRING && kind != TOKEN_NUMBER)
        return lexer_token_name(lx, kind);
    save(lx, '\0');
    return DEREF(lx->buffer->text);
}

void lexer_error(struct lexer *lx, const char *message, int token_kind)
{
    char chunk[CHUNK_ID_BYTES];
    debug_report_source(lx->L, STRING_TEXT(lx->chunk_name));
    debug_chunk_id(chunk, STRING_TEXT(lx->chunk_name), sizeof(chunk));
    const char *whole = lua_pushfstring(lx->L, "%s:%d: %s", chunk, lx->line, message);
    if (token_kind != TOKEN_NONE)
        lua_pushfstring(lx->L, "%s near '%s'", whole, token_source(lx, token_kind));
    call_throw(lx->L, LUA_ERRSYNTAX);
}

void lexer_error_here(struct lexer *lx, const char *message)
{
    lexer_error(lx, message, lx->token.kind);
}

// ---- texts and numbers ----

struct string *lexer_keep_text(struct lexer *lx, const char *text, size_t bytes)
{
    struct string *s = str_new_constant(lx->L, text, bytes);
    struct value *mark = table_set_string(lx->L, lx->texts, s);
    if (VALUE_IS_NIL(mark))
        value_set_boolean(mark, 1);
    return s;
}

// An integer constant that is another number on the device.
static void warn_of_range(struct lexer *lx, const char *text, lua_Number number)
{
#ifdef FROST_INTEGER
    char chunk[LUA_IDSIZE], message[120];
    if (!number_was_beyond || compile_warning == NULL)
        return;
    debug_report_source(lx->L, STRING_TEXT(lx->chunk_name));
    debug_chunk_id(chunk, STRING_TEXT(lx->chunk_name), sizeof chunk);
    snprintf(message, sizeof message, "%.40s has more than 32 bits and becomes %d", text,
             (int)number);
    compile_warning(chunk, lx->line, message);
#else
    (void)lx, (void)text, (void)number;
#endif
}

// The text of the token without `margin` characters at either end.
static void keep_token(struct lexer *lx, struct token *token, uint32_t margin)
{
    const struct text_buffer *b = lx->buffer;
    token->text = lexer_keep_text(lx, DEREF(b->text) + margin, b->used - 2 * margin);
}

static int read_number(struct lexer *lx, struct token *token)
{
    while (is_digit(lx->current) || lx->current == '.')
        save_and_advance(lx);
    if (take_either(lx, 'e', 'E'))
        take_either(lx, '+', '-');
    while (is_name_part(lx->current))
        save_and_advance(lx);
    save(lx, '\0');
    const char *text = DEREF(lx->buffer->text);
    if (!number_parse(text, strlen(text), &token->number))
        lexer_error(lx, "malformed number", TOKEN_NUMBER);
    warn_of_range(lx, text, token->number);
    return TOKEN_NUMBER;
}

// Takes a bracket and the equal signs after it. Returns their number if the same bracket follows
// (a long bracket of that level), otherwise -1 for none and less for more.
static int pass_bracket(struct lexer *lx)
{
    int bracket = lx->current;
    int level = 0;
    save_and_advance(lx);
    while (lx->current == '=') {
        save_and_advance(lx);
        level++;
    }
    return lx->current == bracket ? level : -level - 1;
}

// Reads on from the second opening bracket. A comment (token NULL) leaves nothing in the buffer.
static void read_long_text(struct lexer *lx, struct token *token, int level)
{
    save_and_advance(lx);
    if (is_newline(lx->current))
        pass_newline(lx);
    for (;;) {
        int c = lx->current;
        if (c == STREAM_END) {
            lexer_error(lx, token ? "unfinished long string" : "unfinished long comment",
                        TOKEN_EOF);
        } else if (c == '[' || c == ']') {
            if (pass_bracket(lx) != level)
                continue;
            if (c == ']')
                break;
            save_and_advance(lx);
            if (level == 0)
                lexer_error(lx, "nesting of [[...]] is deprecated", '[');
        } else if (is_newline(c)) {
            save(lx, '\n');
            pass_newline(lx);
            if (!token)
                lx->buffer->used = 0;
        } else if (token) {
            save_and_advance(lx);
        } else {
            advance(lx);
        }
    }
    save_and_advance(lx);
    if (token)
        keep_token(lx, token, 2 + (uint32_t)level);
}

static void read_decimal_escape(struct lexer *lx)
{
    int c = 0;
    for (int digits = 0; digits < 3 && is_digit(lx->current); digits++) {
        c = 10 * c + (lx->current - '0');
        advance(lx);
    }
    if (c > UCHAR_MAX)
        lexer_error(lx, "escape sequence too large", TOKEN_STRING);
    save(lx, c);
}

// Reads what follows a backslash. The end of input is left to the caller.
static void read_escape(struct lexer *lx)
{
    static const char letters[] = "abfnrtv";
    static const char meant[] = "\a\b\f\n\r\t\v";
    int c = lx->current;
    const char *at;
    if (c == STREAM_END)
        return;
    if (is_newline(c)) {
        save(lx, '\n');
        pass_newline(lx);
    } else if (is_digit(c)) {
        read_decimal_escape(lx);
    } else if (c != 0 && (at = strchr(letters, c)) != NULL) {
        save(lx, meant[at - letters]);
        advance(lx);
    } else {
        save_and_advance(lx);
    }
}

static int read_string(struct lexer *lx, struct token *token)
{
    int quote = lx->current;
    save_and_advance(lx);
    while (lx->current != quote) {
        if (lx->current == STREAM_END)
            lexer_error(lx, "unfinished string", TOKEN_EOF);
        if (is_newline(lx->current))
            lexer_error(lx, "unfinished string", TOKEN_STRING);
        if (lx->current == '\\') {
            advance(lx);
            read_escape(lx);
        } else {
            save_and_advance(lx);
        }
    }
    save_and_advance(lx);
    keep_token(lx, token, 1);
    return TOKEN_STRING;
}

// Keywords are recognised by their text; they are not interned and cost no memory.
static int find_keyword(const char *text, uint32_t bytes)
{
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (keywords[i].bytes == bytes && memcmp(keywords[i].text, text, bytes) == 0)
            return TOKEN_FIRST + (int)i;
    return TOKEN_NONE;
}

static int read_name(struct lexer *lx, struct token *token)
{
    while (is_name_part(lx->current))
        save_and_advance(lx);
    int keyword = find_keyword(DEREF(lx->buffer->text), lx->buffer->used);
    if (keyword != TOKEN_NONE)
        return keyword;
    keep_token(lx, token, 0);
    return TOKEN_NAME;
}

// ---- tokens ----

// Goes over a comment; both hyphens have been taken.
static void pass_comment(struct lexer *lx)
{
    if (lx->current == '[') {
        int level = pass_bracket(lx);
        lx->buffer->used = 0;
        if (level >= 0) {
            read_long_text(lx, NULL, level);
            return;
        }
    }
    while (!is_newline(lx->current) && lx->current != STREAM_END)
        advance(lx);
}

// A token of one character, or of two with an equal sign after it.
static int read_with_equal(struct lexer *lx, int alone, int with_equal)
{
    advance(lx);
    if (lx->current != '=')
        return alone;
    advance(lx);
    return with_equal;
}

static int read_dots(struct lexer *lx, struct token *token)
{
    save_and_advance(lx);
    if (take_either(lx, '.', '.'))
        return take_either(lx, '.', '.') ? TOKEN_DOTS : TOKEN_CONCAT;
    return is_digit(lx->current) ? read_number(lx, token) : '.';
}

static int read_bracket(struct lexer *lx, struct token *token)
{
    int level = pass_bracket(lx);
    if (level < -1)
        lexer_error(lx, "invalid long string delimiter", TOKEN_STRING);
    if (level == -1)
        return '[';
    read_long_text(lx, token, level);
    return TOKEN_STRING;
}

// Goes over blanks, line ends and comments; stops at a character that begins a token. A hyphen
// that begins no comment is a token of its own: it has been taken then, and 1 is returned.
static int pass_blanks(struct lexer *lx)
{
    for (;;) {
        lx->buffer->used = 0;
        if (is_newline(lx->current)) {
            pass_newline(lx);
        } else if (is_blank(lx->current)) {
            advance(lx);
        } else if (lx->current == '-') {
            advance(lx);
            if (lx->current != '-')
                return 1;
            advance(lx);
            pass_comment(lx);
        } else {
            return 0;
        }
    }
}

static int read_token(struct lexer *lx, struct token *token)
{
    if (pass_blanks(lx))
        return '-';
    int c = lx->current;
    switch (c) {
    case STREAM_END:
        return TOKEN_EOF;
    case '[':
        return read_bracket(lx, token);
    case '=':
        return read_with_equal(lx, '=', TOKEN_EQUAL);
    case '<':
        return read_with_equal(lx, '<', TOKEN_LESS_EQUAL);
    case '>':
        return read_with_equal(lx, '>', TOKEN_GREATER_EQUAL);
    case '~':
        return read_with_equal(lx, '~', TOKEN_NOT_EQUAL);
    case '"':
    case '\'':
        return read_string(lx, token);
    case '.':
        return read_dots(lx, token);
    default:
        if (is_digit(c))
            return read_number(lx, token);
        if (is_name_part(c))
            return read_name(lx, token);
        advance(lx);
        return c;
    }
}

void lexer_init(lua_State *L, struct lexer *lx, struct stream *input, struct text_buffer *buffer,
                struct string *chunk_name)
{
    *lx = (struct lexer){
        .L = L,
        .input = input,
        .buffer = buffer,
        .chunk_name = chunk_name,
        .line = 1,
        .line_last = 1,
        .token.kind = TOKEN_EOF,
        .ahead.kind = TOKEN_EOF,
    };
    buffer_resize(L, buffer, BUFFER_BYTES_MIN);
    buffer->used = 0;
#ifdef FROST_PROBED
    report_piece(lx, input->at, input->left);
#endif
    advance(lx);
}

void lexer_next(struct lexer *lx)
{
    lx->line_last = lx->line;
    if (lx->ahead.kind != TOKEN_EOF) {
        lx->token = lx->ahead;
        lx->ahead.kind = TOKEN_EOF;
    } else {
        lx->token.kind = read_token(lx, &lx->token);
    }
}

int lexer_look_ahead(struct lexer *lx)
{
    lx->ahead.kind = read_token(lx, &lx->ahead);
    return lx->ahead.kind;
}
