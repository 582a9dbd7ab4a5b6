// strings_groups.c: see strings_groups.h.

#include "analyzer/analysis/strings/strings_groups.h"

#include <stdlib.h>

struct text strings_entry_module(const struct strings_entry *entry)
{
    return entry->site ? entry->site->source : (struct text){0};
}

static int compare_entries(const void *a, const void *b)
{
    const struct strings_entry *x = a, *y = b;
    if (x->sources != y->sources)
        return trace_origin_weight(x->sources) < trace_origin_weight(y->sources) ? -1 : 1;
    int order = text_compare(strings_entry_module(x), strings_entry_module(y));
    return order ? order : text_compare(x->text->content, y->text->content);
}

bool strings_is_same_group(const struct strings_entry *a, const struct strings_entry *b)
{
    return a->sources == b->sources &&
           text_is_equal(strings_entry_module(a), strings_entry_module(b));
}

struct strings_entry *strings_entries(const struct strings *strings,
                                      const struct strings_list *list, bool leaves_own,
                                      struct arena *arena, uint32_t *count)
{
    const struct strings_own *own = leaves_own ? strings->own : NULL;
    const struct heap_profile *profile = strings->profile;
    struct strings_entry *entries = ARENA_NEW_ARRAY(arena, struct strings_entry, list->count + 1);
    *count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct heap_text *text = &profile->texts.items[list->texts[i]];
        const struct heap_text_site *most = heap_text_main_site(text);
        if (own && strings_own_has(own->added, own->added_count, text->content))
            continue;
        entries[(*count)++] = (struct strings_entry){
            text, most ? &profile->names.items[most->site] : NULL,
            strings_sources(profile, text) & ~TRACE_ORIGIN_DERIVED};
    }
    if (*count > 1)
        qsort(entries, *count, sizeof *entries, compare_entries);
    return entries;
}
