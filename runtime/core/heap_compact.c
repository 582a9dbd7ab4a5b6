// heap_compact.c: see heap_compact.h.
//
// One walk over the blocks, upwards. What is free or has moved away below the walk's place and
// touches it is `run`, where the next block slides to; a block that stays ends the run, which
// becomes a free block, a gap that later blocks may fill. The list of gaps is the near heap's list
// of free blocks; a far heap makes its lists again after the walk.

#include "runtime/core/heap_compact.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/heap_parts.h"

#define BLOCK_MOVABLE 4u // in `word`; `before_bytes` is the owner's number
#define GAP_TRIES 256    // gaps that a block of a far heap is tried in
#define POISON_BYTE 0xA5

// A block that was copied away: for nobody's use until heap_end_copies.
#define BLOCK_LEFT (BLOCK_USED | BLOCK_KEPT | BLOCK_MOVABLE)

struct pass {
    const struct heap_mover *mover;
    uint32_t run;      // where the free bytes below the walk's place begin
    uint32_t before;   // bytes of the block below them
    uint32_t gap_last; // the gap with the highest address, 0: none
};

HEAP_CODE void heap_compact_begin(void)
{
    if (heap_space.is_far)
        heap_far_join(); // no kept blocks; this also writes what heap_may_move overwrites
}

HEAP_CODE void heap_may_move(void *block, uint32_t owner)
{
    struct heap_block *b = BLOCK_OF(block);
    assert(owner != 0);
    assert(BLOCK_IS_USED(b));
    assert((b->word & BLOCK_MOVABLE) == 0);
    b->word |= BLOCK_MOVABLE;
    b->before_bytes = owner;
}

// ---- gaps ----

// The run below the block at `end`, which stays, is a gap.
HEAP_CODE static void add_gap(struct pass *pass, uint32_t end)
{
    struct heap_block *gap = BLOCK_AT(pass->run);
    gap->word = end - pass->run;
    gap->before_bytes = pass->before;
    gap->next = 0;
    gap->prev = pass->gap_last;
    if (pass->gap_last)
        BLOCK_AT(pass->gap_last)->next = pass->run;
    else
        heap_space.free_first = pass->run;
    pass->gap_last = pass->run;
    pass->before = end - pass->run;
}

// The first gap that `need` bytes fit into and leave nothing or a block behind; NULL: none.
HEAP_CODE static struct heap_block *find_gap(uint32_t need)
{
    int left = heap_space.is_far ? GAP_TRIES : -1;
    for (uint32_t at = heap_space.free_first; at && left != 0; at = BLOCK_AT(at)->next, left--) {
        uint32_t bytes = BLOCK_BYTES(BLOCK_AT(at));
        if (bytes == need || bytes >= need + HEAP_BLOCK_BYTES_MIN)
            return BLOCK_AT(at);
    }
    return NULL;
}

// Takes the first `need` bytes of a gap for a block.
HEAP_CODE static void use_gap(struct pass *pass, struct heap_block *gap, uint32_t need)
{
    uint32_t next = gap->next, prev = gap->prev, rest = BLOCK_BYTES(gap) - need;
    uint32_t linked = next;
    gap->word = need | BLOCK_USED;
    if (rest > 0) {
        linked = BLOCK_ADDR(gap) + need;
        struct heap_block *b = BLOCK_AT(linked);
        b->word = rest;
        b->before_bytes = need;
        b->next = next;
        b->prev = prev;
        BLOCK_AT(linked + rest)->before_bytes = rest; // a block that stays
    }
    if (prev)
        BLOCK_AT(prev)->next = linked;
    else
        heap_space.free_first = linked;
    if (next)
        BLOCK_AT(next)->prev = rest > 0 ? linked : prev;
    else
        pass->gap_last = rest > 0 ? linked : prev;
}

// ---- moving ----

// Bytes of the block for `bytes` of content.
static uint32_t need_of(size_t bytes)
{
    uint32_t need = ((uint32_t)bytes + HEAP_BLOCK_HEADER_BYTES + 7u) & ~7u;
    return (need < HEAP_BLOCK_BYTES_MIN ? HEAP_BLOCK_BYTES_MIN : need) + HEAP_RED_BYTES;
}

