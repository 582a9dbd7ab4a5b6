// sjson_decode.c: the module sjson: JSON to tables, in pieces as they come.
//
// Reads and writes: the text; tables that are made. Memory: a decoder is a userdata of the
// firmware's size; the result, open tables, the pending key and the text that is not read yet are
// references in the registry, as there.
// Source: documentation of the firmware's module sjson; its behaviour in NodeMCU 3.0 (levels, codes
// of errors, what is escaped).

#include <stdlib.h>
#include <string.h>

#include "runtime/nodemcu/data/sjson.h"
#include "runtime/nodemcu/modules.h"

#define META "sjson.decoder"
#define DECODER_BYTES 788 // the firmware's
#define LEVELS_MAX (SJSON_LEVELS - 1)
#define REPLACEMENT '?' // of half a surrogate pair

// What may come next.
enum expected {
    VALUE_OR_END, // after [
    KEY_OR_END,   // after {
    VALUE,        // after : and the comma of a list
    KEY,          // after the comma of an object
    COLON,
    COMMA_OR_END,
};

struct level {
    int32_t table_ref; // LUA_NOREF: checkpath left it out
    int32_t key_ref;   // pending key of an object
    int32_t count;     // of items of a list
    uint8_t is_list, expected, pad_[2];
};

struct decoder {
    int32_t depth; // open levels
    int32_t result_ref;
    int32_t text_ref; // not read yet
    int32_t null_ref, metatable_ref;
    uint8_t has_options, is_done, has_failed, pad_;
    struct level levels[LEVELS_MAX + 1];
};
_Static_assert(sizeof(struct decoder) <= DECODER_BYTES, "a decoder fits the firmware's size");

static void release(lua_State *L, int32_t *ref)
{
    luaL_unref(L, LUA_REGISTRYINDEX, *ref);
    *ref = LUA_NOREF;
}

static _Noreturn void fail(lua_State *L, struct decoder *d, const char *code)
{
    d->has_failed = 1;
    luaL_error(L, "JSON parse error: %s", code);
    __builtin_unreachable();
}

static struct level *top_level(struct decoder *d)
{
    return d->depth > 0 ? &d->levels[d->depth - 1] : NULL;
}

// ---- where values go ----

// Is what comes now left out, since one of the tables around it is?
static int is_left_out(struct decoder *d)
{
    struct level *level = top_level(d);
    return level && level->table_ref == LUA_NOREF;
}

// Pushes the key under which the next value of a level is stored; counts items of lists.
static void push_key(lua_State *L, struct level *level)
{
    if (level->is_list)
        lua_pushinteger(L, ++level->count);
    else
        lua_rawgeti(L, LUA_REGISTRYINDEX, level->key_ref);
}

// Stores the value on top in the open table and takes it.
static void store(lua_State *L, struct decoder *d)
{
    struct level *level = top_level(d);
    if (level->table_ref == LUA_NOREF) {
        lua_pop(L, 1);
    } else {
        lua_rawgeti(L, LUA_REGISTRYINDEX, level->table_ref);
        push_key(L, level);
        lua_pushvalue(L, -3);
        lua_settable(L, -3);
        lua_pop(L, 2);
    }
    release(L, &level->key_ref);
    level->expected = COMMA_OR_END;
}

// Pushes the list of keys that lead to the value that comes next.
static void push_path(lua_State *L, struct decoder *d)
{
    lua_newtable(L);
    for (int i = 0; i < d->depth; i++) {
        struct level *level = &d->levels[i];
        if (level->is_list)
            lua_pushinteger(L, level->count + 1);
        else
            lua_rawgeti(L, LUA_REGISTRYINDEX, level->key_ref);
        lua_rawseti(L, -2, i + 1);
    }
}

// Gives the table on top its metatable. False: checkpath does not want it.
static int adopt_table(lua_State *L, struct decoder *d)
{
    if (d->metatable_ref == LUA_NOREF)
        return 1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, d->metatable_ref);
    lua_pushvalue(L, -1);
    lua_setmetatable(L, -3);
    lua_getfield(L, -1, "checkpath");
    lua_remove(L, -2);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return 1;
    }
    lua_pushvalue(L, -2);
    push_path(L, d);
    lua_call(L, 2, 1);
    int is_wanted = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is_wanted;
}

static void open_table(lua_State *L, struct decoder *d, int is_list)
{
    struct level level = {
        LUA_NOREF, LUA_NOREF, 0, (uint8_t)is_list, is_list ? VALUE_OR_END : KEY_OR_END, {0}};
    if (d->depth == LEVELS_MAX)
        fail(L, d, "LEVELS_EXCEEDED");
    if (!is_left_out(d)) {
        lua_newtable(L);
        if (adopt_table(L, d))
            level.table_ref = luaL_ref(L, LUA_REGISTRYINDEX);
        else
            lua_pop(L, 1);
    }
    d->levels[d->depth++] = level;
}

