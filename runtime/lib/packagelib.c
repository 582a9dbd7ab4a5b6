// packagelib.c: the library package, module and require.
//
// Reads and writes: globals, registry._LOADED, the table package; files through
// runtime/flash/file_system.h.
// Memory: the state's. Functions are light, so they find the table package in registry._LOADED.
// Source: Lua 5.1 reference manual, 5.3. The firmware's require takes a global table of the name
//         for the module; its path is "?.lc;?.lua"; loaders of C modules exist and find nothing.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/profile.h"
#include "runtime/flash/file_system.h"
#include "runtime/lib/lualib.h"

#define PATH_FIRMWARE "?.lc;?.lua"
#define PATH_PC                                                                                    \
    "./?.lua;/usr/local/share/lua/5.1/?.lua;/usr/local/share/lua/5.1/?/init.lua;"                  \
    "/usr/local/lib/lua/5.1/?.lua;/usr/local/lib/lua/5.1/?/init.lua;"                              \
    "/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua"

// package.config: directory separator, path separator, place of the name, program's directory,
// ignore mark.
#define PACKAGE_CONFIG "/\n;\n?\n!\n-"

// Stands in package.loaded while a module is being loaded.
static const char loading_mark = 'l';

// Pushes field `key` of the table package, whatever it is.
static void push_package_field(lua_State *L, const char *key)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    lua_getfield(L, -1, "package");
    if (!lua_istable(L, -1)) { // somebody has taken it out
        lua_pop(L, 1);
        lua_getglobal(L, "package");
    }
    if (lua_istable(L, -1))
        lua_getfield(L, -1, key);
    else
        lua_pushnil(L);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

// ---- files of modules ----

// Pushes the next template of a path ("a;b;c") and returns the place after it; NULL at the end.
static const char *push_template(lua_State *L, const char *path)
{
    path += strspn(path, ";");
    if (*path == '\0')
        return NULL;
    size_t bytes = strcspn(path, ";");
    assert(bytes > 0);
    lua_pushlstring(L, path, bytes);
    return path + bytes;
}

// Looks for the file of a module: pushes its name and returns it, or pushes the lines that say
// where it was looked for and returns NULL.
static const char *find_module_file(lua_State *L, const char *module)
{
    const char *name = luaL_gsub(L, module, ".", "/");
    push_package_field(L, "path");
    const char *path = lua_tostring(L, -1);
    if (path == NULL)
        luaL_error(L, "'package.%s' must be a string", "path");
    lua_pushliteral(L, "");
    while ((path = push_template(L, path)) != NULL) {
        const char *file = luaL_gsub(L, lua_tostring(L, -1), "?", name);
        lua_remove(L, -2);
        if (fs_exists(fs_program, file))
            return file;
        lua_pushfstring(L, "\n\tno file '%s'", file);
        lua_remove(L, -2);
        lua_concat(L, 2);
    }
    return NULL;
}

// ---- loaders: each gives a function, or text that says why not ----

static int load_preloaded(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    push_package_field(L, "preload");
    if (!lua_istable(L, -1))
        luaL_error(L, "'package.preload' must be a table");
    lua_getfield(L, -1, name);
    if (lua_isnil(L, -1))
        lua_pushfstring(L, "\n\tno field package.preload['%s']", name);
    return 1;
}

static int load_from_file(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const char *file = find_module_file(L, name);
    if (file == NULL)
        return 1;
    if (luaL_loadfile(L, file) != LUA_OK)
        luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", lua_tostring(L, 1), file,
                   lua_tostring(L, -1));
    return 1;
}

// Places 3 and 4 of package.loaders: modules in C. They are linked into the program, so there is
// nothing to look for; applications put loaders of their own here.
static int load_native(lua_State *L)
{
    luaL_checkstring(L, 1);
    return 0;
}

// ---- require ----

// Asks the loaders in turn; leaves the function of the module on top, or what they have said.
// False: none has it. Stack: 1 name, 2 loaded.
static int find_loader(lua_State *L, const char *name)
{
    push_package_field(L, "loaders");
    if (!lua_istable(L, -1))
        luaL_error(L, "'package.loaders' must be a table");
    lua_pushliteral(L, ""); // what loaders have said
    for (int i = 1;; i++) {
        lua_rawgeti(L, -2, i);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            return 0;
        }
        lua_pushstring(L, name);
        lua_call(L, 1, 1);
        if (lua_isfunction(L, -1))
            return 1;
        if (lua_isstring(L, -1))
            lua_concat(L, 2);
        else
            lua_pop(L, 1);
    }
}

// The firmware takes a global table of the name for the module, which covers those in flash.
static int is_global_table(lua_State *L, const char *name)
{
    if (!lua_profile->is_firmware)
        return 0;
    lua_getglobal(L, name);
    if (lua_istable(L, -1))
        return 1;
    lua_pop(L, 1);
    return 0;
}

