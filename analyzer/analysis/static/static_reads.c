// static_reads.c: the loads of the data flow by what they may reach.

#include "analyzer/analysis/static/static_reads.h"

#include <stdlib.h>

#include "analyzer/analysis/static/static_flow.h"

struct list {
    struct arena *arena;
    struct static_reads *reads;
    uint32_t room;
};

static void note(struct list *list, uint32_t addr, uint32_t insn)
{
    struct static_reads *reads = list->reads;
    if (reads->count == list->room) {
        uint32_t room = list->room ? list->room * 2 : 256;
        reads->items = arena_grow_array(list->arena, reads->items, reads->count, room,
                                        sizeof *reads->items);
        list->room = room;
    }
    reads->items[reads->count++] = (struct static_read){addr, insn};
}

// Pointers out of a table are not followed: what they point to is known only where it is read.
static void note_load(struct list *list, const struct static_flow *flow,
                      const struct static_load *load)
{
    const struct static_value *base = &load->base;
    uint32_t function = flow->code->insns[load->insn].function, first;
    for (unsigned i = 0; i < base->origin_count; i++)
        if (!(base->through >> i & 1))
            note(list, base->origins[i] + (base->is_exact ? (uint32_t)base->offset : 0),
                 load->insn);
    for (unsigned i = 0; i < STATIC_ARGUMENTS_MAX; i++) {
        if (!(base->arguments >> i & 1))
            continue;
        uint32_t count = static_flow_passed(flow, function, i, &first);
        for (uint32_t n = first; n < first + count; n++)
            if (!flow->passes[n].is_table)
                note(list, flow->passes[n].origin, load->insn);
    }
    list->reads->unknown_count += (base->what & STATIC_UNKNOWN) != 0;
}

static int compare_reads(const void *x, const void *y)
{
    const struct static_read *a = x, *b = y;
    if (a->addr != b->addr)
        return a->addr < b->addr ? -1 : 1;
    return (a->insn > b->insn) - (a->insn < b->insn);
}

int static_reads_find(struct arena *arena, const char *path, struct static_reads *reads,
                      struct problem *problem)
{
    struct elf_image *image;
    struct static_code code;
    struct static_flow flow;
    struct list list = {.arena = arena, .reads = reads};
    *reads = (struct static_reads){0};
    int status = elf_image_open(arena, path, &image, problem);
    if (status == STATUS_OK)
        status = static_code_read(arena, image, path, &code, problem);
    if (status != STATUS_OK)
        return status;
    static_flow_run(arena, &code, &flow);
    for (uint32_t i = 0; i < flow.load_count; i++)
        note_load(&list, &flow, &flow.loads[i]);
    if (reads->count)
        qsort(reads->items, reads->count, sizeof *reads->items, compare_reads);
    return STATUS_OK;
}

static uint32_t first_at(const struct static_reads *reads, uint64_t addr)
{
    uint32_t low = 0, high = reads->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (reads->items[middle].addr < addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int compare_numbers(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

uint32_t static_reads_count(struct arena *scratch, const struct static_reads *reads, uint64_t begin,
                            uint64_t end)
{
    uint32_t first = first_at(reads, begin), last = first_at(reads, end), distinct = 0;
    if (first == last)
        return 0;
    uint32_t *insns = ARENA_NEW_ARRAY(scratch, uint32_t, last - first);
    for (uint32_t i = first; i < last; i++)
        insns[i - first] = reads->items[i].insn;
    qsort(insns, last - first, sizeof *insns, compare_numbers);
    for (uint32_t i = 0; i < last - first; i++)
        distinct += i == 0 || insns[i] != insns[i - 1];
    return distinct;
}
