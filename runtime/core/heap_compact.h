// heap_compact.h: blocks of the heap that may move, and how they are moved together.
//
// The heap knows no owners: before a pass whoever knows them names every block that may move, with
// a number of its own (heap_may_move); the number stands in the block's header until the pass has
// come to it, so a pass takes no memory. Blocks that are not named stay where they are.
//
// A block goes to the first gap below it that is large enough, else down to the end of the blocks
// below it. All free bytes above the last block that stays are then one block.
// Reads and writes: the heap space. Memory: none.

#ifndef FROST_CORE_HEAP_COMPACT_H
#define FROST_CORE_HEAP_COMPACT_H

#include <stddef.h>
#include <stdint.h>

// Answers to the heap in a pass; `owner` is the number that the block was named with.
struct heap_mover {
    void *context;
    // Bytes of content, as they were asked for.
    size_t (*bytes_of)(void *context, uint32_t owner);
    // The content stands at `to` by now; what it had at `from` is overwritten.
    void (*moved)(void *context, uint32_t owner, const void *from, void *to);
};

// A pass: begin, name the blocks (`owner` is not 0), move. Nothing is allocated or freed between.
void heap_compact_begin(void);
void heap_may_move(void *block, uint32_t owner);
void heap_compact(const struct heap_mover *mover);

// For tests: copies a block of `bytes` to another place, wherever there is room, and poisons the
// old one; NULL if there is no room. The old place stays taken until heap_end_copies.
void *heap_copy_away(void *block, size_t bytes);
void heap_end_copies(void);

// While set, the heap gives blocks from its upper end (a far heap: from the end of one of its
// largest free blocks): what stays lies apart from what may move.
void heap_take_from_above(int is_above);

#endif
