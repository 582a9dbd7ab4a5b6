// gc_modes.c: thresholds, cycles and garbage of the modes, in bytes.

#include "analyzer/analysis/gc/gc_modes.h"

#include <string.h>

#define PAUSE_PERCENT 110u
#define STEP_BYTES 1024u      // allocated from one step to the next
#define STEP_WORK 2000u       // units of work of a step: step size / 100 * multiplier
#define SWEEP_WORK 10u        // of a chain of strings, or of an object
#define LARGEST_PART 3u       // of the free bytes the largest block has a third (counted)
#define THRESHOLD_AT_START 4u // times the ledger after start-up

// `a` less `b`, 0 if that is more.
static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t bytes_of_work(uint64_t work)
{
    return work * STEP_BYTES / STEP_WORK;
}

static void set_threshold(struct gc_mode_sim *sim, uint64_t lua_bytes)
{
    sim->threshold_bytes = lua_bytes / 100 * PAUSE_PERCENT;
    sim->is_in_cycle = false;
}

// Objects that a cycle has visited which a full collection interrupts: that visits them again.
static uint64_t visited_in_vain(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    if (!sim->is_in_cycle)
        return 0;
    return sim->is_marked || sim->mark_all == 0
               ? live->objects
               : live->objects * (sim->mark_all - sim->mark_left) / sim->mark_all;
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
        sim->garbage_bytes -= sim->slack[kind].bytes;
        sim->garbage_heap_bytes -= sim->slack[kind].heap_bytes;
    }
    forget_slack(sim);
}

static void collect(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->visited += visited_in_vain(sim, live);
    shrink(sim);
    sim->garbage_bytes = sim->garbage_heap_bytes = 0;
    sim->freed_step = live->step;
    sim->collections++;
    sim->visited += live->objects;
    set_threshold(sim, live->lua_bytes);
}

void gc_mode_boot(struct gc_mode_sim *sim, uint64_t startup_bytes)
{
    sim->garbage_bytes = sim->garbage_heap_bytes = 0;
    forget_slack(sim);
    sim->is_in_cycle = false;
    sim->threshold_bytes = startup_bytes * THRESHOLD_AT_START;
}

static void begin_cycle(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->is_in_cycle = true;
    sim->is_marked = sim->is_hurried = false;
    sim->marked_bytes = sim->marked_heap_bytes = 0;
    sim->mark_all = sim->mark_left = bytes_of_work(live->marked_bytes);
    sim->sweep_left = bytes_of_work(live->sweep_items * SWEEP_WORK);
}

static void end_cycle(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->garbage_bytes -= sim->doomed_bytes;
    sim->garbage_heap_bytes -= sim->doomed_heap_bytes;
    sim->freed_step = sim->doomed_step;
    sim->collections++;
    sim->visited += live->objects;
    set_threshold(sim, sim->estimate_bytes - sim->doomed_bytes);
}

// Vectors are shrunk as they are marked; what is dead then, and has no mark, is doomed.
static void end_marking(struct gc_mode_sim *sim, const struct gc_live *live)
{
    shrink(sim);
    sim->is_marked = true;
    sim->doomed_bytes = less(sim->garbage_bytes, sim->marked_bytes);
    sim->doomed_heap_bytes = less(sim->garbage_heap_bytes, sim->marked_heap_bytes);
    sim->doomed_step = live->step;
    sim->estimate_bytes = live->lua_bytes + sim->garbage_bytes;
}

// How much must be freed so that `bytes` more stay below the limit.
static uint64_t bytes_above_limit(const struct gc_mode_sim *sim, const struct gc_live *live,
                                  uint64_t bytes)
{
    uint64_t wanted = live->lua_bytes + sim->garbage_bytes + bytes;
    return wanted >= sim->limit_bytes ? wanted - sim->limit_bytes + 1 : 0;
}

