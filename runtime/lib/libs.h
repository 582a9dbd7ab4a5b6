// libs.h: opens the libraries of the profile in a new state.
//
// Profile nodemcu: library tables are read-only tables behind _G.__index (also `ROM`), the modules
// of runtime/nodemcu among them; profile pc: ordinary tables. Collection is blocked meanwhile.
// All libraries together take as many Lua bytes as in NodeMCU 3.0.

#ifndef FROST_LIB_LIBS_H
#define FROST_LIB_LIBS_H

#include "runtime/core/api/lua.h"

// nodemcu: RAM holds the globals _G, _VERSION, ipairs, pairs, newproxy, __index, package, module
// and require, and the registry fields _LOADED and _LOADLIB; all else is found through _G.__index =
// ROM.
// pc: all libraries as global tables, noted in package.loaded.
// Raises out of memory only. [-0, +0, m]
void libs_open(lua_State *L);

#endif
