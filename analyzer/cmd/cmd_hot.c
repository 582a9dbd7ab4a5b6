// cmd_hot.c: `frost hot`: where flash is read byte by byte.

#include "analyzer/analysis/cost_model.h"
#include "analyzer/analysis/hot/hot_annotate.h"
#include "analyzer/analysis/static/static_report.h"
#include "analyzer/analysis/stock_trace.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"

struct settings {
    struct report_settings report;
    int by;
    const char *model;
    const char *if_moved;
    const char *annotate;
    const char *source;
    const char *elf;
    const char *firmware; // for a static analysis
    bool has_text;
};

static const struct option options[] = {
    {OPTION_CHOICE, 0, "by", "KEY", "all",
     "one table: line, function, object, region or event; for loads also c-line, page or cause",
     offsetof(struct settings, by), 0, 0, hot_by_words, 0},
    {OPTION_STRING, 0, "annotate", "WHAT", NULL,
     "show a Lua source with counts beside its lines; where loads were recorded also a C source, "
     "or a C function with its instructions",
     offsetof(struct settings, annotate), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "source", "DIR", ".", "directory of the sources, for --annotate",
     offsetof(struct settings, source), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "if-moved", "FILE", NULL,
     "what reads would cost if the strings of FILE (a dummy_strings.lua; or all: every constant "
     "in RAM) were in flash",
     offsetof(struct settings, if_moved), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "model", "NAME", "nodemcu-3.0",
     "cost model to compare with and to sort by: its name, or a file",
     offsetof(struct settings, model), 0, 0, cost_model_names, 0},
    {OPTION_STRING, 0, "elf", "FILE", NULL,
     "program that ran, for lines of C: the chip's frost.elf or a traced VM (default: the one that "
     "the trace names)",
     offsetof(struct settings, elf), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "static", "FW.elf", NULL,
     "without a run: the sub-word load instructions of a firmware and the flash constants they may "
     "reach",
     offsetof(struct settings, firmware), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "text", NULL, "yes", "show hash and length instead of texts",
     offsetof(struct settings, has_text), 0, 0, NULL, 0},
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

static int run_static(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct report *report;
    if (call->operand_count || settings->annotate || settings->if_moved)
        return command_misused(call, "--static takes a firmware and no trace");
    if (static_report(settings->firmware, !settings->has_text, call->perm, &report, &problem) !=
        STATUS_OK)
        return command_fail(call, &problem);
    return report_settings_write(call, &settings->report, report);
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct report_settings form = settings->report;
    struct hot_settings wanted = {
        .traces = (const char *const *)call->operands,
        .trace_count = call->operand_count,
        .model = settings->model,
        .if_moved = settings->if_moved,
        .elf = settings->elf,
    };
    struct hot_view view = {.by = settings->by, .hides_text = !settings->has_text};
    struct hot hot;
    struct problem problem = {0};
    struct report *report;
    if (command_exclude(call, &settings->report.exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    wanted.exclude = call->exclude;
    if (settings->firmware)
        return run_static(call);
    if (call->operand_count == 0)
        return command_misused(call, "needs a trace, the directory that frost record has written");
    if (settings->annotate && settings->by != HOT_BY_ALL)
        return command_misused(call, "--annotate and --by cannot be combined");
    if (stock_trace_refuse(call->perm, wanted.traces, wanted.trace_count, "reads of flash",
                           &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (hot_analyse(&wanted, call->perm, &hot, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (settings->annotate) {
        if (hot_annotate(&hot, &view, settings->annotate, settings->source, call->perm, &report,
                         &problem) != STATUS_OK)
            return command_fail(call, &problem);
        if (form.rows_max == 0)
            form.rows_max = UINT64_MAX; // the whole source
    } else {
        report = hot_report(&hot, &view, call->perm);
    }
    return report_settings_write(call, &form, report);
}

const struct command command_hot = {
    .name = "hot",
    .summary = "Finds where flash is read byte by byte, and what that costs.",
    .usage = "[OPTION]... TRACE...",
    .description =
        "Counts the characters of strings in flash that C code read one by one, and\n"
        "what the VM and the collector did with objects in flash. Two cost models\n"
        "stand side by side: our runtime (own), and stock firmware or --model.\n"
        "Traces of frost record --loads and --esp8266 also have each load from flash, by\n"
        "C line; --static FW.elf lists where a firmware may do sub-word loads.\n",
    .examples = {"frost hot boot.trace", "frost hot --annotate app.lua boot.trace",
                 "frost hot --if-moved dummy_strings.lua boot.trace"},
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
