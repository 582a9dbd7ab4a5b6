// hot_groups.c: sums of cells.

#include "analyzer/analysis/hot/hot_groups.h"

#include <assert.h>
#include <stdlib.h>

struct hot_groups hot_groups_create(struct arena *arena, size_t key_count)
{
    struct hot_groups groups = {ARENA_NEW_ARRAY(arena, struct hot_group, key_count), key_count};
    for (size_t i = 0; i < key_count; i++)
        groups.items[i].key = (uint32_t)i;
    return groups;
}

static bool is_empty(const struct hot_group *group)
{
    return !group->characters && !group->events && !group->moved_characters &&
           !group->moved_visits && !group->has_loads;
}

void hot_groups_add(struct hot_groups *groups, const struct hot *hot, uint32_t key, uint32_t idx)
{
    const struct hot_cell *cell = &hot->cells[idx];
    assert(key < groups->count);
    struct hot_group *group = &groups->items[key];
    double clocks = hot_clocks(hot, HOT_MODEL, cell);
    bool is_first = is_empty(group);
    if (hot_is_load(cell->what)) {
        group->loads[cell->what - HOT_LOAD_FIRST] += cell->count;
        group->has_loads = true;
        clocks = 0; // content reads and VM events tell the costs
    } else if (cell->place == HOT_MOVED) {
        if (hot_is_content(cell->what))
            group->moved_characters += cell->count;
        else
            group->moved_visits += cell->count;
        group->moved_clocks += clocks;
    } else {
        if (hot_is_content(cell->what))
            group->characters += cell->count;
        else
            group->events += cell->count;
        for (unsigned m = 0; m < HOT_MODEL_COUNT; m++)
            group->clocks[m] += hot_clocks(hot, m, cell);
        group->emulated_loads += (double)cell->count * hot->weights[HOT_MODEL].loads[cell->what];
    }
    if (is_first || clocks > group->most_clocks) {
        group->most = idx;
        group->most_clocks = clocks;
    }
}

// By the clocks of one model, the most first.
static int compare(const void *a, const void *b, void *model)
{
    const struct hot_group *x = a, *y = b;
    unsigned order = *(const unsigned *)model;
    double left = x->clocks[order] + x->moved_clocks;
    double right = y->clocks[order] + y->moved_clocks;
    if (left != right)
        return left > right ? -1 : 1;
    uint64_t here = x->characters + x->events + x->moved_characters + x->loads[0] + x->loads[2];
    uint64_t there = y->characters + y->events + y->moved_characters + y->loads[0] + y->loads[2];
    if (here != there)
        return here > there ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

void hot_groups_sort(struct hot_groups *groups, const struct hot *hot)
{
    size_t kept = 0;
    for (size_t i = 0; i < groups->count; i++)
        if (!is_empty(&groups->items[i]))
            groups->items[kept++] = groups->items[i];
    groups->count = kept;
    unsigned order = hot->order;
    qsort_r(groups->items, kept, sizeof *groups->items, compare, &order);
}
