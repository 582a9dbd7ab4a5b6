// node_system.c: node.setonerror, dsleep, random, setpartitiontable; what node had in older
// firmware.
//
// Reads and writes: the event loop's error function; the flash layout; the boots.
// Memory: none but the error function's reference.
// Source: behaviour of NodeMCU 3.0; documentation of the firmware's module node.

#include <string.h>

#include "runtime/core/state.h"
#include "runtime/flash/lfs_slots.h"
#include "runtime/flash/regions.h"
#include "runtime/flash/store/store.h"
#include "runtime/nodemcu/boot.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/restart.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/port/port.h"
#include "runtime/world/world.h"

// node.setonerror([function(message)]): what is called when a callback fails; anything else: the
// device's own answer.
int node_setonerror(lua_State *L)
{
    lua_settop(L, 1);
    if (!lua_isfunction(L, 1)) {
        lua_pushnil(L);
        lua_replace(L, 1);
    }
    callbacks_set_on_error(L);
    return 0;
}

// node.dsleep([us [, option [, instant]]]): soon the device sleeps, and the next boot is us later;
// 0: nothing wakes it, so the run ends. Without time only the option is set, of no matter here.
int node_dsleep(lua_State *L)
{
    if (!lua_isnoneornil(L, 2))
        luaL_checkinteger(L, 2);
    if (lua_isnoneornil(L, 1))
        return 0;
    lua_Number us = luaL_checknumber(L, 1);
    (void)lfs_confirm(&flash_table); // the program has come to its end
    restart_set_sleep(us > 0 ? (uint64_t)us : 0);
    restart_soon(us == 0 ? RESTART_NEVER : RESTART_WAKE);
    return 0;
}

// The longest sleep in microseconds, 32 bits of the clock that runs in it at about 6 us a tick.
int node_dsleep_max(lua_State *L)
{
    static const uint64_t max_us = 12884901882u;
    lua_pushnumber(L, sizeof(lua_Number) == 4 ? (lua_Number)(int32_t)max_us : (lua_Number)max_us);
    return 1;
}

// The firmware has no sleep unless it is built with both options.
int node_sleep(lua_State *L)
{
    static const char note[] = "\n The options \"TIMER_SUSPEND_ENABLE\" and \"PMSLEEP_ENABLE\" in "
                               "\"app/include/user_config.h\" were disabled during FW build!\n";
    port_console_write(note, sizeof note - 1);
    return luaL_error(L, "node.sleep() is unavailable");
}

// node.restore(): the settings of Wi-Fi as they were when the device was new.
int node_restore(lua_State *L)
{
    (void)L;
    boot_restore_settings();
    return 0;
}

// ---- random ----

static uint32_t random_word(void)
{
    uint32_t word = 0;
    world_ask(WORLD_RANDOM, 0, NULL, 0, &word, sizeof word);
    return word;
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
    luaL_argcheck(L, low <= high, 2, "interval is empty");
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
        uint32_t *value = lua_type(L, -2) == LUA_TSTRING ? setting(lfs, store, lua_tostring(L, -2))
                                                         : NULL;
        if (!value || lua_type(L, -1) != LUA_TNUMBER)
            luaL_error(L, "invalid partition setting");
        lua_Number number = lua_tonumber(L, -1);
        if (number < 0 || number > (lua_Number)INT32_MAX)
            luaL_error(L, "Partition value out of range");
        *value = (uint32_t)number;
    }
}

// The files of a store are lost with its place or size: its ring would have another end.
static int has_files(const struct flash_partition *range)
{
    struct store store;
    uint32_t place;
    int status = store_mount(&store, flash_table.device, range, &place, 1, 1);
    return status == STATUS_NO_MEMORY || (status == STATUS_OK && store.file_count > 0);
}

static int is_erased(const struct flash_partition *range)
{
    uint32_t word;
    for (uint32_t off = 0; off < range->bytes; off += FLASH_SECTOR_BYTES)
        if (flash_read(flash_table.device, range->off + off, &word, sizeof word) != STATUS_OK ||
            word != UINT32_MAX)
            return 0;
    return 1;
}

