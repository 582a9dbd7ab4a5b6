// hash_table_test.c: the table against a list that is searched from its beginning.

#include "analyzer/base/hash_table.h"

#include "tests/support/tap.h"

TEST(finds_what_was_added_and_nothing_else)
{
    struct arena arena;
    struct hash_table table;
    arena_init(&arena);
    hash_table_init(&table, &arena, 0);
    CHECK_EQUAL(hash_table_find(&table, 0), HASH_TABLE_NONE);
    for (uint32_t i = 0; i < 10000; i++)
        hash_table_add(&table, i * 8, i); // addresses of a heap
    CHECK_EQUAL(table.count, 10000);
    for (uint32_t i = 0; i < 10000; i++) {
        CHECK_EQUAL(hash_table_find(&table, i * 8), i);
        CHECK_EQUAL(hash_table_find(&table, i * 8 + 4), HASH_TABLE_NONE);
    }
    hash_table_clear(&table);
    CHECK_EQUAL(table.count, 0);
    CHECK_EQUAL(hash_table_find(&table, 8), HASH_TABLE_NONE);
    arena_deinit(&arena);
}

TEST(room_that_was_asked_for_is_there)
{
    struct arena arena;
    struct hash_table table;
    arena_init(&arena);
    hash_table_init(&table, &arena, 1000);
    const struct hash_slot *slots = table.slots;
    for (uint32_t i = 0; i < 1000; i++)
        hash_table_add(&table, i, i);
    CHECK(table.slots == slots);
    arena_deinit(&arena);
}

// Keys whose search begins at the last slot of the smallest table go around its end.
TEST(items_with_one_key_come_in_order)
{
    enum { ITEMS = 100 };
    for (uint32_t key = 0; key < 64; key++) {
        struct arena arena;
        struct hash_table table;
        uint32_t item, wanted = 0;
        arena_init(&arena);
        hash_table_init(&table, &arena, 0);
        for (uint32_t i = 0; i < ITEMS; i++)
            hash_table_add(&table, i % 3 ? key : key + i, i);
        HASH_TABLE_EACH (&table, key, item) {
            CHECK_EQUAL(item, wanted);
            wanted++;
            wanted += wanted % 3 == 0;
        }
        CHECK_EQUAL(wanted, ITEMS + 1 - ITEMS % 3);
        CHECK_EQUAL(hash_table_find(&table, key), 0);
        arena_deinit(&arena);
    }
}

// ---- against a list ----

enum { ITEM_COUNT = 300 };

static uint32_t random_state = 1;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)random_state * below >> 32);
}

// True if HASH_TABLE_EACH visits just the items that have the key.
static bool is_as_list(const struct hash_table *table, const uint32_t *keys, const bool *is_in,
                       uint32_t key)
{
    bool is_seen[ITEM_COUNT] = {false};
    uint32_t item;
    HASH_TABLE_EACH (table, key, item) {
        if (item >= ITEM_COUNT || is_seen[item])
            return false;
        is_seen[item] = true;
    }
    for (uint32_t i = 0; i < ITEM_COUNT; i++)
        if (is_seen[i] != (is_in[i] && keys[i] == key))
            return false;
    return true;
}

TEST(adding_and_removing_is_as_in_a_list)
{
    struct arena arena;
    struct hash_table table;
    uint32_t keys[ITEM_COUNT], count = 0;
    bool is_in[ITEM_COUNT] = {false};
    arena_init(&arena);
    hash_table_init(&table, &arena, 0);
    for (uint32_t round = 0; round < 20000; round++) {
        uint32_t i = draw(ITEM_COUNT);
        if (is_in[i]) {
            hash_table_remove(&table, keys[i], i);
            count--;
        } else {
            keys[i] = draw(60) << draw(2) * 26; // few, near each other and far apart
            hash_table_add(&table, keys[i], i);
            count++;
        }
        is_in[i] = !is_in[i];
        CHECK_EQUAL(table.count, count);
        CHECK(is_as_list(&table, keys, is_in, keys[i]));
        CHECK(is_as_list(&table, keys, is_in, draw(60)));
    }
    arena_deinit(&arena);
}

TEST(keys_of_texts_and_numbers_differ)
{
    CHECK_EQUAL(hash_text(text_of("")), 2166136261u);
    CHECK_EQUAL(hash_text(text_of("a")), 0xe40c292cu); // FNV-1a's own test vectors
    CHECK_EQUAL(hash_text(text_of("foobar")), 0xbf9cf968u);
    CHECK(hash_u64(1) != hash_u64(2));
    CHECK(hash_u64(1) != hash_u64((uint64_t)1 << 32));
}

TEST_MAIN
