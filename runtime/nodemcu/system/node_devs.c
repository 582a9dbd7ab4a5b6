// node_devs.c: node.LFS.reload_devs, node.LFS.devs_config: the devs image is replaced while the
// program runs.
//
// Reads: a file of the program, the heap. Writes: the free slot of the partition, the list of
// regions. Memory: a reload's 18 KB and some 2 KB, garbage at once; strings of the old image that
// are still in use come into RAM.
//
// What a module of the old image has, it gives back itself: its `on_unload` is called, and it is
// taken out of package.loaded. Callbacks that are still registered hold the image, as a variable
// does, unless the caller asks for their release: then each is exchanged for a function that gives
// its object up (a timer is unregistered, a connection closed) when it is called the next time.
// What still holds a function of the image is told; the new image then counts from the next start.

#include <stdio.h>

#include "runtime/core/state.h"
#include "runtime/flash/devs.h"
#include "runtime/flash/file_system.h"
#include "runtime/freezer/freezer.h"
#include "runtime/freezer/unload.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/system/node.h"
#include "runtime/probe/probe.h"

// ---- the file ----

static long read_file(void *context, void *data, uint32_t bytes)
{
    return fs_read(context, data, bytes);
}

static int rewind_file(void *context)
{
    return (int)fs_seek(context, 0, FS_SET);
}

static int push_marks(lua_State *L)
{
    size_t bytes = *(const uint32_t *)lua_touserdata(L, 1);
    lua_newuserdata(L, bytes);
    return 1;
}

// NULL: not enough memory.
static struct lfs_marks *take_marks(lua_State *L, uint32_t image_bytes)
{
    uint32_t bytes = lfs_marks_bytes(image_bytes);
    lua_pushcfunction(L, push_marks);
    lua_pushlightuserdata(L, &bytes);
    return lua_pcall(L, 1, 1, 0) == LUA_OK ? lua_touserdata(L, -1) : NULL;
}

// What the passes need lies on the stack.
static int write_file(lua_State *L, struct fs_file *file, uint32_t bytes, struct lfs_report *report)
{
    struct lfs_room room;
    struct lfs_file input = {read_file, rewind_file, file, bytes};
    struct lfs_reload reload = {.file = &input, .room = &room};
    const struct flash_partition part = devs_slot_of(&devs.whole.partition, FLASH_SECTOR_BYTES, 0);
    *report = (struct lfs_report){.fault = LFS_FAULT_MEMORY};
    if (!node_push_room(L, &part, &room))
        return STATUS_NO_MEMORY;
    int status = devs_reload_check(&reload, report);
    if (status != STATUS_OK)
        return status;
    struct lfs_marks *marks = take_marks(L, reload.header.image_bytes);
    if (!marks) {
        report->fault = LFS_FAULT_MEMORY;
        return STATUS_NO_MEMORY;
    }
    return devs_reload_write(&reload, marks, report);
}

static int write_image(lua_State *L, const char *name, struct lfs_report *report)
{
    struct fs_file *file = NULL;
    long bytes = fs_size(fs_program, name);
    *report = (struct lfs_report){.fault = LFS_FAULT_NO_FILE};
    if (bytes < 0 || fs_open(fs_program, name, FS_READ, &file) != 0)
        return STATUS_NOT_FOUND;
    int top = lua_gettop(L);
    int status = write_file(L, file, (uint32_t)bytes, report);
    lua_settop(L, top);
    fs_close(file);
    return status;
}

static int discard_images(struct lfs_report *report)
{
    if (devs_discard() == STATUS_OK)
        return STATUS_OK;
    report->fault = LFS_FAULT_WRITE;
    return STATUS_IO;
}

// ---- modules of the old image ----

// Calls loaded[name].on_unload(). 0, or -1 with a message on top of the stack.
static int call_on_unload(lua_State *L, int loaded, int name)
{
    lua_pushvalue(L, name);
    lua_rawget(L, loaded);
    if (lua_istable(L, -1)) {
        lua_pushliteral(L, "on_unload");
        lua_rawget(L, -2);
        if (lua_isfunction(L, -1) && lua_pcall(L, 0, 0, 0) != LUA_OK)
            return -1;
    }
    return 0;
}

// Takes a module out of package.loaded, and the global variable of its name if that is it.
static void forget_module(lua_State *L, int loaded, int name)
{
    lua_pushvalue(L, name);
    lua_rawget(L, loaded);
    lua_pushvalue(L, name);
    lua_rawget(L, LUA_GLOBALSINDEX);
    if (!lua_isnil(L, -1) && lua_rawequal(L, -1, -2)) {
        lua_pushvalue(L, name);
        lua_pushnil(L);
        lua_rawset(L, LUA_GLOBALSINDEX);
    }
    lua_pushvalue(L, name);
    lua_pushnil(L);
    lua_rawset(L, loaded);
}

// 0, or -1 with the message of an on_unload on top of the stack.
static int unload_modules(lua_State *L)
{
    if (!node_push_devs_names(L))
        return 0;
    int names = lua_gettop(L), loaded = names + 1;
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    for (int i = 1, last = (int)lua_objlen(L, names); i <= last && lua_istable(L, loaded); i++) {
        lua_settop(L, loaded);
        lua_rawgeti(L, names, i);
        if (call_on_unload(L, loaded, loaded + 1) != 0)
            return -1;
        lua_settop(L, loaded + 1);
        forget_module(L, loaded, loaded + 1);
    }
    return 0;
}

// ---- callbacks ----

