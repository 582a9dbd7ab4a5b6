// strings_choose.c: choose, replay, look where the highest point is now, choose again.
//
// A set that is right for the moments looked at so far may leave another moment highest. The replay
// finds it; it joins the moments, and the choice is made anew, until the highest point that is left
// holds no candidate or nothing is gained any more.
// Each replay also tries the chosen set with more and more of the other candidates: that shows when
// a smaller RAM string table comes within reach, which no single string can tell.

#include "analyzer/analysis/strings_choose.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analyzer/analysis/strings_select.h"

#define ROUNDS_MAX 8u
#define DOUBLINGS_MAX 15u
#define TABLE_BYTES_MIN 128u // of the RAM string table, 32 slots
#define EXTENSIONS 4u // sets between the chosen one and all candidates

struct choice {
    struct strings *strings;
    const struct strings_settings *settings;
    struct arena *arena;
    struct select_item *items;
    uint32_t *texts;     // of the items
    uint32_t count;
    uint64_t heights[SELECT_MOMENTS_MAX]; // of the ledger at the moments, with all strings in RAM
    uint32_t moment_count;
    struct strings_list dump;
};

static const struct heap_text *text_at(const struct choice *choice, uint32_t item)
{
    return &choice->strings->profile->texts.items[choice->texts[item]];
}

// ---- lists ----

static const struct strings *sorting; // for qsort, which hands no context on

static int compare_size(const void *a, const void *b)
{
    const struct heap_text *x = &sorting->profile->texts.items[*(const uint32_t *)a];
    const struct heap_text *y = &sorting->profile->texts.items[*(const uint32_t *)b];
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return text_compare(x->content, y->content);
}

void strings_list_measure(const struct strings *strings, struct strings_list *list)
{
    uint64_t literal_bytes = 0;
    list->text_bytes = list->flash_bytes = list->fixed_bytes = 0;
    sorting = strings;
    qsort(list->texts, list->count, sizeof *list->texts, compare_size);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct heap_text *text = &strings->profile->texts.items[list->texts[i]];
        list->text_bytes += text->bytes;
        list->flash_bytes += strings_flash_item(text->bytes);
        literal_bytes += text->bytes + 4;
    }
    if (list->count > 0)
        list->fixed_bytes = strings_flash_fixed(&strings->flash, literal_bytes);
    list->flash_bytes +=
        list->fixed_bytes + strings_flash_growth(&strings->flash, list->count);
    uint64_t use_bytes = (uint64_t)list->count * strings_flash_use(&strings->flash);
    list->stock_flash_bytes = list->flash_bytes + use_bytes;
    if (list->is_plain)
        list->flash_bytes = list->stock_flash_bytes;
}

