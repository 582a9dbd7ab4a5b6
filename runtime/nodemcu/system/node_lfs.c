// node_lfs.c: node.LFS, node.flashindex, node.flashreload: modules in flash.
//
// Reads: the mounted images, LFS devs before LFS core. Writes: the LFS partition (reload), then the
// boot ends.
// Memory: as on the device: a closure of the index function, garbage at once, and the module's
//         closure; a list of names only for a call without a match. A reload needs about 24 KB in
//         pieces of 2 KB, and gives them back as garbage if it fails.
// Source: behaviour of NodeMCU 3.0; the five values are those of older firmware.
//
// Decision. The firmware of today gives nil where older ones gave five values (time, mapped
// address, flash address, size, names), and `_init` modules of both kinds are in use. Here a name
// of the image gives its function and any other name nil, as today; but no argument, and names that
// begin with "_" and are not in the image, give the five values. Then all `_init` modules work. The
// editions `stock` and `stock-2018` (firmware.h) are strict: always nil, or always the five values.

#include <string.h>

#include "runtime/core/func.h"
#include "runtime/core/state.h"
#include "runtime/flash/file_system.h"
#include "runtime/flash/lfs_reload.h"
#include "runtime/flash/lfs_slots.h"
#include "runtime/format/store.h"
#include "runtime/nodemcu/firmware.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/restart.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

// Pushes a closure of an image's index function; 0 and nothing if there is no image.
static int push_index(lua_State *L, enum flash_region_id id)
{
    const struct flash_region *region = flash_region_find(id);
    if (!region)
        return 0;
    luaL_checkstack(L, 4, "no room for a module");
    struct lua_closure *c = func_new_lua(L, 0, VALUE_TABLE(&L->globals));
    c->proto.addr = region->index_addr;
    value_set_pointer(TOP(L), c, LUA_TFUNCTION);
    TOP_SET(L, TOP(L) + 1);
    return 1;
}

// Pushes what the index function of an image gives for the value at `arg` (0: nil): a function and
// nil, or the time and the list of names. Result: 1 for a module, 0 for none; without image nothing
// is pushed and the result is -1.
static int call_index(lua_State *L, enum flash_region_id id, int arg)
{
    if (!push_index(L, id))
        return -1;
    if (arg)
        lua_pushvalue(L, arg);
    else
        lua_pushnil(L);
    lua_call(L, 1, 2);
    return lua_isfunction(L, -2);
}

static int has_name(lua_State *L, int list, int count, int name)
{
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        int is_same = lua_rawequal(L, -1, name);
        lua_pop(L, 1);
        if (is_same)
            return 1;
    }
    return 0;
}

// Adds to the list on top of the stack the names that devs have and it has not.
static void add_devs_names(lua_State *L)
{
    int list = lua_gettop(L), count = (int)lua_objlen(L, list), next = count;
    if (call_index(L, REGION_DEVS, 0) < 0)
        return;
    int added = lua_gettop(L), last = (int)lua_objlen(L, added);
    for (int i = 1; i <= last; i++) {
        lua_rawgeti(L, added, i);
        if (has_name(L, list, count, lua_gettop(L)))
            lua_pop(L, 1);
        else
            lua_rawseti(L, list, ++next);
    }
    lua_settop(L, list);
}

// Pushes what all images together give for the value at `arg` (0: nil): results as call_index's.
// Time and list are LFS core's, with the names that devs add, or devs' where there is no core.
static int call_indices(lua_State *L, int arg)
{
    int found = arg ? call_index(L, REGION_DEVS, arg) : -1;
    if (found == 1)
        return 1;
    if (found == 0)
        lua_pop(L, 2);
    found = call_index(L, REGION_LFS, arg);
    if (found < 0)
        return call_index(L, REGION_DEVS, 0);
    if (found == 0)
        add_devs_names(L);
    return found;
}

int node_push_devs_names(lua_State *L)
{
    if (call_index(L, REGION_DEVS, 0) < 0)
        return 0;
    lua_remove(L, -2); // the time
    return 1;
}

int node_load_from_flash(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    if (call_indices(L, 1) == 1)
        return lua_pop(L, 1), 1;
    lua_pushfstring(L, "\n\tno module '%s' in flash", name);
    return 1;
}

// Addresses in the window are positive numbers in both builds.
static void push_address(lua_State *L, uint32_t addr)
{
    lua_pushnumber(L, (lua_Number)addr);
}

