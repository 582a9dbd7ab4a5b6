// plugin_report.c: totals and sub-word loads from flash as text, in the form of the firmware's own
// --trap-loads=1: one line "LOADS WIDTH ADDRESS" per instruction.
//
// Writes: a file at the end of the run. Memory: one entry per instruction that was translated.

#include "collectors/qemu/plugin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    uint32_t pc;
    uint8_t width;
    const uint64_t *count;
};

static struct entry *entries;
static size_t entry_count, entry_room;

void plugin_report_load(uint32_t pc, uint8_t width, const uint64_t *count)
{
    if (entry_count == entry_room) {
        entry_room = entry_room ? entry_room * 2 : 4096;
        entries = realloc(entries, entry_room * sizeof *entries);
        if (!entries)
            abort();
    }
    entries[entry_count++] = (struct entry){pc, width, count};
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->pc < y->pc ? -1 : x->pc > y->pc;
}

// Code that was translated twice has two entries.
static void write_loads(FILE *file)
{
    if (entry_count)
        qsort(entries, entry_count, sizeof *entries, compare);
    for (size_t i = 0; i < entry_count;) {
        const struct entry *first = &entries[i];
        uint64_t count = 0;
        for (; i < entry_count && entries[i].pc == first->pc; i++)
            count += *entries[i].count;
        if (count && first->width < 4)
            fprintf(file, "%" PRIu64 " %u %08" PRIx32 "\n", count, first->width, first->pc);
    }
}

int plugin_report_write(const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file) {
        fprintf(stderr, "frost: plugin: %s: %s\n", path, strerror(errno));
        return -1;
    }
    const struct wire_totals *t = &plugin_totals;
    fprintf(file, "instructions %" PRIu64 "\nprobe_instructions %" PRIu64 "\n", t->instructions,
            t->probe_instructions);
    fprintf(file, "other_instructions %" PRIu64 "\nfetches %" PRIu64 "\nfetch_misses %" PRIu64 "\n",
            t->other_instructions, t->fetches, t->fetch_misses);
    fprintf(file, "loads_8 %" PRIu64 "\nloads_16 %" PRIu64 "\nloads_32 %" PRIu64 "\n", t->loads[0],
            t->loads[1], t->loads[2]);
    fprintf(file, "load_misses %" PRIu64 "\n", t->load_misses);
    write_loads(file);
    return fclose(file);
}
