// modules.h: the modules of the firmware, as the parts of runtime/nodemcu see each other.
//
// The list of modules that Lua sees is runtime/lib/rom_modules.h. All tables are read-only and take
// nothing of the heap.
// Source: the firmware's documentation of its modules; facts on the firmware, (d).

#ifndef FROST_NODEMCU_MODULES_H
#define FROST_NODEMCU_MODULES_H

#include "runtime/core/lauxlib.h"
#include "runtime/core/rotable.h"

ROTABLE_EXTERN(node_lib);
ROTABLE_EXTERN(node_lfs_lib);
ROTABLE_EXTERN(node_egc_lib);
ROTABLE_EXTERN(node_task_lib);
ROTABLE_EXTERN(file_lib);
ROTABLE_EXTERN(tmr_lib);
ROTABLE_EXTERN(bit_lib);
ROTABLE_EXTERN(uart_lib);

// ---- node_lfs.c ----

int node_flashindex(lua_State *L);
int node_flashreload(lua_State *L);
// A loader for package.loaders: a module of the mounted image, or text that says that it is not
// there.
int node_load_from_flash(lua_State *L);
// Pushes {lfs_mapped, lfs_base, lfs_size, lfs_used}.
void node_push_lfs_config(lua_State *L);

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

// ---- node_output.c ----

int node_output(lua_State *L);
int node_input(lua_State *L);
// Before a boot: print writes to the console again.
void node_output_reset(void);

// ---- node_system.c ----

int node_setonerror(lua_State *L);
int node_dsleep(lua_State *L);
int node_random(lua_State *L);
int node_setpartitiontable(lua_State *L);

// ---- file.c ----

// Closes what the program has left open: before a boot.
void file_close_all(void);

#endif
