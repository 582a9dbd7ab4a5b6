// heap.h: the heap arena: a documented model of the SDK's allocator.
//
// Block header 8 bytes, granule 8 bytes, first fit, neighbours joined on free. Fragmentation
// figures are this model's. In sanitizer builds free blocks are poisoned and red zones lie
// between blocks, outside both ledgers. Memory: the range given to heap_init; nothing else.

#ifndef FROST_CORE_HEAP_H
#define FROST_CORE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap; // lies at the start of nothing: a small descriptor given by the caller's storage

struct heap_info {
    uint32_t bytes;         // of the arena
    uint32_t used;          // with block headers and rounding
    uint32_t used_max;
    uint32_t free_largest;  // largest block that can be had
    uint32_t free_blocks;
};

// Prepares `bytes` at `base` (both multiples of 8). One heap per process.
void heap_init(void *base, size_t bytes);
// A lua_Alloc function; `context` is not used.
void *heap_realloc(void *context, void *block, size_t old_bytes, size_t new_bytes);
// Free bytes as node.heap() gives them.
uint32_t heap_free_bytes(void);
void heap_get_info(struct heap_info *info);

#endif
