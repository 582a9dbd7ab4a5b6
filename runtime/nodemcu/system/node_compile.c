// node_compile.c: node.compile and node.stripdebug: bytecode files and debug information.
//
// Reads and writes: files of the program; functions in RAM, never those in flash.
// Memory: what compiling takes; stripping gives memory back.
// Source: behaviour of NodeMCU 3.0: compiled files are always stripped.

#include <string.h>

#include "runtime/core/chunk.h"
#include "runtime/core/mem.h"
#include "runtime/core/state.h"
#include "runtime/flash/file_system.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/file.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/probe/probe.h"
#include "runtime/world/world.h"

#define STRIP_LEVELS 3

// ---- compile ----

static int write_piece(lua_State *L, const void *piece, size_t bytes, void *data)
{
    (void)L;
    return bytes > 0 && fs_write(data, piece, bytes) < 0;
}

int node_compile(lua_State *L)
{
    size_t bytes;
    const char *name = luaL_checklstring(L, 1, &bytes);
    lua_settop(L, 1);
    file_check_name(L, 1);
    if (bytes < 5 || strcmp(name + bytes - 4, ".lua") != 0)
        return luaL_error(L, "not a .lua file");
    world_note_file(WORLD_FILE_COMPILED, name);
    if (luaL_loadfile(L, name) != LUA_OK)
        return lua_error(L);
    // "x.lua" becomes "x.lc"
    lua_pushlstring(L, name, bytes - 2);
    lua_pushliteral(L, "c");
    lua_concat(L, 2);
    const char *out_name = lua_tostring(L, -1);
    struct fs_file *out;
    if (fs_open(fs_program, out_name, FS_WRITE | FS_CREATE | FS_TRUNCATE, &out) != 0)
        return luaL_error(L, "cannot open/write to file");
    PROBE_FILE_MADE_OF(out_name, name);
    lua_pushvalue(L, 2);
    int failed = lua_dumpstrip(L, write_piece, out, 2);
    failed |= fs_close(out) != 0;
    if (!failed)
        return 0;
    fs_remove(fs_program, out_name);
    return luaL_error(L, "writing to file failed");
}

// ---- stripdebug ----

static uint32_t lines_bytes(const struct proto *p)
{
    return REF_IS_NULL(p->lines) ? 0 : (uint32_t)strlen((const char *)DEREF(p->lines)) + 1;
}

// Takes debug information out of a function and those inside; returns the bytes that this gives
// back. Functions in flash stay as they are.
static uint32_t strip(lua_State *L, struct proto *p, int level)
{
    if (IN_WINDOW(p))
        return 0;
    uint32_t before = GLOBAL(L)->total_bytes;
    MEM_FREE(L, DEREF(p->local_names), (size_t)p->local_name_count * sizeof(struct local_name),
             KIND_DEBUG_NAMES);
    REF_NULL(p->local_names);
    p->local_name_count = 0;
    MEM_FREE(L, DEREF(p->upvalue_names), (size_t)p->upvalue_name_count * sizeof(REF(struct string)),
             KIND_DEBUG_NAMES);
    REF_NULL(p->upvalue_names);
    p->upvalue_name_count = 0;
    if (level == STRIP_LEVELS && !IN_WINDOW(DEREF(p->lines))) {
        MEM_FREE(L, (void *)(uintptr_t)p->lines.addr, lines_bytes(p), KIND_LINES);
        REF_NULL(p->lines);
    }
    uint32_t freed = before - GLOBAL(L)->total_bytes;
    for (int i = 0; i < p->proto_count; i++)
        freed += strip(L, DEREF(DEREF(p->protos)[i]), level);
    return freed;
}

// The Lua function at argument 2: a function, or a stack level as setfenv takes it.
static struct proto *function_argument(lua_State *L)
{
    if (lua_isnumber(L, 2)) {
        lua_Debug ar;
        int level = luaL_checkint(L, 2);
        luaL_argcheck(L, level > 0, 2, "level must be a non-negative number");
        if (lua_getstack(L, level, &ar) == 0)
            luaL_argerror(L, 2, "invalid level");
        lua_getinfo(L, "f", &ar);
        lua_replace(L, 2);
    }
    if (!lua_isfunction(L, 2) || lua_iscfunction(L, 2))
        luaL_argerror(L, 2, "not a valid function");
    return DEREF(((const struct lua_closure *)lua_topointer(L, 2))->proto);
}

int node_stripdebug(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_pushinteger(L, chunk_strip_level + 1);
        return 1;
    }
    int level = luaL_checkint(L, 1);
    luaL_argcheck(L, level >= 1 && level <= STRIP_LEVELS, 1, "Invalid strip level");
    if (lua_isnoneornil(L, 2)) {
        chunk_strip_level = level - 1;
        return 0;
    }
    struct proto *p = function_argument(L);
    lua_pushinteger(L, level > 1 ? (lua_Integer)strip(L, p, level) : 0);
    return 1;
}
