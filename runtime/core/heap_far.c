// heap_far.c: the fast allocator of heaps beyond the device's sizes (profile pc).
//
// Reads and writes: the heap space, and the lists here. Blocks of up to HEAP_KEPT_BYTES_MAX that
// are freed are kept in a list of their size and taken from there again; they are joined with their
// neighbours only when nothing else is left. Larger ones are joined at once and stand in lists by
// size, four lists for each power of two. What has never been used lies on top.

#include <string.h>

#include "runtime/core/heap_parts.h"
#include "runtime/port/port.h"

#define BINS 128u    // two words of bins_used
#define BIN_TRIES 16 // blocks of the request's own bin that are looked at

PORT_FAR struct far_heap heap_far;

PORT_FAR static uint32_t bins[BINS];
static uint64_t bins_used[BINS / 64]; // bit set: the bin is not empty

void heap_far_init(void)
{
    memset(bins, 0, sizeof bins);
    memset(bins_used, 0, sizeof bins_used);
    heap_far.top = heap_space.base;
    heap_far.end = heap_space.end;
}

uint32_t heap_far_top(void)
{
    return heap_far.top;
}

// The bin of free blocks of `bytes`: exponent and the two bits below the first.
static uint32_t bin_of(uint32_t bytes)
{
    uint32_t log2 = 31u - (uint32_t)__builtin_clz(bytes);
    return log2 * 4 + (bytes >> (log2 - 2) & 3);
}

HEAP_CODE void heap_far_tell_next(const struct heap_block *b)
{
    if (BLOCK_ADDR(b) + BLOCK_BYTES(b) == heap_far.top)
        heap_far.top_before = BLOCK_BYTES(b);
    else
        block_tell_next(b, heap_far.top);
}

HEAP_CODE static void bin_put(struct heap_block *b, uint32_t bytes)
{
    uint32_t bin = bin_of(bytes);
    b->word = bytes;
    b->prev = 0;
    b->next = bins[bin];
    if (b->next)
        BLOCK_AT(b->next)->prev = BLOCK_ADDR(b);
    bins[bin] = BLOCK_ADDR(b);
    bins_used[bin / 64] |= 1ull << bin % 64;
}

HEAP_CODE static void bin_remove(struct heap_block *b)
{
    uint32_t bin = bin_of(BLOCK_BYTES(b));
    if (b->next)
        BLOCK_AT(b->next)->prev = b->prev;
    if (b->prev)
        BLOCK_AT(b->prev)->next = b->next;
    else if ((bins[bin] = b->next) == 0)
        bins_used[bin / 64] &= ~(1ull << bin % 64);
}

// A free block of at least `need` bytes, taken out of its bin; NULL if there is none.
HEAP_CODE static struct heap_block *bin_take(uint32_t need)
{
    uint32_t bin = bin_of(need);
    uint32_t at = bins[bin];
    for (int i = 0; at && i < BIN_TRIES; i++, at = BLOCK_AT(at)->next)
        if (BLOCK_BYTES(BLOCK_AT(at)) >= need)
            break;
    if (!at || BLOCK_BYTES(BLOCK_AT(at)) < need) {
        uint32_t word = ++bin / 64;
        uint64_t found = bin % 64 ? bins_used[word] >> bin % 64 << bin % 64 : bins_used[word];
        while (!found && ++word < BINS / 64)
            found = bins_used[word];
        if (!found)
            return NULL;
        at = bins[word * 64 + (uint32_t)__builtin_ctzll(found)];
    }
    bin_remove(BLOCK_AT(at));
    return BLOCK_AT(at);
}

// Marks the first `need` of the `bytes` of b as used; a rest worth a block is free.
HEAP_CODE static void use_front(struct heap_block *b, uint32_t bytes, uint32_t need)
{
    if (bytes - need >= HEAP_BLOCK_BYTES_MIN) {
        struct heap_block *rest = BLOCK_AT(BLOCK_ADDR(b) + need);
        rest->before_bytes = need;
        bin_put(rest, bytes - need);
        heap_far_tell_next(rest);
        bytes = need;
    }
    b->word = bytes | BLOCK_USED;
    heap_far_tell_next(b);
}

HEAP_CODE static struct heap_block *top_take(uint32_t need)
{
    if (heap_far.end - heap_far.top < need)
        return NULL;
    struct heap_block *b = BLOCK_AT(heap_far.top);
    b->word = need | BLOCK_USED;
    b->before_bytes = heap_far.top_before;
    heap_far.top += need;
    heap_far.top_before = need;
    return b;
}

