// gc.h: what the collector does and why: the analysis behind `frost gc`, report "frost/gc/1"
// (gc_report.h).
//
// Reads: traces, as an observer of their replay. Full collections stand in a trace as a begin and
// an end; only those that go by steps have phases. Times: the clock of VM instructions, which
// stands still in a collection (but for finalizers); real time of the host at begin and end, with
// the probes' own cost; and for the chip a model: objects visited times the clocks of a visit.
// Memory: live blocks, sites of the program, counters of fixed size; nothing grows with the trace.

#ifndef FROST_ANALYSIS_GC_H
#define FROST_ANALYSIS_GC_H

#include "analyzer/analysis/cost_model.h"
#include "analyzer/analysis/gc/gc_freezer.h"
#include "analyzer/analysis/gc/gc_heap.h"
#include "analyzer/analysis/gc/gc_modes.h"
#include "analyzer/analysis/gc/gc_spaces.h"
#include "analyzer/analysis/gc/gc_strings.h"
#include "analyzer/analysis/heap/histogram.h"
#include "analyzer/analysis/heap/run_input.h"
#include "analyzer/analysis/heap/site_table.h"
#include "reports/report.h"

#define GC_RUNS_MAX 64u
#define GC_AGES 12u // 0, 1, 2-3, 4-7 ... collections survived; the last one is open

struct gc_reason_counts {
    uint64_t count, visited, freed, freed_bytes;
    uint64_t instructions; // executed between begin and end: finalizers
    uint64_t real_ns, real_ns_max;
    uint64_t visited_max;
};

struct gc_phase_counts {
    uint64_t entered, instructions, freed_bytes;
};

// An amount that belongs to the highest point; valid if `step` is that of the final one.
struct gc_amount {
    uint64_t step, bytes, blocks;
};

// What was allocated at a site, or of a kind. A block is its maker's, whoever resizes it.
struct gc_births {
    uint64_t count, bytes;             // blocks made, and bytes with what these grew by
    uint64_t short_count, short_bytes; // of them, dead within the threshold
    uint64_t collections, visited;     // that the allocations caused (sites only)
    uint64_t end_bytes;                // in RAM at the end of the runs
    struct gc_amount peak;
};

struct gc_age {
    uint64_t count, bytes;
};

struct gc_run {
    struct text path;
    struct run_input input; // how it is entered into the report
    uint64_t instructions;
    uint64_t collections, visited;
    uint64_t peak_bytes, peak_clock, end_bytes;
    uint64_t heap_bytes; // size of the heap, 0 if unknown
};

struct gc_settings {
    const char *const *traces; // directories
    const char *const *names;  // of the runs, for reports; NULL: the directories
    size_t trace_count;
    const struct exclude *exclude; // texts to leave out; NULL: none
    const char *model;             // name or path, cost_model_load()
    uint64_t short_lived;          // an object is short-lived if it survives fewer collections
    uint64_t limit_bytes;          // of the modelled mode with a limit; 0: 3/4 of the heap
    uint64_t reserve_bytes;        // of the modelled mode that keeps that much free; 0: three sizes
};

// What must stay free for the firmware where sockets are used. lwIP takes at once, beside Lua: two
// connections with a window of 5,840 bytes each way would be more than there ever is; a segment
// each way and their blocks are the least.
#define GC_NETWORK_RESERVE_BYTES 8192u

#define GC_SHORT_LIVED_DEFAULT 4u

struct gc {
    struct arena *arena;
    struct gc_settings settings;
    struct cost_model model;
    struct gc_run runs[GC_RUNS_MAX];
    uint32_t run_count;
    struct gc_reason_counts reasons[GC_REASON_COUNT];
    struct gc_phase_counts phases[GC_PHASE_COUNT];
    struct histogram visited; // objects per collection
    struct histogram real_ns; // host time per collection
    uint64_t flash_visits[2]; // VM_VISIT_STRING, VM_VISIT_PROTO
    uint64_t instructions, collections, visited_total;
    struct site_table sites;
    struct gc_births *births; // by site, sites.count of them
    uint32_t births_room;
    struct gc_births kinds[KIND_COUNT];
    struct gc_age ages[GC_AGES];
    struct gc_age survivors; // in RAM at the end
    uint64_t peak_step, peak_bytes, peak_clock;
    uint64_t peak_state_bytes; // of it, what no block accounts for
    uint32_t peak_run;
    struct gc_heap heap;
    struct gc_strings strings;
    struct gc_freezer freezer;
    struct gc_spaces spaces;
    struct gc_mode_sim modes[GC_SIMS_MAX]; // the last one is ALWAYS
    uint32_t mode_count;
    uint64_t live_heap_max;  // highest heap bytes of what lived
    uint64_t request_max;    // largest block that was asked for
    bool has_network;        // the program uses sockets, for which the firmware allocates, too
    bool is_recorded_always; // some collection ran before an allocation
    bool lacks_places;       // a trace does not tell when marking reaches objects
    struct gc_pass *pass;    // over the run that is being read
    struct curve heap_curve, collection_curve, string_curve;
};

// Makes ready for a replay of the traces with this observer. Errors: those of cost_model_load().
int gc_begin(const struct gc_settings *settings, struct arena *arena, struct gc *gc,
             struct replay_observer *observer, struct problem *problem)
    __attribute__((warn_unused_result));

// Does the analysis by a replay of its own. Errors: those of the trace reader and of
// cost_model_load(); STATUS_LIMIT too many traces.
int gc_analyse(const struct gc_settings *settings, struct arena *arena, struct gc *gc,
               struct problem *problem) __attribute__((warn_unused_result));

// Clocks that the model gives one visit of an object: with the byte loads that the flash objects
// among them cost, on the average of these runs.
double gc_visit_clocks(const struct gc *gc);

// Clocks of all runs: instructions and visits.
double gc_run_clocks(const struct gc *gc);

// The births of a site; those of sites that allocated nothing are zero.
const struct gc_births *gc_site_births(const struct gc *gc, uint32_t site);

// The amount if it belongs to the final highest point, else nothing.
static inline struct gc_amount gc_amount_at_peak(const struct gc *gc,
                                                 const struct gc_amount *amount)
{
    struct gc_amount none = {0};
    return amount->step && amount->step == gc->peak_step ? *amount : none;
}

#endif