// The five values without LFS: nil, then where it would be; only nil if there is no partition.
static int push_absent(lua_State *L)
{
    lua_pushnil(L);
    if (lfs_target.partition.bytes == 0)
        return 1;
    push_address(L, partitions_addr(&lfs_target.partition));
    push_address(L, lfs_target.partition.off);
    push_address(L, lfs_target.partition.bytes);
    return 4;
}

static int wants_details(lua_State *L)
{
    if (firmware_edition() == FIRMWARE_STOCK)
        return 0;
    if (lua_isnoneornil(L, 1) || firmware_edition() == FIRMWARE_STOCK_2018)
        return 1;
    const char *name = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : NULL;
    if (!name)
        return 0;
    PROBE_CONTENT_READ(L, name, 0, 1, CONTENT_OTHER);
    return name[0] == '_';
}

int node_flashindex(lua_State *L)
{
    int details = wants_details(L);
    lua_settop(L, 1);
    if (!details && lua_type(L, 1) != LUA_TSTRING)
        return lua_pushnil(L), 1;
    int found = call_indices(L, 1);
    if (found == 1)
        return lua_pop(L, 1), 1;
    if (!details)
        return lua_pushnil(L), 1;
    if (found < 0)
        return push_absent(L);
    const struct flash_region *lfs = flash_region_find(REGION_LFS);
    if (!lfs)
        lfs = flash_region_find(REGION_DEVS);
    push_address(L, lfs->begin);
    push_address(L, lfs->begin - WINDOW_ADDR);
    push_address(L, lfs->end - lfs->begin);
    lua_pushvalue(L, -4); // names
    lua_remove(L, -5);
    return 5;
}

// ---- node.LFS ----

// Sorts the list on top of the stack; it has at most twice LFS_MODULES_MAX names.
static void sort_names(lua_State *L)
{
    int count = (int)lua_objlen(L, -1);
    for (int i = 2; i <= count; i++)
        for (int k = i; k > 1; k--) {
            lua_rawgeti(L, -1, k - 1);
            lua_rawgeti(L, -2, k);
            if (!lua_lessthan(L, -1, -2)) {
                lua_pop(L, 2);
                break;
            }
            lua_rawseti(L, -3, k - 1);
            lua_rawseti(L, -2, k);
        }
}

static int lfs_list(lua_State *L)
{
    if (call_indices(L, 0) < 0)
        return lua_pushnil(L), 1;
    sort_names(L);
    return 1;
}

static void set_field(lua_State *L, const char *key, uint32_t number)
{
    push_address(L, number);
    lua_setfield(L, -2, key);
}

void node_push_lfs_config(lua_State *L)
{
    const struct flash_partition *partition = &lfs_target.partition;
    const struct flash_region *lfs = flash_region_find(REGION_LFS);
    lua_createtable(L, 0, 4);
    set_field(L, "lfs_mapped", partition->bytes ? partitions_addr(partition) : 0);
    set_field(L, "lfs_base", partition->off);
    set_field(L, "lfs_size", partition->bytes);
    set_field(L, "lfs_used", lfs ? lfs->end - lfs->begin : 0);
}

// Fields of node.LFS that are not functions of their own; any other name is a module.
static int lfs_index(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(name, "config") == 0)
        return node_push_lfs_config(L), 1;
    if (strcmp(name, "devs_config") == 0)
        return node_push_devs_config(L), 1;
    if (strcmp(name, "time") == 0) {
        if (call_indices(L, 0) < 0)
            lua_pushnil(L);
        else
            lua_pop(L, 1);
        return 1;
    }
    lua_remove(L, 1);
    return node_flashindex(L);
}

// ---- reload ----

static long read_file(void *context, void *data, uint32_t bytes)
{
    return fs_read(context, data, bytes);
}

static int rewind_file(void *context)
{
    return (int)fs_seek(context, 0, FS_SET);
}

struct reloading {
    uint32_t starts; // in how many starts the image has to be confirmed
    int has_begun;   // there is no way back
};

struct room_request {
    struct lfs_room *room;
    const struct flash_partition *partition;
};

static int make_room(lua_State *L)
{
    const struct room_request *request = lua_touserdata(L, 1);
    struct lfs_room *room = request->room;
    uint32_t pages = lfs_bitmap_pages(request->partition);
    lua_settop(L, 0);
    luaL_checkstack(L, INFLATE_PAGES + LFS_BITMAP_PAGES, "no room for a reload");
    for (uint32_t i = 0; i < INFLATE_PAGES; i++)
        room->window[i] = lua_newuserdata(L, INFLATE_PAGE_BYTES);
    for (uint32_t i = 0; i < pages; i++)
        room->bitmap[i] = lua_newuserdata(L, INFLATE_PAGE_BYTES);
    return (int)(INFLATE_PAGES + pages);
}

