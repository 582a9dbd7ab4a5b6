// gc.c: one pass over each run: collections, births and deaths, the heap over time.

#include "analyzer/analysis/gc/gc.h"

#include <assert.h>
#include <string.h>

#include "analyzer/analysis/heap/gc_cycle.h"

// Ledger after lua_newstate (allocation policy of NodeMCU 3.0).
#define STARTUP_BYTES_FLOAT 2076u
#define STARTUP_BYTES_INTEGER 1784u
#define BIRTHS_ROOM_START 256u
#define BIRTHS_OF_MAIN 2u // the blocks that a boot makes first are the main thread's
#define THREAD_BYTES 112u // itself

struct gc_pass {
    struct gc *gc;
    struct gc_run *run;
    const struct heap_replay *replay;
    uint64_t clock_base; // of the runs before
    struct gc_live live;
    uint64_t state_bytes;         // said by the newest boot
    uint64_t visited_last;        // by the newest full collection, 0 if there was none
    uint64_t pending_collections; // emergency ones, whose allocation comes next
    uint64_t pending_visited;
    uint64_t begin_clock, begin_real_ns, begin_bytes; // of the collection that runs
    uint64_t phase_clock, phase_bytes;
    uint8_t phase;
    bool is_collecting, is_over;
    bool tells_places;   // of marking, and when a step may come
    uint32_t checks;     // before the next collection
    uint32_t checks_due; // that the modes have not been told of yet
    bool is_step;        // of a run in mode ALWAYS: it does not say how much there is to mark
    uint64_t place;      // of what is freed now
    bool is_started;     // the state has been made
    uint64_t *finalized; // addresses of userdata whose finalizers were due, and that still live
    uint32_t finalized_count, finalized_room;
    bool is_blocked;      // the newest allocation came without the collection of its mode
    uint64_t *died_steps; // by text: when its string died, 0: not
    uint32_t died_room;
};

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

static void count_live(struct gc_live *live, const struct heap_block *block, int64_t sign)
{
    live->lua_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    live->heap_bytes += (uint64_t)(sign * (int64_t)heap_layout_block_bytes(block->bytes));
    if (is_marked(block->kind))
        live->marked_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    if (block->kind == KIND_STACK || block->kind == KIND_CALLS)
        live->stack_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    if (block->kind == KIND_STACK || block->kind == KIND_CALLS)
        live->main_bytes += block->birth <= live->main_birth
                                ? (uint64_t)(sign * (int64_t)block->bytes)
                                : 0;
    if (block->kind == KIND_BUFFER)
        live->buffer_bytes += (uint64_t)(sign * (int64_t)block->bytes);
    if (is_object(block->kind)) {
        live->objects += (uint64_t)sign;
        live->strings += block->kind == KIND_STRING ? (uint64_t)sign : 0;
        live->swept_objects += block->kind == KIND_STRING ? 0 : (uint64_t)sign;
    }
    if (block->kind == KIND_STRING_TABLE)
        live->string_slots += (uint64_t)(sign * (int64_t)(block->bytes / 4));
}

