// lua_literal.c: writes and finds Lua string literals.
//
// The scanner knows only what it needs to tell literals from the rest: comments, long brackets,
// quotes. Everything else is passed over.

#include "analyzer/base/lua_literal.h"

#include <assert.h>

struct text lua_literal_quote(struct arena *arena, struct text bytes)
{
    char *out = arena_alloc(arena, bytes.bytes * 4 + 3);
    size_t used = 0;
    out[used++] = '"';
    for (size_t i = 0; i < bytes.bytes; i++) {
        uint8_t c = (uint8_t)bytes.data[i];
        const char *letter = c == '\n' ? "n" : c == '\r' ? "r" : c == '\t' ? "t" : NULL;
        if (letter) {
            out[used++] = '\\';
            out[used++] = *letter;
        } else if (c < 0x20 || c > 0x7e) {
            out[used++] = '\\';
            out[used++] = (char)('0' + c / 100);
            out[used++] = (char)('0' + c / 10 % 10);
            out[used++] = (char)('0' + c % 10);
        } else {
            if (c == '"' || c == '\\')
                out[used++] = '\\';
            out[used++] = (char)c;
        }
    }
    out[used++] = '"';
    out[used] = '\0';
    return (struct text){out, used};
}

const char *lua_literal_split(struct arena *arena, struct text bytes, size_t first_bytes)
{
    assert(bytes.bytes > 0);
    if (bytes.bytes == 1)
        return arena_format(arena, "string.char(%u)", (unsigned)(uint8_t)bytes.data[0]);
    assert(first_bytes > 0 && first_bytes < bytes.bytes);
    struct text first = lua_literal_quote(arena, (struct text){bytes.data, first_bytes});
    struct text second = lua_literal_quote(
        arena, (struct text){bytes.data + first_bytes, bytes.bytes - first_bytes});
    return arena_format(arena, "%.*s .. %.*s", TEXT_ARGS(first), TEXT_ARGS(second));
}

void lua_scan_init(struct lua_scan *scan, struct arena *arena, struct text file, struct text source)
{
    *scan = (struct lua_scan){source, file, 0, 1, arena};
    // A first line that begins with # is for the shell.
    if (text_begins_with(source, "#"))
        while (scan->off < source.bytes && source.data[scan->off] != '\n')
            scan->off++;
}

// The byte `ahead` places on, or -1 after the end.
static int peek(const struct lua_scan *scan, size_t ahead)
{
    size_t off = scan->off + ahead;
    return off < scan->source.bytes ? (uint8_t)scan->source.data[off] : -1;
}

static void step(struct lua_scan *scan)
{
    assert(scan->off < scan->source.bytes);
    if (scan->source.data[scan->off++] == '\n')
        scan->line++;
}

static int fail(const struct lua_scan *scan, uint32_t line, struct problem *problem,
                const char *what)
{
    return problem_set(problem, STATUS_DAMAGED, scan->file, PROBLEM_NO_OFF, "line %u: %s", line,
                       what);
}

// The level of a long bracket that opens here ("[[" is 0, "[=[" is 1), or -1 if none does.
static int long_level(const struct lua_scan *scan)
{
    int level = 0;
    if (peek(scan, 0) != '[')
        return -1;
    while (peek(scan, (size_t)level + 1) == '=')
        level++;
    return peek(scan, (size_t)level + 1) == '[' ? level : -1;
}

// Takes a long bracket of that level, up to and with its end. Line ends become one \n each, the
// first one, if it comes at once, is dropped.
static int take_long(struct lua_scan *scan, int level, struct text *bytes, struct problem *problem)
{
    uint32_t line = scan->line;
    char *out = arena_alloc(scan->arena, scan->source.bytes - scan->off + 1);
    size_t used = 0;
    bool is_first = true;
    for (int i = 0; i < level + 2; i++)
        step(scan);
    for (;;) {
        int c = peek(scan, 0);
        if (c < 0)
            return fail(scan, line, problem, "long bracket without its end");
        if (c == ']') {
            int width = 0;
            while (peek(scan, (size_t)width + 1) == '=')
                width++;
            if (width == level && peek(scan, (size_t)width + 1) == ']') {
                for (int i = 0; i < level + 2; i++)
                    step(scan);
                *bytes = (struct text){out, used};
                return 1;
            }
        }
        if (c == '\n' || c == '\r') {
            int next = peek(scan, 1);
            if ((next == '\n' || next == '\r') && next != c)
                step(scan);
            c = '\n';
        }
        if (!is_first || c != '\n')
            out[used++] = (char)c;
        is_first = false;
        step(scan);
    }
}

// Takes what follows a backslash, one character of the result.
static int take_escape(struct lua_scan *scan, char *result, struct problem *problem)
{
    static const char names[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
    int c = peek(scan, 0);
    if (c < 0)
        return fail(scan, scan->line, problem, "string without its end");
    if (c >= '0' && c <= '9') {
        unsigned value = 0;
        for (int i = 0; i < 3 && peek(scan, 0) >= '0' && peek(scan, 0) <= '9'; i++) {
            value = value * 10 + (unsigned)(peek(scan, 0) - '0');
            step(scan);
        }
        if (value > 255)
            return fail(scan, scan->line, problem, "escape sequence too large");
        *result = (char)value;
        return 1;
    }
    const char *name = memchr(names, c, sizeof names - 1);
    *result = name ? values[name - names] : (char)c;
    if (c == '\r' || c == '\n') {
        int next = peek(scan, 1);
        if ((next == '\n' || next == '\r') && next != c)
            step(scan);
        *result = '\n';
    }
    step(scan);
    return 1;
}

static int take_quoted(struct lua_scan *scan, struct text *bytes, struct problem *problem)
{
    uint32_t line = scan->line;
    int quote = peek(scan, 0);
    char *out = arena_alloc(scan->arena, scan->source.bytes - scan->off + 1);
    size_t used = 0;
    step(scan);
    for (;;) {
        int c = peek(scan, 0);
        if (c < 0 || c == '\n' || c == '\r')
            return fail(scan, line, problem, "string without its end");
        step(scan);
        if (c == quote)
            break;
        if (c == '\\') {
            int status = take_escape(scan, &out[used++], problem);
            if (status < 0)
                return status;
            continue;
        }
        out[used++] = (char)c;
    }
    *bytes = (struct text){out, used};
    return 1;
}

static int skip_comment(struct lua_scan *scan, struct problem *problem)
{
    struct text ignored;
    step(scan);
    step(scan);
    int level = long_level(scan);
    if (level >= 0) {
        struct arena_mark mark = arena_mark(scan->arena);
        int status = take_long(scan, level, &ignored, problem);
        arena_rewind(scan->arena, mark);
        return status;
    }
    while (peek(scan, 0) >= 0 && peek(scan, 0) != '\n')
        step(scan);
    return 1;
}

int lua_scan_next(struct lua_scan *scan, struct lua_literal *literal, struct problem *problem)
{
    for (int c; (c = peek(scan, 0)) >= 0;) {
        int level, status;
        literal->line = scan->line;
        literal->off = scan->off;
        if (c == '-' && peek(scan, 1) == '-') {
            status = skip_comment(scan, problem);
            if (status < 0)
                return status;
        } else if (c == '"' || c == '\'') {
            return take_quoted(scan, &literal->bytes, problem);
        } else if (c == '[' && (level = long_level(scan)) >= 0) {
            return take_long(scan, level, &literal->bytes, problem);
        } else {
            step(scan);
        }
    }
    return 0;
}
