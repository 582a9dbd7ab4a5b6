// heap_layout.h: the blocks of the modelled heap, used and free, behind every step of a run.
//
// Follows the allocator of runtime/core/heap.h by the addresses that a trace tells, so its figures
// are exact at every step. A heap above HEAP_NEAR_BYTES_MAX has another allocator, the runtime of a
// sanitizer build leaves room between blocks, and where events are lost blocks are missing: the
// layout is then unknown until the next boot.
// Memory: 12 bytes for each granule of the largest heap, in the arena.

#ifndef FROST_ANALYSIS_HEAP_LAYOUT_H
#define FROST_ANALYSIS_HEAP_LAYOUT_H

#include "analyzer/analysis/heap/heap_replay.h"

#define HEAP_LAYOUT_GRANULE_BYTES 8u

struct heap_layout {
    bool is_known;
    uint32_t addr;        // of the heap
    uint32_t granules;    // of it; so are the sizes below
    uint32_t room;        // of the vectors
    uint32_t *blocks;     // by the first granule of a block: its size, and whether it is free
    uint32_t *free_ends;  // by the last granule of a free block: its size; else 0
    uint32_t *free_sizes; // by size: how many free blocks have it
    uint32_t free_count, free_sum, free_largest;
};

// Bytes that a block of `bytes` takes in the heap, with its header.
static inline uint64_t heap_layout_block_bytes(uint64_t bytes)
{
    uint64_t rounded = (bytes + 8 + 7) & ~UINT64_C(7);
    return rounded < 16 ? 16 : rounded;
}

// Empties the heap that a boot names, for a block of what it says of the state.
void heap_layout_boot(struct heap_layout *layout, struct arena *arena,
                      const struct trace_event_boot *boot);

// Follows a step of the replay.
void heap_layout_note(struct heap_layout *layout, const struct heap_step *step);

#endif
