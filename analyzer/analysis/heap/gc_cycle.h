// gc_cycle.h: when a cycle of the collector is over.
//
// A full collection is one event pair. One by steps is many; its last step enters the phase
// `pause`. Steps towards a memory limit have no phases in the trace and the same reason as a full
// collection for a limit: they are told apart by how much they visited.

#ifndef FROST_ANALYSIS_GC_CYCLE_H
#define FROST_ANALYSIS_GC_CYCLE_H

#include "analyzer/analysis/heap/heap_replay.h"

// True if a collection that ends here was a whole one.
static inline bool gc_cycle_is_whole(const struct heap_replay *replay,
                                     const struct trace_event_gc_end *end)
{
    if (end->reason == GC_REASON_STEP)
        return false;
    return end->reason != GC_REASON_LIMIT || (uint64_t)end->visited * 4 >= replay->live_count;
}

// True if the event ends a cycle, of either sort.
static inline bool gc_cycle_ends(const struct heap_replay *replay, const struct trace_event *event)
{
    if (event->id == TRACE_ID_gc_phase)
        return event->gc_phase.phase == GC_PHASE_PAUSE;
    return event->id == TRACE_ID_gc_end && gc_cycle_is_whole(replay, &event->gc_end);
}

#endif
