// heap_profile.c: births and deaths become texts, sites and the heap at its highest point.

#include "analyzer/analysis/heap/heap_profile.h"

#include <assert.h>

struct heap_pass {
    struct heap_profile *profile;
    struct heap_run *run;
    uint32_t run_number; // from 1
    const struct heap_replay *replay;
    bool has_sources;       // its newest boot tells them
    uint64_t runtime_bytes; // of strings that live now and were not made of the program alone
    uint64_t state_bytes;   // said by the newest boot
    bool is_over;           // the `end` event has come
};

void heap_profile_init(struct heap_profile *profile, struct arena *arena)
{
    *profile = (struct heap_profile){.arena = arena, .next_step = 1, .site_room = 64};
    heap_texts_init(&profile->texts, arena);
    profile->sites = ARENA_NEW_ARRAY(arena, struct heap_site, profile->site_room);
    site_table_init(&profile->names, arena);
}

void heap_profile_deinit(struct heap_profile *profile)
{
    heap_texts_deinit(&profile->texts);
}

// ---- sites ----

// Index of the site, whose figures have a place.
static uint32_t site_idx(struct heap_pass *pass, uint16_t id)
{
    struct heap_profile *profile = pass->profile;
    uint32_t idx = site_table_index(&profile->names, pass->replay->dict, id);
    if (idx >= profile->site_room) {
        uint32_t room = profile->site_room * 2 > idx ? profile->site_room * 2 : idx + 1;
        profile->sites = arena_grow_array(profile->arena, profile->sites, profile->site_room, room,
                                          sizeof *profile->sites);
        profile->site_room = room;
    }
    return idx;
}

static struct heap_site *site_of(struct heap_pass *pass, uint16_t id)
{
    uint32_t idx = site_idx(pass, id); // may move the sites
    return &pass->profile->sites[idx];
}

// ---- blocks ----

static void add_amount(struct heap_amount *amount, uint64_t step, uint32_t bytes)
{
    if (amount->step != step)
        *amount = (struct heap_amount){.step = step};
    amount->bytes += bytes;
    amount->blocks++;
}

// What a block that lives now, or died in this step, means for the highest points.
static void note_life(struct heap_pass *pass, const struct heap_block *block)
{
    struct heap_profile *profile = pass->profile;
    uint64_t peak = profile->moments[HEAP_MOMENT_PEAK];
    if (block->birth <= peak) {
        add_amount(&profile->kinds[block->kind], peak, block->bytes);
        add_amount(&site_of(pass, block->site)->peak, peak, block->bytes);
    }
    if (block->kind != KIND_STRING || block->user[HEAP_USER_PROFILE] == HEAP_NO_TEXT)
        return;
    struct heap_text *text = &profile->texts.items[block->user[HEAP_USER_PROFILE]];
    for (int m = 0; m < HEAP_MOMENT_COUNT; m++)
        if (block->birth <= profile->moments[m])
            text->live_at[m] = profile->moments[m];
}

static bool is_of_runtime(const struct heap_pass *pass, const struct heap_block *block)
{
    return pass->has_sources ? !trace_origin_is_program(block->origin)
                             : (block->origin & TRACE_ORIGIN_INPUT) != 0;
}

static void note_death(struct heap_pass *pass, const struct heap_block *block)
{
    note_life(pass, block);
    if (block->kind != KIND_STRING)
        return;
    if (is_of_runtime(pass, block))
        pass->runtime_bytes -= block->bytes;
    if (block->user[HEAP_USER_PROFILE] == HEAP_NO_TEXT)
        return;
    struct heap_text *text = &pass->profile->texts.items[block->user[HEAP_USER_PROFILE]];
    assert(text->live_count > 0);
    text->live_count--;
    text->byte_time += block->bytes * (pass->replay->clock - block->birth_clock);
    text->collections += pass->replay->gc_count - block->birth_gc;
}

static void visit_death(void *context, const struct heap_block *block)
{
    note_death(context, block);
}

static void note_retained(const struct heap_pass *pass, struct heap_text *text)
{
    text->runs_retained++;
    text->is_retained_first |= pass->run_number == 1;
}

static void visit_retained(void *context, const struct heap_block *block)
{
    struct heap_pass *pass = context;
    if (block->kind == KIND_STRING && block->user[HEAP_USER_PROFILE] != HEAP_NO_TEXT)
        note_retained(pass, &pass->profile->texts.items[block->user[HEAP_USER_PROFILE]]);
}

