// gc_heap.h: the modelled heap over a run: used, free, and how the free bytes are split.
//
// Exact at every step where heap_layout.h knows the heap; elsewhere the `heap` events of the trace,
// which are samples: `is_sampled` says so.
// Memory: that of the layout, and curves of fixed size.

#ifndef FROST_ANALYSIS_GC_HEAP_H
#define FROST_ANALYSIS_GC_HEAP_H

#include "analyzer/analysis/heap/heap_layout.h"
#include "analyzer/analysis/heap/histogram.h"

struct gc_heap_state {
    uint64_t clock;
    uint64_t lua_bytes, used_bytes, free_bytes, largest_bytes, blocks; // blocks: free ones
    uint64_t firmware_bytes; // of those in use, in blocks of the firmware's own
};

struct gc_heap {
    struct heap_layout layout;
    // Where the ledger is highest (sampled: the most bytes in use), where the largest free block
    // has the least share of the free bytes, and the newest one.
    struct gc_heap_state peak, split_most, last;
    bool has_states, is_sampled;
    struct curve used_curve, largest_curve;
};

void gc_heap_boot(struct gc_heap *heap, struct arena *arena, const struct trace_event_boot *boot);

// Notes a step with a birth or a death, or of a block of the firmware's. `time`: of all runs;
// `is_peak`: the ledger was never higher.
void gc_heap_note_step(struct gc_heap *heap, const struct heap_step *step, uint64_t time,
                       uint64_t lua_bytes, bool is_peak);

// Notes what the trace says of a heap of `heap_bytes`; of use only where the layout is not known.
void gc_heap_note_sample(struct gc_heap *heap, const struct trace_event_heap *sample, uint64_t time,
                         uint64_t heap_bytes);

#endif
