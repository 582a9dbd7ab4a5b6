// watchdog.h: the soft watchdog: it resets the device when a call of Lua does not come back to the
// system, and nothing feeds it.
//
// Only what instructions take counts: what waits feeds it. Memory: static.
// Context: the interpreter's thread.

#ifndef FROST_NODEMCU_WATCHDOG_H
#define FROST_NODEMCU_WATCHDOG_H

#include <stdint.h>

#include "runtime/core/api/lua.h"

#define WATCHDOG_US 3200000u // that it waits

enum watchdog_policy {
    WATCHDOG_REPORTS, // says on the console where the program was, once a turn
    WATCHDOG_RESETS,  // and starts the device anew
    WATCHDOG_OFF,
};

// ---- for the port ----

void watchdog_set_policy(enum watchdog_policy policy);
enum watchdog_policy watchdog_policy(void);
// Before a boot: no call runs.
void watchdog_reset(void);
// A number of the call that runs, another one for each. May be asked in a handler of a signal.
uint32_t watchdog_turn(void);
// In the middle of a call: has it run for too long by now?
void watchdog_check(lua_State *L);

// ---- for the event loop ----

// A call begins; ends, that of the function at `idx`, 0: of the main program. Calls within one are
// part of it.
void watchdog_begin(void);
void watchdog_end(lua_State *L, int idx);

// ---- for modules ----

// Feeds it, in a C function that Lua has called.
void watchdog_feed(lua_State *L);

#endif
