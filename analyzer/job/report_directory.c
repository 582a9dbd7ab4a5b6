// report_directory.c: what a person, a script and other tools get from traces, in one directory.

#include "analyzer/job/report_directory.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "analyzer/analysis/advice/summary.h"
#include "analyzer/analysis/calls/calls.h"
#include "analyzer/analysis/flash/flash_work.h"
#include "analyzer/analysis/gc/gc_report.h"
#include "analyzer/analysis/gc/gc_stock.h"
#include "analyzer/analysis/holders/holders.h"
#include "analyzer/analysis/hot/hot_report.h"
#include "analyzer/analysis/strings/strings.h"
#include "analyzer/base/output.h"
#include "analyzer/job/report_exports.h"
#include "reports/markdown.h"
#include "reports/page.h"
#include "reports/plot.h"
#include "reports/report_exclude.h"

#define TEXT_ROWS 50u          // of a table in the text form
#define HOLDER_PERCENT_MIN 1.0 // share of what is held

static void add(struct report_directory *directory, struct report *report)
{
    assert(directory->report_count < REPORT_DIRECTORY_REPORTS_MAX);
    directory->reports[directory->report_count++] = report;
}

static struct replay_observer *next_observer(struct report_directory *directory)
{
    assert(directory->observer_count < REPORT_DIRECTORY_OBSERVERS_MAX);
    return &directory->observers[directory->observer_count++];
}

int report_directory_begin(struct report_directory *directory, struct problem *problem)
{
    struct arena *arena = directory->context->arena;
    if (directory->is_stock) {
        *next_observer(directory) = gc_stock_observer(arena);
        return STATUS_OK;
    }
    struct hot_settings hot = {.traces = directory->traces,
                               .names = directory->names,
                               .trace_count = directory->trace_count,
                               .model = directory->model,
                               .exclude = directory->context->exclude};
    struct gc_settings gc = {.traces = directory->traces,
                             .names = directory->names,
                             .trace_count = directory->trace_count,
                             .model = directory->model,
                             .short_lived = GC_SHORT_LIVED_DEFAULT};
    directory->hot = ARENA_NEW(arena, struct hot);
    directory->gc = ARENA_NEW(arena, struct gc);
    directory->holders = ARENA_NEW(arena, struct holders);
    holders_init(directory->holders, arena, (struct holders_wanted){.moment = HOLDERS_ANY});
    *next_observer(directory) = holders_observer(directory->holders);
    struct replay_observer flash = flash_work_observer(arena);
    directory->flash = flash.context;
    *next_observer(directory) = flash;
    directory->exports = ARENA_NEW(arena, struct report_exports);
    int status = hot_begin(&hot, arena, directory->hot, next_observer(directory), problem);
    if (status == STATUS_OK)
        status = gc_begin(&gc, arena, directory->gc, next_observer(directory), problem);
    if (status == STATUS_OK)
        status = report_exports_begin(directory->exports, directory, next_observer(directory),
                                      problem);
    return status;
}

// Of traces with snapshots.
static void add_holders(struct report_directory *directory)
{
    struct arena *arena = directory->context->arena;
    struct problem problem = {0};
    struct report *report = report_create(arena, "heap", 1, "Who holds the RAM");
    if (holders_report(directory->holders, HOLDER_PERCENT_MIN, report, &problem) == STATUS_OK)
        add(directory, report);
}

// What grows is told in words: whether it may, the program's author knows.
static void advise_growth(struct report_directory *directory, const struct report *heap,
                          const char *trace)
{
    for (const struct report_note *note = heap->notes; note; note = note->next)
        if (note->kind == REPORT_FINDING && text_ends_with(note->text, HOLDERS_LEAK)) {
            struct advice_item *item = advice_add(
                &directory->advice, ADVICE_GROWTH,
                arena_format(directory->context->arena, "%.*s", TEXT_ARGS(note->text)));
            if (trace)
                item->command = arena_format(directory->context->arena, "frost heap --at mark %s",
                                             trace);
        }
}

// The first trace as commands name it: what a job has recorded lies beside its page.
static const char *trace_words(const struct report_directory *directory)
{
    struct arena *arena = directory->context->arena;
    const char *path = directory->names ? arena_format(arena, "%s.trace", directory->names[0])
                                        : directory->traces[0];
    bool is_plain = path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789._-/+,=@")] == '\0';
    if (is_plain)
        return path;
    return strchr(path, '\'') ? NULL : arena_format(arena, "'%s'", path);
}

static void advise(struct report_directory *directory)
{
    const char *trace = trace_words(directory);
    advice_add_analyses(&directory->advice, directory->hot, directory->gc, trace, false);
    for (size_t i = 0; i < directory->report_count; i++)
        if (strcmp(directory->reports[i]->name, "heap") == 0)
            advise_growth(directory, directory->reports[i], trace);
}

void report_directory_put_first(struct report_directory *directory, struct report *report)
{
    report_exclude(report, directory->context->exclude);
    add(directory, report);
    memmove(&directory->reports[1], &directory->reports[0],
            (directory->report_count - 1) * sizeof *directory->reports);
    directory->reports[0] = report;
}

