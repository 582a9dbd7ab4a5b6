// heap_replay.c: blocks by address, in a table over a pool.
//
// Source: runtime/format/trace_events.h. What loss leaves behind (frees of unknown blocks, births
// over live ones) is counted and passed over.

#include "analyzer/analysis/heap/heap_replay.h"

#include <assert.h>

#include "analyzer/analysis/heap/gc_cycle.h"

#define BLOCKS_START 2048u
#define NO_BLOCK UINT32_MAX
#define SLOT_BYTES 4u // of a string table
#define GRANULE 8u    // of the heap: addresses of blocks are multiples

// ---- blocks by address ----

// The place of an address of the heap in `direct`; NULL: it is to be looked up by its hash.
static inline uint32_t *direct_place(const struct heap_replay *replay, uint32_t addr)
{
    uint32_t off = addr - replay->direct_addr;
    return off < replay->direct_bytes && off % GRANULE == 0 ? &replay->direct[off / GRANULE] : NULL;
}

static struct heap_block *find(const struct heap_replay *replay, uint32_t addr)
{
    const uint32_t *place = direct_place(replay, addr);
    uint32_t idx = place ? *place - 1 : hash_table_find(&replay->index, addr);
    return idx == NO_BLOCK ? NULL : &replay->blocks[idx];
}

static void use_heap(struct heap_replay *replay, uint32_t addr, uint32_t bytes)
{
    if (bytes > HEAP_DIRECT_BYTES_MAX)
        bytes = HEAP_DIRECT_BYTES_MAX;
    bytes -= bytes % GRANULE;
    if (bytes > replay->direct_room) {
        replay->direct_room = GRANULE;
        while (replay->direct_room < bytes)
            replay->direct_room *= 2; // so that any number of boots takes twice the largest
        replay->direct = ARENA_NEW_ARRAY(replay->arena, uint32_t, replay->direct_room / GRANULE);
    }
    replay->direct_addr = addr;
    replay->direct_bytes = bytes;
}

static uint32_t take_place(struct heap_replay *replay)
{
    uint32_t idx = replay->free_head;
    if (idx != NO_BLOCK) {
        replay->free_head = replay->blocks[idx].next_free;
        return idx;
    }
    if (replay->block_count == replay->block_room) {
        uint32_t room = replay->block_room * 2;
        replay->blocks = arena_regrow_array(replay->arena, replay->blocks, replay->block_count,
                                            room, sizeof *replay->blocks);
        replay->block_room = room;
    }
    return replay->block_count++;
}

static inline struct heap_block *add(struct heap_replay *replay, uint32_t addr)
{
    uint32_t idx = take_place(replay), *place = direct_place(replay, addr);
    if (place)
        *place = idx + 1;
    else
        hash_table_add(&replay->index, addr, idx);
    replay->live_count++;
    struct heap_block *block = &replay->blocks[idx];
    block->addr = addr;
    block->next_free = idx;
    return block;
}

static inline void take_out(struct heap_replay *replay, struct heap_block *block)
{
    uint32_t idx = block->next_free, *place = direct_place(replay, block->addr);
    assert(&replay->blocks[idx] == block);
    if (place)
        *place = 0;
    else
        hash_table_remove(&replay->index, block->addr, idx);
    block->next_free = replay->free_head;
    block->addr = 0;
    block->kind = KIND_COUNT; // nothing lives here
    replay->free_head = idx;
    replay->live_count--;
}

static bool is_live(const struct heap_block *block)
{
    return block->kind != KIND_COUNT;
}

static void forget_all(struct heap_replay *replay)
{
    for (uint32_t i = 0; i < replay->block_count; i++) {
        uint32_t *place = direct_place(replay, replay->blocks[i].addr);
        if (place && is_live(&replay->blocks[i]))
            *place = 0;
    }
    hash_table_clear(&replay->index);
    replay->block_count = 0;
    replay->free_head = NO_BLOCK;
    replay->live_count = 0;
    replay->string_count = 0;
    replay->strings_bytes = replay->table_bytes = replay->lua_bytes = replay->state_bytes = 0;
}

// ---- births and deaths ----

static inline void count(struct heap_replay *replay, const struct heap_block *block, int sign)
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