// Makes room for what is at `id` in the layout: a partition in its way that holds nothing makes
// way, or the second slot of the LFS, if it is not the one in use. Result: NULL, or the name of
// what is in the way.
static const char *make_way(struct flash_layout *layout, enum flash_partition_id id)
{
    const struct flash_partition part = layout->parts[id];
    enum flash_partition_id other;
    while ((other = partitions_in_the_way(layout, id, part.off, part.bytes)) != PARTITION_COUNT) {
        struct flash_partition *range = &layout->parts[other];
        int is_spare = other == PARTITION_LFS_SECOND && lfs_target.partition.off != range->off;
        int is_program = other == PARTITION_FIRMWARE || other == PARTITION_LFS ||
                         other == PARTITION_STORE;
        if (is_program || (!is_spare && !is_erased(range)))
            return partitions_name(other);
        *range = (struct flash_partition){0, 0};
    }
    return NULL;
}

// An image that would be left outside the partition is taken back first: what is written into its
// place later could not be told from it, should the partition ever return.
static int leave_images(const struct flash_layout *layout)
{
    static const enum flash_partition_id slots[] = {PARTITION_LFS, PARTITION_LFS_SECOND};
    int status = STATUS_OK;
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        const struct flash_partition *from = &flash_layout.parts[slots[i]];
        const struct flash_partition *to = &layout->parts[slots[i]];
        struct lfs_target target = {.device = flash_table.device, .partition = *from};
        struct lfs_header header;
        if (from->bytes == 0)
            continue;
        status = flash_read(flash_table.device, from->off, &header, sizeof header);
        if (status == STATUS_OK && header.signature != UINT32_MAX &&
            (from->off != to->off || header.image_bytes > to->bytes))
            status = lfs_discard(&target);
    }
    return status;
}

// Would the image that is mounted lie outside the LFS? A size of 0 asks for just that.
static int loses_image(const struct flash_layout *layout)
{
    const struct flash_region *image = flash_region_find(REGION_LFS);
    const struct flash_partition *in_use = &lfs_target.partition;
    if (!image || layout->parts[PARTITION_LFS].bytes == 0)
        return 0;
    enum flash_partition_id slot = in_use->off == flash_layout.parts[PARTITION_LFS].off
                                       ? PARTITION_LFS
                                       : PARTITION_LFS_SECOND;
    const struct flash_partition *now = &layout->parts[slot];
    return now->off != in_use->off || now->bytes < image->end - image->begin;
}

static int differs(const struct flash_layout *layout, enum flash_partition_id id)
{
    return memcmp(&layout->parts[id], &flash_layout.parts[id], sizeof layout->parts[id]) != 0;
}

// node.setpartitiontable{...}: checks the layout, keeps it in flash, and restarts.
int node_setpartitiontable(lua_State *L)
{
    struct flash_layout layout = flash_layout;
    enum flash_partition_id which;
    const char *in_the_way = NULL;
    luaL_checktable(L, 1);
    read_settings(L, &layout.parts[PARTITION_LFS], &layout.parts[PARTITION_STORE]);
    if (flash_table.device && differs(&layout, PARTITION_LFS))
        in_the_way = make_way(&layout, PARTITION_LFS);
    if (!in_the_way && flash_table.device && differs(&layout, PARTITION_STORE))
        in_the_way = make_way(&layout, PARTITION_STORE);
    if (in_the_way)
        return luaL_error(L, "Partition value out of range: '%s' is there", in_the_way);
    if (!flash_table.device ||
        partitions_check(&layout, flash_table.device->bytes, &which) != STATUS_OK)
        return luaL_error(L, "Partition value out of range");
    if (differs(&layout, PARTITION_STORE) && has_files(&flash_layout.parts[PARTITION_STORE]))
        return luaL_error(L, "File store has files, which would be lost: format it first");
    if (loses_image(&layout))
        return luaL_error(L, "LFS has an image, which would be lost: lfs_size = 0 removes it");
    if (leave_images(&layout) != STATUS_OK ||
        partition_table_save(&flash_table, &layout) != STATUS_OK)
        return luaL_error(L, "Partition table cannot be written");
    flash_layout = layout;
    restart_now(RESTART_SOFTWARE);
}

// ---- older firmware ----

// Has moved to the module adc.
static int readvdd33(lua_State *L)
{
    lua_getglobal(L, "adc");
    if (lua_isnil(L, -1))
        return luaL_error(L, "no module adc");
    lua_getfield(L, -1, "readvdd33");
    lua_call(L, 0, 1);
    return 1;
}

// Button and light of the first boards.
static int do_nothing(lua_State *L)
{
    (void)L;
    return 0;
}

ROTABLE_BEGIN(node_legacy_lib)
    ROTABLE_FUNC("readvdd33", readvdd33)
    ROTABLE_FUNC("key", do_nothing)
    ROTABLE_FUNC("led", do_nothing)
ROTABLE_END(node_legacy_lib, NULL, 0)
