// gc_stock.h: the heap of devices with stock firmware over time: report "frost/gc-stock/1".
//
// Reads: traces of stock firmware (stock.h), one pass each: heap lines, lists of strings, marks.
// What the collector does is not in them. Memory: GC_STOCK_ROWS_MAX rows of a table.

#ifndef FROST_ANALYSIS_GC_STOCK_H
#define FROST_ANALYSIS_GC_STOCK_H

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "reports/report.h"

#define GC_STOCK_ROWS_MAX 5000u

struct gc_stock_settings {
    const char *const *traces; // folders
    const char *const *names;  // of the runs, for reports; NULL: the folders
    size_t trace_count;
};

// Makes the report. Tables: marks, lists, boots. Series: free_bytes, lua_bytes, live_bytes,
// string_bytes, over seconds. Errors: those of the trace reader.
int gc_stock_report(const struct gc_stock_settings *settings, struct arena *arena,
                    struct report **report, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
