// findings_text.h: findings with places as lines that editors jump to: "FILE:LINE: level: message".

#ifndef FROST_REPORTS_FINDINGS_TEXT_H
#define FROST_REPORTS_FINDINGS_TEXT_H

#include "analyzer/base/problem.h"
#include "reports/report.h"

// Writes the table `findings` of a report (columns level, rule, path, line, message, fix) to
// standard output, and a line of its totals.
int findings_text_write(const struct report *report, struct arena *scratch, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
