// tablelib.c: the library table, without sort.
//
// Reads and writes: list elements of the argument, without metamethods.
// Memory: none of its own; concat collects its text in a luaL_Buffer.
// Source: Lua 5.1 reference manual, 5.5; messages of Lua 5.1.
#include <assert.h>

#include "runtime/lib/lualib.h"
#include "runtime/lib/tablesort.h"
#include "runtime/probe/probe.h"

// Length of the list at argument 1, which must be a table.
static int check_length(lua_State *L)
{
    luaL_checktable(L, 1);
    return luaL_getn(L, 1);
}

static int table_foreachi(lua_State *L)
{
    int length = check_length(L);
    luaL_checkfunction(L, 2);
    for (int i = 1; i <= length; i++) {
        lua_pushvalue(L, 2);
        lua_pushinteger(L, i);
        lua_rawgeti(L, 1, i);
        lua_call(L, 2, 1);
        if (!lua_isnil(L, -1))
            return 1;
        lua_pop(L, 1);
    }
    return 0;
}

static int table_foreach(lua_State *L)
{
    luaL_checktable(L, 1);
    luaL_checkfunction(L, 2);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pushvalue(L, 2);
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 1);
        if (!lua_isnil(L, -1))
            return 1;
        lua_pop(L, 2);
    }
    return 0;
}

static int table_maxn(lua_State *L)
{
    lua_Number max = 0;
    luaL_checktable(L, 1);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TNUMBER)
            continue;
        lua_Number key = lua_tonumber(L, -2);
        if (key > max)
            max = key;
    }
    lua_pushnumber(L, max);
    return 1;
}

static int table_getn(lua_State *L)
{
    lua_pushinteger(L, check_length(L));
    return 1;
}

static int table_setn(lua_State *L)
{
    luaL_checktable(L, 1);
    luaL_error(L, "'setn' is obsolete");
}

// t[to] = t[from], raw.
static void move_element(lua_State *L, int from, int to)
{
    lua_rawgeti(L, 1, from);
    lua_rawseti(L, 1, to);
}

static int table_insert(lua_State *L)
{
    int end = check_length(L) + 1;
    int at = end;
    switch (lua_gettop(L)) {
    case 2:
        break;
    case 3:
        at = luaL_checkint(L, 2);
        for (int i = at > end ? at : end; i > at; i--)
            move_element(L, i - 1, i);
        break;
    default:
        luaL_error(L, "wrong number of arguments to 'insert'");
    }
    assert(lua_gettop(L) <= 3);
    lua_rawseti(L, 1, at);
    return 0;
}

static int table_remove(lua_State *L)
{
    int length = check_length(L);
    int at = luaL_optint(L, 2, length);
    if (at < 1 || at > length)
        return 0;
    lua_rawgeti(L, 1, at); // the result
    for (; at < length; at++)
        move_element(L, at + 1, at);
    lua_pushnil(L);
    lua_rawseti(L, 1, length);
    return 1;
}

static void add_element(lua_State *L, luaL_Buffer *b, int i)
{
    lua_rawgeti(L, 1, i);
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid value (%s) at index %d in table for 'concat'", luaL_typename(L, -1),
                   i);
    luaL_addvalue(b);
}

static int table_concat(lua_State *L)
{
    size_t separator_bytes;
    const char *separator = luaL_optlstring(L, 2, "", &separator_bytes);
    luaL_checktable(L, 1);
    int i = luaL_optint(L, 3, 1);
    int last = luaL_opt(L, luaL_checkint, 4, luaL_getn(L, 1));
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (; i < last; i++) {
        add_element(L, &b, i);
        if (separator_bytes > 0)
            PROBE_CONTENT_READ(L, separator, 0, separator_bytes, CONTENT_CONCAT);
        luaL_addlstring(&b, separator, separator_bytes);
    }
    if (i == last)
        add_element(L, &b, i);
    luaL_pushresult(&b);
    return 1;
}

ROTABLE_BEGIN(table_lib)
    ROTABLE_FUNC("concat", table_concat)
    ROTABLE_FUNC("foreach", table_foreach)
    ROTABLE_FUNC("foreachi", table_foreachi)
    ROTABLE_FUNC("getn", table_getn)
    ROTABLE_FUNC("insert", table_insert)
    ROTABLE_FUNC("maxn", table_maxn)
    ROTABLE_FUNC("remove", table_remove)
    ROTABLE_FUNC("setn", table_setn)
    ROTABLE_FUNC("sort", table_sort)
ROTABLE_END(table_lib, NULL, 0)
