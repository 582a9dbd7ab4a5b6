// report_diff.h: what has changed between two reports of one schema, as a report.
//
// Tables are matched by name, rows by their REPORT_KEY columns. Of each table the result has the
// rows that were added or removed or whose figures differ, most changed first, with four columns
// for each figure NAME: `base_NAME`, `NAME`, `change_NAME`, `NAME_change_percent`. How many rows
// did not change is counted in the table `rows`. Totals that differ are totals in the same four
// forms.
//
// Rows with equal keys in one table are matched in their order. An absent figure counts as 0. A
// figure has changed if it shows with its decimals. Where both tables have sums, the sum row
// compares these, and the changes of the rows add up to that of the sum: what rows that a report
// does not hold contribute is a row "not attributed", the last one. Texts that are not keys, flags,
// addresses and series are not compared.
//
// Memory: the result lives in the arena; it shares texts with both reports.

#ifndef FROST_REPORTS_REPORT_DIFF_H
#define FROST_REPORTS_REPORT_DIFF_H

#include "analyzer/base/problem.h"
#include "reports/report.h"

// Compares `report` with `base`. The result is the report "NAME-diff", version 1, with the inputs
// and losses of both. Keys are those of `report`, of `base` for a table that it alone has. A table
// whose keys the other one lacks is left out with a warning, a figure that only one has with a
// note.
//
// Errors: STATUS_USAGE the two have other schemas or versions; *diff stays as it is then.
int report_diff(const struct report *base, const struct report *report, struct arena *arena,
                struct report **diff, struct problem *problem) __attribute__((warn_unused_result));

#endif