static inline void die(struct heap_replay *replay, struct heap_step *step, struct heap_block *block)
{
    replay->dead = *block;
    step->died = &replay->dead;
    count(replay, block, -1);
    take_out(replay, block);
}

static inline void bear(struct heap_replay *replay, struct heap_step *step, uint32_t addr,
                        uint32_t bytes, unsigned kind, uint16_t site)
{
    struct heap_block *old = find(replay, addr);
    if (old) {
        replay->births_over++;
        die(replay, step, old);
    }
    struct heap_block *block = add(replay, addr);
    block->bytes = bytes;
    block->site = site;
    block->kind = (uint8_t)kind;
    block->origin = 0;
    block->text = 0;
    block->birth_gc = replay->gc_count;
    block->birth_cycle = replay->cycle_count;
    block->birth = replay->step_count;
    block->birth_clock = step->event->clock;
    for (unsigned i = 0; i < HEAP_USERS; i++)
        block->user[i] = HEAP_NO_TEXT;
    count(replay, block, 1);
    step->born = block;
}

// The block goes on as it is at another address.
static void move(struct heap_replay *replay, struct heap_step *step, struct heap_block *block,
                 uint32_t addr)
{
    uint32_t idx = block->next_free, *place = direct_place(replay, block->addr);
    struct heap_block *other = find(replay, addr);
    if (other) {
        replay->births_over++;
        die(replay, step, other);
    }
    if (place)
        *place = 0;
    else
        hash_table_remove(&replay->index, block->addr, idx);
    place = direct_place(replay, addr);
    if (place)
        *place = idx + 1;
    else
        hash_table_add(&replay->index, addr, idx);
    step->moved_from = block->addr;
    block->addr = addr;
    step->moved = block;
}

static void note_resize(struct heap_replay *replay, struct heap_step *step)
{
    const struct trace_event_resize *resize = &step->event->resize;
    struct heap_block *old = find(replay, resize->old_addr);
    if (old && old->bytes == resize->bytes && old->kind == resize->kind &&
        resize->addr != resize->old_addr) {
        move(replay, step, old, resize->addr);
        return;
    }
    if (old)
        die(replay, step, old);
    else
        replay->frees_unknown++;
    // What becomes something else is a new block.
    step->is_resize = old && resize->bytes && replay->dead.kind == resize->kind;
    if (resize->bytes == 0)
        return;
    uint16_t owner = step->is_resize ? replay->dead.site : resize->site;
    uint32_t birth_cycle = replay->dead.birth_cycle;
    bear(replay, step, resize->addr, resize->bytes, resize->kind, owner);
    if (step->is_resize)
        step->born->birth_cycle = birth_cycle;
}

static void note_free(struct heap_replay *replay, struct heap_step *step)
{
    struct heap_block *block = find(replay, step->event->free.addr);
    if (block)
        die(replay, step, block);
    else
        replay->frees_unknown++;
}

static void note_string(struct heap_replay *replay, struct heap_step *step)
{
    const struct trace_event_string_new *string = &step->event->string_new;
    step->text = trace_dict_text(replay->dict, string->text);
    uint32_t length = step->text ? step->text->bytes : 0;
    bear(replay, step, string->addr, HEAP_STRING_HEADER_BYTES + length + 1, KIND_STRING,
         string->site);
    step->born->origin = string->origin;
    step->born->text = string->text;
    if (replay->is_stock && replay->string_count > replay->table_bytes / SLOT_BYTES) {
        replay->lua_bytes += replay->table_bytes;
        replay->table_bytes *= 2;
    }
}

static void begin_boot(struct heap_replay *replay, const struct trace_event_boot *boot)
{
    forget_all(replay);
    use_heap(replay, boot->heap_addr, boot->heap_bytes);
    replay->lua_bytes = replay->state_bytes = boot->lua_bytes;
    replay->is_stock = boot->flags & TRACE_BOOT_STOCK;
    if (replay->is_stock) {
        replay->table_bytes = HEAP_TABLE_SLOTS_START * SLOT_BYTES;
        replay->lua_bytes += replay->table_bytes;
    }
}