// Index of the text of this step, HEAP_NO_TEXT if it has none.
static uint32_t text_of_step(struct heap_pass *pass, const struct heap_step *step)
{
    struct heap_texts *texts = &pass->profile->texts;
    struct trace_dict_text *text = step->text;
    if (!text)
        return HEAP_NO_TEXT;
    uint32_t *known = &text->words[TRACE_DICT_PROFILE]; // void if it was dropped since
    if (heap_texts_is(texts, *known, text->hash, text->bytes))
        return *known;
    if (pass->profile->is_frozen)
        *known = heap_texts_find(texts, text->hash, text->bytes);
    else
        *known = heap_texts_get(texts, text->hash, text->bytes, text->text, pass->profile->moments);
    if (*known != HEAP_NO_TEXT)
        texts->items[*known].is_excluded = text->is_excluded;
    return *known;
}

static void note_string(struct heap_pass *pass, const struct heap_step *step)
{
    struct heap_block *block = step->born;
    if (is_of_runtime(pass, block))
        pass->runtime_bytes += block->bytes;
    block->user[HEAP_USER_PROFILE] = text_of_step(pass, step);
    if (block->user[HEAP_USER_PROFILE] == HEAP_NO_TEXT) {
        pass->profile->births_unknown++;
        return;
    }
    struct heap_text *text = &pass->profile->texts.items[block->user[HEAP_USER_PROFILE]];
    text->births++;
    text->live_count++;
    text_sources_add(&text->sources, pass->run_number, block->origin, true);
    if (text->last_run_ram != pass->run_number) {
        text->last_run_ram = pass->run_number;
        text->runs_ram++;
    }
    heap_text_count_site(text, site_idx(pass, block->site));
}

static void note_found(struct heap_pass *pass, const struct heap_step *step)
{
    uint32_t idx = text_of_step(pass, step);
    if (idx == HEAP_NO_TEXT)
        return;
    struct heap_text *text = &pass->profile->texts.items[idx];
    text_sources_add(&text->sources, pass->run_number, step->event->string_found.origin, false);
    if (step->event->string_found.place == PLACE_RAM) {
        text->found_ram++;
        return;
    }
    text->found_flash++;
    if (text->last_run_flash != pass->run_number) {
        text->last_run_flash = pass->run_number;
        text->runs_flash++;
    }
}

// ---- highest points ----

static void note_heights(struct heap_pass *pass)
{
    struct heap_profile *profile = pass->profile;
    const struct heap_replay *replay = pass->replay;
    uint64_t bytes = replay->lua_bytes;
    if (bytes > pass->run->ledger_max) {
        pass->run->ledger_max = bytes;
        pass->run->ledger_max_clock = replay->clock;
    }
    if (bytes > profile->moment_bytes[HEAP_MOMENT_PEAK]) {
        profile->moment_bytes[HEAP_MOMENT_PEAK] = bytes;
        profile->moments[HEAP_MOMENT_PEAK] = replay->step_count;
        profile->peak_run = pass->run_number - 1;
        profile->peak_state_bytes = pass->state_bytes;
        profile->peak_clock = replay->clock;
        profile->peak_string_bytes = replay->strings_bytes;
        profile->moment_table_bytes[HEAP_MOMENT_PEAK] = replay->table_bytes;
        profile->peak_string_count = replay->string_count;
    }
    uint64_t rest = bytes - (replay->strings_bytes - pass->runtime_bytes);
    if (rest > profile->moment_bytes[HEAP_MOMENT_REST]) {
        profile->moment_bytes[HEAP_MOMENT_REST] = rest;
        profile->moments[HEAP_MOMENT_REST] = replay->step_count;
        profile->moment_table_bytes[HEAP_MOMENT_REST] = replay->table_bytes;
    }
}

static void note_end(struct heap_pass *pass, const struct trace_event_end *end)
{
    pass->is_over = true;
    pass->run->exit_status = end->status;
    pass->run->ledger_max_said = end->lua_bytes_max;
    pass->run->ledger_end = pass->replay->lua_bytes;
    if (pass->run->start_clock == 0) { // there was no other turn
        pass->run->start_clock = pass->replay->clock;
        pass->run->ledger_start = pass->run->ledger_end;
    }
    pass->run->string_count_end = pass->replay->string_count;
    heap_replay_each_live(pass->replay, visit_retained, pass);
}

static void note_image(struct heap_pass *pass, const struct trace_event_image_mounted *mounted)
{
    struct heap_run *run = pass->run;
    for (uint32_t i = 0; i < run->image_count; i++)
        if (text_is_equal(run->images[i].file, mounted->file))
            return;
    if (run->image_count == HEAP_IMAGES_MAX)
        return;
    struct arena *arena = pass->profile->arena;
    const char *path = trace_image_path(pass->replay->trace, mounted->file);
    run->images[run->image_count++] = (struct heap_image){
        arena_copy_text(arena, mounted->file), path ? arena_copy_string(arena, path) : NULL,
        mounted->addr, mounted->bytes, mounted->crc};
}