static int base_require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    lua_getfield(L, 2, name);
    if (lua_toboolean(L, -1)) {
        if (lua_touserdata(L, -1) == &loading_mark)
            luaL_error(L, "loop or previous error loading module '%s'", name);
        return 1;
    }
    int gives_way = rotable_observer && rotable_observer->gives_way(name);
    if (!gives_way && is_global_table(L, name))
        return 1;
    if (!find_loader(L, name)) {
        if (gives_way && is_global_table(L, name))
            return 1;
        if (rotable_observer)
            rotable_observer->not_found(L, name);
        luaL_error(L, "module '%s' not found:%s", name, lua_tostring(L, -1));
    }
    lua_pushlightuserdata(L, (void *)&loading_mark);
    lua_setfield(L, 2, name);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    if (!lua_isnil(L, -1))
        lua_setfield(L, 2, name);
    lua_getfield(L, 2, name);
    if (lua_touserdata(L, -1) == &loading_mark) { // the module has said nothing
        lua_pushboolean(L, 1);
        lua_pushvalue(L, -1);
        lua_setfield(L, 2, name);
    }
    return 1;
}

// ---- module ----

// Makes the table on top the environment of the Lua function that called.
static void set_caller_environment(lua_State *L)
{
    lua_Debug ar;
    assert(lua_istable(L, -1));
    if (!lua_getstack(L, 1, &ar) || !lua_getinfo(L, "f", &ar) || lua_iscfunction(L, -1))
        luaL_error(L, "'module' not called from a Lua function");
    lua_pushvalue(L, -2);
    lua_setfenv(L, -2);
    lua_pop(L, 1);
}

// Gives the new module on top its fields _M, _NAME and _PACKAGE.
static void name_module(lua_State *L, const char *name)
{
    assert(lua_istable(L, -1));
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "_M");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "_NAME");
    const char *dot = strrchr(name, '.');
    lua_pushlstring(L, name, dot != NULL ? (size_t)(dot - name) + 1 : 0);
    lua_setfield(L, -2, "_PACKAGE");
}

static int base_module(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    int last_option = lua_gettop(L);
    int loaded = last_option + 1;
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    lua_getfield(L, loaded, name);
    if (!lua_istable(L, -1)) {
        lua_pop(L, 1);
        if (luaL_findtable(L, LUA_GLOBALSINDEX, name, 1) != NULL)
            luaL_error(L, "name conflict for module '%s'", name);
        lua_pushvalue(L, -1);
        lua_setfield(L, loaded, name);
    }
    lua_getfield(L, -1, "_NAME");
    int is_new = lua_isnil(L, -1);
    lua_pop(L, 1);
    if (is_new)
        name_module(L, name);
    set_caller_environment(L);
    for (int i = 2; i <= last_option; i++) {
        lua_pushvalue(L, i);
        lua_pushvalue(L, loaded + 1);
        lua_call(L, 1, 0);
    }
    return 0;
}

static int package_seeall(lua_State *L)
{
    luaL_checktable(L, 1);
    if (!lua_getmetatable(L, 1)) {
        lua_createtable(L, 0, 1);
        lua_pushvalue(L, -1);
        lua_setmetatable(L, 1);
    }
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    lua_setfield(L, -2, "__index");
    return 0;
}

static int package_loadlib(lua_State *L)
{
    luaL_checkstring(L, 1);
    luaL_checkstring(L, 2);
    lua_pushnil(L);
    lua_pushliteral(L, "dynamic libraries not enabled; check your Lua installation");
    lua_pushliteral(L, "absent");
    return 3;
}

// ---- opening ----

// Sets a path of the table on top: of the environment variable, in which ";;" stands for the usual
// path, or the usual path.
static void set_path(lua_State *L, const char *field, const char *variable, const char *usual)
{
    const char *wanted = lua_profile->is_firmware ? NULL : getenv(variable);
    if (wanted == NULL) {
        lua_pushstring(L, usual);
    } else {
        // \1 marks the place, since the usual path has ';' in it
        wanted = luaL_gsub(L, wanted, ";;", ";\1;");
        luaL_gsub(L, wanted, "\1", usual);
        lua_remove(L, -2);
    }
    lua_setfield(L, -2, field);
}

static void set_loaders(lua_State *L)
{
    static const lua_CFunction loaders[] = {load_preloaded, load_from_file, load_native,
                                            load_native};
    const int count = (int)(sizeof(loaders) / sizeof(loaders[0]));
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_pushlightfunction(L, loaders[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "loaders");
}

// Metatable in registry._LOADLIB, for handles of C libraries: there are none.
ROTABLE_BEGIN(loadlib_meta)
ROTABLE_END(loadlib_meta, NULL, 0)

int luaopen_package(lua_State *L)
{
    static const luaL_Reg package_functions[] = {
        {"loadlib", package_loadlib}, {"seeall", package_seeall}, {NULL, NULL}};
    static const luaL_Reg global_functions[] = {
        {"module", base_module}, {"require", base_require}, {NULL, NULL}};
    luaL_rometatable(L, "_LOADLIB", &loadlib_meta);
    lua_pop(L, 1);
    luaL_register(L, "package", package_functions);
    set_loaders(L);
    set_path(L, "path", "LUA_PATH", lua_profile->is_firmware ? PATH_FIRMWARE : PATH_PC);
    set_path(L, "cpath", "LUA_CPATH", "");
    lua_pushliteral(L, PACKAGE_CONFIG);
    lua_setfield(L, -2, "config");
    luaL_findtable(L, LUA_REGISTRYINDEX, "_LOADED", 1);
    lua_setfield(L, -2, "loaded");
    lua_newtable(L);
    lua_setfield(L, -2, "preload");
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    luaL_register(L, NULL, global_functions);
    lua_pop(L, 1);
    return 1;
}
