// events.h: what happens after the main program: tasks and timers, in virtual time.
//
// Tasks (node.task.post) run first, highest priority first; then the earliest timer, to whose time
// the virtual clock jumps. A run ends when nothing is pending. So the same program always does the
// same, however fast the computer is.
// Memory: the queue's slots are outside the Lua heap, as on the device, a timer's are where its
// owner has them; functions are anchored in the registry.
// Context: the interpreter's thread.

#ifndef FROST_NODEMCU_EVENTS_H
#define FROST_NODEMCU_EVENTS_H

#include <stdint.h>

#include "runtime/core/lua.h"
#include "runtime/format/ref.h"

// ---- for the port ----

// Forgets everything pending, closes the program's files and sets the virtual clock to 0: before
// each boot.
void events_reset(void);
// Runs until nothing is pending or `duration_ms` of virtual time are over (0: no limit), each
// callback with the message handler `handler`. 0, or 1 if a callback failed (reported on the
// console with its traceback; nothing else runs then).
int events_run(lua_State *L, uint64_t duration_ms, lua_CFunction handler);
// Virtual time since the boot, microseconds.
uint64_t events_now_us(void);
// Boots of this process, 1 for the first.
unsigned events_boot_count(void);
// For a port whose memory does not outlive a restart: boots before this one, told before
// events_reset().
void events_set_boots_before(unsigned boots);

// ---- for modules ----

// Takes the function or nil on top of the stack: called with the message when a callback fails, and
// the run goes on.
void events_set_on_error(lua_State *L);
// The next boot is one after deep sleep; whether this one is.
void events_set_wake(void);
int events_is_awake(void);

// The clock moves on by `us`, as if the program had waited. Timers that are due later run later.
void events_wait_us(uint64_t us);

#define EVENTS_PRIORITIES 3 // low 0, medium 1, high 2
#define EVENTS_TASKS_MAX 8  // waiting tasks of one priority, the firmware's

// Queues the call of a registry reference, which is freed before it is called with the priority.
// 0, or -1 if the queue is full.
int events_post(int function_ref, int priority);

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

// Arms a timer that goes off in `us`; one that is armed is moved.
void events_arm(struct event_timer *timer, uint64_t us, event_fire fire);
void events_disarm(struct event_timer *timer);

#endif