// Nobody has any business at `from` any more, as far as it does not lie in what is at `to` now.
static void poison(char *from, const char *to, size_t bytes)
{
    size_t kept = to <= from && to + bytes > from ? (size_t)(to + bytes - from) : 0;
    if (kept >= bytes)
        return;
#if HEAP_SANITIZED
    ASAN_POISON_MEMORY_REGION(from + kept, bytes - kept);
#endif
}

HEAP_CODE static void move_content(struct pass *pass, uint32_t owner, char *from, char *to,
                                   size_t bytes)
{
    ASAN_UNPOISON_MEMORY_REGION(to, bytes);
    memmove(to, from, bytes);
    poison(from, to, bytes);
    pass->mover->moved(pass->mover->context, owner, from, to);
}

// The block at `at` may move.
HEAP_CODE static void pass_movable(struct pass *pass, uint32_t at)
{
    struct heap_block *b = BLOCK_AT(at);
    uint32_t owner = b->before_bytes, old = BLOCK_BYTES(b) & ~BLOCK_MOVABLE;
    size_t bytes = pass->mover->bytes_of(pass->mover->context, owner);
    uint32_t need = need_of(bytes);
    assert(need <= old);
    struct heap_block *to = find_gap(need);
    if (to == NULL && pass->run == at) { // it stays
        b->word = old | BLOCK_USED;
        b->before_bytes = pass->before;
        pass->before = old;
        pass->run = at + old;
        return;
    }
    char *from = BLOCK_CONTENT(b);
    if (to) {
        use_gap(pass, to, need);
    } else {
        to = BLOCK_AT(pass->run);
        to->word = need | BLOCK_USED;
        to->before_bytes = pass->before;
        pass->before = need;
        pass->run += need;
    }
    heap_space.used -= old - need; // what it had beyond its size
    move_content(pass, owner, from, BLOCK_CONTENT(to), bytes);
}

HEAP_CODE static void pass_fixed(struct pass *pass, uint32_t at)
{
    struct heap_block *b = BLOCK_AT(at);
    if (pass->run < at)
        add_gap(pass, at);
    b->before_bytes = pass->before;
    pass->before = BLOCK_BYTES(b);
    pass->run = at + pass->before;
}

HEAP_CODE void heap_compact(const struct heap_mover *mover)
{
    struct heap_space *a = &heap_space;
    struct pass pass = {.mover = mover, .run = a->base};
    uint32_t top = a->is_far ? heap_far.top : a->end;
    a->free_first = 0;
    for (uint32_t at = a->base, next; at < top; at = next) {
        uint32_t word = BLOCK_AT(at)->word;
        next = at + (word & ~BLOCK_FLAGS);
        if ((word & BLOCK_FLAGS) == (BLOCK_USED | BLOCK_MOVABLE))
            pass_movable(&pass, at);
        else if ((word & BLOCK_FLAGS) == BLOCK_USED)
            pass_fixed(&pass, at);
    }
    if (pass.run < top)
        add_gap(&pass, top);
    if (a->is_far) {
        a->free_first = 0;
        heap_far_join();
    }
}

// ---- tests ----

HEAP_CODE void *heap_copy_away(void *block, size_t bytes)
{
    struct heap_space *a = &heap_space;
    struct heap_block *old = BLOCK_OF(block);
    uint32_t need = need_of(bytes);
    struct heap_block *b = a->is_far ? heap_far_take(need) : heap_near_take(need);
    if (b == NULL)
        return NULL;
    uint32_t used = a->used + BLOCK_BYTES(b) - BLOCK_BYTES(old);
    if (used > a->bytes) { // a rest that is no block came with it
        a->is_far ? heap_far_give(b) : heap_near_give(b);
        return NULL;
    }
    a->used = used;
    if (used > a->used_max)
        a->used_max = used;
    void *to = BLOCK_CONTENT(b);
    ASAN_UNPOISON_MEMORY_REGION(to, bytes);
    memcpy(to, block, bytes);
    memset(block, POISON_BYTE, bytes);
    ASAN_POISON_MEMORY_REGION(block, bytes);
    old->word |= BLOCK_LEFT;
    return to;
}

HEAP_CODE void heap_end_copies(void)
{
    static const struct heap_mover nothing;
    heap_compact_begin();
    heap_compact(&nothing);
}

void heap_take_from_above(int is_above)
{
    heap_space.takes_from_above = is_above;
}
