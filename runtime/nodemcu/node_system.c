// node_system.c: node.setonerror, dsleep, random, setpartitiontable.
//
// Reads and writes: the event loop's error function; the flash layout of this process; the boots.
// Memory: none but the error function's reference.
// Source: facts on the firmware, (d); documentation of the firmware's module node.

#include <string.h>

#include "runtime/core/state.h"
#include "runtime/flash/lfs.h"
#include "runtime/nodemcu/events.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/port/port.h"

// node.setonerror([function(message)]): what is called when a callback fails. Without function a
// failing callback ends the run, where the firmware prints and restarts after two seconds.
int node_setonerror(lua_State *L)
{
    lua_settop(L, 1);
    if (!lua_isnil(L, 1))
        luaL_checkfunction(L, 1);
    events_set_on_error(L);
    return 0;
}

// node.dsleep([us [, option]]): the next boot, us of virtual time later; 0 and no argument: the end
// of the run, since nothing wakes the chip.
int node_dsleep(lua_State *L)
{
    lua_Number us = luaL_optnumber(L, 1, 0);
    lua_Integer option = luaL_optinteger(L, 2, 0);
    if (us < 0 || (double)us > UINT32_MAX || option < 0 || option > 4)
        return luaL_error(L, "wrong arg range");
    if (us < 1)
        port_exit(0);
    events_set_wake();
    port_restart();
}

// ---- random ----

// The chip has a source of noise. Here the numbers are the same in every run, so that traces are.
static uint32_t random_word(void)
{
    static uint32_t state = 2463534242u;
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

// node.random(): in [0, 1), an integer build 0; node.random(n): 1..n; node.random(m, n): m..n.
int node_random(lua_State *L)
{
    lua_Integer low = 1, high;
    switch (lua_gettop(L)) {
    case 0:
        lua_pushnumber(L, sizeof(lua_Number) == 4 ? 0 : (lua_Number)(random_word() / 4294967296.0));
        return 1;
    case 1:
        high = luaL_checkinteger(L, 1);
        break;
    case 2:
        low = luaL_checkinteger(L, 1);
        high = luaL_checkinteger(L, 2);
        break;
    default:
        return luaL_error(L, "wrong number of arguments");
    }
    luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
    uint64_t count = (uint64_t)((int64_t)high - (int64_t)low) + 1;
    lua_pushnumber(L, (lua_Number)((int64_t)low + (int64_t)(random_word() * count >> 32)));
    return 1;
}

// ---- partitions ----

static uint32_t *setting(struct flash_partition *lfs, struct flash_partition *store,
                         const char *name)
{
    const struct {
        const char *name;
        uint32_t *value;
    } known[] = {{"lfs_addr", &lfs->off},
                 {"lfs_size", &lfs->bytes},
                 {"spiffs_addr", &store->off},
                 {"spiffs_size", &store->bytes}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].value;
    return NULL;
}

static void read_settings(lua_State *L, struct flash_partition *lfs, struct flash_partition *store)
{
    for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
        uint32_t *value =
            lua_type(L, -2) == LUA_TSTRING ? setting(lfs, store, lua_tostring(L, -2)) : NULL;
        if (!value || lua_type(L, -1) != LUA_TNUMBER)
            luaL_error(L, "invalid partition setting");
        lua_Number number = lua_tonumber(L, -1);
        if (number < 0 || number > (lua_Number)INT32_MAX)
            luaL_error(L, "Partition value out of range");
        *value = (uint32_t)number;
    }
}

// node.setpartitiontable{...}: checks the layout, takes it over for this process, and restarts.
int node_setpartitiontable(lua_State *L)
{
    struct flash_layout layout;
    uint32_t flash_bytes = lfs_target.device ? lfs_target.device->bytes : 0;
    luaL_checktable(L, 1);
    partitions_init(&layout, flash_bytes);
    struct flash_partition lfs = {lfs_target.partition.off, lfs_target.partition.bytes};
    struct flash_partition store = layout.parts[PARTITION_STORE];
    read_settings(L, &lfs, &store);
    if (store.off != layout.parts[PARTITION_STORE].off ||
        partitions_set(&layout, flash_bytes, PARTITION_LFS, lfs.off, lfs.bytes) != STATUS_OK)
        return luaL_error(L, "Partition value out of range");
    lfs_target.partition = layout.parts[PARTITION_LFS];
    port_restart();
}
