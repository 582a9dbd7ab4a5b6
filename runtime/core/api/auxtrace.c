// auxtrace.c: the text of a traceback.
//
// Reads and writes: the state whose calls are shown, and the one that gets the text.
// Memory: lua_Debug (100 bytes on a 32-bit target) on the C stack; the text is the state's.
// Source: wording of debug.traceback of Lua 5.1; 12 calls at the top, 10 at the bottom, "..." for
//         those between.
#include "runtime/core/api/lauxlib.h"

#include <assert.h>

#define CALLS_AT_TOP 12
#define CALLS_AT_BOTTOM 10

// Number of active functions. Looks at few levels, since finding level n takes n steps.
static int count_levels(lua_State *of)
{
    lua_Debug ar;
    int known = 0, missing = 1; // level known - 1 exists (or is -1), level missing may not
    while (lua_getstack(of, missing - 1, &ar)) {
        known = missing;
        missing *= 2;
    }
    while (missing - known > 1) {
        int middle = known + (missing - known) / 2;
        if (lua_getstack(of, middle - 1, &ar))
            known = middle;
        else
            missing = middle;
    }
    assert(missing == known + 1);
    return known;
}

// Pushes the words that say which function it is.
static void push_function(lua_State *L, const lua_Debug *ar)
{
    if (*ar->namewhat != '\0')
        lua_pushfstring(L, " in function '%s'", ar->name);
    else if (*ar->what == 'm')
        lua_pushliteral(L, " in main chunk");
    else if (*ar->what == 'C' || *ar->what == 't')
        lua_pushliteral(L, " ?"); // a C function, or a call that a tail call has replaced
    else
        lua_pushfstring(L, " in function <%s:%d>", ar->short_src, ar->linedefined);
}

// Adds the line of one call to the text that begins at stack position `first`.
static void add_call(lua_State *L, lua_State *of, lua_Debug *ar, int first)
{
    lua_pushliteral(L, "\n\t");
    lua_getinfo(of, "Snl", ar);
    lua_pushfstring(L, "%s:", ar->short_src);
    if (ar->currentline > 0)
        lua_pushfstring(L, "%d:", ar->currentline);
    push_function(L, ar);
    assert(lua_gettop(L) > first);
    lua_concat(L, lua_gettop(L) - first + 1);
}

void luaL_addtraceback(lua_State *L, lua_State *of, int first, int level)
{
    lua_Debug ar;
    lua_pushliteral(L, "stack traceback:");
    int count = count_levels(of);
    for (int is_top = 1; level < count; level++) {
        if (is_top && level >= CALLS_AT_TOP) {
            is_top = 0;
            if (level + 1 + CALLS_AT_BOTTOM < count) {
                lua_pushliteral(L, "\n\t...");
                level = count - CALLS_AT_BOTTOM;
            }
        }
        if (lua_getstack(of, level, &ar))
            add_call(L, of, &ar, first);
    }
    lua_concat(L, lua_gettop(L) - first + 1);
}

void luaL_traceback(lua_State *L, lua_State *of, const char *message, int level)
{
    int first = lua_gettop(L) + 1;
    lua_pushstring(L, message != NULL ? message : "");
    if (message != NULL)
        lua_pushliteral(L, "\n");
    luaL_addtraceback(L, of, first, level);
}
