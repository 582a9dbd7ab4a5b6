// input.h: the compiler's inputs: files, standard input, and their module names.
//
// Reads: files. Memory: names are strings or userdata that the caller keeps on the Lua stack.

#ifndef FROST_LUAC_INPUT_H
#define FROST_LUAC_INPUT_H

#include "runtime/core/api/lua.h"
#include "runtime/luac/main_function.h"

// Splits `NAME=FILE`; a file whose own name is the whole argument wins. Without a name *name is
// NULL. Raises for an empty name or file.
void input_split(lua_State *L, const char *argument, const char **name, const char **file);

// Loads source or bytecode from `file` ("-" is standard input) and pushes the function. Raises
// the compiler's message, or "cannot open X: reason" (read).
void input_load(lua_State *L, const char *file);

// Fills *module from the function on top: its name is `name`, or by the rules of luac.cross: base
// name of the chunk's file without leading dots, up to the first dot. Bytecode without a chunk
// name takes the name of `file`. Pushes the name.
void input_describe(lua_State *L, const char *name, const char *file, struct module *module);

#endif
