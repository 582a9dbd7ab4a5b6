// cmd_gc.c: `frost gc`: what the collector does and why.

#include "analyzer/analysis/gc_report.h"
#include "analyzer/analysis/gc_stock.h"
#include "analyzer/analysis/stock.h"
#include "analyzer/cmd/command.h"
#include "analyzer/cmd/report_options.h"

struct settings {
    struct report_settings report;
    const char *model;
    uint64_t short_lived;
    uint64_t limit_bytes;
    uint64_t reserve_bytes;
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
     offsetof(struct settings, model), 0, 0, NULL, 0},
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

static int show_stock(struct call *call, const struct settings *settings)
{
    struct gc_stock_settings wanted = {.traces = (const char *const *)call->operands,
                                       .trace_count = call->operand_count};
    struct problem problem = {0};
    struct report *report;
    if (gc_stock_report(&wanted, call->perm, &report, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return report_settings_write(call, &settings->report, report);
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
        return command_misused(call, "needs a trace, the folder that frost record has written");
    bool is_stock;
    if (stock_check(call->perm, wanted.traces, wanted.trace_count, &is_stock, &problem) !=
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
    .usage = "[OPTION]... TRACE...",
    .description = "Collections and their pauses, what is allocated where and how long it lives,\n"
                   "the heap at its highest point, fragmentation, the string table, and what\n"
                   "each mode of node.egc would cost. Of a device with stock firmware: its heap\n"
                   "over time, at marks, and its lists of strings.\n",
    .examples = {"frost gc boot.trace", "frost gc --short-lived 1 --mem-limit 24K boot.trace"},
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
