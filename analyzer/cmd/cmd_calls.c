// cmd_calls.c: `frost calls`: what was taken, by call.

#include "analyzer/analysis/calls/calls.h"
#include "analyzer/analysis/cost_model.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"
#include "analyzer/job/export_trace.h"

struct settings {
    struct report_settings report;
    int by; // index in the words
    uint64_t percent_min;
    const char *model;
};

static const char *const by_words[] = {"peak", "allocated", "blocks", "clocks", NULL};
static const enum export_metric by_metrics[] = {EXPORT_PEAK_BYTES, EXPORT_ALLOCATED_BYTES,
                                                EXPORT_ALLOCATIONS, EXPORT_CLOCKS};

static const struct option options[] = {
    {OPTION_CHOICE, 0, "by", "FIGURE", "peak",
     "order and shares: bytes at the peak, bytes allocated, blocks, or clocks",
     offsetof(struct settings, by), 0, 0, by_words, 0},
    {OPTION_COUNT, 0, "min", "PERCENT", "1", "leave out what has a smaller share",
     offsetof(struct settings, percent_min), 0, 100, NULL, 0},
    {OPTION_STRING, 0, "model", "NAME", "nodemcu-3.0", "cost model: its name, or a file",
     offsetof(struct settings, model), 0, 0, cost_model_names, 0},
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct export_profile profile;
    if (call->operand_count != 1)
        return command_misused(call,
                               "needs one trace, the directory that frost record has written");
    if (command_exclude(call, &settings->report.exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct job_context context = command_context(call);
    if (export_trace(&context, call->operands[0], settings->model, false, &profile, &problem) !=
        STATUS_OK)
        return command_fail(call, &problem);
    struct report *report = report_create(call->perm, "calls", 1, "What was taken, by call");
    report_take_inputs(report, profile.inputs);
    calls_fill(&profile, by_metrics[settings->by], (double)settings->percent_min, report);
    return report_settings_write(call, &settings->report, report);
}

const struct command command_calls = {
    .name = "calls",
    .summary = "Shows what was taken, by call.",
    .usage = "[OPTION]... TRACE",
    .description =
        "A tree of functions: what each held at the highest point, and allocated, with all that\n"
        "it called. The callers are in traces of frost record --stacks N and of frost profile.\n"
        "For flame graphs and KCachegrind: frost export.\n",
    .examples = {"frost record --stacks 16 app.lua", "frost calls frost.trace"},
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
