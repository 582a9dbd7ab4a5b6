// hash_table.c: making, growing and removing; what is done for every event is in the header.

#include "analyzer/base/hash_table.h"

#define BITS_MIN 3u
#define BITS_MAX 31u

void hash_table_init(struct hash_table *table, struct arena *arena, uint32_t count)
{
    uint32_t bits = BITS_MIN;
    while (bits < BITS_MAX && 1u << (bits - 1) < count)
        bits++;
    *table = (struct hash_table){.arena = arena, .bits = bits};
    table->slots = ARENA_NEW_ARRAY(arena, struct hash_slot, (size_t)1 << bits);
}

void hash_table_clear(struct hash_table *table)
{
    memset(table->slots, 0, sizeof *table->slots << table->bits);
    table->count = 0;
}

void hash_table_grow(struct hash_table *table)
{
    struct hash_table larger = *table;
    assert(table->bits < BITS_MAX);
    larger.bits++;
    larger.count = 0;
    larger.slots = ARENA_NEW_ARRAY(table->arena, struct hash_slot, (size_t)1 << larger.bits);
    // From after a free slot on, so that items with one key keep their order around the end.
    uint32_t mask = (1u << table->bits) - 1, begin = 0;
    while (table->slots[begin].item)
        begin++;
    for (uint32_t i = 1; i <= mask; i++) {
        const struct hash_slot *slot = &table->slots[(begin + i) & mask];
        if (slot->item)
            hash_table_add(&larger, slot->key, slot->item - 1);
    }
    assert(larger.count == table->count);
    arena_give_back(table->arena, table->slots);
    *table = larger;
}

// Items after the gap move into it where they may, so that no search ends too early.
static void close_gap(struct hash_table *table, uint32_t gap)
{
    uint32_t mask = (1u << table->bits) - 1;
    for (uint32_t at = (gap + 1) & mask; table->slots[at].item; at = (at + 1) & mask) {
        uint32_t home = hash_table_home(table, table->slots[at].key);
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            table->slots[gap] = table->slots[at];
            gap = at;
        }
    }
    table->slots[gap] = (struct hash_slot){0};
}

void hash_table_remove(struct hash_table *table, uint32_t key, uint32_t item)
{
    uint32_t mask = (1u << table->bits) - 1, at = hash_table_home(table, key);
    while (table->slots[at].item != item + 1) {
        assert(table->slots[at].item);
        at = (at + 1) & mask;
    }
    close_gap(table, at);
    table->count--;
}
