// gc.c: one pass over each run: collections, births and deaths, the heap over time.

#include "analyzer/analysis/gc/gc.h"

#include <assert.h>

#include "analyzer/analysis/gc/gc_mode_feed.h"

#define BIRTHS_ROOM_START 256u

struct gc_pass {
    struct gc *gc;
    struct gc_run *run;
    const struct heap_replay *replay;
    uint64_t clock_base; // of the runs before
    struct gc_mode_feed feed;
    uint64_t state_bytes;         // said by the newest boot
    uint64_t pending_collections; // emergency ones, whose allocation comes next
    uint64_t pending_visited;
    uint64_t begin_clock, begin_real_ns, begin_bytes; // of the collection that runs
    uint64_t phase_clock, phase_bytes;
    uint8_t phase;
    bool is_collecting, is_over;
};

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

static struct gc_births *births_of(struct gc_pass *pass, uint16_t site_id)
{
    return births_at(pass->gc, site_table_index(&pass->gc->sites, pass->replay->dict, site_id));
}

static void add_amount(struct gc_amount *amount, uint64_t step, uint32_t bytes)
{
    if (amount->step != step)
        *amount = (struct gc_amount){.step = step};
    amount->bytes += bytes;
    amount->blocks++;
}

// What a block that lives now, or died in this step, means for the highest point.
static void note_life(struct gc_pass *pass, const struct heap_block *block)
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

static void note_death(struct gc_pass *pass, const struct heap_block *block)
{
    struct gc *gc = pass->gc;
    uint64_t age = pass->replay->cycle_count - block->birth_cycle;
    gc->ages[age_step(age)].count++;
    gc->ages[age_step(age)].bytes += block->bytes;
    if (age >= gc->settings.short_lived)
        return;
    struct gc_births *site = births_of(pass, block->site);
    site->short_count++;
    site->short_bytes += block->bytes;
    gc->kinds[block->kind].short_count++;
    gc->kinds[block->kind].short_bytes += block->bytes;
}

static void visit_end(void *context, const struct heap_block *block)
{
    struct gc_pass *pass = context;
    note_life(pass, block);
    pass->gc->survivors.count++;
    pass->gc->survivors.bytes += block->bytes;
    births_of(pass, block->site)->end_bytes += block->bytes;
    pass->gc->kinds[block->kind].end_bytes += block->bytes;
}

// A block was made, or goes on as another one.
static void note_born(struct gc_pass *pass, const struct heap_step *step)
{
    const struct heap_block *block = step->born;
    struct gc_births *births = births_of(pass, block->site), *kind = &pass->gc->kinds[block->kind];
    births->count += !step->is_resize;
    kind->count += !step->is_resize;
    births->bytes += heap_step_growth(step);
    kind->bytes += heap_step_growth(step);
    births = births_of(pass, heap_step_site(step)); // who made the collector run
    births->collections += pass->pending_collections;
    births->visited += pass->pending_visited;
    pass->pending_collections = pass->pending_visited = 0;
}

static void note_boot(struct gc_pass *pass, const struct trace_event_boot *boot)
{
    pass->state_bytes = boot->lua_bytes;
    pass->run->heap_bytes = boot->heap_bytes;
    gc_heap_boot(&pass->gc->heap, pass->gc->arena, boot);
}

// ---- collections ----

static void note_gc_begin(struct gc_pass *pass, const struct trace_event *event)
{
    pass->is_collecting = true;
    pass->begin_clock = event->clock;
    pass->begin_real_ns = event->gc_begin.real_ns;
    pass->begin_bytes = event->gc_begin.lua_bytes;
}

