// compare_job.h: the work of `frost compare`: an application in every way that it can run.
//
// The work is that of profile_job.h with another table of variants. A further way is a further row
// of the table. Memory: the arena of the job's context.

#ifndef FROST_JOB_COMPARE_JOB_H
#define FROST_JOB_COMPARE_JOB_H

#include "analyzer/job/profile_job.h"

#define COMPARE_VARIANT_COUNT 5u

// Beside the run as it is: from LFS, from LFS with the list, from files with the list in flash; and
// with every function frozen that is loaded, from files and beside LFS.
extern const struct app_variant compare_variants[COMPARE_VARIANT_COUNT];

// What a job that has done its work found, as a report; differences between the ways are in it.
// Errors: those of compare_measure().
int compare_job_report(const struct profile_job *job, struct report **report,
                       struct problem *problem) __attribute__((warn_unused_result));

// The same of traces. `count` is at least 2.
int compare_traces_report(const struct job_context *context, char *const *traces, size_t count,
                          const char *model, struct report **report, struct problem *problem)
    __attribute__((warn_unused_result));

// Writes page, Markdown, plots, JSON and text of the report into the directory of the result.
int compare_write(const struct job_context *context, const struct report *report,
                  const char *directory, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