static void close_table(lua_State *L, struct decoder *d)
{
    struct level *closed = top_level(d), *outer;
    int32_t ref = closed->table_ref;
    release(L, &closed->key_ref);
    closed->table_ref = LUA_NOREF;
    d->depth--;
    outer = top_level(d);
    if (!outer) {
        d->result_ref = ref;
        d->is_done = 1;
        return;
    }
    if (ref == LUA_NOREF) { // left out: neither stored nor counted
        release(L, &outer->key_ref);
        outer->expected = COMMA_OR_END;
        return;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
    store(L, d);
}

// ---- tokens ----

static unsigned hex_digit(lua_State *L, struct decoder *d, char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if ((c | 32) >= 'a' && (c | 32) <= 'f')
        return (unsigned)((c | 32) - 'a' + 10);
    fail(L, d, "UESCAPE_TOOSHORT");
}

static void add_utf8(luaL_Buffer *b, unsigned code)
{
    if (code < 0x80) {
        luaL_addchar(b, (char)code);
    } else if (code < 0x800) {
        luaL_addchar(b, (char)(0xC0 | code >> 6));
        luaL_addchar(b, (char)(0x80 | (code & 63)));
    } else {
        luaL_addchar(b, (char)(0xE0 | code >> 12));
        luaL_addchar(b, (char)(0x80 | (code >> 6 & 63)));
        luaL_addchar(b, (char)(0x80 | (code & 63)));
    }
}

// The escape that begins after a backslash at `at`; returns where it ends.
static const char *add_escape(lua_State *L, struct decoder *d, luaL_Buffer *b, const char *at,
                              const char *end)
{
    static const char letters[] = "b\bf\fn\nr\rt\t";
    const char *letter = strchr(letters, *at);
    if (*at == 'u') {
        unsigned code = 0;
        if (end - at < 5)
            fail(L, d, "UESCAPE_TOOSHORT");
        for (int i = 1; i <= 4; i++)
            code = code << 4 | hex_digit(L, d, at[i]);
        if (code == 0)
            fail(L, d, "FOUND_NULL_BYTE");
        if (code >= 0xD800 && code < 0xE000)
            code = REPLACEMENT;
        add_utf8(b, code);
        return at + 5;
    }
    if (letter && (letter - letters) % 2 == 0)
        luaL_addchar(b, letter[1]);
    else if (strchr("\"\\/", *at))
        luaL_addchar(b, *at);
    else
        fail(L, d, "ESCAPE_INVALID");
    return at + 1;
}

// Pushes the text between two quotes, escapes resolved.
static void push_text(lua_State *L, struct decoder *d, const char *at, const char *end)
{
    luaL_Buffer b;
    if (!memchr(at, '\\', (size_t)(end - at))) {
        lua_pushlstring(L, at, (size_t)(end - at));
        return;
    }
    luaL_buffinit(L, &b);
    while (at < end) {
        if (*at == '\\')
            at = add_escape(L, d, &b, at + 1, end);
        else
            luaL_addchar(&b, *at++);
    }
    luaL_pushresult(&b);
}

// The closing quote of the text that begins at `at`, NULL if it is not there yet.
static const char *find_quote(lua_State *L, struct decoder *d, const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at == '"')
            return at;
        if (*at == '\0')
            fail(L, d, "FOUND_NULL_BYTE");
        if ((unsigned char)*at < ' ')
            fail(L, d, "WEIRD_WHITESPACE");
        if (*at == '\\' && ++at == end)
            return NULL;
    }
    return NULL;
}

// Is a value allowed here? A level that wants something else is a fault of the text.
static void expect_value(lua_State *L, struct decoder *d)
{
    struct level *level = top_level(d);
    if (!level || level->expected == VALUE || level->expected == VALUE_OR_END)
        return;
    fail(L, d,
         level->expected == COMMA_OR_END ? "CANT_INSERT"
         : level->expected == COLON      ? "MISSING_TOKEN"
                                         : "HKEY_EXPECTED");
}

static void push_null(lua_State *L, struct decoder *d)
{
    if (!d->has_options)
        lua_pushlightuserdata(L, NULL);
    else if (d->null_ref == LUA_NOREF)
        lua_pushnil(L);
    else
        lua_rawgeti(L, LUA_REGISTRYINDEX, d->null_ref);
}

