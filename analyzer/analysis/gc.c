// gc.c: one pass over each run: collections, births and deaths, the heap over time.

#include "analyzer/analysis/gc.h"

#include <assert.h>

#include "analyzer/analysis/gc_cycle.h"

// Ledger after lua_newstate (facts on allocation policy, (g)).
#define STARTUP_BYTES_FLOAT 2076u
#define STARTUP_BYTES_INTEGER 1784u
#define BLOCK_HEADER_BYTES 8u // of the modelled allocator, as its granule
#define BLOCK_BYTES_MIN 16u
#define BIRTHS_ROOM_START 256u

struct pass {
    struct gc *gc;
    struct gc_run *run;
    struct heap_replay replay;
    uint64_t clock_base; // of the runs before
    uint64_t cycles;     // whole cycles that have ended: what ages are counted in
    struct gc_live live;
    uint64_t state_bytes;  // said by the newest boot
    uint64_t visited_last;        // by the newest full collection, 0 if there was none
    uint64_t pending_collections; // emergency ones, whose allocation comes next
    uint64_t pending_visited;
    uint64_t begin_clock, begin_real_ns, begin_bytes; // of the collection that runs
    uint64_t phase_clock, phase_bytes;
    uint8_t phase;
    bool is_collecting, is_over;
};

// ---- what lives ----

static uint64_t heap_bytes_of(uint64_t bytes)
{
    uint64_t rounded = (bytes + BLOCK_HEADER_BYTES + 7) & ~(uint64_t)7;
    return rounded < BLOCK_BYTES_MIN ? BLOCK_BYTES_MIN : rounded;
}

static bool is_object(unsigned kind)
{
    return kind == KIND_STRING || kind == KIND_TABLE || kind == KIND_CLOSURE ||
           kind == KIND_UPVALUE || kind == KIND_PROTO || kind == KIND_USERDATA ||
           kind == KIND_THREAD;
}

static bool is_marked(unsigned kind)
{
    return kind != KIND_STRING && kind != KIND_STRING_TABLE && kind != KIND_USERDATA &&
           kind != KIND_BUFFER && kind != KIND_OTHER && kind != KIND_STATE;
}

static void count_live(struct gc_live *live, const struct heap_block *block, int64_t sign)
{
    live->lua_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    live->heap_bytes += (uint64_t)(sign * (int64_t)heap_bytes_of(block->bytes));
    if (is_marked(block->kind))
        live->marked_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    if (is_object(block->kind)) {
        live->objects += (uint64_t)sign;
        live->sweep_items += block->kind == KIND_STRING ? 0 : (uint64_t)sign;
    }
    if (block->kind == KIND_STRING_TABLE)
        live->sweep_items += (uint64_t)(sign * (int64_t)(block->bytes / 4));
}

// What lives, with the number of objects that the newest collection has really visited.
static struct gc_live live_now(const struct pass *pass)
{
    struct gc_live live = pass->live;
    if (pass->visited_last)
        live.objects = pass->visited_last;
    return live;
}

// ---- births and deaths ----

static struct gc_births *births_at(struct gc *gc, uint32_t site)
{
    if (site >= gc->births_room) {
        uint32_t room = gc->births_room * 2 > site ? gc->births_room * 2 : site + 1;
        gc->births = arena_grow_array(gc->arena, gc->births, gc->births_room, room,
                                      sizeof *gc->births);
        gc->births_room = room;
    }
    return &gc->births[site];
}

static struct gc_births *births_of(struct pass *pass, uint16_t site_id)
{
    return births_at(pass->gc, site_table_index(&pass->gc->sites, pass->replay.dict, site_id));
}

static void add_amount(struct gc_amount *amount, uint64_t step, uint32_t bytes)
{
    if (amount->step != step)
        *amount = (struct gc_amount){.step = step};
    amount->bytes += bytes;
    amount->blocks++;
}

// What a block that lives now, or died in this step, means for the highest point.
static void note_life(struct pass *pass, const struct heap_block *block)
{
    struct gc *gc = pass->gc;
    if (gc->peak_step == 0 || block->birth > gc->peak_step)
        return;
    add_amount(&gc->kinds[block->kind].peak, gc->peak_step, block->bytes);
    add_amount(&births_of(pass, block->site)->peak, gc->peak_step, block->bytes);
}

