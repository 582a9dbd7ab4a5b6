// heap_layout.c: blocks by granule, free ones counted by size.

#include "analyzer/analysis/heap/heap_layout.h"

#include <assert.h>
#include <string.h>

#include "runtime/format/address_map.h"

#define FREE 0x80000000u
#define BLOCK_GRANULES_MIN 2u // less is not split off
#define MAP_BITS 64u          // of a word of the map

static uint32_t granules_of(uint32_t bytes)
{
    return (uint32_t)(heap_layout_block_bytes(bytes) / HEAP_LAYOUT_GRANULE_BYTES);
}

// The first granule of the block at `addr`, which is that of its content; `granules` if it is none.
static uint32_t place_of(const struct heap_layout *layout, uint32_t addr)
{
    uint32_t off = addr - layout->addr - 8; // the header comes first
    uint32_t place = off / HEAP_LAYOUT_GRANULE_BYTES;
    bool is_place = addr % HEAP_LAYOUT_GRANULE_BYTES == layout->addr % HEAP_LAYOUT_GRANULE_BYTES;
    return is_place && place < layout->granules ? place : layout->granules;
}

// ---- free blocks ----

static void note_lowest(struct heap_layout *layout, uint32_t place, uint32_t size)
{
    uint32_t i = size < HEAP_LAYOUT_SIZES ? size + 1 : HEAP_LAYOUT_SIZES;
    while (i-- > 0 && layout->lowest[i] > place)
        layout->lowest[i] = place;
}

static void add_free(struct heap_layout *layout, uint32_t place, uint32_t size)
{
    layout->blocks[place] = size | FREE;
    layout->free_ends[place + size - 1] = size;
    layout->free_sizes[size]++;
    layout->free_map[place / MAP_BITS] |= UINT64_C(1) << place % MAP_BITS;
    layout->free_count++;
    layout->free_sum += size;
    if (size > layout->free_largest)
        layout->free_largest = size;
    note_lowest(layout, place, size);
}

static void remove_free(struct heap_layout *layout, uint32_t place, uint32_t size)
{
    assert(layout->free_sizes[size] > 0);
    layout->blocks[place] = 0;
    layout->free_ends[place + size - 1] = 0;
    layout->free_sizes[size]--;
    layout->free_map[place / MAP_BITS] &= ~(UINT64_C(1) << place % MAP_BITS);
    layout->free_count--;
    layout->free_sum -= size;
}

// The largest one after a step: seldom much smaller, since most requests cut off a piece of it.
static void settle_largest(struct heap_layout *layout)
{
    while (layout->free_largest && layout->free_sizes[layout->free_largest] == 0)
        layout->free_largest--;
}

// Size of the free block that begins at `place`, 0 if none does.
static uint32_t free_size_at(const struct heap_layout *layout, uint32_t place)
{
    bool is_free = place < layout->granules && layout->blocks[place] & FREE;
    return is_free ? layout->blocks[place] & ~FREE : 0;
}

// Uses the last `need` granules, from `place` on, of the free block that ends there: what does not
// move is taken from above when the runtime keeps it apart from what does.
static bool use_end(struct heap_layout *layout, uint32_t place, uint32_t need)
{
    uint32_t end = place + need;
    uint32_t size = end <= layout->granules ? layout->free_ends[end - 1] : 0;
    if (size < need + BLOCK_GRANULES_MIN)
        return false;
    remove_free(layout, end - size, size);
    add_free(layout, end - size, size - need);
    layout->blocks[place] = need;
    return true;
}

// Uses `need` granules or more of the free block for the used one at `place`, which has `used` of
// its own before it (0: it begins there). False if the block does not have them.
static bool use(struct heap_layout *layout, uint32_t place, uint32_t used, uint32_t need)
{
    uint32_t size = free_size_at(layout, place + used);
    if (size == 0 && used == 0)
        return use_end(layout, place, need);
    if (used + size < need || size == 0)
        return false;
    uint32_t rest = used + size - need;
    remove_free(layout, place + used, size);
    if (rest >= BLOCK_GRANULES_MIN)
        add_free(layout, place + need, rest);
    layout->blocks[place] = rest >= BLOCK_GRANULES_MIN ? need : need + rest;
    return true;
}

