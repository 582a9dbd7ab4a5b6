// gc_mode_heap.h: the heap of a modelled mode (gc_modes.h), block by block.
//
// What lives in the recorded run has a place here as well, and what is dead and not freed keeps
// its own, so free memory is in other pieces than recorded: what an allocation finds, and how much
// a block takes of a free one that it does not quite fill, is the device's allocator's
// (heap_layout.h). Strings are swept by the chains of the string table, which is exact; the others,
// whose order is not known, as they died.
// Memory: 24 bytes for each granule of the heap, 32 for each block that is dead and not freed.

#ifndef FROST_ANALYSIS_GC_MODE_HEAP_H
#define FROST_ANALYSIS_GC_MODE_HEAP_H

#include "analyzer/analysis/heap/heap_layout.h"

#define GC_MODE_HEAP_RESERVE_BYTES 72u // of a stack: 6 values

struct gc_mode_heap_dead {
    uint64_t step;        // of the replay, in which it died
    uint32_t addr;        // as recorded, while it lived
    uint32_t bytes, text; // HEAP_NO_TEXT: none, or not known
    uint32_t hash;        // of a string: which chain of the string table it is in
    bool is_string, is_marked, is_doomed, waits_for_finalizer;
    // The caller need not set these:
    bool is_gone;   // it lives again
    uint32_t place; // here
};

struct gc_mode_heap {
    bool is_known; // else nothing below is kept
    struct arena *arena;
    struct heap_layout layout;
    uint32_t addr, granules; // of the recorded heap
    struct gc_mode_heap_block {
        uint32_t place;                // + 1; 0: no block
        uint32_t bytes;                // as recorded
        uint32_t cycle;                // in which it was marked as soon as it was stored; 0: none
    } * blocks;                        // by the granule of their recorded address
    uint32_t granules_room;            // of these
    uint32_t table_place, table_bytes; // of the string table; the place + 1
    struct gc_mode_heap_dead *dead;    // in the order of their deaths
    uint32_t dead_count, dead_room;    // with those that are gone, until a sweep or the room ends
    struct gc_mode_heap_longer {
        uint32_t addr; // as recorded
        enum trace_kind kind;
    } * longer; // vectors that may be longer here
    uint32_t longer_count, longer_room;
};

// Empties it; known if the heap that the boot names is of the device's sort.
void gc_mode_heap_boot(struct gc_mode_heap *heap, struct arena *arena,
                       const struct trace_event_boot *boot);

// Bytes that are used.
static inline uint64_t gc_mode_heap_used(const struct gc_mode_heap *heap)
{
    return (uint64_t)(heap->layout.granules - heap->layout.free_sum) * HEAP_LAYOUT_GRANULE_BYTES;
}

// Is there room for a new block, or for the one at old_addr (0: none) to have so many bytes?
bool gc_mode_heap_fits(const struct gc_mode_heap *heap, uint32_t old_addr, uint32_t bytes);

// The block is made, or resized, as the one at `addr`; false if there is no room for it.
bool gc_mode_heap_take(struct gc_mode_heap *heap, uint32_t old_addr, uint32_t addr, uint32_t bytes);

// It goes on at `addr` as long as it is here: `bytes` are what is recorded.
void gc_mode_heap_rename(struct gc_mode_heap *heap, uint32_t old_addr, uint32_t addr,
                         uint32_t bytes, enum trace_kind kind);

// It has its mark, in the `cycle`th cycle, from now on.
void gc_mode_heap_mark(struct gc_mode_heap *heap, uint32_t addr, uint32_t cycle);
bool gc_mode_heap_has_mark(const struct gc_mode_heap *heap, uint32_t addr, uint32_t cycle);

// The program gives it back.
void gc_mode_heap_give(struct gc_mode_heap *heap, uint32_t addr);

// It is dead, and stays.
void gc_mode_heap_died(struct gc_mode_heap *heap, const struct gc_mode_heap_dead *dead);

// What died in that step, a string of that text, lives again at `addr`: the dead one that it was,
// gone now, goes to *found; false if it is not there any more.
bool gc_mode_heap_revive(struct gc_mode_heap *heap, uint64_t step, uint32_t text, uint32_t addr,
                         struct gc_mode_heap_dead *found);

// The string table has so many bytes now, if there is room for them: a table that cannot grow
// stays.
void gc_mode_heap_set_table(struct gc_mode_heap *heap, uint32_t bytes);

// Bytes of a stack, or of another vector, that is halved: what a stack has in reserve stays.
static inline uint64_t gc_mode_heap_half(enum trace_kind kind, uint64_t bytes)
{
    uint64_t reserve = kind == KIND_STACK ? GC_MODE_HEAP_RESERVE_BYTES : 0;
    return bytes / 2 + (bytes / 2 > reserve ? reserve : 0);
}

// Vectors become half as long, but for those that would be shorter than they are recorded.
void gc_mode_heap_shrink(struct gc_mode_heap *heap);

// Marking has ended: what has no mark is doomed.
void gc_mode_heap_end_marking(struct gc_mode_heap *heap);

// Frees the doomed strings in chains `from` to below `to` of a string table of so many slots, a
// power of two; returns their bytes.
uint64_t gc_mode_heap_sweep_strings(struct gc_mode_heap *heap, uint64_t from, uint64_t to,
                                    uint64_t slots);

// Frees `part` of `whole` parts of the other doomed blocks.
void gc_mode_heap_sweep_objects(struct gc_mode_heap *heap, uint64_t part, uint64_t whole);

// Frees all that is dead, but for what waits for its finalizer.
void gc_mode_heap_collect(struct gc_mode_heap *heap);

#endif
