// heap_profile.h: an observer of replays: strings of the runs, sites, and the heap at its highest
// point.
//
// Runs are looked at as if they came one after another: the highest point is that of all of them.
// What lived at the highest point is known after a single pass: a block that dies counts for the
// highest point so far if it was born before it, and what was counted for an earlier one is
// forgotten when a higher one comes.
// Memory: blocks that live at once, texts as heap_texts.h says, the sites of the program.

#ifndef FROST_ANALYSIS_HEAP_PROFILE_H
#define FROST_ANALYSIS_HEAP_PROFILE_H

#include "analyzer/analysis/cost_model.h"
#include "analyzer/analysis/heap/heap_texts.h"
#include "analyzer/analysis/heap/run_input.h"
#include "analyzer/analysis/heap/site_table.h"
#include "reports/report.h"

#define HEAP_RUNS_MAX 64u
#define HEAP_IMAGES_MAX 4u

// An amount that belongs to the highest point; valid if `step` is that of the final one.
struct heap_amount {
    uint64_t step;
    uint64_t bytes;
    uint64_t blocks;
};

struct heap_site {
    uint64_t births, birth_bytes; // blocks made, and bytes with what these grew by
    struct heap_amount peak;
};

struct heap_image {
    struct text file; // name of the copy
    const char *path; // of the copy; NULL if the name is not usable
    uint32_t addr, bytes, crc;
};

struct heap_run {
    struct text path; // of the trace's directory
    struct text name; // for reports
    struct text command;
    struct run_input input; // how it is entered into reports, how it ended
    uint64_t steps;         // events
    uint64_t clocks;        // instructions executed
    uint64_t gc_count, gc_visited;
    uint64_t ledger_max; // highest point of this run
    uint64_t ledger_max_clock;
    uint64_t ledger_start;    // when the main program had run
    uint64_t start_clock;     // when that was; 0: it had not
    uint64_t ledger_end;      // at its end
    uint64_t ledger_max_said; // what the `end` event says; 0 if there is none
    uint32_t string_count_end;
    uint32_t table_slots_max;
    uint32_t boots;
    int exit_status; // -1 if the run has no end
    bool is_integer;
    uint32_t heap_bytes; // size of the heap, 0 if unknown
    uint64_t event_times[VM_EVENT_COUNT];
    uint32_t table_copies; // times the string table grew by a new vector beside the old one
    bool is_stock;         // of stock firmware: strings only, `clocks` are nanoseconds
    uint32_t snapshots, snapshots_incomplete;  // its lists of the strings in RAM
    struct heap_image images[HEAP_IMAGES_MAX]; // mounted in this run, each once
    uint32_t image_count;
};

struct heap_profile {
    struct arena *arena;
    struct heap_run runs[HEAP_RUNS_MAX];
    uint32_t run_count;
    struct heap_texts texts;
    struct site_table names;
    struct heap_site *sites; // names.count of them
    uint32_t site_room;
    uint64_t moments[HEAP_MOMENT_COUNT];            // steps of the highest points
    uint64_t moment_bytes[HEAP_MOMENT_COUNT];       // and their heights
    uint64_t moment_table_bytes[HEAP_MOMENT_COUNT]; // of them, in the string table
    uint32_t peak_run;                              // in which the highest point lies
    uint64_t peak_clock;
    uint64_t peak_string_bytes; // of the highest point, in strings
    uint32_t peak_string_count;
    struct heap_amount kinds[KIND_COUNT];
    uint64_t peak_state_bytes; // of it, what no block accounts for (main thread, global state)
    bool is_frozen;            // texts that are not in the table are not added
    uint64_t births_unknown;   // births of such texts
    uint64_t next_step;
    bool is_stock;          // the runs are of stock firmware
    bool lacks_sources;     // a run does not tell where its texts come from
    uint32_t snapshots;     // lists of all runs
    struct heap_pass *pass; // over the run that is being read
};

void heap_profile_init(struct heap_profile *profile, struct arena *arena);
void heap_profile_deinit(struct heap_profile *profile);

// An observer that adds each trace of a replay as a run. Errors of it: STATUS_LIMIT too many runs.
// A run that was cut off is no error: the loss says so.
struct replay_observer heap_profile_observer(struct heap_profile *profile);

// Adds a run by a replay of its own. `name` stands for it in reports and lists; NULL: the path of
// the directory. `exclude`: texts that are left out. Errors: those of replay_run().
int heap_profile_add(struct heap_profile *profile, const char *directory, const char *name,
                     const struct exclude *exclude, struct problem *problem)
    __attribute__((warn_unused_result));

// Makes the profile ready for a second replay of the same traces, which counts the texts that are
// in the table from the start: exact figures after texts were dropped. What is not in the table
// goes into births_unknown.
void heap_profile_begin_recount(struct heap_profile *profile);

// Bytes of a string block of that length, on the ledger.
static inline uint64_t heap_string_bytes(uint32_t length)
{
    return HEAP_STRING_HEADER_BYTES + (uint64_t)length + 1;
}

// True if the text was in RAM at the highest point (HEAP_MOMENT_PEAK) or the other moment.
static inline bool heap_lives_at(const struct heap_profile *profile, const struct heap_text *text,
                                 enum heap_moment moment)
{
    return text->live_at[moment] != 0 && text->live_at[moment] == profile->moments[moment];
}

// An amount if it belongs to the final highest point, else nothing.
static inline struct heap_amount heap_amount_at_peak(const struct heap_profile *profile,
                                                     const struct heap_amount *amount)
{
    struct heap_amount none = {0};
    return amount->step == profile->moments[HEAP_MOMENT_PEAK] ? *amount : none;
}

// Enters the runs as inputs of a report, and their losses.
void heap_profile_add_inputs(const struct heap_profile *profile, struct report *report);

// Clocks that the model gives the run: instructions and the collector's visits.
double heap_run_clocks(const struct heap_run *run, const struct cost_model *model);

#endif
