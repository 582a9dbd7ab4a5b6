// debuglib_pc.c: the library debug of the pc profile.
//
// Reads and writes: calls, variables, hooks, metatables, environments of any value given.
// Memory: hooks are kept in a table of the registry, by thread.
// Source: Lua 5.1 reference manual, 5.9; messages of Lua 5.1.
#include <string.h>

#include "runtime/flash/file_system.h"
#include "runtime/lib/debuglib.h"
#include "runtime/lib/lualib.h"
#include "runtime/port/port.h"

// ---- metatables and environments ----

static int debug_getmetatable(lua_State *L)
{
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1))
        lua_pushnil(L);
    return 1;
}

static int debug_setmetatable(lua_State *L)
{
    int type = lua_type(L, 2);
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table expected");
    lua_settop(L, 2);
    lua_pushboolean(L, lua_setmetatable(L, 1));
    return 1;
}

static int debug_getfenv(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_getfenv(L, 1);
    return 1;
}

// Functions of the libraries are light: none has a place for an environment, and none uses one.
static int debug_setfenv(lua_State *L)
{
    luaL_checktable(L, 2);
    lua_settop(L, 2);
    if (!lua_setfenv(L, 1) && !lua_iscfunction(L, 1))
        luaL_error(L, "'setfenv' cannot change environment of given object");
    return 1;
}

// ---- getinfo ----

static void set_text(lua_State *L, const char *key, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, key);
}

static void set_number(lua_State *L, const char *key, int value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, key);
}

// Sets a field of the table on top to what lua_getinfo() has left on the stack of `of`.
static void set_from_stack(lua_State *L, lua_State *of, const char *key)
{
    if (L == of) {
        lua_pushvalue(L, -2);
        lua_remove(L, -3);
    } else {
        lua_xmove(of, L, 1);
    }
    lua_setfield(L, -2, key);
}

static void set_info(lua_State *L, const lua_Debug *ar, const char *what)
{
    if (strchr(what, 'S') != NULL) {
        set_text(L, "source", ar->source);
        set_text(L, "short_src", ar->short_src);
        set_number(L, "linedefined", ar->linedefined);
        set_number(L, "lastlinedefined", ar->lastlinedefined);
        set_text(L, "what", ar->what);
    }
    if (strchr(what, 'l') != NULL)
        set_number(L, "currentline", ar->currentline);
    if (strchr(what, 'u') != NULL)
        set_number(L, "nups", ar->nups);
    if (strchr(what, 'n') != NULL) {
        set_text(L, "name", ar->name);
        set_text(L, "namewhat", ar->namewhat);
    }
}

static int debug_getinfo(lua_State *L)
{
    lua_Debug ar;
    int arg;
    lua_State *of = debug_thread(L, &arg);
    const char *what = luaL_optstring(L, arg + 1, "flnSu");
    if (what[0] == '>') // says that the function is on the stack, which only C can do
        luaL_argerror(L, arg + 1, "invalid option");
    if (lua_isnumber(L, arg)) {
        if (!lua_getstack(of, (int)lua_tointeger(L, arg), &ar)) {
            lua_pushnil(L);
            return 1;
        }
    } else if (lua_isfunction(L, arg)) {
        lua_pushfstring(L, ">%s", what);
        what = lua_tostring(L, -1);
        lua_pushvalue(L, arg);
        lua_xmove(L, of, 1);
    } else {
        luaL_argerror(L, arg, "function or level expected");
    }
    if (!lua_getinfo(of, what, &ar))
        luaL_argerror(L, arg + 1, "invalid option");
    lua_createtable(L, 0, 2);
    set_info(L, &ar, what);
    if (strchr(what, 'L') != NULL) // it was pushed last
        set_from_stack(L, of, "activelines");
    if (strchr(what, 'f') != NULL)
        set_from_stack(L, of, "func");
    return 1;
}

// ---- variables ----

static int debug_getlocal(lua_State *L)
{
    lua_Debug ar;
    int arg;
    lua_State *of = debug_thread(L, &arg);
    if (!lua_getstack(of, luaL_checkint(L, arg), &ar))
        luaL_argerror(L, arg, "level out of range");
    const char *name = lua_getlocal(of, &ar, luaL_checkint(L, arg + 1));
    if (name == NULL) {
        lua_pushnil(L);
        return 1;
    }
    lua_xmove(of, L, 1);
    lua_pushstring(L, name);
    lua_insert(L, -2);
    return 2;
}

static int debug_setlocal(lua_State *L)
{
    lua_Debug ar;
    int arg;
    lua_State *of = debug_thread(L, &arg);
    if (!lua_getstack(of, luaL_checkint(L, arg), &ar))
        luaL_argerror(L, arg, "level out of range");
    luaL_checkany(L, arg + 2);
    lua_settop(L, arg + 2);
    lua_xmove(L, of, 1);
    lua_pushstring(L, lua_setlocal(of, &ar, luaL_checkint(L, arg + 1)));
    return 1;
}

static int debug_getupvalue(lua_State *L)
{
    int n = luaL_checkint(L, 2);
    luaL_checkfunction(L, 1);
    const char *name = lua_iscfunction(L, 1) ? NULL : lua_getupvalue(L, 1, n);
    if (name == NULL)
        return 0;
    lua_pushstring(L, name);
    lua_insert(L, -2);
    return 2;
}

