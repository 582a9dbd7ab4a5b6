// hot_report.h: the hot-spot analysis as a report, "frost/hot/1".

#ifndef FROST_ANALYSIS_HOT_REPORT_H
#define FROST_ANALYSIS_HOT_REPORT_H

#include "analyzer/analysis/hot/hot.h"
#include "reports/report.h"

#define HOT_ROWS_MAX 5000u // of a table
#define HOT_FINDINGS_MAX 100u
#define HOT_NOTES_MAX 12u // findings that are also told in words

enum hot_by {
    HOT_BY_ALL,
    HOT_BY_LINE,
    HOT_BY_FUNCTION,
    HOT_BY_OBJECT,
    HOT_BY_REGION,
    HOT_BY_EVENT,
    // Of loads alone:
    HOT_BY_C_LINE,
    HOT_BY_PAGE,
    HOT_BY_CAUSE,
};

extern const char *const hot_by_words[]; // in the order of the enum, NULL at the end

struct hot_view {
    int by;          // enum hot_by: which table, or all
    bool hides_text; // strings as length and hash
};

// A new report with inputs, totals, tables, series and findings.
// Tables: lines, functions, objects, regions, events, findings; with loads those of loads.h.
// Series: flash_reads, one per image: reads by address.
struct report *hot_report(const struct hot *hot, const struct hot_view *view, struct arena *arena);

// ---- what to change ----

enum hot_finding_kind {
    HOT_FINDING_STRING, // C code reads it one by one
    HOT_FINDING_CALLS,  // a function is called often
    HOT_FINDING_VISITS, // of the collector
    HOT_FINDING_LIST,   // a string of the list had better stay in RAM
};

struct hot_finding {
    enum hot_finding_kind kind;
    double clocks;  // saved, by the model that tables are sorted by
    uint64_t count; // characters, calls or visits
    uint32_t ram_bytes;
    uint32_t cell; // the cell, or the one with the most clocks
};

struct hot_findings {
    struct hot_finding *items; // those that save most first
    size_t count;
};

// All findings that save a thousandth of the run or more.
void hot_find(const struct hot *hot, struct arena *arena, struct hot_findings *findings);

// Clocks of a line's reads of one kind from an object in flash, by its hash (struct hot_object).
double hot_clocks_at(const struct hot *hot, struct text line, unsigned what, uint64_t hash,
                     struct arena *scratch);

// ---- for the files of the report ----

// Inputs and losses; the totals that every form has.
void hot_fill_head(const struct hot *hot, struct report *report);

// Findings in the order of the clocks they save: table `findings`, and the first ones as notes.
void hot_fill_findings(const struct hot *hot, const struct hot_view *view, struct report *report);

#endif
