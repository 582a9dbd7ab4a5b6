// gc_modes.h: what each mode of the emergency collector (node.egc) would cost: a model that replays
// births and deaths of a run that was recorded in mode ALWAYS.
//
// In that mode an object dies at the first allocation after its last use, so the ledger is what
// lives. Any other mode keeps the dead until it collects. The model does the collector's own
// arithmetic: a step of 2000 units of work when the ledger has reached the threshold and that is
// looked at (the trace tells how often it was), the debt of steps that come late, marking by work
// (the trace tells how much there is), the main thread in one piece, sweeping by chains of strings
// and by 40 objects, the newest first, 110 % of the estimate (pc profile: 200 %) as the next
// threshold; none while a chunk is compiled or loaded. What dies while marks are made has its mark,
// and stays, if marking had passed the place where the recorded collections found it, while it was
// there. Userdata with finalizers, and what they alone refer to, are visited once more and go a
// cycle later. The string table has room for dead strings. A dead string that is not freed yet is
// found when its text is made again; a stack or buffer that no collection has shrunk need not grow
// again: neither allocates. A full collection gives up the marks of a cycle that it interrupts.
// What is free, and whether an allocation finds a block, says a heap of the mode's own
// (gc_mode_heap.h), which is known for the device's sizes; in others free memory is taken to be in
// one piece. What a trace does not say, which object refers to which and how deep the stack is, are
// estimates. Older traces do not tell places and checks either (TRACE_BOOT_PLACES); they are
// guessed, and predictions are rougher. README.md says how far predictions are off. Source:
// allocation policy of NodeMCU 3.0. Memory: a fixed struct per mode.

#ifndef FROST_ANALYSIS_GC_MODES_H
#define FROST_ANALYSIS_GC_MODES_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/analysis/gc/gc_mode_heap.h"
#include "analyzer/trace/trace_reader.h"

enum gc_mode {
    GC_MODE_OFF,        // NOT_ACTIVE: steps only
    GC_MODE_ON_FAILURE, // ON_ALLOC_FAILURE: and a full collection when an allocation fails
    GC_MODE_LIMIT,      // ON_MEM_LIMIT, positive limit: steps until the ledger is below it
    GC_MODE_RESERVE,    // ON_MEM_LIMIT, negative limit: full when less than that is free
    GC_MODE_ALWAYS,     // full before every allocation
};

#define GC_MARK_STEPS 256u // of which a cycle remembers what was done
#define GC_SIMS_MAX 7u     // modes and limits that are modelled side by side

// What lives, before and after each change.
struct gc_live {
    uint64_t lua_bytes;      // the ledger
    uint64_t heap_bytes;     // with block headers and rounding, and the firmware's own blocks
    uint64_t marked_bytes;   // of the ledger, what marking traverses
    uint64_t stack_bytes;    // of these, stacks and call records
    uint64_t call_bytes;     // call records alone
    uint64_t objects;        // that a collection visits
    uint64_t strings;        // of these
    uint64_t string_slots;   // chains of the string table
    uint64_t swept_objects;  // that are swept one by one: all but strings
    uint64_t step;           // of the replay
    uint32_t block_bytes;    // of the block that is made; 0: not known
    uint32_t block_addr;     // where it was recorded to be before, 0: it is new
    uint64_t buffer_bytes;   // of buffers
    uint64_t mark_work;      // of a collection, as steps would do it, up to what cannot be divided
    uint64_t stack_work;     // of that, before the main thread's stack is reached
    uint64_t main_bytes;     // of the main thread, as it is traversed
    const uint16_t *visited; // objects after 0, 1, 2 ... steps of marking, of which there are
                             // TRACE_VISITED_STEPS_MAX + 1; 0: not told
    bool is_blocked;         // no collection is possible: a chunk is compiled or loaded
    bool is_stack;           // a stack grows, for which nothing is collected
    bool tells_checks; // gc_mode_checks says when a step may come, `place` of the dead is known
};

// What is dead and not freed.
struct gc_garbage {
    uint64_t bytes, heap_bytes;
    uint64_t string_bytes; // of the first, in strings
    uint64_t marked_bytes; // of the first, what marking would have traversed
    uint64_t objects, swept_objects;
    uint64_t finalizers; // of the objects, those with one, which was called
    uint64_t place; // work of marking after which it was reached; GC_PLACE_STACK: only the main
                    // thread's stack held it; GC_PLACE_FINALIZER: it, or what held it, waited for
                    // its finalizer
    bool is_upvalue;
    struct gc_mode_heap_dead block; // in the heap
};
#define GC_PLACE_STACK UINT64_MAX
#define GC_PLACE_FINALIZER (UINT64_MAX - 1)

