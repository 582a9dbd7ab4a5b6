// replay.h: reads each trace once for any number of analyses: one replay, many observers.
//
// An observer says which events it wants; it sees the steps of these, in order, and the state of
// the heap after each. Events that nobody wants are passed over without being decoded. The heap is
// followed only if an observer wants that.
//
//     struct replay_observer observers[] = {heap_profile_observer(profile), gc_observer(gc)};
//     struct replay_settings settings = {.traces = traces, .trace_count = count};
//     if (replay_run(&settings, observers, 2, problem) != STATUS_OK) ...
//
// Memory: that of heap_replay.h for one trace at a time, and of the observers.

#ifndef FROST_ANALYSIS_REPLAY_H
#define FROST_ANALYSIS_REPLAY_H

#include "analyzer/analysis/heap/heap_replay.h"
#include "analyzer/base/terminal.h"
#include "analyzer/trace/trace_ending.h"

#define REPLAY_OBSERVERS_MAX 8u

// A trace that is being read, as observers see it.
struct replay {
    struct heap_replay *heap; // valid for all observers; blocks only if one wants the heap
    struct trace *trace;
    const struct trace_ending *ending; // how the run ended; settled when `end` is called
    struct arena *arena;               // given back behind `end`
    const char *directory, *name;
    uint32_t number; // of the trace, from 0
};

#define REPLAY_EVENT(name) (UINT64_C(1) << TRACE_ID_##name)
#define REPLAY_BLOCKS                                                                              \
    (REPLAY_EVENT(alloc) | REPLAY_EVENT(resize) | REPLAY_EVENT(free) | REPLAY_EVENT(string_new))

struct replay_observer {
    void *context;
    uint64_t events; // REPLAY_EVENT(...) | ...
    bool wants_heap; // births, deaths and the ledger
    // A trace begins: a run. Errors end the replay.
    int (*begin)(void *context, const struct replay *replay, struct problem *problem);
    void (*step)(void *context, struct heap_step *step);
    // It is over, also one that was cut off (trace_loss tells). Not called after a failure.
    int (*end)(void *context, const struct replay *replay, struct problem *problem);
};

struct replay_settings {
    const char *const *traces; // directories
    const char *const *names;  // of the runs, for reports; NULL: the directories
    size_t trace_count;
    uint64_t first_step;           // number of the step before the first event
    const struct exclude *exclude; // texts that are left out; NULL: none
    struct progress *progress;     // begun; NULL: none
};

// Reads the traces, one after another. Steps are counted on from trace to trace, with one number
// between them.
//
// Errors: those of trace_open() and trace_next(), those of the observers; STATUS_DAMAGED an id that
//         no trace can have.
int replay_run(const struct replay_settings *settings, const struct replay_observer *observers,
               size_t count, struct problem *problem) __attribute__((warn_unused_result));

#endif