static unsigned age_step(uint64_t age)
{
    unsigned step = age == 0 ? 0 : 64u - (unsigned)__builtin_clzll(age);
    return step < GC_AGES ? step : GC_AGES - 1;
}

// Strings keep their hash in `user` (gc_strings), other blocks the site that made them.
static uint32_t birth_site(struct pass *pass, const struct heap_block *block)
{
    if (block->kind == KIND_STRING)
        return site_table_index(&pass->gc->sites, pass->replay.dict, block->site);
    return block->user == HEAP_NO_TEXT ? SITE_NOWHERE : block->user;
}

static void note_death(struct pass *pass, const struct heap_block *block)
{
    struct gc *gc = pass->gc;
    uint64_t age = pass->cycles - block->birth_gc;
    gc->ages[age_step(age)].count++;
    gc->ages[age_step(age)].bytes += block->bytes;
    if (age >= gc->settings.short_lived)
        return;
    struct gc_births *site = births_at(gc, birth_site(pass, block));
    site->short_count++;
    site->short_bytes += block->bytes;
    gc->kinds[block->kind].short_count++;
    gc->kinds[block->kind].short_bytes += block->bytes;
}

static void visit_end(void *context, const struct heap_block *block)
{
    struct pass *pass = context;
    note_life(pass, block);
    pass->gc->survivors.count++;
    pass->gc->survivors.bytes += block->bytes;
    births_at(pass->gc, birth_site(pass, block))->end_bytes += block->bytes;
    pass->gc->kinds[block->kind].end_bytes += block->bytes;
}

// A block was made, or goes on as another one.
static void note_born(struct pass *pass, const struct heap_step *step)
{
    struct heap_block *block = step->born;
    uint32_t site = site_table_index(&pass->gc->sites, pass->replay.dict, block->site);
    struct gc_births *births = births_at(pass->gc, site), *kind = &pass->gc->kinds[block->kind];
    uint32_t growth = block->bytes;
    block->birth_gc = (uint32_t)pass->cycles;
    if (step->is_resize) {
        growth = block->bytes > step->died->bytes ? block->bytes - step->died->bytes : 0;
        block->birth_gc = step->died->birth_gc;
        block->user = step->died->user;
    } else {
        births->count++;
        kind->count++;
        if (block->kind != KIND_STRING)
            block->user = site;
    }
    births->bytes += growth;
    kind->bytes += growth;
    births->collections += pass->pending_collections;
    births->visited += pass->pending_visited;
    pass->pending_collections = pass->pending_visited = 0;
}

// ---- the models of the modes ----

static void tell_modes_of_birth(struct pass *pass, const struct heap_step *step)
{
    struct gc *gc = pass->gc;
    uint64_t old_bytes = step->is_resize ? step->died->bytes : 0;
    uint64_t old_heap = old_bytes ? heap_bytes_of(old_bytes) : 0;
    uint64_t bytes = step->born->bytes, heap = heap_bytes_of(bytes);
    uint64_t growth = bytes > old_bytes ? bytes - old_bytes : 0;
    struct gc_live before = live_now(pass);
    for (unsigned m = 0; m < gc->mode_count; m++)
        gc_mode_before_alloc(&gc->modes[m], &before, growth, heap > old_heap ? heap - old_heap : 0);
    if (step->is_resize)
        count_live(&pass->live, step->died, -1);
    count_live(&pass->live, step->born, 1);
    struct gc_live after = live_now(pass);
    for (unsigned m = 0; m < gc->mode_count; m++)
        gc_mode_after_alloc(&gc->modes[m], &after, growth);
    if (step->born->bytes > gc->request_max)
        gc->request_max = step->born->bytes;
    if (pass->live.heap_bytes > gc->live_heap_max)
        gc->live_heap_max = pass->live.heap_bytes;
}

static void tell_modes_of_death(struct pass *pass, const struct heap_block *block)
{
    struct gc *gc = pass->gc;
    count_live(&pass->live, block, -1);
    if (!pass->is_collecting)
        return; // the program gave it back itself
    for (unsigned m = 0; m < gc->mode_count; m++)
        gc_mode_note_dead(&gc->modes[m], block->bytes, heap_bytes_of(block->bytes));
}

