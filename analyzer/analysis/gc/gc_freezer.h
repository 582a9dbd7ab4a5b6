// gc_freezer.h: what the freezer did in the runs: objects that moved from RAM into flash.
//
// Reads: events freeze_*. Memory: counters of fixed size.

#ifndef FROST_ANALYSIS_GC_FREEZER_H
#define FROST_ANALYSIS_GC_FREEZER_H

#include "analyzer/trace/trace_reader.h"
#include "reports/report.h"

struct gc_freezer_kind {
    uint64_t objects, bytes;
};

struct gc_freezer {
    uint64_t freezes, refused, full, faults;
    uint64_t thaws, thawed_bytes, erases, erased_bytes;
    uint64_t ram_bytes;   // that became free
    uint64_t flash_bytes; // that were used
    struct gc_freezer_kind kinds[KIND_COUNT];
};

// Counts an event; others are left alone.
void gc_freezer_note(struct gc_freezer *freezer, const struct trace_event *event);

// Totals and a table by kind; nothing if nothing was frozen.
void gc_freezer_report(const struct gc_freezer *freezer, struct report *report);

#endif
