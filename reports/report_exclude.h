// report_exclude.h: a report without the texts of --exclude.
//
// Memory: the arena of the report.

#ifndef FROST_REPORTS_REPORT_EXCLUDE_H
#define FROST_REPORTS_REPORT_EXCLUDE_H

#include "analyzer/base/exclude.h"
#include "reports/report.h"

// Replaces whatever text of the report matches: titles, inputs, totals, cells, notes. A string
// whose hash stands beside it is left out, as one whose text is not in the trace.
// Cost: every text of the report against every expression; nothing without expressions.
void report_exclude(struct report *report, const struct exclude *exclude);

#endif
