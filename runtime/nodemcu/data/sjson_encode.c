// sjson_encode.c: the module sjson: tables to JSON.
//
// Reads and writes: the table that is given. Memory: an encoder is a userdata of the firmware's
// size; the tables on the way down and the key of each object are references in the registry, as
// there. The whole text is built by the first read.
// Source: documentation of the firmware's module sjson; its behaviour in NodeMCU 3.0.

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/nodemcu/data/sjson.h"
#include "runtime/nodemcu/modules.h"

#define META "sjson.encoder"
#define CALLS_MAX 10 // of functions that give functions
#define READ_BYTES 1024
#define NUMBER_BYTES 40

struct level {
    int32_t table_ref;
    int32_t key_ref; // of the newest key of an object, LUA_NOREF before the first
    int32_t length;  // of a list; -1: an object
};

struct encoder {
    int32_t level; // -1: all is written
    int32_t null_ref;
    int32_t text_ref; // what is left of the text, LUA_NOREF before the first read
    int32_t offset;   // of the next byte to be read
    struct level levels[SJSON_LEVELS];
    int32_t text_held_ref, value_held_ref; // while they are written: pieces lie on the Lua stack
};
_Static_assert(sizeof(struct encoder) == 264, "the firmware's size of an encoder");

static void release(lua_State *L, int32_t *ref)
{
    luaL_unref(L, LUA_REGISTRYINDEX, *ref);
    *ref = LUA_NOREF;
}

// ---- levels ----

// Length of the list that the table on top is, -1: it is an object.
static int32_t list_length(lua_State *L)
{
    int32_t length = 0;
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        lua_Integer key = lua_type(L, -2) == LUA_TNUMBER ? lua_tointeger(L, -2) : 0;
        if (key <= 0) {
            lua_pop(L, 2);
            return -1;
        }
        length = key > length ? (int32_t)key : length;
    }
    return length;
}

// Begins with the table on top and takes it.
static void enter(lua_State *L, struct encoder *e)
{
    if (e->level + 1 >= SJSON_LEVELS)
        luaL_error(L, "encoder stack overflow");
    struct level *level = &e->levels[e->level + 1];
    *level = (struct level){LUA_NOREF, LUA_NOREF, list_length(L)};
    level->table_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    e->level++;
}

static void leave(lua_State *L, struct encoder *e)
{
    struct level *level = &e->levels[e->level--];
    release(L, &level->table_ref);
    release(L, &level->key_ref);
}

// ---- values ----

static void add_text(luaL_Buffer *b, const char *text)
{
    luaL_addlstring(b, text, strlen(text));
}

// Quotes and control characters are escaped, nothing else: not even the backslash.
static void add_quoted(luaL_Buffer *b, const char *text, size_t bytes)
{
    static const char letters[] = "\bb\ff\nn\rr\tt";
    luaL_addchar(b, '"');
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        const char *letter = c != 0 && c < ' ' ? strchr(letters, c) : NULL;
        if (c == '"') {
            add_text(b, "\\\"");
        } else if (letter) {
            luaL_addchar(b, '\\');
            luaL_addchar(b, letter[1]);
        } else if (c < ' ') {
            char escape[8];
            snprintf(escape, sizeof escape, "\\u%04x", c);
            add_text(b, escape);
        } else {
            luaL_addchar(b, (char)c);
        }
    }
    luaL_addchar(b, '"');
}

static void add_number(luaL_Buffer *b, lua_Number number)
{
    char text[NUMBER_BYTES];
#ifdef FROST_INTEGER
    snprintf(text, sizeof text, "%d", (int)number);
#else
    if (!isfinite(number)) {
        add_text(b, "null");
        return;
    }
    snprintf(text, sizeof text, "%.19g", number);
#endif
    add_text(b, text);
}

// Is the text on top the one that stands for null?
static int is_null_text(lua_State *L, const struct encoder *e)
{
    if (e->null_ref == LUA_NOREF)
        return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, e->null_ref);
    int is_equal = lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    return is_equal;
}

// Adds the string on top and takes it. The buffer pushes pieces, so it is held elsewhere meanwhile.
static void add_string(lua_State *L, struct encoder *e, luaL_Buffer *b)
{
    size_t bytes;
    const char *text = lua_tolstring(L, -1, &bytes);
    e->text_held_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    add_quoted(b, text, bytes);
    release(L, &e->text_held_ref);
}

static void call_functions(lua_State *L)
{
    for (int i = 0; i < CALLS_MAX && lua_isfunction(L, -1); i++)
        lua_call(L, 0, 1);
}

// Adds the value on top, or begins with it, and takes it.
static void encode_value(lua_State *L, struct encoder *e, luaL_Buffer *b)
{
    call_functions(L);
    int type = lua_type(L, -1);
    switch (type) {
    case LUA_TSTRING:
        if (!is_null_text(L, e)) {
            add_string(L, e, b);
            return;
        }
        lua_pop(L, 1);
        add_text(b, "null");
        return;
    case LUA_TNUMBER: {
        lua_Number number = lua_tonumber(L, -1);
        lua_pop(L, 1);
        add_number(b, number);
        return;
    }
    case LUA_TBOOLEAN: {
        const char *word = lua_toboolean(L, -1) ? "true" : "false";
        lua_pop(L, 1);
        add_text(b, word);
        return;
    }
    case LUA_TTABLE:
        enter(L, e);
        luaL_addchar(b, e->levels[e->level].length < 0 ? '{' : '[');
        return;
    case LUA_TNIL:
    case LUA_TLIGHTUSERDATA:
        lua_pop(L, 1);
        add_text(b, "null");
        return;
    default:
        luaL_error(L, "Cannot encode type %d", type);
    }
}

