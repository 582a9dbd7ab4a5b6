// lint_job.h: Lua sources, chunks, images and directories as a report of findings.
//
// Sources are compiled by frostluac in a scratch directory of their own, which is removed.
// Memory: the arena of the context.

#ifndef FROST_JOB_LINT_JOB_H
#define FROST_JOB_LINT_JOB_H

#include "analyzer/analysis/lint/lint.h"
#include "analyzer/job/job_context.h"

struct lint_request {
    const char *const *paths; // of a directory all *.lua below it
    size_t count;
    struct option_list traces; // of runs of the program
    const char *modules;       // of the firmware: "file,gpio,net", or a file (user_modules.h); NULL
    struct lint_settings settings;
    bool is_mended; // write sources in which findings are mended, where that is safe
};

// Sources that are mended are replaced as a whole, and only by what compiles; what is reported is
// what is left. Each is told (job_say).
//
// Errors: STATUS_NOT_FOUND, STATUS_IO; STATUS_DAMAGED and the like of a chunk or image that cannot
//         be read; STATUS_USAGE a rule or module that is none.
int lint_job(const struct job_context *context, const struct lint_request *request,
             struct report **report, size_t *serious_count, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
