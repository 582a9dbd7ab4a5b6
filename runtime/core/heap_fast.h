// heap_fast.h: the usual ways through the far heap, for mem.h: a kept block of the right size, or
// the top of the heap; and back to the kept blocks. Everything else: heap_realloc.
//
// Reads and writes: as heap_far.c. Not in sanitizer builds, not on the chip.

#ifndef FROST_CORE_HEAP_FAST_H
#define FROST_CORE_HEAP_FAST_H

#include "runtime/core/heap_parts.h"

#if !HEAP_SANITIZED && !defined(FROST_CHIP)
#define HEAP_HAS_FAST 1

// A block of `bytes` (less than 2^31), or NULL: ask heap_realloc.
static inline void *heap_fast_new(size_t bytes)
{
    struct heap_space *a = &heap_space;
    struct far_heap *far = &heap_far;
    uint32_t need = ((uint32_t)bytes + HEAP_BLOCK_HEADER_BYTES + 7u) & ~7u;
    if (need > HEAP_KEPT_BYTES_MAX)
        return NULL;
    if (need < HEAP_BLOCK_BYTES_MIN)
        need = HEAP_BLOCK_BYTES_MIN;
    uint32_t first = far->kept[need / 8];
    struct heap_block *b = BLOCK_AT(first);
    if (__builtin_expect(first != 0, 1)) {
        far->kept[need / 8] = b->next;
        far->kept_bytes -= need;
    } else {
        // In a near heap both are 0.
        if (far->end - far->top < need)
            return NULL;
        b = BLOCK_AT(far->top);
        b->before_bytes = far->top_before;
        far->top += need;
        far->top_before = need;
    }
    b->word = need | BLOCK_USED;
    a->used += need;
    if (a->used > a->used_max)
        a->used_max = a->used;
    return BLOCK_CONTENT(b);
}

// 0: heap_realloc has to do it.
static inline int heap_fast_free(void *content)
{
    struct heap_space *a = &heap_space;
    struct far_heap *far = &heap_far;
    struct heap_block *b = BLOCK_OF(content);
    uint32_t bytes = BLOCK_BYTES(b);
    if (bytes > HEAP_KEPT_BYTES_MAX || !a->is_far)
        return 0;
    b->word = bytes | BLOCK_USED | BLOCK_KEPT;
    b->next = far->kept[bytes / 8];
    far->kept[bytes / 8] = BLOCK_ADDR(b);
    far->kept_bytes += bytes;
    a->used -= bytes;
    return 1;
}

#else
#define HEAP_HAS_FAST 0
#endif

#endif
