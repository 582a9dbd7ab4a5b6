// hash_table.h: finds items of an array by a key of 32 bits: the one hash table of the analyzer.
//
// The items are the caller's; the table holds pairs of a key and an index into their array. The key
// is either what an item is found by (an address, an id), then every item has another one and
// hash_table_find() gives it; or a hash of that (hash_text(), hash_u64()), then items may share a
// key and the caller compares those that HASH_TABLE_EACH visits.
// Open addressing, linear probing, at most half of the slots in use.
// Memory: in the arena, 16 to 32 bytes an item; small tables that were outgrown stay there.

#ifndef FROST_BASE_HASH_TABLE_H
#define FROST_BASE_HASH_TABLE_H

#include <assert.h>

#include "analyzer/base/arena.h"

#define HASH_TABLE_NONE UINT32_MAX

struct hash_slot {
    uint32_t key;
    uint32_t item; // index + 1; 0: free
};

struct hash_table {
    struct arena *arena;
    struct hash_slot *slots;
    uint32_t count; // of items
    uint32_t bits;  // of the number of slots
};

// An empty table that takes `count` items before it grows.
void hash_table_init(struct hash_table *table, struct arena *arena, uint32_t count);

// Forgets all items; the slots stay.
void hash_table_clear(struct hash_table *table);

// Doubles the slots; hash_table_add() calls it.
void hash_table_grow(struct hash_table *table);

// Takes out the pair of `key` and `item`, which must be there. Pointers stay, slots move.
void hash_table_remove(struct hash_table *table, uint32_t key, uint32_t item);

// Fibonacci hashing: keys that are multiples of a power of two are spread as well as others.
static inline uint32_t hash_table_home(const struct hash_table *table, uint32_t key)
{
    return (key * 2654435769u) >> (32 - table->bits);
}

// Adds an item, which must not be there: index below HASH_TABLE_NONE, keys may be shared.
static inline void hash_table_add(struct hash_table *table, uint32_t key, uint32_t item)
{
    assert(item < HASH_TABLE_NONE);
    if (table->count >= 1u << (table->bits - 1))
        hash_table_grow(table);
    uint32_t mask = (1u << table->bits) - 1, at = hash_table_home(table, key);
    while (table->slots[at].item)
        at = (at + 1) & mask;
    table->slots[at] = (struct hash_slot){key, item + 1};
    table->count++;
}

// The item with the key, the first added of several; HASH_TABLE_NONE: none.
static inline uint32_t hash_table_find(const struct hash_table *table, uint32_t key)
{
    uint32_t mask = (1u << table->bits) - 1, at = hash_table_home(table, key);
    while (table->slots[at].item && table->slots[at].key != key)
        at = (at + 1) & mask;
    return table->slots[at].item - 1; // 0 - 1 is HASH_TABLE_NONE
}

// ---- items that share a key ----

// Steps of HASH_TABLE_EACH: false when there is no further item.
static inline bool hash_table_next(const struct hash_table *table, uint32_t key, uint32_t *at,
                                   uint32_t *item)
{
    uint32_t mask = (1u << table->bits) - 1;
    while (table->slots[*at].item) {
        const struct hash_slot *slot = &table->slots[*at];
        *at = (*at + 1) & mask;
        if (slot->key == key) {
            *item = slot->item - 1;
            return true;
        }
    }
    return false;
}

// `item` (a uint32_t of the caller's) is the index of each item with the key in turn, in the order
// in which they were added. The body must not change the table, unless it leaves the loop.
#define HASH_TABLE_EACH(table, key, item)                                                          \
    for (uint32_t at_ = hash_table_home((table), (key));                                           \
         hash_table_next((table), (key), &at_, &(item));)

// ---- keys ----

static inline uint32_t hash_u64(uint64_t value)
{
    return (uint32_t)((value * 0x9e3779b97f4a7c15u) >> 32);
}

// FNV-1a, 32 bits.
static inline uint32_t hash_text(struct text text)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.bytes; i++)
        hash = (hash ^ (uint8_t)text.data[i]) * 16777619u;
    return hash;
}

#endif
