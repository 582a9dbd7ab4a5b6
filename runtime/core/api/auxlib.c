// auxlib.c: argument checks, errors with a position, metatables by name, references.
//
// Reads and writes: the state, through lua.h only.
// Memory: the state's; lua_Debug (100 bytes on a 32-bit target) on the C stack.
// Source: Lua 5.1 reference manual, chapter 4; messages of Lua 5.1.
#include "runtime/core/api/lauxlib.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/port/port.h"

// ---- errors ----

void luaL_where(lua_State *L, int level)
{
    lua_Debug ar;
    if (lua_getstack(L, level, &ar)) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0) {
            lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

int luaL_error(lua_State *L, const char *format, ...)
{
    va_list args;
    luaL_where(L, 1);
    va_start(args, format);
    lua_pushvfstring(L, format, args);
    va_end(args);
    lua_concat(L, 2);
    lua_error(L);
}

int luaL_argerror(lua_State *L, int arg, const char *what)
{
    assert(what != NULL);
    lua_Debug ar;
    if (!lua_getstack(L, 0, &ar))
        luaL_error(L, "bad argument #%d (%s)", arg, what);
    lua_getinfo(L, "n", &ar);
    const char *name = ar.name != NULL ? ar.name : "?";
    if (strcmp(ar.namewhat, "method") == 0 && --arg == 0) // the object before ':' is not counted
        luaL_error(L, "calling '%s' on bad self (%s)", name, what);
    luaL_error(L, "bad argument #%d to '%s' (%s)", arg, name, what);
}

int luaL_typerror(lua_State *L, int arg, const char *name)
{
    const char *what = lua_pushfstring(L, "%s expected, got %s", name, luaL_typename(L, arg));
    luaL_argerror(L, arg, what);
}

// ---- arguments ----

void luaL_checktype(lua_State *L, int arg, int type)
{
    if (lua_type(L, arg) != type)
        luaL_typerror(L, arg, lua_typename(L, type));
}

void luaL_checkfunction(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TFUNCTION);
}

void luaL_checktable(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TTABLE);
}

void luaL_checkany(lua_State *L, int arg)
{
    if (lua_type(L, arg) == LUA_TNONE)
        luaL_argerror(L, arg, "value expected");
}

void luaL_checkstack(lua_State *L, int extra, const char *what)
{
    if (!lua_checkstack(L, extra))
        luaL_error(L, "stack overflow (%s)", what);
}

const char *luaL_checklstring(lua_State *L, int arg, size_t *bytes)
{
    const char *text = lua_tolstring(L, arg, bytes);
    if (text == NULL)
        luaL_typerror(L, arg, lua_typename(L, LUA_TSTRING));
    return text;
}

const char *luaL_optlstring(lua_State *L, int arg, const char *fallback, size_t *bytes)
{
    if (!lua_isnoneornil(L, arg))
        return luaL_checklstring(L, arg, bytes);
    if (bytes != NULL)
        *bytes = fallback != NULL ? strlen(fallback) : 0;
    return fallback;
}

lua_Number luaL_checknumber(lua_State *L, int arg)
{
    lua_Number n = lua_tonumber(L, arg);
    if (n == 0 && !lua_isnumber(L, arg)) // the second question only where the first says nothing
        luaL_typerror(L, arg, lua_typename(L, LUA_TNUMBER));
    return n;
}

lua_Number luaL_optnumber(lua_State *L, int arg, lua_Number fallback)
{
    return lua_isnoneornil(L, arg) ? fallback : luaL_checknumber(L, arg);
}

lua_Integer luaL_checkinteger(lua_State *L, int arg)
{
    lua_Integer n = lua_tointeger(L, arg);
    if (n == 0 && !lua_isnumber(L, arg))
        luaL_typerror(L, arg, lua_typename(L, LUA_TNUMBER));
    return n;
}

