// heap_replay.c: blocks by address, in an open-addressed index over a pool.
//
// Source: runtime/format/trace_events.h. What loss leaves behind (frees of unknown blocks, births
// over live ones) is counted and passed over.

#include "analyzer/analysis/heap_replay.h"

#include <assert.h>

#define SLOT_BITS_START 12u
#define NO_BLOCK UINT32_MAX
#define SLOT_BYTES 4u // of a string table

// ---- blocks by address ----

static inline uint32_t slot_of(const struct heap_replay *replay, uint32_t addr)
{
    // Fibonacci hashing; the low two bits of an address are always 0.
    return (uint32_t)((addr >> 2) * 2654435769u) >> (32 - replay->slot_bits);
}

static struct heap_block *find(const struct heap_replay *replay, uint32_t addr)
{
    uint32_t mask = (1u << replay->slot_bits) - 1;
    for (uint32_t slot = slot_of(replay, addr); replay->slots[slot]; slot = (slot + 1) & mask) {
        struct heap_block *block = &replay->blocks[replay->slots[slot] - 1];
        if (block->addr == addr)
            return block;
    }
    return NULL;
}

static void enter(struct heap_replay *replay, uint32_t idx)
{
    uint32_t mask = (1u << replay->slot_bits) - 1;
    uint32_t slot = slot_of(replay, replay->blocks[idx].addr);
    while (replay->slots[slot])
        slot = (slot + 1) & mask;
    replay->slots[slot] = idx + 1;
}

static void grow_slots(struct heap_replay *replay)
{
    uint32_t old_count = 1u << replay->slot_bits;
    uint32_t *old = replay->slots;
    replay->slot_bits++;
    replay->slots = ARENA_NEW_ARRAY(&replay->arena, uint32_t, old_count * 2);
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i])
            enter(replay, old[i] - 1);
}

static struct heap_block *add(struct heap_replay *replay, uint32_t addr)
{
    uint32_t idx = replay->free_head;
    if (idx != NO_BLOCK) {
        replay->free_head = replay->blocks[idx].next_free;
    } else {
        if (replay->block_count == replay->block_room) {
            uint32_t room = replay->block_room * 2;
            replay->blocks = arena_grow_array(&replay->arena, replay->blocks, replay->block_count,
                                              room, sizeof *replay->blocks);
            replay->block_room = room;
        }
        idx = replay->block_count++;
    }
    if (++replay->live_count > (1u << replay->slot_bits) / 2)
        grow_slots(replay);
    struct heap_block *block = &replay->blocks[idx];
    block->addr = addr;
    block->next_free = idx; // its own index while it lives
    enter(replay, idx);
    return block;
}

// Takes a block out; entries behind it move up, so that no gap breaks their chain.
static void take_out(struct heap_replay *replay, struct heap_block *block)
{
    uint32_t mask = (1u << replay->slot_bits) - 1;
    uint32_t idx = (uint32_t)(block - replay->blocks);
    uint32_t gap = slot_of(replay, block->addr);
    while (replay->slots[gap] != idx + 1)
        gap = (gap + 1) & mask;
    for (uint32_t at = (gap + 1) & mask; replay->slots[at]; at = (at + 1) & mask) {
        uint32_t home = slot_of(replay, replay->blocks[replay->slots[at] - 1].addr);
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            replay->slots[gap] = replay->slots[at];
            gap = at;
        }
    }
    replay->slots[gap] = 0;
    block->next_free = replay->free_head;
    block->addr = 0;
    replay->free_head = idx;
    replay->live_count--;
}

static void forget_all(struct heap_replay *replay)
{
    memset(replay->slots, 0, sizeof *replay->slots << replay->slot_bits);
    replay->block_count = 0;
    replay->free_head = NO_BLOCK;
    replay->live_count = 0;
    replay->string_count = 0;
    replay->strings_bytes = replay->table_bytes = replay->lua_bytes = 0;
}

// ---- births and deaths ----

static void count(struct heap_replay *replay, const struct heap_block *block, int sign)
{
    int64_t bytes = sign * (int64_t)block->bytes;
    replay->lua_bytes += (uint64_t)bytes;
    if (block->kind == KIND_STRING) {
        replay->strings_bytes += (uint64_t)bytes;
        replay->string_count += (uint32_t)sign;
    } else if (block->kind == KIND_STRING_TABLE) {
        replay->table_bytes += (uint64_t)bytes;
    }
}

static void die(struct heap_replay *replay, struct heap_step *step, struct heap_block *block)
{
    replay->dead = *block;
    step->died = &replay->dead;
    count(replay, block, -1);
    take_out(replay, block);
}

