// gc_mode_heap.c: where a mode has what lives, and what is dead and not freed.

#include "analyzer/analysis/gc/gc_mode_heap.h"

#include <string.h>

#include "runtime/format/address_map.h"

void gc_mode_heap_boot(struct gc_mode_heap *heap, struct arena *arena,
                       const struct trace_event_boot *boot)
{
    uint32_t granules = boot->heap_bytes / HEAP_LAYOUT_GRANULE_BYTES;
    heap->dead_count = heap->longer_count = heap->table_place = heap->table_bytes = 0;
    heap->is_known = granules > 0 && boot->heap_bytes <= HEAP_NEAR_BYTES_MAX &&
                     !(boot->flags & TRACE_BOOT_STOCK);
    if (!heap->is_known)
        return;
    heap->arena = arena;
    heap->addr = boot->heap_addr;
    heap->granules = granules;
    if (granules > heap->granules_room) {
        heap->blocks = ARENA_NEW_ARRAY(arena, struct gc_mode_heap_block, granules);
        heap->granules_room = granules;
    }
    memset(heap->blocks, 0, granules * sizeof *heap->blocks);
    heap_layout_init(&heap->layout, arena, granules);
    heap->is_known = heap_layout_take(&heap->layout, boot->lua_bytes) != HEAP_LAYOUT_NONE;
}

// The block at a recorded address, NULL if none can be there.
static struct gc_mode_heap_block *block_at(const struct gc_mode_heap *heap, uint32_t addr)
{
    uint32_t granule = (addr - heap->addr) / HEAP_LAYOUT_GRANULE_BYTES;
    return addr != 0 && granule < heap->granules ? &heap->blocks[granule] : NULL;
}

static uint32_t place_at(const struct gc_mode_heap *heap, uint32_t addr)
{
    const struct gc_mode_heap_block *block = block_at(heap, addr);
    return block && block->place ? block->place - 1 : HEAP_LAYOUT_NONE;
}

// ---- blocks that live ----

// Puts it at an address; one that was there, because events were lost, is freed.
static void put(struct gc_mode_heap *heap, uint32_t addr, uint32_t place, uint32_t bytes)
{
    struct gc_mode_heap_block *block = block_at(heap, addr);
    if (block && block->place)
        heap_layout_give(&heap->layout, block->place - 1);
    if (block)
        *block = (struct gc_mode_heap_block){.place = place + 1, .bytes = bytes};
    else if (place != HEAP_LAYOUT_NONE)
        heap_layout_give(&heap->layout, place);
}

// Takes it away from its address.
static uint32_t take_away(struct gc_mode_heap *heap, uint32_t addr)
{
    uint32_t place = place_at(heap, addr);
    if (place != HEAP_LAYOUT_NONE)
        *block_at(heap, addr) = (struct gc_mode_heap_block){0};
    return place;
}

bool gc_mode_heap_fits(const struct gc_mode_heap *heap, uint32_t old_addr, uint32_t bytes)
{
    return heap_layout_fits(&heap->layout, place_at(heap, old_addr), bytes);
}

bool gc_mode_heap_take(struct gc_mode_heap *heap, uint32_t old_addr, uint32_t addr, uint32_t bytes)
{
    if (!heap->is_known)
        return true;
    uint32_t place = take_away(heap, old_addr);
    uint32_t now = place == HEAP_LAYOUT_NONE ? heap_layout_take(&heap->layout, bytes)
                                             : heap_layout_resize(&heap->layout, place, bytes);
    put(heap, addr, now == HEAP_LAYOUT_NONE ? place : now, bytes);
    return now != HEAP_LAYOUT_NONE;
}

void gc_mode_heap_rename(struct gc_mode_heap *heap, uint32_t old_addr, uint32_t addr,
                         uint32_t bytes, enum trace_kind kind)
{
    if (!heap->is_known)
        return;
    uint32_t place = take_away(heap, old_addr);
    put(heap, addr, place, bytes);
    if (heap->longer_count == heap->longer_room) {
        uint32_t room = heap->longer_room ? 2 * heap->longer_room : 16;
        heap->longer = arena_grow_array(heap->arena, heap->longer, heap->longer_room, room,
                                        sizeof *heap->longer);
        heap->longer_room = room;
    }
    heap->longer[heap->longer_count++] = (struct gc_mode_heap_longer){addr, kind};
}

void gc_mode_heap_mark(struct gc_mode_heap *heap, uint32_t addr, uint32_t cycle)
{
    struct gc_mode_heap_block *block = heap->is_known ? block_at(heap, addr) : NULL;
    if (block)
        block->cycle = cycle;
}

bool gc_mode_heap_has_mark(const struct gc_mode_heap *heap, uint32_t addr, uint32_t cycle)
{
    const struct gc_mode_heap_block *block = heap->is_known ? block_at(heap, addr) : NULL;
    return block && block->cycle == cycle;
}

void gc_mode_heap_give(struct gc_mode_heap *heap, uint32_t addr)
{
    if (!heap->is_known)
        return;
    uint32_t place = take_away(heap, addr);
    if (place != HEAP_LAYOUT_NONE)
        heap_layout_give(&heap->layout, place);
}

void gc_mode_heap_set_table(struct gc_mode_heap *heap, uint32_t bytes)
{
    if (!heap->is_known || bytes == 0 || bytes == heap->table_bytes)
        return;
    uint32_t now = heap->table_place
                       ? heap_layout_resize(&heap->layout, heap->table_place - 1, bytes)
                       : heap_layout_take(&heap->layout, bytes);
    heap->table_bytes = bytes;
    if (now != HEAP_LAYOUT_NONE)
        heap->table_place = now + 1;
}

