// gc_mode_cost.c: figures of a mode out of its model, or out of the run where that was the mode.

#include "analyzer/analysis/gc/gc_mode_cost.h"

#include <math.h>

// Share of the free bytes that the largest free block has at the worst moment: the recorded one,
// or if that is less what the examples had when they were run in these modes (12 to 15 % where the
// heap was let run full, 24 to 36 % where some of it was kept free).
#define LARGEST_SHARE_FULL 0.125
#define LARGEST_SHARE_KEPT 0.333

const char *gc_mode_name(enum gc_mode mode)
{
    static const char *const names[] = {"NOT_ACTIVE", "ON_ALLOC_FAILURE", "ON_MEM_LIMIT",
                                        "ON_MEM_LIMIT", "ALWAYS"};
    return names[mode];
}

int64_t gc_mode_limit(const struct gc_mode_sim *sim)
{
    return sim->mode == GC_MODE_RESERVE ? -(int64_t)sim->limit_bytes : (int64_t)sim->limit_bytes;
}

static double largest_share(const struct gc *gc, enum gc_mode mode)
{
    const struct gc_heap_state *state = &gc->heap.split_most;
    double share = state->free_bytes ? (double)state->largest_bytes / (double)state->free_bytes : 1;
    double usual = mode == GC_MODE_ALWAYS    ? 1
                   : mode == GC_MODE_RESERVE ? LARGEST_SHARE_KEPT
                                             : LARGEST_SHARE_FULL;
    return share < usual ? share : usual;
}

static enum gc_room room_of(const struct gc *gc, const struct gc_mode_sim *sim)
{
    double heap = (double)sim->heap_room_bytes, used = (double)gc->live_heap_max;
    double request = (double)gc->request_max;
    bool fits = true;
    if (sim->failures)
        return GC_ROOM_NONE;
    if (sim->stack_failures)
        return GC_ROOM_TIGHT;
    if (sim->heap_room_bytes == 0)
        return GC_ROOM_ENOUGH;
    if ((double)sim->blocked_heap_max + request > heap)
        return GC_ROOM_TIGHT;       // nothing would have been collected for it
    if (sim->mode == GC_MODE_LIMIT) // a cycle by steps frees what died before it, and no more
        fits = (double)gc->peak_bytes + 2 * request <= (double)sim->limit_bytes;
    if (sim->mode == GC_MODE_LIMIT || sim->mode == GC_MODE_OFF)
        used = (double)sim->heap_bytes_max;
    double free = heap - used;
    if (sim->mode == GC_MODE_RESERVE) {
        if (gc->is_recorded_always && (double)sim->limit_bytes >= free)
            return GC_ROOM_ENOUGH; // collects before each allocation, as the recorded run did
        free = fmax((double)sim->limit_bytes, heap - (double)sim->heap_bytes_max);
    }
    return fits && free * largest_share(gc, sim->mode) >= request ? GC_ROOM_ENOUGH : GC_ROOM_TIGHT;
}

struct gc_mode_cost gc_mode_cost(const struct gc *gc, unsigned idx)
{
    const struct gc_mode_sim *sim = &gc->modes[idx];
    struct gc_mode_cost cost = {
        .collections = sim->collections,
        .visited = sim->visited,
        .lua_bytes_max = sim->lua_bytes_max,
        .heap_bytes_max = sim->heap_bytes_max,
        .failures = sim->failures,
        .cycle_percent = sim->visited ? 100 * (double)sim->cycle_visited / (double)sim->visited
                                      : NAN,
        .room = room_of(gc, sim),
    };
    if (sim->mode == GC_MODE_ALWAYS && gc->is_recorded_always) {
        cost.is_measured = true;
        cost.cycle_percent = NAN;
        cost.collections = gc->collections;
        cost.visited = gc->visited_total;
        cost.lua_bytes_max = gc->peak_bytes;
        cost.heap_bytes_max = gc->live_heap_max;
        cost.failures = 0;
        cost.room = GC_ROOM_ENOUGH; // it ran
    }
    cost.clocks = (double)cost.visited * gc_visit_clocks(gc);
    cost.run_clocks = (double)gc->instructions * gc->model.vm_instruction_clocks + cost.clocks;
    return cost;
}
