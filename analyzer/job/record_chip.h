// record_chip.h: the probed firmware under QEMU, recorded (`frost record --esp8266`).
//
// Memory: the arena of the context.

#ifndef FROST_JOB_RECORD_CHIP_H
#define FROST_JOB_RECORD_CHIP_H

#include "analyzer/job/job_context.h"
#include "analyzer/job/vm_settings.h"
#include "collectors/host/recorder.h"

struct record_chip_settings {
    bool is_chip;
    const char *model; // whose flash cache is used
};

// Records one run of the words after the options. `setup` has everything but argv and build.
// Errors: STATUS_USAGE not the chip's profile; STATUS_NOT_FOUND no firmware; those of the recorder.
int record_chip(const struct job_context *context, const struct record_chip_settings *settings,
                const struct vm_settings *vm, char *const *operands, size_t operand_count,
                const struct recorder_setup *setup, int *exit_status, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
