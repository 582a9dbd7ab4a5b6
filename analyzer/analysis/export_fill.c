// export_fill.c: one pass over a trace into figures per site and texts with counts per byte.

#include "analyzer/analysis/export_fill.h"

#include <assert.h>
#include <math.h>

#include "analyzer/analysis/export_texts.h"
#include "analyzer/analysis/heap_replay.h"
#include "analyzer/analysis/site_table.h"

#define PROGRESS_STEPS 65536u // steps between two looks at the clock

// Bytes of a kind that belong to the highest point; valid if `step` is that of the final one.
struct kind_peak {
    uint64_t step, bytes;
};

// A site while it is counted; figures of kinds are there from its first block on.
struct counted_site {
    uint64_t reads;
    double flash_loads, visits;
    struct export_amount *kinds;
    struct kind_peak *peaks;
};

struct fill {
    struct arena *arena;
    const struct export_settings *settings;
    struct heap_replay replay;
    struct site_table names;
    struct export_texts texts;
    struct counted_site *sites;
    uint32_t site_room;
    uint64_t peak_step, peak_bytes, peak_clock;
    uint64_t state_bytes, peak_state_bytes; // what no block accounts for
    const char *command;     // of the first boot; NULL before
    uint64_t visits_pending; // of collections whose allocation is still to come
};

// Names come from the trace: what could break a line or a quote of a format is replaced.
static struct text printable(struct arena *arena, struct text name)
{
    char *copy = arena_alloc(arena, name.bytes + 1);
    for (size_t i = 0; i < name.bytes; i++) {
        unsigned char c = (unsigned char)name.data[i];
        copy[i] = c < 32 || c > 126 ? '?' : (char)c;
    }
    return (struct text){copy, name.bytes};
}

// ---- sites ----

static uint32_t site_of(struct fill *fill, uint16_t id)
{
    uint32_t idx = site_table_index(&fill->names, fill->replay.dict, id);
    if (idx < fill->site_room)
        return idx;
    uint32_t room = fill->site_room ? fill->site_room : 64;
    while (room <= idx)
        room *= 2;
    fill->sites = arena_grow_array(fill->arena, fill->sites, fill->site_room, room,
                                   sizeof *fill->sites);
    fill->site_room = room;
    return idx;
}

static struct counted_site *kinds_of(struct fill *fill, uint32_t idx)
{
    struct counted_site *site = &fill->sites[idx];
    if (!site->kinds) {
        site->kinds = ARENA_NEW_ARRAY(fill->arena, struct export_amount, KIND_COUNT);
        site->peaks = ARENA_NEW_ARRAY(fill->arena, struct kind_peak, KIND_COUNT);
    }
    return site;
}

// ---- blocks ----

// What a block that lives now, or died in this step, means for the highest point.
static void note_life(struct fill *fill, const struct heap_block *block)
{
    if (block->birth > fill->peak_step)
        return;
    struct kind_peak *peak =
        &kinds_of(fill, site_of(fill, block->site))->peaks[block->kind];
    if (peak->step != fill->peak_step)
        *peak = (struct kind_peak){.step = fill->peak_step};
    peak->bytes += block->bytes;
    if (block->kind == KIND_STRING && block->user != EXPORT_NO_TEXT)
        fill->texts.items[block->user].live_at = fill->peak_step;
}

static void note_death(struct fill *fill, const struct heap_block *block)
{
    note_life(fill, block);
    if (block->kind != KIND_STRING || block->user == EXPORT_NO_TEXT)
        return;
    struct export_text_item *item = &fill->texts.items[block->user];
    assert(item->live_count > 0);
    item->live_count--;
    item->text.lifetime_clocks += fill->replay.clock - block->birth_clock;
}

static void visit_death(void *context, const struct heap_block *block)
{
    note_death(context, block);
}

static void visit_end(void *context, const struct heap_block *block)
{
    struct fill *fill = context;
    if (block->kind == KIND_STRING && block->user != EXPORT_NO_TEXT)
        fill->texts.items[block->user].text.is_at_end = true;
    note_death(fill, block);
}