static void note_gc_end(struct gc_pass *pass, const struct trace_event *event)
{
    struct gc *gc = pass->gc;
    const struct trace_event_gc_end *end = &event->gc_end;
    struct gc_reason_counts *reason = &gc->reasons[end->reason];
    uint64_t real_ns = 0;
    if (pass->is_collecting) {
        real_ns = end->real_ns > pass->begin_real_ns ? end->real_ns - pass->begin_real_ns : 0;
        reason->instructions += event->clock - pass->begin_clock;
        reason->freed_bytes += pass->begin_bytes > end->lua_bytes
                                   ? pass->begin_bytes - end->lua_bytes
                                   : 0;
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
    if (end->reason != GC_REASON_REQUEST && end->reason != GC_REASON_STEP) {
        pass->pending_collections++;
        pass->pending_visited += end->visited;
    }
}

// Phases are those of cycles that go by steps.
static void note_gc_phase(struct gc_pass *pass, const struct trace_event *event)
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

// ---- steps and runs ----

// `step` NULL: the run is over; where nothing was born, the height is what the boot said.
static void note_height(struct gc_pass *pass, const struct heap_step *step)
{
    struct gc *gc = pass->gc;
    const struct heap_replay *replay = pass->replay;
    uint64_t bytes = replay->lua_bytes, time = pass->clock_base + replay->clock;
    if (bytes > pass->run->peak_bytes) {
        pass->run->peak_bytes = bytes;
        pass->run->peak_clock = replay->clock;
    }
    if (step)
        gc_heap_note_step(&gc->heap, step, time, bytes, bytes > gc->peak_bytes);
    if (bytes > gc->peak_bytes) {
        gc->peak_bytes = bytes;
        gc->peak_step = replay->step_count;
        gc->peak_clock = replay->clock;
        gc->peak_run = (uint32_t)(pass->run - gc->runs);
        gc->peak_state_bytes = pass->state_bytes;
    }
    if (!step)
        return;
    curve_add(&gc->heap_curve, time, bytes);
    curve_add(&gc->string_curve, time, replay->string_count);
}

static void note_event(struct gc_pass *pass, const struct heap_step *step)
{
    const struct trace_event *event = step->event;
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
        gc_heap_note_sample(&pass->gc->heap, &event->heap, pass->clock_base + event->clock,
                            pass->run->heap_bytes);
        break;
    case TRACE_ID_vm_event:
        if (event->vm_event.what == VM_VISIT_STRING || event->vm_event.what == VM_VISIT_PROTO)
            pass->gc->flash_visits[event->vm_event.what == VM_VISIT_PROTO] += event->vm_event.times;
        break;
    case TRACE_ID_boot:
        heap_replay_each_live(pass->replay, visit_end, pass);
        note_boot(pass, &event->boot);
        break;
    case TRACE_ID_output: // also of a server that nobody calls
        pass->gc->has_network |= event->output.kind == WORLD_SOCKET ||
                                 event->output.kind == WORLD_CONNECTION ||
                                 event->output.kind == WORLD_DNS;
        break;
    case TRACE_ID_end:
        pass->is_over = true;
        gc_mode_feed_end(&pass->feed);
        heap_replay_each_live(pass->replay, visit_end, pass);
        gc_strings_end_run(&pass->gc->strings, pass->replay);
        pass->run->end_bytes = pass->replay->lua_bytes;
        break;
    default:
        break;
    }
}

