// gc_modes.c: thresholds, cycles and garbage of the modes, in bytes.

#include "analyzer/analysis/gc/gc_modes.h"

#include <string.h>

#define PAUSE_PERCENT 110u        // of the estimate: when the next cycle begins
#define STEP_BYTES 1024u          // allocated from one step to the next
#define STEP_WORK TRACE_STEP_WORK // units of work of a step as places are told
#define SWEEP_WORK 10u            // of a chain of strings, or of an object
#define SWEEP_OBJECTS 40u         // at once
#define SLOT_BYTES 4u             // of the string table
#define SLOTS_MIN 64u             // it is not halved below that
#define SHARE_ALL 1024u           // parts of a share
#define THRESHOLD_AT_START 4u     // times the ledger after start-up
#define FINALIZER_WORK 100u       // of a finalizer
#define BUFFER_BYTES_KEPT 64u     // a buffer is not halved below that

// `a` less `b`, 0 if that is more.
static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// Chains that the string table has more in that mode.
static uint64_t slots_more(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    return less(sim->string_slots, live->string_slots);
}

// The ledger in that mode.
static uint64_t ledger(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    return live->lua_bytes + sim->garbage.bytes + slots_more(sim, live) * SLOT_BYTES -
           sim->lack[KIND_STACK] - sim->lack[KIND_CALLS];
}

static uint64_t heap_used(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    if (sim->heap.is_known)
        return gc_mode_heap_used(&sim->heap);
    return live->heap_bytes + sim->garbage.heap_bytes + slots_more(sim, live) * SLOT_BYTES;
}

static void set_threshold(struct gc_mode_sim *sim)
{
    uint64_t threshold = sim->estimate_bytes / 100 * sim->pause_percent;
    sim->threshold_bytes = threshold < UINT32_MAX ? (uint32_t)threshold : UINT32_MAX;
    sim->phase = GC_PHASE_PAUSE;
    sim->debt_bytes = 0;
}

// Finalizers that had to wait are called at once.
static void end_cycle(struct gc_mode_sim *sim)
{
    sim->cycles++;
    set_threshold(sim);
    if (sim->finalizers_due > 0)
        sim->threshold_bytes = 0;
}

// Bytes of the stacks and call records that are traversed besides those that live: of what was not
// shrunk a half, since each traversal halves it.
static uint64_t stack_more(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    uint64_t bytes = live->stack_bytes + sim->slack[KIND_STACK].bytes +
                     sim->slack[KIND_CALLS].bytes;
    return less(bytes / 2, live->stack_bytes);
}

// Of the main thread, which is traversed in one piece.
static uint64_t main_work(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    return live->main_bytes + stack_more(sim, live);
}

// Of it, what the work that the trace tells leaves out: it ends with the step in which the thread
// is.
static uint64_t main_work_untold(const struct gc_live *live)
{
    return less(live->main_bytes, STEP_WORK - live->stack_work % STEP_WORK);
}

// Of what nothing but stacks holds.
static uint64_t stack_held_work(const struct gc_live *live)
{
    return less(less(live->mark_work, live->stack_work) + main_work_untold(live), live->main_bytes);
}

// What has changed counts if it lies ahead; where that is not known, a share of it.
void gc_mode_note_marking(struct gc_mode_sim *sim, const struct gc_live *live, unsigned from)
{
    double change = (double)live->stack_work - (double)sim->stack_work;
    double done = (double)sim->mark_done, roots = (double)sim->mark_roots;
    sim->stack_work = live->stack_work;
    if (sim->phase != GC_PHASE_PROPAGATE || sim->stack_step != UINT64_MAX || roots <= done)
        return;
    double ahead = from == 0 ? 1 - done / roots : (double)from * STEP_WORK > done;
    roots += change * ahead;
    sim->mark_roots = roots > done ? (uint64_t)roots : sim->mark_done;
}

// Bytes that the marking of this cycle traverses, as far as is known.
static uint64_t mark_work(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    if (live->mark_work) // what is made meanwhile is reached from the stacks, or at the end
        return sim->stack_step != UINT64_MAX
                   ? sim->mark_total
                   : sim->mark_roots + main_work(sim, live) + stack_held_work(live);
    return live->marked_bytes + sim->marked.marked_bytes / SHARE_ALL;
}

