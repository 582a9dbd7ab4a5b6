// stock_trace.c: is a trace of stock firmware.

#include "analyzer/analysis/stock_trace.h"

#include "analyzer/trace/trace_reader.h"

#define EVENTS_MAX 64u // a trace begins with its boot

static int check_one(struct arena *arena, const char *directory, bool *is_stock,
                     struct problem *problem)
{
    struct arena_mark mark = arena_mark(arena);
    struct trace *trace;
    struct trace_event event;
    int status = trace_open(arena, directory, &trace, problem);
    if (status != STATUS_OK)
        return status;
    *is_stock = false;
    for (unsigned i = 0; i < EVENTS_MAX && trace_next(trace, &event) > 0; i++)
        if (event.id == TRACE_ID_boot) {
            *is_stock = event.boot.flags & TRACE_BOOT_STOCK;
            break;
        }
    trace_close(trace);
    arena_rewind(arena, mark);
    return STATUS_OK;
}

int stock_trace_check(struct arena *arena, const char *const *traces, size_t count, bool *is_stock,
                      struct problem *problem)
{
    *is_stock = false;
    for (size_t i = 0; i < count; i++) {
        bool is_one = false;
        int status = check_one(arena, traces[i], &is_one, problem);
        if (status != STATUS_OK)
            return status;
        if (i > 0 && is_one != *is_stock)
            return problem_set(problem, STATUS_USAGE, text_of(traces[i]), PROBLEM_NO_OFF,
                               "%s of a device with stock firmware, '%.80s' %s: look at them apart",
                               is_one ? "is" : "is not", traces[0], is_one ? "is not" : "is");
        *is_stock = is_one;
    }
    return STATUS_OK;
}

int stock_trace_refuse(struct arena *arena, const char *const *traces, size_t count,
                       const char *what, struct problem *problem)
{
    for (size_t i = 0; i < count; i++) {
        bool is_stock = false;
        int status = check_one(arena, traces[i], &is_stock, problem);
        if (status != STATUS_OK)
            return status;
        if (is_stock)
            return problem_set(problem, STATUS_USAGE, text_of(traces[i]), PROBLEM_NO_OFF,
                               "is of a device with stock firmware, which cannot tell %s; "
                               "frost strings and frost gc accept it",
                               what);
    }
    return STATUS_OK;
}