static void visit_listed(void *context, const struct heap_block *block)
{
    struct heap_pass *pass = context;
    if (block->kind == KIND_STRING && block->user[HEAP_USER_PROFILE] != HEAP_NO_TEXT)
        pass->profile->texts.items[block->user[HEAP_USER_PROFILE]].snapshots++;
}

static void note_snapshot(struct heap_pass *pass, const struct trace_event_snapshot *snapshot)
{
    if (snapshot->place != PLACE_RAM)
        return;
    pass->run->snapshots++;
    pass->run->snapshots_incomplete += snapshot->missing > 0;
    pass->profile->snapshots++;
    heap_replay_each_live(pass->replay, visit_listed, pass);
}

// The main program has run when the event loop gives its first turn.
static void note_turn(struct heap_pass *pass, const struct trace_event_turn *turn, uint64_t clock)
{
    if (turn->kind == WORLD_START || pass->run->start_clock != 0)
        return;
    pass->run->start_clock = clock;
    pass->run->ledger_start = pass->replay->lua_bytes;
}

static void note_step(void *context, struct heap_step *step)
{
    struct heap_pass *pass = ((struct heap_profile *)context)->pass;
    struct heap_run *run = pass->run;
    if (step->died)
        note_death(pass, step->died);
    if (step->born) {
        struct heap_site *site = site_of(pass, step->born->site);
        site->births += !step->is_resize;
        site->birth_bytes += heap_step_growth(step);
        if (step->born->kind == KIND_STRING_TABLE && !step->is_resize &&
            pass->replay->table_bytes > step->born->bytes)
            run->table_copies++;
        if (step->born->kind == KIND_STRING)
            note_string(pass, step);
        note_heights(pass);
    }
    switch (step->event->id) {
    case TRACE_ID_string_found:
        note_found(pass, step);
        break;
    case TRACE_ID_text_secret: {
        uint32_t idx = text_of_step(pass, step);
        if (idx != HEAP_NO_TEXT)
            pass->profile->texts.items[idx].sources.is_secret = true;
        break;
    }
    case TRACE_ID_content_read: {
        uint32_t idx = text_of_step(pass, step);
        if (idx != HEAP_NO_TEXT && step->event->content_read.function < CONTENT_COUNT)
            heap_texts_count_read(&pass->profile->texts, idx, step->event->content_read.function,
                                  (uint64_t)step->event->content_read.bytes *
                                      step->event->content_read.times);
        break;
    }
    case TRACE_ID_vm_event:
        if (step->event->vm_event.what < VM_EVENT_COUNT)
            run->event_times[step->event->vm_event.what] += step->event->vm_event.times;
        break;
    case TRACE_ID_string_table:
        if (step->event->string_table.slots > run->table_slots_max)
            run->table_slots_max = step->event->string_table.slots;
        break;
    case TRACE_ID_boot:
        heap_replay_each_live(pass->replay, visit_death, pass);
        run->is_integer = step->event->boot.flags & TRACE_BOOT_INTEGER;
        run->is_stock = pass->profile->is_stock = step->event->boot.flags & TRACE_BOOT_STOCK;
        run->heap_bytes = step->event->boot.heap_bytes;
        pass->has_sources = step->event->boot.flags & TRACE_BOOT_SOURCES;
        pass->profile->lacks_sources |= !pass->has_sources;
        pass->runtime_bytes = 0;
        pass->state_bytes = step->event->boot.lua_bytes;
        break;
    case TRACE_ID_image_mounted:
        note_image(pass, &step->event->image_mounted);
        break;
    case TRACE_ID_snapshot:
        note_snapshot(pass, &step->event->snapshot);
        break;
    case TRACE_ID_turn:
        note_turn(pass, &step->event->turn, step->event->clock);
        break;
    case TRACE_ID_end:
        note_end(pass, &step->event->end);
        break;
    default:
        break;
    }
}

