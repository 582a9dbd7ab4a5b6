// heap.h: the heap: a documented model of the SDK's allocator.
//
// Model (heaps of up to HEAP_NEAR_BYTES_MAX, the device's sizes)
//   block header 8 bytes; sizes of blocks are multiples of 8, at least 16;
//   first fit by address; a block is split when at least 16 bytes remain, the front is used;
//   free blocks that touch are joined at once;
//   a block grows into the free block after it if that suffices, else it moves; it shrinks in
//   place and gives back 16 bytes or more.
// Fragmentation figures are this model's.
// Larger heaps (profile pc) have the same blocks, but lists of free blocks by size: blocks of up
// to 512 bytes are kept for the next one of their size and joined only when memory runs short.
//
// In sanitizer builds free blocks are poisoned and red zones lie between blocks, outside both
// ledgers: the heap then takes more room (heap_map_bytes) and addresses differ.
// Reads and writes: the range given to heap_init; nothing else. One heap per process.

#ifndef FROST_CORE_HEAP_H
#define FROST_CORE_HEAP_H

#include <stddef.h>
#include <stdint.h>

#define HEAP_BLOCK_HEADER_BYTES 8u
#define HEAP_BLOCK_BYTES_MIN 16u

struct heap_info {
    uint32_t bytes; // of the heap
    uint32_t used;  // with block headers and rounding
    uint32_t used_max;
    uint32_t free_largest; // largest free block with its header
    uint32_t free_blocks;
};

// Bytes that must be mapped at the base for a heap of `bytes`: more in sanitizer builds.
size_t heap_map_bytes(size_t bytes);
// Prepares a heap of `bytes` at `base` (both multiples of 8, 64 bytes at least, below 4 GiB);
// heap_map_bytes(bytes) are mapped there. What was in the heap is gone.
void heap_init(void *base, size_t bytes);
// A lua_Alloc function; `context` is not used. NULL: out of memory, `block` is as it was.
void *heap_realloc(void *context, void *block, size_t old_bytes, size_t new_bytes);
// What the firmware allocates beside Lua (connections, packets): a block of the same heap, in no
// ledger of Lua's, and no collection is tried for it. NULL: out of memory. `bytes` again to free.
void *heap_take(size_t bytes);
void heap_give(void *block, size_t bytes);
// Heap bytes of all such blocks.
uint32_t heap_taken_bytes(void);
uint32_t heap_size_bytes(void);
// Free bytes as node.heap() gives them.
uint32_t heap_free_bytes(void);
// Walks the free blocks.
void heap_get_info(struct heap_info *info);
// Checks every block and list of the heap; NULL if all is sound, else what is not. Tests only.
const char *heap_check(void);

#endif