int node_push_room(lua_State *L, const struct flash_partition *partition, struct lfs_room *room)
{
    struct room_request request = {room, partition};
    lua_pushcfunction(L, make_room);
    lua_pushlightuserdata(L, &request);
    return lua_pcall(L, 1, LUA_MULTRET, 0) == LUA_OK;
}

// The first pass leaves Lua as it was but for the pages. After the second one has begun strings and
// functions of the old image are gone: nothing of Lua may run.
static int reload_file(struct fs_file *file, uint32_t bytes, const struct lfs_room *room,
                       struct reloading *how, struct lfs_report *report)
{
    struct lfs_file input = {read_file, rewind_file, file, bytes};
    struct lfs_reload reload = {
        .target = lfs_switch_target(&flash_table), .file = &input, .room = room};
    struct lfs_switch to;
    int status = lfs_reload_check(&reload, report);
    if (status != STATUS_OK)
        return status;
    how->has_begun = 1;
    report->fault = LFS_FAULT_WRITE;
    status = lfs_switch_begin(&flash_table, how->starts, &to);
    if (status != STATUS_OK)
        return status;
    status = lfs_reload_write(&reload, lfs_port_marks(), report);
    if (status != STATUS_OK)
        return status;
    status = lfs_switch_end(&flash_table, &to);
    report->fault = status == STATUS_OK ? LFS_FAULT_NONE : LFS_FAULT_WRITE;
    return status;
}

// room: NULL: the pages come from Lua's heap.
static int reload(lua_State *L, const char *name, struct lfs_room *room, struct reloading *how,
                  struct lfs_report *report)
{
    struct fs_file *file = NULL;
    struct lfs_room own;
    *report = (struct lfs_report){.fault = LFS_FAULT_NO_PARTITION};
    if (lfs_target.partition.bytes == 0)
        return STATUS_NOT_FOUND;
    long bytes = fs_size(fs_program, name);
    if (bytes < 0 || fs_open(fs_program, name, FS_READ, &file) != 0) {
        report->fault = LFS_FAULT_NO_FILE;
        return STATUS_NOT_FOUND;
    }
    *report = (struct lfs_report){.fault = LFS_FAULT_MEMORY};
    int status = STATUS_NO_MEMORY;
    if (room || node_push_room(L, &lfs_target.partition, &own))
        status = reload_file(file, (uint32_t)bytes, room ? room : &own, how, report);
    fs_close(file);
    return status;
}

// Tells how it went, and restarts if there is no way back.
static void end_reload(int status, const struct reloading *how, const struct lfs_report *report)
{
    static const char done[] = "LFS region updated.  Restarting.\n";
    char text[LFS_MESSAGE_BYTES];
    if (status == STATUS_OK) {
        port_console_write(done, sizeof done - 1);
        restart_now(RESTART_SOFT_WATCHDOG); // the firmware waits for it
    }
    if (!how->has_begun)
        return;
    lfs_report_text(report, text, sizeof text);
    port_console_error(text, strlen(text));
    port_console_error("\n", 1);
    restart_now(RESTART_SOFT_WATCHDOG);
}

void node_reload_noted(uint8_t *memory)
{
    struct lfs_room room;
    struct lfs_report report;
    struct reloading how = {.starts = LFS_TRIAL_STARTS};
    char text[LFS_MESSAGE_BYTES];
    if (flash_table.reload_off == 0)
        return;
    lfs_room_in(&room, memory);
    // It is tried once: whatever comes of it must not come at every start.
    if (partition_table_mark(&flash_table, flash_table.reload_off, PARTITION_STATE_TAKEN) !=
        STATUS_OK)
        return;
    int status = reload(NULL, flash_table.reload_name, &room, &how, &report);
    end_reload(status, &how, &report);
    lfs_report_text(&report, text, sizeof text);
    port_console_error(text, strlen(text));
    port_console_error("\n", 1);
}

// Notes the file for the next start, which has an empty heap.
static void put_off(const char *name)
{
    static const char note[] = "LFS reload needs an empty heap.  Restarting.\n";
    uint32_t off;
    if (strlen(name) > STORE_NAME_BYTES_MAX ||
        partition_table_append(&flash_table, PARTITION_ENTRY_RELOAD, 0, name, &off) != STATUS_OK)
        return;
    port_console_write(note, sizeof note - 1);
    restart_now(RESTART_SOFTWARE);
}

