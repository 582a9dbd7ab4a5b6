// gc_modes.c: thresholds, cycles and garbage of the modes, in bytes.

#include "analyzer/analysis/gc/gc_modes.h"

#include <string.h>

#define PAUSE_PERCENT 110u
#define STEP_BYTES 1024u      // allocated from one step to the next
#define STEP_WORK 2000u       // units of work of a step: step size / 100 * multiplier
#define SWEEP_WORK 10u        // of a chain of strings, or of an object
#define SWEEP_OBJECTS 40u     // at once
#define LARGEST_PART 3u       // of the free bytes the largest block has a third (counted)
#define SLOT_BYTES 4u         // of the string table
#define SLOTS_MIN 64u         // it is not halved below that
#define SHARE_ALL 1024u       // parts of a share
#define THRESHOLD_AT_START 4u // times the ledger after start-up

// `a` less `b`, 0 if that is more.
static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

// Chains that the string table has more in that mode.
static uint64_t slots_more(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    return less(sim->string_slots, live->string_slots);
}

// The ledger in that mode.
static uint64_t ledger(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    return live->lua_bytes + sim->garbage.bytes + slots_more(sim, live) * SLOT_BYTES;
}

static uint64_t heap_used(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    return live->heap_bytes + sim->garbage.heap_bytes + slots_more(sim, live) * SLOT_BYTES;
}

static void set_threshold(struct gc_mode_sim *sim)
{
    sim->threshold_bytes = (uint32_t)(sim->estimate_bytes / 100 * PAUSE_PERCENT);
    sim->phase = GC_PHASE_PAUSE;
    sim->debt_bytes = 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// Bytes that the marking of this cycle traverses, as far as is known.
static uint64_t mark_work(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    return live->marked_bytes + sim->marked.marked_bytes / SHARE_ALL;
}

// Objects that a cycle which does not reach the end of its marking has visited.
static uint64_t visited_in_vain(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    uint64_t all = mark_work(sim, live);
    return sim->phase == GC_PHASE_PROPAGATE && all > 0
               ? live->objects * least(sim->mark_done, all) / all
               : 0;
}

static void forget_slack(struct gc_mode_sim *sim)
{
    memset(sim->slack, 0, sizeof sim->slack);
    sim->has_slack = false;
}

// Vectors become as short as they could be.
static void shrink(struct gc_mode_sim *sim)
{
    if (!sim->has_slack)
        return;
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        sim->garbage.bytes -= sim->slack[kind].bytes;
        sim->garbage.heap_bytes -= sim->slack[kind].heap_bytes;
    }
    forget_slack(sim);
}

static uint64_t strings_of(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    return live->strings + sim->garbage.objects - sim->garbage.swept_objects;
}

// At the end of each sweep.
static void shrink_string_table(struct gc_mode_sim *sim, const struct gc_live *live)
{
    if (strings_of(sim, live) < sim->string_slots / 4 && sim->string_slots > SLOTS_MIN)
        sim->string_slots /= 2;
}

void gc_mode_note_string(struct gc_mode_sim *sim, const struct gc_live *live)
{
    if (sim->string_slots < live->string_slots)
        sim->string_slots = live->string_slots;
    if (strings_of(sim, live) >= sim->string_slots && sim->phase != GC_PHASE_SWEEP_STRINGS)
        sim->string_slots *= 2;
}

static void collect(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->visited += visited_in_vain(sim, live);
    shrink(sim);
    sim->garbage = (struct gc_garbage){0};
    sim->freed_step = live->step;
    shrink_string_table(sim, live);
    shrink_string_table(sim, live);
    sim->collections++;
    sim->visited += live->objects;
    sim->estimate_bytes = live->lua_bytes;
    set_threshold(sim);
}

void gc_mode_boot(struct gc_mode_sim *sim, uint64_t startup_bytes)
{
    sim->garbage = (struct gc_garbage){0};
    forget_slack(sim);
    sim->freed_step = 0;
    sim->string_slots = 0;
    sim->phase = GC_PHASE_PAUSE;
    sim->debt_bytes = 0;
    sim->threshold_bytes = (uint32_t)(startup_bytes * THRESHOLD_AT_START);
}

// ---- a cycle by steps ----

static void begin_cycle(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->phase = GC_PHASE_PROPAGATE;
    sim->marked = (struct gc_garbage){0};
    sim->begin_step = live->step;
    sim->mark_done = sim->born_marked = 0;
    sim->mark_roots = less(live->marked_bytes, live->stack_bytes);
}

