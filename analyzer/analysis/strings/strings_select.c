// strings_select.c: knapsack with several moments, see the header for the method.

#include "analyzer/analysis/strings/strings_select.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 40

struct solver {
    const struct select_problem *problem;
    struct arena *arena;
    double weights[SELECT_MOMENTS_MAX];
    double *values;  // of the items, under the present weights
    uint32_t *order; // of the items, by value per byte of flash
    bool *picked;    // the solution of the present knapsack
    bool *best;
    double best_worth; // of `best`
    bool has_best;
    double bound; // least upper bound so far
};

static uint64_t saving_of(const struct select_problem *problem, const bool *chosen,
                          uint64_t *by_moment)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t m = 0; m < problem->moment_count; m++) {
        uint64_t bytes = problem->slack_bytes[m];
        for (uint32_t i = 0; i < problem->count; i++)
            if (chosen[i] && (problem->items[i].live_moments >> m & 1))
                bytes += problem->items[i].ram_bytes;
        if (by_moment)
            by_moment[m] = bytes;
        least = bytes < least ? bytes : least;
    }
    return least;
}

static uint64_t flash_of(const struct select_problem *problem, const bool *chosen, uint32_t *count)
{
    uint64_t bytes = 0;
    *count = 0;
    for (uint32_t i = 0; i < problem->count; i++)
        if (chosen[i]) {
            bytes += problem->items[i].flash_bytes;
            ++*count;
        }
    return bytes;
}

static double worth_of(const struct select_problem *problem, const bool *chosen)
{
    uint32_t count;
    return (double)saving_of(problem, chosen, NULL) -
           problem->price * (double)flash_of(problem, chosen, &count);
}

// ---- the inner knapsack ----

static const struct solver *ordering; // for qsort, which hands no context on

static int compare_density(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    double left = ordering->values[x] * ordering->problem->items[y].flash_bytes;
    double right = ordering->values[y] * ordering->problem->items[x].flash_bytes;
    if (left != right)
        return left > right ? -1 : 1;
    return (x > y) - (x < y);
}

// With no limit everything of value is taken. Result: its sum.
static double pick_valuable(struct solver *solver)
{
    double sum = 0;
    for (uint32_t i = 0; i < solver->problem->count; i++) {
        solver->picked[i] = solver->values[i] > 0;
        sum += solver->picked[i] ? solver->values[i] : 0;
    }
    return sum;
}

static void sort_by_density(struct solver *solver, uint32_t count)
{
    ordering = solver;
    qsort(solver->order, count, sizeof *solver->order, compare_density);
}

static void sort_all(struct solver *solver)
{
    uint32_t count = solver->problem->count;
    for (uint32_t i = 0; i < count; i++)
        solver->order[i] = i;
    sort_by_density(solver, count);
}

// Those that have a value, which come first. Result: how many.
static uint32_t sort_valuable(struct solver *solver)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < solver->problem->count; i++)
        if (solver->values[i] > 0)
            solver->order[count++] = i;
    sort_by_density(solver, count);
    return count;
}

// Takes items by value per byte while they fit. Result: the value of the fractional optimum, an
// upper bound.
static double pick_greedy(struct solver *solver)
{
    const struct select_problem *problem = solver->problem;
    uint64_t left = problem->flash_budget, count_left = problem->count_max;
    double bound = 0;
    bool is_bound_open = true;
    if (left == SELECT_NO_LIMIT && count_left >= problem->count)
        return pick_valuable(solver);
    uint32_t count = sort_valuable(solver);
    memset(solver->picked, 0, problem->count * sizeof *solver->picked);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t item = solver->order[i];
        uint32_t cost = problem->items[item].flash_bytes;
        if (cost <= left && count_left > 0) {
            solver->picked[item] = true;
            if (problem->flash_budget != SELECT_NO_LIMIT)
                left -= cost;
            if (problem->count_max != SELECT_NO_LIMIT)
                count_left--;
            bound += is_bound_open ? solver->values[item] : 0;
        } else if (is_bound_open) {
            bound += cost > left ? solver->values[item] * (double)left / cost : 0;
            is_bound_open = false;
        }
    }
    return bound;
}

