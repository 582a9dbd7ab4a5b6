// profile_variants.c: the tables of `frost profile` that compare the variants, say what became of
// each file, and what is not there.

#include "analyzer/job/profile_tables.h"

#include <inttypes.h>
#include <string.h>

struct variant_row {
    const char *name;
    const char *ending; // how it ended
    const char *inputs; // where they came from
    uint64_t start_bytes, peak_bytes, end_bytes, heap_bytes, image_bytes, start_clock, collections;
    int64_t left_bytes;
};

static struct report_value start_ms(const void *context, const void *item)
{
    const struct profile_job *job = context;
    const struct variant_row *row = item;
    double clocks = (double)row->start_clock * job->strings.model.vm_instruction_clocks;
    return report_real(
        job->strings.model.clock_mhz > 0 ? clocks / job->strings.model.clock_mhz / 1000 : 0);
}

static const struct report_column variant_columns[] = {
    {"variant", "variant", "", REPORT_KEY, REPORT_AT(variant_row, name)},
    {"start_bytes", "RAM at start", "bytes", REPORT_WIDE, REPORT_AT(variant_row, start_bytes)},
    {"peak_bytes", "highest", "bytes", 0, REPORT_AT(variant_row, peak_bytes)},
    {"end_bytes", "at the end", "bytes", REPORT_WIDE, REPORT_AT(variant_row, end_bytes)},
    {"left_bytes", "left of the heap", "bytes", 0, REPORT_AT(variant_row, left_bytes)},
    {"image_bytes", "flash", "bytes", 0, REPORT_AT(variant_row, image_bytes)},
    {"start_ms", "start, modelled", "ms", REPORT_WIDE, REPORT_BY(REPORT_REAL, start_ms),
     .decimals = 1},
    {"collections", "collections", "", REPORT_WIDE, REPORT_AT(variant_row, collections)},
    {"inputs", "inputs", "", REPORT_WIDE, REPORT_AT(variant_row, inputs)},
    {"ending", "ending", "", REPORT_MAY_CUT | REPORT_WIDE, REPORT_AT(variant_row, ending)},
};

static void add_row(struct variant_row *rows, size_t *count, const char *name,
                    const struct app_run *run, struct arena *arena)
{
    if (!run->is_done || !run->heap || run->heap->run_count == 0)
        return;
    const struct heap_run *figures = &run->heap->runs[0];
    struct text ending = trace_ending_text(&figures->input.ending, arena);
    rows[(*count)++] = (struct variant_row){
        .name = name,
        .ending = ending.bytes ? arena_format(arena, "%.*s", TEXT_ARGS(ending)) : "by itself",
        .inputs = run->replay.is_replay ? "replayed" : "its own",
        .start_bytes = figures->ledger_start,
        .peak_bytes = figures->ledger_max,
        .end_bytes = figures->ledger_end,
        .heap_bytes = figures->heap_bytes,
        .left_bytes = (int64_t)figures->heap_bytes - (int64_t)figures->ledger_max,
        .image_bytes = run->image ? run->image->bytes : 0,
        .start_clock = figures->start_clock,
        .collections = figures->gc_count,
    };
}

static const char *variant_name(const struct app_variant *variant, const struct app_run *run)
{
    return run->image || !variant->has_image ? variant->name : "no module";
}

void profile_add_variants(const struct profile_job *job, struct report *report)
{
    struct arena *arena = job->runner.context->arena;
    struct variant_row *rows = ARENA_NEW_ARRAY(arena, struct variant_row, job->variant_count + 3);
    size_t count = 0;
    add_row(rows, &count, "as it is, first start", &job->as_is_first, arena);
    add_row(rows, &count, "as it is", &job->as_is, arena);
    add_row(rows, &count, "as it is, heap of " PROFILE_LARGE_HEAP, &job->as_is_large, arena);
    for (size_t i = 0; i < job->variant_count; i++)
        add_row(rows, &count, variant_name(&job->variants[i], &job->runs[i]), &job->runs[i], arena);
    struct report_table *table = REPORT_ADD_TABLE(report, "variants", "The application, each way",
                                                  variant_columns);
    REPORT_ADD_ROWS(table, job, rows, count);
}

// ---- replays ----

void profile_add_replay_notes(const struct profile_job *job, struct report *report)
{
    uint64_t orders = 0, bytes = 0;
    size_t replays = 0;
    for (size_t i = 0; i < job->variant_count; i++) {
        const struct app_run *run = &job->runs[i];
        if (!run->is_done)
            continue;
        replays += run->replay.is_replay;
        bytes += run->replay.output_bytes;
        orders += run->replay.order_count;
        if (run->replay.difference)
            report_add_note(report, REPORT_WARNING,
                            "%s: not a replay, it ran with inputs of its own: %s",
                            variant_name(&job->variants[i], run), run->replay.difference);
    }
    if (replays == 0)
        return;
    report_add_note(report, REPORT_NOTE,
                    "replayed: given what the run as it is was given, free heap included; sent and "
                    "printed the same %" PRIu64 " bytes",
                    bytes / replays);
    if (orders > 0)
        report_add_note(report, REPORT_NOTE,
                        "outputs that came in another order, as addresses and collections have it: "
                        "%" PRIu64,
                        orders);
}

// ---- what is not there ----

static const struct report_column need_columns[] = {
    {"name", "what", "", REPORT_KEY, REPORT_AT(app_need, name)},
    {"places", "used at", "", REPORT_MAY_CUT, REPORT_AT(app_need, places)},
    {"remedy", "what to do", "", REPORT_MAY_CUT, REPORT_AT(app_need, remedy)},
};

void profile_add_needs(const struct profile_job *job, struct report *report)
{
    const struct app_needs *needs = &job->runner.needs;
    if (needs->count == 0)
        return;
    struct report_table *table = REPORT_ADD_TABLE(report, "needs", "Needed, and not there",
                                                  need_columns);
    REPORT_ADD_ROWS(table, NULL, needs->items, needs->count);
}

// ---- files ----

static struct report_value becomes(const void *context, const void *item)
{
    const struct app_file *file = item;
    (void)context;
    return report_text(text_of(file->role == APP_ROLE_MODULE ? file->name : "(a file)"));
}

static const struct report_column file_columns[] = {
    {"path", "file", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(app_file, path)},
    {"module", "module", "", REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, becomes)},
    {"reason", "why", "", REPORT_MAY_CUT, REPORT_AT(app_file, reason)},
};

void profile_add_files(const struct profile_job *job, struct report *report)
{
    const struct app_directory *app = &job->runner.app;
    struct report_table *table = REPORT_ADD_TABLE(
        report, "files", "What becomes of each file of the application", file_columns);
    REPORT_ADD_ROWS(table, NULL, app->files, app->file_count);
}