// How many of the objects marking has visited after so much work: as was told, and between what was
// told, and up to the end, evenly.
static double visited_after(const struct gc_mode_sim *sim, const struct gc_live *live, double done)
{
    double from = 0, to = (double)mark_work(sim, live), low = 0, high = (double)live->objects;
    if (live->mark_work && sim->stack_step != UINT64_MAX)
        done -= (double)main_work_untold(live);
    for (unsigned i = 0; live->visited && i <= TRACE_VISITED_STEPS_MAX; i++) {
        double work = (double)i * STEP_WORK;
        if (live->visited[i] == 0 || work > to)
            break;
        if (work > done) {
            to = work;
            high = live->visited[i];
            break;
        }
        from = work;
        low = live->visited[i];
    }
    return done < to ? low + (high - low) * (done - from) / (to - from) : high;
}

// Objects that a cycle which does not reach the end of its marking has visited.
static uint64_t visited_in_vain(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    if (sim->phase != GC_PHASE_PROPAGATE)
        return 0;
    return (uint64_t)visited_after(sim, live, (double)sim->mark_done) +
           sim->marked.objects / SHARE_ALL;
}

static void forget_slack(struct gc_mode_sim *sim)
{
    memset(sim->slack, 0, sizeof sim->slack);
    sim->has_slack = false;
}

// Of all kinds.
static struct gc_mode_slack all_slack(const struct gc_mode_sim *sim)
{
    struct gc_mode_slack sum = {0};
    for (unsigned kind = 0; sim->has_slack && kind < KIND_COUNT; kind++) {
        sum.bytes += sim->slack[kind].bytes;
        sum.heap_bytes += sim->slack[kind].heap_bytes;
    }
    return sum;
}

static void shrink_kind(struct gc_mode_sim *sim, unsigned kind, uint64_t bytes, uint64_t heap_bytes)
{
    sim->garbage.bytes -= bytes;
    sim->garbage.heap_bytes -= heap_bytes;
    sim->slack[kind].bytes -= bytes;
    sim->slack[kind].heap_bytes -= heap_bytes;
}

// Vectors of `bytes` become half as long if they are not shorter then: as far as is known, less
// than a quarter of them is in use.
static void halve_kind(struct gc_mode_sim *sim, enum trace_kind kind, uint64_t bytes)
{
    uint64_t slack = sim->slack[kind].bytes, heap = sim->slack[kind].heap_bytes;
    uint64_t half = gc_mode_heap_half(kind, bytes + slack);
    uint64_t gone = half >= bytes ? bytes + slack - half : 0;
    if (gone > 0)
        shrink_kind(sim, kind, gone, heap * gone / slack);
}

// Stacks and call records are halved as they are traversed, which those of the main thread are
// twice in a cycle by steps.
static void shrink(struct gc_mode_sim *sim, const struct gc_live *live)
{
    if (!sim->has_slack)
        return;
    halve_kind(sim, KIND_STACK, live->stack_bytes - live->call_bytes);
    halve_kind(sim, KIND_CALLS, live->call_bytes);
    sim->has_slack = all_slack(sim).bytes > 0;
    gc_mode_heap_shrink(&sim->heap);
}

// At the end of each sweep.
static void shrink_buffer(struct gc_mode_sim *sim, const struct gc_live *live)
{
    uint64_t slack = sim->slack[KIND_BUFFER].bytes, heap = sim->slack[KIND_BUFFER].heap_bytes;
    uint64_t bytes = live->buffer_bytes + slack;
    if (slack == 0 || bytes <= BUFFER_BYTES_KEPT)
        return;
    uint64_t gone = least(slack, bytes - bytes / 2);
    shrink_kind(sim, KIND_BUFFER, gone, gone == slack ? heap : least(heap, gone));
}

static uint64_t strings_of(const struct gc_mode_sim *sim, const struct gc_live *live)
{
    return live->strings + sim->garbage.objects - sim->garbage.swept_objects;
}