static void note_boot(struct pass *pass, const struct trace_event_boot *boot)
{
    struct gc *gc = pass->gc;
    uint32_t startup = boot->flags & TRACE_BOOT_INTEGER ? STARTUP_BYTES_INTEGER
                                                        : STARTUP_BYTES_FLOAT;
    pass->live = (struct gc_live){.lua_bytes = boot->lua_bytes,
                                  .heap_bytes = heap_bytes_of(boot->lua_bytes), .objects = 1};
    pass->visited_last = 0;
    pass->state_bytes = boot->lua_bytes;
    pass->run->heap_bytes = boot->heap_bytes;
    for (unsigned m = 0; m < gc->mode_count; m++) {
        struct gc_mode_sim *sim = &gc->modes[m];
        sim->heap_room_bytes = boot->heap_bytes;
        if (sim->mode == GC_MODE_LIMIT)
            sim->limit_bytes = gc->settings.limit_bytes ? gc->settings.limit_bytes
                                                        : (uint64_t)boot->heap_bytes * 3 / 4;
        gc_mode_boot(sim, startup);
    }
}

// ---- collections ----

static void note_gc_begin(struct pass *pass, const struct trace_event *event)
{
    pass->is_collecting = true;
    pass->begin_clock = event->clock;
    pass->begin_real_ns = event->gc_begin.real_ns;
    pass->begin_bytes = event->gc_begin.lua_bytes;
    pass->gc->is_recorded_always |= event->gc_begin.reason == GC_REASON_ALWAYS;
}

static void note_gc_end(struct pass *pass, const struct trace_event *event)
{
    struct gc *gc = pass->gc;
    const struct trace_event_gc_end *end = &event->gc_end;
    struct gc_reason_counts *reason = &gc->reasons[end->reason];
    uint64_t real_ns = 0;
    if (pass->is_collecting) {
        real_ns = end->real_ns > pass->begin_real_ns ? end->real_ns - pass->begin_real_ns : 0;
        reason->instructions += event->clock - pass->begin_clock;
        reason->freed_bytes +=
            pass->begin_bytes > end->lua_bytes ? pass->begin_bytes - end->lua_bytes : 0;
    }
    pass->is_collecting = false;
    reason->count++;
    reason->visited += end->visited;
    reason->freed += end->freed;
    reason->real_ns += real_ns;
    reason->real_ns_max = real_ns > reason->real_ns_max ? real_ns : reason->real_ns_max;
    reason->visited_max = end->visited > reason->visited_max ? end->visited : reason->visited_max;
    histogram_add(&gc->visited, end->visited);
    histogram_add(&gc->real_ns, real_ns);
    curve_add(&gc->collection_curve, pass->clock_base + event->clock, 1);
    if (gc_cycle_is_whole(&pass->replay, end))
        pass->visited_last = end->visited;
    if (end->reason == GC_REASON_REQUEST) {
        struct gc_live live = live_now(pass);
        for (unsigned m = 0; m < gc->mode_count; m++)
            gc_mode_request(&gc->modes[m], &live);
    } else if (end->reason != GC_REASON_STEP) {
        pass->pending_collections++;
        pass->pending_visited += end->visited;
    }
}

// Phases are those of cycles that go by steps.
static void note_gc_phase(struct pass *pass, const struct trace_event *event)
{
    struct gc_phase_counts *left = &pass->gc->phases[pass->phase];
    uint32_t bytes = event->gc_phase.lua_bytes;
    left->instructions += event->clock - pass->phase_clock;
    left->freed_bytes += pass->is_collecting && pass->phase_bytes > bytes
                             ? pass->phase_bytes - bytes
                             : 0;
    pass->gc->phases[event->gc_phase.phase].entered++;
    pass->phase = event->gc_phase.phase;
    pass->phase_clock = event->clock;
    pass->phase_bytes = bytes;
}

static double split_of(const struct gc_heap_state *state)
{
    return state->free_bytes > 0
               ? 1 - (double)state->largest_bytes / (double)state->free_bytes
               : 0;
}

