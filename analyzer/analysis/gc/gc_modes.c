// gc_modes.c: thresholds, cycles and garbage of the modes, in bytes.

#include "analyzer/analysis/gc/gc_modes.h"

#define PAUSE_PERCENT 110u
#define STEP_BYTES 1024u      // allocated from one step to the next
#define STEP_WORK 2000u       // units of work of a step: step size / 100 * multiplier
#define SWEEP_WORK 10u        // of a chain of strings, or of an object
#define THRESHOLD_AT_START 4u // times the ledger after start-up

static uint64_t bytes_of_work(uint64_t work)
{
    return work * STEP_BYTES / STEP_WORK;
}

static void set_threshold(struct gc_mode_sim *sim, uint64_t lua_bytes)
{
    sim->threshold_bytes = lua_bytes / 100 * PAUSE_PERCENT;
    sim->is_in_cycle = false;
}

static void collect(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->garbage_bytes = sim->garbage_heap_bytes = 0;
    sim->collections++;
    sim->visited += live->objects;
    set_threshold(sim, live->lua_bytes);
}

void gc_mode_boot(struct gc_mode_sim *sim, uint64_t startup_bytes)
{
    sim->garbage_bytes = sim->garbage_heap_bytes = 0;
    sim->is_in_cycle = false;
    sim->threshold_bytes = startup_bytes * THRESHOLD_AT_START;
}

void gc_mode_before_alloc(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes,
                          uint64_t heap_bytes)
{
    if (sim->mode == GC_MODE_ALWAYS)
        collect(sim, live);
    if (bytes == 0)
        return;
    if (sim->mode == GC_MODE_LIMIT &&
        live->lua_bytes + sim->garbage_bytes + bytes >= sim->limit_bytes) {
        collect(sim, live);
        sim->failures += live->lua_bytes + bytes >= sim->limit_bytes;
    }
    uint64_t used = live->heap_bytes + sim->garbage_heap_bytes;
    if (sim->mode == GC_MODE_RESERVE && used + sim->limit_bytes > sim->heap_room_bytes) {
        collect(sim, live);
        used = live->heap_bytes;
    }
    if (sim->heap_room_bytes == 0 || used + heap_bytes <= sim->heap_room_bytes)
        return;
    if (sim->mode == GC_MODE_ON_FAILURE) {
        collect(sim, live);
        used = live->heap_bytes;
    }
    sim->failures += used + heap_bytes > sim->heap_room_bytes;
}

static void begin_cycle(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->is_in_cycle = true;
    sim->is_marked = false;
    sim->mark_left = bytes_of_work(live->marked_bytes);
    sim->sweep_left = bytes_of_work(live->sweep_items * SWEEP_WORK);
}

static void end_cycle(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->garbage_bytes -= sim->doomed_bytes;
    sim->garbage_heap_bytes -= sim->doomed_heap_bytes;
    sim->collections++;
    sim->visited += live->objects;
    set_threshold(sim, live->lua_bytes + sim->garbage_bytes);
}

// Takes `bytes` from what is left of a part; what is more than that is handed on.
static uint64_t take(uint64_t *left, uint64_t bytes)
{
    uint64_t taken = bytes < *left ? bytes : *left;
    *left -= taken;
    return bytes - taken;
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
    bytes = take(&sim->mark_left, bytes);
    if (sim->mark_left == 0 && !sim->is_marked) {
        sim->is_marked = true;
        sim->doomed_bytes = sim->garbage_bytes;
        sim->doomed_heap_bytes = sim->garbage_heap_bytes;
    }
    if (sim->is_marked) {
        (void)take(&sim->sweep_left, bytes);
        if (sim->sweep_left == 0)
            end_cycle(sim, live);
    }
}

void gc_mode_note_dead(struct gc_mode_sim *sim, uint64_t bytes, uint64_t heap_bytes)
{
    if (sim->mode == GC_MODE_ALWAYS)
        return;
    sim->garbage_bytes += bytes;
    sim->garbage_heap_bytes += heap_bytes;
}

void gc_mode_request(struct gc_mode_sim *sim, const struct gc_live *live)
{
    collect(sim, live);
}
