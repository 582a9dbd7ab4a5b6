// search.h: what the files of the power loss tests share: a run, and the search for failures in it.

#ifndef FROST_TESTS_POWERLOSS_SEARCH_H
#define FROST_TESTS_POWERLOSS_SEARCH_H

#include "tests/powerloss/powerloss.h"

#define CUTS_MAX 7 // in one sequence
#define ID_BYTES 256
#define SAMPLES_MAX 32

// A sequence of cuts, and what it left, to be compared with what its number gives.
struct sample {
    uint64_t cuts[CUTS_MAX];
    int count;
    uint64_t hash;
};

struct run {
    const struct powerloss_case *one;
    struct simflash flash;
    uint8_t *prepared, *left; // content of flash, before and after a cut
    uint64_t seed;
    uint64_t cuts[CUTS_MAX]; // of the sequence that runs
    int cut_count;
    // of the mode
    int depth;           // cuts of a sequence, at most
    uint64_t cuts_max;   // that are tried; if there are more, some of them at equal distances
    uint64_t repair_max; // cuts in the repair of one state
    uint64_t *states;    // of flash, as states.c keeps them
    uint64_t state_count, state_room, state_of_cut_count;
    uint64_t first_cuts, later_cuts, failures;
    struct sample samples[SAMPLES_MAX];
    int sample_count;
    char first_id[ID_BYTES]; // of the first failure
    int is_quiet;
};

// Notes a failure of the sequence run->cuts, and prints its number.
void run_failed(struct run *run, const char *what);

// Hash of all cells.
uint64_t run_hash(const struct run *run);

// Is the state new, or known with fewer cuts after it than `left` (up to 7)? It is known from now
// on. is_complete: nothing was cut last.
int states_add(struct run *run, uint64_t hash, int is_complete, int left);
void states_clear(struct run *run);

// Tries sequences of up to run->depth cuts: each state of flash that they leave once. Nothing is
// done twice to reach a state: changes are undone up to the one that is cut.
void search(struct run *run);

#endif