static int debug_setupvalue(lua_State *L)
{
    luaL_checkany(L, 3);
    int n = luaL_checkint(L, 2);
    luaL_checkfunction(L, 1);
    lua_settop(L, 3);
    const char *name = lua_iscfunction(L, 1) ? NULL : lua_setupvalue(L, 1, n);
    if (name == NULL)
        return 0;
    lua_pushstring(L, name);
    return 1;
}

// ---- hooks ----

// Its address is the key of the table of hooks in the registry.
static const char hooks_key = 'h';

// Pushes the table of hooks: light userdata of a thread -> function.
static void push_hooks(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)&hooks_key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    if (lua_istable(L, -1))
        return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);
    lua_pushlightuserdata(L, (void *)&hooks_key);
    lua_pushvalue(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

static void call_hook(lua_State *L, lua_Debug *ar)
{
    static const char *const events[] = {"call", "return", "line", "count", "tail return"};
    push_hooks(L);
    lua_pushlightuserdata(L, L);
    lua_rawget(L, -2);
    if (!lua_isfunction(L, -1))
        return;
    lua_pushstring(L, events[ar->event]);
    if (ar->currentline >= 0)
        lua_pushinteger(L, ar->currentline);
    else
        lua_pushnil(L);
    lua_call(L, 2, 0);
}

static int mask_from_text(const char *text, int count)
{
    int mask = 0;
    if (strchr(text, 'c') != NULL)
        mask |= LUA_MASKCALL;
    if (strchr(text, 'r') != NULL)
        mask |= LUA_MASKRET;
    if (strchr(text, 'l') != NULL)
        mask |= LUA_MASKLINE;
    if (count > 0)
        mask |= LUA_MASKCOUNT;
    return mask;
}

static int debug_sethook(lua_State *L)
{
    int arg, mask = 0, count = 0;
    lua_Hook hook = NULL;
    lua_State *of = debug_thread(L, &arg);
    if (lua_isnoneornil(L, arg)) {
        lua_settop(L, arg);
    } else {
        const char *events = luaL_checkstring(L, arg + 1);
        luaL_checkfunction(L, arg);
        count = luaL_optint(L, arg + 2, 0);
        mask = mask_from_text(events, count);
        hook = call_hook;
    }
    push_hooks(L);
    lua_pushlightuserdata(L, of);
    lua_pushvalue(L, arg);
    lua_rawset(L, -3);
    lua_sethook(of, hook, mask, count);
    return 0;
}

static int debug_gethook(lua_State *L)
{
    int arg;
    lua_State *of = debug_thread(L, &arg);
    lua_Hook hook = lua_gethook(of);
    int mask = lua_gethookmask(of);
    if (hook != NULL && hook != call_hook) {
        lua_pushliteral(L, "external hook");
    } else {
        push_hooks(L);
        lua_pushlightuserdata(L, of);
        lua_rawget(L, -2);
        lua_remove(L, -2);
    }
    char events[4], *end = events;
    if (mask & LUA_MASKCALL)
        *end++ = 'c';
    if (mask & LUA_MASKRET)
        *end++ = 'r';
    if (mask & LUA_MASKLINE)
        *end++ = 'l';
    lua_pushlstring(L, events, (size_t)(end - events));
    lua_pushinteger(L, lua_gethookcount(of));
    return 3;
}

// ---- prompt ----

#define COMMAND_BYTES 250

static void write_error_text(const char *text)
{
    port_console_error(text, strlen(text));
}

// Reads a line with its newline, cut at the size of the buffer. 0 at the end of the input.
static int read_command(struct fs_file *input, char *line)
{
    int bytes = 0;
    while (bytes < COMMAND_BYTES - 1 && fs_read(input, line + bytes, 1) == 1)
        if (line[bytes++] == '\n')
            break;
    line[bytes] = '\0';
    return bytes;
}

static int debug_debug(lua_State *L)
{
    char line[COMMAND_BYTES];
    struct fs_file *input = NULL;
    if (fs_open(fs_program, "/dev/stdin", FS_READ, &input) != 0)
        return 0;
    for (;;) {
        write_error_text("lua_debug> ");
        int bytes = read_command(input, line);
        if (bytes == 0 || strcmp(line, "cont\n") == 0)
            break;
        if (luaL_loadbuffer(L, line, (size_t)bytes, "=(debug command)") != LUA_OK ||
            lua_pcall(L, 0, 0, 0) != LUA_OK) {
            const char *message = lua_tostring(L, -1);
            write_error_text(message != NULL ? message : "(error object is not a string)");
            write_error_text("\n");
        }
        lua_settop(L, 0);
    }
    fs_close(input);
    return 0;
}

ROTABLE_BEGIN(debug_pc_lib)
    ROTABLE_FUNC("debug", debug_debug)
    ROTABLE_FUNC("getfenv", debug_getfenv)
    ROTABLE_FUNC("gethook", debug_gethook)
    ROTABLE_FUNC("getinfo", debug_getinfo)
    ROTABLE_FUNC("getlocal", debug_getlocal)
    ROTABLE_FUNC("getmetatable", debug_getmetatable)
    ROTABLE_FUNC("getregistry", debug_getregistry)
    ROTABLE_FUNC("getupvalue", debug_getupvalue)
    ROTABLE_FUNC("setfenv", debug_setfenv)
    ROTABLE_FUNC("sethook", debug_sethook)
    ROTABLE_FUNC("setlocal", debug_setlocal)
    ROTABLE_FUNC("setmetatable", debug_setmetatable)
    ROTABLE_FUNC("setupvalue", debug_setupvalue)
    ROTABLE_FUNC("traceback", debug_traceback)
ROTABLE_END(debug_pc_lib, NULL, 0)
