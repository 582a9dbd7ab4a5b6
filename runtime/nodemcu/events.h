// events.h: what happens after the main program: the loop that gives turns to timers, to what has
// arrived from the world, and to tasks.
//
// Timers that are due go first, then arrivals, then tasks, the highest priority first, as in the
// device's system. If there is nothing to do the port waits for the next time. A run ends when
// nothing is pending and nothing can arrive. In a replay the recording says what comes next.
// Context: the interpreter's thread.

#ifndef FROST_NODEMCU_EVENTS_H
#define FROST_NODEMCU_EVENTS_H

#include <stdint.h>

#include "runtime/core/api/lua.h"

enum events_end {
    EVENTS_DONE,
    EVENTS_TIME_OVER,   // something was still pending
    EVENTS_FAILED,      // a callback failed, which is reported with its traceback
    EVENTS_INTERRUPTED, // while nothing of Lua ran
};

// The main program's turn, before it runs.
void events_start(void);
// Runs until nothing is pending or `duration_ms` of the device's time are over (0: no limit), each
// callback with the message handler `handler`. An error that restarts the device does so.
enum events_end events_run(lua_State *L, uint64_t duration_ms, lua_CFunction handler);

#endif
