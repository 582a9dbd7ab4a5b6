// sarif.h: findings with places as SARIF 2.1.0, which code hosts show beside the lines.
//
// Source: the OASIS standard, and the limits that GitHub documents: 25,000 results a run.

#ifndef FROST_REPORTS_SARIF_H
#define FROST_REPORTS_SARIF_H

#include "analyzer/base/problem.h"
#include "reports/report.h"

// Writes the table `findings` of a report (columns level, rule, path, line, message, fix) and its
// table `rules` (rule, title) to `path` ("-": standard output).
int sarif_write(const struct report *report, const char *path, struct arena *scratch,
                struct problem *problem) __attribute__((warn_unused_result));

#endif
