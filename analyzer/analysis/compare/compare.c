// compare.c: a run measured by one replay of its trace.

#include "analyzer/analysis/compare/compare.h"

#include "analyzer/analysis/heap/heap_profile.h"
#include "analyzer/analysis/hot/hot_report.h"
#include "runtime/format/world.h"

#define CONSOLE_OUTPUT 1 // stream of `console` events

// ---- when the first line comes, and what happens to flash ----

struct course {
    uint64_t device_ns, clock; // known last
    double instruction_ns;
    double at_ms; // negative: nothing was printed
    uint64_t frozen_bytes, erases;
};

static void note_flash(struct course *course, const struct trace_event *event)
{
    if (event->id == TRACE_ID_freeze_end)
        course->frozen_bytes += event->freeze_end.flash_bytes;
    else if (event->id == TRACE_ID_freezer_erase)
        course->frozen_bytes = 0;
    else if (event->id == TRACE_ID_flash_erase)
        course->erases++;
}

static void note_event(void *context, struct heap_step *step)
{
    struct course *line = context;
    const struct trace_event *event = step->event;
    note_flash(line, event);
    if (event->id == TRACE_ID_turn || event->id == TRACE_ID_device_time) {
        line->clock = event->clock;
        line->device_ns = event->id == TRACE_ID_turn ? event->turn.device_ns
                                                     : event->device_time.device_ns;
    } else if (event->id == TRACE_ID_console && event->console.stream == CONSOLE_OUTPUT &&
               line->at_ms < 0) {
        double since_ns = (double)(event->clock - line->clock) * line->instruction_ns;
        line->at_ms = ((double)line->device_ns + since_ns) / 1e6;
    }
}

static int nothing(void *context, const struct replay *replay, struct problem *problem)
{
    (void)context;
    (void)replay;
    (void)problem;
    return STATUS_OK;
}

static struct replay_observer course_observer(struct course *line, const struct cost_model *model)
{
    *line = (struct course){.at_ms = -1};
    if (model->clock_mhz > 0)
        line->instruction_ns = model->vm_instruction_clocks / model->clock_mhz * 1000;
    return (struct replay_observer){.context = line,
                                    .events = REPLAY_EVENT(turn) | REPLAY_EVENT(device_time) |
                                              REPLAY_EVENT(console) | REPLAY_EVENT(freeze_end) |
                                              REPLAY_EVENT(freezer_erase) |
                                              REPLAY_EVENT(flash_erase),
                                    .begin = nothing,
                                    .step = note_event,
                                    .end = nothing};
}

// ---- the row ----

static double total_of(const struct report *report, const char *name)
{
    const struct report_total *total = report_find_total(report, name);
    if (!total || !total->value.is_present)
        return 0;
    return total->kind == REPORT_NUMBER ? (double)total->value.number : total->value.real;
}

static void take_heap(const struct heap_run *run, const struct cost_model *model,
                      struct arena *arena, struct compare_row *row)
{
    struct text ending = trace_ending_text(&run->input.ending, arena);
    double ms = model->clock_mhz > 0 ? 1 / (model->clock_mhz * 1000) : 0;
    row->ending = ending.bytes ? arena_format(arena, "%.*s", TEXT_ARGS(ending)) : "by itself";
    row->has_failed = run->input.ending.kind == TRACE_FAILED;
    row->start_bytes = run->ledger_start;
    row->peak_bytes = run->ledger_max;
    row->end_bytes = run->ledger_end;
    row->heap_bytes = run->heap_bytes;
    row->collections = run->gc_count;
    row->collection_ms = (double)run->gc_visited * model->gc_visit_clocks * ms;
    row->load_ms = (double)run->start_clock * model->vm_instruction_clocks * ms;
    row->run_ms = heap_run_clocks(run, model) * ms;
    for (uint32_t i = 0; i < run->image_count; i++)
        row->flash_bytes += run->images[i].bytes;
}

int compare_measure(struct arena *arena, const char *trace, const char *name, const char *model,
                    const struct exclude *exclude, struct compare_row *row, struct problem *problem)
{
    struct heap_profile *heap = ARENA_NEW(arena, struct heap_profile);
    struct hot *hot = ARENA_NEW(arena, struct hot);
    struct hot_settings settings = {
        .traces = &trace, .names = &name, .trace_count = 1, .model = model, .exclude = exclude};
    struct replay_settings replay = {
        .traces = &trace, .names = &name, .trace_count = 1, .exclude = exclude};
    struct replay_observer observers[3];
    struct course line;
    struct hot_view view = {0};
    *row = (struct compare_row){.name = name};
    int status = hot_begin(&settings, arena, hot, &observers[0], problem);
    if (status != STATUS_OK)
        return status;
    heap_profile_init(heap, arena);
    observers[1] = heap_profile_observer(heap);
    observers[2] = course_observer(&line, &hot->models[HOT_MODEL]);
    status = replay_run(&replay, observers, 3, problem);
    if (status == STATUS_OK) {
        hot_finish(hot);
        const struct report *reads = hot_report(hot, &view, arena);
        const struct cost_model *costs = &hot->models[HOT_MODEL];
        take_heap(&heap->runs[0], costs, arena, row);
        row->first_line_ms = line.at_ms;
        row->flash_bytes += line.frozen_bytes;
        row->erases = line.erases;
        row->characters = (uint64_t)total_of(reads, "characters");
        if (costs->clock_mhz > 0)
            row->read_ms = total_of(reads, "model_clocks") / (costs->clock_mhz * 1000);
        row->run_ms += row->read_ms;
    }
    heap_profile_deinit(heap);
    return status;
}
