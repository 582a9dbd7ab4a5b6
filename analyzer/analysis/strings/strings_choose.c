// strings_choose.c: choose, replay, look where the highest point is now, choose again.
//
// A set that is right for the moments looked at so far may leave another moment highest. The replay
// finds it; it joins the moments, and the choice is made again, until the highest point that is
// left holds no candidate or nothing is gained any more. Each replay also tries the chosen set with
// more and more of the other candidates: that shows when a smaller RAM string table comes within
// reach, which no single string can tell.

#include "analyzer/analysis/strings/strings_choose.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analyzer/analysis/strings/strings_select.h"
#include "analyzer/analysis/strings/strings_stock.h"

#define ROUNDS_MAX 8u
#define FAILURES_MAX 2u
#define DOUBLINGS_MAX 15u
#define TABLE_BYTES_MIN 128u // of the RAM string table, 32 slots
#define EXTENSIONS 4u        // sets between the chosen one and all candidates

struct choice {
    struct strings *strings;
    const struct strings_settings *settings;
    struct arena *arena;
    struct select_item *items;
    uint32_t *texts;   // of the items
    uint32_t *by_stay; // the same, those first that stay longest in RAM
    uint32_t count;
    const struct strings_sim *base; // replay of the sets that are always the same
    uint32_t all_set;               // of it: all candidates
    // Of the ledger at the moments, with all strings in RAM and without the string table.
    uint64_t heights[SELECT_MOMENTS_MAX];
    uint32_t moment_count;
    struct strings_list dump, dump_taken;
    uint32_t dump_taken_set; // of `base`
    double bound;            // least one so far, of saving - price * flash
    uint32_t failures;       // rounds in a row that were no better
};

static const struct heap_text *text_at(const struct choice *choice, uint32_t item)
{
    return &choice->strings->profile->texts.items[choice->texts[item]];
}

// ---- lists ----

static int compare_size(const void *a, const void *b, void *context)
{
    const struct strings *strings = context;
    const struct heap_text *x = &strings->profile->texts.items[*(const uint32_t *)a];
    const struct heap_text *y = &strings->profile->texts.items[*(const uint32_t *)b];
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return text_compare(x->content, y->content);
}

void strings_list_sort(const struct strings *strings, struct strings_list *list)
{
    if (list->count > 1)
        qsort_r(list->texts, list->count, sizeof *list->texts, compare_size, (void *)strings);
}

void strings_list_measure(const struct strings *strings, struct strings_list *list)
{
    uint64_t literal_bytes = 0;
    list->text_bytes = list->flash_bytes = list->fixed_bytes = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct heap_text *text = &strings->profile->texts.items[list->texts[i]];
        list->text_bytes += text->bytes;
        list->flash_bytes += strings_flash_item(text->bytes);
        literal_bytes += text->bytes + 4;
    }
    if (list->count > 0)
        list->fixed_bytes = strings_flash_fixed(&strings->flash);
    list->growth_bytes = strings_flash_growth(&strings->flash, list->count);
    list->stock_flash_bytes = list->flash_bytes + list->fixed_bytes + list->growth_bytes;
    list->flash_bytes += list->fixed_bytes +
                         strings_flash_wanted_growth(&strings->flash, list->count);
    if (list->count > 0)
        list->stock_flash_bytes += strings_flash_code(
            &strings->flash, list->count,
            list->is_plain ? strings_flash_packed_lines(literal_bytes) : list->count);
    if (list->is_plain)
        list->flash_bytes = list->stock_flash_bytes;
}

// The list of the items that were chosen; `is_chosen` may be NULL for none.
static void list_from_items(const struct choice *choice, const struct select_problem *problem,
                            const uint32_t *texts, const bool *is_chosen, struct strings_list *list)
{
    *list = (struct strings_list){
        .texts = ARENA_NEW_ARRAY(choice->arena, uint32_t, problem->count)};
    for (uint32_t i = 0; i < problem->count; i++)
        if (is_chosen && is_chosen[i])
            list->texts[list->count++] = texts[i];
    strings_list_measure(choice->strings, list);
}

static void take_figures(const struct strings_sim *sim, uint32_t set, struct strings_list *list)
{
    list->saved_bytes = strings_sim_saving(sim, set);
    list->peak_bytes = sim->peaks[set].bytes;
    list->table_slots = sim->peaks[set].table_slots;
}

double strings_return(const struct strings_list *list)
{
    return list->flash_bytes ? (double)list->saved_bytes / (double)list->flash_bytes : 0;
}