void heap_replay_begin(struct heap_replay *replay, struct trace *trace, uint64_t first_step,
                       struct arena *arena)
{
    *replay = (struct heap_replay){.trace = trace,
                                   .dict = trace_dict_create(arena),
                                   .arena = arena,
                                   .block_room = BLOCKS_START,
                                   .free_head = NO_BLOCK,
                                   .step_count = first_step};
    hash_table_init(&replay->index, arena, 1);
    replay->blocks = ARENA_NEW_ARRAY(arena, struct heap_block, BLOCKS_START);
}

// ---- steps ----

static void note_gc_end(struct heap_replay *replay, const struct trace_event_gc_end *end)
{
    replay->gc_count++;
    replay->gc_visited += end->visited;
}

static int note_definition(struct heap_replay *replay, const struct trace_event *event,
                           struct problem *problem)
{
    struct problem why = {0};
    if (trace_dict_note(replay->dict, event, &why) == STATUS_OK)
        return STATUS_OK;
    return problem_set(problem, STATUS_DAMAGED, text_of(trace_directory(replay->trace)),
                       trace_bytes_done(replay->trace), "events: %s", why.message);
}

int heap_replay_take(struct heap_replay *replay, struct heap_step *step, struct problem *problem)
{
    const struct trace_event *event = step->event;
    step->died = NULL;
    step->born = NULL;
    step->text = NULL;
    step->moved = NULL;
    step->is_boot = step->is_resize = false;
    replay->clock = event->clock;
    switch (event->id) {
    case TRACE_ID_alloc:
        bear(replay, step, event->alloc.addr, event->alloc.bytes, event->alloc.kind,
             event->alloc.site);
        break;
    case TRACE_ID_resize:
        note_resize(replay, step);
        break;
    case TRACE_ID_free:
        note_free(replay, step);
        break;
    case TRACE_ID_string_new:
        note_string(replay, step);
        break;
    case TRACE_ID_string_found:
        step->text = trace_dict_text(replay->dict, event->string_found.text);
        break;
    case TRACE_ID_text_secret:
        step->text = trace_dict_text(replay->dict, event->text_secret.text);
        break;
    case TRACE_ID_content_read:
        step->text = trace_dict_text(replay->dict, event->content_read.text);
        break;
    case TRACE_ID_gc_phase:
        replay->cycle_count += gc_cycle_ends(replay, event);
        break;
    case TRACE_ID_gc_end:
        note_gc_end(replay, &event->gc_end);
        replay->cycle_count += gc_cycle_ends(replay, event);
        break;
    case TRACE_ID_boot:
        replay->boot_count++;
        step->is_boot = true;
        break;
    case TRACE_ID_text:
    case TRACE_ID_name:
    case TRACE_ID_site:
    case TRACE_ID_stack:
        return note_definition(replay, event, problem);
    default:
        break;
    }
    return STATUS_OK;
}

void heap_replay_boot(struct heap_replay *replay, const struct heap_step *step)
{
    begin_boot(replay, &step->event->boot);
}

void heap_replay_each_live(const struct heap_replay *replay,
                           void (*visit)(void *context, const struct heap_block *block),
                           void *context)
{
    for (uint32_t i = 0; i < replay->block_count; i++)
        if (is_live(&replay->blocks[i]))
            visit(context, &replay->blocks[i]);
}

void heap_replay_check(const struct heap_replay *replay)
{
    uint64_t bytes = replay->state_bytes + (replay->is_stock ? replay->table_bytes : 0);
    uint64_t string_bytes = 0;
    uint32_t live = 0, strings = 0, hashed = 0;
    for (uint32_t i = 0; i < replay->block_count; i++) {
        const struct heap_block *block = &replay->blocks[i];
        if (!is_live(block))
            continue;
        live++;
        bytes += block->bytes;
        hashed += direct_place(replay, block->addr) == NULL;
        strings += block->kind == KIND_STRING;
        string_bytes += block->kind == KIND_STRING ? block->bytes : 0;
        assert(find(replay, block->addr) == block);
        assert(block->birth <= replay->step_count);
    }
    assert(live == replay->live_count);
    assert(hashed == replay->index.count);
    assert(bytes == replay->lua_bytes);
    assert(strings == replay->string_count);
    assert(string_bytes == replay->strings_bytes);
    (void)hashed;
}
