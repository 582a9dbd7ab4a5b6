// world.h: the gate through which everything reaches a program that is not in its instructions.
//
// Time, random numbers, the chip's identity, sockets, DNS, serial input, pins, sensors, Wi-Fi: the
// firmware's modules ask, tell and take what arrives here, and nowhere else, so a run can be
// recorded and run again. The gate writes all of it into the trace (events `turn`, `input` and
// `output`); what is behind it is a filling. Contents: runtime/format/world.h; kinds: enum
// trace_world.
//
// Reads and writes: the filling; the trace. Memory: none. Nothing here raises a Lua error.
// Context: the interpreter's thread.

#ifndef FROST_WORLD_WORLD_H
#define FROST_WORLD_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/trace_events.h"
#include "runtime/format/world.h"
#include "runtime/port/port.h"

#define WORLD_NEVER UINT64_MAX

// What has arrived.
struct world_arrival {
    uint32_t object;  // 0: the world as such
    uint8_t kind;     // enum trace_world
    uint32_t bytes;   // of the data
    const void *data; // lasts until the gate is used again
};

// A turn of the event loop.
struct world_turn {
    uint32_t number; // 1, 2, 3 ... of a boot
    uint32_t object;
    uint8_t kind;
    uint64_t device_us;
};

// What a recording has next.
enum world_recorded {
    WORLD_RECORDED_END,
    WORLD_RECORDED_TURN,
    WORLD_RECORDED_BOOT, // the device restarts
};

// What is behind the gate. Each function has the conditions of the gate's function of its name.
struct world_filling {
    size_t (*ask)(int kind, uint32_t object, const void *question, size_t question_bytes,
                  void *answer, size_t room);
    void (*tell)(int kind, uint32_t object, const void *data, size_t bytes);
    int (*take)(uint64_t now_us, struct world_arrival *arrival);
    uint64_t (*next_us)(void);
    void (*boot)(void); // the device starts again: its connections are gone
    // Only of a replay; NULL: the runtime finds out by itself.
    int (*recorded)(int kind, uint32_t object, void *answer, size_t bytes);
    enum world_recorded (*recorded_turn)(struct world_turn *turn);
    void (*lacks)(int kind, uint32_t object);
    void (*will_tell)(int kind, uint32_t object);
};

// ---- for the port ----

// Tells what the console gets, which a trace has as `console` events.
void world_tell_console(int stream, const char *text, size_t bytes);

// What is behind the gate from now on; at the start runtime/world/virtual.h.
void world_use(const struct world_filling *filling);
const struct world_filling *world_used(void);
// A boot begins. `device_us` gives the device's time from now on.
void world_boot(uint64_t (*device_us)(void));

// ---- for fillings ----

// The device's time, microseconds since the boot.
uint64_t world_now_us(void);

// ---- for the event loop ----

// Begins a turn; what is asked, told and taken from now on belongs to it.
void world_turn_begin(int kind, uint32_t object, uint64_t device_us);
// Takes what has arrived by now, in order. False: nothing has.
int world_take(uint64_t now_us, struct world_arrival *arrival);
// Begins the turn of an arrival.
void world_arrival_begin(const struct world_arrival *arrival, uint64_t device_us);
// When the next thing arrives by itself, as far as is known now; WORLD_NEVER.
uint64_t world_next_us(void);
// Is the order of turns given? Then world_recorded_turn has the next one, and world_lacks is told
// of a turn that there is nothing to call for; WORLD_START: since the device restarts.
int world_is_replay(void);
enum world_recorded world_recorded_turn(struct world_turn *turn);
void world_lacks(int kind, uint32_t object);
// The number of the turn that runs.
uint32_t world_turn_number(void);

// ---- for modules ----

// A number for something that inputs or outputs are of: a socket, a timer. In the order of asking,
// from 1 on in each boot.
uint32_t world_object(void);
// Asks; the answer has at most `room` bytes. Its number of bytes, 0: no answer.
size_t world_ask(int kind, uint32_t object, const void *question, size_t question_bytes,
                 void *answer, size_t room);
// The same, if there is an answer; otherwise there is no input.
size_t world_ask_saved(int kind, uint32_t object, void *answer, size_t room);
// As world_ask of what the runtime itself knows (time, free heap): `answer` holds it, and is
// replaced by the recorded one in a replay.
void world_ask_own(int kind, uint32_t object, void *answer, size_t bytes);
// What the program is told of its heap (enum world_heap), which it finds to be `bytes`.
uint32_t world_heap(int which, uint32_t bytes);
void world_tell(int kind, uint32_t object, const void *data, size_t bytes);
// What will be told later of the object is being said by the Lua line that runs now.
void world_will_tell(int kind, uint32_t object);
// Notes for the trace alone what the program does with a file; `use`: enum world_file_use.
void world_note_file(int use, const char *name);

#endif
