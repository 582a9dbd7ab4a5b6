// gc_mode_feed.c: what lives, and when the modes are told of births, deaths, and checks.

#include "analyzer/analysis/gc/gc_mode_feed.h"

#include "analyzer/analysis/gc/gc.h"
#include "analyzer/analysis/heap/gc_cycle.h"
#include "runtime/format/string_hash.h"
#include <string.h>

// Ledger after lua_newstate (allocation policy of NodeMCU 3.0).
#define STARTUP_BYTES_FLOAT 2076u
#define STARTUP_BYTES_INTEGER 1784u
#define PAUSE_PERCENT_PC 200u
#define THREAD_BYTES 112u // itself

// ---- what lives ----

static bool is_object(unsigned kind)
{
    return kind == KIND_STRING || kind == KIND_TABLE || kind == KIND_CLOSURE ||
           kind == KIND_UPVALUE || kind == KIND_PROTO || kind == KIND_USERDATA ||
           kind == KIND_THREAD;
}

static bool is_marked(unsigned kind)
{
    return kind != KIND_STRING && kind != KIND_STRING_TABLE && kind != KIND_USERDATA &&
           kind != KIND_BUFFER && kind != KIND_UPVALUE && kind != KIND_OTHER &&
           kind != KIND_STATE && kind != KIND_LINES;
}

// The main thread's stack, or its call records.
static bool is_main_vector(const struct gc_mode_feed *feed, const struct heap_block *block)
{
    return (block->kind == KIND_STACK && block->addr == feed->main_stack) ||
           (block->kind == KIND_CALLS && block->addr == feed->main_calls);
}

// The first of each kind are its; they move on as they are resized.
static void follow_main(struct gc_mode_feed *feed, const struct heap_block *died,
                        const struct heap_block *born)
{
    uint64_t *addr = born->kind == KIND_STACK   ? &feed->main_stack
                     : born->kind == KIND_CALLS ? &feed->main_calls
                                                : NULL;
    if (addr && (died ? *addr == died->addr : *addr == 0))
        *addr = born->addr;
}

static void count_live(struct gc_mode_feed *feed, const struct heap_block *block, int64_t sign)
{
    struct gc_live *live = &feed->live;
    live->lua_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    live->heap_bytes += (uint64_t)(sign * (int64_t)heap_layout_block_bytes(block->bytes));
    if (is_marked(block->kind))
        live->marked_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    if (block->kind == KIND_STACK || block->kind == KIND_CALLS)
        live->stack_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    if (block->kind == KIND_CALLS)
        live->call_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    if (is_main_vector(feed, block))
        live->main_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    if (block->kind == KIND_BUFFER)
        live->buffer_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    if (is_object(block->kind)) {
        feed->objects += (uint64_t)sign;
        live->strings += block->kind == KIND_STRING ? (uint64_t)sign : 0;
        live->swept_objects += block->kind == KIND_STRING ? 0 : (uint64_t)sign;
    }
    if (block->kind == KIND_STRING_TABLE)
        live->string_slots += (uint64_t)(sign * (int64_t)(block->bytes / 4));
}

// What lives now, with the number of objects that the newest collection has really visited.
static struct gc_live *live_now(struct gc_mode_feed *feed)
{
    struct gc_live *live = &feed->live;
    live->objects = feed->visited_last ? feed->visited_last : feed->objects;
    live->step = feed->replay->step_count;
    live->is_blocked = feed->is_blocked;
    live->tells_checks = feed->tells_places;
    live->visited = feed->visited;
    live->is_stack = false;
    live->block_bytes = live->block_addr = 0;
    return live;
}

// ---- the models of the modes ----

// What is new of a block, in the ledger and in the heap.
struct growth {
    uint64_t bytes, heap_bytes;
};

static struct growth growth_of(uint64_t old_bytes, uint64_t bytes)
{
    uint64_t old_heap = old_bytes ? heap_layout_block_bytes(old_bytes) : 0;
    uint64_t heap = heap_layout_block_bytes(bytes);
    return (struct growth){bytes > old_bytes ? bytes - old_bytes : 0,
                           heap > old_heap ? heap - old_heap : 0};
}

