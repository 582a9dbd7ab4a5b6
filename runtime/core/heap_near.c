// heap_near.c: the modelled allocator of heaps of the device's sizes.
//
// Reads and writes: the heap space. Model: runtime/core/heap.h. Free blocks form a list in the
// order of addresses; `next` and `prev` of its members link it both ways.

#include "runtime/core/heap_parts.h"

// Puts b where `place` (the free block with the next lower address, 0: none) says.
HEAP_CODE static void link_behind(struct heap_block *b, uint32_t place)
{
    uint32_t next = place ? BLOCK_AT(place)->next : heap_space.free_first;
    b->next = next;
    b->prev = place;
    if (place)
        BLOCK_AT(place)->next = BLOCK_ADDR(b);
    else
        heap_space.free_first = BLOCK_ADDR(b);
    if (next)
        BLOCK_AT(next)->prev = BLOCK_ADDR(b);
}

HEAP_CODE static void unlink_block(struct heap_block *b)
{
    if (b->prev)
        BLOCK_AT(b->prev)->next = b->next;
    else
        heap_space.free_first = b->next;
    if (b->next)
        BLOCK_AT(b->next)->prev = b->prev;
}

// Uses the first `need` bytes of free block b, of `bytes`; the rest takes its place in the list.
HEAP_CODE static void use_front(struct heap_block *b, uint32_t bytes, uint32_t need)
{
    uint32_t place = b->prev;
    unlink_block(b);
    if (bytes - need < HEAP_BLOCK_BYTES_MIN) {
        b->word = bytes | BLOCK_USED;
        block_tell_next(b, heap_space.end);
        return;
    }
    struct heap_block *rest = BLOCK_AT(BLOCK_ADDR(b) + need);
    b->word = need | BLOCK_USED;
    rest->word = bytes - need;
    rest->before_bytes = need;
    link_behind(rest, place);
    block_tell_next(rest, heap_space.end);
}

// The last `need` bytes of the highest free block that has them.
HEAP_CODE static struct heap_block *take_from_above(uint32_t need)
{
    struct heap_block *b = NULL;
    for (uint32_t at = heap_space.free_first; at; at = BLOCK_AT(at)->next)
        if (BLOCK_BYTES(BLOCK_AT(at)) >= need)
            b = BLOCK_AT(at);
    if (b == NULL)
        return NULL;
    uint32_t rest = BLOCK_BYTES(b) - need;
    if (rest < HEAP_BLOCK_BYTES_MIN) {
        use_front(b, BLOCK_BYTES(b), need);
        return b;
    }
    b->word = rest;
    b = BLOCK_AT(BLOCK_ADDR(b) + rest);
    b->word = need | BLOCK_USED;
    b->before_bytes = rest;
    block_tell_next(b, heap_space.end);
    return b;
}

HEAP_CODE struct heap_block *heap_near_take(uint32_t need)
{
    if (heap_space.takes_from_above)
        return take_from_above(need);
    for (uint32_t at = heap_space.free_first; at; at = BLOCK_AT(at)->next) {
        struct heap_block *b = BLOCK_AT(at);
        if (BLOCK_BYTES(b) >= need) {
            use_front(b, BLOCK_BYTES(b), need);
            return b;
        }
    }
    return NULL;
}

// The free block with the highest address below b, 0 if there is none.
HEAP_CODE static uint32_t free_below(const struct heap_block *b)
{
    uint32_t place = 0;
    for (uint32_t at = heap_space.free_first; at && at < BLOCK_ADDR(b); at = BLOCK_AT(at)->next)
        place = at;
    return place;
}

HEAP_CODE void heap_near_give(struct heap_block *b)
{
    uint32_t bytes = BLOCK_BYTES(b);
    uint32_t next_addr = BLOCK_ADDR(b) + bytes;
    struct heap_block *next = next_addr < heap_space.end ? BLOCK_AT(next_addr) : NULL;
    struct heap_block *before = b->before_bytes ? BLOCK_AT(BLOCK_ADDR(b) - b->before_bytes) : NULL;
    int next_is_free = next && !BLOCK_IS_USED(next);
    int before_is_free = before && !BLOCK_IS_USED(before);
    uint32_t place = next_is_free ? next->prev : 0;

    if (next_is_free) {
        unlink_block(next);
        bytes += BLOCK_BYTES(next);
    }
    if (before_is_free) {
        before->word = BLOCK_BYTES(before) + bytes;
        block_tell_next(before, heap_space.end);
        return;
    }
    b->word = bytes;
    link_behind(b, next_is_free ? place : free_below(b));
    block_tell_next(b, heap_space.end);
}

HEAP_CODE int heap_near_grow(struct heap_block *b, uint32_t need)
{
    uint32_t bytes = BLOCK_BYTES(b);
    uint32_t next_addr = BLOCK_ADDR(b) + bytes;
    if (next_addr >= heap_space.end)
        return 0;
    struct heap_block *next = BLOCK_AT(next_addr);
    if (BLOCK_IS_USED(next) || bytes + BLOCK_BYTES(next) < need)
        return 0;
    uint32_t next_bytes = BLOCK_BYTES(next);
    use_front(next, next_bytes, need - bytes);
    b->word = (bytes + BLOCK_BYTES(next)) | BLOCK_USED;
    block_tell_next(b, heap_space.end);
    return 1;
}

HEAP_CODE const char *heap_near_check(const struct heap_sums *sums)
{
    uint32_t count = 0, last = 0;
    for (uint32_t at = heap_space.free_first; at; at = BLOCK_AT(at)->next) {
        if (at <= last || at >= heap_space.end || BLOCK_IS_USED(BLOCK_AT(at)))
            return "order of free blocks";
        if (BLOCK_AT(at)->prev != last)
            return "link back to the free block before";
        last = at;
        count++;
    }
    return count == sums->free_count ? NULL : "a free block is in no list";
}
