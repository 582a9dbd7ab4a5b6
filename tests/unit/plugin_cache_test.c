// plugin_cache_test.c: the model of the flash cache against one that is written down plainly, and
// the sums that cross an interval.

#include <stdbool.h>

#include "collectors/qemu/plugin.h"
// The plugin is a library of its own; no other program has this code.
#include "collectors/qemu/plugin_cache.c"
#include "runtime/format/address_map.h"
#include "tests/support/tap.h"

#define SETS 8u
#define LINE 32u
#define WAYS 4u

// Each line of a set with the time when it was last wanted.
struct plain {
    uint32_t line[SETS][WAYS];
    uint64_t wanted[SETS][WAYS]; // 0: empty
    uint64_t now;
};

static bool plain_misses(struct plain *plain, uint32_t addr, uint32_t ways)
{
    uint32_t line = addr / LINE, set = line % SETS, oldest = 0;
    plain->now++;
    for (uint32_t i = 0; i < ways; i++) {
        if (plain->wanted[set][i] && plain->line[set][i] == line) {
            plain->wanted[set][i] = plain->now;
            return false;
        }
        if (plain->wanted[set][i] < plain->wanted[set][oldest])
            oldest = i;
    }
    plain->line[set][oldest] = line;
    plain->wanted[set][oldest] = plain->now;
    return true;
}

static void compare(uint32_t ways)
{
    static struct plain plain;
    uint64_t seed = test_seed() * 31 + ways, misses = 0;
    memset(&plain, 0, sizeof plain);
    CHECK_EQUAL(plugin_cache_init(LINE, SETS, ways), 0);
    for (int i = 0; i < 200000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint32_t spread = i % 3 ? SETS * LINE * 5 : SETS * LINE * 64;
        uint32_t addr = WINDOW_ADDR + (uint32_t)(seed >> 33) % spread;
        const uint32_t *place;
        uint32_t line;
        plugin_cache_find(addr, &place, &line);
        bool is_first = *place == line; // then it cannot miss
        bool is_miss = plugin_cache_misses(addr);
        CHECK(is_miss == plain_misses(&plain, addr, ways));
        CHECK(!is_first || !is_miss);
        CHECK(*place == line);
        misses += is_miss;
    }
    printf("# SEED=%llu, %u ways: %llu misses of 200000\n", (unsigned long long)test_seed(), ways,
           (unsigned long long)misses);
    CHECK(misses > 10000 && misses < 190000);
}

TEST(one_way_is_a_direct_map)
{
    compare(1);
}

TEST(three_ways)
{
    compare(3);
}

TEST(four_ways)
{
    compare(4);
}

TEST(no_such_cache)
{
    CHECK_EQUAL(plugin_cache_init(24, 8, 4), -1);
    CHECK_EQUAL(plugin_cache_init(2, 8, 4), -1);
    CHECK_EQUAL(plugin_cache_init(32, 0, 4), -1);
    CHECK_EQUAL(plugin_cache_init(32, 7, 4), -1);
    CHECK_EQUAL(plugin_cache_init(32, 8, 0), -1);
    CHECK_EQUAL(plugin_cache_init(32, 8, 65), -1);
    CHECK(!plugin_cache_misses(WINDOW_ADDR)); // without a cache everything is one
}

TEST_MAIN
