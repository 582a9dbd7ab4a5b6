// gc_report.h: the analysis of the collector as a report, "frost/gc/1".

#ifndef FROST_ANALYSIS_GC_REPORT_H
#define FROST_ANALYSIS_GC_REPORT_H

#include "analyzer/analysis/gc.h"
#include "reports/report.h"

#define GC_ROWS_MAX 5000u // of a table

// A new report with inputs, totals, tables, series and findings.
// Tables: modes, sites, kinds, peak_sites, ages, reasons, pauses, phases (where
// collections went by steps), heap, lookups, probes, chains, resizes.
// Series: heap_bytes, collections, string_count, heap_used_bytes, free_largest_bytes.
struct report *gc_report(const struct gc *gc, struct arena *arena);

// ---- for the files of the report ----

// Name of a mode as in node.egc.
const char *gc_mode_name(enum gc_mode mode);

// The second argument of node.egc.setmode(), 0 if the mode has none.
int64_t gc_mode_limit(const struct gc_mode_sim *sim);

// Whether the memory is enough. The model does not know how free memory is split into blocks, so
// the largest request must fit into the share of the free bytes that one block may be expected to
// have.
enum gc_room { GC_ROOM_NONE, GC_ROOM_TIGHT, GC_ROOM_ENOUGH };

struct gc_mode_cost {
    bool is_measured;
    uint64_t collections, visited;
    double clocks;      // of its visits
    double run_clocks;  // of the run in that mode
    uint64_t lua_bytes_max, heap_bytes_max, failures;
    enum gc_room room;
};

// `idx` is below gc->mode_count.
struct gc_mode_cost gc_mode_cost(const struct gc *gc, unsigned idx);

// Adds the tables that concern strings: lookups, probes, chains, resizes.
void gc_fill_strings(const struct gc *gc, struct report *report);

// Findings in the order of the clocks they save, as notes.
void gc_fill_findings(const struct gc *gc, struct report *report);

#endif
