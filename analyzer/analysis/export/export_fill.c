// export_fill.c: one pass over a trace into figures per stack and texts with counts per byte.

#include "analyzer/analysis/export/export_fill.h"

#include <assert.h>
#include <math.h>

#include "analyzer/analysis/export/export_texts.h"
#include "analyzer/analysis/heap/run_input.h"
#include "analyzer/analysis/heap/stack_table.h"
#include "reports/report_exclude.h"
#include "reports/value_text.h"
#include "runtime/format/libc_loads.h"

// Bytes of a kind that belong to the highest point; valid if `step` is that of the final one.
struct kind_peak {
    uint64_t step, bytes;
};

// A stack while it is counted; figures of kinds are there from its first block on.
struct counted_stack {
    uint64_t reads;
    double flash_loads, visits;
    struct export_amount *kinds;
    struct kind_peak *peaks;
};

struct export_fill {
    struct arena *arena;
    struct export_profile *profile;         // the result
    const struct export_settings *settings; // of the caller
    const struct heap_replay *replay;
    struct stack_table names;
    struct export_texts texts;
    struct counted_stack *stacks;
    uint32_t stack_room;
    bool lacks_sources; // the run does not tell where texts come from
    uint64_t peak_step, peak_bytes, peak_clock;
    uint64_t state_bytes, peak_state_bytes; // what no block accounts for
    const char *command;                    // of the first boot; NULL before
    uint64_t visits_pending;                // of collections whose allocation is still to come
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

// ---- stacks ----

// For the stack of index `idx`.
static void make_room(struct export_fill *fill, uint32_t idx)
{
    uint32_t room = fill->stack_room ? fill->stack_room : 64;
    while (room <= idx)
        room *= 2;
    fill->stacks = arena_grow_array(fill->arena, fill->stacks, fill->stack_room, room,
                                    sizeof *fill->stacks);
    fill->stack_room = room;
}

static uint32_t stack_of(struct export_fill *fill, uint16_t id)
{
    uint32_t idx = stack_table_index(&fill->names, fill->replay->dict, id);
    if (idx >= fill->stack_room)
        make_room(fill, idx);
    return idx;
}

static uint32_t site_of(const struct export_fill *fill, uint32_t stack_idx)
{
    return fill->names.items[stack_idx].site;
}

static struct counted_stack *kinds_of(struct export_fill *fill, uint32_t idx)
{
    struct counted_stack *stack = &fill->stacks[idx];
    if (!stack->kinds) {
        stack->kinds = ARENA_NEW_ARRAY(fill->arena, struct export_amount, KIND_COUNT);
        stack->peaks = ARENA_NEW_ARRAY(fill->arena, struct kind_peak, KIND_COUNT);
    }
    return stack;
}

// ---- blocks ----

// What a block that lives now, or died in this step, means for the highest point.
static void note_life(struct export_fill *fill, const struct heap_block *block)
{
    if (block->birth > fill->peak_step)
        return;
    struct kind_peak *peak = &kinds_of(fill, stack_of(fill, block->site))->peaks[block->kind];
    if (peak->step != fill->peak_step)
        *peak = (struct kind_peak){.step = fill->peak_step};
    peak->bytes += block->bytes;
    if (block->kind == KIND_STRING && block->user[HEAP_USER_EXPORT] != EXPORT_NO_TEXT)
        fill->texts.items[block->user[HEAP_USER_EXPORT]].live_at = fill->peak_step;
}

static void note_death(struct export_fill *fill, const struct heap_block *block)
{
    note_life(fill, block);
    if (block->kind != KIND_STRING || block->user[HEAP_USER_EXPORT] == EXPORT_NO_TEXT)
        return;
    struct export_text_item *item = &fill->texts.items[block->user[HEAP_USER_EXPORT]];
    assert(item->live_count > 0);
    item->live_count--;
    item->text.lifetime_clocks += fill->replay->clock - block->birth_clock;
}

static void visit_death(void *context, const struct heap_block *block)
{
    note_death(context, block);
}

static void visit_end(void *context, const struct heap_block *block)
{
    struct export_fill *fill = context;
    if (block->kind == KIND_STRING && block->user[HEAP_USER_EXPORT] != EXPORT_NO_TEXT)
        fill->texts.items[block->user[HEAP_USER_EXPORT]].text.is_at_end = true;
    note_death(fill, block);
}

static void note_string(struct export_fill *fill, struct heap_block *block,
                        struct trace_dict_text *named, uint32_t site_idx)
{
    block->user[HEAP_USER_EXPORT] = named ? export_texts_get(&fill->texts, named, site_idx)
                                          : EXPORT_NO_TEXT;
    if (block->user[HEAP_USER_EXPORT] == EXPORT_NO_TEXT) {
        fill->texts.omitted_blocks++;
        return;
    }
    struct export_text_item *item = &fill->texts.items[block->user[HEAP_USER_EXPORT]];
    item->text.blocks++;
    item->live_count++;
    text_sources_add(&item->sources, 1, block->origin, true);
}

// A text that was made in RAM before is made again, or is secret.
static void note_making(struct export_fill *fill, const struct trace_dict_text *named,
                        unsigned origin, bool is_secret)
{
    if (!named || named->words[TRACE_DICT_EXPORT] == TRACE_DICT_UNSET)
        return;
    struct text_sources *sources = &fill->texts.items[named->words[TRACE_DICT_EXPORT]].sources;
    sources->is_secret |= is_secret;
    if (!is_secret)
        text_sources_add(sources, 1, origin, false);
}

static void note_height(struct export_fill *fill)
{
    if (fill->replay->lua_bytes <= fill->peak_bytes)
        return;
    fill->peak_bytes = fill->replay->lua_bytes;
    fill->peak_step = fill->replay->step_count;
    fill->peak_clock = fill->replay->clock;
    fill->peak_state_bytes = fill->state_bytes;
}

static void note_birth(struct export_fill *fill, const struct heap_step *step)
{
    struct heap_block *block = step->born;
    uint32_t idx = stack_of(fill, block->site);
    struct export_amount *amount = &kinds_of(fill, idx)->kinds[block->kind];
    amount->allocations += !step->is_resize;
    amount->allocated_bytes += heap_step_growth(step);
    uint32_t asking = stack_of(fill, heap_step_site(step)); // may move the stacks
    fill->stacks[asking].visits += (double)fill->visits_pending;
    fill->visits_pending = 0;
    if (block->kind == KIND_STRING)
        note_string(fill, block, step->text, site_of(fill, idx));
    note_height(fill);
}

// ---- the other events ----

static void note_read(struct export_fill *fill, const struct heap_step *step)
{
    const struct trace_event_content_read *read = &step->event->content_read;
    uint32_t idx = stack_of(fill, read->site);
    struct counted_stack *stack = &fill->stacks[idx];
    uint64_t characters = (uint64_t)read->bytes * read->times;
    stack->reads += characters;
    if (!step->text)
        return;
    if (step->text->flash_addr)
        stack->flash_loads += (double)characters *
                              fill->settings->model->character_loads[read->function];
    uint32_t text = export_texts_get(&fill->texts, step->text, site_of(fill, idx));
    if (text != EXPORT_NO_TEXT)
        export_texts_count_read(&fill->texts, text, read->first, read->bytes, read->times);
}

static void note_collection(struct export_fill *fill, const struct trace_event_gc_end *end)
{
    if (end->reason == GC_REASON_REQUEST)
        fill->stacks[STACK_NOWHERE].visits += end->visited;
    else
        fill->visits_pending += end->visited;
}

static void note_vm_event(struct export_fill *fill, const struct trace_event_vm_event *event)
{
    uint32_t idx = stack_of(fill, event->site); // may move the stacks
    fill->stacks[idx].flash_loads += (double)event->times *
                                     fill->settings->model->event_loads[event->what];
}

// A look-up that found a string in flash has compared the text with it.
static void note_found(struct export_fill *fill, const struct heap_step *step)
{
    const struct trace_event_string_found *found = &step->event->string_found;
    note_making(fill, step->text, found->origin, false);
    if (!step->text || found->place != PLACE_FLASH)
        return;
    uint32_t idx = stack_of(fill, found->site);
    size_t loads = libc_compare_loads(!found->is_unaligned, step->text->bytes);
    fill->stacks[idx].flash_loads += (double)loads *
                                     fill->settings->model->character_loads[CONTENT_INTERN];
    (void)export_texts_get(&fill->texts, step->text, site_of(fill, idx));
}

static void note_step(void *context, struct heap_step *step)
{
    struct export_fill *fill = context;
    const struct trace_event *event = step->event;
    if (step->died)
        note_death(fill, step->died);
    if (step->born)
        note_birth(fill, step);
    switch (event->id) {
    case TRACE_ID_text_secret:
        note_making(fill, step->text, 0, true);
        break;
    case TRACE_ID_string_found:
        note_found(fill, step);
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
        heap_replay_each_live(fill->replay, visit_death, fill);
        fill->state_bytes = event->boot.lua_bytes;
        fill->lacks_sources |= !(event->boot.flags & TRACE_BOOT_SOURCES);
        if (!fill->command)
            fill->command = printable(fill->arena, event->boot.command).data;
        break;
    default:
        break;
    }
}

// ---- the result ----

static void finish_site(const struct export_fill *fill, const struct site *name,
                        struct export_site *out)
{
    *out = (struct export_site){.source = printable(fill->arena, name->source),
                                .line = name->line,
                                .function_line = name->defined,
                                .function_nth = name->nth,
                                .c_function = printable(fill->arena, name->function)};
}

static void finish_stack(const struct export_fill *fill, uint32_t idx, struct export_stack *out)
{
    const struct counted_stack *stack = &fill->stacks[idx];
    const struct cost_model *model = fill->settings->model;
    *out = (struct export_stack){.site_idx = site_of(fill, idx),
                                 .caller = fill->names.items[idx].caller};
    out->kinds = stack->kinds ? stack->kinds
                              : ARENA_NEW_ARRAY(fill->arena, struct export_amount, KIND_COUNT);
    for (unsigned k = 0; k < KIND_COUNT; k++) {
        if (stack->peaks && stack->peaks[k].step == fill->peak_step)
            out->kinds[k].peak_bytes = stack->peaks[k].bytes;
        if (idx == STACK_NOWHERE && k == KIND_STATE)
            out->kinds[k].peak_bytes += fill->peak_state_bytes;
        out->metrics[EXPORT_ALLOCATIONS] += out->kinds[k].allocations;
        out->metrics[EXPORT_ALLOCATED_BYTES] += out->kinds[k].allocated_bytes;
        out->metrics[EXPORT_PEAK_BYTES] += out->kinds[k].peak_bytes;
    }
    out->metrics[EXPORT_READS] = stack->reads;
    out->metrics[EXPORT_FLASH_READS] = (uint64_t)llround(stack->flash_loads);
    out->metrics[EXPORT_CLOCKS] = (uint64_t)llround(
        stack->flash_loads * model->emulated_load_clocks + stack->visits * model->gc_visit_clocks);
}

// A caller that has counted nothing itself has no room among the counted ones yet.
static void finish_places(struct export_fill *fill, struct export_profile *profile)
{
    const struct stack_table *names = &fill->names;
    profile->sites = ARENA_NEW_ARRAY(fill->arena, struct export_site, profile->site_count);
    for (uint32_t i = 0; i < names->sites.count; i++)
        finish_site(fill, &names->sites.items[i], &profile->sites[i]);
    if (names->count > fill->stack_room)
        make_room(fill, names->count - 1);
    profile->stacks = ARENA_NEW_ARRAY(fill->arena, struct export_stack, profile->stack_count);
    for (uint32_t i = 0; i < names->count; i++) {
        finish_stack(fill, i, &profile->stacks[i]);
        profile->has_callers |= profile->stacks[i].caller != 0;
    }
}

static void finish_texts(const struct export_fill *fill, struct export_profile *profile)
{
    profile->text_count = fill->texts.count;
    profile->texts = ARENA_NEW_ARRAY(fill->arena, struct export_text, fill->texts.count);
    for (uint32_t i = 0; i < fill->texts.count; i++) {
        const struct export_text_item *item = &fill->texts.items[i];
        struct export_text *text = &profile->texts[i];
        *text = item->text;
        text->is_at_peak = item->live_at != 0 && item->live_at == fill->peak_step;
        unsigned sources = text_sources_of(&item->sources, !fill->lacks_sources);
        text->is_hidden = text_sources_are_private(sources) && !fill->settings->includes_input;
        if (text->is_hidden)
            text->content = (struct text){0};
    }
    profile->texts_omitted = fill->texts.omitted_blocks;
}

static void finish(struct export_fill *fill, const struct replay *replay,
                   struct export_profile *profile)
{
    static const char *kind_names[KIND_COUNT];
    struct report *inputs = report_create(fill->arena, "export", 1, "");
    struct run_input input;
    const char *command = trace_run(replay->trace)->command;
    run_input_take(&input, replay, fill->arena);
    run_input_report(&input, inputs);
    report_exclude(inputs, fill->settings->exclude);
    for (unsigned k = 0; k < KIND_COUNT; k++)
        kind_names[k] = trace_kind_name(k);
    *profile = (struct export_profile){
        .command = *command        ? printable(fill->arena, text_of(command)).data
                   : fill->command ? fill->command
                                   : "",
        .clock_end = fill->replay->clock,
        .clock_peak = fill->peak_clock,
        .kind_names = kind_names,
        .kind_count = KIND_COUNT,
        .model = fill->settings->model->name,
        .site_count = fill->names.sites.count,
        .stack_count = fill->names.count,
        .inputs = inputs,
        .ending = printable(fill->arena, inputs->inputs->ending).data,
        .missing = report_has_loss(&inputs->loss)
                       ? report_loss_text(fill->arena, &inputs->loss).data
                       : "",
    };
    finish_places(fill, profile);
    finish_texts(fill, profile);
}

// ---- a run ----

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct export_fill *fill = context;
    assert(replay->number == 0); // a profile is of one trace
    fill->replay = replay->heap;
    stack_table_begin_run(&fill->names);
    (void)stack_of(fill, 0); // the site of what no line did is always there
    (void)problem;
    return STATUS_OK;
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    struct export_fill *fill = context;
    note_height(fill); // where nothing was born, it is what the boot said
    heap_replay_each_live(replay->heap, visit_end, fill);
    fill->stacks[STACK_NOWHERE].visits += (double)fill->visits_pending;
    finish(fill, replay, fill->profile);
    (void)problem;
    return STATUS_OK;
}

