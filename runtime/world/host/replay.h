// replay.h: a world that is a recording: it answers what it answered then, and the turns of the
// event loop are those that came then, with their times.
//
// What the program sends is compared (replay_compare.h); the first difference ends the process with
// status 1 (replay_tell.h). Questions of one object are answered in order within a turn.
// Reads: a replay log (runtime/format/replay_log.h). Memory: replay_log.h, replay_streams.h.
// Context: the interpreter's thread, or before it starts.

#ifndef FROST_WORLD_REPLAY_H
#define FROST_WORLD_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/world/host/replay_tell.h"

struct replay_setup {
    int descriptor;   // of the log; it is closed
    int has_own_heap; // questions for free heap are answered as the program finds it
    struct replay_telling telling;
};

// Puts the recording behind the gate. Result: 0, or -1: `problem` says what is wrong with the log.
int replay_open(const struct replay_setup *setup, char *problem, size_t room);
// Boots of the recording; 0: this is no replay. All functions below do nothing then.
uint32_t replay_boots(void);

// The program restarts the device.
void replay_restart(void);
// The time of the run is over: what has not come is not missing.
void replay_cut(void);
// The process ends with this status: tells what has not come. Result: the status for it.
int replay_finish(int status);
// It has come to where the time of the recording was over.
int replay_is_over(void);
// What came out, on standard error. It takes more stack than the program may have used.
void replay_say_end(void);

#endif