static double worth_of(const struct choice *choice, const struct strings_list *list)
{
    return (double)list->saved_bytes -
           choice->settings->return_min * (double)(list->flash_bytes - list->fixed_bytes);
}

// ---- choosing ----

static int compare_worth(const void *a, const void *b, void *context)
{
    const struct strings *strings = context;
    const struct heap_text *x = &strings->profile->texts.items[*(const uint32_t *)a];
    const struct heap_text *y = &strings->profile->texts.items[*(const uint32_t *)b];
    if (x->byte_time != y->byte_time)
        return x->byte_time > y->byte_time ? -1 : 1;
    return text_compare(x->content, y->content);
}

static void start(struct choice *choice)
{
    struct strings *strings = choice->strings;
    const struct heap_profile *profile = strings->profile;
    uint32_t room = profile->texts.count;
    choice->items = ARENA_NEW_ARRAY(choice->arena, struct select_item, room);
    choice->texts = ARENA_NEW_ARRAY(choice->arena, uint32_t, room);
    choice->dump.is_plain = true;
    choice->dump.texts = ARENA_NEW_ARRAY(choice->arena, uint32_t, room);
    choice->dump_taken.texts = ARENA_NEW_ARRAY(choice->arena, uint32_t, room);
    choice->moment_count = HEAP_MOMENT_COUNT;
    for (unsigned m = 0; m < HEAP_MOMENT_COUNT; m++)
        choice->heights[m] = profile->moment_bytes[m] - profile->moment_table_bytes[m];
    for (uint32_t i = 0; i < room; i++) {
        const struct heap_text *text = &profile->texts.items[i];
        if (text->is_retained_first && text->content.bytes == text->bytes)
            choice->dump.texts[choice->dump.count++] = i;
        if (heap_lives_at(profile, text, HEAP_MOMENT_REST) && strings_is_of_program(profile, text))
            choice->heights[HEAP_MOMENT_REST] += heap_string_bytes(text->bytes);
        if (text->is_dropped || strings->verdicts[i] != STRINGS_IDLE)
            continue;
        struct select_item *item = &choice->items[choice->count];
        choice->texts[choice->count++] = i;
        if (text->is_retained_first)
            choice->dump_taken.texts[choice->dump_taken.count++] = i;
        item->ram_bytes = (uint32_t)heap_string_bytes(text->bytes);
        item->flash_bytes = strings_flash_item(text->bytes);
        for (unsigned m = 0; m < HEAP_MOMENT_COUNT; m++)
            if (heap_lives_at(profile, text, m))
                item->live_moments |= 1u << m;
    }
    strings_list_measure(strings, &choice->dump);
    strings_list_measure(strings, &choice->dump_taken);
    choice->by_stay = arena_grow_array(choice->arena, choice->texts, choice->count, choice->count,
                                       sizeof *choice->by_stay);
    qsort_r(choice->by_stay, choice->count, sizeof *choice->by_stay, compare_worth, strings);
}

// The candidates that live at one of the moments; others save nothing there.
static uint32_t *gather(struct choice *choice, struct select_problem *problem)
{
    struct select_item *items = ARENA_NEW_ARRAY(choice->arena, struct select_item, choice->count);
    uint32_t *texts = ARENA_NEW_ARRAY(choice->arena, uint32_t, choice->count);
    for (uint32_t i = 0; i < choice->count; i++)
        if (choice->items[i].live_moments) {
            items[problem->count] = choice->items[i];
            texts[problem->count++] = choice->texts[i];
        }
    problem->items = items;
    return texts;
}

// Result: the highest of the moments.
static uint64_t set_slack(const struct choice *choice, struct select_problem *problem)
{
    uint64_t highest = 0;
    for (uint32_t m = 0; m < choice->moment_count; m++)
        highest = choice->heights[m] > highest ? choice->heights[m] : highest;
    for (uint32_t m = 0; m < choice->moment_count; m++)
        problem->slack_bytes[m] = highest - choice->heights[m];
    return highest;
}