int sjson_is_number(const char *at, size_t bytes)
{
    size_t i = at[0] == '-', digits = 0;
    for (; i < bytes && at[i] >= '0' && at[i] <= '9'; i++)
        digits++;
    if (digits == 0 || (digits > 1 && at[at[0] == '-'] == '0'))
        return 0;
    if (i < bytes && at[i] == '.')
        for (i++, digits = 0; i < bytes && at[i] >= '0' && at[i] <= '9'; i++)
            digits++;
    if (digits > 0 && i < bytes && (at[i] | 32) == 'e') {
        i += i + 1 < bytes && (at[i + 1] == '+' || at[i + 1] == '-') ? 2 : 1;
        for (digits = 0; i < bytes && at[i] >= '0' && at[i] <= '9'; i++)
            digits++;
    }
    return digits > 0 && i == bytes;
}

// Pushes what an unquoted word stands for. A number makes a string of its text first.
static void push_word(lua_State *L, struct decoder *d, const char *at, size_t bytes)
{
    if (bytes == 4 && !memcmp(at, "true", 4)) {
        lua_pushboolean(L, 1);
    } else if (bytes == 5 && !memcmp(at, "false", 5)) {
        lua_pushboolean(L, 0);
    } else if (bytes == 4 && !memcmp(at, "null", 4)) {
        push_null(L, d);
    } else if (sjson_is_number(at, bytes)) {
        lua_pushlstring(L, at, bytes);
        lua_pushnumber(L, lua_tonumber(L, -1));
        lua_remove(L, -2);
    } else {
        fail(L, d,
             *at == '-' || (*at >= '0' && *at <= '9') ? "INVALID_NUMBER" : "SPECIAL_INCOMPLETE");
    }
}

static int is_word_character(char c)
{
    return c != '\0' && strchr("+-.0123456789", c) ? 1 : ((c | 32) >= 'a' && (c | 32) <= 'z');
}

// ---- reading ----

// A quoted text at `at`. Returns what is after it, NULL if its end has not come yet.
static const char *read_text(lua_State *L, struct decoder *d, const char *at, const char *end)
{
    struct level *level = top_level(d);
    if (!level)
        fail(L, d, "STRING_OUTSIDE_CONTAINER");
    int is_key = level->expected == KEY || level->expected == KEY_OR_END;
    if (!is_key)
        expect_value(L, d);
    const char *quote = find_quote(L, d, at + 1, end);
    if (!quote)
        return NULL;
    push_text(L, d, at + 1, quote);
    if (is_key) {
        level->key_ref = luaL_ref(L, LUA_REGISTRYINDEX);
        level->expected = COLON;
    } else {
        store(L, d);
    }
    return quote + 1;
}

// An unquoted word; its end is known only when something follows. Outside of a table it has no use.
static const char *read_word(lua_State *L, struct decoder *d, const char *at, const char *end)
{
    const char *behind = at;
    if (!strchr("-0123456789tfn", *at))
        fail(L, d, *at == '\\' ? "ESCAPE_OUTSIDE_STRING" : "SPECIAL_EXPECTED");
    expect_value(L, d);
    while (behind < end && is_word_character(*behind))
        behind++;
    if (behind == end)
        return NULL;
    push_word(L, d, at, (size_t)(behind - at));
    if (top_level(d))
        store(L, d);
    else
        lua_pop(L, 1);
    return behind;
}

static void read_end(lua_State *L, struct decoder *d, char c)
{
    struct level *level = top_level(d);
    if (!level || level->is_list != (c == ']'))
        fail(L, d, "BRACKET_MISMATCH");
    if (level->expected == COLON || (level->expected == VALUE && !level->is_list))
        fail(L, d, "VALUE_EXPECTED");
    if (level->expected == KEY || level->expected == VALUE)
        fail(L, d, "TRAILING_COMMA");
    close_table(L, d);
}

static void read_separator(lua_State *L, struct decoder *d, char c)
{
    struct level *level = top_level(d);
    if (!level || level->expected != (c == ':' ? COLON : COMMA_OR_END))
        fail(L, d, "STRAY_TOKEN");
    level->expected = c == ':' || level->is_list ? VALUE : KEY;
}

// Reads one token; NULL if it has not come whole.
static const char *read_token(lua_State *L, struct decoder *d, const char *at, const char *end)
{
    switch (*at) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return at + 1;
    case '\0':
        fail(L, d, "FOUND_NULL_BYTE");
    case '"':
        return read_text(L, d, at, end);
    case '[':
    case '{':
        expect_value(L, d);
        open_table(L, d, *at == '[');
        return at + 1;
    case ']':
    case '}':
        read_end(L, d, *at);
        return at + 1;
    case ',':
    case ':':
        read_separator(L, d, *at);
        return at + 1;
    default:
        return read_word(L, d, at, end);
    }
}