void gc_mode_heap_shrink(struct gc_mode_heap *heap)
{
    if (!heap->is_known)
        return;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < heap->longer_count; i++) {
        struct gc_mode_heap_block *block = block_at(heap, heap->longer[i].addr);
        if (!block || !block->place)
            continue;
        uint32_t bytes = heap_layout_bytes(&heap->layout, block->place - 1);
        if (bytes <= block->bytes)
            continue;
        heap->longer[kept++] = heap->longer[i];
        uint32_t half = (uint32_t)gc_mode_heap_half(heap->longer[i].kind, bytes);
        if (half < block->bytes)
            continue;
        uint32_t now = heap_layout_resize(&heap->layout, block->place - 1, half);
        if (now != HEAP_LAYOUT_NONE)
            block->place = now + 1;
    }
    heap->longer_count = kept;
}

// ---- the dead ----

static void forget_gone(struct gc_mode_heap *heap)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < heap->dead_count; i++)
        if (!heap->dead[i].is_gone)
            heap->dead[kept++] = heap->dead[i];
    heap->dead_count = kept;
}

// Room for one more; twice as much if more than half is needed, so that this costs constant time.
static void make_room(struct gc_mode_heap *heap)
{
    forget_gone(heap);
    if (heap->dead_count < heap->dead_room / 2)
        return;
    uint32_t room = heap->dead_room ? 2 * heap->dead_room : 64;
    heap->dead = arena_grow_array(heap->arena, heap->dead, heap->dead_room, room,
                                  sizeof *heap->dead);
    heap->dead_room = room;
}

void gc_mode_heap_died(struct gc_mode_heap *heap, const struct gc_mode_heap_dead *dead)
{
    if (!heap->is_known)
        return;
    if (heap->dead_count == heap->dead_room)
        make_room(heap);
    struct gc_mode_heap_dead *kept = &heap->dead[heap->dead_count++];
    *kept = *dead;
    kept->is_gone = false;
    kept->place = take_away(heap, dead->addr);
}

// The first of the dead that died in that step or later.
static uint32_t find_dead(const struct gc_mode_heap *heap, uint64_t step)
{
    uint32_t low = 0, high = heap->dead_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (heap->dead[middle].step < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool gc_mode_heap_revive(struct gc_mode_heap *heap, uint64_t step, uint32_t text, uint32_t addr,
                         struct gc_mode_heap_dead *found)
{
    uint32_t i = find_dead(heap, step);
    while (i < heap->dead_count && heap->dead[i].step == step && heap->dead[i].text != text)
        i++;
    if (i == heap->dead_count || heap->dead[i].step != step || heap->dead[i].is_gone)
        return false;
    *found = heap->dead[i];
    heap->dead[i].is_gone = true;
    put(heap, addr, found->place, found->bytes);
    return true;
}

static void free_dead(struct gc_mode_heap *heap, const struct gc_mode_heap_dead *dead)
{
    if (!dead->is_gone && dead->place != HEAP_LAYOUT_NONE)
        heap_layout_give(&heap->layout, dead->place);
}

void gc_mode_heap_end_marking(struct gc_mode_heap *heap)
{
    if (!heap->is_known)
        return;
    for (uint32_t i = 0; i < heap->dead_count; i++) {
        struct gc_mode_heap_dead *dead = &heap->dead[i];
        dead->is_doomed = !dead->is_marked && !dead->waits_for_finalizer && !dead->is_gone;
        dead->is_marked = dead->waits_for_finalizer = false; // in the next cycle
    }
}

uint64_t gc_mode_heap_sweep_strings(struct gc_mode_heap *heap, uint64_t from, uint64_t to,
                                    uint64_t slots)
{
    uint32_t kept = 0;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < heap->dead_count; i++) {
        struct gc_mode_heap_dead *dead = &heap->dead[i];
        if (dead->is_gone)
            continue;
        uint64_t slot = dead->hash & (slots - 1);
        if (!dead->is_doomed || !dead->is_string || slot < from || slot >= to) {
            heap->dead[kept++] = *dead;
            continue;
        }
        bytes += dead->bytes;
        free_dead(heap, dead);
    }
    heap->dead_count = kept;
    return bytes;
}

void gc_mode_heap_sweep_objects(struct gc_mode_heap *heap, uint64_t part, uint64_t whole)
{
    uint32_t doomed = 0, kept = 0;
    forget_gone(heap);
    for (uint32_t i = 0; i < heap->dead_count; i++)
        doomed += heap->dead[i].is_doomed && !heap->dead[i].is_string;
    uint64_t frees = part < whole ? doomed * part / whole : doomed;
    for (uint32_t i = 0; i < heap->dead_count; i++) {
        struct gc_mode_heap_dead *dead = &heap->dead[i];
        if (frees > 0 && dead->is_doomed && !dead->is_string) {
            free_dead(heap, dead);
            frees--;
        } else {
            heap->dead[kept++] = *dead;
        }
    }
    heap->dead_count = kept;
}

void gc_mode_heap_collect(struct gc_mode_heap *heap)
{
    if (!heap->is_known)
        return;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < heap->dead_count; i++) {
        struct gc_mode_heap_dead *dead = &heap->dead[i];
        if (!dead->waits_for_finalizer) {
            free_dead(heap, dead);
            continue;
        }
        dead->is_marked = dead->waits_for_finalizer = false;
        heap->dead[kept++] = *dead;
    }
    heap->dead_count = kept;
}