// What the moments allow: one solution for each number of times that the hash vector is doubled.
// Result: the one that pays, and a bound of saving - price * flash for every set.
static void solve(struct choice *choice, struct strings_list *best, double *bound)
{
    struct select_problem problem = {.moment_count = choice->moment_count,
                                     .price = choice->settings->return_min};
    uint32_t fixed = strings_flash_fixed(&choice->strings->flash);
    uint32_t *texts = gather(choice, &problem);
    uint64_t highest = set_slack(choice, &problem);
    list_from_items(choice, &problem, texts, NULL, best);
    *bound = 0;
    for (unsigned doublings = 0; doublings <= DOUBLINGS_MAX; doublings++) {
        uint32_t room = strings_flash_room(&choice->strings->flash, doublings);
        uint64_t extra = fixed + strings_flash_wanted_growth(&choice->strings->flash, room);
        struct select_result result;
        struct strings_list list;
        problem.count_max = room;
        problem.flash_budget = SELECT_NO_LIMIT;
        if (choice->settings->budget_bytes != UINT64_MAX) {
            if (choice->settings->budget_bytes <= extra)
                break;
            problem.flash_budget = choice->settings->budget_bytes - extra;
        }
        if (room == 0)
            continue;
        select_solve(&problem, choice->arena, &result);
        list_from_items(choice, &problem, texts, result.is_chosen, &list);
        list.saved_bytes = (int64_t)result.saving_bytes;
        *bound = fmax(*bound, result.bound);
        if (worth_of(choice, &list) > worth_of(choice, best))
            *best = list;
        if (room >= problem.count)
            break;
    }
    // What the highest point can fall by besides: to the highest moment with the least table.
    *bound += (double)choice->strings->profile->moment_bytes[HEAP_MOMENT_PEAK] -
              (double)(highest + TABLE_BYTES_MIN);
}

// Lists that hold the chosen set and more and more of the candidates left over, those first that
// stay longest in RAM. The last one is all candidates.
static void extend(const struct choice *choice, const struct strings_list *chosen,
                   struct strings_list *lists)
{
    static const uint32_t sizes[EXTENSIONS] = {16, 64, 256, UINT32_MAX};
    uint32_t *left = ARENA_NEW_ARRAY(choice->arena, uint32_t, choice->count);
    bool *is_chosen = ARENA_NEW_ARRAY(choice->arena, bool, choice->strings->profile->texts.count);
    uint32_t left_count = 0;
    for (uint32_t i = 0; i < chosen->count; i++)
        is_chosen[chosen->texts[i]] = true;
    for (uint32_t i = 0; i < choice->count; i++)
        if (!is_chosen[choice->by_stay[i]])
            left[left_count++] = choice->by_stay[i];
    for (uint32_t n = 0; n < EXTENSIONS; n++) {
        uint32_t more = sizes[n] < left_count ? sizes[n] : left_count;
        struct strings_list *list = &lists[n];
        *list = (struct strings_list){
            .texts = ARENA_NEW_ARRAY(choice->arena, uint32_t, chosen->count + more)};
        for (uint32_t i = 0; i < chosen->count; i++)
            list->texts[list->count++] = chosen->texts[i];
        for (uint32_t i = 0; i < more; i++)
            list->texts[list->count++] = left[i];
        strings_list_measure(choice->strings, list);
    }
}

// Adds the moment at which the ledger without the chosen strings is highest. False if no candidate
// that is not chosen lives there, or there is no room.
static bool add_moment(struct choice *choice, const struct strings_sim *sim)
{
    uint32_t m = choice->moment_count;
    bool is_open = false;
    if (m == SELECT_MOMENTS_MAX)
        return false;
    choice->heights[m] = sim->peaks[sim->watched].bytes - sim->peaks[sim->watched].table_bytes;
    for (uint32_t i = 0; i < choice->count; i++) {
        uint32_t text = choice->texts[i];
        if (!strings_sim_lived(sim, text))
            continue;
        choice->items[i].live_moments |= 1u << m;
        if (strings_sim_has(sim, sim->watched, text))
            choice->heights[m] += choice->items[i].ram_bytes;
        else
            is_open = true;
    }
    choice->moment_count++;
    return is_open;
}

// From a bound of saving - price * flash to one of the saving of all lists that are no larger.
static void set_bound(const struct choice *choice)
{
    struct strings *strings = choice->strings;
    const struct strings_list *chosen = &strings->chosen;
    double bound = choice->bound + choice->settings->return_min *
                                       (double)(chosen->flash_bytes - chosen->fixed_bytes);
    // A list of no bytes saves nothing.
    if (chosen->count > 0)
        strings->bound_bytes = (uint64_t)fmax(bound + 1e-6, (double)chosen->saved_bytes);
}