// A string whose text the trace defines: so the table of texts is no longer than the dictionary.
static bool has_text(const struct gc_mode_feed *feed, const struct heap_block *block)
{
    return block->kind == KIND_STRING && trace_dict_text(feed->replay->dict, block->text) != NULL;
}

// When the string of that text died, 0: it has not.
static uint64_t *died_step(struct gc_mode_feed *feed, uint32_t text)
{
    if (text >= feed->died_room) {
        uint32_t room = feed->died_room * 2 > text ? feed->died_room * 2 : text + 1;
        feed->died_steps = arena_grow_array(feed->replay->arena, feed->died_steps, feed->died_room,
                                            room, sizeof *feed->died_steps);
        feed->died_room = room;
    }
    return &feed->died_steps[text];
}

// A block that was made, as the modes see it.
struct birth {
    const struct heap_block *block, *old; // NULL: it is new
    struct gc_live before;
    const struct gc_live *after;
    struct growth growth;
    bool is_resize, is_text, is_main; // is_main: it is the main thread's stack, or its call records
    uint64_t died_step;               // of the string of its text before, if is_text
};

// The main thread's stack, or its call records, grow, and are longer here: so long, it is assumed,
// that they need not.
static void lengthen_main(struct gc_mode_sim *sim, const struct birth *birth)
{
    enum trace_kind kind = birth->block->kind;
    struct growth rest = birth->growth;
    gc_mode_take_slack(sim, kind, &rest.bytes, &rest.heap_bytes);
    sim->lack[kind] += rest.bytes;
    gc_mode_heap_rename(&sim->heap, birth->old->addr, birth->block->addr, birth->block->bytes,
                        kind);
}

static void tell_mode_of_birth(struct gc_mode_sim *sim, const struct birth *birth)
{
    struct growth rest = birth->growth;
    struct gc_live here;
    const struct gc_live *before = &birth->before;
    if (birth->is_text && gc_mode_finds(sim, birth->died_step, birth->block))
        return;
    if (birth->block->kind == KIND_STRING)
        gc_mode_note_string(sim, &birth->before);
    else if (is_object(birth->block->kind) && !birth->is_resize)
        gc_mode_note_object(sim, birth->block->kind);
    if (birth->block->kind == KIND_STRING_TABLE && sim->mode != GC_MODE_ALWAYS)
        return; // it has its own in each mode
    if (birth->is_main && sim->slack[birth->block->kind].bytes > 0) {
        lengthen_main(sim, birth);
        return;
    }
    if (birth->is_main && sim->lack[birth->block->kind] > 0) {
        rest.bytes += sim->lack[birth->block->kind];
        sim->lack[birth->block->kind] = 0;
        here = *before;
        here.lua_bytes -= rest.bytes - birth->growth.bytes;
        before = &here;
    } else if (birth->is_resize && sim->has_slack) {
        gc_mode_take_slack(sim, birth->block->kind, &rest.bytes, &rest.heap_bytes);
        if (birth->growth.bytes > 0 && rest.bytes == 0) { // the vector is still long enough
            gc_mode_heap_rename(&sim->heap, birth->old->addr, birth->block->addr,
                                birth->block->bytes, birth->block->kind);
            return;
        }
        here = *before;
        here.lua_bytes += birth->growth.bytes - rest.bytes;
        here.heap_bytes += birth->growth.heap_bytes - rest.heap_bytes;
        before = &here;
    }
    gc_mode_before_alloc(sim, before, rest.bytes, rest.heap_bytes);
    gc_mode_heap_take(&sim->heap, birth->old ? birth->old->addr : 0, birth->block->addr,
                      birth->block->bytes);
    gc_mode_after_alloc(sim, birth->after);
}

