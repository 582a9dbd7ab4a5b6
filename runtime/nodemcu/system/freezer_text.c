// freezer_text.c: see freezer_text.h.

#include "runtime/nodemcu/system/freezer_text.h"

#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/stream.h"
#include "runtime/core/table.h"
#include "runtime/core/vm.h"
#include "runtime/nodemcu/data/sjson.h"
#include "runtime/port/port.h"

#define DEPTH_MAX 100     // of tables inside tables
#define WORD_CHARS_MAX 64 // of a number or a name
// What has a buffer is no part of the functions that call themselves: the chip's stack is short.
#define APART __attribute__((noinline))
#define LIST_ITEMS_AT_ONCE 50 // that a constructor stores together: before them, a later key counts

struct scan {
    lua_State *L;
    struct stream stream;
    const char *name;
    struct freezer_data *data;
    int c;    // the character that comes next, or STREAM_END
    int line; // in which it stands
    int is_json;
    int depth;
};

// ---- characters ----

static void advance(struct scan *s)
{
    if (s->c == '\n')
        s->line++;
    s->c = stream_get(&s->stream);
}

static _Noreturn void fail_near(struct scan *s, const char *what, const char *near)
{
    lua_pushfstring(s->L, "%s:%d: %s near '%s'", s->name, s->line, what, near);
    lua_error(s->L);
    __builtin_unreachable();
}

static _Noreturn void fail(struct scan *s, const char *what)
{
    char near[2] = {(char)s->c, '\0'};
    fail_near(s, what, s->c == STREAM_END ? "<eof>" : near);
}

