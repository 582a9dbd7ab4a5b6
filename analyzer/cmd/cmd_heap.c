// cmd_heap.c: `frost heap`: who holds the RAM.

#include <string.h>

#include "analyzer/analysis/holders/holders.h"
#include "analyzer/analysis/stock_trace.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"
#include "reports/report_diff.h"

struct settings {
    struct report_settings report;
    const char *at, *base, *base_at;
    uint64_t percent_min;
};

static const char *const moment_words[] = {"any", "peak", "mark", "failure", "end", NULL};
static const int moments[] = {HOLDERS_ANY, MOMENT_PEAK, MOMENT_MARK, MOMENT_FAILURE, MOMENT_END};

static const struct option options[] = {
    {OPTION_STRING, 0, "at", "MOMENT", "any",
     "the snapshot to show: peak, mark (the last), failure (memory has run out), end, or its "
     "number; any: the failure, else the peak, else the last",
     offsetof(struct settings, at), 0, 0, moment_words, 0},
    {OPTION_STRING, 0, "base", "TRACE", NULL, "show what has changed since this run",
     offsetof(struct settings, base), 0, 0, NULL, 0},
    {OPTION_STRING, 0, "base-at", "MOMENT", NULL,
     "show what has changed since this snapshot, of --base or of the same run (as --at)",
     offsetof(struct settings, base_at), 0, 0, moment_words, 0},
    {OPTION_COUNT, 0, "min", "PERCENT", "1",
     "leave out holders with a smaller share; what has changed is shown of all",
     offsetof(struct settings, percent_min), 0, 100, NULL, 0},
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

static bool read_moment(const char *text, struct holders_wanted *wanted)
{
    uint64_t number;
    *wanted = (struct holders_wanted){.moment = HOLDERS_ANY};
    for (size_t i = 0; moment_words[i]; i++)
        if (strcmp(text, moment_words[i]) == 0) {
            wanted->moment = moments[i];
            return true;
        }
    if (options_parse_bytes(text, &number) != STATUS_OK || number == 0 || number > UINT32_MAX)
        return false;
    wanted->number = (uint32_t)number;
    return true;
}

// The report of a snapshot, in memory that lasts as long as the command.
static int measure(struct call *call, const char *trace, struct holders_wanted wanted,
                   double percent_min, struct report **report, struct problem *problem)
{
    struct holders holders;
    struct replay_observer observer = holders_observer(&holders);
    struct replay_settings replay = {.traces = &trace, .trace_count = 1, .exclude = call->exclude};
    int status = stock_trace_refuse(call->perm, &trace, 1, "who holds what", problem);
    *report = report_create(call->perm, "heap", 1, "Who holds the RAM");
    holders_init(&holders, call->perm, wanted);
    if (status == STATUS_OK)
        status = replay_run(&replay, &observer, 1, problem);
    if (status == STATUS_OK)
        status = holders_report(&holders, percent_min, *report, problem);
    holders_deinit(&holders);
    return status;
}

// What has changed. Holders are compared whatever their share, since one that has become small is
// not one that is gone.
static int compare(struct call *call, struct holders_wanted base_wanted,
                   struct holders_wanted wanted, struct report **report, struct problem *problem)
{
    const struct settings *settings = call->settings;
    const char *trace = call->operands[0];
    struct report *base, *now;
    int status = measure(call, settings->base ? settings->base : trace, base_wanted, 0, &base,
                         problem);
    if (status == STATUS_OK)
        status = measure(call, trace, wanted, 0, &now, problem);
    if (status == STATUS_OK)
        status = report_diff(base, now, call->perm, report, problem);
    if (status == STATUS_OK)
        report_drop_empty(*report);
    return status;
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    const char *base_at = settings->base_at ? settings->base_at : settings->at;
    struct problem problem = {0};
    struct holders_wanted wanted, base_wanted;
    struct report *report;
    if (call->operand_count != 1)
        return command_misused(call,
                               "needs one trace, the directory that frost record has written");
    if (!read_moment(settings->at, &wanted) || !read_moment(base_at, &base_wanted))
        return command_misused(call, "a snapshot is any, peak, mark, end or a number from 1");
    int status = command_exclude(call, &settings->report.exclude, &problem);
    if (status == STATUS_OK)
        status = settings->base || settings->base_at
                     ? compare(call, base_wanted, wanted, &report, &problem)
                     : measure(call, call->operands[0], wanted, (double)settings->percent_min,
                               &report, &problem);
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    return report_settings_write(call, &settings->report, report);
}

const struct command command_heap = {
    .name = "heap",
    .summary = "Shows who holds the RAM.",
    .usage = "[OPTION]... TRACE",
    .description =
        "From a snapshot of the heap (frost record --snapshot): what each object holds with all\n"
        "that would go with it, and the way to it; RAM by module and function; garbage; and,\n"
        "with snapshots at marks, what grows from mark to mark. With --base or --base-at: what\n"
        "has changed between two runs, or two snapshots of one.\n",
    .examples = {"frost record --snapshot=end app.lua", "frost heap frost.trace",
                 "frost heap --base-at 1 --at end frost.trace"},
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
