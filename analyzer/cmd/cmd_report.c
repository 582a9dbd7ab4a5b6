// cmd_report.c: `frost report`: all analyses of traces, into a folder.

#include "analyzer/analysis/size.h"
#include "analyzer/analysis/strings_list.h"
#include "analyzer/analysis/strings_report.h"
#include "analyzer/base/output.h"
#include "analyzer/cmd/command.h"
#include "analyzer/cmd/report_folder.h"
#include "analyzer/cmd/result_folder.h"

struct settings {
    const char *output;
    const char *model;
    bool includes_input;
};

static const struct option options[] = {
    {OPTION_STRING, 'o', "output", "FOLDER", "frost-report", "folder of the reports",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "model", "NAME", "nodemcu-3.0", "cost model: its name, or a file",
     offsetof(struct settings, model), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "include-input", NULL, NULL,
     "also show texts that came from files, the console or the network",
     offsetof(struct settings, includes_input), 0, 0, NULL, 0},
    OPTION_TABLE_END,
};

static int write_list(struct call *call, const struct strings *strings, const char *folder,
                      struct problem *problem)
{
    struct output output;
    int status = output_open(&output, arena_format(call->perm, "%s/dummy_strings.lua", folder),
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
    struct report *report =
        report_create(call->perm, "strings", 1, "Which strings to preload into flash");
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

static int write_all(struct call *call, const struct strings_settings *wanted,
                     const struct strings *strings, const char *path, struct problem *problem)
{
    struct text name = text_of("the program");
    if (call->operand_count == 1 && text_base_name(text_of(call->operands[0])).bytes)
        name = text_base_name(text_of(call->operands[0]));
    struct report_folder folder = {
        .call = call,
        .title =
            arena_format(call->perm, "What %.*s needs, and what to change", TEXT_ARGS(name)),
        .path = path,
        .traces = wanted->traces,
        .trace_count = wanted->trace_count,
        .model = wanted->model,
        .includes_input = wanted->includes_input,
        .is_stock = strings->profile->is_stock,
        .reports = {about_strings(call, wanted, strings)},
        .report_count = 1,
    };
    if (!folder.is_stock)
        folder.reports[folder.report_count++] = about_size(call, strings);
    int status = report_folder_analyse(&folder, problem);
    if (status == STATUS_OK)
        status = report_folder_write_views(&folder, problem);
    if (status == STATUS_OK)
        status = report_folder_write_reports(&folder, 0, problem);
    return status == STATUS_OK ? write_list(call, strings, path, problem) : status;
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct strings_settings wanted = {
        .traces = (const char *const *)call->operands, .trace_count = call->operand_count,
        .budget_bytes = UINT64_MAX, .includes_input = settings->includes_input,
        .clocks_percent_max = 1, .return_min = STRINGS_RETURN_MIN, .model = settings->model,
    };
    struct problem problem = {0};
    struct strings strings = {0};
    struct result_folder result = {0};
    if (call->operand_count == 0)
        return command_misused(call, "needs a trace, the folder that frost record has written");
    int status = strings_analyse(&wanted, call->perm, &strings, &problem);
    if (status == STATUS_OK)
        status = result_folder_begin(call->perm, settings->output, &result, &problem);
    if (status == STATUS_OK)
        status = write_all(call, &wanted, &strings, result.part, &problem);
    if (status == STATUS_OK)
        status = result_folder_finish(&result, &problem);
    result_folder_abandon(&result);
    strings_deinit(&strings);
    return status == STATUS_OK ? EXIT_STATUS_DONE : command_fail(call, &problem);
}

const struct command command_report = {
    .name = "report",
    .summary = "Writes all analyses of traces into a folder.",
    .usage = "[OPTION]... TRACE...",
    .description =
        "Writes report.html, which needs no network and no script; summary.md; strings,\n"
        "size and hot spots as text and JSON; dummy_strings.lua; plots/ for gnuplot; and\n"
        "exports/ for callgrind_annotate, DHAT's viewer, flame graphs and pprof. An\n"
        "earlier result in FOLDER is replaced as a whole.\n",
    .examples = {"frost report -o boot.report boot.trace"},
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
