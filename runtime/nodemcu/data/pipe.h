// pipe.h: pipes, as other modules use them.

#ifndef FROST_NODEMCU_DATA_PIPE_H
#define FROST_NODEMCU_DATA_PIPE_H

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/rotable.h"

// Takes the reader on top of the stack, a function or nil, and pushes a pipe. Tasks of the reader
// have the priority `priority`, 0 to 2.
void pipe_push_new(lua_State *L, int priority);

// Writes the text on top of the stack into the pipe below it; takes the text.
void pipe_write_top(lua_State *L);

#endif