// The field of an options table, or what there is without one.
static lua_Integer option(lua_State *L, const char *name, lua_Integer absent)
{
    if (!lua_istable(L, 2))
        return absent;
    lua_getfield(L, 2, name);
    lua_Integer value = lua_isnil(L, -1)       ? absent
                        : lua_isboolean(L, -1) ? lua_toboolean(L, -1)
                                               : luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    return value;
}

// node.LFS.reload(name [, {starts = N, restart = true}]): N: in how many starts the image has to be
// confirmed, 0: it needs not be; restart: without enough memory for it, it is done after a restart.
static int lfs_reload(lua_State *L)
{
    char text[LFS_MESSAGE_BYTES];
    struct lfs_report report;
    const char *name = luaL_checkstring(L, 1);
    lua_Integer starts = option(L, "starts", LFS_TRIAL_STARTS);
    luaL_argcheck(L, starts >= 0 && starts <= (lua_Integer)PARTITION_STARTS_MAX, 2, "starts");
    struct reloading how = {.starts = (uint32_t)starts};
    int may_restart = option(L, "restart", 0) != 0;
    int status = reload(L, name, NULL, &how, &report);
    end_reload(status, &how, &report);
    if (report.fault == LFS_FAULT_MEMORY && may_restart)
        put_off(name);
    lfs_report_text(&report, text, sizeof text);
    lua_settop(L, 0);
    lua_pushstring(L, text);
    return 1;
}

// node.LFS.confirm(): the image that runs is good. True, false if it could not be noted.
static int lfs_confirm_image(lua_State *L)
{
    lua_pushboolean(L, lfs_confirm(&flash_table) == STATUS_OK);
    return 1;
}

// node.LFS.slot(): the slot whose image is mounted, nil if none is; in how many starts it has to be
// confirmed, nil if it is.
static int lfs_slot_now(lua_State *L)
{
    const struct flash_region *lfs = flash_region_find(REGION_LFS);
    const struct partition_slots *slots = &flash_table.slots;
    if (lfs)
        lua_pushinteger(L, (lua_Integer)lfs_slot_at(&flash_table, lfs->begin - WINDOW_ADDR) + 1);
    else
        lua_pushnil(L);
    if (lfs_is_on_trial(&flash_table))
        lua_pushinteger(L, (lua_Integer)(slots->starts - slots->starts_used));
    else
        lua_pushnil(L);
    return 2;
}

int node_flashreload(lua_State *L)
{
    static const char note[] = "node.flashreload is deprecated: use node.LFS.reload\n";
    if (firmware_edition() != FIRMWARE_STOCK_2018)
        port_console_error(note, sizeof note - 1);
    return lfs_reload(L);
}

// ---- resources ----

// Calls the module of an image that has its resources (runtime/luac/resources.h) with the name at
// 1, or without one: pushes a text or a list. 0 and nothing: there is none.
static int push_resource(lua_State *L, enum flash_region_id id)
{
    int top = lua_gettop(L);
    lua_pushliteral(L, "_resource");
    if (call_index(L, id, top + 1) == 1) {
        lua_pop(L, 1);
        lua_pushvalue(L, 1);
        lua_call(L, 1, 1);
        if (!lua_isnil(L, -1))
            return 1;
    }
    lua_settop(L, top);
    return 0;
}

// resource(name): a file of `frost luac --resource` as a text, or nil; LFS devs before LFS core.
// resource(): the names of the first image that has any.
static int lfs_resource(lua_State *L)
{
    (void)luaL_optstring(L, 1, NULL);
    lua_settop(L, 1);
    if (!push_resource(L, REGION_DEVS) && !push_resource(L, REGION_LFS))
        lua_pushnil(L);
    return 1;
}

ROTABLE_BEGIN(node_lfs_meta)
    ROTABLE_FUNC("__index", lfs_index)
ROTABLE_END(node_lfs_meta, NULL, ROTABLE_EVENT_INDEX)

ROTABLE_BEGIN(node_lfs_lib)
    ROTABLE_FUNC("confirm", lfs_confirm_image)
    ROTABLE_FUNC("get", node_flashindex)
    ROTABLE_FUNC("list", lfs_list)
    ROTABLE_FUNC("reload", lfs_reload)
    ROTABLE_FUNC("reload_devs", node_reload_devs)
    ROTABLE_FUNC("resource", lfs_resource)
    ROTABLE_FUNC("slot", lfs_slot_now)
ROTABLE_END(node_lfs_lib, &node_lfs_meta, 0)
