// strings_lookups.c: see strings_lookups.h.

#include "analyzer/analysis/strings/strings_lookups.h"

#include <assert.h>
#include <stdlib.h>

#include "analyzer/analysis/strings/strings_groups.h"
#include "runtime/format/libc_loads.h"
#include "runtime/format/string_hash.h"

#define NONE UINT32_MAX

// The string table of the image with the list. The one that came last stands first in its chain.
struct chains {
    uint32_t slot_count;
    uint32_t *slots; // first text of each chain, NONE: none
    uint32_t *nexts; // by text
    struct text *texts;
    uint32_t count;
};

static uint32_t slot_of(const struct chains *chains, struct text text)
{
    return string_hash(text.data, (uint32_t)text.bytes) & (chains->slot_count - 1);
}

static void add(struct chains *chains, struct text text)
{
    uint32_t slot = slot_of(chains, text);
    chains->texts[chains->count] = text;
    chains->nexts[chains->count] = chains->slots[slot];
    chains->slots[slot] = chains->count++;
}

static int compare_places(const void *a, const void *b)
{
    const struct image_string *x = *(const struct image_string *const *)a;
    const struct image_string *y = *(const struct image_string *const *)b;
    return (x->off > y->off) - (x->off < y->off);
}

// As frost luac puts them in: names and constants module by module, those of the list last, then
// line tables.
static void build(struct chains *chains, const struct strings *strings,
                  const struct strings_list *list, uint32_t slot_count, struct arena *arena)
{
    const struct image *image = strings->flash.image;
    uint32_t count = image->string_count, entry_count;
    const struct image_string **places = ARENA_NEW_ARRAY(arena, const struct image_string *, count);
    struct strings_entry *entries = strings_entries(strings, list, false, arena, &entry_count);
    *chains = (struct chains){.slot_count = slot_count,
                              .slots = ARENA_NEW_ARRAY(arena, uint32_t, slot_count),
                              .nexts = ARENA_NEW_ARRAY(arena, uint32_t, count + entry_count),
                              .texts = ARENA_NEW_ARRAY(arena, struct text, count + entry_count)};
    for (uint32_t i = 0; i < slot_count; i++)
        chains->slots[i] = NONE;
    for (uint32_t i = 0; i < count; i++)
        places[i] = &image->strings[i];
    if (count > 1)
        qsort(places, count, sizeof *places, compare_places);
    for (uint32_t i = 0; i < count; i++)
        if (places[i]->uses != IMAGE_USE_LINES)
            add(chains, places[i]->text);
    for (uint32_t i = 0; i < entry_count; i++)
        add(chains, entries[i].text->content);
    for (uint32_t i = 0; i < count; i++)
        if (places[i]->uses == IMAGE_USE_LINES)
            add(chains, places[i]->text);
}

// Bytes that comparing a text with another one of its length reads, up to the first that differs.
static size_t loads_of(struct text a, struct text b)
{
    size_t at = 0;
    while (at < a.bytes && a.data[at] == b.data[at])
        at++;
    return libc_differ_loads(0, a.bytes, at);
}

// `times` look-ups of a text: along its chain to the end, or to the text.
static void count_text(const struct chains *chains, struct text text, double times,
                       struct strings_lookups *lookups)
{
    lookups->count += times;
    for (uint32_t i = chains->slots[slot_of(chains, text)]; i != NONE; i = chains->nexts[i]) {
        lookups->met += times;
        if (chains->texts[i].bytes != text.bytes)
            continue;
        if (text_is_equal(chains->texts[i], text))
            return;
        lookups->loads += times * (double)loads_of(chains->texts[i], text);
    }
}

// Look-ups of texts that are not known meet a chain of the usual length.
static void count_unknown(const struct chains *chains, double times,
                          struct strings_lookups *lookups)
{
    lookups->count += times;
    lookups->met += times * chains->count / chains->slot_count;
}

void strings_lookups_count(const struct strings *strings, const struct strings_list *list,
                           uint32_t slot_count, struct arena *arena,
                           struct strings_lookups *lookups)
{
    const struct heap_texts *texts = &strings->profile->texts;
    struct chains chains;
    assert(strings->flash.image);
    assert(slot_count && (slot_count & (slot_count - 1)) == 0);
    struct arena_mark mark = arena_mark(arena);
    bool *is_listed = ARENA_NEW_ARRAY(arena, bool, texts->count + 1);
    *lookups = (struct strings_lookups){0};
    build(&chains, strings, list, slot_count, arena);
    for (uint32_t i = 0; i < list->count; i++)
        is_listed[list->texts[i]] = true;
    for (uint32_t i = 0; i < texts->count; i++) {
        const struct heap_text *text = &texts->items[i];
        // What is in the list is no longer found in RAM.
        double times = (double)(text->births + text->found_flash +
                                (is_listed[i] ? text->found_ram : 0));
        if (text->is_dropped || times == 0)
            continue;
        if (text->content.bytes != text->bytes)
            count_unknown(&chains, times, lookups);
        else
            count_text(&chains, text->content, times, lookups);
    }
    count_unknown(&chains, (double)strings->profile->births_unknown, lookups);
    arena_rewind(arena, mark);
}

void strings_vector_measure(struct strings *strings, struct arena *arena)
{
    const struct strings_flash *flash = &strings->flash;
    const struct cost_model *model = &strings->model;
    struct strings_vector *vector = &strings->vector;
    struct strings_lookups kept, grown;
    uint32_t count = strings->chosen.count;
    *vector = (struct strings_vector){.growth_bytes = strings_flash_growth(flash, count)};
    if (vector->growth_bytes == 0 || !flash->image)
        return;
    vector->slots = flash->slot_count;
    vector->slots_grown = strings_flash_slots(flash, count);
    uint32_t room = strings_flash_rule_room(flash, 0);
    vector->surplus = count > room ? count - room : 0;
    if (strings->profile->is_stock)
        return;
    strings_lookups_count(strings, &strings->chosen, vector->slots, arena, &kept);
    strings_lookups_count(strings, &strings->chosen, vector->slots_grown, arena, &grown);
    vector->look_ups = kept.count;
    vector->met = kept.met;
    vector->met_grown = grown.met;
    vector->kept_clocks_more = (kept.met - grown.met) * model->cache_miss_clocks +
                               (kept.loads - grown.loads) * model->emulated_load_clocks;
}
