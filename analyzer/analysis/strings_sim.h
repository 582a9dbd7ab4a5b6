// strings_sim.h: what the ledger would have been with some strings in flash.
//
// Replays the runs and keeps, for several sets of texts at once, the ledger as it would have been
// had the texts of the set been in flash from the start: without their bytes, and with the RAM
// string table that the remaining strings need. The rest of the program does the same either way.
// The string table is modelled: it starts as in the run, doubles when a new string meets as many
// strings as slots (the old and the new vector live side by side for a moment, if that is how the
// run does it), and halves at the end of a collection when strings < slots / 4 and slots > 64,
// twice at most in a full collection. Source: facts on allocation, (c) and (h).
// The set 0 is always the empty one: how its highest point differs from the real one shows the
// error of the model.
// Memory: live blocks, and two words for each text.

#ifndef FROST_ANALYSIS_STRINGS_SIM_H
#define FROST_ANALYSIS_STRINGS_SIM_H

#include "analyzer/analysis/heap_profile.h"

#define STRINGS_SETS_MAX 16u
#define STRINGS_SET_NONE 0u // index of the empty set

struct strings_peak {
    uint64_t bytes; // highest point
    uint64_t step;
    uint32_t run;   // in which it lies
    uint32_t table_slots; // of the modelled string table there
    uint64_t table_bytes; // and its bytes, both vectors while it grows
};

struct strings_sim {
    const struct heap_profile *profile;
    uint32_t set_count;       // with the empty set
    uint16_t *members;        // bit k: the text belongs to set k; by text index
    uint32_t watched;         // the set whose highest point's live texts are wanted
    uint64_t *live_at;        // by text index: lived at the highest point of the watched set if
                              // equal to peaks[watched].step
    struct strings_peak peaks[STRINGS_SETS_MAX];
    uint64_t run_peaks[HEAP_RUNS_MAX][STRINGS_SETS_MAX];
};

// No set but the empty one. `members` and `live_at` are made in the arena.
struct strings_sim *strings_sim_create(const struct heap_profile *profile, struct arena *arena);

// Adds a set of texts. Result: its index; asserts that there is room.
uint32_t strings_sim_add(struct strings_sim *sim, const uint32_t *texts, uint32_t count);

// Replays all runs. Errors: those of the trace reader.
int strings_sim_run(struct strings_sim *sim, struct problem *problem)
    __attribute__((warn_unused_result));

// Bytes that the set lowers the highest point by; the model's own error is taken out.
int64_t strings_sim_saving(const struct strings_sim *sim, uint32_t set);

#endif