// What is called instead of a callback that is gone: its object is given up.
static int gone(lua_State *L)
{
    static const char *const methods[] = {"unregister", "close"};
    for (int i = 0; i < 2 && lua_isuserdata(L, 1) && luaL_getmetafield(L, 1, "__index"); i++) {
        lua_getfield(L, -1, methods[i]);
        if (lua_isfunction(L, -1)) {
            lua_pushvalue(L, 1);
            (void)lua_pcall(L, 1, 0, 0);
            break;
        }
        lua_settop(L, 1);
    }
    return 0;
}

static int is_of(const struct value *v, const struct flash_region *region)
{
    if (!VALUE_IS_CLOSURE(v) || VALUE_CLOSURE(v)->is_c)
        return 0;
    return VALUE_CLOSURE(v)->body - region->begin < region->end - region->begin;
}

// Callbacks are numbered references of the registry.
static int release_callbacks(lua_State *L, const struct flash_region *region)
{
    int released = 0;
    for (int i = 1, last = (int)lua_objlen(L, LUA_REGISTRYINDEX); i <= last; i++) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, i);
        if (is_of(TOP(L) - 1, region)) {
            lua_pushcfunction(L, gone);
            lua_rawseti(L, LUA_REGISTRYINDEX, i);
            released++;
        }
        lua_pop(L, 1);
    }
    return released;
}

// ---- the exchange ----

static void remount_freezer(int was_open)
{
    if (was_open)
        (void)!freezer_make_area(); // it is empty, and made for the images below
}

static void note_mounted(void)
{
#ifdef FROST_PROBED
    const struct flash_region *region = flash_region_find(REGION_DEVS);
    if (region) {
        uint32_t bytes = region->end - region->begin;
        const void *image = (const void *)(uintptr_t)region->begin;
        PROBE_IMAGE_MOUNTED(region->begin, bytes, inflate_crc(0, image, bytes),
                            flash_region_file(REGION_DEVS));
    }
#endif
}

static int exchange(int go)
{
    struct lfs_report report;
    int was_open = freezer.area.is_open, status = STATUS_OK;
    if (go)
        status = devs_switch(lfs_port_marks(), &report);
    if (!go || status != STATUS_OK)
        devs_switch_back();
    remount_freezer(was_open);
    return status == STATUS_OK ? 0 : -1;
}

static int is_freezer_used(void)
{
    return freezer.area.is_open && freezer_area_next(&freezer.area, 0) != 0;
}

// Why the image cannot go now, "" if it can.
static void find_holder(lua_State *L, int releases, struct unload_result *result)
{
    const struct flash_region *old = flash_region_find(REGION_DEVS);
    const struct flash_region none = {.id = REGION_DEVS};
    if (old && releases)
        release_callbacks(L, old);
    unload_find_holder(L, old ? old : &none, result);
    if (result->why[0] == 0 && is_freezer_used())
        snprintf(result->why, sizeof result->why,
                 "the freezer holds objects made for this image, which go with it");
}

static int answer(lua_State *L, int status, const struct unload_result *result)
{
    lua_settop(L, 0);
    lua_pushboolean(L, status == STATUS_OK);
    if (status == STATUS_OK)
        return 1;
    lua_pushstring(L, result->why[0]               ? result->why
                      : status == STATUS_NO_MEMORY ? "not enough memory for its strings"
                                                   : "it cannot be mounted");
    return 2;
}

static int replace(lua_State *L, int releases)
{
    struct unload_result result;
    uint32_t old_slot = devs.mounted;
    if (unload_modules(L) != 0) {
        lua_pushboolean(L, 0);
        lua_insert(L, -2);
        return 2;
    }
    lua_settop(L, 0);
    find_holder(L, releases, &result);
    if (result.why[0] != 0)
        return answer(L, STATUS_USAGE, &result);
    int status = unload_region(L, REGION_DEVS, exchange, &result);
    if (status == STATUS_OK && old_slot < DEVS_SLOTS)
        devs.is_in_use[old_slot] |= result.c_strings > 0;
    if (status == STATUS_OK)
        note_mounted();
    return answer(L, status, &result);
}

// reload_devs(file | nil [, release]): true: the image of the file (nil: none) has replaced the old
// one. false and the reason: it will at the next start. nil and the reason: it will not.
int node_reload_devs(lua_State *L)
{
    const char *name = luaL_optstring(L, 1, NULL);
    int releases = lua_toboolean(L, 2);
    struct lfs_report report = {.fault = LFS_FAULT_NONE};
    int status = name ? write_image(L, name, &report) : discard_images(&report);
    if (status != STATUS_OK) {
        char text[LFS_MESSAGE_BYTES];
        lfs_report_text(&report, text, sizeof text);
        lua_pushnil(L);
        lua_pushstring(L, text);
        return 2;
    }
    return replace(L, releases);
}

// ---- what there is ----

static void set_field(lua_State *L, const char *key, uint32_t number)
{
    lua_pushnumber(L, (lua_Number)number);
    lua_setfield(L, -2, key);
}

// devs_number counts replacements; devs_next is the number of an image that counts from the next
// start.
void node_push_devs_config(lua_State *L)
{
    const struct flash_region *region = flash_region_find(REGION_DEVS);
    uint32_t mounted = devs.mounted < DEVS_SLOTS ? devs.numbers[devs.mounted] : 0;
    uint32_t newest = devs.numbers[0] > devs.numbers[1] ? devs.numbers[0] : devs.numbers[1];
    if (!region) {
        lua_pushnil(L);
        return;
    }
    lua_createtable(L, 0, 5);
    set_field(L, "devs_number", mounted);
    set_field(L, "devs_mapped", region->begin);
    set_field(L, "devs_used", region->end - region->begin);
    set_field(L, "devs_size", devs.whole.partition.bytes / DEVS_SLOTS);
    if (newest != mounted)
        set_field(L, "devs_next", newest);
}
