// where.h: which thread runs, and in which line of Lua; for messages.
//
// Reads: the state. Memory: none. Context: the interpreter's thread, not within a collection.

#ifndef FROST_PORT_HOST_WHERE_H
#define FROST_PORT_HOST_WHERE_H

#include <stddef.h>

#include "runtime/core/api/lua.h"

// The thread that runs, of the state whose main thread is given.
lua_State *where_running(lua_State *main_thread);
// "init.lua:12", the line that the innermost function with known lines is in; "": there is none.
void where_text(lua_State *L, char *text, size_t room);

#endif