// The optimum by dynamic programming over words of flash; false if that would cost too much. Only
// for problems without a limit on the count.
static bool pick_exact(struct solver *solver, double *value)
{
    const struct select_problem *problem = solver->problem;
    uint64_t words = problem->flash_budget / 4;
    if (problem->flash_budget == SELECT_NO_LIMIT || words == 0 ||
        words > SELECT_TABLE_MAX / (problem->count + 1))
        return false;
    struct arena_mark mark = arena_mark(solver->arena);
    double *best = ARENA_NEW_ARRAY(solver->arena, double, words + 1);
    size_t row_bytes = (size_t)(words / 8 + 1);
    uint8_t *taken = arena_alloc_array(solver->arena, problem->count, row_bytes);
    for (uint32_t i = 0; i < problem->count; i++) {
        uint32_t cost = problem->items[i].flash_bytes / 4;
        if (solver->values[i] <= 0 || cost > words)
            continue;
        for (uint64_t w = words; w >= cost; w--) {
            double with = best[w - cost] + solver->values[i];
            if (with > best[w]) {
                best[w] = with;
                taken[i * row_bytes + w / 8] |= (uint8_t)(1u << (w & 7));
            }
        }
    }
    uint64_t w = words;
    for (uint32_t i = problem->count; i-- > 0;) {
        solver->picked[i] = taken[i * row_bytes + w / 8] >> (w & 7) & 1;
        if (solver->picked[i])
            w -= problem->items[i].flash_bytes / 4;
    }
    *value = best[words];
    arena_rewind(solver->arena, mark);
    return true;
}

// What is worth more than a price for its place, within the flash budget. Result: the sum of what
// it is worth above that, as an upper bound.
static double pick_at_price(struct solver *solver, const double *full, double price,
                            uint32_t *picked_count)
{
    const struct select_problem *problem = solver->problem;
    uint32_t count = 0;
    double sum = 0;
    if (problem->flash_budget != SELECT_NO_LIMIT) {
        struct select_problem free_count = *problem;
        free_count.count_max = SELECT_NO_LIMIT;
        for (uint32_t i = 0; i < problem->count; i++)
            solver->values[i] = full[i] - price;
        solver->problem = &free_count;
        sum = pick_greedy(solver);
        solver->problem = problem;
        flash_of(problem, solver->picked, picked_count);
        return sum;
    }
    for (uint32_t i = 0; i < problem->count; i++) {
        double value = full[i] - price;
        bool is_picked = value > 0;
        solver->values[i] = value;
        solver->picked[i] = is_picked;
        sum += is_picked ? value : 0;
        count += is_picked;
    }
    *picked_count = count;
    return sum;
}

// With a limit on the count each string pays a price for its place; the price is searched by
// halving. Result: upper bound of the value.
static double pick_counted(struct solver *solver)
{
    const struct select_problem *problem = solver->problem;
    double low = 0, high = 0, bound = INFINITY;
    double *full = ARENA_NEW_ARRAY(solver->arena, double, problem->count);
    bool *good = ARENA_NEW_ARRAY(solver->arena, bool, problem->count);
    memcpy(full, solver->values, problem->count * sizeof *full);
    for (uint32_t i = 0; i < problem->count; i++)
        high = fmax(high, full[i]);
    for (int round = 0; round < 30; round++) {
        double price = round == 0 ? 0 : (low + high) / 2;
        uint32_t count;
        double value = pick_at_price(solver, full, price, &count);
        bound = fmin(bound, value + price * (double)problem->count_max);
        if (count > problem->count_max) {
            low = price;
            continue;
        }
        memcpy(good, solver->picked, problem->count * sizeof *good);
        if (round == 0)
            break;
        high = price;
    }
    // What is still free is filled by value, since the price leaves out those near it.
    memcpy(solver->picked, good, problem->count * sizeof *good);
    uint32_t count;
    uint64_t flash = flash_of(problem, solver->picked, &count);
    if (count < problem->count_max)
        sort_all(solver); // by what they are worth above the last price
    memcpy(solver->values, full, problem->count * sizeof *full);
    for (uint32_t i = 0; i < problem->count && count < problem->count_max; i++) {
        uint32_t item = solver->order[i];
        if (solver->picked[item] || full[item] <= 0 ||
            flash + problem->items[item].flash_bytes > problem->flash_budget)
            continue;
        solver->picked[item] = true;
        flash += problem->items[item].flash_bytes;
        count++;
    }
    return bound;
}

