// record_peak.h: a recording with a snapshot of the heap at its highest point.
//
// How high that is, is known when the program has ended: it is run, its trace read, and replayed.

#ifndef FROST_JOB_RECORD_PEAK_H
#define FROST_JOB_RECORD_PEAK_H

#include "analyzer/job/job_context.h"

// The most bytes that Lua had at a time in the run of a trace.
//
// Errors: those of replay_run().
int record_peak_find(const struct job_context *context, const char *trace, uint32_t *bytes,
                     struct problem *problem) __attribute__((warn_unused_result));

// A place for the first trace: a directory that is not there, in one of ours; NULL: errno.
const char *record_peak_scratch(const struct job_context *context);
// Removes both with what was recorded. NULL: nothing.
void record_peak_clear(const struct job_context *context, const char *scratch);

#endif