// ---- runs ----

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct heap_profile *profile = context;
    if (profile->run_count == HEAP_RUNS_MAX)
        return problem_set(problem, STATUS_LIMIT, text_of(replay->directory), PROBLEM_NO_OFF,
                           "more than %u traces", HEAP_RUNS_MAX);
    struct heap_run *run = &profile->runs[profile->run_count];
    *run = (struct heap_run){
        .path = arena_copy_text(profile->arena, text_of(replay->directory)),
        .name = arena_copy_text(profile->arena, text_of(replay->name)),
        .command = arena_copy_text(profile->arena, text_of(trace_run(replay->trace)->command)),
    };
    profile->pass = ARENA_NEW(replay->arena, struct heap_pass);
    *profile->pass = (struct heap_pass){
        .profile = profile,
        .run = run,
        .run_number = profile->run_count + 1,
        .replay = replay->heap,
    };
    site_table_begin_run(&profile->names);
    return STATUS_OK;
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct heap_profile *profile = context;
    struct heap_pass *pass = profile->pass;
    struct heap_run *run = pass->run;
    const struct heap_replay *heap = replay->heap;
    note_heights(pass); // where nothing was born, it is what the boot said
    if (!pass->is_over) {
        run->exit_status = -1;
        run->ledger_end = heap->lua_bytes;
        run->string_count_end = heap->string_count;
        heap_replay_each_live(heap, visit_retained, pass);
    }
    heap_replay_each_live(heap, visit_death, pass);
    run_input_take(&run->input, replay, profile->arena);
    run->steps = trace_event_count(replay->trace);
    run->clocks = heap->clock;
    run->gc_count = heap->gc_count;
    run->gc_visited = heap->gc_visited;
    run->boots = heap->boot_count;
    profile->next_step = heap->step_count + 1;
    profile->run_count++;
    profile->pass = NULL;
    (void)problem;
    return STATUS_OK;
}

struct replay_observer heap_profile_observer(struct heap_profile *profile)
{
    return (struct replay_observer){
        .context = profile,
        .events = REPLAY_BLOCKS | REPLAY_EVENT(string_found) | REPLAY_EVENT(content_read) |
                  REPLAY_EVENT(vm_event) | REPLAY_EVENT(string_table) | REPLAY_EVENT(boot) |
                  REPLAY_EVENT(text_secret) | REPLAY_EVENT(image_mounted) | REPLAY_EVENT(snapshot) |
                  REPLAY_EVENT(end),
        .wants_heap = true,
        .begin = begin_run,
        .step = note_step,
        .end = end_run,
    };
}

int heap_profile_add(struct heap_profile *profile, const char *directory, const char *name,
                     const struct exclude *exclude, struct problem *problem)
{
    struct replay_observer observer = heap_profile_observer(profile);
    struct replay_settings settings = {.traces = &directory,
                                       .names = name ? &name : NULL,
                                       .trace_count = 1,
                                       .first_step = profile->next_step,
                                       .exclude = exclude};
    return replay_run(&settings, &observer, 1, problem);
}

static void reset_counts(struct heap_text *text)
{
    struct heap_text kept = *text;
    *text = (struct heap_text){.hash = kept.hash,
                               .bytes = kept.bytes,
                               .content = kept.content,
                               .characters = kept.characters,
                               .is_excluded = kept.is_excluded,
                               .is_dropped = kept.is_dropped};
    if (text->characters)
        memset(text->characters, 0, CONTENT_COUNT * sizeof *text->characters);
}

void heap_profile_begin_recount(struct heap_profile *profile)
{
    struct heap_profile old = *profile;
    *profile = (struct heap_profile){.arena = old.arena,
                                     .next_step = 1,
                                     .texts = old.texts,
                                     .sites = old.sites,
                                     .site_room = old.site_room,
                                     .names = old.names,
                                     .is_frozen = true};
    memset(profile->sites, 0, old.site_room * sizeof *profile->sites);
    for (uint32_t i = 0; i < profile->texts.count; i++)
        reset_counts(&profile->texts.items[i]);
}

void heap_profile_add_inputs(const struct heap_profile *profile, struct report *report)
{
    for (uint32_t i = 0; i < profile->run_count; i++) {
        const struct heap_run *run = &profile->runs[i];
        const struct trace_loss *loss = &run->input.loss;
        run_input_report(&run->input, report);
        if (run->ledger_max_said && run->ledger_max_said != run->ledger_max && !loss->blocks_lost &&
            !loss->events_discarded && !loss->packets_lost)
            report_add_note(report, REPORT_WARNING,
                            "%.*s: its events add up to a highest point of %llu bytes, the runtime "
                            "says %llu",
                            TEXT_ARGS(run->name), (unsigned long long)run->ledger_max,
                            (unsigned long long)run->ledger_max_said);
    }
}

double heap_run_clocks(const struct heap_run *run, const struct cost_model *model)
{
    return (double)run->clocks * model->vm_instruction_clocks +
           (double)run->gc_visited * model->gc_visit_clocks;
}
