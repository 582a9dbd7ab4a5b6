// report_view.h: which rows of a report come first and which columns it has, as a user wants them:
// --sort and --fields. Every form shows the report as it was arranged.
//
// Reads and writes: the report model. Memory: in the arena of the report.

#ifndef FROST_REPORTS_REPORT_VIEW_H
#define FROST_REPORTS_REPORT_VIEW_H

#include <stdio.h>

#include "analyzer/base/problem.h"
#include "reports/report.h"

struct report_view {
    // "KEY", "+KEY" (ascending) or "-KEY" (descending), KEY being the name of a column. Without a
    // sign numbers and flags descend, and texts and addresses ascend. NULL: the analysis' order.
    const char *sort;
    const char *fields; // "KEY,KEY...": names of columns in their order; NULL: all columns
};

// Sorts the rows of every table that has the column of `sort`, and leaves of every table that has
// columns of `fields` just these; other tables stay as they are. Cells without a value come last,
// equal ones keep their order. The sum row stays as it is; it is dropped with its last number.
//
// Errors: STATUS_USAGE with the nearest name if no table has such a column, or if a field is named
//         twice; nothing is changed then.
int report_view_apply(struct report *report, const struct report_view *wanted,
                      struct problem *problem) __attribute__((warn_unused_result));

// Writes the names of the columns, a line a table.
void report_print_columns(const struct report *report, FILE *out);

#endif
