// node_output.c: node.output and node.input: where print writes, and what is run as if typed.
//
// Reads and writes: the writer of print (runtime/lib/lualib.h), the event queue, the registry.
// Memory: what was printed and not read yet is one string of the pipe, a table.
// Source: documentation of the firmware's modules node and pipe. The firmware keeps a pipe in
// blocks of 256 bytes; what the Lua heap holds for it there is not modelled.

#include <string.h>

#include "runtime/lib/lualib.h"
#include "runtime/nodemcu/events.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/port/port.h"

#define PIPE_META "pipe.pipe"
#define PRIORITY 1 // of the tasks that read

enum { PIPE_TEXT = 1, PIPE_READER = 2 }; // what the table of a pipe has

static struct {
    int pipe_ref; // registry reference of the pipe, or LUA_NOREF
    char is_echoed, is_posted, is_written;
} output = {.pipe_ref = LUA_NOREF};

// ---- pipes ----

static const char *pipe_text(lua_State *L, size_t *bytes)
{
    luaL_checktable(L, 1);
    lua_rawgeti(L, 1, PIPE_TEXT); // stays on the stack
    return luaL_checklstring(L, -1, bytes);
}

// How many bytes the next record has, and how many of them are returned.
static size_t record_bytes(lua_State *L, const char *text, size_t bytes, size_t *kept)
{
    if (lua_type(L, 2) == LUA_TNUMBER) {
        lua_Integer wanted = lua_tointeger(L, 2);
        luaL_argcheck(L, wanted > 0, 2, "invalid size");
        return *kept = (size_t)wanted < bytes ? (size_t)wanted : bytes;
    }
    size_t end_bytes;
    const char *end = luaL_optlstring(L, 2, "\n+", &end_bytes);
    luaL_argcheck(L, end_bytes > 0, 2, "invalid delimiter");
    const char *found = memchr(text, end[0], bytes);
    size_t taken = found ? (size_t)(found - text) + 1 : bytes;
    *kept = found && !(end_bytes > 1 && end[1] == '+') ? taken - 1 : taken;
    return taken;
}

// pipe:read([size | delimiter]): the next record; nil if the pipe is empty.
static int pipe_read(lua_State *L)
{
    size_t bytes, kept;
    lua_settop(L, 2);
    const char *text = pipe_text(L, &bytes);
    if (bytes == 0)
        return 0;
    size_t taken = record_bytes(L, text, bytes, &kept);
    lua_pushlstring(L, text, kept);
    lua_pushlstring(L, text + taken, bytes - taken);
    lua_rawseti(L, 1, PIPE_TEXT);
    return 1;
}

// pipe:unread(text): puts a text back in front.
static int pipe_unread(lua_State *L)
{
    size_t bytes;
    luaL_checkstring(L, 2);
    lua_pushvalue(L, 2);
    pipe_text(L, &bytes);
    lua_concat(L, 2);
    lua_rawseti(L, 1, PIPE_TEXT);
    return 0;
}

// pipe:write(text)
static int pipe_write(lua_State *L)
{
    size_t bytes;
    luaL_checkstring(L, 2);
    pipe_text(L, &bytes);
    lua_pushvalue(L, 2);
    lua_concat(L, 2);
    lua_rawseti(L, 1, PIPE_TEXT);
    return 0;
}

ROTABLE_EXTERN(pipe_methods);
ROTABLE_BEGIN(pipe_methods)
    ROTABLE_TABLE("__index", pipe_methods)
    ROTABLE_FUNC("read", pipe_read)
    ROTABLE_FUNC("unread", pipe_unread)
    ROTABLE_FUNC("write", pipe_write)
ROTABLE_END(pipe_methods, NULL, ROTABLE_EVENT_INDEX)

// ---- output ----

static int run_reader(lua_State *L);

static void post_reader(lua_State *L)
{
    if (output.is_posted)
        return;
    lua_pushcfunction(L, run_reader);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (events_post(ref, PRIORITY) == 0)
        output.is_posted = 1;
    else // the queue is full: the next print tries again
        luaL_unref(L, LUA_REGISTRYINDEX, ref);
}

// The task: the reader may say whether it wants to be called again; else it is if something was
// printed meanwhile.
static int run_reader(lua_State *L)
{
    output.is_posted = output.is_written = 0;
    if (output.pipe_ref == LUA_NOREF)
        return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, output.pipe_ref);
    lua_rawgeti(L, -1, PIPE_READER);
    lua_pushvalue(L, -2);
    lua_call(L, 1, 1);
    if (lua_isboolean(L, -1) ? lua_toboolean(L, -1) : output.is_written)
        post_reader(L);
    return 0;
}

static void write_to_pipe(lua_State *L, const char *text, size_t bytes)
{
    if (output.is_echoed)
        port_console_write(text, bytes);
    luaL_checkstack(L, 4, "print");
    lua_rawgeti(L, LUA_REGISTRYINDEX, output.pipe_ref);
    lua_rawgeti(L, -1, PIPE_TEXT);
    lua_pushlstring(L, text, bytes);
    lua_concat(L, 2);
    lua_rawseti(L, -2, PIPE_TEXT);
    lua_pop(L, 1);
    output.is_written = 1;
    post_reader(L);
}

void node_output_reset(void)
{
    output.pipe_ref = LUA_NOREF;
    output.is_posted = 0;
    lib_print_write = NULL;
}

// node.output([function(pipe) [, to_console]]): print goes into a pipe that the function reads, in
// a task, and to the console as well unless to_console is 0. Without function to the console alone.
int node_output(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        luaL_unref(L, LUA_REGISTRYINDEX, output.pipe_ref);
        output.pipe_ref = LUA_NOREF;
        lib_print_write = NULL;
        return 0;
    }
    luaL_checkfunction(L, 1);
    int is_echoed = luaL_optint(L, 2, 1) != 0;
    lua_settop(L, 1);
    lua_createtable(L, 2, 0);
    lua_pushliteral(L, "");
    lua_rawseti(L, -2, PIPE_TEXT);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, PIPE_READER);
    luaL_rometatable(L, PIPE_META, &pipe_methods);
    lua_setmetatable(L, -2);
    luaL_unref(L, LUA_REGISTRYINDEX, output.pipe_ref);
    output.pipe_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    output.is_echoed = (char)is_echoed;
    lib_print_write = write_to_pipe;
    return 0;
}

// ---- input ----

static int run_input(lua_State *L)
{
    size_t bytes;
    const char *text = lua_tolstring(L, lua_upvalueindex(1), &bytes);
    if (luaL_loadbuffer(L, text, bytes, "=stdin") != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK) {
        const char *message = lua_tostring(L, -1);
        message = message ? message : "(error object is not a string)";
        port_console_error(message, strlen(message));
        port_console_error("\n", 1);
    }
    return 0;
}

// node.input(text): run in a task as if it had been typed; a message goes to the console.
int node_input(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_pushcclosure(L, run_input, 1);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (events_post(ref, PRIORITY) == 0)
        return 0;
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
    return luaL_error(L, "Task queue overflow. Task not posted");
}