// ---- members ----

// Keys are texts, numbers as text; truth values stand bare.
static void encode_key(lua_State *L, struct encoder *e, luaL_Buffer *b)
{
    int type = lua_type(L, -1);
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        lua_tostring(L, -1);
        add_string(L, e, b);
    } else if (type == LUA_TBOOLEAN) {
        const char *word = lua_toboolean(L, -1) ? "true" : "false";
        lua_pop(L, 1);
        add_text(b, word);
    } else {
        luaL_error(L, "Cannot encode type %d", type);
    }
    luaL_addchar(b, ':');
}

// The next item of a list, of which `*done` are written.
static void encode_item(lua_State *L, struct encoder *e, luaL_Buffer *b, int32_t *done)
{
    struct level *level = &e->levels[e->level];
    if (*done == level->length) {
        leave(L, e);
        luaL_addchar(b, ']');
        return;
    }
    if (*done > 0)
        luaL_addchar(b, ',');
    ++*done;
    lua_rawgeti(L, LUA_REGISTRYINDEX, level->table_ref);
    lua_rawgeti(L, -1, *done);
    lua_remove(L, -2);
    encode_value(L, e, b);
}

// The next member of an object.
static void encode_member(lua_State *L, struct encoder *e, luaL_Buffer *b, int32_t *done)
{
    struct level *level = &e->levels[e->level];
    lua_rawgeti(L, LUA_REGISTRYINDEX, level->table_ref);
    if (level->key_ref == LUA_NOREF)
        lua_pushnil(L);
    else
        lua_rawgeti(L, LUA_REGISTRYINDEX, level->key_ref);
    if (lua_next(L, -2) == 0) {
        lua_pop(L, 1);
        leave(L, e);
        luaL_addchar(b, '}');
        return;
    }
    lua_pushvalue(L, -2); // the key, for the next round
    if (level->key_ref == LUA_NOREF)
        level->key_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    else
        lua_rawseti(L, LUA_REGISTRYINDEX, level->key_ref);
    lua_remove(L, -3);
    e->value_held_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if ((*done)++ > 0)
        luaL_addchar(b, ',');
    encode_key(L, e, b);
    lua_rawgeti(L, LUA_REGISTRYINDEX, e->value_held_ref);
    release(L, &e->value_held_ref);
    encode_value(L, e, b);
}

// Builds the whole text and pushes it.
static void build(lua_State *L, struct encoder *e)
{
    int32_t done[SJSON_LEVELS] = {0}; // members written, by level
    luaL_Buffer b;
    luaL_checkstack(L, LUA_MINSTACK, "sjson");
    luaL_buffinit(L, &b);
    luaL_addchar(&b, e->levels[0].length < 0 ? '{' : '[');
    while (e->level >= 0) {
        int level = e->level;
        if (e->levels[level].length < 0)
            encode_member(L, e, &b, &done[level]);
        else
            encode_item(L, e, &b, &done[level]);
        if (e->level > level)
            done[e->level] = 0;
    }
    luaL_pushresult(&b);
}

// ---- the object ----

static int encoder_gc(lua_State *L)
{
    struct encoder *e = luaL_checkudata(L, 1, META);
    while (e->level >= 0)
        leave(L, e);
    release(L, &e->null_ref);
    release(L, &e->text_ref);
    release(L, &e->text_held_ref);
    release(L, &e->value_held_ref);
    return 0;
}

int sjson_encoder(lua_State *L)
{
    luaL_checktable(L, 1);
    lua_settop(L, 2);
    struct encoder *e = lua_newuserdata(L, sizeof *e);
    *e = (struct encoder){.level = -1,
                          .null_ref = LUA_NOREF,
                          .text_ref = LUA_NOREF,
                          .text_held_ref = LUA_NOREF,
                          .value_held_ref = LUA_NOREF};
    luaL_rometatable(L, META, &sjson_encoder_meta);
    lua_setmetatable(L, -2);
    if (lua_istable(L, 2)) {
        lua_getfield(L, 2, "null");
        if (lua_isnil(L, -1))
            lua_pop(L, 1);
        else
            e->null_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_pushvalue(L, 1);
    enter(L, e);
    return 1;
}

// encoder:read([bytes]): the next piece of the text, nil at its end.
static int encoder_read(lua_State *L)
{
    struct encoder *e = luaL_checkudata(L, 1, META);
    lua_Integer wanted = luaL_optinteger(L, 2, READ_BYTES);
    size_t bytes;
    lua_settop(L, 1);
    if (e->text_ref == LUA_NOREF) {
        build(L, e);
        e->text_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, e->text_ref);
    const char *text = lua_tolstring(L, -1, &bytes);
    size_t left = bytes - (size_t)e->offset;
    size_t taken = wanted < 1 ? 1 : (size_t)wanted;
    if (taken > left)
        taken = left;
    if (taken == 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushlstring(L, text + e->offset, taken);
    e->offset += (int32_t)taken;
    return 1;
}

int sjson_encode(lua_State *L)
{
    sjson_encoder(L);
    struct encoder *e = lua_touserdata(L, -1);
    build(L, e);
    return 1;
}

ROTABLE_BEGIN(sjson_encoder_meta)
    ROTABLE_FUNC("__gc", encoder_gc)
    ROTABLE_TABLE("__index", sjson_encoder_meta)
    ROTABLE_FUNC("read", encoder_read)
ROTABLE_END(sjson_encoder_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)