// At the end of each sweep, too.
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

static void place_string_table(struct gc_mode_sim *sim, const struct gc_live *live)
{
    uint64_t slots = slots_more(sim, live) + live->string_slots;
    gc_mode_heap_set_table(&sim->heap, (uint32_t)slots * SLOT_BYTES);
}

// `is_requested`: by the program, so that finalizers are called at its end; else before the next
// step.
static void collect(struct gc_mode_sim *sim, const struct gc_live *live, bool is_requested)
{
    sim->visited += visited_in_vain(sim, live);
    gc_mode_heap_collect(&sim->heap);
    shrink(sim, live);
    struct gc_mode_slack slack = all_slack(sim);
    sim->garbage = sim->finalized; // until the next one
    sim->garbage.bytes += slack.bytes;
    sim->garbage.heap_bytes += slack.heap_bytes;
    sim->freed_step = live->step;
    shrink_string_table(sim, live);
    shrink_string_table(sim, live);
    place_string_table(sim, live);
    shrink_buffer(sim, live);
    shrink_buffer(sim, live);
    sim->collections++;
    sim->cycle_visited = live->objects + sim->finalized.objects;
    sim->visited += sim->cycle_visited;
    sim->estimate_bytes = less(ledger(sim, live), sim->finalized.bytes);
    sim->finalizers_due = is_requested ? 0 : sim->finalizers_due + sim->finalized.finalizers;
    sim->finalized = (struct gc_garbage){0};
    sim->born_objects = 0;
    end_cycle(sim);
}

void gc_mode_boot(struct gc_mode_sim *sim, uint64_t startup_bytes)
{
    sim->garbage = sim->finalized = (struct gc_garbage){0};
    sim->finalizers_due = 0;
    sim->pause_percent = PAUSE_PERCENT;
    sim->step_work = STEP_WORK;
    memset(sim->lack, 0, sizeof sim->lack);
    forget_slack(sim);
    sim->freed_step = sim->born_objects = 0;
    sim->string_slots = 0;
    sim->phase = GC_PHASE_PAUSE;
    sim->debt_bytes = 0;
    sim->threshold_bytes = (uint32_t)(startup_bytes * THRESHOLD_AT_START);
}

void gc_mode_start(struct gc_mode_sim *sim, uint64_t bytes)
{
    sim->threshold_bytes = (uint32_t)(bytes * THRESHOLD_AT_START);
}

// ---- a cycle by steps ----

static void begin_cycle(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->phase = GC_PHASE_PROPAGATE;
    sim->cycle++;
    sim->marked = (struct gc_garbage){0};
    sim->begin_step = live->step;
    sim->mark_done = sim->born_marked = 0;
    sim->mark_count = 0;
    sim->stack_work = live->stack_work;
    sim->stack_step = UINT64_MAX;
    sim->mark_roots = live->mark_work ? live->stack_work
                                      : less(live->marked_bytes, live->stack_bytes);
}

// What of the garbage has no mark, `of` its parts.
static uint64_t unmarked(uint64_t garbage, uint64_t marked, uint64_t finalized)
{
    return less(less(garbage, marked / SHARE_ALL), finalized);
}

