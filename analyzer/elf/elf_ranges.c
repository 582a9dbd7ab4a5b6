// elf_ranges.c: nested ranges of addresses as stretches that follow one another.

#include "analyzer/elf/elf_ranges.h"

#include <stdlib.h>

static int compare_ranges(const void *x, const void *y)
{
    const struct elf_range *a = x, *b = y;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->depth != b->depth)
        return a->depth < b->depth ? -1 : 1;
    if (a->end != b->end)
        return a->end > b->end ? -1 : 1;
    return (a->label > b->label) - (a->label < b->label);
}

void elf_ranges_sort(struct elf_range *ranges, size_t count)
{
    if (count)
        qsort(ranges, count, sizeof *ranges, compare_ranges);
}

static void add_stretch(struct elf_stretch_list *list, uint64_t addr, uint32_t label)
{
    if (list->count && list->items[list->count - 1].addr == addr)
        list->count--; // nothing had been there
    if (list->count && list->items[list->count - 1].label == label)
        return;
    list->items[list->count++] = (struct elf_stretch){addr, label};
}

struct elf_stretch_list elf_ranges_flatten(struct arena *arena, struct arena *scratch,
                                           struct elf_range *ranges, size_t count)
{
    size_t depth = 0;
    struct elf_stretch_list list = {
        .items = ARENA_NEW_ARRAY(arena, struct elf_stretch, count * 2 + 1)};
    struct elf_range *open = ARENA_NEW_ARRAY(scratch, struct elf_range, count + 1);
    elf_ranges_sort(ranges, count);
    for (size_t i = 0; i <= count; i++) {
        uint64_t begin = i < count ? ranges[i].begin : UINT64_MAX;
        while (depth > 0 && open[depth - 1].end <= begin) {
            depth--;
            add_stretch(&list, open[depth].end, depth ? open[depth - 1].label : ELF_NO_LABEL);
        }
        if (i == count)
            break;
        struct elf_range range = ranges[i];
        // An inlined call is cut; a symbol whose size is wrong grows.
        if (depth > 0 && range.end > open[depth - 1].end) {
            if (range.depth > open[depth - 1].depth && open[depth - 1].depth > 0)
                range.end = open[depth - 1].end;
            for (size_t k = depth; k-- > 0 && open[k].end < range.end;)
                open[k].end = range.end;
        }
        open[depth++] = range;
        add_stretch(&list, range.begin, range.label);
    }
    return list;
}

ptrdiff_t elf_stretch_find(const struct elf_stretch *items, size_t count, uint64_t addr)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (items[middle].addr <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return (ptrdiff_t)low - 1;
}