static void tell_modes_of_checks(struct gc_mode_feed *feed, uint32_t times)
{
    if (times == 0 || feed->is_step)
        return;
    struct gc_live *live = live_now(feed);
    live->is_blocked = false;
    for (unsigned m = 0; m < feed->gc->mode_count; m++)
        gc_mode_checks(&feed->gc->modes[m], live, times);
    feed->checks_due -= times;
}

// A stack grows without a collection.
static void take_checks(struct gc_mode_feed *feed)
{
    feed->checks_due += feed->checks;
    feed->checks = TRACE_GC_CHECKS_USUAL;
    feed->is_step = false;
    tell_modes_of_checks(feed, feed->checks_due);
}

// What is made at the start, before there is a site or an order to the collector, is the state
// itself.
static void note_start(struct gc_mode_feed *feed)
{
    if (feed->is_started)
        return;
    feed->is_started = true;
    for (unsigned m = 0; m < feed->gc->mode_count; m++)
        gc_mode_start(&feed->gc->modes[m], feed->live.lua_bytes);
}

static void tell_modes_of_birth(struct gc_mode_feed *feed, const struct heap_step *step)
{
    struct gc *gc = feed->gc;
    if (feed->tells_places && step->born->site != 0)
        note_start(feed);
    if (step->born->kind == KIND_STACK && step->is_resize && feed->tells_places &&
        gc->is_recorded_always && !feed->is_blocked)
        take_checks(feed);
    struct birth birth = {
        .block = step->born,
        .old = step->is_resize ? step->died : NULL,
        .before = *live_now(feed),
        .growth = growth_of(step->is_resize ? step->died->bytes : 0, step->born->bytes),
        .is_resize = step->is_resize,
        .is_main = step->is_resize && is_main_vector(feed, step->died),
    };
    if (has_text(feed, step->born)) {
        uint64_t *died = died_step(feed, step->born->text);
        birth.is_text = !step->is_resize;
        birth.died_step = *died;
        *died = 0;
    }
    birth.before.is_stack = step->born->kind == KIND_STACK && step->is_resize;
    birth.before.is_blocked |= birth.before.is_stack;
    birth.before.block_bytes = step->born->bytes;
    birth.before.block_addr = birth.old ? birth.old->addr : 0;
    if (step->is_resize)
        count_live(feed, step->died, -1);
    follow_main(feed, step->is_resize ? step->died : NULL, step->born);
    count_live(feed, step->born, 1);
    birth.after = live_now(feed);
    for (unsigned m = 0; m < gc->mode_count; m++)
        tell_mode_of_birth(&gc->modes[m], &birth);
    if (step->born->bytes > gc->request_max)
        gc->request_max = step->born->bytes;
    if (feed->live.heap_bytes > gc->live_heap_max)
        gc->live_heap_max = feed->live.heap_bytes;
}

// A collection of the recorded run has made a stack or a buffer shorter.
static void tell_modes_of_shrinking(struct gc_mode_feed *feed, const struct heap_step *step)
{
    struct gc *gc = feed->gc;
    struct growth less = growth_of(step->born->bytes, step->died->bytes);
    bool is_main = is_main_vector(feed, step->died);
    count_live(feed, step->died, -1);
    follow_main(feed, step->died, step->born);
    count_live(feed, step->born, 1);
    if (step->born->kind == KIND_STRING_TABLE)
        return;
    for (unsigned m = 0; m < gc->mode_count; m++) {
        uint64_t bytes = less.bytes;
        if (is_main)
            bytes = gc_mode_take(&gc->modes[m].lack[step->born->kind], bytes);
        if (bytes > 0)
            gc_mode_note_shrunk(&gc->modes[m], step->born->kind, bytes, less.heap_bytes);
        gc_mode_heap_rename(&gc->modes[m].heap, step->died->addr, step->born->addr,
                            step->born->bytes, step->born->kind);
    }
}

void gc_mode_feed_born(struct gc_mode_feed *feed, const struct heap_step *step)
{
    if (step->born->kind != KIND_STACK) // which grows without one
        feed->is_blocked = feed->gc->is_recorded_always && !feed->has_collected &&
                           !feed->is_collecting;
    feed->has_collected = false;
    if (feed->is_collecting && step->is_resize && step->born->bytes <= step->died->bytes)
        tell_modes_of_shrinking(feed, step);
    else
        tell_modes_of_birth(feed, step);
}