static double pick(struct solver *solver)
{
    const struct select_problem *problem = solver->problem;
    double exact;
    if (problem->count_max < problem->count)
        return pick_counted(solver);
    double bound = pick_greedy(solver);
    if (bound > 0 && pick_exact(solver, &exact))
        return exact;
    return bound;
}

// ---- several moments ----

static void weigh(struct solver *solver)
{
    const struct select_problem *problem = solver->problem;
    for (uint32_t i = 0; i < problem->count; i++) {
        double weight = 0;
        for (uint32_t m = 0; m < problem->moment_count; m++)
            if (problem->items[i].live_moments >> m & 1)
                weight += solver->weights[m];
        solver->values[i] = weight * problem->items[i].ram_bytes -
                            problem->price * problem->items[i].flash_bytes;
    }
}

static void keep_if_better(struct solver *solver)
{
    const struct select_problem *problem = solver->problem;
    double worth = worth_of(problem, solver->picked);
    if (solver->has_best && worth <= solver->best_worth)
        return;
    solver->has_best = true;
    solver->best_worth = worth;
    memcpy(solver->best, solver->picked, problem->count * sizeof *solver->best);
}

static void search(struct solver *solver)
{
    const struct select_problem *problem = solver->problem;
    uint64_t by_moment[SELECT_MOMENTS_MAX];
    for (uint32_t m = 0; m < problem->moment_count; m++)
        solver->weights[m] = problem->slack_bytes[m] == 0;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct arena_mark mark = arena_mark(solver->arena);
        double sum = 0, bound = 0;
        for (uint32_t m = 0; m < problem->moment_count; m++)
            sum += solver->weights[m];
        for (uint32_t m = 0; m < problem->moment_count; m++) {
            solver->weights[m] /= sum;
            bound += solver->weights[m] * (double)problem->slack_bytes[m];
        }
        weigh(solver);
        bound += pick(solver);
        solver->bound = fmin(solver->bound, bound);
        keep_if_better(solver);
        saving_of(problem, solver->picked, by_moment);
        arena_rewind(solver->arena, mark);
        if (problem->moment_count == 1 || solver->bound - solver->best_worth < 1)
            return;
        // The worse off a moment is, the more its weight grows.
        uint64_t least = saving_of(problem, solver->picked, NULL);
        double step = 1.0 / (1.0 + round);
        for (uint32_t m = 0; m < problem->moment_count; m++) {
            double lag = (double)(by_moment[m] - least) / (1.0 + (double)least);
            solver->weights[m] = solver->weights[m] * exp(-step * fmin(lag * 8, 20)) + 1e-9;
        }
    }
}

// ---- taking out, one by one ----

// What the saving falls by if the item is taken out.
static uint64_t loss_of(const struct select_problem *problem, const struct select_item *item,
                        const uint64_t *by_moment, uint64_t saving)
{
    uint64_t least = saving;
    for (uint32_t m = 0; m < problem->moment_count; m++)
        if (item->live_moments >> m & 1) {
            uint64_t left = by_moment[m] - item->ram_bytes;
            least = left < least ? left : least;
        }
    return saving - least;
}

