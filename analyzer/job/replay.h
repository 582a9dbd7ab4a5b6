// replay.h: prepares a run that is a replay of a recording.
//
// Reads: the trace; the program's files. Writes: the replay log (replay_log.h).

#ifndef FROST_JOB_REPLAY_H
#define FROST_JOB_REPLAY_H

#include "analyzer/job/job_context.h"
#include "analyzer/job/vm_settings.h"

struct json_t; // jansson's

// Gives a replay without operands the script that its recording was made from. Nothing happens if
// `vm` is of no replay, or there are operands or -e.
//
// Errors: STATUS_USAGE the recording does not tell; those of trace_open().
int replay_take_script(struct arena *arena, const struct vm_settings *vm, char ***operands,
                       size_t *operand_count, struct problem *problem)
    __attribute__((warn_unused_result));

// Fills in vm->replay, and settings that were not given from those of the recording. What is not
// the same as then, and may be the reason for differences, is said.
//
// facts   of this run (program_facts.h); gets "replay_of".
// Errors: STATUS_USAGE the trace is of another program, profile or kind of numbers; those of
//         trace_open() and replay_log_write().
int replay_prepare(const struct job_context *context, struct vm_settings *vm, struct json_t *facts,
                   struct problem *problem) __attribute__((warn_unused_result));

#endif
