// lua_program.h: frost under the name of a Lua interpreter: what scripts start that call `lua`.
//
// A program name that begins with "lua" or "frost-lua" (a symbolic link to frost) takes the command
// line of the stand-alone interpreter: -e, -l, -i, -v, --, -, a script and its arguments. The pc
// profile runs, `arg` holds the words as they were typed, and messages begin with that name.
// Options of frost itself come from the environment: FROST_LUA_OPTIONS="--heap 256M --integer".
// Source: Lua 5.1 reference manual, chapter 6; usage text and messages of Lua 5.1.

#ifndef FROST_CMD_LUA_PROGRAM_H
#define FROST_CMD_LUA_PROGRAM_H

#include <stdbool.h>

// True if a program of this name (argv[0], directories in front) is to behave like that.
bool lua_program_is_named(const char *name);

// Starts the interpreter in place of this process; argv as main() got it, ended by NULL. Returns an
// exit status only if it was used wrongly (1, as lua gives) or cannot be started.
int lua_program_run(char **argv);

#endif
