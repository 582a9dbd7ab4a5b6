// freezer_module.c: freezer.module, require, drop, list: modules that are used without being loaded
// again.
//
// Reads and writes: the freezer, the program's files (their content is read for its CRC), and
// package.loaded. Memory: a closure per module.

#include "runtime/freezer/module.h"

#include <string.h>

#include "runtime/core/func.h"
#include "runtime/flash/file_system.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/freezer.h"
#include "runtime/nodemcu/system/freezer_source.h"
#include "runtime/world/world.h"

struct source {
    uint32_t crc, bytes;
};

// Looks for the module's file as `require` does; pushes its name, or what was looked for.
static const char *find_file(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    lua_getfield(L, -1, "package");
    if (lua_istable(L, -1))
        lua_getfield(L, -1, "path");
    const char *path = lua_isstring(L, -1) ? lua_tostring(L, -1) : "?.lc;?.lua";
    const char *base = luaL_gsub(L, name, ".", "/");
    lua_pushliteral(L, "");
    while (*path) {
        size_t bytes = strcspn(path, ";");
        lua_pushlstring(L, path, bytes);
        const char *file = luaL_gsub(L, lua_tostring(L, -1), "?", base);
        lua_remove(L, -2);
        if (bytes > 0 && fs_exists(fs_program, file))
            return file;
        lua_pushfstring(L, "\n\tno file '%s'", file);
        lua_remove(L, -2);
        lua_concat(L, 2);
        path += bytes + (path[bytes] != '\0');
    }
    return NULL;
}

static void push_frozen(lua_State *L, const struct freezer_module *m)
{
    struct proto *p = (struct proto *)(uintptr_t)m->value;
    int count = PROTO_UPVALUES(p);
    struct lua_closure *c = func_new_lua(L, count, VALUE_TABLE(&L->globals));
    REF_SET(c->proto, p);
    value_set_pointer(TOP(L), c, LUA_TFUNCTION);
    TOP_SET(L, TOP(L) + 1);
    for (int i = 0; i < count; i++)
        REF_SET(c->upvalues[i], func_new_upvalue(L));
}

// Loads the file, freezes what it gave and names it. Pushes the function. If it does not fit, the
// module runs from RAM, and the result says why.
static void load_and_freeze(lua_State *L, const char *file, const struct source *source,
                            struct freezer_result *result)
{
    if (luaL_loadfile(L, file) != LUA_OK)
        luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", lua_tostring(L, 1), file,
                   lua_tostring(L, -1));
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    (void)!freezer_module_put(L, TOP(L) - 2, source->crc, source->bytes, result);
    lua_pop(L, 2);
}

// Pushes the function of the module whose name lies at 1. `file` NULL: where `require` finds it.
static void push_module(lua_State *L, const char *file, int by_name_alone,
                        struct freezer_result *result)
{
    struct source source;
    const char *name = lua_tostring(L, 1);
    const struct freezer_module *m = freezer_module_find(VALUE_STRING(DEREF(L->base)));
    if (file == NULL)
        file = find_file(L, name);
    *result = (struct freezer_result){.status = STATUS_OK};
    if (m != NULL && freezer_module_is_table(m))
        m = NULL; // data
    if (file == NULL) {
        if (m == NULL || !by_name_alone)
            luaL_error(L, "module '%s' not found:%s%s", name,
                       m ? "\n\tin the freezer, but its source is gone" : "", lua_tostring(L, -1));
        push_frozen(L, m);
        return;
    }
    int error = freezer_source_sum(file, &source.crc, &source.bytes);
    if (error != 0)
        luaL_error(L, "cannot read %s", file);
    if (m != NULL && m->source_crc == source.crc && m->source_bytes == source.bytes) {
        world_note_file(WORLD_FILE_LOADED, file);
        push_frozen(L, m);
    } else {
        load_and_freeze(L, file, &source, result);
    }
}

// freezer.module(name [, by_name_alone or file]): the function of the module, which is not run, in
// the freezer, where it is put if it is not there yet or its source has changed; bytes of RAM
// saved; why it has stayed in RAM. by_name_alone: also if there is no source. file: its source.
int freezer_module(lua_State *L)
{
    struct freezer_result result;
    luaL_checkstring(L, 1);
    const char *file = lua_isstring(L, 2) ? lua_tostring(L, 2) : NULL;
    int by_name_alone = lua_toboolean(L, 2);
    lua_settop(L, 2);
    push_module(L, file, by_name_alone, &result);
    lua_pushinteger(L, (lua_Integer)result.saved);
    return 2 + freezer_push_why(L, &result);
}

// freezer.require(name [, by_name_alone]): as require, but what is run is freezer.module(name).
int freezer_require(lua_State *L)
{
    struct freezer_result result;
    const char *name = luaL_checkstring(L, 1);
    int by_name_alone = lua_toboolean(L, 2);
    lua_settop(L, 1);
    lua_tostring(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    lua_getfield(L, 2, name);
    if (lua_toboolean(L, -1))
        return 1;
    push_module(L, NULL, by_name_alone, &result);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) {
        lua_getfield(L, 2, name); // the module may have entered itself
        if (lua_isnil(L, -1))
            lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name);
    return 1;
}

// freezer.drop(name): the module is not found any more. True, or false if there was none.
int freezer_drop(lua_State *L)
{
    luaL_checkstring(L, 1);
    int status = freezer_module_drop(VALUE_STRING(DEREF(L->base)));
    if (status == STATUS_IO)
        return luaL_error(L, "flash write failed");
    lua_pushboolean(L, status == STATUS_OK);
    return 1;
}

// freezer.list(): table of names; each has the CRC and length of its source, and what it
// stands for: "function" or "table".
int freezer_list(lua_State *L)
{
    const struct freezer_module *m = NULL;
    lua_newtable(L);
    while ((m = freezer_module_next(m)) != NULL) {
        const struct string *name = (const struct string *)(uintptr_t)m->name;
        if (freezer_module_find(name) != m)
            continue; // a newer one has its name
        value_set_pointer(TOP(L), name, LUA_TSTRING);
        TOP_SET(L, TOP(L) + 1);
        lua_createtable(L, 0, 3);
        lua_pushnumber(L, (lua_Number)m->source_crc);
        lua_setfield(L, -2, "crc");
        lua_pushinteger(L, (lua_Integer)m->source_bytes);
        lua_setfield(L, -2, "bytes");
        lua_pushstring(L, freezer_module_is_table(m) ? "table" : "function");
        lua_setfield(L, -2, "kind");
        lua_rawset(L, -3);
    }
    return 1;
}
