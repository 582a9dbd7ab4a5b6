// gc_report.h: the analysis of the collector as a report, "frost/gc/1".

#ifndef FROST_ANALYSIS_GC_REPORT_H
#define FROST_ANALYSIS_GC_REPORT_H

#include "analyzer/analysis/gc/gc.h"
#include "reports/report.h"

#define GC_ROWS_MAX 5000u // of a table

// A new report with inputs, totals, tables, series and findings.
// Tables: modes, sites, kinds, peak_sites, ages, reasons, pauses, phases (where
// collections went by steps), heap, spaces, lookups, probes, chains, resizes.
// Series: heap_bytes, collections, string_count, heap_used_bytes, free_largest_bytes.
struct report *gc_report(const struct gc *gc, struct arena *arena);

// ---- what to change ----

// Of a line whose allocations are short-lived: clocks of the collections that they cause.
struct gc_site_finding {
    double clocks;
    uint32_t site; // index of gc.sites
};

// The lines with a hundredth of the run or more, the worst first. Result: how many, a few at most.
uint32_t gc_find_sites(const struct gc *gc, struct arena *arena, struct gc_site_finding **findings);

// Index of the mode that costs least of those for which the memory is enough, that of the
// firmware's sockets included; that of ALWAYS, the last, where no other is worth its change, or the
// run was made in another one.
unsigned gc_best_mode(const struct gc *gc);

// How a program sets it: "node.egc.setmode(node.egc.ON_MEM_LIMIT, -8192)".
const char *gc_mode_call(const struct gc *gc, unsigned idx, struct arena *arena);

// ---- for the files of the report ----

// Adds the tables that concern strings: lookups, probes, chains, resizes.
void gc_fill_strings(const struct gc *gc, struct report *report);

// Findings in the order of the clocks they save, as notes.
void gc_fill_findings(const struct gc *gc, struct report *report);

#endif