static void note_string(struct fill *fill, struct heap_block *block,
                        const struct trace_dict_text *named, uint32_t site_idx)
{
    block->user = named ? export_texts_get(&fill->texts, named, site_idx) : EXPORT_NO_TEXT;
    if (block->user == EXPORT_NO_TEXT) {
        fill->texts.omitted_blocks++;
        return;
    }
    struct export_text_item *item = &fill->texts.items[block->user];
    item->text.blocks++;
    item->live_count++;
    item->births_input += (block->flags & TRACE_STRING_INPUT) != 0;
    item->births_constant += (block->flags & TRACE_STRING_CONSTANT) != 0;
}

static void note_birth(struct fill *fill, const struct heap_step *step)
{
    struct heap_block *block = step->born;
    uint32_t idx = site_of(fill, block->site);
    struct counted_site *site = kinds_of(fill, idx);
    struct export_amount *amount = &site->kinds[block->kind];
    if (!step->is_resize) {
        amount->allocations++;
        amount->allocated_bytes += block->bytes;
    } else if (block->bytes > step->died->bytes) {
        amount->allocated_bytes += block->bytes - step->died->bytes;
    }
    site->visits += (double)fill->visits_pending;
    fill->visits_pending = 0;
    if (block->kind == KIND_STRING)
        note_string(fill, block, step->text, idx);
    if (fill->replay.lua_bytes <= fill->peak_bytes)
        return;
    fill->peak_bytes = fill->replay.lua_bytes;
    fill->peak_step = fill->replay.step_count;
    fill->peak_clock = fill->replay.clock;
    fill->peak_state_bytes = fill->state_bytes;
}

// ---- the other events ----

static void note_read(struct fill *fill, const struct heap_step *step)
{
    const struct trace_event_content_read *read = &step->event.content_read;
    uint32_t idx = site_of(fill, read->site);
    struct counted_site *site = &fill->sites[idx];
    uint64_t characters = (uint64_t)read->bytes * read->times;
    site->reads += characters;
    if (!step->text)
        return;
    if (step->text->flash_addr)
        site->flash_loads +=
            (double)characters * fill->settings->model->character_loads[read->function];
    uint32_t text = export_texts_get(&fill->texts, step->text, idx);
    if (text != EXPORT_NO_TEXT)
        export_texts_count_read(&fill->texts, text, read->first, read->bytes, read->times);
}

static void note_collection(struct fill *fill, const struct trace_event_gc_end *end)
{
    if (end->reason == GC_REASON_REQUEST)
        fill->sites[SITE_NOWHERE].visits += end->visited;
    else
        fill->visits_pending += end->visited;
}

static void note_vm_event(struct fill *fill, const struct trace_event_vm_event *event)
{
    uint32_t idx = site_of(fill, event->site); // may move the sites
    fill->sites[idx].flash_loads +=
        (double)event->times * fill->settings->model->event_loads[event->what];
}

static void note_step(struct fill *fill, const struct heap_step *step)
{
    const struct trace_event *event = &step->event;
    if (step->died)
        note_death(fill, step->died);
    if (step->born)
        note_birth(fill, step);
    switch (event->id) {
    case TRACE_ID_string_found:
        if (step->text && event->string_found.place == PLACE_FLASH)
            (void)export_texts_get(&fill->texts, step->text,
                                   site_of(fill, event->string_found.site));
        break;
    case TRACE_ID_content_read:
        note_read(fill, step);
        break;
    case TRACE_ID_vm_event:
        note_vm_event(fill, &event->vm_event);
        break;
    case TRACE_ID_gc_end:
        note_collection(fill, &event->gc_end);
        break;
    case TRACE_ID_boot:
        heap_replay_each_live(&fill->replay, visit_death, fill);
        fill->state_bytes = event->boot.lua_bytes;
        if (!fill->command)
            fill->command = printable(fill->arena, event->boot.command).data;
        break;
    default:
        break;
    }
}

static int read_trace(struct fill *fill, struct trace *trace, struct problem *problem)
{
    struct heap_step step;
    int more;
    while ((more = heap_replay_next(&fill->replay, &step, problem)) > 0) {
        note_step(fill, &step);
        if (fill->settings->progress && fill->replay.step_count % PROGRESS_STEPS == 0)
            progress_update(fill->settings->progress, trace_bytes_done(trace), trace_bytes(trace));
    }
    heap_replay_each_live(&fill->replay, visit_end, fill);
    fill->sites[SITE_NOWHERE].visits += (double)fill->visits_pending;
    return more;
}

// ---- the result ----