// Was it said that the userdata waits for its finalizer? It is gone now.
static bool take_finalized(struct gc_mode_feed *feed, uint64_t addr)
{
    for (uint32_t i = 0; i < feed->finalized_count; i++)
        if (feed->finalized[i] == addr) {
            feed->finalized[i] = feed->finalized[--feed->finalized_count];
            return true;
        }
    return false;
}

static void note_finalizer(struct gc_mode_feed *feed, uint32_t addr)
{
    if (feed->finalized_count == feed->finalized_room) {
        uint32_t room = feed->finalized_room ? 2 * feed->finalized_room : 16;
        feed->finalized = arena_grow_array(feed->replay->arena, feed->finalized,
                                           feed->finalized_room, room, sizeof *feed->finalized);
        feed->finalized_room = room;
    }
    feed->finalized[feed->finalized_count++] = addr;
}

// The hash of a string, which says its chain. Of one whose text is not told the address stands in,
// so that such strings are in all chains.
static uint32_t hash_of(const struct gc_mode_feed *feed, const struct heap_block *string)
{
    const struct trace_dict_text *text = trace_dict_text(feed->replay->dict, string->text);
    if (!text || (!text->is_excluded && text->text.bytes != text->bytes))
        return string->addr / HEAP_LAYOUT_GRANULE_BYTES;
    return text->is_excluded ? text->string_hash : string_hash(text->text.data, text->bytes);
}

void gc_mode_feed_died(struct gc_mode_feed *feed, const struct heap_block *block)
{
    struct gc *gc = feed->gc;
    count_live(feed, block, -1);
    if (!feed->is_collecting) { // the program gave it back itself
        for (unsigned m = 0; m < gc->mode_count; m++)
            gc_mode_heap_give(&gc->modes[m].heap, block->addr);
        return;
    }
    if (has_text(feed, block))
        *died_step(feed, block->text) = feed->replay->step_count;
    const struct gc_live *live = live_now(feed);
    bool had_finalizer = block->kind == KIND_USERDATA && take_finalized(feed, block->addr);
    struct gc_garbage dead = {
        .place = had_finalizer ? GC_PLACE_FINALIZER : feed->place,
        .finalizers = had_finalizer,
        .bytes = block->bytes,
        .heap_bytes = heap_layout_block_bytes(block->bytes),
        .string_bytes = block->kind == KIND_STRING ? block->bytes : 0,
        .marked_bytes = is_marked(block->kind) ? block->bytes : 0,
        .objects = is_object(block->kind),
        .is_upvalue = block->kind == KIND_UPVALUE,
        .swept_objects = is_object(block->kind) && block->kind != KIND_STRING,
        .block = {.step = feed->replay->step_count,
                  .addr = block->addr,
                  .bytes = block->bytes,
                  .text = block->kind == KIND_STRING ? block->text : HEAP_NO_TEXT,
                  .hash = block->kind == KIND_STRING ? hash_of(feed, block) : 0,
                  .is_string = block->kind == KIND_STRING},
    };
    for (unsigned m = 0; m < gc->mode_count; m++)
        gc_mode_note_dead(&gc->modes[m], live, &dead, block->birth);
}

void gc_mode_feed_end(struct gc_mode_feed *feed)
{
    const struct gc_live *live = live_now(feed);
    for (unsigned m = 0; m < feed->gc->mode_count; m++)
        gc_mode_end(&feed->gc->modes[m], live);
}

// ---- runs and collections ----