// Vectors are shrunk as they are marked; what is dead then, and has no mark, is doomed.
static void end_marking(struct gc_mode_sim *sim, const struct gc_live *live)
{
    shrink(sim);
    sim->visited += less(live->objects + sim->marked.objects / SHARE_ALL, sim->born_marked);
    sim->doomed = (struct gc_garbage){
        .bytes = less(sim->garbage.bytes, sim->marked.bytes / SHARE_ALL),
        .heap_bytes = less(sim->garbage.heap_bytes, sim->marked.heap_bytes / SHARE_ALL),
        .string_bytes = less(sim->garbage.string_bytes, sim->marked.string_bytes / SHARE_ALL),
        .objects = less(sim->garbage.objects, sim->marked.objects / SHARE_ALL),
        .swept_objects = less(sim->garbage.swept_objects, sim->marked.swept_objects / SHARE_ALL),
    };
    sim->doomed_step = live->step;
    sim->estimate_bytes = ledger(sim, live);
    sim->slots_left = slots_more(sim, live) + live->string_slots;
    sim->objects_left = live->swept_objects + sim->garbage.swept_objects;
    sim->phase = GC_PHASE_SWEEP_STRINGS;
}

// Frees `bytes` of what is doomed.
static void free_doomed(struct gc_mode_sim *sim, uint64_t bytes)
{
    if (bytes == 0)
        return;
    uint64_t heap_bytes = sim->doomed.heap_bytes * bytes / sim->doomed.bytes;
    sim->estimate_bytes -= bytes;
    sim->doomed.bytes -= bytes;
    sim->garbage.bytes -= bytes;
    sim->doomed.heap_bytes -= heap_bytes;
    sim->garbage.heap_bytes -= heap_bytes;
}

static uint64_t sweep_strings(struct gc_mode_sim *sim, uint64_t work)
{
    uint64_t slots = least((work + SWEEP_WORK - 1) / SWEEP_WORK, sim->slots_left);
    uint64_t strings = least(sim->doomed.string_bytes, sim->doomed.bytes);
    uint64_t freed = slots < sim->slots_left ? strings * slots / sim->slots_left : strings;
    free_doomed(sim, freed);
    sim->doomed.string_bytes = strings - freed;
    sim->garbage.string_bytes = less(sim->garbage.string_bytes, freed);
    sim->slots_left -= slots;
    if (sim->slots_left == 0) {
        sim->phase = GC_PHASE_SWEEP;
        sim->freed_step = sim->doomed_step;
    }
    return slots * SWEEP_WORK;
}

static uint64_t sweep_objects(struct gc_mode_sim *sim)
{
    uint64_t objects = least(SWEEP_OBJECTS, sim->objects_left);
    bool is_last = objects == sim->objects_left;
    free_doomed(sim, is_last ? sim->doomed.bytes : sim->doomed.bytes * objects / sim->objects_left);
    sim->objects_left -= objects;
    if (is_last)
        sim->phase = GC_PHASE_FINALIZE;
    return SWEEP_OBJECTS * SWEEP_WORK;
}

// Some of the work of the phase, at most as much as is left of the step, but for what cannot be
// divided; its cost.
static uint64_t work_on(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t work)
{
    switch (sim->phase) {
    case GC_PHASE_PAUSE:
        begin_cycle(sim, live);
        return 0;
    case GC_PHASE_PROPAGATE:
        work = least(work, less(mark_work(sim, live), sim->mark_done));
        sim->mark_done += work;
        if (work == 0)
            end_marking(sim, live);
        return work;
    case GC_PHASE_SWEEP_STRINGS:
        return sweep_strings(sim, work);
    case GC_PHASE_SWEEP:
        return sweep_objects(sim);
    default:
        sim->garbage.objects = less(sim->garbage.objects, sim->doomed.objects);
        sim->garbage.swept_objects = less(sim->garbage.swept_objects, sim->doomed.swept_objects);
        sim->collections++;
        shrink_string_table(sim, live);
        set_threshold(sim);
        return 0;
    }
}

// The debt is 32 bits wide: a step before it was due makes it wrap, and then each check makes one.
static void step(struct gc_mode_sim *sim, const struct gc_live *live)
{
    int64_t left = STEP_WORK;
    sim->debt_bytes += (uint32_t)ledger(sim, live) - sim->threshold_bytes;
    do {
        left -= (int64_t)work_on(sim, live, (uint64_t)left);
    } while (sim->phase != GC_PHASE_PAUSE && left > 0);
    if (sim->phase == GC_PHASE_PAUSE)
        return;
    sim->threshold_bytes = (uint32_t)ledger(sim, live);
    if (sim->debt_bytes < STEP_BYTES)
        sim->threshold_bytes += STEP_BYTES;
    else
        sim->debt_bytes -= STEP_BYTES;
}

// How much must be freed so that `bytes` more stay below the limit.
static uint64_t bytes_above_limit(const struct gc_mode_sim *sim, const struct gc_live *live,
                                  uint64_t bytes)
{
    uint64_t wanted = ledger(sim, live) + bytes;
    return wanted >= sim->limit_bytes ? wanted - sim->limit_bytes + 1 : 0;
}

