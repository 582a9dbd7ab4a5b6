// gc_advice.h: the work of `frost gc --advise`: an application under the modes of node.egc, each a
// replay of the same run, and which mode to set.
//
// The work is that of profile_job.h with another table of variants. Report: "frost/gc-advice/1".
// Memory: the arena of the job's context.

#ifndef FROST_JOB_GC_ADVICE_H
#define FROST_JOB_GC_ADVICE_H

#include "analyzer/job/profile_job.h"

#define GC_ADVICE_VARIANT_COUNT 7u

// The first, from which the list of strings is chosen, is in no row; the others are from LFS with
// the list, in one mode each.
extern const struct app_variant gc_advice_variants[GC_ADVICE_VARIANT_COUNT];

// What a job that has done its work found. Errors: those of gc_analyse().
int gc_advice_report(struct profile_job *job, struct report **report, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
