// heap_layout.h: the blocks of the modelled heap, used and free, behind every step of a run.
//
// Follows the allocator of runtime/core/heap.h by the addresses that a trace tells, so its figures
// are exact at every step. A heap above HEAP_NEAR_BYTES_MAX has another allocator, the runtime of a
// sanitizer build leaves room between blocks, and where events are lost blocks are missing: the
// layout is then unknown until the next boot.
// It can also lead: place blocks where that allocator would, in the lowest free block with room.
// Memory: 12 bytes and a bit for each granule of the largest heap, in the arena.

#ifndef FROST_ANALYSIS_HEAP_LAYOUT_H
#define FROST_ANALYSIS_HEAP_LAYOUT_H

#include "analyzer/analysis/heap/heap_replay.h"

#define HEAP_LAYOUT_GRANULE_BYTES 8u
#define HEAP_LAYOUT_SIZES 32u // of which it is remembered where the search for one begins

struct heap_layout {
    bool is_known;
    uint32_t addr;        // of the heap
    uint32_t granules;    // of it; so are the sizes below
    uint32_t room;        // of the vectors
    uint32_t *blocks;     // by the first granule of a block: its size, and whether it is free
    uint32_t *free_ends;  // by the last granule of a free block: its size; else 0
    uint32_t *free_sizes; // by size: how many free blocks have it
    uint64_t *free_map;   // a bit for each granule at which a free block begins
    uint32_t lowest[HEAP_LAYOUT_SIZES]; // by size: no free block of it or more begins below;
                                        // a larger size has no lower place
    uint32_t free_count, free_sum, free_largest;
    uint32_t firmware_sum; // in blocks of the firmware's own
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

// Empties a heap of that many granules, in which nothing is used.
void heap_layout_init(struct heap_layout *layout, struct arena *arena, uint32_t granules);

#define HEAP_LAYOUT_NONE UINT32_MAX

// Leads: makes a block of `bytes`, resizes (moves) or frees the one at `place`. Places are those
// that these functions returned; HEAP_LAYOUT_NONE: there is no room, and nothing has changed.
uint32_t heap_layout_take(struct heap_layout *layout, uint32_t bytes);
uint32_t heap_layout_resize(struct heap_layout *layout, uint32_t place, uint32_t bytes);
void heap_layout_give(struct heap_layout *layout, uint32_t place);

// Bytes that the used block at `place` has room for.
static inline uint32_t heap_layout_bytes(const struct heap_layout *layout, uint32_t place)
{
    return layout->blocks[place] * HEAP_LAYOUT_GRANULE_BYTES - 8;
}

// True if heap_layout_resize(), or with HEAP_LAYOUT_NONE heap_layout_take(), would have room.
bool heap_layout_fits(const struct heap_layout *layout, uint32_t place, uint32_t bytes);

// Does the event tell of a block of the firmware's own?
static inline bool heap_layout_is_firmware(const struct trace_event *event)
{
    return event->id == TRACE_ID_firmware_alloc || event->id == TRACE_ID_firmware_free;
}

// Follows a step of the replay, one of a block of the firmware's own, too.
void heap_layout_note(struct heap_layout *layout, const struct heap_step *step);

#endif
