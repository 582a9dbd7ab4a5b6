// heap_profile.c: births and deaths become texts, sites and the heap at its highest point.

#include "analyzer/analysis/heap_profile.h"

#include <assert.h>

#define SITE_SLOTS 16384u
#define SITE_IDS 65536u // ids of the trace have 16 bits
#define SITES_MAX 1000000u

struct pass {
    struct heap_profile *profile;
    struct heap_run *run;
    uint32_t run_number; // from 1
    struct heap_replay replay;
    uint32_t *site_ids;  // site index + 1 by the trace's id, 0: not looked up yet
    uint64_t input_bytes; // of strings from input that live now
    uint64_t state_bytes; // said by the newest boot
    bool is_over;         // the `end` event has come
};

void heap_profile_init(struct heap_profile *profile, struct arena *arena)
{
    *profile = (struct heap_profile){.arena = arena, .next_step = 1, .site_room = 64};
    heap_texts_init(&profile->texts, arena);
    profile->sites = ARENA_NEW_ARRAY(arena, struct heap_site, profile->site_room);
    profile->site_slots = ARENA_NEW_ARRAY(arena, uint32_t, SITE_SLOTS);
}

void heap_profile_deinit(struct heap_profile *profile)
{
    heap_texts_deinit(&profile->texts);
}

// ---- sites ----

static uint32_t site_hash(struct text source, uint32_t line, struct text function)
{
    uint64_t hash = trace_text_hash(source.data, source.bytes);
    hash = trace_hash_more(hash, &line, sizeof line);
    return (uint32_t)trace_hash_more(hash, function.data, function.bytes) % SITE_SLOTS;
}

static uint32_t find_site(struct heap_profile *profile, const struct trace_dict_site *named)
{
    static const struct trace_dict_site nowhere;
    if (!named)
        named = &nowhere;
    uint32_t slot = site_hash(named->source, named->line, named->function);
    for (uint32_t i = profile->site_slots[slot]; i; i = profile->sites[i - 1].next) {
        const struct heap_site *site = &profile->sites[i - 1];
        if (site->line == named->line && text_is_equal(site->source, named->source) &&
            text_is_equal(site->function, named->function))
            return i - 1;
    }
    if (profile->site_count == SITES_MAX)
        return 0;
    if (profile->site_count == profile->site_room) {
        profile->sites = arena_grow_array(profile->arena, profile->sites, profile->site_count,
                                          profile->site_room * 2, sizeof *profile->sites);
        profile->site_room *= 2;
    }
    struct heap_site *site = &profile->sites[profile->site_count];
    site->source = arena_copy_text(profile->arena, named->source);
    site->line = named->line;
    site->function = arena_copy_text(profile->arena, named->function);
    site->next = profile->site_slots[slot];
    profile->site_slots[slot] = ++profile->site_count;
    return profile->site_count - 1;
}

