// heap.c: the heap arena: requests, figures, checks.
//
// Reads and writes: the arena given to heap_init. Model and sanitizer builds: runtime/core/heap.h.

#include "runtime/core/heap.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/heap_parts.h"
#include "runtime/format/address_map.h"

struct arena heap_arena;

size_t heap_map_bytes(size_t bytes)
{
    if (!HEAP_SANITIZED)
        return bytes;
    size_t wanted = bytes * 3 + 65536;
    if (bytes <= HEAP_NEAR_BYTES_MAX)
        return wanted < HEAP_NEAR_BYTES_MAX ? wanted : HEAP_NEAR_BYTES_MAX;
    return wanted < HEAP_FAR_BYTES_MAX ? wanted : HEAP_FAR_BYTES_MAX;
}

HEAP_CODE void heap_init(void *base, size_t bytes)
{
    assert((uintptr_t)base % 8 == 0);
    assert((uintptr_t)base + heap_map_bytes(bytes) <= UINT32_MAX);
    assert(bytes >= 64);
    struct arena *a = &heap_arena;
    a->base = (uint32_t)(uintptr_t)base;
    a->bytes = (uint32_t)bytes & ~7u;
    a->end = a->base + ((uint32_t)heap_map_bytes(bytes) & ~7u);
    a->used = a->used_max = 0;
    a->is_far = bytes > HEAP_NEAR_BYTES_MAX;
    a->free_first = 0;
    ASAN_POISON_MEMORY_REGION(base, a->end - a->base);
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

HEAP_CODE static void count_used(struct arena *a, uint32_t more)
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

HEAP_CODE static void *take(struct arena *a, size_t bytes)
{
    uint32_t need = block_need(bytes);
    // Room for headers and red zones must not hide that the modelled heap is full.
    if (HEAP_SANITIZED && need > a->bytes - a->used)
        return NULL;
    struct heap_block *b = a->is_far ? heap_far_take(need + HEAP_RED_BYTES)
                                : heap_near_take(need + HEAP_RED_BYTES);
    if (b == NULL)
        return NULL;
    count_used(a, BLOCK_BYTES(b) - HEAP_RED_BYTES);
    return open_content(b, bytes);
}

HEAP_CODE static void give_block(struct arena *a, struct heap_block *b)
{
    a->used -= BLOCK_BYTES(b) - HEAP_RED_BYTES;
    if (a->is_far)
        heap_far_give(b);
    else
        heap_near_give(b);
}

HEAP_CODE static void give(struct arena *a, void *content, size_t bytes)
{
    ASAN_POISON_MEMORY_REGION(content, bytes);
    give_block(a, BLOCK_OF(content));
}

// Gives back what b has beyond `need` bytes, if that is a block.
HEAP_CODE static void cut(struct arena *a, struct heap_block *b, uint32_t need)
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
HEAP_CODE static int resize_in_place(struct arena *a, struct heap_block *b, uint32_t need)
{
    uint32_t old = BLOCK_BYTES(b);
    if (need <= old) {
        cut(a, b, need);
        return 1;
    }
    if (HEAP_SANITIZED && need - old > a->bytes - a->used)
        return 0;
    if (!(a->is_far ? heap_far_grow(b, need) : heap_near_grow(b, need)))
        return 0;
    count_used(a, BLOCK_BYTES(b) - old);
    return 1;
}

HEAP_CODE void *heap_realloc(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    struct arena *a = &heap_arena;
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

uint32_t heap_free_bytes(void)
{
    return heap_arena.bytes - heap_arena.used;
}

// ---- figures and checks ----

static uint32_t arena_top(const struct arena *a)
{
    return a->is_far ? heap_far_top() : a->end;
}

HEAP_CODE void heap_get_info(struct heap_info *info)
{
    struct arena *a = &heap_arena;
    uint32_t largest = 0, count = 0, run = 0;
    if (a->is_far)
        heap_far_join();
    uint32_t top = arena_top(a);
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
        return "a block reaches beyond the arena";
    if (b->before_bytes != before)
        return "size of the block before";
    return NULL;
}

HEAP_CODE const char *heap_check(void)
{
    struct arena *a = &heap_arena;
    uint32_t top = arena_top(a), before = 0, used = 0, free_count = 0, is_free = 0;
    for (uint32_t at = a->base; at < top; at += before) {
        const struct heap_block *b = BLOCK_AT(at);
        const char *fault = check_block(b, before, top);
        if (fault)
            return fault;
        before = BLOCK_BYTES(b);
        if (is_free && !BLOCK_IS_USED(b))
            return "two free blocks touch";
        is_free = !BLOCK_IS_USED(b);
        free_count += is_free;
        if (!is_free && !(b->word & BLOCK_KEPT))
            used += before - HEAP_RED_BYTES;
    }
    if (used != a->used)
        return "sum of used blocks";
    uint32_t listed = 0, last = 0;
    for (uint32_t at = a->free_first; at; at = BLOCK_AT(at)->next, listed++) {
        if (at <= last || BLOCK_IS_USED(BLOCK_AT(at)))
            return "order of free blocks";
        last = at;
    }
    return a->is_far || listed == free_count ? NULL : "a free block is in no list";
}
