// replay_compare.h: what the program sends in a replay, against what it sent in the recording.
//
// Compared are the bytes of each object (socket, pin, console ...), one after another, however they
// were cut into calls. An object may send before or after others, and (a finalizer) in another
// turn: that is counted as another order once it has sent all the same, and is the difference if it
// has not. Within a turn an object's lines may come in another order. What differs goes to
// replay_tell.h. Reads: the log. Memory: replay_streams.h. Context: the interpreter's thread.

#ifndef FROST_WORLD_REPLAY_COMPARE_H
#define FROST_WORLD_REPLAY_COMPARE_H

#include "runtime/world/host/replay_log.h"

// Records of the turn that runs: from `first` up to `end`, which is none of them.
struct replay_window {
    const struct replay_record *turn; // NULL: before the first
    replay_place first, end;
};

// A boot begins, whose records begin there. Result: 0, or -1: no memory.
int replay_compare_boot(const struct replay_log *log, replay_place first);
// A turn begins; it ends.
void replay_compare_turn(const struct replay_window *window);
void replay_compare_turn_end(void);
// The program sends. `is_last`: of what follows the recording knows nothing. Result: true if
// this is of it.
int replay_compare_output(int kind, uint32_t object, const void *data, size_t bytes, int is_last);
// Another difference is about to be told: what was sent in another order so far is one, the first.
void replay_compare_give_up(void);
// The boot is over: tells what was recorded and has not come, in the order of the recording.
void replay_compare_end(void);
// Compared so far.
uint64_t replay_compare_bytes(void);

#endif
