// export_fill.h: a trace as the profile that exports are made from.
//
// Reads: one trace, as an observer of its replay. What belongs to the highest point is known after
// a single pass, as in heap_profile.h. Memory: blocks that live at once, the sites of the program,
// every text in flash that was used, and EXPORT_RAM_TEXTS_MAX texts of RAM; counts per byte for
// EXPORT_ACCESS_BYTES_MAX bytes of texts. It does not grow with the trace.

#ifndef FROST_ANALYSIS_EXPORT_FILL_H
#define FROST_ANALYSIS_EXPORT_FILL_H

#include "analyzer/analysis/cost_model.h"
#include "analyzer/analysis/heap/replay.h"
#include "reports/export.h"

#define EXPORT_RAM_TEXTS_MAX 65536u
#define EXPORT_ACCESS_BYTES_MAX (8u << 20)

struct export_settings {
    const struct cost_model *model;
    bool includes_input; // also shows texts that came from files, the console or the network
    const struct exclude *exclude; // texts to leave out; NULL: none
    struct progress *progress;     // begun; NULL: none
};

// An observer of the replay of one trace, which fills `profile` when it ends. All pointers must
// outlive the replay.
struct replay_observer export_fill_observer(struct arena *arena,
                                            const struct export_settings *settings,
                                            struct export_profile *profile);

// Reads the trace in `directory` by a replay of its own into `profile`, whose memory is the
// arena's.
//
// Collections count for the line that made the allocation they ran for; those that a program asked
// for, and visits of flash objects by the collector, for no line. VM instructions have no line.
// Errors: those of trace_open() and trace_next(). A trace that was cut off is no error:
// profile->missing says so.
int export_fill(struct arena *arena, const char *directory, const struct export_settings *settings,
                struct export_profile *profile, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
