// lualib.h: the standard libraries, as the parts of runtime/lib see each other.
//
// Reads and writes: globals and registry of the state given.
// Memory: in the nodemcu profile libraries are read-only tables and cost nothing of the heap, but
//         for the few values that libs_open() makes; in the pc profile they are ordinary tables.
// Source: Lua 5.1 reference manual, chapter 5, and the firmware's dialect of it.
#ifndef RUNTIME_LIB_LUALIB_H
#define RUNTIME_LIB_LUALIB_H

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/rotable.h"

// Copies the entries of a read-only table into the table on top of the stack; tables within are
// copied too. [-0, +0, m]
void lib_copy_rotable(lua_State *L, const struct rotable *from);

// What _G.__index is in this run's profile.
const struct rotable *lib_rom(void);

// Where print writes; NULL: the console. May raise errors.
extern void (*lib_print_write)(lua_State *L, const char *text, size_t bytes);

// ---- the read-only tables ----

ROTABLE_EXTERN(rom_table); // _G.__index of the nodemcu profile: base functions, libraries, modules
ROTABLE_EXTERN(data_rom_table); // the same with the modules that need no device, for the compiler
ROTABLE_EXTERN(string_lib);
ROTABLE_EXTERN(string_meta);
ROTABLE_EXTERN(table_lib);
ROTABLE_EXTERN(math_lib);
ROTABLE_EXTERN(coroutine_lib);
ROTABLE_EXTERN(debug_lib);
// What only the pc profile has.
ROTABLE_EXTERN(math_pc_lib);
ROTABLE_EXTERN(debug_pc_lib);
// Only where the profile says has_io_and_os.
ROTABLE_EXTERN(io_lib);
ROTABLE_EXTERN(os_lib);

// ---- parts of opening ----

// Fill the globals; results and stack as for any C function called with no argument.
int luaopen_base(lua_State *L);
int luaopen_package(lua_State *L);
// Libraries of hosts: ordinary global tables in either profile.
int luaopen_io(lua_State *L);
int luaopen_os(lua_State *L);
// Sets the metatable of strings.
int luaopen_string(lua_State *L);
// Registers the functions of fast_paths.c, unless FROST_NO_CACHES is set. Nothing where there are
// none.
void fast_paths_open(void);
// Starts the sequence of math.random again.
int luaopen_math(lua_State *L);

// ---- base functions, listed in the ROM table by rom.c ----

int base_assert(lua_State *L);
int base_collectgarbage(lua_State *L);
int base_dofile(lua_State *L);
int base_error(lua_State *L);
int base_gcinfo(lua_State *L);
int base_getfenv(lua_State *L);
int base_getmetatable(lua_State *L);
int base_ipairs(lua_State *L);
int base_ipairs_next(lua_State *L); // what ipairs returns
int base_load(lua_State *L);
int base_loadfile(lua_State *L);
int base_loadstring(lua_State *L);
int base_next(lua_State *L);
int base_pairs(lua_State *L);
int base_pcall(lua_State *L);
int base_print(lua_State *L);
int base_rawequal(lua_State *L);
int base_rawget(lua_State *L);
int base_rawset(lua_State *L);
int base_select(lua_State *L);
int base_setfenv(lua_State *L);
int base_setmetatable(lua_State *L);
int base_tonumber(lua_State *L);
int base_tostring(lua_State *L);
int base_type(lua_State *L);
int base_unpack(lua_State *L);
int base_xpcall(lua_State *L);

#endif
