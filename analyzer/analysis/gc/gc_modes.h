// gc_modes.h: what each mode of the emergency collector (node.egc) would cost: a model that replays
// births and deaths of a run that was recorded in mode ALWAYS.
//
// In that mode an object dies at the first allocation after its last use, so the ledger is what
// lives. Any other mode keeps the dead until it collects. The model follows Lua 5.1's collector
// with pause 110 and step multiplier 200: a cycle begins when the ledger reaches the threshold and
// goes on with the allocations, 2000 units of work per 1024 bytes; what died before its marks were
// complete is freed at its end, but for a share that had its mark by then; the next threshold is
// 110 % of what is left of what there was then. A full collection gives up the marks of a cycle
// that it interrupts; steps towards a limit go on with it, and after them each allocation makes a
// step up to its end. A dead string that is not freed yet is found when its text is made again, and
// a stack that no collection has shrunk need not grow again: neither allocates. Of the split of
// free memory into blocks only the share of the largest is modelled, for when ON_ALLOC_FAILURE
// collects (so a modelled failure is certain, a modelled success is not).
// Source: allocation policy of NodeMCU 3.0. Memory: a fixed struct per mode.

#ifndef FROST_ANALYSIS_GC_MODES_H
#define FROST_ANALYSIS_GC_MODES_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/format/trace_events.h"

enum gc_mode {
    GC_MODE_OFF,        // NOT_ACTIVE: steps only
    GC_MODE_ON_FAILURE, // ON_ALLOC_FAILURE: and a full collection when an allocation fails
    GC_MODE_LIMIT,      // ON_MEM_LIMIT, positive limit: steps until the ledger is below it
    GC_MODE_RESERVE,    // ON_MEM_LIMIT, negative limit: full when less than that is free
    GC_MODE_ALWAYS,     // full before every allocation
};

#define GC_MARKED_PERCENT 15u // of what dies while marks are made, what has one (counted)
#define GC_SIMS_MAX 7u        // modes and limits that are modelled side by side

// What lives, before and after each change.
struct gc_live {
    uint64_t lua_bytes;    // the ledger
    uint64_t heap_bytes;   // with block headers and rounding
    uint64_t marked_bytes; // of the ledger, what marking traverses
    uint64_t objects;      // that a collection visits
    uint64_t sweep_items;  // chains of strings, and objects that are swept one by one
    uint64_t step;         // of the replay
    uint64_t block_bytes;  // in the heap, of the block that is made; 0: as what is new of it
};

struct gc_mode_sim {
    enum gc_mode mode;
    uint64_t limit_bytes;     // of GC_MODE_LIMIT, GC_MODE_RESERVE
    uint64_t heap_room_bytes; // size of the heap
    uint64_t garbage_bytes, garbage_heap_bytes;
    uint64_t threshold_bytes;
    bool is_in_cycle, is_marked;
    bool is_hurried;                // a step with every allocation up to the end of the cycle
    uint64_t mark_left, sweep_left; // bytes still to be allocated in each part
    uint64_t mark_all;              // of the first, at the start
    uint64_t doomed_bytes, doomed_heap_bytes; // garbage that this cycle frees
    uint64_t doomed_step;                     // up to which it died
    uint64_t marked_bytes, marked_heap_bytes; // garbage that was marked before it died
    uint64_t estimate_bytes;                  // the ledger when the marks were complete
    uint64_t freed_step;                      // what died up to there is free
    // Of the garbage, what vectors of a kind would have less if they had been shrunk.
    bool has_slack;
    struct {
        uint64_t bytes, heap_bytes;
    } slack[KIND_COUNT];
    uint64_t collections; // full ones and cycles
    uint64_t visited;     // objects, by all of them
    uint64_t lua_bytes_max, heap_bytes_max;
    uint64_t failures; // allocations that would fail
};

// Starts a mode on an empty heap: a boot. Counts and maxima of boots before are kept.
void gc_mode_boot(struct gc_mode_sim *sim, uint64_t startup_bytes);

// A block of `bytes` more (0: it shrinks) is about to be allocated; `live` is the state before.
void gc_mode_before_alloc(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes,
                          uint64_t heap_bytes);

// It has been allocated; `live` is the state after.
void gc_mode_after_alloc(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes);

// A collection of the recorded run has freed a block: garbage here.
static inline void gc_mode_note_dead(struct gc_mode_sim *sim, uint64_t bytes, uint64_t heap_bytes)
{
    if (sim->mode == GC_MODE_ALWAYS)
        return;
    sim->garbage_bytes += bytes;
    sim->garbage_heap_bytes += heap_bytes;
    if (sim->is_in_cycle && !sim->is_marked) {
        sim->marked_bytes += bytes * GC_MARKED_PERCENT / 100;
        sim->marked_heap_bytes += heap_bytes * GC_MARKED_PERCENT / 100;
    }
}

// A collection of the recorded run has shrunk a vector: here it is as long as before.
void gc_mode_note_shrunk(struct gc_mode_sim *sim, enum trace_kind kind, uint64_t bytes,
                         uint64_t heap_bytes);

// Takes `bytes` from what is left of a part; what is more than that is handed on.
static inline uint64_t gc_mode_take(uint64_t *left, uint64_t bytes)
{
    uint64_t taken = bytes < *left ? bytes : *left;
    *left -= taken;
    return bytes - taken;
}

// A vector grows: takes from *bytes and *heap_bytes what one that was not shrunk has already.
static inline void gc_mode_take_slack(struct gc_mode_sim *sim, enum trace_kind kind,
                                      uint64_t *bytes, uint64_t *heap_bytes)
{
    uint64_t rest = gc_mode_take(&sim->slack[kind].bytes, *bytes);
    uint64_t heap_rest = gc_mode_take(&sim->slack[kind].heap_bytes, *heap_bytes);
    sim->garbage_bytes -= *bytes - rest;
    sim->garbage_heap_bytes -= *heap_bytes - heap_rest;
    *bytes = rest;
    *heap_bytes = heap_rest;
}

// A string is made whose text had a block of that size, which died in `died_step`. True: that is
// not freed yet, and lives again.
static inline bool gc_mode_finds(struct gc_mode_sim *sim, uint64_t died_step, uint64_t bytes,
                                 uint64_t heap_bytes)
{
    bool is_doomed = sim->is_in_cycle && sim->is_marked && died_step <= sim->doomed_step;
    if (sim->mode == GC_MODE_ALWAYS || died_step <= sim->freed_step ||
        (is_doomed && (sim->doomed_bytes < bytes || sim->doomed_heap_bytes < heap_bytes)))
        return false;
    sim->garbage_bytes -= bytes;
    sim->garbage_heap_bytes -= heap_bytes;
    if (is_doomed) {
        sim->doomed_bytes -= bytes;
        sim->doomed_heap_bytes -= heap_bytes;
    }
    return true;
}

// The program itself asks for a full collection.
void gc_mode_request(struct gc_mode_sim *sim, const struct gc_live *live);

#endif
