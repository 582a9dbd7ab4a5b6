// size_totals.h: the totals of a report of sizes: what they are called.

#ifndef FROST_ANALYSIS_SIZE_TOTALS_H
#define FROST_ANALYSIS_SIZE_TOTALS_H

#include "reports/report.h"

// Adds the total of that name, which must be one of a report of sizes (asserted).
void size_add_total(struct report *report, const char *name, int64_t value);

// Adds all of them, as 0.
void size_add_all_totals(struct report *report);

// "flash" for "flash_bytes"; a name that is none of them stands for itself.
const char *size_total_title(const char *name);

#endif
