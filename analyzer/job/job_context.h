// job_context.h: what a job is given by whoever starts it, a command or a test.

#ifndef FROST_JOB_CONTEXT_H
#define FROST_JOB_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/exclude.h"
#include "analyzer/base/problem.h"
#include "analyzer/base/terminal.h"
#include "runtime/format/status.h"

struct job_context {
    const char *command;           // in front of messages: "profile"
    struct arena *arena;           // results live there
    struct terminal *err;          // standard error
    bool is_quiet;                 // only what goes wrong is said
    const struct exclude *exclude; // texts that no output may have; NULL: none
};

// Says what is being done: "frost profile: analyses"; on a terminal, unless quiet.
void job_say_step(const struct job_context *context, const char *step);

// Says a line about what has been done, unless quiet.
void job_say(const struct job_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Says how long a program may run; nothing for 0.
void job_say_limit(const struct job_context *context, uint64_t duration_ms);

// As job_say, also if quiet: loss, and what makes figures wrong.
void job_warn(const struct job_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