// The indices of the chosen items, in their order. Result: how many.
static uint32_t list_chosen(const struct select_problem *problem, const bool *chosen,
                            uint32_t *list)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < problem->count; i++)
        if (chosen[i])
            list[count++] = i;
    return count;
}

// Where in the list the item stands whose loss costs least for each byte of flash that it frees,
// UINT32_MAX if none does. Of equal ones the largest, of these the first.
static uint32_t find_weakest(const struct select_problem *problem, const uint32_t *list,
                             uint32_t count, const uint64_t *by_moment, uint64_t saving,
                             double *price)
{
    uint32_t weakest = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        const struct select_item *item = &problem->items[list[i]];
        double own = (double)loss_of(problem, item, by_moment, saving) / item->flash_bytes;
        if (weakest != UINT32_MAX && own > *price)
            continue;
        if (weakest != UINT32_MAX && own == *price &&
            item->flash_bytes <= problem->items[list[weakest]].flash_bytes)
            continue;
        weakest = i;
        *price = own;
    }
    return weakest;
}

// Takes the weakest out until the limits are kept and every string is worth its flash. `list` has
// room for all items.
static void thin_out(const struct select_problem *problem, bool *chosen, uint32_t *list)
{
    uint64_t by_moment[SELECT_MOMENTS_MAX];
    uint32_t count = list_chosen(problem, chosen, list);
    uint64_t saving = saving_of(problem, chosen, by_moment);
    uint64_t flash = flash_of(problem, chosen, &count);
    for (;;) {
        double price = 0;
        uint32_t weakest = find_weakest(problem, list, count, by_moment, saving, &price);
        bool is_over = flash > problem->flash_budget || count > problem->count_max;
        if (weakest == UINT32_MAX || (!is_over && price > problem->price))
            return;
        const struct select_item *item = &problem->items[list[weakest]];
        saving -= loss_of(problem, item, by_moment, saving);
        chosen[list[weakest]] = false;
        flash -= item->flash_bytes;
        count--;
        memmove(&list[weakest], &list[weakest + 1], (count - weakest) * sizeof *list);
        for (uint32_t m = 0; m < problem->moment_count; m++)
            if (item->live_moments >> m & 1)
                by_moment[m] -= item->ram_bytes;
    }
}

// Another way to a good set: everything, thinned out. Good where there are many moments and
// strings are plenty, while weights are good where the budget is tight.
static void try_thinning(struct solver *solver)
{
    const struct select_problem *problem = solver->problem;
    uint32_t count = 0;
    for (uint32_t i = 0; i < problem->count; i++) {
        solver->picked[i] = problem->items[i].live_moments != 0;
        count += solver->picked[i];
    }
    if (count > SELECT_THIN_MAX)
        return;
    thin_out(problem, solver->picked, solver->order);
    keep_if_better(solver);
}

void select_solve(const struct select_problem *problem, struct arena *arena,
                  struct select_result *result)
{
    assert(problem->moment_count >= 1);
    assert(problem->moment_count <= SELECT_MOMENTS_MAX);
    struct solver solver = {.problem = problem, .arena = arena, .bound = INFINITY};
    solver.best = ARENA_NEW_ARRAY(arena, bool, problem->count);
    struct arena_mark mark = arena_mark(arena);
    solver.values = ARENA_NEW_ARRAY(arena, double, problem->count);
    solver.order = ARENA_NEW_ARRAY(arena, uint32_t, problem->count);
    solver.picked = ARENA_NEW_ARRAY(arena, bool, problem->count);
    search(&solver);
    thin_out(problem, solver.best, solver.order);
    solver.best_worth = worth_of(problem, solver.best);
    try_thinning(&solver);
    arena_rewind(arena, mark);
    result->is_chosen = solver.best;
    result->saving_bytes = saving_of(problem, solver.best, NULL);
    result->flash_bytes = flash_of(problem, solver.best, &result->chosen_count);
    result->bound = fmax(solver.bound, worth_of(problem, solver.best));
}