static void start_mode(struct gc_mode_sim *sim, const struct gc *gc,
                       const struct trace_event_boot *boot)
{
    sim->heap_room_bytes = boot->heap_bytes;
    if (sim->mode != GC_MODE_ALWAYS)
        gc_mode_heap_boot(&sim->heap, gc->arena, boot);
    if (sim->mode == GC_MODE_LIMIT)
        sim->limit_bytes = gc->settings.limit_bytes ? gc->settings.limit_bytes
                                                    : (uint64_t)boot->heap_bytes * 3 / 4;
    gc_mode_boot(sim,
                 boot->flags & TRACE_BOOT_INTEGER ? STARTUP_BYTES_INTEGER : STARTUP_BYTES_FLOAT);
    if (boot->flags & TRACE_BOOT_PC)
        sim->pause_percent = PAUSE_PERCENT_PC;
}

static void note_boot(struct gc_mode_feed *feed, const struct trace_event_boot *boot)
{
    gc_mode_feed_end(feed);
    feed->live = (struct gc_live){
        .lua_bytes = boot->lua_bytes,
        .heap_bytes = heap_layout_block_bytes(boot->lua_bytes),
        .swept_objects = 1, // the main thread
        .main_bytes = THREAD_BYTES,
    };
    feed->objects = 1;
    feed->main_stack = feed->main_calls = 0;
    feed->visited_last = 0;
    feed->tells_places = boot->flags & TRACE_BOOT_PLACES;
    feed->gc->lacks_places |= !feed->tells_places;
    feed->checks = TRACE_GC_CHECKS_USUAL;
    feed->is_started = false;
    feed->is_pc = boot->flags & TRACE_BOOT_PC;
    feed->finalized_count = feed->firmware_count = feed->checks_due = 0;
    memset(feed->visited, 0, sizeof feed->visited);
    if (feed->died_room)
        memset(feed->died_steps, 0, feed->died_room * sizeof *feed->died_steps);
    for (unsigned m = 0; m < feed->gc->mode_count; m++)
        start_mode(&feed->gc->modes[m], feed->gc, boot);
}

static void note_gc_begin(struct gc_mode_feed *feed, enum trace_gc_reason reason)
{
    feed->is_collecting = true;
    feed->is_blocked |= !feed->gc->is_recorded_always; // nothing was collected so far
    feed->gc->is_recorded_always |= reason == GC_REASON_ALWAYS;
    feed->place = GC_PLACE_STACK;
    if (feed->tells_places)
        feed->checks_due += feed->checks;
    feed->checks = TRACE_GC_CHECKS_USUAL;
    feed->is_step = reason == GC_REASON_STEP && feed->gc->is_recorded_always;
    // The first check follows what was made last: what dies then still lives. The others come when
    // it is known what has died; so do all after a chunk was compiled, which leaves much.
    if (!feed->is_blocked && feed->checks_due > 0)
        tell_modes_of_checks(feed, 1);
}

static void note_gc_end(struct gc_mode_feed *feed, const struct trace_event_gc_end *end)
{
    feed->is_collecting = false;
    if (gc_cycle_is_whole(feed->replay, end))
        feed->visited_last = end->visited;
    tell_modes_of_checks(feed, feed->checks_due);
    if (end->reason == GC_REASON_REQUEST) {
        const struct gc_live *live = live_now(feed);
        for (unsigned m = 0; m < feed->gc->mode_count; m++)
            gc_mode_request(&feed->gc->modes[m], live);
    } else if (end->reason != GC_REASON_STEP) {
        feed->has_collected = true;
    }
}

static void note_control(struct gc_mode_feed *feed, const struct trace_event_gc_control *control)
{
    if (feed->tells_places)
        note_start(feed);
    if (!feed->is_pc && (control->order == GC_ORDER_STOP || control->order == GC_ORDER_RESTART))
        return; // the device blocks it: allocations come without the collection of their mode
    const struct gc_live *live = live_now(feed);
    for (unsigned m = 0; m < feed->gc->mode_count; m++)
        gc_mode_order(&feed->gc->modes[m], live, control->order, control->value);
}

// ---- blocks of the firmware's own ----

static void tell_modes_of_firmware(struct gc_mode_feed *feed, uint32_t addr, uint32_t bytes)
{
    const struct gc_live *live = live_now(feed);
    for (unsigned m = 0; m < feed->gc->mode_count; m++)
        gc_mode_note_firmware(&feed->gc->modes[m], live, addr, bytes);
    if (feed->live.heap_bytes > feed->gc->live_heap_max)
        feed->gc->live_heap_max = feed->live.heap_bytes;
}

