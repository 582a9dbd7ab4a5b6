// history_report.h: builds over time as a report, with curves.

#ifndef FROST_HISTORY_REPORT_H
#define FROST_HISTORY_REPORT_H

#include "analyzer/history/history_db.h"

// Table `builds`, the newest first, with changes from the build before, and a curve for each
// figure; of all (`name` NULL) or of what is called so.
void history_report_fill(const struct history_rows *rows, const char *name, struct report *report);

#endif