static int is_blank(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static void skip_line(struct scan *s)
{
    while (s->c != '\n' && s->c != STREAM_END)
        advance(s);
}

static void read_long(struct scan *s, luaL_Buffer *b);

// After "--": to the end of the line, or a long comment.
static void skip_comment(struct scan *s)
{
    if (s->c == '[') {
        int next = stream_peek(&s->stream);
        if (next == '[' || next == '=') {
            read_long(s, NULL);
            return;
        }
    }
    skip_line(s);
}

static void skip_blanks(struct scan *s)
{
    for (;;) {
        if (is_blank(s->c)) {
            advance(s);
        } else if (!s->is_json && s->c == '-' && stream_peek(&s->stream) == '-') {
            advance(s);
            advance(s);
            skip_comment(s);
        } else {
            return;
        }
    }
}

// Takes `c` if it comes next, after blanks.
static int take(struct scan *s, int c)
{
    skip_blanks(s);
    if (s->c != c)
        return 0;
    advance(s);
    return 1;
}

static void expect(struct scan *s, int c)
{
    char what[] = "'?' expected";
    what[1] = (char)c;
    if (!take(s, c))
        fail(s, what);
}

// ---- texts ----

// A text in long brackets, at the first of which the scan stands; b NULL: a comment.
static void read_long(struct scan *s, luaL_Buffer *b)
{
    int level = 0;
    advance(s);
    for (; s->c == '='; level++)
        advance(s);
    if (s->c != '[')
        fail(s, "'[' expected");
    advance(s);
    if (s->c == '\n')
        advance(s);
    for (;;) {
        if (s->c == STREAM_END)
            fail(s, "unfinished long text");
        int equals = 0, is_bracket = s->c == ']';
        if (b && !is_bracket)
            luaL_addchar(b, (char)s->c);
        advance(s);
        if (!is_bracket)
            continue;
        for (; s->c == '='; equals++)
            advance(s);
        if (s->c == ']' && equals == level)
            break;
        if (b) {
            luaL_addchar(b, ']');
            for (; equals > 0; equals--)
                luaL_addchar(b, '=');
        }
    }
    advance(s);
}

static void add_utf8(luaL_Buffer *b, unsigned code)
{
    if (code < 0x80) {
        luaL_addchar(b, (char)code);
        return;
    }
    if (code < 0x800) {
        luaL_addchar(b, (char)(0xC0 | code >> 6));
    } else {
        luaL_addchar(b, (char)(0xE0 | code >> 12));
        luaL_addchar(b, (char)(0x80 | (code >> 6 & 63)));
    }
    luaL_addchar(b, (char)(0x80 | (code & 63)));
}

static void add_unicode(struct scan *s, luaL_Buffer *b)
{
    unsigned code = 0;
    for (int i = 0; i < 4; i++) {
        advance(s);
        int letter = s->c | 32;
        if (is_digit(s->c))
            code = code << 4 | (unsigned)(s->c - '0');
        else if (letter >= 'a' && letter <= 'f')
            code = code << 4 | (unsigned)(letter - 'a' + 10);
        else
            fail(s, "four hexadecimal digits expected");
    }
    // As sjson has it: one code is one character, half of a pair is none.
    add_utf8(b, code >= 0xD800 && code < 0xE000 ? '?' : code);
    advance(s);
}

static void add_decimal(struct scan *s, luaL_Buffer *b)
{
    int code = 0;
    for (int i = 0; i < 3 && is_digit(s->c); i++) {
        code = code * 10 + s->c - '0';
        advance(s);
    }
    if (code > 255)
        fail(s, "escape sequence too large");
    luaL_addchar(b, (char)code);
}

// After a backslash.
static void add_escape(struct scan *s, luaL_Buffer *b)
{
    static const char json[] = "b\bf\fn\nr\rt\t\"\"\\\\//";
    static const char lua[] = "a\ab\bf\fn\nr\rt\tv\v";
    const char *known = s->is_json ? json : lua;
    if (s->is_json && s->c == 'u') {
        add_unicode(s, b);
        return;
    }
    if (!s->is_json && is_digit(s->c)) {
        add_decimal(s, b);
        return;
    }
    for (; *known; known += 2)
        if (*known == s->c)
            break;
    if (s->c == STREAM_END || (s->is_json && !*known))
        fail(s, "unknown escape sequence");
    luaL_addchar(b, *known ? known[1] : (char)s->c);
    advance(s);
}

// Pushes the text that begins with the quote at which the scan stands.
static APART void push_text(struct scan *s)
{
    luaL_Buffer b;
    int quote = s->c;
    luaL_buffinit(s->L, &b);
    advance(s);
    while (s->c != quote) {
        if (s->c == STREAM_END || s->c == '\n' || (s->is_json && s->c < ' '))
            fail(s, "unfinished text");
        if (s->c == '\\') {
            advance(s);
            add_escape(s, &b);
        } else {
            luaL_addchar(&b, (char)s->c);
            advance(s);
        }
    }
    advance(s);
    luaL_pushresult(&b);
}

static APART void push_long_text(struct scan *s)
{
    luaL_Buffer b;
    luaL_buffinit(s->L, &b);
    read_long(s, &b);
    luaL_pushresult(&b);
}

// ---- words and numbers ----

// Reads letters, digits and what else a number may have. Returns its length.
static size_t read_word(struct scan *s, char *word, int is_number)
{
    size_t count = 0;
    for (;;) {
        int is_sign = (s->c == '+' || s->c == '-') && (count == 0 || (word[count - 1] | 32) == 'e');
        if (!is_letter(s->c) && !is_digit(s->c) && !(is_number && (s->c == '.' || is_sign)))
            break;
        if (count == WORD_CHARS_MAX)
            fail(s, "a word that is too long");
        word[count++] = (char)s->c;
        advance(s);
    }
    word[count] = '\0';
    return count;
}

static APART void push_number(struct scan *s)
{
    char word[WORD_CHARS_MAX + 1];
    lua_Number number;
    size_t count = read_word(s, word, 1);
    if ((s->is_json && !sjson_is_number(word, count)) || !number_parse(word, count, &number))
        fail_near(s, "malformed number", word);
    lua_pushnumber(s->L, number);
}

static void push_constant(struct scan *s, const char *word)
{
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
        lua_pushboolean(s->L, word[0] == 't');
    else if (strcmp(word, s->is_json ? "null" : "nil") == 0)
        lua_pushnil(s->L);
    else
        fail_near(s, "not a constant", word);
}

static APART void push_word(struct scan *s)
{
    char word[WORD_CHARS_MAX + 1];
    if (read_word(s, word, 0) == 0)
        fail(s, "not a constant");
    push_constant(s, word);
}

// ---- tables ----

static void push_value(struct scan *s);

// Stores value and key, which are on top, in the table below.
static void store(struct scan *s, int32_t *list)
{
    const struct value *key = TOP(s->L) - 2;
    lua_Number first = (lua_Number)(*list - *list % LIST_ITEMS_AT_ONCE);
    if (VALUE_IS_NIL(key))
        fail(s, "table index is nil");
    if (VALUE_IS_NUMBER(key) && VALUE_NUMBER(key) > first && VALUE_NUMBER(key) <= (lua_Number)*list)
        lua_pop(s->L, 2); // the item of the list, which is stored later
    else
        lua_rawset(s->L, -3);
}

static void store_item(struct scan *s, int32_t *list)
{
    lua_rawseti(s->L, -2, ++*list);
}

// A name before '=' is pushed as a key; another word, as the constant that it must be. Is it a key?
static APART int push_name(struct scan *s)
{
    char word[WORD_CHARS_MAX + 1];
    size_t count = read_word(s, word, 0);
    skip_blanks(s);
    if (s->c == '=')
        lua_pushlstring(s->L, word, count);
    else
        push_constant(s, word);
    return s->c == '=';
}

// name = value, [key] = value, or value
static void read_lua_field(struct scan *s, int32_t *list)
{
    int next = stream_peek(&s->stream), has_key = 0;
    if (s->c == '[' && next != '[' && next != '=') {
        advance(s);
        push_value(s);
        expect(s, ']');
        has_key = 1;
    } else if (is_letter(s->c)) {
        has_key = push_name(s);
    } else {
        push_value(s);
    }
    if (!has_key) {
        store_item(s, list);
        return;
    }
    expect(s, '=');
    push_value(s);
    store(s, list);
}

static void read_json_field(struct scan *s, int32_t *list)
{
    if (s->c != '"')
        fail(s, "a text as the key expected");
    push_text(s);
    expect(s, ':');
    push_value(s);
    store(s, list);
}

static void read_fields(struct scan *s, int32_t *list, int end)
{
    int is_list = s->is_json && end == ']';
    while (!take(s, end)) {
        if (is_list) {
            push_value(s);
            store_item(s, list);
        } else if (s->is_json) {
            read_json_field(s, list);
        } else {
            read_lua_field(s, list);
        }
        if (take(s, ',') || (!s->is_json && take(s, ';'))) {
            skip_blanks(s);
            if (s->is_json && s->c == end)
                fail(s, "a value expected");
        } else if (s->c != end) {
            fail(s, "',' expected");
        }
    }
}

// The table on top has grown by doubling; a frozen one never grows again.
static void fit(struct scan *s, int32_t list)
{
    struct table *t = VALUE_TABLE(TOP(s->L) - 1);
    int32_t fields = 0;
    for (int32_t i = list; i < t->array_count; i++)
        fields += !VALUE_IS_NIL(DEREF(t->array) + i);
    for (int i = 0; TABLE_HAS_NODES(t) && i < TABLE_NODE_COUNT(t); i++)
        fields += !VALUE_IS_NIL(&DEREF(t->nodes)[i].value);
    if (t->array_count != list || (fields == 0 && TABLE_HAS_NODES(t)))
        table_resize(s->L, t, list, fields);
}

static void push_table(struct scan *s, int end)
{
    int32_t list = 0; // items without a key
    if (++s->depth > DEPTH_MAX || PORT_STACK_IS_SHORT())
        fail(s, "too many nested tables");
    luaL_checkstack(s->L, 8, "too many nested tables");
    lua_newtable(s->L);
    advance(s);
    read_fields(s, &list, end);
    fit(s, list);
    freezer_data_put(s->L, s->data, TOP(s->L) - 1);
    s->depth--;
}

// ---- values ----

static void push_lua_value(struct scan *s)
{
    if (s->c == '-') { // in Lua it may stand apart
        advance(s);
        skip_blanks(s);
        if (!is_digit(s->c) && s->c != '.')
            fail(s, "a number expected");
        push_number(s);
        lua_pushnumber(s->L, -lua_tonumber(s->L, -1));
        lua_remove(s->L, -2);
    } else if (s->c == '[') {
        push_long_text(s);
    } else if (is_digit(s->c) || s->c == '.') {
        push_number(s);
    } else {
        push_word(s);
    }
}

static void push_value(struct scan *s)
{
    skip_blanks(s);
    if (s->c == '"' || (s->c == '\'' && !s->is_json))
        push_text(s);
    else if (s->c == '{')
        push_table(s, '}');
    else if (s->c == '[' && s->is_json)
        push_table(s, ']');
    else if (s->is_json && (s->c == '-' || is_digit(s->c)))
        push_number(s);
    else if (s->is_json && is_letter(s->c))
        push_word(s);
    else if (s->c == STREAM_END || s->is_json)
        fail(s, "a value expected");
    else
        push_lua_value(s);
}

void freezer_text_read(lua_State *L, lua_Reader reader, void *source, const char *name,
                       struct freezer_data *data)
{
    struct scan s = {.L = L, .name = name, .data = data, .c = 0, .line = 1};
    char word[WORD_CHARS_MAX + 1];
    stream_init(L, &s.stream, reader, source);
    s.c = stream_get(&s.stream);
    if (s.c == '#')
        skip_line(&s);
    skip_blanks(&s);
    s.is_json = s.c == '{' || s.c == '[';
    if (!s.is_json) {
        read_word(&s, word, 0);
        if (strcmp(word, "return") != 0)
            fail_near(&s, "'return' of a table expected", word);
        skip_blanks(&s);
        if (s.c != '{')
            fail(&s, "'return' of a table expected");
    }
    push_value(&s);
    if (!s.is_json)
        take(&s, ';');
    skip_blanks(&s);
    if (s.c != STREAM_END)
        fail(&s, "<eof> expected");
}
