// heap.c: the heap: requests, figures, checks.
//
// Reads and writes: the heap space given to heap_init. Model and sanitizer builds:
// runtime/core/heap.h.

#include "runtime/core/heap.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/heap_parts.h"
#include "runtime/format/address_map.h"
#include "runtime/probe/probe.h"

struct heap_space heap_space;

size_t heap_map_bytes(size_t bytes)
{
    if (!HEAP_SANITIZED)
        return bytes;
    size_t wanted = bytes * 3 + 65536;
    if (bytes <= HEAP_NEAR_BYTES_MAX)
        return wanted < HEAP_NEAR_BYTES_MAX ? wanted : HEAP_NEAR_BYTES_MAX;
    return wanted < HEAP_FAR_BYTES_MAX ? wanted : HEAP_FAR_BYTES_MAX;
}

static uint32_t taken_bytes;

HEAP_CODE void heap_init(void *base, size_t bytes)
{
    assert((uintptr_t)base % 8 == 0);
    assert((uintptr_t)base + heap_map_bytes(bytes) <= UINT32_MAX);
    assert(bytes >= 64);
    struct heap_space *a = &heap_space;
    a->base = (uint32_t)(uintptr_t)base;
    a->bytes = (uint32_t)bytes & ~7u;
    a->end = a->base + ((uint32_t)heap_map_bytes(bytes) & ~7u);
    a->used = a->used_max = 0;
    taken_bytes = 0;
    int was_far = a->is_far;
    a->is_far = bytes > HEAP_NEAR_BYTES_MAX;
    a->free_first = 0;
    ASAN_POISON_MEMORY_REGION(base, a->end - a->base);
    if (was_far || a->is_far)
        memset(&heap_far, 0, sizeof heap_far);
    if (a->is_far) {
        heap_far_init();
        return;
    }
    struct heap_block *b = BLOCK_AT(a->base);
    b->word = a->end - a->base;
    b->before_bytes = 0;
    b->next = b->prev = 0;
    a->free_first = a->base;
}

// Bytes of the block for `bytes` of content, without the red zone.
static uint32_t block_need(size_t bytes)
{
    uint32_t need = ((uint32_t)bytes + HEAP_BLOCK_HEADER_BYTES + 7u) & ~7u;
    return need < HEAP_BLOCK_BYTES_MIN ? HEAP_BLOCK_BYTES_MIN : need;
}

HEAP_CODE static void count_used(struct heap_space *a, uint32_t more)
{
    a->used += more;
    if (a->used > a->used_max)
        a->used_max = a->used;
}

// The content of `bytes` in b may be used, what follows it in the block not.
static void *open_content(struct heap_block *b, size_t bytes)
{
    ASAN_UNPOISON_MEMORY_REGION(BLOCK_CONTENT(b), bytes);
    return BLOCK_CONTENT(b);
}

HEAP_CODE static void give_block(struct heap_space *a, struct heap_block *b)
{
    a->used -= BLOCK_BYTES(b) - HEAP_RED_BYTES;
    if (a->is_far)
        heap_far_give(b);
    else
        heap_near_give(b);
}

HEAP_CODE static void *take(struct heap_space *a, size_t bytes)
{
    uint32_t need = block_need(bytes);
    // Room for headers and red zones must not hide that the modelled heap is full.
    if (HEAP_SANITIZED && need > a->bytes - a->used)
        return NULL;
    struct heap_block *b = a->is_far ? heap_far_take(need + HEAP_RED_BYTES)
                                     : heap_near_take(need + HEAP_RED_BYTES);
    if (b == NULL)
        return NULL;
    uint32_t taken = BLOCK_BYTES(b) - HEAP_RED_BYTES;
    if (HEAP_SANITIZED && taken > a->bytes - a->used) { // a rest that is no block came with it
        a->used += taken;
        give_block(a, b);
        return NULL;
    }
    count_used(a, taken);
    return open_content(b, bytes);
}

HEAP_CODE static void give(struct heap_space *a, void *content, size_t bytes)
{
    ASAN_POISON_MEMORY_REGION(content, bytes);
    give_block(a, BLOCK_OF(content));
}

// Gives back what b has beyond `need` bytes, if that is a block.
HEAP_CODE static void cut(struct heap_space *a, struct heap_block *b, uint32_t need)
{
    uint32_t rest_bytes = BLOCK_BYTES(b) - need;
    if (rest_bytes < HEAP_BLOCK_BYTES_MIN + HEAP_RED_BYTES)
        return;
    struct heap_block *rest = BLOCK_AT(BLOCK_ADDR(b) + need);
    rest->word = rest_bytes | BLOCK_USED;
    rest->before_bytes = need;
    if (a->is_far)
        heap_far_tell_next(rest);
    else
        block_tell_next(rest, a->end);
    b->word = need | BLOCK_USED;
    a->used -= HEAP_RED_BYTES; // the rest got a red zone of its own
    give_block(a, rest);
}