struct gc_mode_sim {
    enum gc_mode mode;
    uint64_t limit_bytes;     // of GC_MODE_LIMIT, GC_MODE_RESERVE
    uint64_t heap_room_bytes; // size of the heap
    uint32_t pause_percent;   // of the estimate, at which the next cycle begins
    uint32_t step_work;       // units of work of a step; 0: no limit
    struct gc_mode_heap heap; // if that is known; `heap_bytes` of garbage are for when it is not
    struct gc_garbage garbage;
    // The collector's own state: its phase, when the next step is due, how far behind it is.
    enum trace_gc_phase phase;
    uint32_t threshold_bytes, debt_bytes;
    uint64_t mark_done;                // bytes that this cycle has traversed
    uint64_t mark_roots;               // after how many the main thread is reached
    uint64_t mark_total;               // of all marking, known when the main stack is reached
    uint64_t stack_work;               // as it was when that was last looked at
    uint64_t slots_left, objects_left; // to be swept
    uint64_t slots_swept;              // that there are, when they are swept
    uint64_t string_slots;             // of the string table, which holds the dead too
    uint32_t cycle;                    // counted from 1
    uint64_t begin_step, stack_step;   // when the cycle began, when it reached the main stack
    struct {
        uint64_t step, done;
    } marks[GC_MARK_STEPS]; // the work done after each of its steps of marking
    unsigned mark_count;
    struct gc_garbage finalized; // of the garbage, what still waits for its finalizer
    uint64_t finalizers_due;     // to be called
    uint64_t born_objects;       // that are swept one by one, since the newest marking ended
    uint64_t born_left;          // of these, to be swept
    struct gc_garbage marked;    // died after it was marked, in 1/1024
    uint64_t born_marked;        // variables of closures made while marking: never visited
    struct gc_garbage doomed;    // garbage that this cycle frees
    uint64_t doomed_step;        // up to which it died
    uint64_t estimate_bytes;     // the ledger when the marks were complete, less what was swept
    uint64_t freed_step;         // what died up to there is free
    // Of the garbage, what vectors of a kind would have less if they had been shrunk.
    bool has_slack;
    struct gc_mode_slack {
        uint64_t bytes, heap_bytes;
    } slack[KIND_COUNT];
    // Of the main thread's stack and call records, how much shorter they are than recorded, where
    // they were so long that they need not grow with them.
    uint64_t lack[KIND_COUNT];
    uint64_t collections; // steps and full ones: each a stop of the program, as a trace counts them
    uint64_t cycles;      // of marking and sweeping
    uint64_t visited;     // objects, by all of them
    uint64_t cycle_visited; // by the newest cycle alone
    uint64_t lua_bytes_max, heap_bytes_max;
    uint64_t blocked_heap_max; // while a chunk is compiled or loaded, and no collection is possible
    uint64_t failures;         // allocations that would fail
    uint64_t stack_failures;   // growths of a stack that would, if dead blocks lay just as modelled
};

// Starts a mode on an empty heap, with the device's pause and steps: a boot. Counts and maxima of
// boots before are kept.
void gc_mode_boot(struct gc_mode_sim *sim, uint64_t startup_bytes);

// The state has been made, and the ledger was `bytes` then: the first cycle begins at a multiple.
void gc_mode_start(struct gc_mode_sim *sim, uint64_t bytes);

// A block of `bytes` more (0: it shrinks) is about to be allocated; `live` is the state before.
void gc_mode_before_alloc(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes,
                          uint64_t heap_bytes);

// It has been allocated; `live` is the state after.
void gc_mode_after_alloc(struct gc_mode_sim *sim, const struct gc_live *live);

// So many times it has been looked whether a step is due.
void gc_mode_checks(struct gc_mode_sim *sim, const struct gc_live *live, unsigned times);

// The run is over, or the device restarts.
void gc_mode_end(struct gc_mode_sim *sim, const struct gc_live *live);

// A collection of the recorded run has freed a block that was made in `born_step`: garbage here.
void gc_mode_note_dead(struct gc_mode_sim *sim, const struct gc_live *live,
                       const struct gc_garbage *dead, uint64_t born_step);

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
    sim->garbage.bytes -= *bytes - rest;
    sim->garbage.heap_bytes -= *heap_bytes - heap_rest;
    *bytes = rest;
    *heap_bytes = heap_rest;
}

// A string is made at `addr` whose text had a block of that size, which died in `died_step`. True:
// that is not freed yet, and lives again.
bool gc_mode_finds(struct gc_mode_sim *sim, uint64_t died_step, const struct heap_block *string);

// A string is about to be made: the string table doubles when it is full.
void gc_mode_note_string(struct gc_mode_sim *sim, const struct gc_live *live);

// An object has been made that is no string. A variable of closures is born with its mark while a
// cycle marks.
static inline void gc_mode_note_object(struct gc_mode_sim *sim, enum trace_kind kind)
{
    sim->born_objects++;
    sim->born_marked += kind == KIND_UPVALUE && sim->phase == GC_PHASE_PROPAGATE;
}

// The firmware takes a block of its own, or gives it back: it finds no memory, or no collection is
// tried for it.
void gc_mode_note_firmware(struct gc_mode_sim *sim, const struct gc_live *live, uint32_t addr,
                           uint32_t bytes);

// Marking is found to reach the main thread's stack earlier or later than before, since its steps
// from the `from`th on, counted from 1, are not what they were; 0: it is not known which.
void gc_mode_note_marking(struct gc_mode_sim *sim, const struct gc_live *live, unsigned from);

// An object is stored where it is marked at once, if marks are made.
void gc_mode_note_held(struct gc_mode_sim *sim, const struct trace_event_gc_held *held);

// The program gives the collector an order.
void gc_mode_order(struct gc_mode_sim *sim, const struct gc_live *live, enum trace_gc_order order,
                   uint32_t value);

// The program itself asks for a full collection.
void gc_mode_request(struct gc_mode_sim *sim, const struct gc_live *live);

#endif
