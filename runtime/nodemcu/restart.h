// restart.h: starting the device anew: why, and when.
//
// What the SDK is asked for happens some milliseconds later, so statements behind it still run.
// Memory: static. Context: the interpreter's thread.

#ifndef FROST_NODEMCU_RESTART_H
#define FROST_NODEMCU_RESTART_H

#include <stdint.h>

// As node.bootreason gives them.
enum restart_reason {
    RESTART_POWER_ON = 0,
    RESTART_SOFT_WATCHDOG = 3,
    RESTART_SOFTWARE = 4,
    RESTART_WAKE = 5,
    RESTART_NEVER = 16, // not one: the device sleeps until somebody presses a button
};

// ---- for the boot and the event loop ----

// A boot begins, for the reason that was noted; without one, by software if it `is_again`.
void restart_begin_boot(int is_again);
// When the device restarts, microseconds since the boot; DEVICE_TIME_NEVER: as far as is known it
// does not.
uint64_t restart_due_us(void);
// That time has come.
_Noreturn void restart_due(void);

// When the boot before this one ended, by its own clock; then how long the device slept.
// Microseconds.
uint64_t restart_ended_us(void);
uint64_t restart_slept_us(void);

// ---- for modules ----

// Why this boot began.
enum restart_reason restart_reason(void);
// How long the next sleep lasts.
void restart_set_sleep(uint64_t us);
_Noreturn void restart_now(enum restart_reason reason);
// In `us`, unless something restarts it before.
void restart_later(uint64_t us, enum restart_reason reason);
// As the SDK does when it is asked to restart or to sleep.
void restart_soon(enum restart_reason reason);

#endif