// Clears all lists and makes them again from a walk over the blocks, joining what touches.
HEAP_CODE void heap_far_join(void)
{
    uint32_t before = 0, at = heap_space.base;
    memset(heap_far.kept, 0, sizeof heap_far.kept);
    memset(bins, 0, sizeof bins);
    memset(bins_used, 0, sizeof bins_used);
    heap_far.kept_bytes = 0;
    while (at < heap_far.top) {
        struct heap_block *b = BLOCK_AT(at);
        uint32_t bytes = BLOCK_BYTES(b);
        b->before_bytes = before;
        if (!BLOCK_IS_USED(b) || (b->word & BLOCK_KEPT)) {
            uint32_t end = at + bytes;
            while (end < heap_far.top &&
                   (!BLOCK_IS_USED(BLOCK_AT(end)) || (BLOCK_AT(end)->word & BLOCK_KEPT)))
                end += BLOCK_BYTES(BLOCK_AT(end));
            if (end == heap_far.top) {
                heap_far.top = at;
                break;
            }
            bytes = end - at;
            bin_put(b, bytes);
        }
        before = bytes;
        at += bytes;
    }
    heap_far.top_before = before;
}

// What was never used becomes the last free block.
HEAP_CODE static void give_top(void)
{
    uint32_t bytes = heap_far.end - heap_far.top;
    if (bytes < HEAP_BLOCK_BYTES_MIN)
        return;
    struct heap_block *b = BLOCK_AT(heap_far.top);
    b->before_bytes = heap_far.top_before;
    if (b->before_bytes && !BLOCK_IS_USED(BLOCK_AT(heap_far.top - b->before_bytes))) {
        b = BLOCK_AT(heap_far.top - b->before_bytes);
        bin_remove(b);
        bytes += BLOCK_BYTES(b);
    }
    heap_far.top = BLOCK_ADDR(b) + bytes;
    heap_far.top_before = bytes;
    bin_put(b, bytes);
}

// The last `need` bytes of a free block that is in the bin of the largest ones.
HEAP_CODE static struct heap_block *take_from_above(uint32_t need)
{
    give_top();
    uint64_t used = bins_used[1] ? bins_used[1] : bins_used[0];
    if (!used)
        return NULL;
    uint32_t bin = (bins_used[1] ? 64u : 0u) + 63u - (uint32_t)__builtin_clzll(used);
    struct heap_block *b = BLOCK_AT(bins[bin]);
    uint32_t bytes = BLOCK_BYTES(b);
    if (bytes < need)
        return NULL;
    bin_remove(b);
    uint32_t rest = bytes - need;
    if (rest < HEAP_BLOCK_BYTES_MIN) {
        use_front(b, bytes, need);
        return b;
    }
    bin_put(b, rest);
    b = BLOCK_AT(BLOCK_ADDR(b) + rest);
    b->before_bytes = rest;
    b->word = need | BLOCK_USED;
    heap_far_tell_next(b);
    return b;
}

HEAP_CODE struct heap_block *heap_far_take(uint32_t need)
{
    if (need <= HEAP_KEPT_BYTES_MAX && heap_far.kept[need / 8]) {
        struct heap_block *b = BLOCK_AT(heap_far.kept[need / 8]);
        heap_far.kept[need / 8] = b->next;
        heap_far.kept_bytes -= need;
        b->word = need | BLOCK_USED;
        return b;
    }
    for (int is_second = 0;; is_second = 1) {
        struct heap_block *b = heap_space.takes_from_above ? take_from_above(need) : NULL;
        if (b)
            return b;
        b = need <= HEAP_KEPT_BYTES_MAX ? top_take(need) : NULL;
        if (b)
            return b;
        b = bin_take(need);
        if (b) {
            use_front(b, BLOCK_BYTES(b), need);
            return b;
        }
        b = top_take(need);
        if (b || is_second || heap_far.kept_bytes == 0)
            return b;
        heap_far_join();
    }
}

