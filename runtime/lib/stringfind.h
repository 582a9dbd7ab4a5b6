// stringfind.h: the functions of the library string that search with patterns.
//
// Reads and writes: arguments of the Lua functions. Source: Lua 5.1 reference manual, 5.4.
#ifndef RUNTIME_LIB_STRINGFIND_H
#define RUNTIME_LIB_STRINGFIND_H

#include "runtime/core/api/lua.h"

int string_find(lua_State *L);
int string_match(lua_State *L);
int string_gmatch(lua_State *L);
int string_gsub(lua_State *L);

#endif
