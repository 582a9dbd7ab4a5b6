// compare_job.c: see compare_job.h.

#include "analyzer/job/compare_job.h"

#include "analyzer/analysis/compare/compare.h"
#include "analyzer/base/output.h"
#include "analyzer/job/profile_tables.h"
#include "reports/page.h"
#include "reports/plot.h"
#include "reports/report_exclude.h"

static const char *const freezes[] = {"--freeze=1", NULL};
// Without an image the freezer can have the room of the second slot: the largest area.
static const char *const freezes_all[] = {"--freeze=1", "--freezer-size=0x40000", NULL};

// The first is what the strings are chosen from.
const struct app_variant compare_variants[COMPARE_VARIANT_COUNT] = {
    VARIANT_FROM_LFS,
    VARIANT_WITH_LIST,
    {.step = "runs from files, with the list in an image",
     .name = "as it is, with the list in LFS",
     .has_image = true,
     .is_list_only = true,
     .list = APP_LIST_CHOSEN,
     .is_kept = true},
    {.step = "runs from files, with the freezer",
     .name = "as it is, with the freezer",
     .options = freezes_all,
     .is_kept = true},
    {.step = "runs with the list in the image and the freezer",
     .name = "from LFS, with list and freezer",
     .has_image = true,
     .list = APP_LIST_CHOSEN,
     .options = freezes,
     .is_kept = true},
};

struct rows {
    const struct job_context *context;
    const char *model;
    struct compare_row *items;
    size_t count;
};

static int add_row(struct rows *rows, const char *trace, const char *name, const char *inputs,
                   struct problem *problem)
{
    struct compare_row *row = &rows->items[rows->count++];
    int status = compare_measure(rows->context->arena, trace, name, rows->model,
                                 rows->context->exclude, row, problem);
    row->inputs = inputs;
    return status;
}

static int add_run(struct rows *rows, const struct app_run *run, const char *name,
                   struct problem *problem)
{
    if (!run->is_done)
        return STATUS_OK;
    return add_row(rows, run->trace_path, name, run->replay.is_replay ? "replayed" : "its own",
                   problem);
}

static int finish(struct rows *rows, struct report **report, struct problem *problem)
{
    struct cost_model model;
    int status = cost_model_load(rows->context->arena, rows->model, &model, problem);
    if (status != STATUS_OK)
        return status;
    *report = compare_report(rows->context->arena, rows->items, rows->count, model.title);
    return STATUS_OK;
}

int compare_job_report(const struct profile_job *job, struct report **report,
                       struct problem *problem)
{
    struct rows rows = {.context = job->runner.context,
                        .model = job->strings_settings.model,
                        .items = ARENA_NEW_ARRAY(job->runner.context->arena, struct compare_row,
                                                 job->variant_count + 2)};
    int status = add_run(&rows, &job->as_is, "as it is", problem);
    if (status == STATUS_OK)
        status = add_run(&rows, &job->as_is_large, "as it is, heap of " PROFILE_LARGE_HEAP,
                         problem);
    for (size_t i = 0; status == STATUS_OK && i < job->variant_count; i++)
        status = add_run(&rows, &job->runs[i], job->variants[i].name, problem);
    if (status == STATUS_OK)
        status = finish(&rows, report, problem);
    if (status == STATUS_OK)
        profile_add_replay_notes(job, *report);
    return status;
}

int compare_traces_report(const struct job_context *context, char *const *traces, size_t count,
                          const char *model, struct report **report, struct problem *problem)
{
    struct rows rows = {.context = context,
                        .model = model,
                        .items = ARENA_NEW_ARRAY(context->arena, struct compare_row, count)};
    int status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = add_row(&rows, traces[i], traces[i], NULL, problem);
    return status == STATUS_OK ? finish(&rows, report, problem) : status;
}

// ---- the result ----

static int write_plots(const struct job_context *context, const struct report *report,
                       const char *directory, struct problem *problem)
{
    const char *path = arena_format(context->arena, "%s/plots", directory);
    struct plots plots = {.directory = path, .arena = context->arena};
    int status = output_make_directory(path, problem);
    if (status == STATUS_OK)
        status = plots_write(&plots, report, problem);
    if (status == STATUS_OK)
        (void)plots_draw(&plots);
    return status;
}

int compare_write(const struct job_context *context, const struct report *report,
                  const char *directory, struct problem *problem)
{
    static const struct {
        const struct renderer *renderer;
        const char *file;
    } forms[] = {{&renderer_html, "report.html"},
                 {&renderer_json, "report.json"},
                 {&renderer_text, "summary.txt"}};
    struct render_settings settings = {.scratch = context->arena};
    int status = write_plots(context, report, directory, problem);
    for (size_t i = 0; status == STATUS_OK && i < sizeof forms / sizeof *forms; i++)
        status = report_write(report, forms[i].renderer, &settings,
                              arena_format(context->arena, "%s/%s", directory, forms[i].file),
                              problem);
    return status;
}
