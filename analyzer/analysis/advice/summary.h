// summary.h: the first page of a report: what to change, from what the other analyses found.
//
// Reads: finished reports of any of `profile`, `strings`, `size`, `hot` and `gc`, by the names of
// their totals, tables and series; what is not there is left out. Makes report "frost/summary/1":
// few figures, findings in the order of what they bring, the curve of the heap, short tables.
// Memory: the arena given; cells and curves are shared with the reports, which must live as long.

#ifndef FROST_ANALYSIS_SUMMARY_H
#define FROST_ANALYSIS_SUMMARY_H

#include "analyzer/analysis/advice/advice.h"
#include "reports/export.h"
#include "reports/report.h"

#define SUMMARY_ROWS 10u // of its tables

// `title` lives as long as the report; `advice` has all findings, for a table. Inputs and losses
// are those of the first report.
struct report *summary_create(struct arena *arena, const char *title,
                              const struct report *const *reports, size_t count,
                              const struct advice *advice);

// Adds the series `string_ages` to a report: a point per string of RAM by mean life and length.
void summary_add_ages(struct report *report, const struct export_profile *profile);

#endif