// Frees `size` granules that were used, and joins them with what is free beside them.
static void give(struct heap_layout *layout, uint32_t place, uint32_t size)
{
    uint32_t above = free_size_at(layout, place + size);
    uint32_t below = place ? layout->free_ends[place - 1] : 0;
    if (above)
        remove_free(layout, place + size, above);
    if (below)
        remove_free(layout, place - below, below);
    add_free(layout, place - below, below + size + above);
}

// ---- blocks ----

static bool take_block(struct heap_layout *layout, uint32_t addr, uint32_t bytes)
{
    return use(layout, place_of(layout, addr), 0, granules_of(bytes));
}

static bool give_block(struct heap_layout *layout, uint32_t addr)
{
    uint32_t place = place_of(layout, addr);
    uint32_t size = place < layout->granules ? layout->blocks[place] : 0;
    if (size == 0 || size & FREE)
        return false;
    layout->blocks[place] = 0;
    give(layout, place, size);
    return true;
}

// Makes a used block longer or shorter where it is; false if it cannot become so long.
static bool resize_in_place(struct heap_layout *layout, uint32_t place, uint32_t need)
{
    uint32_t size = layout->blocks[place];
    if (need > size)
        return use(layout, place, size, need);
    if (size - need >= BLOCK_GRANULES_MIN) {
        layout->blocks[place] = need;
        give(layout, place + need, size - need);
    }
    return true;
}

static bool resize_block(struct heap_layout *layout, uint32_t addr, uint32_t bytes)
{
    uint32_t place = place_of(layout, addr);
    uint32_t size = place < layout->granules ? layout->blocks[place] : 0;
    return size != 0 && !(size & FREE) && resize_in_place(layout, place, granules_of(bytes));
}

// ---- leading ----

// The lowest free block of so many granules.
static uint32_t first_fit(struct heap_layout *layout, uint32_t need)
{
    if (need > layout->free_largest)
        return HEAP_LAYOUT_NONE;
    uint32_t size = need < HEAP_LAYOUT_SIZES ? need : HEAP_LAYOUT_SIZES - 1;
    for (uint32_t word = layout->lowest[size] / MAP_BITS;; word++)
        for (uint64_t bits = layout->free_map[word]; bits; bits &= bits - 1) {
            uint32_t place = word * MAP_BITS + (uint32_t)__builtin_ctzll(bits);
            if ((layout->blocks[place] & ~FREE) < need)
                continue;
            for (uint32_t i = need; i < HEAP_LAYOUT_SIZES && layout->lowest[i] < place; i++)
                layout->lowest[i] = place;
            return place;
        }
}

uint32_t heap_layout_take(struct heap_layout *layout, uint32_t bytes)
{
    uint32_t place = first_fit(layout, granules_of(bytes));
    if (place == HEAP_LAYOUT_NONE || !use(layout, place, 0, granules_of(bytes)))
        return HEAP_LAYOUT_NONE;
    settle_largest(layout);
    return place;
}

void heap_layout_give(struct heap_layout *layout, uint32_t place)
{
    uint32_t size = layout->blocks[place];
    assert(size > 0 && !(size & FREE));
    layout->blocks[place] = 0;
    give(layout, place, size);
    settle_largest(layout);
}

uint32_t heap_layout_resize(struct heap_layout *layout, uint32_t place, uint32_t bytes)
{
    if (resize_in_place(layout, place, granules_of(bytes))) {
        settle_largest(layout);
        return place;
    }
    uint32_t moved = heap_layout_take(layout, bytes);
    if (moved != HEAP_LAYOUT_NONE)
        heap_layout_give(layout, place);
    return moved;
}

