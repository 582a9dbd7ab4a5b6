// standalone.h: what the stand-alone interpreter does with its command line: LUA_INIT, -v, -e, -l,
// the script and its arguments; errors with their traceback.
//
// Reads and writes: the state; files, the environment and the console.
// Memory: the state's. Context: the interpreter's thread.
// Source: Lua 5.1's manual page and reference manual, chapter 6.

#ifndef FROST_PORT_HOST_STANDALONE_H
#define FROST_PORT_HOST_STANDALONE_H

#include "runtime/core/api/lua.h"
#include "runtime/port/host/vm_args.h"

// Message handler: adds the traceback to a message that is text.
int standalone_traceback(lua_State *L);

// Pops the error object of a call that ended with `status` and reports it on standard error, unless
// it is nil; for "not enough memory" also what was going on (`doing`) and what helps.
void standalone_report(lua_State *L, int status, const char *doing);

// The same with text around the message.
void standalone_report_within(lua_State *L, int status, const char *doing, const char *before,
                              const char *after);

// From now on messages have no "lua: " in front.
void standalone_at_prompt(void);

// Calls the function below `argument_count` arguments with the traceback as message handler; its
// results stay. An error is reported. Result: 0, or 1 after an error, with nothing left.
int standalone_call(lua_State *L, int argument_count, int result_count, const char *doing);

// Prints which interpreter this is, on standard error.
void standalone_print_version(void);

// Everything but the prompt: LUA_INIT (pc profile), version, -e and -l in order, the script; in
// the pc profile, if nothing is given, the program is read from standard input when that is no
// terminal. Result: 0, or 1 if something failed; the rest was left out then, and no prompt follows.
int standalone_run(lua_State *L, const struct vm_args *args);

// The prompt is wanted: -i, or nothing to run in the pc profile, and a terminal.
int standalone_wants_prompt(const struct vm_args *args);

#endif