struct replay_observer export_fill_observer(struct arena *arena,
                                            const struct export_settings *settings,
                                            struct export_profile *profile)
{
    struct export_fill *fill = ARENA_NEW(arena, struct export_fill);
    *fill = (struct export_fill){.arena = arena, .settings = settings, .profile = profile};
    stack_table_init(&fill->names, arena);
    export_texts_init(&fill->texts, arena);
    return (struct replay_observer){
        .context = fill,
        .events = REPLAY_BLOCKS | REPLAY_EVENT(string_found) | REPLAY_EVENT(content_read) |
                  REPLAY_EVENT(vm_event) | REPLAY_EVENT(gc_end) | REPLAY_EVENT(boot) |
                  REPLAY_EVENT(text_secret),
        .wants_heap = true,
        .begin = begin_run,
        .step = note_step,
        .end = end_run,
    };
}

int export_fill(struct arena *arena, const char *directory, const struct export_settings *settings,
                struct export_profile *profile, struct problem *problem)
{
    struct replay_observer observer = export_fill_observer(arena, settings, profile);
    struct replay_settings replay = {.traces = &directory,
                                     .trace_count = 1,
                                     .exclude = settings->exclude,
                                     .progress = settings->progress};
    return replay_run(&replay, &observer, 1, problem);
}