static struct heap_site *site_of(struct pass *pass, uint16_t id)
{
    if (!pass->site_ids[id])
        pass->site_ids[id] =
            find_site(pass->profile, trace_dict_site(pass->replay.dict, id)) + 1;
    return &pass->profile->sites[pass->site_ids[id] - 1];
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
static void note_life(struct pass *pass, const struct heap_block *block)
{
    struct heap_profile *profile = pass->profile;
    uint64_t peak = profile->moments[HEAP_MOMENT_PEAK];
    if (block->birth <= peak) {
        add_amount(&profile->kinds[block->kind], peak, block->bytes);
        add_amount(&site_of(pass, block->site)->peak, peak, block->bytes);
    }
    if (block->kind != KIND_STRING || block->user == HEAP_NO_TEXT)
        return;
    struct heap_text *text = &profile->texts.items[block->user];
    for (int m = 0; m < HEAP_MOMENT_COUNT; m++)
        if (block->birth <= profile->moments[m])
            text->live_at[m] = profile->moments[m];
}

static void note_death(struct pass *pass, const struct heap_block *block)
{
    note_life(pass, block);
    if (block->kind != KIND_STRING)
        return;
    if (block->flags & TRACE_STRING_INPUT)
        pass->input_bytes -= block->bytes;
    if (block->user == HEAP_NO_TEXT)
        return;
    struct heap_text *text = &pass->profile->texts.items[block->user];
    assert(text->live_count > 0);
    text->live_count--;
    text->byte_time += block->bytes * (pass->replay.clock - block->birth_clock);
    text->collections += pass->replay.gc_count - block->birth_gc;
}

static void visit_death(void *context, const struct heap_block *block)
{
    note_death(context, block);
}

static void note_retained(const struct pass *pass, struct heap_text *text)
{
    text->runs_retained++;
    text->is_retained_first |= pass->run_number == 1;
}

static void visit_retained(void *context, const struct heap_block *block)
{
    struct pass *pass = context;
    if (block->kind == KIND_STRING && block->user != HEAP_NO_TEXT)
        note_retained(pass, &pass->profile->texts.items[block->user]);
}

// Index of the text of this step, HEAP_NO_TEXT if it has none.
static uint32_t text_of_step(struct pass *pass, const struct heap_step *step)
{
    if (!step->text)
        return HEAP_NO_TEXT;
    if (pass->profile->is_frozen)
        return heap_texts_find(&pass->profile->texts, step->text->hash, step->text->bytes);
    return heap_texts_get(&pass->profile->texts, step->text->hash, step->text->bytes,
                          step->text->text, pass->profile->moments);
}

static void note_string(struct pass *pass, const struct heap_step *step)
{
    struct heap_block *block = step->born;
    if (block->flags & TRACE_STRING_INPUT)
        pass->input_bytes += block->bytes;
    block->user = text_of_step(pass, step);
    if (block->user == HEAP_NO_TEXT) {
        pass->profile->births_unknown++;
        return;
    }
    struct heap_text *text = &pass->profile->texts.items[block->user];
    text->births++;
    text->live_count++;
    text->births_input += (block->flags & TRACE_STRING_INPUT) != 0;
    text->births_constant += (block->flags & TRACE_STRING_CONSTANT) != 0;
    if (text->last_run_ram != pass->run_number) {
        text->last_run_ram = pass->run_number;
        text->runs_ram++;
    }
    heap_text_count_site(text, (uint32_t)(site_of(pass, block->site) - pass->profile->sites));
}

static void note_found(struct pass *pass, const struct heap_step *step)
{
    uint32_t idx = text_of_step(pass, step);
    if (idx == HEAP_NO_TEXT)
        return;
    struct heap_text *text = &pass->profile->texts.items[idx];
    if (step->event.string_found.place == PLACE_RAM) {
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

static void note_heights(struct pass *pass)
{
    struct heap_profile *profile = pass->profile;
    const struct heap_replay *replay = &pass->replay;
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
    uint64_t rest = bytes - (replay->strings_bytes - pass->input_bytes);
    if (rest > profile->moment_bytes[HEAP_MOMENT_REST]) {
        profile->moment_bytes[HEAP_MOMENT_REST] = rest;
        profile->moments[HEAP_MOMENT_REST] = replay->step_count;
        profile->moment_table_bytes[HEAP_MOMENT_REST] = replay->table_bytes;
    }
}

static void note_end(struct pass *pass, const struct trace_event_end *end)
{
    pass->is_over = true;
    pass->run->exit_status = end->status;
    pass->run->ledger_max_said = end->lua_bytes_max;
    pass->run->ledger_end = pass->replay.lua_bytes;
    pass->run->string_count_end = pass->replay.string_count;
    heap_replay_each_live(&pass->replay, visit_retained, pass);
}

static void note_image(struct pass *pass, const struct trace_event_image_mounted *mounted)
{
    struct heap_run *run = pass->run;
    for (uint32_t i = 0; i < run->image_count; i++)
        if (text_is_equal(run->images[i].file, mounted->file))
            return;
    if (run->image_count == HEAP_IMAGES_MAX)
        return;
    struct arena *arena = pass->profile->arena;
    const char *path = trace_image_path(pass->replay.trace, mounted->file);
    run->images[run->image_count++] = (struct heap_image){
        arena_copy_text(arena, mounted->file), path ? arena_copy_string(arena, path) : NULL,
        mounted->addr, mounted->bytes, mounted->crc};
}

static void visit_listed(void *context, const struct heap_block *block)
{
    struct pass *pass = context;
    if (block->kind == KIND_STRING && block->user != HEAP_NO_TEXT)
        pass->profile->texts.items[block->user].snapshots++;
}

static void note_snapshot(struct pass *pass, const struct trace_event_snapshot *snapshot)
{
    if (snapshot->place != PLACE_RAM)
        return;
    pass->run->snapshots++;
    pass->run->snapshots_incomplete += snapshot->missing > 0;
    pass->profile->snapshots++;
    heap_replay_each_live(&pass->replay, visit_listed, pass);
}

static void note_step(struct pass *pass, const struct heap_step *step)
{
    struct heap_run *run = pass->run;
    if (step->died)
        note_death(pass, step->died);
    if (step->born) {
        struct heap_site *site = site_of(pass, step->born->site);
        if (!step->is_resize) {
            site->births++;
            site->birth_bytes += step->born->bytes;
        }
        if (step->born->kind == KIND_STRING_TABLE && !step->is_resize &&
            pass->replay.table_bytes > step->born->bytes)
            run->table_copies++;
        if (step->born->kind == KIND_STRING)
            note_string(pass, step);
        note_heights(pass);
    }
    switch (step->event.id) {
    case TRACE_ID_string_found:
        note_found(pass, step);
        break;
    case TRACE_ID_content_read: {
        uint32_t idx = text_of_step(pass, step);
        if (idx != HEAP_NO_TEXT && step->event.content_read.function < CONTENT_COUNT)
            heap_texts_count_read(&pass->profile->texts, idx, step->event.content_read.function,
                                  (uint64_t)step->event.content_read.bytes *
                                      step->event.content_read.times);
        break;
    }
    case TRACE_ID_vm_event:
        if (step->event.vm_event.what < VM_EVENT_COUNT)
            run->event_times[step->event.vm_event.what] += step->event.vm_event.times;
        break;
    case TRACE_ID_string_table:
        if (step->event.string_table.slots > run->table_slots_max)
            run->table_slots_max = step->event.string_table.slots;
        break;
    case TRACE_ID_boot:
        heap_replay_each_live(&pass->replay, visit_death, pass);
        run->is_integer = step->event.boot.flags & TRACE_BOOT_INTEGER;
        run->is_stock = pass->profile->is_stock = step->event.boot.flags & TRACE_BOOT_STOCK;
        run->heap_bytes = step->event.boot.heap_bytes;
        pass->input_bytes = 0;
        pass->state_bytes = step->event.boot.lua_bytes;
        break;
    case TRACE_ID_image_mounted:
        note_image(pass, &step->event.image_mounted);
        break;
    case TRACE_ID_snapshot:
        note_snapshot(pass, &step->event.snapshot);
        break;
    case TRACE_ID_site:
        pass->site_ids[step->event.site.id] = 0;
        break;
    case TRACE_ID_end:
        note_end(pass, &step->event.end);
        break;
    default:
        break;
    }
}

// ---- runs ----

static void add_loss(struct report_loss *sum, const struct trace_loss *loss)
{
    sum->events_discarded += loss->events_discarded;
    sum->packets_lost += loss->packets_lost;
    sum->blocks_lost += loss->blocks_lost;
    sum->bytes_cut += loss->bytes_cut;
    sum->runs_unfinished += loss->is_unfinished;
}

static void keep_run_facts(struct pass *pass, struct trace *trace)
{
    struct heap_run *run = pass->run;
    const struct trace_run *about = trace_run(trace);
    run->command = arena_copy_text(pass->profile->arena, text_of(about->command));
    run->event_bytes = trace_bytes(trace);
}

static int read_run(struct pass *pass, struct trace *trace, struct problem *problem)
{
    struct heap_step step;
    int more;
    heap_replay_begin(&pass->replay, trace, pass->profile->arena);
    pass->replay.step_count = pass->profile->next_step;
    while ((more = heap_replay_next(&pass->replay, &step, problem)) > 0) {
        note_step(pass, &step);
        heap_show_progress(pass->profile, &pass->replay);
    }
    if (!pass->is_over) {
        pass->run->exit_status = -1;
        pass->run->ledger_end = pass->replay.lua_bytes;
        pass->run->string_count_end = pass->replay.string_count;
        heap_replay_each_live(&pass->replay, visit_retained, pass);
    }
    heap_replay_each_live(&pass->replay, visit_death, pass);
    pass->run->steps = pass->replay.step_count - pass->profile->next_step;
    pass->run->clocks = pass->replay.clock;
    pass->run->gc_count = pass->replay.gc_count;
    pass->run->gc_visited = pass->replay.gc_visited;
    pass->run->boots = pass->replay.boot_count;
    pass->run->loss = *trace_loss(trace);
    add_loss(&pass->profile->loss, &pass->run->loss);
    pass->profile->next_step = pass->replay.step_count + 1;
    heap_replay_end(&pass->replay);
    return more;
}

int heap_profile_add(struct heap_profile *profile, const char *folder, const char *name,
                     struct problem *problem)
{
    struct trace *trace;
    if (profile->run_count == HEAP_RUNS_MAX)
        return problem_set(problem, STATUS_LIMIT, text_of(folder), PROBLEM_NO_OFF,
                           "more than %u traces", HEAP_RUNS_MAX);
    int status = trace_open(profile->arena, folder, &trace, problem);
    if (status != STATUS_OK)
        return status;
    struct arena scratch;
    arena_init(&scratch);
    struct pass pass = {.profile = profile, .run = &profile->runs[profile->run_count],
                        .run_number = profile->run_count + 1,
                        .site_ids = ARENA_NEW_ARRAY(&scratch, uint32_t, SITE_IDS)};
    *pass.run = (struct heap_run){0};
    pass.run->path = arena_copy_text(profile->arena, text_of(folder));
    pass.run->name = arena_copy_text(profile->arena, text_of(name ? name : folder));
    keep_run_facts(&pass, trace);
    status = read_run(&pass, trace, problem);
    if (status >= 0)
        profile->run_count++;
    arena_deinit(&scratch);
    trace_close(trace);
    return status < 0 ? status : STATUS_OK;
}

static void reset_counts(struct heap_text *text)
{
    struct heap_text kept = *text;
    *text = (struct heap_text){.hash = kept.hash, .bytes = kept.bytes, .content = kept.content,
                               .characters = kept.characters, .is_dropped = kept.is_dropped};
    if (text->characters)
        memset(text->characters, 0, CONTENT_COUNT * sizeof *text->characters);
}

int heap_profile_recount(struct heap_profile *profile, struct problem *problem)
{
    struct heap_profile old = *profile;
    struct heap_profile empty = {.arena = old.arena, .next_step = 1, .texts = old.texts,
                                 .sites = old.sites, .site_room = old.site_room,
                                 .site_slots = old.site_slots, .is_frozen = true,
                                 .progress = old.progress};
    *profile = empty;
    memset(profile->site_slots, 0, SITE_SLOTS * sizeof *profile->site_slots);
    memset(profile->sites, 0, old.site_count * sizeof *profile->sites);
    for (uint32_t i = 0; i < profile->texts.count; i++)
        reset_counts(&profile->texts.items[i]);
    for (uint32_t i = 0; i < old.run_count; i++) {
        int status = heap_profile_add(profile, old.runs[i].path.data, old.runs[i].name.data,
                                      problem);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

void heap_profile_add_inputs(const struct heap_profile *profile, struct report *report)
{
    for (uint32_t i = 0; i < profile->run_count; i++) {
        const struct heap_run *run = &profile->runs[i];
        const struct trace_loss *loss = &run->loss;
        struct report_input *input =
            report_add_input(report, run->name, "trace", run->event_bytes,
                             !loss->is_unfinished && !loss->events_discarded &&
                                 !loss->packets_lost && !loss->blocks_lost && !loss->bytes_cut);
        report_input_sum(input, run->path.data);
        if (run->ledger_max_said && run->ledger_max_said != run->ledger_max && !loss->blocks_lost &&
            !loss->events_discarded && !loss->packets_lost)
            report_add_note(report, REPORT_WARNING,
                            "%.*s: its events add up to a highest point of %llu bytes, the runtime "
                            "says %llu",
                            TEXT_ARGS(run->name), (unsigned long long)run->ledger_max,
                            (unsigned long long)run->ledger_max_said);
    }
    report->loss = profile->loss;
}

struct text heap_site_name(struct arena *arena, const struct heap_site *site)
{
    struct text source = site->source;
    if (source.bytes == 0 && site->function.bytes == 0)
        return text_of("-");
    if (source.bytes && (source.data[0] == '@' || source.data[0] == '='))
        source = (struct text){source.data + 1, source.bytes - 1};
    if (site->function.bytes == 0)
        return text_of(arena_format(arena, "%.*s:%u", TEXT_ARGS(source), site->line));
    if (source.bytes == 0)
        return text_of(arena_format(arena, "(%.*s)", TEXT_ARGS(site->function)));
    return text_of(arena_format(arena, "%.*s:%u (%.*s)", TEXT_ARGS(source), site->line,
                                TEXT_ARGS(site->function)));
}

double heap_run_clocks(const struct heap_run *run, const struct cost_model *model)
{
    return (double)run->clocks * model->vm_instruction_clocks +
           (double)run->gc_visited * model->gc_visit_clocks;
}
