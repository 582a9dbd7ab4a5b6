// compare.h: the same program run in several ways, side by side: RAM, flash, time; and which way to
// take.
//
// A row is measured from a trace alone, so rows are runs of an application as well as any traces.
// The first row is what the others are compared with. Report: "frost/compare/1".
// Memory: the arena given.

#ifndef FROST_ANALYSIS_COMPARE_H
#define FROST_ANALYSIS_COMPARE_H

#include "analyzer/analysis/cost_model.h"
#include "analyzer/base/exclude.h"
#include "reports/report.h"

struct compare_row {
    const char *name;     // "from LFS", or the trace
    const char *inputs;   // where they came from; NULL: not known
    const char *ending;   // a sentence; "by itself"
    bool has_failed;      // the program ended by an error, or had no room
    uint64_t start_bytes; // Lua bytes when the main program had run
    uint64_t peak_bytes;  // at the highest point
    uint64_t end_bytes;   // at the end
    uint64_t heap_bytes;  // of the device
    uint64_t flash_bytes; // of images, and what the freezer took
    uint64_t erases;      // of sectors
    uint64_t collections;
    uint64_t characters;  // of flash, read one by one
    double collection_ms; // modelled
    double read_ms;       // the same: what these characters cost
    double load_ms;       // instructions until the main program had run
    double first_line_ms; // device time of the first output; negative: none
    double run_ms;        // instructions, collections and reads, modelled
};

// Measures a run. `name` as in the row.
//
// model   name or path (cost_model_load).
// Errors: those of the trace's reader and of the model; STATUS_LIMIT.
int compare_measure(struct arena *arena, const char *trace, const char *name, const char *model,
                    const struct exclude *exclude, struct compare_row *row, struct problem *problem)
    __attribute__((warn_unused_result));

// The rows as a report, which ends with a recommendation.
struct report *compare_report(struct arena *arena, const struct compare_row *rows, size_t count,
                              const char *model_title);

#endif