// What is the same in every round: no strings in flash, the plain dump and what of it may be taken,
// the firmware's own list, all candidates.
static int replay_base(struct choice *choice, struct problem *problem)
{
    struct strings *strings = choice->strings;
    struct strings_sim *sim = strings_sim_create(strings->profile, strings->record, NULL,
                                                 choice->arena);
    uint32_t dump = strings_sim_add(sim, choice->dump.texts, choice->dump.count);
    strings->stock = strings_stock_list(strings, choice->arena);
    uint32_t stock = strings_sim_add(sim, strings->stock.texts, strings->stock.count);
    choice->base = sim;
    choice->all_set = strings_sim_add(sim, choice->texts, choice->count);
    choice->dump_taken_set = strings_sim_add(sim, choice->dump_taken.texts,
                                             choice->dump_taken.count);
    int status = strings_sim_run(sim, problem);
    if (status != STATUS_OK)
        return status;
    take_figures(sim, dump, &choice->dump);
    take_figures(sim, choice->dump_taken_set, &choice->dump_taken);
    take_figures(sim, stock, &strings->stock);
    take_figures(sim, STRINGS_SET_NONE, &strings->chosen);
    strings->table_slots = sim->peaks[STRINGS_SET_NONE].table_slots;
    strings->model_error_bytes = (int64_t)sim->peaks[STRINGS_SET_NONE].bytes -
                                 (int64_t)strings->profile->moment_bytes[HEAP_MOMENT_PEAK];
    return STATUS_OK;
}

// A round's best list, and which set of which replay it is.
struct round {
    struct strings_sim *sim;
    struct strings_list chosen;
    struct strings_list more[EXTENSIONS];
    const struct strings_sim *best_sim;
    uint32_t best_set;
};

static int replay(struct choice *choice, struct round *round, struct problem *problem)
{
    struct strings_sim *sim = strings_sim_create(choice->strings->profile, choice->strings->record,
                                                 choice->base, choice->arena);
    uint32_t sets[EXTENSIONS];
    round->sim = sim;
    sim->watched = strings_sim_add(sim, round->chosen.texts, round->chosen.count);
    for (unsigned n = 0; n < EXTENSIONS - 1; n++)
        sets[n] = strings_sim_add(sim, round->more[n].texts, round->more[n].count);
    sets[EXTENSIONS - 1] = choice->all_set;
    int status = strings_sim_run(sim, problem);
    if (status != STATUS_OK)
        return status;
    take_figures(sim, sim->watched, &round->chosen);
    round->best_sim = sim;
    round->best_set = sim->watched;
    for (unsigned n = 0; n < EXTENSIONS; n++) {
        const struct strings_sim *own = n == EXTENSIONS - 1 ? choice->base : sim;
        struct strings_list *more = &round->more[n];
        take_figures(own, sets[n], more);
        if (more->flash_bytes <= choice->settings->budget_bytes &&
            worth_of(choice, more) > worth_of(choice, &round->chosen)) {
            round->chosen = *more;
            round->best_sim = own;
            round->best_set = sets[n];
        }
    }
    return STATUS_OK;
}

// Keeps a list, set `set` of `sim`, if it is better than those before. Nothing at all, the empty
// set, is what the first one has to beat.
static bool keep(struct choice *choice, const struct strings_list *list,
                 const struct strings_sim *sim, uint32_t set)
{
    struct strings *strings = choice->strings;
    if (list->flash_bytes > choice->settings->budget_bytes ||
        worth_of(choice, list) <= worth_of(choice, &strings->chosen))
        return false;
    strings->chosen = *list;
    for (uint32_t run = 0; run < strings->profile->run_count; run++)
        strings->run_saved_bytes[run] = (int64_t)choice->base->run_peaks[run][STRINGS_SET_NONE] -
                                        (int64_t)sim->run_peaks[run][set];
    return true;
}

// One round: choose, replay. Result: 1 to go on, 0 when done, or a failure.
static int do_round(struct choice *choice, struct problem *problem)
{
    struct strings *strings = choice->strings;
    struct round round;
    double bound;
    solve(choice, &round.chosen, &bound);
    extend(choice, &round.chosen, round.more);
    int status = replay(choice, &round, problem);
    if (status != STATUS_OK)
        return status;
    bool is_better = keep(choice, &round.chosen, round.best_sim, round.best_set);
    bool can_go_on = add_moment(choice, round.sim);
    strings->rounds++;
    strings->all = round.more[EXTENSIONS - 1];
    choice->bound = fmin(choice->bound, bound);
    choice->failures = is_better ? 0 : choice->failures + 1;
    return can_go_on && choice->failures < FAILURES_MAX && strings->rounds < ROUNDS_MAX;
}

static void settle_verdicts(struct choice *choice)
{
    struct strings *strings = choice->strings;
    for (uint32_t i = 0; i < choice->count; i++)
        if (heap_lives_at(strings->profile, text_at(choice, i), HEAP_MOMENT_PEAK))
            strings->verdicts[choice->texts[i]] = STRINGS_LEFT;
    for (uint32_t i = 0; i < strings->chosen.count; i++)
        strings->verdicts[strings->chosen.texts[i]] = STRINGS_CHOSEN;
}