// Stacks are shrunk as they are marked; what is dead then, and has no mark, is doomed, but for what
// waits for its finalizer, which is visited once more.
static void end_marking(struct gc_mode_sim *sim, const struct gc_live *live)
{
    const struct gc_garbage *all = &sim->garbage, *marked = &sim->marked, *late = &sim->finalized;
    shrink(sim, live);
    sim->cycle_visited = less(live->objects + marked->objects / SHARE_ALL, sim->born_marked) +
                         late->objects;
    sim->visited += sim->cycle_visited;
    struct gc_mode_slack slack = all_slack(sim);
    sim->doomed = (struct gc_garbage){
        .bytes = less(unmarked(all->bytes, marked->bytes, late->bytes), slack.bytes),
        .heap_bytes = less(unmarked(all->heap_bytes, marked->heap_bytes, late->heap_bytes),
                           slack.heap_bytes),
        .string_bytes = unmarked(all->string_bytes, marked->string_bytes, 0),
        .objects = unmarked(all->objects, marked->objects, late->objects),
        .swept_objects = unmarked(all->swept_objects, marked->swept_objects, late->swept_objects),
    };
    gc_mode_heap_end_marking(&sim->heap);
    sim->doomed_step = live->step;
    sim->estimate_bytes = less(ledger(sim, live), late->bytes);
    sim->finalizers_due += late->finalizers;
    sim->finalized = (struct gc_garbage){0};
    sim->slots_left = sim->slots_swept = slots_more(sim, live) + live->string_slots;
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

static uint64_t sweep_strings(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t work)
{
    uint64_t slots = least((work + SWEEP_WORK - 1) / SWEEP_WORK, sim->slots_left);
    uint64_t strings = least(sim->doomed.string_bytes, sim->doomed.bytes);
    uint64_t freed = slots < sim->slots_left ? strings * slots / sim->slots_left : strings;
    if (sim->heap.is_known) {
        uint64_t from = sim->slots_swept - sim->slots_left;
        freed = gc_mode_heap_sweep_strings(&sim->heap, from, from + slots, sim->slots_swept);
        freed = least(freed, strings);
    }
    free_doomed(sim, freed);
    sim->doomed.string_bytes = strings - freed;
    sim->garbage.string_bytes = less(sim->garbage.string_bytes, freed);
    sim->slots_left -= slots;
    if (sim->slots_left > 0)
        return slots * SWEEP_WORK;
    sim->phase = GC_PHASE_SWEEP;
    sim->freed_step = sim->doomed_step;
    sim->objects_left = live->swept_objects + sim->garbage.swept_objects;
    sim->born_left = least(sim->born_objects, sim->objects_left);
    sim->born_objects = 0;
    return slots * SWEEP_WORK;
}

// The newest come first; so most of what dies does, and is taken to lie among what was made since
// the sweep before.
static uint64_t sweep_objects(struct gc_mode_sim *sim, const struct gc_live *live)
{
    uint64_t objects = least(SWEEP_OBJECTS, sim->objects_left);
    bool is_last = objects == sim->objects_left;
    uint64_t born = least(objects, sim->born_left);
    bool frees_all = is_last || born == sim->born_left;
    free_doomed(sim, frees_all ? sim->doomed.bytes : sim->doomed.bytes * born / sim->born_left);
    gc_mode_heap_sweep_objects(&sim->heap, born, frees_all ? born : sim->born_left);
    sim->objects_left -= objects;
    sim->born_left -= born;
    if (is_last) {
        shrink_string_table(sim, live);
        shrink_buffer(sim, live);
        sim->phase = GC_PHASE_FINALIZE;
    }
    return SWEEP_OBJECTS * SWEEP_WORK;
}

// Goes on with marking; its work, 0 at the end.
static uint64_t mark(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t work)
{
    uint64_t before = sim->mark_done, roots = sim->mark_roots;
    sim->mark_done += least(work, less(mark_work(sim, live), before));
    if (live->mark_work && before <= roots && before + work > roots) {
        sim->mark_total = mark_work(sim, live); // what stacks get later is left to the end
        sim->mark_done = roots + main_work(sim, live);
        sim->stack_step = live->step;
        shrink(sim, live);
    }
    return sim->mark_done - before;
}

// Some of the work of the phase, at most as much as is left of the step, but for what cannot be
// divided; its cost.
static uint64_t work_on(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t work,
                        bool may_finalize)
{
    switch (sim->phase) {
    case GC_PHASE_PAUSE:
        begin_cycle(sim, live);
        return 0;
    case GC_PHASE_PROPAGATE:
        work = mark(sim, live, work);
        if (work == 0)
            end_marking(sim, live);
        return work;
    case GC_PHASE_SWEEP_STRINGS:
        return sweep_strings(sim, live, work);
    case GC_PHASE_SWEEP:
        return sweep_objects(sim, live);
    default:
        if (may_finalize && sim->finalizers_due > 0) {
            sim->finalizers_due--;
            sim->estimate_bytes = less(sim->estimate_bytes, FINALIZER_WORK);
            return FINALIZER_WORK;
        }
        sim->garbage.objects = less(sim->garbage.objects, sim->doomed.objects);
        sim->garbage.swept_objects = less(sim->garbage.swept_objects, sim->doomed.swept_objects);
        end_cycle(sim);
        return 0;
    }
}

// Of a long cycle only every second step is remembered, then every fourth ...
static void remember_mark(struct gc_mode_sim *sim, const struct gc_live *live)
{
    if (sim->mark_count == GC_MARK_STEPS) {
        sim->mark_count /= 2;
        for (unsigned i = 0; i < sim->mark_count; i++)
            sim->marks[i] = sim->marks[2 * i + 1];
    }
    sim->marks[sim->mark_count].step = live->step;
    sim->marks[sim->mark_count++].done = sim->mark_done;
}

// How much had been traversed in this cycle when a step of the replay came.
static uint64_t done_before(const struct gc_mode_sim *sim, uint64_t step)
{
    unsigned low = 0, high = sim->mark_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (sim->marks[middle].step < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? sim->marks[low - 1].done : 0;
}

// The debt is 32 bits wide: a step before it was due makes it wrap, and then each check makes one.
static void step(struct gc_mode_sim *sim, const struct gc_live *live, bool may_finalize)
{
    int64_t left = sim->step_work ? sim->step_work : INT64_MAX;
    sim->collections++;
    if (may_finalize && sim->phase == GC_PHASE_PAUSE && sim->finalizers_due > 0) {
        sim->finalizers_due = 0; // no more than that
        set_threshold(sim);
        return;
    }
    sim->debt_bytes += (uint32_t)ledger(sim, live) - sim->threshold_bytes;
    do {
        left -= (int64_t)work_on(sim, live, (uint64_t)left, may_finalize);
    } while (sim->phase != GC_PHASE_PAUSE && left > 0);
    if (sim->phase == GC_PHASE_PROPAGATE)
        remember_mark(sim, live);
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
    for (int begun = 0; bytes_above_limit(sim, live, bytes) > 0; step(sim, live, false))
        if (sim->phase == GC_PHASE_PAUSE && ++begun > 1)
            return;
}

static bool has_room(const struct gc_mode_sim *sim, const struct gc_live *live, uint64_t heap_bytes)
{
    if (sim->heap.is_known && live->block_bytes)
        return gc_mode_heap_fits(&sim->heap, live->block_addr, live->block_bytes);
    return sim->heap_room_bytes == 0 || heap_used(sim, live) + heap_bytes <= sim->heap_room_bytes;
}

// Full collections of the modes that look at the heap.
static void collect_for_room(struct gc_mode_sim *sim, const struct gc_live *live,
                             uint64_t heap_bytes)
{
    uint64_t used = heap_used(sim, live);
    if (sim->mode == GC_MODE_RESERVE && used + sim->limit_bytes > sim->heap_room_bytes)
        collect(sim, live, false);
    if (sim->mode == GC_MODE_ON_FAILURE && !has_room(sim, live, heap_bytes))
        collect(sim, live, false);
}

// Where a stack cannot grow, a collection a moment before would have made room: so a run in that
// mode may have it.
static void note_failure(struct gc_mode_sim *sim, const struct gc_live *live, bool fails)
{
    sim->failures += fails && !live->is_stack;
    sim->stack_failures += fails && live->is_stack;
}

void gc_mode_before_alloc(struct gc_mode_sim *sim, const struct gc_live *live, uint64_t bytes,
                          uint64_t heap_bytes)
{
    if (sim->mode == GC_MODE_ALWAYS && !live->is_blocked)
        collect(sim, live, false);
    if (bytes == 0)
        return;
    if (sim->mode == GC_MODE_LIMIT) {
        if (!live->is_blocked)
            step_below_limit(sim, live, bytes);
        note_failure(sim, live, bytes_above_limit(sim, live, bytes) > 0);
    }
    if (!live->is_blocked)
        collect_for_room(sim, live, heap_bytes);
    note_failure(sim, live, !has_room(sim, live, heap_bytes));
}

void gc_mode_after_alloc(struct gc_mode_sim *sim, const struct gc_live *live)
{
    place_string_table(sim, live);
    uint64_t lua_bytes = ledger(sim, live);
    uint64_t heap_bytes = heap_used(sim, live);
    if (lua_bytes > sim->lua_bytes_max)
        sim->lua_bytes_max = lua_bytes;
    if (heap_bytes > sim->heap_bytes_max)
        sim->heap_bytes_max = heap_bytes;
    if (live->is_blocked && heap_bytes > sim->blocked_heap_max)
        sim->blocked_heap_max = heap_bytes;
    if (sim->mode == GC_MODE_ALWAYS || live->is_blocked || live->tells_checks)
        return;
    // Calls check as well, so that a debt is paid before the next allocation, up to a new cycle.
    while (ledger(sim, live) >= sim->threshold_bytes) {
        step(sim, live, true);
        if (sim->phase == GC_PHASE_PAUSE)
            return;
    }
}

void gc_mode_checks(struct gc_mode_sim *sim, const struct gc_live *live, unsigned times)
{
    if (sim->mode == GC_MODE_ALWAYS)
        return;
    for (; times > 0 && ledger(sim, live) >= sim->threshold_bytes; times--)
        step(sim, live, true);
}

void gc_mode_end(struct gc_mode_sim *sim, const struct gc_live *live)
{
    sim->visited += visited_in_vain(sim, live);
}

// ---- what else happens ----

void gc_mode_note_firmware(struct gc_mode_sim *sim, const struct gc_live *live, uint32_t addr,
                           uint32_t bytes)
{
    bool has_place = true;
    if (bytes == 0)
        gc_mode_heap_give(&sim->heap, addr);
    else if (sim->heap.is_known)
        has_place = gc_mode_heap_take(&sim->heap, 0, addr, bytes);
    else
        has_place = sim->heap_room_bytes == 0 || heap_used(sim, live) <= sim->heap_room_bytes;
    sim->failures += !has_place;
    uint64_t heap_bytes = heap_used(sim, live);
    if (heap_bytes > sim->heap_bytes_max)
        sim->heap_bytes_max = heap_bytes;
}

void gc_mode_note_held(struct gc_mode_sim *sim, const struct trace_event_gc_held *held)
{
    if (sim->phase != GC_PHASE_PROPAGATE)
        return;
    gc_mode_heap_mark(&sim->heap, held->addr, sim->cycle);
    gc_mode_heap_mark(&sim->heap, held->array_addr, sim->cycle);
    gc_mode_heap_mark(&sim->heap, held->nodes_addr, sim->cycle);
}

// Steps for so many KiB of allocation, or to the end of a cycle.
static void collect_steps(struct gc_mode_sim *sim, const struct gc_live *live, uint32_t kilobytes)
{
    uint64_t bytes = ledger(sim, live);
    sim->threshold_bytes = (uint32_t)less(bytes, (uint64_t)kilobytes << 10);
    while (sim->threshold_bytes <= ledger(sim, live)) {
        step(sim, live, true);
        if (sim->phase == GC_PHASE_PAUSE)
            return;
    }
}

void gc_mode_order(struct gc_mode_sim *sim, const struct gc_live *live, enum trace_gc_order order,
                   uint32_t value)
{
    if (sim->mode == GC_MODE_ALWAYS)
        return;
    switch (order) {
    case GC_ORDER_STOP:
        sim->threshold_bytes = UINT32_MAX;
        break;
    case GC_ORDER_RESTART:
        sim->threshold_bytes = (uint32_t)ledger(sim, live);
        break;
    case GC_ORDER_STEP:
        if (!live->is_blocked)
            collect_steps(sim, live, value);
        break;
    case GC_ORDER_PAUSE:
        sim->pause_percent = value;
        break;
    case GC_ORDER_MULTIPLIER:
        sim->step_work = STEP_BYTES / 100 * value;
        break;
    default:
        break;
    }
}

// ---- deaths ----

static void add_garbage(struct gc_garbage *garbage, const struct gc_garbage *dead, uint64_t times)
{
    garbage->bytes += dead->bytes * times;
    garbage->heap_bytes += dead->heap_bytes * times;
    garbage->string_bytes += dead->string_bytes * times;
    garbage->marked_bytes += dead->marked_bytes * times;
    garbage->objects += dead->objects * times;
    garbage->swept_objects += dead->swept_objects * times;
    garbage->finalizers += dead->finalizers * times;
}

// A trace that does not tell places: marking goes from the registry and the globals to the main
// thread, whose stack comes last. What dies after that has its mark; before that, what was there
// when the cycle began may have been passed, and of what was made since then only variables of
// closures are marked.
static void guess_mark(struct gc_mode_sim *sim, const struct gc_garbage *dead, bool is_new)
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

// It has its mark if marking passed its place while it was there. Variables of closures that are
// made while marks are made have it at once.
static bool has_mark(const struct gc_mode_sim *sim, const struct gc_garbage *dead,
                     uint64_t born_step)
{
    bool is_new = born_step > sim->begin_step;
    if ((is_new && dead->is_upvalue) ||
        gc_mode_heap_has_mark(&sim->heap, dead->block.addr, sim->cycle))
        return true;
    if (dead->place == GC_PLACE_STACK)
        return sim->stack_step != UINT64_MAX && born_step <= sim->stack_step;
    return dead->place < sim->mark_done && (!is_new || dead->place >= done_before(sim, born_step));
}

void gc_mode_note_dead(struct gc_mode_sim *sim, const struct gc_live *live,
                       const struct gc_garbage *dead, uint64_t born_step)
{
    if (sim->mode == GC_MODE_ALWAYS)
        return;
    add_garbage(&sim->garbage, dead, 1);
    bool is_marked = false;
    if (sim->phase == GC_PHASE_PROPAGATE && !live->tells_checks) {
        guess_mark(sim, dead, born_step > sim->begin_step);
    } else if (sim->phase == GC_PHASE_PROPAGATE) {
        is_marked = has_mark(sim, dead, born_step);
        if (is_marked)
            add_garbage(&sim->marked, dead, SHARE_ALL);
    }
    if (dead->place == GC_PLACE_FINALIZER && !is_marked)
        add_garbage(&sim->finalized, dead, 1);
    struct gc_mode_heap_dead block = dead->block;
    block.is_marked = is_marked;
    block.waits_for_finalizer = dead->place == GC_PLACE_FINALIZER && !is_marked;
    gc_mode_heap_died(&sim->heap, &block);
}

bool gc_mode_finds(struct gc_mode_sim *sim, uint64_t died_step, const struct heap_block *string)
{
    uint64_t bytes = string->bytes, heap_bytes = heap_layout_block_bytes(bytes);
    bool is_doomed = sim->phase == GC_PHASE_SWEEP_STRINGS && died_step <= sim->doomed_step;
    if (sim->mode == GC_MODE_ALWAYS || died_step == 0)
        return false;
    if (sim->heap.is_known) {
        struct gc_mode_heap_dead found;
        if (!gc_mode_heap_revive(&sim->heap, died_step, string->text, string->addr, &found))
            return false;
        is_doomed = found.is_doomed;
    } else if (died_step <= sim->freed_step) {
        return false;
    } else if (is_doomed && (sim->doomed.bytes < bytes || sim->doomed.heap_bytes < heap_bytes)) {
        return false;
    }
    sim->garbage.bytes -= bytes;
    sim->garbage.string_bytes = less(sim->garbage.string_bytes, bytes);
    sim->garbage.heap_bytes -= heap_bytes;
    sim->garbage.objects -= sim->garbage.objects > 0;
    if (is_doomed) {
        sim->doomed.objects -= sim->doomed.objects > 0;
        sim->doomed.bytes = less(sim->doomed.bytes, bytes);
        sim->doomed.string_bytes = less(sim->doomed.string_bytes, bytes);
        sim->doomed.heap_bytes = less(sim->doomed.heap_bytes, heap_bytes);
    }
    return true;
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
    collect(sim, live, true);
}
