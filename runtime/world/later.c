// later.c: see later.h.

#include "runtime/world/later.h"

#include <string.h>

struct entry {
    uint64_t at_us;
    uint32_t object;
    uint32_t serial; // of entries with one time the older goes first
    uint16_t bytes;
    uint8_t kind, is_used;
    char data[LATER_BYTES_MAX];
};

static struct entry entries[LATER_MAX], taken;
static uint32_t serial;

void later_reset(void)
{
    memset(entries, 0, sizeof entries);
}

int later_add(uint64_t at_us, int kind, uint32_t object, const void *data, size_t bytes)
{
    if (bytes > LATER_BYTES_MAX)
        return -1;
    for (struct entry *entry = entries; entry < entries + LATER_MAX; entry++) {
        if (entry->is_used)
            continue;
        *entry = (struct entry){.at_us = at_us,
                                .object = object,
                                .serial = ++serial,
                                .bytes = (uint16_t)bytes,
                                .kind = (uint8_t)kind,
                                .is_used = 1};
        if (bytes)
            memcpy(entry->data, data, bytes);
        return 0;
    }
    return -1;
}

void later_remove(int kind, uint32_t object)
{
    for (struct entry *entry = entries; entry < entries + LATER_MAX; entry++)
        if (entry->is_used && entry->kind == kind && entry->object == object)
            entry->is_used = 0;
}

static struct entry *find_first(void)
{
    struct entry *first = NULL;
    for (struct entry *entry = entries; entry < entries + LATER_MAX; entry++) {
        if (!entry->is_used)
            continue;
        if (!first || entry->at_us < first->at_us ||
            (entry->at_us == first->at_us && entry->serial < first->serial))
            first = entry;
    }
    return first;
}

int later_take(uint64_t now_us, struct world_arrival *arrival)
{
    struct entry *first = find_first();
    if (!first || first->at_us > now_us)
        return 0;
    taken = *first;
    first->is_used = 0;
    *arrival = (struct world_arrival){taken.object, taken.kind, taken.bytes, taken.data};
    return 1;
}

uint64_t later_next_us(void)
{
    const struct entry *first = find_first();
    return first ? first->at_us : WORLD_NEVER;
}
