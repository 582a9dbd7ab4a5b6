// calls.h: what was allocated and spent, by call: a tree of functions from the outermost on.
//
// Reads: the profile that exports are made from. A function is told by its source and first line; a
// C function that ran between two of them, or at the end, is one of its own. Without callers in the
// trace (record --stacks), all functions are outermost.
// Memory: in proportion to the stacks of the profile, in the arena of the report.

#ifndef FROST_ANALYSIS_CALLS_H
#define FROST_ANALYSIS_CALLS_H

#include "reports/export.h"

// Adds the totals and the tree to a report: children by `by`, most first; those with less than
// `percent_min` of the total of `by` are left out and counted.
void calls_fill(const struct export_profile *profile, enum export_metric by, double percent_min,
                struct report *report);

// The report of the page: by bytes at the highest point.
struct report *calls_report(const struct export_profile *profile, struct arena *arena);

#endif
