// node_output.c: node.output and node.input: where print writes, and what is run as if typed.
//
// Reads and writes: the writer of print (runtime/lib/lualib.h), the registry.
// Memory: what was printed and not read yet waits in a pipe (data/pipe.h).
// Source: documentation of the firmware's module node.

#include "runtime/lib/lualib.h"
#include "runtime/nodemcu/data/pipe.h"
#include "runtime/nodemcu/system/console.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/port/port.h"

#define PRIORITY 1    // of the tasks that read
#define PIPE "stdout" // key in the registry

static char is_echoed; // to the console

static void write_to_pipe(lua_State *L, const char *text, size_t bytes)
{
    if (is_echoed)
        port_console_write(text, bytes);
    luaL_checkstack(L, 4, "print");
    lua_getfield(L, LUA_REGISTRYINDEX, PIPE);
    lua_pushlstring(L, text, bytes);
    pipe_write_top(L);
    lua_pop(L, 1);
}

void node_output_reset(void)
{
    lib_print_write = NULL;
}

// node.output([function(pipe) [, to_console]]): print goes into a pipe that the function reads, in
// a task, and to the console as well unless to_console is 0. Without function to the console alone.
int node_output(lua_State *L)
{
    if (!lua_isfunction(L, 1)) {
        lua_pushnil(L);
        lua_setfield(L, LUA_REGISTRYINDEX, PIPE);
        lib_print_write = NULL;
        return 0;
    }
    is_echoed = !lua_isnumber(L, 2) || lua_tointeger(L, 2) != 0;
    lua_settop(L, 1);
    pipe_push_new(L, PRIORITY);
    lua_setfield(L, LUA_REGISTRYINDEX, PIPE);
    lib_print_write = write_to_pipe;
    return 0;
}

// node.input(text): run as if it had been typed.
int node_input(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    console_input(L);
    return 0;
}
