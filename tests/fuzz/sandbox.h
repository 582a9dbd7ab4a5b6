// sandbox.h: a fresh state per input, for the targets that run Lua.
//
// Memory: one heap for all inputs; when a state is closed, it must be empty and sound, or the
// program ends.

#ifndef FROST_TESTS_FUZZ_SANDBOX_H
#define FROST_TESTS_FUZZ_SANDBOX_H

#include "runtime/core/api/lua.h"

// Makes a state with the libraries of profile nodemcu, without those that end the process or write
// to the console, calls body(L) with `data` as light userdata at 1, protected, and closes the
// state.
void sandbox_run(lua_CFunction body, void *data);

// Calls the function below `argument_count` arguments, protected, for a limited time; one result.
// Result: a status of lua_pcall.
int sandbox_call(lua_State *L, int argument_count);

#endif
