// gc_mode_cost.h: what each mode of node.egc would cost, in collections, clocks and memory.
//
// Reads: a finished analysis (gc.h), of which the models of the modes (gc_modes.h) are a part.

#ifndef FROST_ANALYSIS_GC_MODE_COST_H
#define FROST_ANALYSIS_GC_MODE_COST_H

#include "analyzer/analysis/gc/gc.h"

// Name of a mode as in node.egc.
const char *gc_mode_name(enum gc_mode mode);

// The second argument of node.egc.setmode(), 0 if the mode has none.
int64_t gc_mode_limit(const struct gc_mode_sim *sim);

// Whether the memory is enough. Another run splits free memory into other pieces than the modelled
// one, so the largest request must also fit into the share of the free bytes that one block may be
// expected to have.
enum gc_room { GC_ROOM_NONE, GC_ROOM_TIGHT, GC_ROOM_ENOUGH };

struct gc_mode_cost {
    bool is_measured;
    uint64_t collections, visited;
    double cycle_percent; // of the visits, what one cycle more or less would be; NAN if there was
                          // none, or if they are measured
    double clocks;        // of its visits
    double run_clocks;    // of the run in that mode
    uint64_t lua_bytes_max, heap_bytes_max, failures;
    enum gc_room room;
};

// `idx` is below gc->mode_count.
struct gc_mode_cost gc_mode_cost(const struct gc *gc, unsigned idx);

#endif