lua_Integer luaL_optinteger(lua_State *L, int arg, lua_Integer fallback)
{
    return lua_isnoneornil(L, arg) ? fallback : luaL_checkinteger(L, arg);
}

int luaL_checkoption(lua_State *L, int arg, const char *fallback, const char *const names[])
{
    assert(names != NULL);
    const char *given = fallback != NULL ? luaL_optstring(L, arg, fallback)
                                         : luaL_checkstring(L, arg);
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], given) == 0)
            return i;
    luaL_argerror(L, arg, lua_pushfstring(L, "invalid option '%s'", given));
}

// ---- userdata and metatables ----

int luaL_newmetatable(lua_State *L, const char *name)
{
    assert(name != NULL);
    luaL_getmetatable(L, name);
    if (!lua_isnil(L, -1))
        return 0;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, name);
    return 1;
}

int luaL_rometatable(lua_State *L, const char *name, const struct rotable *table)
{
    assert(name != NULL);
    assert(table != NULL);
    luaL_getmetatable(L, name);
    if (!lua_isnil(L, -1))
        return 0;
    lua_pop(L, 1);
    lua_pushrotable(L, table);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, name);
    return 1;
}

void *luaL_testudata(lua_State *L, int arg, const char *name)
{
    void *block = lua_touserdata(L, arg);
    if (block == NULL || !lua_getmetatable(L, arg))
        return NULL;
    luaL_getmetatable(L, name);
    int is_same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is_same ? block : NULL;
}

void *luaL_checkudata(lua_State *L, int arg, const char *name)
{
    void *block = luaL_testudata(L, arg, name);
    if (block == NULL)
        luaL_typerror(L, arg, name);
    return block;
}

int luaL_getmetafield(lua_State *L, int obj, const char *name)
{
    if (!lua_getmetatable(L, obj))
        return 0;
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 2);
        return 0;
    }
    lua_remove(L, -2);
    return 1;
}

// A relative position as one that does not move when values are pushed.
static int absolute_idx(lua_State *L, int idx)
{
    return idx < 0 && idx > LUA_REGISTRYINDEX ? lua_gettop(L) + idx + 1 : idx;
}

int luaL_callmeta(lua_State *L, int obj, const char *name)
{
    obj = absolute_idx(L, obj);
    if (!luaL_getmetafield(L, obj, name))
        return 0;
    assert(obj > 0 || obj <= LUA_REGISTRYINDEX);
    lua_pushvalue(L, obj);
    lua_call(L, 1, 1);
    return 1;
}

// ---- references ----

// t[0] holds the key that was freed last, t[that key] the one before, and so on; 0 or nil ends the
// chain.
#define REF_FREE_HEAD 0

int luaL_ref(lua_State *L, int t)
{
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return LUA_REFNIL;
    }
    t = absolute_idx(L, t);
    lua_rawgeti(L, t, REF_FREE_HEAD);
    int ref = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (ref == 0) {
        ref = (int)lua_objlen(L, t) + 1;
    } else {
        lua_rawgeti(L, t, ref);
        lua_rawseti(L, t, REF_FREE_HEAD);
    }
    assert(ref > 0);
    lua_rawseti(L, t, ref);
    return ref;
}

void luaL_unref(lua_State *L, int t, int ref)
{
    if (ref < 0)
        return;
    t = absolute_idx(L, t);
    assert(lua_istable(L, t));
    lua_rawgeti(L, t, REF_FREE_HEAD);
    lua_rawseti(L, t, ref);
    lua_pushinteger(L, ref);
    lua_rawseti(L, t, REF_FREE_HEAD);
}

// ---- states ----

static int panic(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    const char *parts[] = {"PANIC: unprotected error in call to Lua API (",
                           message ? message : "error object is not a string", ")\n"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        port_console_error(parts[i], strlen(parts[i]));
    return 0;
}

lua_State *luaL_newstate(void)
{
    lua_State *L = lua_newstate(heap_realloc, NULL);
    if (L)
        lua_atpanic(L, panic);
    return L;
}
