// strings_select.h: which strings to take so that the highest point falls most, within a budget.
//
// The problem. Each candidate s saves ram[s] bytes at those moments at which it lives, and costs
// flash[s] bytes. The program's need is the highest of all moments, so the saving of a set is
//
//     min over moments m of ( slack[m] + sum of ram[s] over chosen s that live at m )
//
// where slack[m] is how far m lies below the highest moment. It is to be as large as possible with
// the sum of flash[s] within the budget and at most count_max strings. With one moment that is the
// knapsack problem; with several, a knapsack whose worst row counts.
//
// Flash has a price besides: of two sets the better one has the higher
//
//     saving - price * flash
//
// so a string is taken only if it saves at least `price` bytes of RAM for each byte of flash.
//
// The method. Moments get weights that add up to 1; with the weighted value of each string it is
// a plain knapsack, whose optimum is an upper bound (the worst moment is no better than a weighted
// mean), and whose solution is a feasible set. Weights move towards the moment that
// is worst off. The best set is kept, and the least bound; their distance is the proof. The inner
// knapsack is solved exactly (dynamic programming over words of flash, all costs are multiples of
// 4) where that is cheap, else by value per byte, with the fractional optimum as bound.
// At the end strings that are not worth their flash are taken out again. A second way starts from
// everything and takes the weakest out, one by one; the better of the two sets is the result.

#ifndef FROST_ANALYSIS_STRINGS_SELECT_H
#define FROST_ANALYSIS_STRINGS_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/arena.h"

#define SELECT_MOMENTS_MAX 32u
#define SELECT_NO_LIMIT UINT64_MAX

struct select_item {
    uint32_t ram_bytes;
    uint32_t flash_bytes;  // a multiple of 4
    uint32_t live_moments; // bit m: it lives at moment m
};

struct select_problem {
    const struct select_item *items;
    uint32_t count;
    uint64_t slack_bytes[SELECT_MOMENTS_MAX]; // the least of them is 0
    uint32_t moment_count;                    // at least 1
    uint64_t flash_budget;                    // SELECT_NO_LIMIT for none
    uint64_t count_max;                       // SELECT_NO_LIMIT for none
    double price; // bytes of RAM that a byte of flash must save, 0 and up
};

struct select_result {
    bool *is_chosen; // by item
    uint32_t chosen_count;
    uint64_t saving_bytes; // of the set
    uint64_t flash_bytes;  // of the set
    double bound;          // no set has a higher saving - price * flash
};

// Solves it. The result's array lives in `arena`.
// Cost: at most 40 knapsacks, each at most SELECT_TABLE_MAX steps.
void select_solve(const struct select_problem *problem, struct arena *arena,
                  struct select_result *result);
#define SELECT_TABLE_MAX 20000000u
#define SELECT_THIN_MAX 4000u // candidates for the second way, whose cost is their square

#endif