static void note_step(void *context, struct heap_step *step)
{
    struct gc *gc = context;
    struct gc_pass *pass = gc->pass;
    uint64_t event = UINT64_C(1) << step->event->id;
    if (pass->is_over)
        return; // what lua_close frees is of no interest
    if (step->died) {
        note_life(pass, step->died);
        if (!step->is_resize) {
            note_death(pass, step->died);
            gc_mode_feed_died(&pass->feed, step->died);
        }
    }
    if (event & GC_STRINGS_EVENTS)
        gc_strings_note(&gc->strings, pass->replay, step);
    if (event & GC_FREEZER_EVENTS || gc->freezer.is_freezing)
        gc_freezer_note(&gc->freezer, step, &gc->heap.layout);
    if (event & GC_SPACES_EVENTS)
        gc_spaces_note(&gc->spaces, pass->replay, step);
    if (step->born) {
        note_born(pass, step);
        gc_mode_feed_born(&pass->feed, step);
    }
    if (step->born || step->died || step->moved || heap_layout_is_firmware(step->event))
        note_height(pass, step);
    gc_mode_feed_event(&pass->feed, step->event);
    note_event(pass, step);
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct gc *gc = context;
    struct gc_pass *pass = gc->pass;
    struct gc_run *run = pass->run;
    note_height(pass, NULL);
    if (!pass->is_over) {
        gc_mode_feed_end(&pass->feed);
        heap_replay_each_live(pass->replay, visit_end, pass);
        gc_strings_end_run(&gc->strings, pass->replay);
        run->end_bytes = pass->replay->lua_bytes;
    }
    gc_spaces_end_run(&gc->spaces, pass->replay);
    run_input_take(&run->input, replay, gc->arena);
    run->instructions = pass->replay->clock;
    run->collections = pass->replay->gc_count;
    run->visited = pass->replay->gc_visited;
    gc->instructions += run->instructions;
    gc->collections += run->collections;
    gc->visited_total += run->visited;
    gc->pass = NULL;
    (void)problem;
    return STATUS_OK;
}

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct gc *gc = context;
    if (gc->run_count == GC_RUNS_MAX)
        return problem_set(problem, STATUS_LIMIT, text_of(replay->directory), PROBLEM_NO_OFF,
                           "more than %u traces", GC_RUNS_MAX);
    struct gc_run *run = &gc->runs[gc->run_count++];
    *run = (struct gc_run){.path = arena_copy_text(gc->arena, text_of(replay->name))};
    gc->pass = ARENA_NEW(replay->arena, struct gc_pass);
    *gc->pass = (struct gc_pass){.gc = gc,
                                 .run = run,
                                 .replay = replay->heap,
                                 .clock_base = gc->instructions,
                                 .feed = gc_mode_feed_begin(gc, replay->heap)};
    site_table_begin_run(&gc->sites);
    return STATUS_OK;
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

int gc_begin(const struct gc_settings *settings, struct arena *arena, struct gc *gc,
             struct replay_observer *observer, struct problem *problem)
{
    *gc = (struct gc){.arena = arena, .settings = *settings, .births_room = BIRTHS_ROOM_START};
    gc->births = ARENA_NEW_ARRAY(arena, struct gc_births, BIRTHS_ROOM_START);
    site_table_init(&gc->sites, arena);
    if (gc->settings.short_lived == 0)
        gc->settings.short_lived = GC_SHORT_LIVED_DEFAULT;
    choose_modes(gc);
    *observer = (struct replay_observer){
        .context = gc,
        .events = REPLAY_BLOCKS | REPLAY_EVENT(boot) | REPLAY_EVENT(gc_begin) |
                  REPLAY_EVENT(gc_phase) | REPLAY_EVENT(gc_end) | REPLAY_EVENT(heap) |
                  REPLAY_EVENT(vm_event) | REPLAY_EVENT(end) | REPLAY_EVENT(output) |
                  GC_STRINGS_EVENTS | GC_FREEZER_EVENTS | GC_SPACES_EVENTS | GC_MODE_FEED_EVENTS,
        .wants_heap = true,
        .begin = begin_run,
        .step = note_step,
        .end = end_run,
    };
    return cost_model_load(arena, settings->model, &gc->model, problem);
}

int gc_analyse(const struct gc_settings *settings, struct arena *arena, struct gc *gc,
               struct problem *problem)
{
    struct replay_observer observer;
    struct replay_settings replay = {.traces = settings->traces,
                                     .names = settings->names,
                                     .trace_count = settings->trace_count,
                                     .exclude = settings->exclude,
                                     .first_step = 1};
    assert(settings->trace_count > 0);
    int status = gc_begin(settings, arena, gc, &observer, problem);
    return status == STATUS_OK ? replay_run(&replay, &observer, 1, problem) : status;
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
