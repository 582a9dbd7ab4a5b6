// debuglib.h: what the parts of the library debug share.
//
// Reads and writes: nothing. Source: Lua 5.1 reference manual, 5.9.
#ifndef RUNTIME_LIB_DEBUGLIB_H
#define RUNTIME_LIB_DEBUGLIB_H

#include "runtime/core/api/lua.h"

// The thread that a function of the library is asked about: argument 1 if it is one, then the
// others begin at position 2, else the running one.
lua_State *debug_thread(lua_State *L, int *first_arg);

// debug.getregistry(), debug.traceback([thread,] [message [, level]]).
int debug_getregistry(lua_State *L);
int debug_traceback(lua_State *L);

#endif
