// report_folder.c: what a person, a script and other tools get from traces, in one folder.

#include "analyzer/cmd/report_folder.h"

#include <assert.h>

#include "analyzer/analysis/gc_report.h"
#include "analyzer/analysis/gc_stock.h"
#include "analyzer/analysis/hot_report.h"
#include "analyzer/analysis/summary.h"
#include "analyzer/base/output.h"
#include "analyzer/cmd/export_all.h"
#include "reports/markdown.h"
#include "reports/page.h"
#include "reports/plot.h"

#define TEXT_ROWS 50u // of a table in the text form

static void say(const struct report_folder *folder, const char *what)
{
    const struct call *call = folder->call;
    if (!call->common.quiet && call->err->is_terminal)
        fprintf(stderr, "frost %s: %s\n", call->command->name, what);
}

static void add(struct report_folder *folder, struct report *report)
{
    assert(folder->report_count < REPORT_FOLDER_REPORTS_MAX);
    folder->reports[folder->report_count++] = report;
}

static int analyse_stock(struct report_folder *folder, struct problem *problem)
{
    struct gc_stock_settings settings = {folder->traces, folder->names, folder->trace_count};
    struct report *report;
    int status = gc_stock_report(&settings, folder->call->perm, &report, problem);
    if (status == STATUS_OK)
        add(folder, report);
    return status;
}

int report_folder_analyse(struct report_folder *folder, struct problem *problem)
{
    struct arena *arena = folder->call->perm;
    if (folder->is_stock)
        return analyse_stock(folder, problem);
    struct hot *hot = ARENA_NEW(arena, struct hot);
    struct hot_settings hot_settings = {.traces = folder->traces, .names = folder->names,
                                        .trace_count = folder->trace_count,
                                        .model = folder->model};
    struct hot_view view = {0};
    say(folder, "looks for reads of flash");
    int status = hot_analyse(&hot_settings, arena, hot, problem);
    if (status != STATUS_OK)
        return status;
    add(folder, hot_report(hot, &view, arena));
    struct gc *gc = ARENA_NEW(arena, struct gc);
    struct gc_settings gc_settings = {.traces = folder->traces, .names = folder->names,
                                      .trace_count = folder->trace_count,
                                      .model = folder->model,
                                      .short_lived = GC_SHORT_LIVED_DEFAULT};
    say(folder, "looks at the collector");
    status = gc_analyse(&gc_settings, arena, gc, problem);
    if (status == STATUS_OK)
        add(folder, gc_report(gc, arena));
    return status;
}

int report_folder_write_reports(const struct report_folder *folder, size_t first,
                                struct problem *problem)
{
    static const struct renderer *const forms[] = {&renderer_text, &renderer_json};
    struct arena *arena = folder->call->perm;
    for (size_t i = first; i < folder->report_count; i++)
        for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
            struct render_settings settings = {
                .rows_max = forms[f] == &renderer_text ? TEXT_ROWS : 0, .scratch = arena};
            int status = report_write(folder->reports[i], forms[f], &settings,
                                      arena_format(arena, "%s/%s%s", folder->path,
                                                   folder->reports[i]->name, forms[f]->suffix),
                                      problem);
            if (status != STATUS_OK)
                return status;
        }
    return STATUS_OK;
}

// ---- views ----

static int write_page(const struct report_folder *folder, const struct report *const *reports,
                      size_t count, struct problem *problem)
{
    struct arena *arena = folder->call->perm;
    struct render_settings settings = {.scratch = arena};
    struct output output;
    int status = output_open(&output, arena_format(arena, "%s/report.html", folder->path), arena,
                             problem);
    if (status != STATUS_OK)
        return status;
    page_render(folder->title, reports, count, &settings, output.file);
    return output_close(&output, problem);
}

static int write_markdown(const struct report_folder *folder, const struct report *const *reports,
                          size_t count, struct problem *problem)
{
    struct arena *arena = folder->call->perm;
    struct render_settings settings = {.scratch = arena};
    struct output output;
    int status = output_open(&output, arena_format(arena, "%s/summary.md", folder->path), arena,
                             problem);
    if (status != STATUS_OK)
        return status;
    status = markdown_render(folder->title, reports, count, &settings, output.file, problem);
    if (status != STATUS_OK) {
        output_abandon(&output);
        return status;
    }
    return output_close(&output, problem);
}

static int write_plots(const struct report_folder *folder, struct problem *problem)
{
    struct call *call = folder->call;
    const char *path = arena_format(call->perm, "%s/plots", folder->path);
    unsigned written = 0, drawn = 0;
    int status = output_make_folder(path, problem);
    say(folder, "draws plots");
    for (size_t i = 0; status >= 0 && i < folder->report_count; i++) {
        status = plot_write(folder->reports[i], path, call->perm, &drawn, problem);
        written += status > 0 ? (unsigned)status : 0;
    }
    if (status >= 0 && drawn < written && !call->common.quiet)
        fprintf(stderr, "frost %s: plots are not drawn; with gnuplot: cd %s && gnuplot *.gp\n",
                call->command->name, path);
    return status < 0 ? status : STATUS_OK;
}

static int write_exports(const struct report_folder *folder, size_t idx,
                         const struct export_profile *profile, struct problem *problem)
{
    struct arena *arena = folder->call->perm;
    const char *path = folder->trace_count == 1
                           ? arena_format(arena, "%s/exports", folder->path)
                           : arena_format(arena, "%s/exports/run%zu", folder->path, idx + 1);
    int status = output_make_folder(path, problem);
    return status == STATUS_OK ? export_write_all(profile, path, arena, problem) : status;
}

int report_folder_write_views(struct report_folder *folder, struct problem *problem)
{
    struct arena *arena = folder->call->perm;
    const struct report *reports[REPORT_FOLDER_REPORTS_MAX + 1];
    int status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !folder->is_stock && i < folder->trace_count; i++) {
        struct export_profile profile;
        status = export_read(folder->call, folder->traces[i], folder->model,
                             folder->includes_input, &profile, problem);
        if (status == STATUS_OK && i == 0)
            summary_add_ages(folder->reports[0], &profile);
        if (status == STATUS_OK)
            status = write_exports(folder, i, &profile, problem);
    }
    if (status == STATUS_OK)
        status = write_plots(folder, problem);
    if (status != STATUS_OK)
        return status;
    reports[0] = summary_create(arena, folder->title, (const struct report *const *)folder->reports,
                                folder->report_count);
    for (size_t i = 0; i < folder->report_count; i++)
        reports[i + 1] = folder->reports[i];
    status = write_page(folder, reports, folder->report_count + 1, problem);
    if (status == STATUS_OK)
        status = write_markdown(folder, reports, folder->report_count + 1, problem);
    return status;
}
