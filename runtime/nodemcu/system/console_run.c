// console_run.c: lines that were typed, or given to node.input, run as Lua; see console.h.
//
// Reads and writes: the pipe `stdin` of the registry; the console, with print.
// Memory: an incomplete statement is a text in the registry.
// Source: facts on NodeMCU 3.0: `=expr` gives its values, results and errors go through print, an
// incomplete statement waits for more lines.

#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/data/pipe.h"
#include "runtime/nodemcu/system/console.h"
#include "runtime/port/port.h"

#define PRIORITY 0
#define PIPE_NAME "stdin" // in the registry
#define CHUNK_NAME "=stdin"

static int begun_ref = LUA_NOREF; // of what is incomplete

void console_run_reset(void)
{
    begun_ref = LUA_NOREF;
}

int console_is_incomplete(void)
{
    return begun_ref != LUA_NOREF;
}

// ---- one line ----

// Pushes the next whole line of the pipe at 1, without its end. False: there is none.
static int push_line(lua_State *L)
{
    size_t bytes;
    lua_getfield(L, 1, "read");
    lua_pushvalue(L, 1);
    lua_pushliteral(L, "\n+");
    lua_call(L, 2, 1);
    const char *line = lua_tolstring(L, -1, &bytes);
    if (line && bytes > 0 && line[bytes - 1] == '\n') {
        lua_pushlstring(L, line, bytes - 1);
        lua_remove(L, -2);
        return 1;
    }
    if (line && bytes > 0) {
        lua_getfield(L, 1, "unread");
        lua_pushvalue(L, 1);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 0);
    }
    return 0;
}

// Makes the text on top, a line, what is to be compiled.
static void join(lua_State *L)
{
    const char *line = lua_tostring(L, -1);
    if (console_is_incomplete()) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, begun_ref);
        lua_pushliteral(L, "\n");
        lua_pushvalue(L, -3);
        lua_concat(L, 3);
        lua_remove(L, -2);
    } else if (line[0] == '=') {
        lua_pushfstring(L, "return %s", line + 1);
        lua_remove(L, -2);
    }
}

static int lacks_end(lua_State *L, int status)
{
    static const char mark[] = "'<eof>'";
    size_t bytes;
    const char *message = lua_tolstring(L, -1, &bytes);
    return status == LUA_ERRSYNTAX && message && bytes >= sizeof mark - 1 &&
           strcmp(message + bytes - (sizeof mark - 1), mark) == 0;
}

// Takes the text on top; it waits for more lines.
static void keep(lua_State *L)
{
    if (console_is_incomplete())
        lua_rawseti(L, LUA_REGISTRYINDEX, begun_ref);
    else
        begun_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

static void forget(lua_State *L)
{
    luaL_unref(L, LUA_REGISTRYINDEX, begun_ref);
    begun_ref = LUA_NOREF;
}

// Prints the `count` values on top.
static void print(lua_State *L, int count)
{
    if (count == 0)
        return;
    luaL_checkstack(L, LUA_MINSTACK, "too many results to print");
    lua_getglobal(L, "print");
    lua_insert(L, -count - 1);
    if (lua_pcall(L, count, 0, 0) == LUA_OK)
        return;
    const char *message = lua_tostring(L, -1);
    message = message ? message : "(error object is not a string)";
    port_console_error("error calling 'print' (", 23);
    port_console_error(message, strlen(message));
    port_console_error(")\n", 2);
    lua_pop(L, 1);
}

static void report(lua_State *L)
{
    if (!lua_isnil(L, -1)) {
        lua_pushliteral(L, "Lua error: ");
        lua_insert(L, -2);
        print(L, 2);
    }
    lua_gc(L, LUA_GCCOLLECT, 0);
}

// Runs the function on top.
static void run(lua_State *L)
{
    int at = lua_gettop(L);
    callbacks_push_handler(L);
    lua_insert(L, at);
    int status = lua_pcall(L, 0, LUA_MULTRET, at);
    lua_remove(L, at);
    if (status == LUA_OK)
        print(L, lua_gettop(L) - at + 1);
    else
        report(L);
}

// The pipe's reader. True: call it again if there is more.
static int run_line(lua_State *L)
{
    size_t bytes;
    lua_settop(L, 1);
    if (!push_line(L)) {
        lua_pushboolean(L, 0);
        return 1;
    }
    join(L);
    const char *text = lua_tolstring(L, 2, &bytes);
    int status = luaL_loadbuffer(L, text, bytes, CHUNK_NAME);
    if (lacks_end(L, status)) {
        lua_settop(L, 2);
        keep(L);
    } else {
        lua_remove(L, 2);
        forget(L);
        if (status == LUA_OK)
            run(L);
        else
            report(L);
    }
    lua_settop(L, 1);
    console_prompt(L);
    lua_pushboolean(L, 1);
    return 1;
}

// ---- the pipe ----

void console_input(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, PIPE_NAME);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushcfunction(L, run_line);
        pipe_push_new(L, PRIORITY);
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, PIPE_NAME);
    }
    lua_insert(L, -2);
    pipe_write_top(L);
    lua_pop(L, 1);
}
