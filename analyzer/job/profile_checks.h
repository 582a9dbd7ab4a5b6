// profile_checks.h: what the findings of `frost profile` save when they are followed: each that can
// be is made, and the run replayed with it.
//
// Reads and writes as app_runner.h, in the scratch directory. Memory: the arena of the context.
// Cost: three runs and their analysis; of a profile of the examples a fifth of frost's
// instructions.

#ifndef FROST_JOB_PROFILE_CHECKS_H
#define FROST_JOB_PROFILE_CHECKS_H

#include "analyzer/job/profile_job.h"

// Completes the advice of the job's views, whose analyses are finished (report_directory_end): what
// the variants have measured, and, unless `makes_runs` is false, runs with the collector's mode,
// with the freezer, with literals made at run time. After a signal no run is begun.
//
// Errors: those of the runs and of their analysis. A run that the program does not survive, or that
// comes to another result, is a check with that outcome.
int profile_check(struct profile_job *job, bool makes_runs, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
