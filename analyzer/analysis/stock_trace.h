// stock_trace.h: traces of devices with stock firmware, which know texts and heap, and nothing
// else.
//
// Reads: the first events of traces. What such traces have: runtime/format/trace_events.h, "Stock
// firmware".

#ifndef FROST_ANALYSIS_STOCK_TRACE_H
#define FROST_ANALYSIS_STOCK_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

// Tells whether traces are of stock firmware: all of them, or none.
//
// Errors: those of trace_open() and trace_next(); STATUS_USAGE some are and some are not: their
//         figures cannot be compared.
int stock_trace_check(struct arena *arena, const char *const *traces, size_t count, bool *is_stock,
                      struct problem *problem) __attribute__((warn_unused_result));

// The same for an analysis that needs events which such traces do not have: STATUS_USAGE then.
// `what` is missing there ("reads of flash").
int stock_trace_refuse(struct arena *arena, const char *const *traces, size_t count,
                       const char *what, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
