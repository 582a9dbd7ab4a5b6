// record_peak.h: a recording with a snapshot of the heap at its highest point.
//
// How high that is, is known when the program has ended: it is run, its trace read, and replayed
// with its files as they were.

#ifndef FROST_JOB_RECORD_PEAK_H
#define FROST_JOB_RECORD_PEAK_H

#include "analyzer/base/result.h"
#include "analyzer/job/job_context.h"
#include "analyzer/job/vm_settings.h"

// The most bytes that Lua had at a time in the run of a trace.
//
// Errors: those of replay_run().
int record_peak_find(const struct job_context *context, const char *trace, uint32_t *bytes,
                     struct problem *problem) __attribute__((warn_unused_result));

// The program's files as they are before it runs, for its replay: what it writes is in them once.
struct record_peak {
    struct result scratch;
    const char *fs, *flash; // in there; NULL: there are none, or they are not its files
    const char *script;     // in `fs`; NULL: it is no file there
};

// Copies the directory and the flash file of a program that is about to be recorded to `output`.
// Errors: those of result_begin() and of copying; then nothing is left.
int record_peak_keep(const struct job_context *context, const char *output,
                     const struct vm_settings *vm, char *const *operands, size_t operand_count,
                     struct record_peak *peak, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
