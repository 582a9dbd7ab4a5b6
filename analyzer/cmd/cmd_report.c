// cmd_report.c: `frost report`: all analyses of traces, into a directory.

#include "analyzer/analysis/cost_model.h"
#include "analyzer/analysis/size/size.h"
#include "analyzer/analysis/stock_trace.h"
#include "analyzer/analysis/strings/strings_list.h"
#include "analyzer/analysis/strings/strings_report.h"
#include "analyzer/base/output.h"
#include "analyzer/base/result.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"
#include "analyzer/job/report_directory.h"

struct settings {
    const char *output;
    const char *model;
    bool includes_input;
    struct option_list exclude;
};

static const struct option options[] = {
    {OPTION_STRING, 'o', "output", "DIRECTORY", "frost-report", "directory of the reports",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "model", "NAME", "nodemcu-3.0", "cost model: its name, or a file",
     offsetof(struct settings, model), 0, 0, cost_model_names, 0},
    {OPTION_FLAG, 0, "include-input", NULL, NULL,
     "also show texts that came from files, the console or the network",
     offsetof(struct settings, includes_input), 0, 0, NULL, 0},
    EXCLUDE_OPTION(struct settings, exclude),
    OPTION_TABLE_END,
};

static int write_list(struct call *call, const struct strings *strings, const char *directory,
                      struct problem *problem)
{
    struct output output;
    int status = output_open(&output, arena_format(call->perm, "%s/dummy_strings.lua", directory),
                             call->perm, problem);
    if (status != STATUS_OK)
        return status;
    strings_list_write(strings, &strings->chosen, "strings to preload into flash", call->perm,
                       output.file);
    return output_close(&output, problem);
}

static struct report *about_strings(struct call *call, const struct strings_settings *wanted,
                                    const struct strings *strings)
{
    struct report *report = report_create(call->perm, "strings", 1,
                                          "Which strings to preload into flash");
    heap_profile_add_inputs(strings->profile, report);
    strings_fill_totals(strings, wanted, report);
    strings_fill_tables(strings, wanted, false, report);
    return report;
}

static struct report *about_size(struct call *call, const struct strings *strings)
{
    struct report *report = report_create(call->perm, "size", 1, "Where RAM and flash go");
    struct size_input input = {.profile = strings->profile};
    heap_profile_add_inputs(strings->profile, report);
    size_add_mounted(&input, call->perm, report);
    size_fill_totals(&input, report);
    size_fill_tables(&input, report);
    return report;
}

// All analyses, in one replay, and everything that the directory holds.
static int fill(struct call *call, struct report_directory *directory,
                struct strings_settings *wanted, struct strings *strings, bool *has_list,
                struct problem *problem)
{
    int status = stock_trace_check(call->perm, wanted->traces, wanted->trace_count,
                                   &directory->is_stock, problem);
    if (status == STATUS_OK)
        status = report_directory_begin(directory, problem);
    wanted->others = directory->observers;
    wanted->other_count = directory->observer_count;
    if (status == STATUS_OK)
        status = strings_analyse(wanted, call->perm, strings, problem);
    if (status != STATUS_OK)
        return status;
    directory->reports[directory->report_count++] = about_strings(call, wanted, strings);
    if (!directory->is_stock)
        directory->reports[directory->report_count++] = about_size(call, strings);
    report_directory_end(directory);
    if (!directory->is_stock && !strings_are_of_failure(strings, wanted))
        report_directory_advise_list(directory, &strings->chosen);
    status = report_directory_write_views(directory, problem);
    if (status == STATUS_OK)
        status = report_directory_write_reports(directory, 0, problem);
    if (status != STATUS_OK)
        return status;
    report_say_inputs(call, directory->reports[0], false);
    if (!strings_are_of_failure(strings, wanted))
        return write_list(call, strings, directory->path, problem);
    fputs("frost report: " STRINGS_NO_LIST "\n", stderr);
    *has_list = false;
    return STATUS_OK;
}

static int work(struct call *call, struct strings_settings *wanted, struct strings *strings,
                const char *path, bool *has_list, struct problem *problem)
{
    struct text name = text_of("the program");
    if (call->operand_count == 1 && text_base_name(text_of(call->operands[0])).bytes)
        name = text_base_name(text_of(call->operands[0]));
    struct job_context context = command_context(call);
    struct report_directory directory = {
        .context = &context,
        .title = arena_format(call->perm, "What %.*s needs, and what to change", TEXT_ARGS(name)),
        .path = path,
        .traces = wanted->traces,
        .trace_count = wanted->trace_count,
        .model = wanted->model,
        .includes_input = wanted->origins & TRACE_ORIGIN_INPUT,
    };
    int status = fill(call, &directory, wanted, strings, has_list, problem);
    report_directory_deinit(&directory);
    return status;
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct strings_settings wanted = {
        .traces = (const char *const *)call->operands,
        .trace_count = call->operand_count,
        .budget_bytes = UINT64_MAX,
        .origins = settings->includes_input ? STRINGS_ORIGINS_ALL : 0,
        .clocks_percent_max = 1,
        .return_min = STRINGS_RETURN_MIN,
        .model = settings->model,
    };
    struct problem problem = {0};
    struct strings strings = {0};
    struct result result = {0};
    bool has_list = true;
    if (call->operand_count == 0)
        return command_misused(call, "needs a trace, the directory that frost record has written");
    if (command_exclude(call, &settings->exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    wanted.exclude = call->exclude;
    int status = output_make_parents(settings->output, &problem);
    if (status == STATUS_OK)
        status = result_begin(call->perm, settings->output, &result, &problem);
    if (status == STATUS_OK)
        status = work(call, &wanted, &strings, result.scratch, &has_list, &problem);
    if (status == STATUS_OK)
        status = result_finish(&result, &problem);
    result_abandon(&result);
    strings_deinit(&strings);
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    return has_list ? EXIT_STATUS_DONE : EXIT_STATUS_NO;
}

const struct command command_report = {
    .name = "report",
    .summary = "Writes all analyses of traces into a directory.",
    .usage = "[OPTION]... TRACE...",
    .description =
        "Writes report.html, which needs no network and no script; summary.md; strings,\n"
        "size and hot spots as text and JSON; dummy_strings.lua; plots/ for gnuplot; and\n"
        "exports/ for callgrind_annotate, DHAT's viewer, flame graphs and pprof. An\n"
        "earlier result in DIRECTORY is replaced as a whole.\n",
    .examples = {"frost report -o boot.report boot.trace"},
    .statuses = "a run failed, so that there is no dummy_strings.lua",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
