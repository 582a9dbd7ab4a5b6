// loads.c: places of loads, and their sums.

#include "analyzer/analysis/hot/loads.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// ---- places ----

const char *loads_chain_words(const struct elf_frame *frames, size_t count, struct arena *arena)
{
    const char *words = "";
    for (size_t i = 1; i < count; i++)
        words = arena_format(arena, "%s%s%s", words, i > 1 ? " < " : "",
                             frames[i].function ? frames[i].function : "?");
    return words;
}

static struct loads_place find_place(const struct hot *hot, uint32_t pc, struct arena *arena)
{
    struct elf_frame frames[ELF_CHAIN_MAX];
    const struct elf_index *index = hot->program.index;
    size_t count = index ? elf_index_chain(index, pc, frames, ELF_CHAIN_MAX) : 0;
    if (count == 0)
        return (struct loads_place){.chain = ""};
    return (struct loads_place){
        .function = frames[0].function,
        .file = frames[0].file,
        .line = frames[0].line,
        .chain = loads_chain_words(frames, count, arena),
        .outer = frames[count - 1].function,
    };
}

static int compare_words(const char *x, const char *y)
{
    return strcmp(x ? x : "", y ? y : "");
}

// A place with the address that it was found for.
struct found {
    struct loads_place place;
    uint32_t pc, idx;
};

static int compare_places(const void *a, const void *b)
{
    const struct loads_place *x = &((const struct found *)a)->place;
    const struct loads_place *y = &((const struct found *)b)->place;
    int order = compare_words(x->file, y->file);
    if (order == 0)
        order = (x->line > y->line) - (x->line < y->line);
    if (order == 0)
        order = compare_words(x->function, y->function);
    return order ? order : compare_words(x->chain, y->chain);
}

static int compare_pcs(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    return (x->pc > y->pc) - (x->pc < y->pc);
}

static int compare_words_of_cells(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

// Cells that are the machine's, in the order of their addresses: the cell is the lower half.
static uint32_t order_cells(const struct hot *hot, uint64_t *order)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++)
        if (hot_is_load(hot->cells[i].what))
            order[count++] = (uint64_t)hot->cells[i].pc << 32 | i;
    if (count)
        qsort(order, count, sizeof *order, compare_words_of_cells);
    return count;
}

struct loads loads_create(const struct hot *hot, struct arena *arena)
{
    struct loads loads = {.hot = hot, .arena = arena, .place_count = 1};
    uint64_t *order = ARENA_NEW_ARRAY(arena, uint64_t, hot->cell_count + 1);
    struct found *found = ARENA_NEW_ARRAY(arena, struct found, hot->cell_count + 1);
    uint32_t cell_count = order_cells(hot, order), pc_count = 0;
    loads.place_of = ARENA_NEW_ARRAY(arena, uint32_t, hot->cell_count + 1);
    loads.places = ARENA_NEW_ARRAY(arena, struct loads_place, hot->cell_count + 2);
    loads.places[0] = (struct loads_place){.chain = ""};
    for (uint32_t n = 0; n < cell_count; n++) {
        uint32_t pc = (uint32_t)(order[n] >> 32);
        if (pc_count == 0 || found[pc_count - 1].pc != pc)
            found[pc_count++] = (struct found){find_place(hot, pc, arena), pc, 0};
    }
    if (pc_count)
        qsort(found, pc_count, sizeof *found, compare_places);
    for (uint32_t i = 0; i < pc_count; i++) {
        if (!found[i].place.function && !found[i].place.file)
            continue; // not known: 0
        if (i == 0 || compare_places(&found[i - 1], &found[i]) != 0)
            loads.places[loads.place_count++] = found[i].place;
        found[i].idx = loads.place_count - 1;
    }
    if (pc_count)
        qsort(found, pc_count, sizeof *found, compare_pcs);
    for (uint32_t n = 0, at = 0; n < cell_count; n++) {
        while (found[at].pc != (uint32_t)(order[n] >> 32))
            at++;
        loads.place_of[(uint32_t)order[n]] = found[at].idx;
    }
    return loads;
}

// ---- sums ----

struct keyed {
    uint64_t key;
    uint32_t cell;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->cell > y->cell) - (x->cell < y->cell);
}

static int compare_sums(const void *a, const void *b)
{
    const struct loads_sum *x = a, *y = b;
    if (x->clocks != y->clocks)
        return x->clocks > y->clocks ? -1 : 1;
    if (loads_narrow(x) != loads_narrow(y))
        return loads_narrow(x) > loads_narrow(y) ? -1 : 1;
    for (unsigned i = HOT_LOAD_32 - HOT_LOAD_FIRST; i < HOT_MACHINE_COUNT; i++)
        if (x->counts[i] != y->counts[i])
            return x->counts[i] > y->counts[i] ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

// The more telling one of two cells: data before code, more clocks, narrow before wide, then by
// count.
static uint32_t most_of(const struct hot *hot, uint32_t a, uint32_t b)
{
    const struct hot_cell *x = &hot->cells[a], *y = &hot->cells[b];
    double here = hot_clocks(hot, HOT_OWN, x), there = hot_clocks(hot, HOT_OWN, y);
    bool x_is_code = x->what > HOT_MISS_DATA, y_is_code = y->what > HOT_MISS_DATA;
    if (x_is_code != y_is_code)
        return x_is_code ? b : a;
    if (here != there)
        return here > there ? a : b;
    if (x->what != y->what)
        return x->what < y->what ? a : b;
    return y->count > x->count ? b : a;
}

static void add_cell(const struct hot *hot, struct loads_sum *sum, uint32_t idx)
{
    const struct hot_cell *cell = &hot->cells[idx];
    sum->counts[cell->what - HOT_LOAD_FIRST] += cell->count;
    if (cell->what == HOT_INSTRUCTIONS)
        sum->fetches += cell->times;
    sum->clocks += hot_clocks(hot, HOT_OWN, cell);
    sum->most = most_of(hot, sum->most, idx);
}

struct loads_sums loads_sum(const struct loads *loads,
                            uint64_t (*key_of)(const struct loads *loads, uint32_t cell))
{
    const struct hot *hot = loads->hot;
    struct keyed *keyed = ARENA_NEW_ARRAY(loads->arena, struct keyed, hot->cell_count + 1);
    size_t keyed_count = 0, count = 0;
    for (uint32_t i = 0; i < hot->cell_count; i++) {
        uint64_t key = hot_is_load(hot->cells[i].what) ? key_of(loads, i) : LOADS_NO_KEY;
        if (key != LOADS_NO_KEY)
            keyed[keyed_count++] = (struct keyed){key, i};
    }
    if (keyed_count)
        qsort(keyed, keyed_count, sizeof *keyed, compare_keyed);
    struct loads_sum *sums = ARENA_NEW_ARRAY(loads->arena, struct loads_sum, keyed_count + 1);
    for (size_t i = 0; i < keyed_count; i++) {
        if (count == 0 || sums[count - 1].key != keyed[i].key)
            sums[count++] = (struct loads_sum){.key = keyed[i].key, .most = keyed[i].cell};
        add_cell(hot, &sums[count - 1], keyed[i].cell);
    }
    if (count)
        qsort(sums, count, sizeof *sums, compare_sums);
    return (struct loads_sums){sums, count};
}
