// strings_leave.h: how a list chosen from some runs holds for another: each run is left out once.
//
// Memory: the arena given. Cost: an analysis for each run.

#ifndef FROST_ANALYSIS_STRINGS_LEAVE_H
#define FROST_ANALYSIS_STRINGS_LEAVE_H

#include "analyzer/analysis/strings/strings.h"

#define STRINGS_LEFT_OUT_MAX 24u // runs, the cost is their square; with more, nothing is done

// Fills in strings->left_out_bytes of an analysis of several runs with these settings: what the
// list chosen from all the others saves in each. Errors: as of strings_analyse.
int strings_leave_each_out(struct strings *strings, const struct strings_settings *settings,
                           struct arena *arena, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
