// hot_groups.h: cells added up by line, function, object, region or kind, and put in order.
//
// Memory: one group per possible key, in the arena.

#ifndef FROST_ANALYSIS_HOT_GROUPS_H
#define FROST_ANALYSIS_HOT_GROUPS_H

#include "analyzer/analysis/hot/hot.h"

struct hot_group {
    uint32_t key;
    uint64_t characters;       // of strings in flash, read one by one
    uint64_t events;           // VM events on flash objects
    uint64_t moved_characters; // the same for strings that would move
    uint64_t moved_visits;
    uint64_t loads[HOT_MACHINE_COUNT]; // what the machine did, from HOT_LOAD_8 on
    bool has_loads;
    double clocks[HOT_MODEL_COUNT];
    double emulated_loads; // under HOT_MODEL
    double moved_clocks;   // under HOT_MODEL
    uint32_t most;         // index of the cell with the most clocks
    double most_clocks;
};

struct hot_groups {
    struct hot_group *items;
    size_t count; // those that hold anything, after hot_groups_sort()
};

struct hot_groups hot_groups_create(struct arena *arena, size_t key_count);

// Adds cell number `cell` to the group `key`.
void hot_groups_add(struct hot_groups *groups, const struct hot *hot, uint32_t key, uint32_t cell);

// Drops empty groups and sorts: most clocks first (hot->order, with those that a move would add),
// then most reads and events, then the key.
void hot_groups_sort(struct hot_groups *groups, const struct hot *hot);

#endif