static void bear(struct heap_replay *replay, struct heap_step *step, uint32_t addr, uint32_t bytes,
                 unsigned kind, uint16_t site)
{
    struct heap_block *old = find(replay, addr);
    if (old) {
        replay->births_over++;
        die(replay, step, old);
    }
    struct heap_block *block = add(replay, addr);
    block->bytes = bytes;
    block->user = HEAP_NO_TEXT;
    block->site = site;
    block->kind = (uint8_t)kind;
    block->flags = 0;
    block->birth_gc = replay->gc_count;
    block->birth = replay->step_count;
    block->birth_clock = step->event.clock;
    count(replay, block, 1);
    step->born = block;
}

static void note_resize(struct heap_replay *replay, struct heap_step *step)
{
    const struct trace_event_resize *resize = &step->event.resize;
    struct heap_block *old = find(replay, resize->old_addr);
    if (old)
        die(replay, step, old);
    else
        replay->frees_unknown++;
    step->is_resize = old != NULL;
    if (resize->bytes)
        bear(replay, step, resize->addr, resize->bytes, resize->kind, resize->site);
}

static void note_string(struct heap_replay *replay, struct heap_step *step)
{
    const struct trace_event_string_new *string = &step->event.string_new;
    step->text = trace_dict_text(replay->dict, string->text);
    uint32_t length = step->text ? step->text->bytes : 0;
    bear(replay, step, string->addr, HEAP_STRING_HEADER_BYTES + length + 1, KIND_STRING,
         string->site);
    step->born->flags = string->flags;
    if (replay->is_stock && replay->string_count > replay->table_bytes / SLOT_BYTES) {
        replay->lua_bytes += replay->table_bytes;
        replay->table_bytes *= 2;
    }
}

static void begin_boot(struct heap_replay *replay, const struct trace_event_boot *boot)
{
    forget_all(replay);
    replay->lua_bytes = boot->lua_bytes;
    replay->is_stock = boot->flags & TRACE_BOOT_STOCK;
    if (replay->is_stock) {
        replay->table_bytes = HEAP_TABLE_SLOTS_START * SLOT_BYTES;
        replay->lua_bytes += replay->table_bytes;
    }
}

void heap_replay_begin(struct heap_replay *replay, struct trace *trace, struct arena *arena)
{
    *replay = (struct heap_replay){.trace = trace, .dict = trace_dict_create(arena),
                                   .slot_bits = SLOT_BITS_START, .free_head = NO_BLOCK};
    arena_init(&replay->arena);
    replay->slots = ARENA_NEW_ARRAY(&replay->arena, uint32_t, 1u << SLOT_BITS_START);
    replay->block_room = 1u << (SLOT_BITS_START - 1);
    replay->blocks = ARENA_NEW_ARRAY(&replay->arena, struct heap_block, replay->block_room);
}

void heap_replay_end(struct heap_replay *replay)
{
    arena_deinit(&replay->arena);
    replay->slots = NULL;
    replay->blocks = NULL;
}

int heap_replay_next(struct heap_replay *replay, struct heap_step *step, struct problem *problem)
{
    if (replay->is_boot_pending) {
        replay->is_boot_pending = false;
        begin_boot(replay, &step->event.boot);
    }
    int more = trace_next(replay->trace, &step->event);
    step->died = NULL;
    step->born = NULL;
    step->text = NULL;
    step->is_boot = step->is_resize = false;
    if (more <= 0) {
        if (more < 0 && problem && problem->status == STATUS_OK)
            *problem = *trace_problem(replay->trace);
        return more;
    }
    replay->step_count++;
    replay->clock = step->event.clock;
    switch (step->event.id) {
    case TRACE_ID_alloc:
        bear(replay, step, step->event.alloc.addr, step->event.alloc.bytes, step->event.alloc.kind,
             step->event.alloc.site);
        break;
    case TRACE_ID_resize:
        note_resize(replay, step);
        break;
    case TRACE_ID_free: {
        struct heap_block *block = find(replay, step->event.free.addr);
        if (block)
            die(replay, step, block);
        else
            replay->frees_unknown++;
        break;
    }
    case TRACE_ID_string_new:
        note_string(replay, step);
        break;
    case TRACE_ID_string_found:
        step->text = trace_dict_text(replay->dict, step->event.string_found.text);
        break;
    case TRACE_ID_content_read:
        step->text = trace_dict_text(replay->dict, step->event.content_read.text);
        break;
    case TRACE_ID_gc_end:
        replay->gc_count++;
        replay->gc_visited += step->event.gc_end.visited;
        break;
    case TRACE_ID_boot:
        replay->boot_count++;
        step->is_boot = true;
        replay->is_boot_pending = true;
        break;
    case TRACE_ID_text:
    case TRACE_ID_name:
    case TRACE_ID_site:
        // An id out of range is the writer's fault; what it would have named stays unnamed.
        (void)trace_dict_note(replay->dict, &step->event, NULL);
        break;
    default:
        break;
    }
    return 1;
}

void heap_replay_each_live(const struct heap_replay *replay,
                           void (*visit)(void *context, const struct heap_block *block),
                           void *context)
{
    for (uint32_t i = 0; i < replay->block_count; i++)
        if (replay->blocks[i].addr)
            visit(context, &replay->blocks[i]);
}