HEAP_CODE void heap_far_give(struct heap_block *b)
{
    uint32_t bytes = BLOCK_BYTES(b);
    if (bytes <= HEAP_KEPT_BYTES_MAX) {
        b->word = bytes | BLOCK_USED | BLOCK_KEPT;
        b->next = heap_far.kept[bytes / 8];
        heap_far.kept[bytes / 8] = BLOCK_ADDR(b);
        heap_far.kept_bytes += bytes;
        return;
    }
    uint32_t next = BLOCK_ADDR(b) + bytes;
    if (next < heap_far.top && !BLOCK_IS_USED(BLOCK_AT(next))) {
        bin_remove(BLOCK_AT(next));
        bytes += BLOCK_BYTES(BLOCK_AT(next));
        next = BLOCK_ADDR(b) + bytes;
    }
    if (b->before_bytes && !BLOCK_IS_USED(BLOCK_AT(BLOCK_ADDR(b) - b->before_bytes))) {
        b = BLOCK_AT(BLOCK_ADDR(b) - b->before_bytes);
        bin_remove(b);
        bytes += BLOCK_BYTES(b);
    }
    if (next == heap_far.top) {
        heap_far.top = BLOCK_ADDR(b);
        heap_far.top_before = b->before_bytes;
        return;
    }
    bin_put(b, bytes);
    heap_far_tell_next(b);
}

HEAP_CODE int heap_far_grow(struct heap_block *b, uint32_t need)
{
    uint32_t bytes = BLOCK_BYTES(b);
    uint32_t next = BLOCK_ADDR(b) + bytes;
    if (next == heap_far.top) {
        if (heap_far.end - BLOCK_ADDR(b) < need)
            return 0;
        heap_far.top = BLOCK_ADDR(b) + need;
        b->word = need | BLOCK_USED;
        heap_far.top_before = need;
        return 1;
    }
    struct heap_block *n = BLOCK_AT(next);
    if (BLOCK_IS_USED(n) || bytes + BLOCK_BYTES(n) < need)
        return 0;
    bin_remove(n);
    use_front(b, bytes + BLOCK_BYTES(n), need);
    return 1;
}

// ---- check ----

// Free blocks of one bin, counted down from *left.
HEAP_CODE static const char *check_bin(uint32_t bin, uint32_t *left)
{
    uint32_t last = 0;
    for (uint32_t at = bins[bin]; at; at = BLOCK_AT(at)->next) {
        const struct heap_block *b = BLOCK_AT(at);
        if ((*left)-- == 0)
            return "a list of free blocks has too many";
        if (at < heap_space.base || at >= heap_far.top || BLOCK_IS_USED(b))
            return "a list of free blocks has one that is not free";
        if (bin_of(BLOCK_BYTES(b)) != bin)
            return "a free block is in the list of another size";
        if (b->prev != last)
            return "link back to the free block before";
        last = at;
    }
    if ((bins[bin] != 0) != (bins_used[bin / 64] >> bin % 64 & 1))
        return "sign of a list of free blocks";
    return NULL;
}

// Kept blocks of size / 8, counted down from *left.
HEAP_CODE static const char *check_kept(uint32_t size, uint32_t *left)
{
    for (uint32_t at = heap_far.kept[size]; at; at = BLOCK_AT(at)->next) {
        const struct heap_block *b = BLOCK_AT(at);
        if ((*left)-- == 0)
            return "a list of kept blocks has too many";
        if (at < heap_space.base || at >= heap_far.top || !(b->word & BLOCK_KEPT))
            return "a list of kept blocks has one that is not kept";
        if (BLOCK_BYTES(b) != 8 * size)
            return "a kept block is in the list of another size";
    }
    return NULL;
}

HEAP_CODE const char *heap_far_check(const struct heap_sums *sums)
{
    uint32_t left = sums->free_count, kept_bytes = 0;
    const char *fault = NULL;
    for (uint32_t bin = 0; bin < BINS && !fault; bin++)
        fault = check_bin(bin, &left);
    if (!fault && left != 0)
        fault = "a free block is in no list";
    left = sums->kept_count;
    for (uint32_t size = 0; size <= HEAP_KEPT_BYTES_MAX / 8 && !fault; size++) {
        uint32_t before = left;
        fault = check_kept(size, &left);
        kept_bytes += (before - left) * 8 * size;
    }
    if (!fault && left != 0)
        fault = "a kept block is in no list";
    if (!fault && kept_bytes != heap_far.kept_bytes)
        fault = "sum of kept blocks";
    if (!fault && heap_far.top_before != sums->last_bytes)
        fault = "size of the block below the top";
    return fault;
}