static void note_firmware_alloc(struct gc_mode_feed *feed,
                                const struct trace_event_firmware_alloc *alloc)
{
    if (feed->firmware_count == feed->firmware_room) {
        uint32_t room = feed->firmware_room ? 2 * feed->firmware_room : 16;
        feed->firmware = arena_grow_array(feed->replay->arena, feed->firmware, feed->firmware_room,
                                          room, sizeof *feed->firmware);
        feed->firmware_room = room;
    }
    feed->firmware[feed->firmware_count++] = (struct gc_mode_feed_firmware){alloc->addr,
                                                                            alloc->bytes};
    feed->live.heap_bytes += heap_layout_block_bytes(alloc->bytes);
    tell_modes_of_firmware(feed, alloc->addr, alloc->bytes);
}

// Those that live are few: connections, packets.
static void note_firmware_free(struct gc_mode_feed *feed, uint32_t addr)
{
    uint32_t i = feed->firmware_count;
    while (i > 0 && feed->firmware[i - 1].addr != addr)
        i--;
    if (i == 0)
        return; // its event was lost
    feed->live.heap_bytes -= heap_layout_block_bytes(feed->firmware[i - 1].bytes);
    feed->firmware[i - 1] = feed->firmware[--feed->firmware_count];
    tell_modes_of_firmware(feed, addr, 0);
}

// ---- events ----

// The work of marking at a place.
static uint64_t work_at(uint32_t place)
{
    return place ? (uint64_t)(place - 1) * TRACE_PLACE_WORK : 0;
}

static void note_marking(struct gc_mode_feed *feed, const struct trace_event_gc_marked *marked)
{
    feed->live.stack_work = work_at(marked->stack);
    feed->live.mark_work = work_at(marked->end);
    const struct gc_live *live = live_now(feed);
    for (unsigned m = 0; m < feed->gc->mode_count; m++)
        gc_mode_note_marking(&feed->gc->modes[m], live, marked->from);
}

static uint64_t place_of(uint32_t at)
{
    return at == 0                       ? GC_PLACE_STACK
           : at == TRACE_PLACE_FINALIZER ? GC_PLACE_FINALIZER
                                         : work_at(at);
}

void gc_mode_feed_event(struct gc_mode_feed *feed, const struct trace_event *event)
{
    switch (event->id) {
    case TRACE_ID_boot:
        note_boot(feed, &event->boot);
        break;
    case TRACE_ID_gc_begin:
        note_gc_begin(feed, event->gc_begin.reason);
        break;
    case TRACE_ID_gc_checks:
        feed->checks = event->gc_checks.times;
        break;
    case TRACE_ID_gc_place:
        feed->place = place_of(event->gc_place.at);
        break;
    case TRACE_ID_gc_marked:
        note_marking(feed, &event->gc_marked);
        break;
    case TRACE_ID_gc_finalizer:
        note_finalizer(feed, event->gc_finalizer.addr);
        break;
    case TRACE_ID_gc_visited:
        if (event->gc_visited.steps <= TRACE_VISITED_STEPS_MAX)
            feed->visited[event->gc_visited.steps] = event->gc_visited.objects;
        break;
    case TRACE_ID_gc_held:
        for (unsigned m = 0; m < feed->gc->mode_count; m++)
            gc_mode_note_held(&feed->gc->modes[m], &event->gc_held);
        break;
    case TRACE_ID_gc_control:
        note_control(feed, &event->gc_control);
        break;
    case TRACE_ID_firmware_alloc:
        note_firmware_alloc(feed, &event->firmware_alloc);
        break;
    case TRACE_ID_firmware_free:
        note_firmware_free(feed, event->firmware_free.addr);
        break;
    case TRACE_ID_gc_end:
        note_gc_end(feed, &event->gc_end);
        break;
    default:
        break;
    }
}
