// node.h: the module node, as its files see each other.
//
// Context: the interpreter's thread.

#ifndef FROST_NODEMCU_SYSTEM_NODE_H
#define FROST_NODEMCU_SYSTEM_NODE_H

#include "runtime/core/api/lua.h"
#include "runtime/flash/lfs_reload.h"

struct lfs_room;
struct flash_partition;

// ---- node.c ----

// Before a boot: the processor's frequency is that of the start settings, print writes to the
// console.
void node_reset(void);
// Frequency of the processor, 80 or 160.
int node_cpu_mhz(void);

// ---- node_lfs.c ----

int node_flashindex(lua_State *L);
int node_flashreload(lua_State *L);
// A start: does the reload that the boot before it has noted (node.LFS.reload with restart), if
// there is one. Files are there, no state is. memory: NODE_RELOAD_BYTES, aligned to 4. Does not
// return after a success.
void node_reload_noted(uint8_t *memory);
#define NODE_RELOAD_BYTES LFS_ROOM_BYTES
// A loader for package.loaders: a module of the mounted image, or text that says that it is not
// there.
int node_load_from_flash(lua_State *L);
// Pushes {lfs_mapped, lfs_base, lfs_size, lfs_used}.
void node_push_lfs_config(lua_State *L);

// Pushes pages for a reload into the partition, which stay alive there. 0: not enough memory; then
// a message is pushed.
int node_push_room(lua_State *L, const struct flash_partition *partition, struct lfs_room *room);
// Pushes the list of names of the devs image; 0 and nothing if none is mounted.
int node_push_devs_names(lua_State *L);

// ---- node_devs.c ----

int node_reload_devs(lua_State *L);
// Pushes {devs_number, devs_mapped, devs_used, devs_size}, or nil: no devs image is mounted.
void node_push_devs_config(lua_State *L);

// ---- node_compile.c ----

int node_compile(lua_State *L);
int node_stripdebug(lua_State *L);

// ---- node_info.c ----

int node_info(lua_State *L);
int node_bootreason(lua_State *L);
int node_chipid(lua_State *L);
int node_flashid(lua_State *L);
int node_flashsize(lua_State *L);
int node_getpartitiontable(lua_State *L);
int node_startup(lua_State *L);
int node_startupcommand(lua_State *L);
// Frequency of the processor after a boot, 80 or 160.
int node_startup_mhz(void);

// What is to be run after a start ("@file", "!module", text); "": the default.
const char *node_startup_command(void);

// ---- node_start.c ----

#define NODE_START_NOTHING (-1)
// Pushes what the device runs when it has started: its startup command; init.lua or init.lc of its
// files; the module init of LFS. Result: LUA_OK; NODE_START_NOTHING: there is none of these, and
// nothing was pushed; else that of lua_load, with a message.
int node_load_start(lua_State *L);

// ---- node_spaces.c ----

int node_spaces(lua_State *L);
int node_compact(lua_State *L);

// ---- node_output.c ----

int node_output(lua_State *L);
int node_input(lua_State *L);
void node_output_reset(void);

// ---- node_system.c ----

int node_setonerror(lua_State *L);
int node_dsleep(lua_State *L);
int node_dsleep_max(lua_State *L);
int node_sleep(lua_State *L);
int node_restore(lua_State *L);
int node_random(lua_State *L);
int node_setpartitiontable(lua_State *L);

#endif