// Reads on with the text at stack position `arg`. What comes after the end of the object is
// ignored.
static void feed(lua_State *L, struct decoder *d, int arg)
{
    size_t bytes;
    if (d->has_failed)
        luaL_error(L, "JSON parse error: previous call");
    luaL_checkstack(L, LUA_MINSTACK, "sjson");
    if (d->text_ref != LUA_NOREF) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, d->text_ref);
        lua_pushvalue(L, arg);
        lua_concat(L, 2);
        release(L, &d->text_ref);
        lua_replace(L, arg);
    }
    const char *at = luaL_checklstring(L, arg, &bytes), *end = at + bytes;
    while (at < end && !d->is_done) {
        const char *behind = read_token(L, d, at, end);
        if (!behind)
            break;
        at = behind;
    }
    if (at < end && !d->is_done) {
        lua_pushlstring(L, at, (size_t)(end - at));
        d->text_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
}

static void push_result(lua_State *L, struct decoder *d)
{
    if (d->result_ref == LUA_NOREF)
        lua_pushnil(L); // checkpath did not want it
    else
        lua_rawgeti(L, LUA_REGISTRYINDEX, d->result_ref);
}

// ---- the object ----

static int decoder_gc(lua_State *L)
{
    struct decoder *d = luaL_checkudata(L, 1, META);
    for (; d->depth > 0; d->depth--) {
        release(L, &d->levels[d->depth - 1].table_ref);
        release(L, &d->levels[d->depth - 1].key_ref);
    }
    release(L, &d->result_ref);
    release(L, &d->text_ref);
    release(L, &d->null_ref);
    release(L, &d->metatable_ref);
    return 0;
}

static int32_t take_option(lua_State *L, int options, const char *name)
{
    lua_getfield(L, options, name);
    if (!lua_isnil(L, -1))
        return luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pop(L, 1);
    return LUA_NOREF;
}

// Pushes a decoder with the options at that stack position.
static struct decoder *push_decoder(lua_State *L, int options)
{
    struct decoder *d = lua_newuserdata(L, DECODER_BYTES);
    memset(d, 0, DECODER_BYTES);
    d->result_ref = d->text_ref = d->null_ref = d->metatable_ref = LUA_NOREF;
    luaL_rometatable(L, META, &sjson_decoder_meta);
    lua_setmetatable(L, -2);
    if (lua_istable(L, options)) {
        d->has_options = 1;
        d->null_ref = take_option(L, options, "null");
        d->metatable_ref = take_option(L, options, "metatable");
    }
    return d;
}

int sjson_decoder(lua_State *L)
{
    lua_settop(L, 1);
    push_decoder(L, 1);
    return 1;
}

// decoder:write(text): nothing until the object is complete, then the result.
static int decoder_write(lua_State *L)
{
    struct decoder *d = luaL_checkudata(L, 1, META);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    feed(L, d, 2);
    if (!d->is_done)
        return 0;
    push_result(L, d);
    return 1;
}

static int decoder_result(lua_State *L)
{
    struct decoder *d = luaL_checkudata(L, 1, META);
    if (d->has_failed)
        luaL_error(L, "JSON parse error: previous call");
    if (!d->is_done)
        luaL_error(L, "decode not complete");
    push_result(L, d);
    return 1;
}

int sjson_decode(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_settop(L, 2);
    struct decoder *d = push_decoder(L, 2);
    feed(L, d, 1);
    if (!d->is_done)
        luaL_error(L, "Incomplete JSON object passed to sjson.decode");
    push_result(L, d);
    return 1;
}

ROTABLE_BEGIN(sjson_decoder_meta)
    ROTABLE_FUNC("__gc", decoder_gc)
    ROTABLE_TABLE("__index", sjson_decoder_meta)
    ROTABLE_FUNC("write", decoder_write)
    ROTABLE_FUNC("result", decoder_result)
ROTABLE_END(sjson_decoder_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)

ROTABLE_BEGIN(sjson_lib)
    ROTABLE_FUNC("encode", sjson_encode)
    ROTABLE_FUNC("decode", sjson_decode)
    ROTABLE_FUNC("encoder", sjson_encoder)
    ROTABLE_FUNC("decoder", sjson_decoder)
ROTABLE_END(sjson_lib, NULL, 0)

// What the module was in older firmware.
ROTABLE_BEGIN(cjson_lib)
    ROTABLE_FUNC("encode", sjson_encode)
    ROTABLE_FUNC("decode", sjson_decode)
ROTABLE_END(cjson_lib, NULL, 0)
