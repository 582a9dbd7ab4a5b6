// auxload.h: chunks from a file system that is not the program's.
//
// Reads and writes: the state, the file. Memory: a small buffer on the C stack.
// Context: the interpreter's thread. Raises Lua errors only for want of memory.

#ifndef FROST_CORE_API_AUXLOAD_H
#define FROST_CORE_API_AUXLOAD_H

#include "runtime/core/api/lauxlib.h"
#include "runtime/flash/file_system.h"

// As luaL_loadfile, with a file of `fs` and the chunk name on top of the stack ("@name"), in whose
// place it leaves the function or the message.
int auxload_file(lua_State *L, struct file_system *fs, const char *name);

#endif
