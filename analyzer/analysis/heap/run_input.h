// run_input.h: a trace as the input of a report: its size and sum, what is missing, how it ended.
//
// Memory: texts in the arena that is given.

#ifndef FROST_ANALYSIS_RUN_INPUT_H
#define FROST_ANALYSIS_RUN_INPUT_H

#include "analyzer/analysis/heap/replay.h"
#include "reports/report.h"

struct run_input {
    struct text name; // of the run, for reports
    uint64_t bytes;   // of the events
    uint32_t crc;     // of the events, if has_crc
    bool has_crc;
    struct trace_loss loss;
    struct trace_ending ending;
};

// What is known of a trace when its replay has reached the end.
void run_input_take(struct run_input *input, const struct replay *replay, struct arena *arena);

// Enters it into a report, and adds its losses to those of the report.
void run_input_report(const struct run_input *input, struct report *report);

// Are all events there, from the first to the last?
static inline bool run_input_is_complete(const struct run_input *input)
{
    const struct trace_loss *loss = &input->loss;
    return !loss->is_unfinished && !loss->events_discarded && !loss->packets_lost &&
           !loss->blocks_lost && !loss->bytes_cut;
}

#endif
