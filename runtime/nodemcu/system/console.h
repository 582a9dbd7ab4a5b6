// console.h: the console: what arrives at UART 0, as lines for the interpreter or as data for the
// program.
//
// Memory: static, a line; lines that wait are in a pipe, `stdin` of the registry, which is made for
// the first.
// Context: the interpreter's thread. Functions with a state may raise "not enough memory".

#ifndef FROST_NODEMCU_SYSTEM_CONSOLE_H
#define FROST_NODEMCU_SYSTEM_CONSOLE_H

#include <stddef.h>

#include "runtime/core/api/lua.h"
#include "runtime/world/world.h"

// ---- console.c: bytes to lines ----

// Before a boot: nothing has been typed, nobody reads.
void console_reset(void);
// For the port, with open libraries: somebody is there, and gets the first prompt after the start.
void console_start(lua_State *L);
// Bytes, from the world.
void console_arrival(lua_State *L, const struct world_arrival *arrival);
void console_set_echo(int is_on);

#define CONSOLE_LINE_BYTES_MAX 255
#define CONSOLE_NO_END (-1)
// Takes the function or nil on top: it gets each line before that runs or, if they are not to run,
// the data in pieces of `bytes_max` bytes, of less up to the character `end`.
void console_set_reader(lua_State *L, int runs_lines, int bytes_max, int end);
// Writes the prompt, if somebody is there.
void console_prompt(lua_State *L);

// ---- console_run.c: lines to Lua ----

// Before a boot: no line is incomplete.
void console_run_reset(void);
// Takes the text on top: its lines run in tasks of low priority, one each; what is no whole line
// waits for the rest.
void console_input(lua_State *L);
// Is what was typed last the beginning of something?
int console_is_incomplete(void);

#endif
