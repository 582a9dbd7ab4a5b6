// gc_freezer.h: what the freezer did in the runs: objects that moved from RAM into flash.
//
// Reads: events freeze_*, and blocks that die between their begin and end.
// Memory: counters of fixed size.

#ifndef FROST_ANALYSIS_GC_FREEZER_H
#define FROST_ANALYSIS_GC_FREEZER_H

#include "analyzer/analysis/heap/heap_layout.h"
#include "analyzer/analysis/heap/replay.h"
#include "reports/report.h"

struct gc_freezer_kind {
    uint64_t objects, bytes;
};

struct gc_freezer {
    uint64_t freezes, refused, full, faults;
    uint64_t slices; // before the last of a freeze
    uint64_t thaws, thawed_bytes, erases, erased_bytes;
    uint64_t ram_bytes;   // that became free, as the freezer says
    int64_t ledger_bytes; // by which the ledger fell from their begin to their end
    int64_t heap_bytes;   // the same of the heap: with headers of blocks and rounding
    bool is_freezing;     // one has begun and not ended
    int64_t block_bytes;  // in it: bytes of the blocks that have ended, less those that were made
    int64_t used_before;  // in it: what the heap had in use at its begin, -1: not known
    uint64_t flash_bytes; // that were used
    struct gc_freezer_kind kinds[KIND_COUNT];
};

// Takes in an event: one of these, and while something is being frozen every birth and death.
// `layout`: the heap as it was before a block that the event makes or ends.
#define GC_FREEZER_EVENTS                                                                          \
    (REPLAY_EVENT(boot) | REPLAY_EVENT(freeze_begin) | REPLAY_EVENT(freeze_object) |               \
     REPLAY_EVENT(freeze_end) | REPLAY_EVENT(thaw) | REPLAY_EVENT(freezer_erase))
void gc_freezer_note(struct gc_freezer *freezer, const struct heap_step *step,
                     const struct heap_layout *layout);

// Totals and a table by kind; nothing if nothing was frozen.
void gc_freezer_report(const struct gc_freezer *freezer, struct report *report);

#endif
