// heap_parts.h: what the parts of the heap share: blocks, the heap space, sanitizer helpers.
//
// Private to heap.c, heap_near.c, heap_far.c and heap_fast.h. Model: runtime/core/heap.h.
//
// The heap is filled by blocks without gaps, in the far heap up to `top`. Header of a block:
//   off 0  bytes of the block with its header, a multiple of 8; low bits BLOCK_USED, BLOCK_KEPT
//   off 4  bytes of the block before it in memory; 0: the first one
// A free block has the addresses of its neighbours in its list after the header.

#ifndef FROST_CORE_HEAP_PARTS_H
#define FROST_CORE_HEAP_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/heap.h"

#if defined(__SANITIZE_ADDRESS__)
#define HEAP_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEAP_SANITIZED 1
#endif
#endif
#ifndef HEAP_SANITIZED
#define HEAP_SANITIZED 0
#endif

#if HEAP_SANITIZED
#include <sanitizer/asan_interface.h>
#define HEAP_RED_BYTES 16u // after the content of each block, in no ledger
#define HEAP_CODE __attribute__((no_sanitize("address")))
#else
#define HEAP_RED_BYTES 0u
#define HEAP_CODE
#define ASAN_POISON_MEMORY_REGION(addr, bytes) ((void)(addr), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(addr, bytes) ((void)(addr), (void)(bytes))
#endif

#define BLOCK_USED 1u // not free; a kept block is used for its neighbours
#define BLOCK_KEPT 2u // far heap: waits in the list of its size
#define BLOCK_FLAGS 7u

struct heap_block {
    uint32_t word;
    uint32_t before_bytes;
    uint32_t next; // of a free or kept block: addresses, 0 at the ends
    uint32_t prev; // of a free block
};

struct heap_space {
    uint32_t base;
    uint32_t end;   // physical end
    uint32_t bytes; // what the ledger counts against
    uint32_t used;
    uint32_t used_max;
    uint32_t free_first; // near: free blocks by address
    int is_far;
    int takes_from_above; // near: heap_compact.h
};

extern struct heap_space heap_space;

#define HEAP_KEPT_BYTES_MAX 512u

struct far_heap {                               // all 0 while the heap is near
    uint32_t kept[HEAP_KEPT_BYTES_MAX / 8 + 1]; // first kept block of each size / 8
    uint32_t kept_bytes;
    uint32_t top;        // address after the last block
    uint32_t top_before; // bytes of the last block
    uint32_t end;        // of the heap
};

extern struct far_heap heap_far;

#define BLOCK_AT(addr) ((struct heap_block *)(uintptr_t)(addr))
#define BLOCK_ADDR(b) ((uint32_t)(uintptr_t)(b))
#define BLOCK_BYTES(b) ((b)->word & ~BLOCK_FLAGS)
#define BLOCK_IS_USED(b) ((b)->word & BLOCK_USED)
#define BLOCK_CONTENT(b) ((void *)((char *)(b) + HEAP_BLOCK_HEADER_BYTES))
#define BLOCK_OF(content) ((struct heap_block *)(void *)((char *)(content)-HEAP_BLOCK_HEADER_BYTES))

// What a walk over all blocks has found.
struct heap_sums {
    uint32_t used;       // bytes of used blocks, without red zones
    uint32_t free_count; // free blocks
    uint32_t kept_count; // far: kept blocks
    uint32_t last_bytes; // of the last block
};

// Near heap: a block of `need` bytes or a few more, marked as used; NULL if none is large enough.
struct heap_block *heap_near_take(uint32_t need);
void heap_near_give(struct heap_block *b);
// Takes what is missing to `need` bytes from the free block after b; 0 if that is not enough.
int heap_near_grow(struct heap_block *b, uint32_t need);

// Are the free blocks in the list, by address, linked both ways? NULL, or what is wrong.
const char *heap_near_check(const struct heap_sums *sums);

// Far heap: the same. The block on top of the heap is in no list.
void heap_far_init(void);
struct heap_block *heap_far_take(uint32_t need);
void heap_far_give(struct heap_block *b);
int heap_far_grow(struct heap_block *b, uint32_t need);
uint32_t heap_far_top(void);
// Tells the block after b, or the top, how long b is.
void heap_far_tell_next(const struct heap_block *b);
// Joins all free and kept blocks that touch.
void heap_far_join(void);
// Are all free and kept blocks in the lists of their sizes? NULL, or what is wrong.
const char *heap_far_check(const struct heap_sums *sums);

// The bytes before the block behind `b` are those of b.
HEAP_CODE static inline void block_tell_next(const struct heap_block *b, uint32_t end)
{
    uint32_t next = BLOCK_ADDR(b) + BLOCK_BYTES(b);
    if (next < end)
        BLOCK_AT(next)->before_bytes = BLOCK_BYTES(b);
}

#endif