// `is_chosen` may be NULL for none.
static void list_from_items(const struct choice *choice, const bool *is_chosen,
                            struct strings_list *list)
{
    *list = (struct strings_list){.texts = ARENA_NEW_ARRAY(choice->arena, uint32_t, choice->count)};
    for (uint32_t i = 0; i < choice->count; i++)
        if (is_chosen && is_chosen[i])
            list->texts[list->count++] = choice->texts[i];
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

static void start(struct choice *choice)
{
    struct strings *strings = choice->strings;
    const struct heap_profile *profile = strings->profile;
    uint32_t room = profile->texts.count;
    choice->items = ARENA_NEW_ARRAY(choice->arena, struct select_item, room);
    choice->texts = ARENA_NEW_ARRAY(choice->arena, uint32_t, room);
    choice->dump.is_plain = true;
    choice->dump.texts = ARENA_NEW_ARRAY(choice->arena, uint32_t, room);
    choice->moment_count = HEAP_MOMENT_COUNT;
    choice->heights[HEAP_MOMENT_PEAK] = profile->moment_bytes[HEAP_MOMENT_PEAK];
    choice->heights[HEAP_MOMENT_REST] = profile->moment_bytes[HEAP_MOMENT_REST];
    for (uint32_t i = 0; i < room; i++) {
        const struct heap_text *text = &profile->texts.items[i];
        if (text->is_retained_first && text->content.bytes == text->bytes)
            choice->dump.texts[choice->dump.count++] = i;
        if (heap_lives_at(profile, text, HEAP_MOMENT_REST) && !strings_is_input(text))
            choice->heights[HEAP_MOMENT_REST] += heap_string_bytes(text->bytes);
        if (text->is_dropped || strings->verdicts[i] != STRINGS_IDLE)
            continue;
        struct select_item *item = &choice->items[choice->count];
        choice->texts[choice->count++] = i;
        item->ram_bytes = (uint32_t)heap_string_bytes(text->bytes);
        item->flash_bytes = strings_flash_item(text->bytes);
        for (unsigned m = 0; m < HEAP_MOMENT_COUNT; m++)
            if (heap_lives_at(profile, text, m))
                item->live_moments |= 1u << m;
    }
    strings_list_measure(strings, &choice->dump);
}

// What the moments allow: one solution for each number of times that the hash vector is doubled.
// Result: the one that pays.
static void solve(struct choice *choice, struct strings_list *best, double *bound)
{
    struct select_problem problem = {.items = choice->items, .count = choice->count,
                                     .moment_count = choice->moment_count,
                                     .price = choice->settings->return_min};
    uint64_t highest = 0;
    uint32_t fixed = strings_flash_fixed(&choice->strings->flash, 0);
    for (uint32_t m = 0; m < choice->moment_count; m++)
        highest = choice->heights[m] > highest ? choice->heights[m] : highest;
    for (uint32_t m = 0; m < choice->moment_count; m++)
        problem.slack_bytes[m] = highest - choice->heights[m];
    list_from_items(choice, NULL, best);
    *bound = 0;
    for (unsigned doublings = 0; doublings <= DOUBLINGS_MAX; doublings++) {
        uint32_t room = strings_flash_room(&choice->strings->flash, doublings);
        uint64_t extra = fixed + strings_flash_growth(&choice->strings->flash, room);
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
        list_from_items(choice, result.is_chosen, &list);
        list.saved_bytes = (int64_t)result.saving_bytes;
        *bound = fmax(*bound, result.bound);
        if (worth_of(choice, &list) > worth_of(choice, best))
            *best = list;
        if (room >= choice->count)
            break;
    }
}

static int compare_worth(const void *a, const void *b)
{
    const struct heap_text *x = &sorting->profile->texts.items[*(const uint32_t *)a];
    const struct heap_text *y = &sorting->profile->texts.items[*(const uint32_t *)b];
    if (x->byte_time != y->byte_time)
        return x->byte_time > y->byte_time ? -1 : 1;
    return text_compare(x->content, y->content);
}

// `count` lists that hold the chosen set and a growing share of the candidates left over, those
// first that stay longest in RAM. The last one is all candidates.
static void extend(const struct choice *choice, const struct strings_list *chosen,
                   struct strings_list *lists, uint32_t count)
{
    uint32_t *left = ARENA_NEW_ARRAY(choice->arena, uint32_t, choice->count);
    bool *is_chosen =
        ARENA_NEW_ARRAY(choice->arena, bool, choice->strings->profile->texts.count);
    uint32_t left_count = 0;
    for (uint32_t i = 0; i < chosen->count; i++)
        is_chosen[chosen->texts[i]] = true;
    for (uint32_t i = 0; i < choice->count; i++)
        if (!is_chosen[choice->texts[i]])
            left[left_count++] = choice->texts[i];
    sorting = choice->strings;
    qsort(left, left_count, sizeof *left, compare_worth);
    for (uint32_t n = 0; n < count; n++) {
        uint32_t more = (uint32_t)((uint64_t)left_count * (n + 1) / count);
        struct strings_list *list = &lists[n];
        *list = (struct strings_list){
            .texts = ARENA_NEW_ARRAY(choice->arena, uint32_t, choice->count)};
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
    uint64_t step = sim->peaks[sim->watched].step;
    uint32_t m = choice->moment_count;
    bool is_open = false;
    if (m == SELECT_MOMENTS_MAX)
        return false;
    uint16_t chosen_bit = (uint16_t)(1u << sim->watched);
    choice->heights[m] = sim->peaks[sim->watched].bytes;
    for (uint32_t i = 0; i < choice->count; i++) {
        uint32_t text = choice->texts[i];
        if (sim->live_at[text] != step)
            continue;
        choice->items[i].live_moments |= 1u << m;
        if (sim->members[text] & chosen_bit)
            choice->heights[m] += choice->items[i].ram_bytes;
        else
            is_open = true;
    }
    choice->moment_count++;
    return is_open;
}

// From a bound of saving - price * flash to one of the saving of all lists that are no larger. The
// string table may shrink besides, to its least size.
static void set_bound(const struct choice *choice, double bound)
{
    struct strings *strings = choice->strings;
    const struct strings_list *chosen = &strings->chosen;
    uint64_t table = strings->profile->peak_table_bytes;
    bound += choice->settings->return_min * (double)(chosen->flash_bytes - chosen->fixed_bytes);
    strings->bound_bytes = (uint64_t)bound + (table > TABLE_BYTES_MIN ? table - TABLE_BYTES_MIN : 0);
}

// One round: choose, replay. Result: 1 to go on, 0 when done, or a failure.
static int do_round(struct choice *choice, struct problem *problem)
{
    struct strings *strings = choice->strings;
    struct strings_list chosen, more[EXTENSIONS];
    double bound;
    uint32_t sets[EXTENSIONS];
    struct strings_sim *sim = strings_sim_create(strings->profile, choice->arena);
    solve(choice, &chosen, &bound);
    extend(choice, &chosen, more, EXTENSIONS);
    sim->watched = strings_sim_add(sim, chosen.texts, chosen.count);
    for (unsigned n = 0; n < EXTENSIONS; n++)
        sets[n] = strings_sim_add(sim, more[n].texts, more[n].count);
    uint32_t dump = strings_sim_add(sim, choice->dump.texts, choice->dump.count);
    int status = strings_sim_run(sim, problem);
    if (status != STATUS_OK)
        return status;
    strings->rounds++;
    take_figures(sim, sim->watched, &chosen);
    take_figures(sim, dump, &choice->dump);
    strings->table_slots = sim->peaks[STRINGS_SET_NONE].table_slots;
    strings->model_error_bytes = (int64_t)sim->peaks[STRINGS_SET_NONE].bytes -
                                 (int64_t)strings->profile->moment_bytes[HEAP_MOMENT_PEAK];
    uint32_t best_set = sim->watched;
    bool can_go_on = add_moment(choice, sim);
    for (unsigned n = 0; n < EXTENSIONS; n++) {
        take_figures(sim, sets[n], &more[n]);
        if (more[n].flash_bytes <= choice->settings->budget_bytes &&
            worth_of(choice, &more[n]) > worth_of(choice, &chosen)) {
            chosen = more[n];
            best_set = sets[n];
        }
    }
    strings->all = more[EXTENSIONS - 1];
    if (strings->rounds == 1 || 
        worth_of(choice, &chosen) > worth_of(choice, &strings->chosen)) {
        strings->chosen = chosen;
        for (uint32_t run = 0; run < strings->profile->run_count; run++)
            strings->run_saved_bytes[run] = (int64_t)sim->run_peaks[run][STRINGS_SET_NONE] -
                                            (int64_t)sim->run_peaks[run][best_set];
    }
    set_bound(choice, bound);
    return can_go_on && strings->rounds < ROUNDS_MAX;
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

int strings_choose(struct strings *strings, const struct strings_settings *settings,
                   struct arena *arena, struct problem *problem)
{
    struct choice choice = {.strings = strings, .settings = settings, .arena = arena};
    int more;
    start(&choice);
    while ((more = do_round(&choice, problem)) > 0)
        ;
    if (more < 0)
        return more;
    strings->dump = choice.dump;
    settle_verdicts(&choice);
    return STATUS_OK;
}
