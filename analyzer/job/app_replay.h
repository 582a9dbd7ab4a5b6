// app_replay.h: a variant of an application as the replay of an earlier run: the same inputs, and
// what it sends compared.
//
// What may be another without being a difference: where code is loaded from, the files that became
// modules, the generated init.lua; addresses and collections, with the order of outputs that
// follows from them (it is counted). Questions for free heap are answered as in the recording.
// Reads: traces. Memory: the arena of the context.

#ifndef FROST_JOB_APP_REPLAY_H
#define FROST_JOB_APP_REPLAY_H

#include "analyzer/job/job_context.h"
#include "analyzer/job/vm_settings.h"
#include "collectors/host/recorder.h"

// What came of it.
struct app_replay {
    bool is_replay;         // the run was given the inputs of the recording
    uint64_t output_bytes;  // sent and printed
    uint64_t order_count;   // outputs in another order
    const char *difference; // why the run was made with inputs of its own instead; NULL: it was not
};

// Makes the settings and the setup of a run those of a replay of `recording`, a trace.
//
// Errors: those of replay_prepare(), with the reason; the run is possible without it.
int app_replay_prepare(const struct job_context *context, const char *recording,
                       struct vm_settings *vm, char *const *operands, struct recorder_setup *setup,
                       struct problem *problem) __attribute__((warn_unused_result));

// Looks at the trace of a replay that has ended. Its first difference is told without the bytes,
// which can be a secret: "turn 12 (socket): byte 14 differs, at server.lua:3".
int app_replay_judge(struct arena *arena, const char *path, struct app_replay *replay,
                     struct problem *problem) __attribute__((warn_unused_result));

#endif
