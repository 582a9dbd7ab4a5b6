// resources.h: files that become texts of an image: one module that gives each by its name.
//
// Reads: files. Memory: a function of the state, pushed.

#ifndef FROST_LUAC_RESOURCES_H
#define FROST_LUAC_RESOURCES_H

#include "runtime/core/api/lua.h"

// The module: called with the name of a resource it returns its content, with another name nothing,
// without one a list of the names. It is an ordinary function, so stock firmware runs it, too.
#define RESOURCES_MODULE "_resource"

// Pushes the module for `count` arguments, each a FILE, whose name is that of its base, or
// NAME=FILE. Raises "cannot open X: reason", or that two have one name.
void resources_load(lua_State *L, char *const *arguments, int count);

#endif
