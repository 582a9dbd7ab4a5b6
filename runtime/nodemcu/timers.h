// timers.h: the list of armed timers, by the time at which they go off.
//
// Memory: a timer is where its owner has it. Context: the interpreter's thread.

#ifndef FROST_NODEMCU_TIMERS_H
#define FROST_NODEMCU_TIMERS_H

#include <stdint.h>

#include "runtime/core/api/lua.h"
#include "runtime/format/ref.h"

// A timer; its owner has it in a place that does not move, and keeps that while it is armed.
struct event_timer {
    uint32_t due_us[2]; // low word first
    uint32_t serial;    // of timers with the same time the first armed goes first
    REF(struct event_timer) next;
    uint32_t fire; // address of an event_fire
};

// What a timer does when it is due; it is not armed any more. Pushes a function and its arguments
// and returns their number, or -1 if there is nothing to call.
typedef int (*event_fire)(lua_State *L, struct event_timer *timer);

// Before a boot: none is armed.
void timers_reset(void);
// Arms a timer that goes off in `us`; one that is armed is moved.
void timers_arm(struct event_timer *timer, uint64_t us, event_fire fire);
// Arms the timer that is going off for `us` after the time for which it was armed.
void timers_arm_again(struct event_timer *timer, uint64_t us, event_fire fire);
void timers_disarm(struct event_timer *timer);
// When the first one goes off, microseconds since the boot; DEVICE_TIME_NEVER: none is armed.
uint64_t timers_next_us(void);
// The serial number of that one, 0: none is armed.
uint32_t timers_next_serial(void);
// Lets the one with this serial number go off. As event_fire; TIMERS_NONE: none has it.
#define TIMERS_NONE (-2)
int timers_fire(lua_State *L, uint32_t serial);

#endif
