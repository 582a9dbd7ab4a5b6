// rom.c: the ROM table of the nodemcu profile, and the opening of all libraries.
//
// Reads and writes: globals and registry of the state that is opened.
// Memory: read-only tables are constants; in the pc profile they are copied into the heap.
// Source: the firmware's globals: _G is its own metatable, and _G.__index is the ROM table.
#include "runtime/lib/libs.h"

#include <assert.h>

#include "runtime/core/profile.h"
#include "runtime/lib/lualib.h"
#include "runtime/lib/rom_modules.h"

// clang-format off
#define BASE_FUNCTIONS(F) \
    F("assert", base_assert) \
    F("collectgarbage", base_collectgarbage) \
    F("dofile", base_dofile) \
    F("error", base_error) \
    F("gcinfo", base_gcinfo) \
    F("getfenv", base_getfenv) \
    F("getmetatable", base_getmetatable) \
    F("load", base_load) \
    F("loadfile", base_loadfile) \
    F("loadstring", base_loadstring) \
    F("next", base_next) \
    F("pcall", base_pcall) \
    F("print", base_print) \
    F("rawequal", base_rawequal) \
    F("rawget", base_rawget) \
    F("rawset", base_rawset) \
    F("select", base_select) \
    F("setfenv", base_setfenv) \
    F("setmetatable", base_setmetatable) \
    F("tonumber", base_tonumber) \
    F("tostring", base_tostring) \
    F("type", base_type) \
    F("unpack", base_unpack) \
    F("xpcall", base_xpcall)

// Libraries with the same functions in both profiles; the pc profile adds to math, and has a debug
// of its own.
#define SHARED_LIBRARIES(T) \
    T("coroutine", coroutine_lib) \
    T("math", math_lib) \
    T("string", string_lib) \
    T("table", table_lib)

#define DECLARE(key, table) ROTABLE_EXTERN(table);
ROM_MODULES(DECLARE)

// ---- nodemcu ----

ROTABLE_BEGIN(rom_table)
    BASE_FUNCTIONS(ROTABLE_FUNC)
    SHARED_LIBRARIES(ROTABLE_TABLE)
    ROTABLE_TABLE("debug", debug_lib)
    ROTABLE_TABLE("ROM", rom_table)
    ROM_MODULES(ROTABLE_TABLE)
ROTABLE_END(rom_table, NULL, 0)

#ifndef FROST_CHIP // the chip has one profile

// ---- nodemcu, for programs that the compiler runs ----

ROTABLE_BEGIN(data_rom_table)
    BASE_FUNCTIONS(ROTABLE_FUNC)
    SHARED_LIBRARIES(ROTABLE_TABLE)
    ROTABLE_TABLE("debug", debug_lib)
    ROTABLE_TABLE("ROM", data_rom_table)
    ROM_DATA_MODULES(ROTABLE_TABLE)
ROTABLE_END(data_rom_table, NULL, 0)

// ---- pc ----

ROTABLE_BEGIN(base_lib)
    BASE_FUNCTIONS(ROTABLE_FUNC)
ROTABLE_END(base_lib, NULL, 0)

ROTABLE_BEGIN(pc_libraries)
    SHARED_LIBRARIES(ROTABLE_TABLE)
    ROTABLE_TABLE("debug", debug_pc_lib)
ROTABLE_END(pc_libraries, NULL, 0)
// clang-format on

static void push_entry(lua_State *L, const struct rotable_entry *entry)
{
    switch (entry->value.tag) {
    case ROTABLE_TAG_FUNCTION:
        lua_pushlightfunction(L, entry->value.as.function);
        break;
    case ROTABLE_TAG_NUMBER:
        lua_pushnumber(L, entry->value.as.number);
        break;
    case ROTABLE_TAG_TABLE:
        lua_createtable(L, 0, entry->value.as.table->entry_count);
        lib_copy_rotable(L, entry->value.as.table);
        break;
    default:
        lua_pushlightuserdata(L, (void *)entry->value.as.pointer);
        break;
    }
}

void lib_copy_rotable(lua_State *L, const struct rotable *from)
{
    assert(from != NULL);
    assert(lua_istable(L, -1));
    luaL_checkstack(L, 2, "too many nested tables");
    for (const struct rotable_entry *entry = from->entries; entry->key != NULL; entry++) {
        push_entry(L, entry);
        lua_setfield(L, -2, entry->key);
    }
}

// Notes the global `name` in package.loaded.
static void set_loaded(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    lua_getglobal(L, name);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

static void open_pc_libraries(lua_State *L)
{
    lua_pushvalue(L, LUA_GLOBALSINDEX);
    lib_copy_rotable(L, &base_lib);
    lib_copy_rotable(L, &pc_libraries);
    lua_getglobal(L, "math");
    lib_copy_rotable(L, &math_pc_lib);
    lua_pop(L, 2);
    set_loaded(L, "_G");
    for (const struct rotable_entry *entry = pc_libraries.entries; entry->key != NULL; entry++)
        set_loaded(L, entry->key);
}
#endif

// ---- opening ----

const struct rotable *lib_rom(void)
{
#ifndef FROST_CHIP
    if (lua_profile->has_data_modules_only)
        return &data_rom_table;
#endif
    return &rom_table;
}

void libs_open(lua_State *L)
{
    int top = lua_gettop(L);
    lua_gc(L, LUA_GCSTOP, 0);
    luaopen_base(L);
    luaopen_package(L);
#ifndef FROST_CHIP
    if (!lua_profile->has_readonly_libraries)
        open_pc_libraries(L);
    if (lua_profile->has_io_and_os) {
        luaopen_io(L);
        luaopen_os(L);
        set_loaded(L, "io");
        set_loaded(L, "os");
    }
#endif
    luaopen_math(L);
    luaopen_string(L);
    lua_settop(L, top);
    lua_gc(L, LUA_GCRESTART, 0);
}