// Resizes in place; 0 if the block has to move.
HEAP_CODE static int resize_in_place(struct heap_space *a, struct heap_block *b, uint32_t need)
{
    uint32_t old = BLOCK_BYTES(b);
    if (need <= old) {
        cut(a, b, need);
        return 1;
    }
    // What is left of the block after it may come with it.
    if (HEAP_SANITIZED && need - old + HEAP_BLOCK_BYTES_MIN > a->bytes - a->used)
        return 0;
    if (!(a->is_far ? heap_far_grow(b, need) : heap_near_grow(b, need)))
        return 0;
    count_used(a, BLOCK_BYTES(b) - old);
    return 1;
}

HEAP_CODE void *heap_realloc(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    struct heap_space *a = &heap_space;
    (void)context;
    if (new_bytes == 0) {
        if (block != NULL)
            give(a, block, old_bytes);
        return NULL;
    }
    if (new_bytes > a->bytes)
        return NULL;
    if (block == NULL)
        return take(a, new_bytes);
    if (resize_in_place(a, BLOCK_OF(block), block_need(new_bytes) + HEAP_RED_BYTES)) {
        if (new_bytes < old_bytes)
            ASAN_POISON_MEMORY_REGION((char *)block + new_bytes, old_bytes - new_bytes);
        return open_content(BLOCK_OF(block), new_bytes);
    }
    void *moved = take(a, new_bytes);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, old_bytes < new_bytes ? old_bytes : new_bytes);
    give(a, block, old_bytes);
    return moved;
}

void *heap_take(size_t bytes)
{
    uint32_t before = heap_space.used;
    void *block = heap_realloc(NULL, NULL, 0, bytes);
    if (block != NULL)
        PROBE_FIRMWARE_ALLOC(block, bytes);
    taken_bytes += heap_space.used - before;
    return block;
}

void heap_give(void *block, size_t bytes)
{
    uint32_t before = heap_space.used;
    PROBE_FIRMWARE_FREE(block);
    heap_realloc(NULL, block, bytes, 0);
    taken_bytes -= before - heap_space.used;
}

uint32_t heap_taken_bytes(void)
{
    return taken_bytes;
}

uint32_t heap_size_bytes(void)
{
    return heap_space.bytes;
}

uint32_t heap_free_bytes(void)
{
    return heap_space.bytes - heap_space.used;
}

// ---- figures and checks ----

static uint32_t heap_space_top(const struct heap_space *a)
{
    return a->is_far ? heap_far_top() : a->end;
}

HEAP_CODE void heap_get_info(struct heap_info *info)
{
    struct heap_space *a = &heap_space;
    uint32_t largest = 0, count = 0, run = 0;
    if (a->is_far)
        heap_far_join();
    uint32_t top = heap_space_top(a);
    for (uint32_t at = a->base; at < top; at += BLOCK_BYTES(BLOCK_AT(at))) {
        run = BLOCK_IS_USED(BLOCK_AT(at)) ? 0 : BLOCK_BYTES(BLOCK_AT(at));
        count += run != 0;
        if (run > largest)
            largest = run;
    }
    if (a->end > top) {
        count++;
        if (a->end - top > largest)
            largest = a->end - top;
    }
    uint32_t model_free = heap_free_bytes();
    info->bytes = a->bytes;
    info->used = a->used;
    info->used_max = a->used_max;
    info->free_largest = largest < model_free ? largest : model_free;
    info->free_blocks = count;
}

// A fault of block b, whose neighbour below has `before` bytes; NULL if it is sound.
HEAP_CODE static const char *check_block(const struct heap_block *b, uint32_t before, uint32_t top)
{
    if (BLOCK_BYTES(b) < HEAP_BLOCK_BYTES_MIN || BLOCK_BYTES(b) % 8 != 0)
        return "size of a block";
    if (BLOCK_BYTES(b) > top - BLOCK_ADDR(b))
        return "a block reaches beyond the heap";
    if (b->before_bytes != before)
        return "size of the block before";
    return NULL;
}

HEAP_CODE const char *heap_check(void)
{
    struct heap_space *a = &heap_space;
    uint32_t top = heap_space_top(a), before = 0, is_free = 0;
    struct heap_sums sums = {0};
    for (uint32_t at = a->base; at < top; at += before) {
        const struct heap_block *b = BLOCK_AT(at);
        const char *fault = check_block(b, before, top);
        if (fault)
            return fault;
        before = BLOCK_BYTES(b);
        if (is_free && !BLOCK_IS_USED(b))
            return "two free blocks touch";
        is_free = !BLOCK_IS_USED(b);
        if (is_free)
            sums.free_count++;
        else if (b->word & BLOCK_KEPT)
            sums.kept_count++;
        else
            sums.used += before - HEAP_RED_BYTES;
    }
    sums.last_bytes = before;
    if (sums.used != a->used || a->used > a->used_max || a->used > a->bytes)
        return "sum of used blocks";
    return a->is_far ? heap_far_check(&sums) : heap_near_check(&sums);
}