static void note_heap(struct pass *pass, const struct trace_event *event)
{
    struct gc *gc = pass->gc;
    const struct trace_event_heap *heap = &event->heap;
    uint64_t size = pass->run->heap_bytes;
    struct gc_heap_state state = {pass->clock_base + event->clock, heap->lua_bytes,
                                  heap->heap_used,
                                  size > heap->heap_used ? size - heap->heap_used : 0,
                                  heap->free_largest, heap->free_blocks};
    gc->heap_last = state;
    if (state.used_bytes > gc->heap_used_most.used_bytes)
        gc->heap_used_most = state;
    if (gc->heap_states++ == 0 || split_of(&state) > split_of(&gc->heap_split_most))
        gc->heap_split_most = state;
    curve_add(&gc->used_curve, state.clock, state.used_bytes);
    curve_add(&gc->largest_curve, state.clock, state.largest_bytes);
}

// ---- steps and runs ----

static void note_height(struct pass *pass)
{
    struct gc *gc = pass->gc;
    const struct heap_replay *replay = &pass->replay;
    uint64_t bytes = replay->lua_bytes, time = pass->clock_base + replay->clock;
    if (bytes > pass->run->peak_bytes) {
        pass->run->peak_bytes = bytes;
        pass->run->peak_clock = replay->clock;
    }
    if (bytes > gc->peak_bytes) {
        gc->peak_bytes = bytes;
        gc->peak_step = replay->step_count;
        gc->peak_clock = replay->clock;
        gc->peak_run = (uint32_t)(pass->run - gc->runs);
        gc->peak_state_bytes = pass->state_bytes;
    }
    curve_add(&gc->heap_curve, time, bytes);
    curve_add(&gc->string_curve, time, replay->string_count);
}

static void note_event(struct pass *pass, const struct heap_step *step)
{
    const struct trace_event *event = &step->event;
    pass->cycles += gc_cycle_ends(&pass->replay, event);
    switch (event->id) {
    case TRACE_ID_gc_begin:
        note_gc_begin(pass, event);
        break;
    case TRACE_ID_gc_phase:
        note_gc_phase(pass, event);
        break;
    case TRACE_ID_gc_end:
        note_gc_end(pass, event);
        break;
    case TRACE_ID_heap:
        note_heap(pass, event);
        break;
    case TRACE_ID_vm_event:
        if (event->vm_event.what == VM_VISIT_STRING || event->vm_event.what == VM_VISIT_PROTO)
            pass->gc->flash_visits[event->vm_event.what == VM_VISIT_PROTO] +=
                event->vm_event.times;
        break;
    case TRACE_ID_boot:
        heap_replay_each_live(&pass->replay, visit_end, pass);
        note_boot(pass, &event->boot);
        break;
    case TRACE_ID_end:
        pass->is_over = true;
        heap_replay_each_live(&pass->replay, visit_end, pass);
        gc_strings_end_run(&pass->gc->strings, &pass->replay);
        pass->run->end_bytes = pass->replay.lua_bytes;
        break;
    default:
        break;
    }
}

static void note_step(struct pass *pass, const struct heap_step *step)
{
    if (pass->is_over)
        return; // what lua_close frees is of no interest
    if (step->died) {
        note_life(pass, step->died);
        if (!step->is_resize) {
            note_death(pass, step->died);
            tell_modes_of_death(pass, step->died);
        }
    }
    gc_strings_note(&pass->gc->strings, &pass->replay, step);
    if (step->born) {
        note_born(pass, step);
        tell_modes_of_birth(pass, step);
    }
    if (step->born || step->died)
        note_height(pass);
    note_event(pass, step);
}

static void end_run(struct pass *pass, const struct trace_loss *loss)
{
    struct gc *gc = pass->gc;
    struct gc_run *run = pass->run;
    if (!pass->is_over) {
        heap_replay_each_live(&pass->replay, visit_end, pass);
        gc_strings_end_run(&gc->strings, &pass->replay);
        run->end_bytes = pass->replay.lua_bytes;
    }
    run->instructions = pass->replay.clock;
    run->collections = pass->replay.gc_count;
    run->visited = pass->replay.gc_visited;
    run->is_complete = !loss->is_unfinished && !loss->events_discarded && !loss->packets_lost &&
                       !loss->blocks_lost && !loss->bytes_cut;
    gc->instructions += run->instructions;
    gc->collections += run->collections;
    gc->visited_total += run->visited;
    gc->loss.events_discarded += loss->events_discarded;
    gc->loss.packets_lost += loss->packets_lost;
    gc->loss.blocks_lost += loss->blocks_lost;
    gc->loss.bytes_cut += loss->bytes_cut;
    gc->loss.runs_unfinished += loss->is_unfinished;
}

