// debuglib.c: the library debug of the nodemcu profile: getregistry, getstrings, traceback.
//
// Reads and writes: registry, string tables, calls of a thread.
// Memory: the state's.
// Source: Lua 5.1 reference manual, 5.9; getstrings is the firmware's.
#include "runtime/lib/debuglib.h"

#include "runtime/lib/lualib.h"
#include "runtime/lib/tablesort.h"

lua_State *debug_thread(lua_State *L, int *first_arg)
{
    if (lua_isthread(L, 1)) {
        *first_arg = 2;
        return lua_tothread(L, 1);
    }
    *first_arg = 1;
    return L;
}

int debug_getregistry(lua_State *L)
{
    lua_pushvalue(L, LUA_REGISTRYINDEX);
    return 1;
}

// debug.getstrings([which]): sorted list of the strings of the RAM table ('RAM', the default) or of
// the mounted images ('ROM'; nil without an image).
static int debug_getstrings(lua_State *L)
{
    static const char *const places[] = {"RAM", "ROM", NULL};
    luaL_checkstack(L, TABLE_SORT_SLOTS,
                    "too many strings"); // the firmware calls table.sort, which does
    lua_pushstringtable(L, luaL_checkoption(L, 1, "RAM", places));
    return 1;
}

int debug_traceback(lua_State *L)
{
    int arg;
    lua_State *of = debug_thread(L, &arg);
    int level = L == of ? 1 : 0; // without traceback itself
    if (lua_isnumber(L, arg + 1)) {
        level = (int)lua_tointeger(L, arg + 1);
        lua_pop(L, 1);
    }
    if (lua_gettop(L) < arg) {
        luaL_traceback(L, of, NULL, level);
        return 1;
    }
    if (!lua_isstring(L, arg)) {
        lua_settop(L, arg);
        return 1; // a message that is no text stays as it is
    }
    lua_pushliteral(L, "\n");
    luaL_addtraceback(L, of, arg, level); // what else was given is joined, as in Lua 5.1
    return 1;
}

ROTABLE_BEGIN(debug_lib)
    ROTABLE_FUNC("getregistry", debug_getregistry)
    ROTABLE_FUNC("getstrings", debug_getstrings)
    ROTABLE_FUNC("traceback", debug_traceback)
ROTABLE_END(debug_lib, NULL, 0)
