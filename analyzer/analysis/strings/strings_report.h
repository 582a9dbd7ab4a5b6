// strings_report.h: the strings analysis as a report, "frost/strings/1".

#ifndef FROST_ANALYSIS_STRINGS_REPORT_H
#define FROST_ANALYSIS_STRINGS_REPORT_H

#include "analyzer/analysis/strings/strings.h"
#include "analyzer/analysis/strings/strings_list.h"
#include "reports/report.h"

#define STRINGS_ROWS_MAX 5000u

// Single figures: prediction, comparison with a plain dump, costs.
void strings_fill_totals(const struct strings *strings, const struct strings_settings *settings,
                         struct report *report);

// Tables `strings` (each text with its figures and what became of it), `verdicts`, `runs`, and
// notes. Texts from input are left out unless the settings include them; `hides_text` leaves out
// all contents (hash and length stay).
void strings_fill_tables(const struct strings *strings, const struct strings_settings *settings,
                         bool hides_text, struct report *report);

// Adds what is right and wrong with a list: tables `list` and `missing`, and their totals.
void strings_check_fill_report(const struct strings *strings, const struct strings_check *check,
                               struct report *report);

#endif
