// gc_parts.h: what the parts of the collector share.
//
// gc_mark.c colours what can be reached, gc_sweep.c frees what cannot, gc.c decides which comes
// next. Colours: white (may be dead; two whites take turns, one per cycle), gray (reached, its
// references not yet followed; in a list), black (done). Strings and userdata are never gray.

#ifndef FROST_CORE_GC_PARTS_H
#define FROST_CORE_GC_PARTS_H

#include "runtime/core/gc.h"
#include "runtime/probe/probe.h"

// What a collection has done so far, for its probe, and the thread on whose behalf it runs.
struct gc_tally {
    lua_State *L;
    uint32_t visited; // objects reached
    uint32_t freed;   // objects freed
#ifdef PROBE_HAS_PLACES
    int is_always;     // it is one of mode ALWAYS
    int is_placing;    // and what it reaches is held by other things than the main thread's stack
    int is_counting;   // it is before the part of marking that cannot be divided
    int64_t step_left; // work, if it went by steps
    uint64_t step_end; // work of all steps so far, the present one included
    unsigned place, stack_place; // now, and of the main thread's stack: for probe_place_set
#endif
};

#ifdef FROST_PROBED
extern struct gc_tally gc_tally;
#define GC_TALLY(field) ((void)++gc_tally.field)
#else
#define GC_TALLY(field) ((void)0)
#endif

#ifdef PROBE_HAS_PLACES
#define GC_PLACE(o)                                                                                \
    do {                                                                                           \
        if (__builtin_expect(gc_tally.is_placing, 0))                                              \
            probe_place_set(o, gc_tally.place);                                                    \
    } while (0)
#else
#define GC_PLACE(o) ((void)0)
#endif

#define GC_STEP_WORK ((int)(GC_STEP_BYTES / 100 * 200)) // with the usual multiplier

// ---- gc_mark.c ----

// Begins marking: forgets all gray lists, marks what the state holds directly.
void gc_mark_roots(struct global_state *g);
// Marks a white object.
void gc_mark_object(struct global_state *g, struct object *o);
// Follows the references of one gray object; its cost in bytes.
size_t gc_propagate(struct global_state *g);
// Ends marking, without a break: what changed since, weak tables, userdata to be finalized. Flips
// the white and makes the sweep ready.
void gc_mark_rest(lua_State *L);

// ---- gc_sweep.c ----

// Sweeps one chain of the string table.
void gc_sweep_slot(lua_State *L, int32_t slot);
// Sweeps up to `count` objects from the link at `link` on; returns the link reached.
uint32_t gc_sweep_objects(lua_State *L, uint32_t link, uint32_t count);

// ---- gc.c ----

// Address of the link to the first object of all.
uint32_t gc_first_link(struct global_state *g);

#define GC_SWEEP_ALL UINT32_MAX

#endif
