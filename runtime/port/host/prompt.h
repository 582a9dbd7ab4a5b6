// prompt.h: the interactive prompt: reads statements, runs them, prints expressions.
//
// Reads and writes: standard input with line editing and history (libedit) on a terminal, line by
// line otherwise; the console. Memory: the state's. Context: the interpreter's thread.
// Source: Lua 5.1's manual page and reference manual, chapter 6.

#ifndef FROST_PORT_HOST_PROMPT_H
#define FROST_PORT_HOST_PROMPT_H

#include "runtime/core/api/lua.h"

// Runs until the end of the input. Timers and tasks that are due by the wall clock run before each
// prompt. Errors are reported and do not end it.
void prompt_run(lua_State *L);

#endif