// What lives, with the number of objects that the newest collection has really visited.
static struct gc_live live_now(const struct gc_pass *pass)
{
    struct gc_live live = pass->live;
    if (pass->visited_last)
        live.objects = pass->visited_last;
    live.step = pass->replay->step_count;
    live.is_blocked = pass->is_blocked;
    live.tells_checks = pass->tells_places;
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
    if (block->kind != KIND_STACK)                  // which grows without one
        pass->is_blocked = pass->gc->is_recorded_always && pass->pending_collections == 0 &&
                           !pass->is_collecting;
    births->collections += pass->pending_collections;
    births->visited += pass->pending_visited;
    pass->pending_collections = pass->pending_visited = 0;
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
static bool has_text(const struct gc_pass *pass, const struct heap_block *block)
{
    return block->kind == KIND_STRING && trace_dict_text(pass->replay->dict, block->text) != NULL;
}

// When the string of that text died, 0: it has not.
static uint64_t *died_step(struct gc_pass *pass, uint32_t text)
{
    if (text >= pass->died_room) {
        uint32_t room = pass->died_room * 2 > text ? pass->died_room * 2 : text + 1;
        pass->died_steps = arena_grow_array(pass->replay->arena, pass->died_steps, pass->died_room,
                                            room, sizeof *pass->died_steps);
        pass->died_room = room;
    }
    return &pass->died_steps[text];
}

// A block that was made, as the modes see it.
struct birth {
    const struct heap_block *block;
    struct gc_live before, after;
    struct growth growth;
    bool is_resize, is_text;
    uint64_t died_step; // of the string of its text before, if is_text
};

static void tell_mode_of_birth(struct gc_mode_sim *sim, const struct birth *birth)
{
    struct growth rest = birth->growth;
    struct gc_live here;
    const struct gc_live *before = &birth->before;
    if (birth->is_text &&
        gc_mode_finds(sim, birth->died_step, birth->growth.bytes, birth->growth.heap_bytes))
        return;
    if (birth->block->kind == KIND_STRING)
        gc_mode_note_string(sim, &birth->before);
    else if (is_object(birth->block->kind) && !birth->is_resize)
        gc_mode_note_object(sim, birth->block->kind);
    if (birth->block->kind == KIND_STRING_TABLE && sim->mode != GC_MODE_ALWAYS)
        return; // it has its own in each mode
    if (birth->is_resize && sim->has_slack) {
        gc_mode_take_slack(sim, birth->block->kind, &rest.bytes, &rest.heap_bytes);
        if (birth->growth.bytes > 0 && rest.bytes == 0)
            return; // the vector is still long enough
        here = *before;
        here.lua_bytes += birth->growth.bytes - rest.bytes;
        here.heap_bytes += birth->growth.heap_bytes - rest.heap_bytes;
        before = &here;
    }
    gc_mode_before_alloc(sim, before, rest.bytes, rest.heap_bytes);
    gc_mode_after_alloc(sim, &birth->after);
}

static void tell_modes_of_checks(struct gc_pass *pass, uint32_t times)
{
    if (times == 0 || pass->is_step)
        return;
    struct gc_live live = live_now(pass);
    live.is_blocked = false;
    for (unsigned m = 0; m < pass->gc->mode_count; m++)
        gc_mode_checks(&pass->gc->modes[m], &live, times);
    pass->checks_due -= times;
}

// A stack grows without a collection.
static void take_checks(struct gc_pass *pass)
{
    pass->checks_due += pass->checks;
    pass->checks = TRACE_GC_CHECKS_USUAL;
    pass->is_step = false;
    tell_modes_of_checks(pass, pass->checks_due);
}

// What is made without a site at the start is the state itself.
static void note_start(struct gc_pass *pass, const struct heap_block *block)
{
    if (pass->is_started || block->site == 0)
        return;
    pass->is_started = true;
    for (unsigned m = 0; m < pass->gc->mode_count; m++)
        gc_mode_start(&pass->gc->modes[m], pass->live.lua_bytes);
}

static void tell_modes_of_birth(struct gc_pass *pass, const struct heap_step *step)
{
    struct gc *gc = pass->gc;
    if (pass->tells_places)
        note_start(pass, step->born);
    if (step->born->kind == KIND_STACK && step->is_resize && pass->tells_places &&
        gc->is_recorded_always && !pass->is_blocked)
        take_checks(pass);
    struct birth birth = {
        .block = step->born,
        .before = live_now(pass),
        .growth = growth_of(step->is_resize ? step->died->bytes : 0, step->born->bytes),
        .is_resize = step->is_resize,
    };
    if (has_text(pass, step->born)) {
        uint64_t *died = died_step(pass, step->born->text);
        birth.is_text = !step->is_resize;
        birth.died_step = *died;
        *died = 0;
    }
    birth.before.block_bytes = heap_layout_block_bytes(step->born->bytes);
    if (step->is_resize)
        count_live(&pass->live, step->died, -1);
    count_live(&pass->live, step->born, 1);
    birth.after = live_now(pass);
    for (unsigned m = 0; m < gc->mode_count; m++)
        tell_mode_of_birth(&gc->modes[m], &birth);
    if (step->born->bytes > gc->request_max)
        gc->request_max = step->born->bytes;
    if (pass->live.heap_bytes > gc->live_heap_max)
        gc->live_heap_max = pass->live.heap_bytes;
}

// A collection of the recorded run has made a stack or a buffer shorter.
static void tell_modes_of_shrinking(struct gc_pass *pass, const struct heap_step *step)
{
    struct gc *gc = pass->gc;
    struct growth less = growth_of(step->born->bytes, step->died->bytes);
    count_live(&pass->live, step->died, -1);
    count_live(&pass->live, step->born, 1);
    if (step->born->kind == KIND_STRING_TABLE)
        return;
    for (unsigned m = 0; m < gc->mode_count; m++)
        gc_mode_note_shrunk(&gc->modes[m], step->born->kind, less.bytes, less.heap_bytes);
}

// Was it said that the userdata waits for its finalizer? It is gone now.
static bool take_finalized(struct gc_pass *pass, uint64_t addr)
{
    for (uint32_t i = 0; i < pass->finalized_count; i++)
        if (pass->finalized[i] == addr) {
            pass->finalized[i] = pass->finalized[--pass->finalized_count];
            return true;
        }
    return false;
}

static void note_finalizer(struct gc_pass *pass, uint32_t addr)
{
    if (pass->finalized_count == pass->finalized_room) {
        uint32_t room = pass->finalized_room ? 2 * pass->finalized_room : 16;
        pass->finalized = arena_grow_array(pass->replay->arena, pass->finalized,
                                           pass->finalized_room, room, sizeof *pass->finalized);
        pass->finalized_room = room;
    }
    pass->finalized[pass->finalized_count++] = addr;
}

static void tell_modes_of_death(struct gc_pass *pass, const struct heap_block *block)
{
    struct gc *gc = pass->gc;
    count_live(&pass->live, block, -1);
    if (!pass->is_collecting)
        return; // the program gave it back itself
    if (has_text(pass, block))
        *died_step(pass, block->text) = pass->replay->step_count;
    struct gc_live live = live_now(pass);
    struct gc_garbage dead = {
        .place = pass->place,
        .had_finalizer = block->kind == KIND_USERDATA && take_finalized(pass, block->addr),
        .bytes = block->bytes,
        .heap_bytes = heap_layout_block_bytes(block->bytes),
        .string_bytes = block->kind == KIND_STRING ? block->bytes : 0,
        .marked_bytes = is_marked(block->kind) ? block->bytes : 0,
        .objects = is_object(block->kind),
        .is_upvalue = block->kind == KIND_UPVALUE,
        .swept_objects = is_object(block->kind) && block->kind != KIND_STRING,
    };
    for (unsigned m = 0; m < gc->mode_count; m++)
        gc_mode_note_dead(&gc->modes[m], &live, &dead, block->birth);
}

// The run, or a boot of it, is over.
static void end_modes(struct gc_pass *pass)
{
    struct gc_live live = live_now(pass);
    for (unsigned m = 0; m < pass->gc->mode_count; m++)
        gc_mode_end(&pass->gc->modes[m], &live);
}

static void note_boot(struct gc_pass *pass, const struct trace_event_boot *boot)
{
    struct gc *gc = pass->gc;
    end_modes(pass);
    uint32_t startup = boot->flags & TRACE_BOOT_INTEGER ? STARTUP_BYTES_INTEGER
                                                        : STARTUP_BYTES_FLOAT;
    pass->live = (struct gc_live){.lua_bytes = boot->lua_bytes,
                                  .heap_bytes = heap_layout_block_bytes(boot->lua_bytes),
                                  .objects = 1};
    pass->live.swept_objects = 1; // the main thread
    pass->live.main_bytes = THREAD_BYTES;
    pass->live.main_birth = pass->replay->step_count + BIRTHS_OF_MAIN;
    pass->visited_last = 0;
    pass->tells_places = boot->flags & TRACE_BOOT_PLACES;
    gc->lacks_places |= !pass->tells_places;
    pass->checks = TRACE_GC_CHECKS_USUAL;
    pass->is_started = false;
    pass->finalized_count = pass->checks_due = 0;
    if (pass->died_room)
        memset(pass->died_steps, 0, pass->died_room * sizeof *pass->died_steps);
    pass->state_bytes = boot->lua_bytes;
    pass->run->heap_bytes = boot->heap_bytes;
    gc_heap_boot(&gc->heap, gc->arena, boot);
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

static void note_gc_begin(struct gc_pass *pass, const struct trace_event *event)
{
    pass->is_collecting = true;
    pass->begin_clock = event->clock;
    pass->begin_real_ns = event->gc_begin.real_ns;
    pass->begin_bytes = event->gc_begin.lua_bytes;
    pass->is_blocked |= !pass->gc->is_recorded_always; // nothing was collected so far
    pass->gc->is_recorded_always |= event->gc_begin.reason == GC_REASON_ALWAYS;
    pass->place = GC_PLACE_STACK;
    if (pass->tells_places)
        pass->checks_due += pass->checks;
    pass->checks = TRACE_GC_CHECKS_USUAL;
    pass->is_step = event->gc_begin.reason == GC_REASON_STEP && pass->gc->is_recorded_always;
    // The first check follows what was made last: what dies then still lives. The others come when
    // it is known what has died; so do all after a chunk was compiled, which leaves much.
    if (!pass->is_blocked && pass->checks_due > 0)
        tell_modes_of_checks(pass, 1);
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
    if (gc_cycle_is_whole(pass->replay, end))
        pass->visited_last = end->visited;
    tell_modes_of_checks(pass, pass->checks_due);
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

// The work of marking at a place.
static uint64_t work_at(uint32_t place)
{
    return place ? (uint64_t)(place - 1) * TRACE_PLACE_WORK : 0;
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
    case TRACE_ID_gc_checks:
        pass->checks = event->gc_checks.times;
        break;
    case TRACE_ID_gc_place:
        pass->place = event->gc_place.at ? work_at(event->gc_place.at) : GC_PLACE_STACK;
        break;
    case TRACE_ID_gc_marked:
        pass->live.stack_work = work_at(event->gc_marked.stack);
        pass->live.mark_work = work_at(event->gc_marked.end);
        break;
    case TRACE_ID_gc_finalizer:
        note_finalizer(pass, event->gc_finalizer.addr);
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
        end_modes(pass);
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
            tell_modes_of_death(pass, step->died);
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
        if (pass->is_collecting && step->is_resize && step->born->bytes <= step->died->bytes)
            tell_modes_of_shrinking(pass, step);
        else
            tell_modes_of_birth(pass, step);
    }
    if (step->born || step->died || step->moved)
        note_height(pass, step);
    note_event(pass, step);
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct gc *gc = context;
    struct gc_pass *pass = gc->pass;
    struct gc_run *run = pass->run;
    note_height(pass, NULL);
    if (!pass->is_over) {
        end_modes(pass);
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
    *gc->pass = (struct gc_pass){
        .gc = gc, .run = run, .replay = replay->heap, .clock_base = gc->instructions};
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
                  REPLAY_EVENT(gc_phase) | REPLAY_EVENT(gc_checks) | REPLAY_EVENT(gc_place) |
                  REPLAY_EVENT(gc_marked) | REPLAY_EVENT(gc_finalizer) | REPLAY_EVENT(gc_end) |
                  REPLAY_EVENT(heap) | REPLAY_EVENT(vm_event) | REPLAY_EVENT(end) |
                  REPLAY_EVENT(output) | GC_STRINGS_EVENTS | GC_FREEZER_EVENTS | GC_SPACES_EVENTS,
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