// ---- the curve ----

// Shares of the flash of what is chosen where flash costs nothing.
static const double curve_shares[] = {0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1};
#define CURVE_COUNT (sizeof curve_shares / sizeof *curve_shares)
_Static_assert(CURVE_COUNT < STRINGS_SETS_MAX, "one replay for all");
_Static_assert(CURVE_COUNT + 2 <= STRINGS_POINTS_MAX, "with the chosen list and all candidates");

static int compare_points(const void *a, const void *b)
{
    const struct strings_point *x = a, *y = b;
    if (x->flash_bytes != y->flash_bytes)
        return x->flash_bytes < y->flash_bytes ? -1 : 1;
    return (x->saved_bytes > y->saved_bytes) - (x->saved_bytes < y->saved_bytes);
}

// Adds a point unless a point saves as much with as little flash.
static void add_point(struct strings *strings, bool is_all, const struct strings_list *list)
{
    if (list->count == 0 || list->saved_bytes <= 0)
        return;
    for (uint32_t i = 0; i < strings->point_count; i++)
        if (strings->points[i].flash_bytes <= list->flash_bytes &&
            strings->points[i].saved_bytes >= list->saved_bytes)
            return;
    strings->points[strings->point_count++] = (struct strings_point){
        is_all, list->count, list->flash_bytes, list->saved_bytes, false};
}

// The point that lies farthest above the line from nothing to the last point.
static void mark_knee(struct strings *strings)
{
    double best = 0;
    struct strings_point *knee = NULL, *points = strings->points;
    uint32_t count = strings->point_count;
    if (count == 0)
        return;
    qsort(points, count, sizeof *points, compare_points);
    double slope = (double)points[count - 1].saved_bytes / (double)points[count - 1].flash_bytes;
    for (uint32_t i = 0; i < count; i++) {
        double above = (double)points[i].saved_bytes - slope * (double)points[i].flash_bytes;
        if (above >= best) {
            best = above;
            knee = &points[i];
        }
    }
    if (knee)
        knee->is_knee = true;
}

// What budgets would choose, by the moments that are known by now.
static int draw_curve(struct choice *choice, struct problem *problem)
{
    struct strings *strings = choice->strings;
    const struct strings_settings *settings = choice->settings;
    struct strings_list lists[CURVE_COUNT];
    uint32_t sets[CURVE_COUNT];
    struct strings_sim *sim = strings_sim_create(strings->profile, strings->record, choice->base,
                                                 choice->arena);
    struct strings_settings limited = *settings;
    limited.return_min = 0;
    limited.budget_bytes = UINT64_MAX;
    choice->settings = &limited;
    for (size_t i = CURVE_COUNT; i-- > 0;) {
        double ignored;
        solve(choice, &lists[i], &ignored);
        limited.budget_bytes = (uint64_t)((i ? curve_shares[i - 1] : 0) *
                                          (double)lists[CURVE_COUNT - 1].flash_bytes);
        sets[i] = strings_sim_add(sim, lists[i].texts, lists[i].count);
    }
    choice->settings = settings;
    int status = strings_sim_run(sim, problem);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < CURVE_COUNT; i++) { // one may be better than what the rounds have found
        take_figures(sim, sets[i], &lists[i]);
        keep(choice, &lists[i], sim, sets[i]);
    }
    // Nor is it worse than a dump of the same sources, which has strings that no moment asks for.
    keep(choice, &choice->dump_taken, choice->base, choice->dump_taken_set);
    add_point(strings, false, &strings->chosen);
    for (size_t i = 0; i < CURVE_COUNT; i++)
        add_point(strings, false, &lists[i]);
    add_point(strings, true, &strings->all);
    mark_knee(strings);
    return STATUS_OK;
}

int strings_choose(struct strings *strings, const struct strings_settings *settings,
                   struct arena *arena, struct problem *problem)
{
    struct choice choice = {
        .strings = strings, .settings = settings, .arena = arena, .bound = INFINITY};
    int more;
    start(&choice);
    more = replay_base(&choice, problem);
    if (more == STATUS_OK)
        while ((more = do_round(&choice, problem)) > 0)
            ;
    if (more < 0)
        return more;
    more = draw_curve(&choice, problem);
    if (more < 0)
        return more;
    set_bound(&choice);
    strings->dump = choice.dump;
    strings->dump_taken = choice.dump_taken;
    strings_list_sort(strings, &strings->chosen);
    strings_list_sort(strings, &strings->dump);
    strings_list_sort(strings, &strings->dump_taken);
    settle_verdicts(&choice);
    return STATUS_OK;
}