// Goes on with the cycle that has begun, and through one more at most.
static void step_below_limit(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes)
{
    for (int begun = 0; bytes_above_limit(sim, live, bytes) > 0; step(sim, live))
        if (sim->phase == GC_PHASE_PAUSE && ++begun > 1)
            return;
}

// Full collections of the modes that look at the heap.
static void collect_for_room(struct gc_mode_sim *sim, const struct gc_live *live,
                             uint64_t heap_bytes)
{
    uint64_t used = heap_used(sim, live);
    if (sim->mode == GC_MODE_RESERVE && used + sim->limit_bytes > sim->heap_room_bytes)
        collect(sim, live);
    if (sim->heap_room_bytes == 0 || sim->mode != GC_MODE_ON_FAILURE)
        return;
    uint64_t largest = less(sim->heap_room_bytes, used) / (live->block_bytes ? LARGEST_PART : 1);
    uint64_t wanted = live->block_bytes ? live->block_bytes : heap_bytes;
    if (wanted > largest)
        collect(sim, live);
}

void gc_mode_before_alloc(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes,
                          uint64_t heap_bytes)
{
    if (sim->mode == GC_MODE_ALWAYS && !live->is_blocked)
        collect(sim, live);
    if (bytes == 0)
        return;
    if (sim->mode == GC_MODE_LIMIT) {
        if (!live->is_blocked)
            step_below_limit(sim, live, bytes);
        sim->failures += bytes_above_limit(sim, live, bytes) > 0;
    }
    if (!live->is_blocked)
        collect_for_room(sim, live, heap_bytes);
    uint64_t used = heap_used(sim, live);
    sim->failures += sim->heap_room_bytes > 0 && used + heap_bytes > sim->heap_room_bytes;
}

void gc_mode_after_alloc(struct gc_mode_sim *sim, const struct gc_live *live)
{
    uint64_t lua_bytes = ledger(sim, live);
    uint64_t heap_bytes = heap_used(sim, live);
    if (lua_bytes > sim->lua_bytes_max)
        sim->lua_bytes_max = lua_bytes;
    if (heap_bytes > sim->heap_bytes_max)
        sim->heap_bytes_max = heap_bytes;
    if (sim->mode == GC_MODE_ALWAYS || live->is_blocked)
        return;
    // Calls check as well, so that a debt is paid before the next allocation, up to a new cycle.
    while (ledger(sim, live) >= sim->threshold_bytes) {
        step(sim, live);
        if (sim->phase == GC_PHASE_PAUSE)
            return;
    }
}

void gc_mode_end(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->visited += visited_in_vain(sim, live);
}

static void add_garbage(struct gc_garbage *garbage, const struct gc_garbage *dead, uint64_t times)
{
    garbage->bytes += dead->bytes * times;
    garbage->heap_bytes += dead->heap_bytes * times;
    garbage->string_bytes += dead->string_bytes * times;
    garbage->objects += dead->objects * times;
    garbage->swept_objects += dead->swept_objects * times;
}

// Marking goes from the registry and the globals to the main thread, whose stack comes last. What
// dies after that has its mark; before that, what was there when the cycle began may have been
// passed, and of what was made since then only variables of closures are marked (what they refer to
// is, too, but a trace does not say what that is).
static void note_dead_while_marking(struct gc_mode_sim *sim, const struct gc_garbage *dead,
                                    bool is_new)
{
    uint64_t share = SHARE_ALL;
    bool is_past = sim->mark_done >= sim->mark_roots;
    if (!is_past && !(is_new && dead->is_upvalue))
        share = is_new || sim->mark_roots == 0 ? 0 : SHARE_ALL * sim->mark_done / sim->mark_roots;
    add_garbage(&sim->marked, dead, share);
    if (!is_past && !is_new)
        sim->mark_roots = less(sim->mark_roots,
                               dead->marked_bytes * (SHARE_ALL - share) / SHARE_ALL);
}

void gc_mode_note_dead(struct gc_mode_sim *sim, const struct gc_garbage *dead, uint64_t born_step)
{
    if (sim->mode == GC_MODE_ALWAYS)
        return;
    add_garbage(&sim->garbage, dead, 1);
    if (sim->phase == GC_PHASE_PROPAGATE)
        note_dead_while_marking(sim, dead, born_step > sim->begin_step);
}

void gc_mode_note_shrunk(struct gc_mode_sim *sim, enum trace_kind kind, uint64_t bytes,
                         uint64_t heap_bytes)
{
    if (sim->mode == GC_MODE_ALWAYS)
        return;
    sim->garbage.bytes += bytes;
    sim->garbage.heap_bytes += heap_bytes;
    sim->has_slack = true;
    sim->slack[kind].bytes += bytes;
    sim->slack[kind].heap_bytes += heap_bytes;
}

void gc_mode_request(struct gc_mode_sim *sim, const struct gc_live *live)
{
    collect(sim, live);
}
