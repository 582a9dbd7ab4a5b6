// cmd_heap.c: `frost heap`: who holds the RAM.

#include "analyzer/analysis/holders/holders.h"
#include "analyzer/analysis/stock_trace.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"

struct settings {
    struct report_settings report;
    int moment; // index in the words
    uint64_t percent_min;
};

static const char *const moment_words[] = {"any", "peak", "mark", "end", NULL};
static const int moments[] = {HOLDERS_ANY, MOMENT_PEAK, MOMENT_MARK, MOMENT_END};

static const struct option options[] = {
    {OPTION_CHOICE, 0, "at", "MOMENT", "any",
     "the snapshot to show: peak, mark (the last) or end; any: the peak, or the last",
     offsetof(struct settings, moment), 0, 0, moment_words, 0},
    {OPTION_COUNT, 0, "min", "PERCENT", "1", "leave out holders with a smaller share",
     offsetof(struct settings, percent_min), 0, 100, NULL, 0},
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

static int analyse(struct call *call, struct holders *holders, struct report *report,
                   struct problem *problem)
{
    const struct settings *settings = call->settings;
    const char *trace = call->operands[0];
    struct replay_observer observer = holders_observer(holders);
    struct replay_settings replay = {.traces = &trace, .trace_count = 1, .exclude = call->exclude};
    int status = stock_trace_refuse(call->perm, &trace, 1, "who holds what", problem);
    if (status == STATUS_OK)
        status = replay_run(&replay, &observer, 1, problem);
    if (status == STATUS_OK)
        status = holders_report(holders, (double)settings->percent_min, report, problem);
    return status;
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct holders holders;
    if (call->operand_count != 1)
        return command_misused(call,
                               "needs one trace, the directory that frost record has written");
    if (command_exclude(call, &settings->report.exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct report *report = report_create(call->perm, "heap", 1, "Who holds the RAM");
    holders_init(&holders, call->perm, moments[settings->moment]);
    int status = analyse(call, &holders, report, &problem);
    int result = status == STATUS_OK ? report_settings_write(call, &settings->report, report)
                                     : command_fail(call, &problem);
    holders_deinit(&holders);
    return result;
}

const struct command command_heap = {
    .name = "heap",
    .summary = "Shows who holds the RAM.",
    .usage = "[OPTION]... TRACE",
    .description =
        "From a snapshot of the heap (frost record --snapshot): what each object holds with all\n"
        "that would go with it, and the way to it; RAM by module and function; garbage; and,\n"
        "with snapshots at marks, what grows from mark to mark.\n",
    .examples = {"frost record --snapshot=end app.lua", "frost heap frost.trace",
                 "frost heap --at mark frost.trace"},
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