// Sweeps until `bytes` are free, or to the end of the cycle.
static void sweep(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes)
{
    if (bytes >= sim->doomed_bytes) {
        end_cycle(sim, live);
        return;
    }
    uint64_t heap_bytes = sim->doomed_heap_bytes * bytes / sim->doomed_bytes;
    sim->sweep_left -= sim->sweep_left * bytes / sim->doomed_bytes;
    sim->estimate_bytes -= bytes;
    sim->doomed_bytes -= bytes;
    sim->garbage_bytes -= bytes;
    sim->doomed_heap_bytes -= heap_bytes;
    sim->garbage_heap_bytes -= heap_bytes;
    sim->freed_step = sim->doomed_step; // strings are swept first
    sim->is_hurried = true;             // a step before it was due makes the debt wrap
}

// Goes on with the cycle that has begun, and through one more at most.
static void step_below_limit(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes)
{
    for (int begun = 0; begun < 2 && bytes_above_limit(sim, live, bytes) > 0;) {
        if (!sim->is_in_cycle) {
            if (++begun > 1)
                return;
            begin_cycle(sim, live);
        }
        if (!sim->is_marked)
            end_marking(sim, live);
        sweep(sim, live, bytes_above_limit(sim, live, bytes));
    }
}

void gc_mode_before_alloc(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes,
                          uint64_t heap_bytes)
{
    if (sim->mode == GC_MODE_ALWAYS)
        collect(sim, live);
    if (bytes == 0)
        return;
    if (sim->mode == GC_MODE_LIMIT) {
        step_below_limit(sim, live, bytes);
        sim->failures += bytes_above_limit(sim, live, bytes) > 0;
    }
    uint64_t used = live->heap_bytes + sim->garbage_heap_bytes;
    if (sim->mode == GC_MODE_RESERVE && used + sim->limit_bytes > sim->heap_room_bytes) {
        collect(sim, live);
        used = live->heap_bytes;
    }
    if (sim->heap_room_bytes == 0)
        return;
    uint64_t largest = less(sim->heap_room_bytes, used) / (live->block_bytes ? LARGEST_PART : 1);
    uint64_t wanted = live->block_bytes ? live->block_bytes : heap_bytes;
    if (sim->mode == GC_MODE_ON_FAILURE && wanted > largest) {
        collect(sim, live);
        used = live->heap_bytes;
    }
    sim->failures += used + heap_bytes > sim->heap_room_bytes;
}

void gc_mode_after_alloc(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes)
{
    uint64_t lua_bytes = live->lua_bytes + sim->garbage_bytes;
    uint64_t heap_bytes = live->heap_bytes + sim->garbage_heap_bytes;
    if (lua_bytes > sim->lua_bytes_max)
        sim->lua_bytes_max = lua_bytes;
    if (heap_bytes > sim->heap_bytes_max)
        sim->heap_bytes_max = heap_bytes;
    if (sim->mode == GC_MODE_ALWAYS)
        return;
    if (!sim->is_in_cycle) {
        if (lua_bytes >= sim->threshold_bytes)
            begin_cycle(sim, live);
        return;
    }
    if (sim->is_hurried && bytes < STEP_BYTES)
        bytes = STEP_BYTES;
    bytes = gc_mode_take(&sim->mark_left, bytes);
    if (sim->mark_left == 0 && !sim->is_marked)
        end_marking(sim, live);
    if (sim->is_marked) {
        (void)gc_mode_take(&sim->sweep_left, bytes);
        if (sim->sweep_left == 0)
            end_cycle(sim, live);
    }
}

void gc_mode_note_shrunk(struct gc_mode_sim *sim, enum trace_kind kind, uint64_t bytes,
                         uint64_t heap_bytes)
{
    if (sim->mode == GC_MODE_ALWAYS)
        return;
    sim->garbage_bytes += bytes;
    sim->garbage_heap_bytes += heap_bytes;
    sim->has_slack = true;
    sim->slack[kind].bytes += bytes;
    sim->slack[kind].heap_bytes += heap_bytes;
}

void gc_mode_request(struct gc_mode_sim *sim, const struct gc_live *live)
{
    collect(sim, live);
}
