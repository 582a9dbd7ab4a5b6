// events.h: what happens after the main program: tasks and timers, in virtual time.
//
// Tasks (node.task.post) run first, highest priority first; then the earliest timer, to whose time
// the virtual clock jumps. A run ends when nothing is pending.
// Memory: the queue's slots are outside the Lua heap, as on the device; functions are anchored in
// the registry. Context: the interpreter's thread.

#ifndef FROST_NODEMCU_EVENTS_H
#define FROST_NODEMCU_EVENTS_H

#include <stdint.h>

#include "runtime/core/lua.h"

// Forgets everything pending and sets the virtual clock to 0: before each boot.
void events_reset(void);
// Runs until nothing is pending or `duration_ms` of virtual time are over (0: no limit), each
// callback with the message handler `handler`. 0, or 1 if a callback failed (reported on the
// console with its traceback).
int events_run(lua_State *L, uint64_t duration_ms, lua_CFunction handler);
// Virtual time since the boot, microseconds.
uint64_t events_now_us(void);

#endif