static void finish_site(const struct fill *fill, uint32_t idx, struct export_site *out)
{
    const struct site *name = &fill->names.items[idx];
    const struct counted_site *site = &fill->sites[idx];
    const struct cost_model *model = fill->settings->model;
    *out = (struct export_site){.source = printable(fill->arena, name->source),
                                .line = name->line, .function_line = name->defined,
                                .c_function = printable(fill->arena, name->function)};
    out->kinds = site->kinds ? site->kinds
                             : ARENA_NEW_ARRAY(fill->arena, struct export_amount, KIND_COUNT);
    for (unsigned k = 0; k < KIND_COUNT; k++) {
        if (site->peaks && site->peaks[k].step == fill->peak_step)
            out->kinds[k].peak_bytes = site->peaks[k].bytes;
        if (idx == SITE_NOWHERE && k == KIND_STATE)
            out->kinds[k].peak_bytes += fill->peak_state_bytes;
        out->metrics[EXPORT_ALLOCATIONS] += out->kinds[k].allocations;
        out->metrics[EXPORT_ALLOCATED_BYTES] += out->kinds[k].allocated_bytes;
        out->metrics[EXPORT_PEAK_BYTES] += out->kinds[k].peak_bytes;
    }
    out->metrics[EXPORT_READS] = site->reads;
    out->metrics[EXPORT_FLASH_READS] = (uint64_t)llround(site->flash_loads);
    out->metrics[EXPORT_CLOCKS] =
        (uint64_t)llround(site->flash_loads * model->emulated_load_clocks +
                          site->visits * model->gc_visit_clocks);
}

static void finish_texts(const struct fill *fill, struct export_profile *profile)
{
    profile->text_count = fill->texts.count;
    profile->texts = ARENA_NEW_ARRAY(fill->arena, struct export_text, fill->texts.count);
    for (uint32_t i = 0; i < fill->texts.count; i++) {
        const struct export_text_item *item = &fill->texts.items[i];
        struct export_text *text = &profile->texts[i];
        *text = item->text;
        text->is_at_peak = item->live_at != 0 && item->live_at == fill->peak_step;
        text->is_hidden = item->births_input > 0 && item->births_constant == 0 &&
                          !fill->settings->includes_input;
        if (text->is_hidden)
            text->content = (struct text){0};
    }
    profile->texts_omitted = fill->texts.omitted_blocks;
}

static void finish(struct fill *fill, struct trace *trace, struct export_profile *profile)
{
    static const char *kind_names[KIND_COUNT];
    const struct trace_loss *loss = trace_loss(trace);
    const char *command = trace_run(trace)->command;
    for (unsigned k = 0; k < KIND_COUNT; k++)
        kind_names[k] = trace_kind_name(k);
    *profile = (struct export_profile){
        .command = *command ? printable(fill->arena, text_of(command)).data
                   : fill->command ? fill->command
                                   : "",
        .clock_end = fill->replay.clock,
        .clock_peak = fill->peak_clock,
        .kind_names = kind_names,
        .kind_count = KIND_COUNT,
        .model = fill->settings->model->name,
        .site_count = fill->names.count,
        .events_lost = loss->events_discarded + loss->packets_lost + loss->blocks_lost +
                       loss->bytes_cut + loss->is_unfinished,
    };
    profile->sites = ARENA_NEW_ARRAY(fill->arena, struct export_site, profile->site_count);
    for (uint32_t i = 0; i < fill->names.count; i++)
        finish_site(fill, i, &profile->sites[i]);
    finish_texts(fill, profile);
}

int export_fill(struct arena *arena, const char *folder, const struct export_settings *settings,
                struct export_profile *profile, struct problem *problem)
{
    struct trace *trace;
    struct fill fill = {.arena = arena, .settings = settings};
    int status = trace_open(arena, folder, &trace, problem);
    if (status != STATUS_OK)
        return status;
    site_table_init(&fill.names, arena);
    site_table_begin_run(&fill.names);
    export_texts_init(&fill.texts, arena);
    heap_replay_begin(&fill.replay, trace, arena);
    (void)site_of(&fill, 0); // the site of what no line did is always there
    status = read_trace(&fill, trace, problem);
    if (status >= 0)
        finish(&fill, trace, profile);
    heap_replay_end(&fill.replay);
    trace_close(trace);
    return status < 0 ? status : STATUS_OK;
}