void report_directory_advise_list(struct report_directory *directory,
                                  const struct strings_list *list)
{
    struct arena *arena = directory->context->arena;
    const char *trace = trace_words(directory);
    if (list->count == 0)
        return;
    struct advice_item *item = advice_add(
        &directory->advice, ADVICE_STRINGS,
        arena_format(arena, "add dummy_strings.lua to the image: %" PRIu32 " strings move to flash",
                     (uint32_t)list->count));
    item->predicted_bytes = report_number((int64_t)list->saved_bytes);
    item->flash_bytes = report_number((int64_t)list->flash_bytes);
    if (trace)
        item->command = arena_format(arena, "frost strings -o dummy_strings.lua %s", trace);
}

void report_directory_deinit(struct report_directory *directory)
{
    if (directory->holders)
        holders_deinit(directory->holders);
}

void report_directory_end(struct report_directory *directory)
{
    struct arena *arena = directory->context->arena;
    struct hot_view view = {0};
    advice_init(&directory->advice, arena);
    if (directory->is_stock) {
        add(directory, gc_stock_finish(&directory->observers[0]));
    } else {
        hot_finish(directory->hot);
        add(directory, hot_report(directory->hot, &view, arena));
        add(directory, gc_report(directory->gc, arena));
        if (!flash_work_is_empty(directory->flash))
            add(directory, flash_work_report(directory->flash, arena));
        add_holders(directory);
        if (directory->exports->first.has_callers)
            add(directory, calls_report(&directory->exports->first, arena));
        advise(directory);
    }
    const struct exclude *exclude = directory->context->exclude;
    directory->title = exclude_text(exclude, arena, text_of(directory->title)).data;
    for (size_t i = 0; i < directory->report_count; i++)
        report_exclude(directory->reports[i], exclude);
}

int report_directory_write_reports(const struct report_directory *directory, size_t first,
                                   struct problem *problem)
{
    static const struct renderer *const forms[] = {&renderer_text, &renderer_json};
    struct arena *arena = directory->context->arena;
    for (size_t i = first; i < directory->report_count; i++)
        for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
            struct render_settings settings = {
                .rows_max = forms[f] == &renderer_text ? TEXT_ROWS : 0, .scratch = arena};
            int status = report_write(directory->reports[i], forms[f], &settings,
                                      arena_format(arena, "%s/%s%s", directory->path,
                                                   directory->reports[i]->name, forms[f]->suffix),
                                      problem);
            if (status != STATUS_OK)
                return status;
        }
    return STATUS_OK;
}

// ---- views ----

static int write_page(const struct report_directory *directory, const struct report *const *reports,
                      size_t count, struct problem *problem)
{
    struct arena *arena = directory->context->arena;
    struct render_settings settings = {.scratch = arena};
    struct output output;
    int status = output_open(&output, arena_format(arena, "%s/report.html", directory->path), arena,
                             problem);
    if (status != STATUS_OK)
        return status;
    page_render(directory->title, reports, count, &settings, output.file);
    return output_close(&output, problem);
}

static int write_markdown(const struct report_directory *directory,
                          const struct report *const *reports, size_t count,
                          struct problem *problem)
{
    struct arena *arena = directory->context->arena;
    struct render_settings settings = {.scratch = arena};
    struct output output;
    int status = output_open(&output, arena_format(arena, "%s/summary.md", directory->path), arena,
                             problem);
    if (status != STATUS_OK)
        return status;
    status = markdown_render(directory->title, reports, count, &settings, output.file, problem);
    if (status != STATUS_OK) {
        output_abandon(&output);
        return status;
    }
    return output_close(&output, problem);
}

static int write_plots(const struct report_directory *directory, struct problem *problem)
{
    struct arena *arena = directory->context->arena;
    const char *path = arena_format(arena, "%s/plots", directory->path);
    struct plots plots = {.directory = path, .arena = arena};
    int status = output_make_directory(path, problem);
    job_say_step(directory->context, "draws plots");
    for (size_t i = 0; status == STATUS_OK && i < directory->report_count; i++)
        status = plots_write(&plots, directory->reports[i], problem);
    if (status == STATUS_OK && plots_draw(&plots) < plots.count)
        job_say(directory->context,
                "plots are not drawn; with gnuplot, in plots/ of the result: gnuplot *.gp");
    return status;
}

int report_directory_write_views(struct report_directory *directory, struct problem *problem)
{
    struct arena *arena = directory->context->arena;
    const struct report *reports[REPORT_DIRECTORY_REPORTS_MAX + 1];
    if (directory->exports)
        summary_add_ages(directory->reports[0], &directory->exports->first);
    int status = write_plots(directory, problem);
    if (status != STATUS_OK)
        return status;
    reports[0] = summary_create(arena, directory->title,
                                (const struct report *const *)directory->reports,
                                directory->report_count, &directory->advice);
    for (size_t i = 0; i < directory->report_count; i++)
        reports[i + 1] = directory->reports[i];
    status = write_page(directory, reports, directory->report_count + 1, problem);
    if (status == STATUS_OK)
        status = write_markdown(directory, reports, directory->report_count + 1, problem);
    return status;
}