static int read_run(struct gc *gc, const char *folder, const char *name, uint64_t *steps,
                    struct problem *problem)
{
    struct trace *trace;
    struct heap_step step;
    int more = trace_open(gc->arena, folder, &trace, problem);
    if (more != STATUS_OK)
        return more;
    struct pass pass = {.gc = gc, .run = &gc->runs[gc->run_count], .clock_base = gc->instructions};
    *pass.run = (struct gc_run){.path = arena_copy_text(gc->arena, text_of(name)),
                                .event_bytes = trace_bytes(trace)};
    gc->run_count++;
    heap_replay_begin(&pass.replay, trace, gc->arena);
    pass.replay.step_count = *steps;
    site_table_begin_run(&gc->sites);
    while ((more = heap_replay_next(&pass.replay, &step, problem)) > 0)
        note_step(&pass, &step);
    end_run(&pass, trace_loss(trace));
    *steps = pass.replay.step_count + 1;
    heap_replay_end(&pass.replay);
    trace_close(trace);
    return more;
}

static void add_mode(struct gc *gc, enum gc_mode mode, uint64_t limit_bytes)
{
    assert(gc->mode_count < GC_SIMS_MAX);
    gc->modes[gc->mode_count++] = (struct gc_mode_sim){.mode = mode, .limit_bytes = limit_bytes};
}

static void choose_modes(struct gc *gc)
{
    static const uint64_t reserves[] = {4096, 8192, 12288};
    add_mode(gc, GC_MODE_OFF, 0);
    add_mode(gc, GC_MODE_ON_FAILURE, 0);
    add_mode(gc, GC_MODE_LIMIT, gc->settings.limit_bytes);
    if (gc->settings.reserve_bytes)
        add_mode(gc, GC_MODE_RESERVE, gc->settings.reserve_bytes);
    else
        for (size_t i = 0; i < sizeof reserves / sizeof *reserves; i++)
            add_mode(gc, GC_MODE_RESERVE, reserves[i]);
    add_mode(gc, GC_MODE_ALWAYS, 0);
}

int gc_analyse(const struct gc_settings *settings, struct arena *arena, struct gc *gc,
               struct problem *problem)
{
    uint64_t steps = 1;
    assert(settings->trace_count > 0);
    *gc = (struct gc){.arena = arena, .settings = *settings, .births_room = BIRTHS_ROOM_START};
    gc->births = ARENA_NEW_ARRAY(arena, struct gc_births, BIRTHS_ROOM_START);
    site_table_init(&gc->sites, arena);
    if (gc->settings.short_lived == 0)
        gc->settings.short_lived = GC_SHORT_LIVED_DEFAULT;
    choose_modes(gc);
    int status = cost_model_load(arena, settings->model, &gc->model, problem);
    if (status == STATUS_OK && settings->trace_count > GC_RUNS_MAX)
        status = problem_set(problem, STATUS_LIMIT, text_of(settings->traces[GC_RUNS_MAX]),
                             PROBLEM_NO_OFF, "more than %u traces", GC_RUNS_MAX);
    for (size_t i = 0; status == STATUS_OK && i < settings->trace_count; i++)
        status = read_run(gc, settings->traces[i],
                          settings->names ? settings->names[i] : settings->traces[i], &steps,
                          problem);
    return status;
}

// ---- figures ----

double gc_visit_clocks(const struct gc *gc)
{
    double loads = (double)gc->flash_visits[0] * gc->model.event_loads[VM_VISIT_STRING] +
                   (double)gc->flash_visits[1] * gc->model.event_loads[VM_VISIT_PROTO];
    double each = gc->visited_total ? loads / (double)gc->visited_total : 0;
    return gc->model.gc_visit_clocks + each * gc->model.emulated_load_clocks;
}

double gc_run_clocks(const struct gc *gc)
{
    return (double)gc->instructions * gc->model.vm_instruction_clocks +
           (double)gc->visited_total * gc_visit_clocks(gc);
}

const struct gc_births *gc_site_births(const struct gc *gc, uint32_t site)
{
    static const struct gc_births none;
    return site < gc->births_room ? &gc->births[site] : &none;
}
