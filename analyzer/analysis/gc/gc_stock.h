// gc_stock.h: the heap of devices with stock firmware over time: report "frost/gc-stock/1".
//
// Reads: traces of stock firmware (stock.h), as an observer of their replay: heap lines, lists of
// strings, marks. What the collector does is not in them. Memory: GC_STOCK_ROWS_MAX rows of a
// table.

#ifndef FROST_ANALYSIS_GC_STOCK_H
#define FROST_ANALYSIS_GC_STOCK_H

#include "analyzer/analysis/heap/replay.h"
#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "reports/report.h"

#define GC_STOCK_ROWS_MAX 5000u

struct gc_stock_settings {
    const char *const *traces; // directories
    const char *const *names;  // of the runs, for reports; NULL: the directories
    size_t trace_count;
    const struct exclude *exclude; // texts to leave out; NULL: none
};

// An observer of the replay of such traces, and the report when the replay is done.
struct replay_observer gc_stock_observer(struct arena *arena);
struct report *gc_stock_finish(const struct replay_observer *observer);

// Makes the report by a replay of its own. Tables: marks, lists, boots. Series: free_bytes,
// lua_bytes, live_bytes, string_bytes, over seconds. Errors: those of the trace reader.
int gc_stock_report(const struct gc_stock_settings *settings, struct arena *arena,
                    struct report **report, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
