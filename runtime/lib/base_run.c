// base_run.c: base functions on running code: calls, errors, environments, chunks, collector.
//
// Reads and writes: arguments, the calls above; files through luaL_loadfile().
// Memory: the state's.
// Source: Lua 5.1 reference manual, 5.1; messages of Lua 5.1. collectgarbage: two options more in
//         the firmware.
#include <assert.h>

#include "runtime/core/profile.h"
#include "runtime/lib/lualib.h"
#include "runtime/world/world.h"

// ---- errors and protected calls ----

int base_assert(lua_State *L)
{
    luaL_checkany(L, 1);
    if (!lua_toboolean(L, 1))
        luaL_error(L, "%s", luaL_optstring(L, 2, "assertion failed!"));
    return lua_gettop(L);
}

int base_error(lua_State *L)
{
    int level = luaL_optint(L, 2, 1);
    lua_settop(L, 1);
    if (lua_isstring(L, 1) && level > 0) {
        luaL_where(L, level);
        lua_pushvalue(L, 1);
        lua_concat(L, 2);
    }
    lua_error(L);
}

// The called functions stand where the firmware has them, not one slot higher: when a stack grows,
// and what stays on it, is part of the ledger. So the answer is put below the results afterwards.

int base_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    luaL_checkstack(L, 1, "too many results"); // they may fill the stack to its brim
    lua_pushboolean(L, status == LUA_OK);
    lua_insert(L, 1);
    return lua_gettop(L);
}

int base_xpcall(lua_State *L)
{
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    lua_insert(L, 1); // handler below the function
    int status = lua_pcall(L, 0, LUA_MULTRET, 1);
    lua_pushboolean(L, status == LUA_OK);
    lua_replace(L, 1);
    return lua_gettop(L);
}

// ---- environments ----

// Pushes the function that argument 1 means: itself, or that of a call level.
static void push_function_of(lua_State *L, int is_optional)
{
    if (lua_isfunction(L, 1)) {
        lua_pushvalue(L, 1);
        return;
    }
    lua_Debug ar;
    int level = is_optional ? luaL_optint(L, 1, 1) : luaL_checkint(L, 1);
    luaL_argcheck(L, level >= 0, 1, "level must be non-negative");
    if (!lua_getstack(L, level, &ar))
        luaL_argerror(L, 1, "invalid level");
    lua_getinfo(L, "f", &ar);
    if (lua_isnil(L, -1))
        luaL_error(L, "no function environment for tail call at level %d", level);
}

int base_getfenv(lua_State *L)
{
    push_function_of(L, 1);
    if (lua_iscfunction(L, -1))
        lua_pushvalue(L, LUA_GLOBALSINDEX);
    else
        lua_getfenv(L, -1);
    return 1;
}

int base_setfenv(lua_State *L)
{
    luaL_checktable(L, 2);
    push_function_of(L, 0);
    lua_pushvalue(L, 2);
    if (lua_isnumber(L, 1) && lua_tonumber(L, 1) == 0) { // the running thread
        lua_pushthread(L);
        lua_insert(L, -2);
        lua_setfenv(L, -2);
        return 0;
    }
    if (lua_iscfunction(L, -2) || !lua_setfenv(L, -2))
        luaL_error(L, "'setfenv' cannot change environment of given object");
    return 1;
}

// ---- chunks ----

// Result of a load: the function, or nil and the message.
static int load_result(lua_State *L, int status)
{
    if (status == LUA_OK)
        return 1;
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

int base_loadstring(lua_State *L)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, 1, &bytes);
    const char *chunk_name = luaL_optstring(L, 2, text);
    return load_result(L, luaL_loadbuffer(L, text, bytes, chunk_name));
}

int base_loadfile(lua_State *L)
{
    return load_result(L, luaL_loadfile(L, luaL_optstring(L, 1, NULL)));
}

int base_dofile(lua_State *L)
{
    const char *name = luaL_optstring(L, 1, NULL);
    int below = lua_gettop(L);
    if (luaL_loadfile(L, name) != LUA_OK)
        lua_error(L);
    lua_call(L, 0, LUA_MULTRET);
    return lua_gettop(L) - below;
}

// Slot that holds the piece of a chunk that is being read, so that it is not collected.
#define PIECE_SLOT 3

static const char *function_read(lua_State *L, void *data, size_t *bytes)
{
    (void)data;
    assert(lua_gettop(L) >= PIECE_SLOT);
    luaL_checkstack(L, 2, "too many nested functions");
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        *bytes = 0;
        return NULL;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "reader function must return a string");
    lua_replace(L, PIECE_SLOT);
    return lua_tolstring(L, PIECE_SLOT, bytes);
}

int base_load(lua_State *L)
{
    const char *chunk_name = luaL_optstring(L, 2, "=(load)");
    luaL_checkfunction(L, 1);
    lua_settop(L, PIECE_SLOT);
    return load_result(L, lua_load(L, function_read, NULL, chunk_name));
}

// ---- collector ----

static uint32_t bytes_in_use(lua_State *L)
{
    int bytes = (lua_gc(L, LUA_GCCOUNT, 0) << 10) + lua_gc(L, LUA_GCCOUNTB, 0);
    return world_heap(WORLD_HEAP_COUNT, (uint32_t)bytes);
}

// Bytes in use, in KB; the integer build has no fractions.
static lua_Number kilobytes_in_use(lua_State *L)
{
    uint32_t bytes = bytes_in_use(L);
#ifdef FROST_INTEGER
    return (lua_Number)(bytes >> 10);
#else
    return bytes / 1024.0;
#endif
}

int base_collectgarbage(lua_State *L)
{
    // The last two are the firmware's own.
    static const char *const names[] = {"collect",     "stop",     "restart",    "count",
                                        "step",        "setpause", "setstepmul", "setmemlimit",
                                        "getmemlimit", NULL};
    static const char *const pc_names[] = {"collect", "stop",     "restart",    "count",
                                           "step",    "setpause", "setstepmul", NULL};
    static const int orders[] = {LUA_GCCOLLECT,    LUA_GCSTOP,        LUA_GCRESTART,
                                 LUA_GCCOUNT,      LUA_GCSTEP,        LUA_GCSETPAUSE,
                                 LUA_GCSETSTEPMUL, LUA_GCSETMEMLIMIT, LUA_GCGETMEMLIMIT};
    const char *const *known = lua_profile->is_firmware ? names : pc_names;
    int order = orders[luaL_checkoption(L, 1, "collect", known)];
    int value = luaL_optint(L, 2, 0);
    if (order == LUA_GCCOUNT) {
        lua_pushnumber(L, kilobytes_in_use(L));
        return 1;
    }
    int result = lua_gc(L, order, value);
    if (order == LUA_GCSTEP)
        lua_pushboolean(L, (int)world_heap(WORLD_HEAP_STEP, (uint32_t)result));
    else
        lua_pushnumber(L, result);
    return 1;
}

int base_gcinfo(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)(bytes_in_use(L) >> 10));
    return 1;
}