bool heap_layout_fits(const struct heap_layout *layout, uint32_t place, uint32_t bytes)
{
    uint32_t need = granules_of(bytes);
    if (place != HEAP_LAYOUT_NONE) {
        uint32_t size = layout->blocks[place];
        if (size + free_size_at(layout, place + size) >= need)
            return true;
    }
    return need <= layout->free_largest;
}

// ---- steps ----

void heap_layout_init(struct heap_layout *layout, struct arena *arena, uint32_t granules)
{
    if (granules > layout->room) {
        layout->room = granules;
        layout->blocks = ARENA_NEW_ARRAY(arena, uint32_t, granules);
        layout->free_ends = ARENA_NEW_ARRAY(arena, uint32_t, granules);
        layout->free_sizes = ARENA_NEW_ARRAY(arena, uint32_t, granules + 1);
        layout->free_map = ARENA_NEW_ARRAY(arena, uint64_t, granules / MAP_BITS + 1);
    } else {
        memset(layout->blocks, 0, layout->room * sizeof *layout->blocks);
        memset(layout->free_ends, 0, layout->room * sizeof *layout->free_ends);
        memset(layout->free_sizes, 0, (layout->room + 1) * sizeof *layout->free_sizes);
        memset(layout->free_map, 0, (layout->room / MAP_BITS + 1) * sizeof *layout->free_map);
    }
    layout->granules = granules;
    layout->free_count = layout->free_sum = layout->free_largest = layout->firmware_sum = 0;
    memset(layout->lowest, 0, sizeof layout->lowest);
    add_free(layout, 0, granules);
}

void heap_layout_boot(struct heap_layout *layout, struct arena *arena,
                      const struct trace_event_boot *boot)
{
    uint32_t granules = boot->heap_bytes / HEAP_LAYOUT_GRANULE_BYTES;
    layout->is_known = false;
    if (granules == 0 || boot->heap_bytes > HEAP_NEAR_BYTES_MAX || boot->flags & TRACE_BOOT_STOCK)
        return;
    heap_layout_init(layout, arena, granules);
    layout->addr = boot->heap_addr;
    layout->is_known = take_block(layout, boot->heap_addr + 8, boot->lua_bytes);
    settle_largest(layout);
}

// True if the allocator can have made, or been given back, that block of the firmware's.
static bool follow_firmware(struct heap_layout *layout, const struct trace_event *event)
{
    uint32_t free = layout->free_sum;
    bool is_sound = event->id == TRACE_ID_firmware_alloc
                        ? take_block(layout, event->firmware_alloc.addr,
                                     event->firmware_alloc.bytes)
                        : give_block(layout, event->firmware_free.addr);
    layout->firmware_sum += free - layout->free_sum;
    return is_sound;
}

// True if the step is one that the allocator can have made.
static bool follow(struct heap_layout *layout, const struct heap_step *step)
{
    const struct heap_block *died = step->died, *born = step->born;
    if (heap_layout_is_firmware(step->event))
        return follow_firmware(layout, step->event);
    if (step->moved) // down, maybe onto a part of its old place
        return !died && give_block(layout, step->moved_from) &&
               take_block(layout, step->moved->addr, step->moved->bytes);
    bool frees = step->event->id == TRACE_ID_free || step->event->id == TRACE_ID_resize;
    if (frees != (died != NULL))
        return false; // a birth or a death was lost
    if (born && died && born->addr == died->addr)
        return resize_block(layout, born->addr, born->bytes);
    // A block that moves is taken before the old one is given back.
    return (!born || take_block(layout, born->addr, born->bytes)) &&
           (!died || give_block(layout, died->addr));
}

void heap_layout_note(struct heap_layout *layout, const struct heap_step *step)
{
    bool is_of_blocks = step->born || step->died || step->event->id == TRACE_ID_free ||
                        step->event->id == TRACE_ID_resize || heap_layout_is_firmware(step->event);
    if (!layout->is_known || !is_of_blocks)
        return;
    layout->is_known = follow(layout, step);
    settle_largest(layout);
}
