// record_serial.h: a trace from a device on a serial line (`frost record --serial`).
//
// Memory: the arena of the context.

#ifndef FROST_JOB_RECORD_SERIAL_H
#define FROST_JOB_RECORD_SERIAL_H

#include "analyzer/base/options.h"
#include "analyzer/job/job_context.h"
#include "analyzer/job/vm_settings.h"

struct record_serial_settings {
    const char *device; // NULL: not asked for
    uint64_t baud;
    struct option_list filters;
};

// Records into the trace `output`; of `vm` the image and the duration count.
// Errors: STATUS_USAGE too many filters; those of serial_record().
int record_serial(const struct job_context *context, const struct record_serial_settings *settings,
                  const struct vm_settings *vm, const char *output, bool has_text, int *exit_status,
                  struct problem *problem) __attribute__((warn_unused_result));

#endif
