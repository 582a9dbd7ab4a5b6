// record_console.h: a trace from the console log of stock firmware (`frost record --console`).
//
// Memory: the arena of the context.

#ifndef FROST_JOB_RECORD_CONSOLE_H
#define FROST_JOB_RECORD_CONSOLE_H

#include "analyzer/job/job_context.h"

struct device_counts;

struct record_console_settings {
    const char *input; // the log; "-": standard input; NULL: not asked for
};

// Reads the log into the trace `output`. `lfs` is the image that the device has, NULL: not known.
// Errors: those of device_record_run().
int record_console(const struct job_context *context,
                   const struct record_console_settings *settings, const char *lfs,
                   const char *output, bool has_text, struct problem *problem)
    __attribute__((warn_unused_result));

// Says what came and what did not.
void record_console_say(const struct job_context *context, const struct device_counts *counts,
                        const char *output);

#endif
