// strings_sim.h: what the ledger would have been with some strings in flash.
//
// Replays the record of the runs and keeps, for several sets of texts at once, the ledger as it
// would have been had the texts of the set been in flash from the start: without their bytes, and
// with the RAM string table that the remaining strings need. The rest of the program does the same
// either way.
// The string table is modelled: it starts as in the run, doubles when a new string meets as many
// strings as slots (the old and the new vector live side by side for a moment, if that is how the
// run does it), and halves at the end of a collection when strings < slots / 4 and slots > 64,
// twice at most in a full collection. Source: allocation policy of NodeMCU 3.0.
// The set 0 is always the empty one: how its highest point differs from the real one shows the
// error of the model. It is replayed once; further simulations take its figures over.
// Memory: 44 bytes for each text.

#ifndef FROST_ANALYSIS_STRINGS_SIM_H
#define FROST_ANALYSIS_STRINGS_SIM_H

#include "analyzer/analysis/strings/strings_record.h"

#define STRINGS_SETS_MAX 8u
#define STRINGS_SET_NONE 0u // index of the empty set

struct strings_peak {
    uint64_t bytes;       // highest point
    uint64_t moment;      // number of the record's word
    uint32_t run;         // in which it lies
    uint32_t table_slots; // of the modelled string table there
    uint64_t table_bytes; // and its bytes, both vectors while it grows
};

// A text in the replay.
struct strings_sim_text {
    uint32_t bytes;      // of a string block of it
    uint32_t members;    // bit k: the text belongs to set k
    uint32_t held;       // bit k: in set k a string of it is dead, and still there
    bool is_listed;      // among those that are held
    uint32_t live_count; // strings of it in RAM now
    uint64_t birth;      // moment since which there is one
    uint64_t live_at;    // newest moment known to have been the highest of the watched set and at
                         // which there was one
};

struct strings_sim {
    const struct heap_profile *profile;
    struct strings_record *record;
    uint32_t set_count;             // with the empty set
    uint32_t first_set;             // 1: the figures of the empty set are taken over
    uint32_t watched;               // the set whose highest point's live texts are wanted
    struct strings_sim_text *texts; // by text index, and one for all others
    uint32_t text_count;            // without that
    uint32_t *held;                 // texts that are held in some set, and some that were
    uint32_t held_count;
    struct strings_peak peaks[STRINGS_SETS_MAX];
    uint64_t run_peaks[HEAP_RUNS_MAX][STRINGS_SETS_MAX];
};

// No set but the empty one; `base` has been run and gives its figures, NULL: it is to be replayed.
// Lives in the arena; keeps profile and record.
// Cost of a replay: least with up to 4 sets that are not taken over.
struct strings_sim *strings_sim_create(const struct heap_profile *profile,
                                       struct strings_record *record,
                                       const struct strings_sim *base, struct arena *arena);

// Adds a set of texts. Result: its index; asserts that there is room.
uint32_t strings_sim_add(struct strings_sim *sim, const uint32_t *texts, uint32_t count);

// Replays all runs. Errors: those of strings_record_read().
int strings_sim_run(struct strings_sim *sim, struct problem *problem)
    __attribute__((warn_unused_result));

// Bytes that the set lowers the highest point by; the model's own error is taken out.
int64_t strings_sim_saving(const struct strings_sim *sim, uint32_t set);

// True if the text was in RAM at the highest point of the watched set, in the run as it was.
static inline bool strings_sim_lived(const struct strings_sim *sim, uint32_t text)
{
    return sim->texts[text].live_at == sim->peaks[sim->watched].moment;
}

static inline bool strings_sim_has(const struct strings_sim *sim, uint32_t set, uint32_t text)
{
    return sim->texts[text].members >> set & 1;
}

#endif
