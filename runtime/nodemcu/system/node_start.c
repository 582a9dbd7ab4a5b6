// node_start.c: what a device runs when it has started: its startup command, a file of its store, a
// module of its LFS.
//
// Reads: the start settings, the program's files, the mounted images. Memory: the function.
// Source: documentation of node.startup. Ours: init.lc, and init in LFS where there is no file.

#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/flash/file_system.h"
#include "runtime/nodemcu/system/node.h"

// Pushes a module of LFS. Result: LUA_OK, or NODE_START_NOTHING and nothing.
static int load_module(lua_State *L, const char *name)
{
    lua_pushcfunction(L, node_flashindex);
    lua_pushstring(L, name);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_isfunction(L, -1))
        return LUA_OK;
    lua_pop(L, 1);
    return NODE_START_NOTHING;
}

// "@file", "!module", or Lua text.
static int load_command(lua_State *L, const char *command)
{
    if (command[0] == '@')
        return luaL_loadfile(L, command + 1);
    if (command[0] != '!')
        return luaL_loadbuffer(L, command, strlen(command), "=(startup)");
    int status = load_module(L, command + 1);
    if (status == NODE_START_NOTHING) {
        lua_pushfstring(L, "no module '%s' in LFS", command + 1);
        status = LUA_ERRRUN;
    }
    return status;
}

int node_load_start(lua_State *L)
{
    static const char *const files[] = {"init.lua", "init.lc"};
    const char *command = node_startup_command();
    if (command[0])
        return load_command(L, command);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (fs_exists(fs_program, files[i]))
            return luaL_loadfile(L, files[i]);
    return load_module(L, "init");
}
