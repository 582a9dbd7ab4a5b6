// cmd_gc.c: `frost gc`: what the collector does and why.

#include <stdlib.h>

#include "analyzer/analysis/cost_model.h"
#include "analyzer/analysis/gc/gc_report.h"
#include "analyzer/analysis/gc/gc_stock.h"
#include "analyzer/analysis/stock_trace.h"
#include "analyzer/cmd/app_options.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/job/gc_advice.h"

struct settings {
    struct report_settings report;
    const char *model;
    uint64_t short_lived;
    uint64_t limit_bytes;
    uint64_t reserve_bytes;
    bool advises;
    struct app_settings app;
    struct vm_settings vm;
};

static const struct option options[] = {
    {OPTION_COUNT, 0, "short-lived", "N", "4",
     "blocks that survive fewer than N collections are short-lived",
     offsetof(struct settings, short_lived), 1, 0, NULL, 0},
    {OPTION_BYTES, 0, "mem-limit", "BYTES", NULL,
     "limit of the modelled mode ON_MEM_LIMIT (3/4 of the heap)",
     offsetof(struct settings, limit_bytes), 1, 0, NULL, 0},
    {OPTION_BYTES, 0, "mem-reserve", "BYTES", NULL,
     "free bytes that ON_MEM_LIMIT with a negative limit keeps (4K, 8K and 12K)",
     offsetof(struct settings, reserve_bytes), 1, 0, NULL, 0},
    {OPTION_STRING, 0, "model", "NAME", "nodemcu-3.0", "cost model: its name, or a file",
     offsetof(struct settings, model), 0, 0, cost_model_names, 0},
    REPORT_OPTIONS(struct settings),
    {OPTION_FLAG, 0, "advise", NULL, NULL,
     "run an application in each mode of node.egc, and say which to set; what follows is for that",
     offsetof(struct settings, advises), 0, 0, NULL, 0},
    APP_OPTIONS(struct settings),
    VM_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

static int show_stock(struct call *call, const struct settings *settings)
{
    struct gc_stock_settings wanted = {.traces = (const char *const *)call->operands,
                                       .trace_count = call->operand_count,
                                       .exclude = call->exclude};
    struct problem problem = {0};
    struct report *report;
    if (gc_stock_report(&wanted, call->perm, &report, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return report_settings_write(call, &settings->report, report);
}

// ---- advice ----

static int advise_work(struct call *call, struct profile_job *job)
{
    const struct settings *settings = call->settings;
    return app_command_report(call, job, &settings->report, gc_advice_report);
}

// Nothing is kept: the job works in a directory that it removes.
static int advise(struct call *call)
{
    const struct settings *settings = call->settings;
    const struct list_settings list = list_settings_default(settings->model);
    const char *parent = getenv("TMPDIR");
    if (call->operand_count != 1)
        return command_misused(call, "--advise needs one directory, that of an application");
    const struct app_command command = {
        .app = &settings->app,
        .vm = &settings->vm,
        .list = &list,
        .variants = gc_advice_variants,
        .variant_count = GC_ADVICE_VARIANT_COUNT,
        .output = arena_format(call->perm, "%s/frost-gc-advice",
                               parent && *parent ? parent : "/tmp"),
        .work = advise_work,
    };
    return app_command_run(call, &command);
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct gc_settings wanted = {
        .traces = (const char *const *)call->operands,
        .trace_count = call->operand_count,
        .model = settings->model,
        .short_lived = settings->short_lived,
        .limit_bytes = settings->limit_bytes,
        .reserve_bytes = settings->reserve_bytes,
    };
    struct gc *gc = ARENA_NEW(call->perm, struct gc);
    struct problem problem = {0};
    if (call->operand_count == 0)
        return command_misused(call, "needs a trace, the directory that frost record has written");
    if (command_exclude(call, &settings->report.exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (settings->advises)
        return advise(call);
    wanted.exclude = call->exclude;
    bool is_stock;
    if (stock_trace_check(call->perm, wanted.traces, wanted.trace_count, &is_stock, &problem) !=
        STATUS_OK)
        return command_fail(call, &problem);
    if (is_stock)
        return show_stock(call, settings);
    if (gc_analyse(&wanted, call->perm, gc, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return report_settings_write(call, &settings->report, gc_report(gc, call->perm));
}

const struct command command_gc = {
    .name = "gc",
    .summary = "Shows what the collector does, why, and what it costs.",
    .usage = "[OPTION]... TRACE... | --advise DIRECTORY",
    .description = "Collections and their pauses, what is allocated where and how long it lives,\n"
                   "the heap at its highest point, fragmentation, the string table, and what\n"
                   "each mode of node.egc would cost. For a device with stock firmware: its heap\n"
                   "over time, at marks, and its lists of strings.\n"
                   "--advise runs an application, as frost profile does, from LFS with a list in\n"
                   "each mode of node.egc, as replays of one run, and says which mode to set.\n",
    .examples = {"frost gc boot.trace", "frost gc --short-lived 1 --mem-limit 24K boot.trace",
                 "frost gc --advise examples/sensor-node"},
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
