// strings_select_test.c: the selection against exhaustive search.

#include "analyzer/analysis/strings/strings_select.h"

#include "tests/support/tap.h"

static uint32_t state;

static uint32_t random_below(uint32_t limit)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
}

// The best saving over all subsets.
static uint64_t search_all(const struct select_problem *problem)
{
    uint64_t best = 0;
    for (uint32_t set = 0; set < 1u << problem->count; set++) {
        uint64_t flash = 0, count = 0, least = UINT64_MAX;
        for (uint32_t i = 0; i < problem->count; i++)
            if (set >> i & 1) {
                flash += problem->items[i].flash_bytes;
                count++;
            }
        if (flash > problem->flash_budget || count > problem->count_max)
            continue;
        for (uint32_t m = 0; m < problem->moment_count; m++) {
            uint64_t saving = problem->slack_bytes[m];
            for (uint32_t i = 0; i < problem->count; i++)
                if ((set >> i & 1) && (problem->items[i].live_moments >> m & 1))
                    saving += problem->items[i].ram_bytes;
            least = saving < least ? saving : least;
        }
        best = least > best ? least : best;
    }
    return best;
}

static void make_items(struct select_item *items, uint32_t count, uint32_t moments)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t length = 1 + random_below(40);
        items[i].ram_bytes = 17 + length;
        items[i].flash_bytes = ((17 + length + 3) & ~3u) + 16;
        items[i].live_moments = 1 + random_below((1u << moments) - 1);
    }
}

static void check_limits(const struct select_problem *problem, const struct select_result *result)
{
    CHECK(result->flash_bytes <= problem->flash_budget);
    CHECK(result->chosen_count <= problem->count_max);
    CHECK((double)result->saving_bytes - problem->price * (double)result->flash_bytes <=
          result->bound + 1e-6);
}

TEST(one_moment_is_exact)
{
    struct arena arena;
    arena_init(&arena);
    state = (uint32_t)test_seed();
    for (int round = 0; round < 60; round++) {
        struct select_item items[12];
        struct select_result result;
        struct select_problem problem = {.items = items,
                                         .count = 12,
                                         .moment_count = 1,
                                         .flash_budget = 40 + random_below(500),
                                         .count_max = SELECT_NO_LIMIT};
        make_items(items, 12, 1);
        select_solve(&problem, &arena, &result);
        check_limits(&problem, &result);
        CHECK_EQUAL(result.saving_bytes, search_all(&problem));
        CHECK_EQUAL(result.bound + 0.5, result.saving_bytes);
    }
    arena_deinit(&arena);
}

TEST(several_moments_are_near_and_bounded)
{
    struct arena arena;
    uint64_t got = 0, best = 0;
    arena_init(&arena);
    state = (uint32_t)test_seed();
    for (int round = 0; round < 60; round++) {
        struct select_item items[12];
        struct select_result result;
        struct select_problem problem = {.items = items,
                                         .count = 12,
                                         .moment_count = 3,
                                         .slack_bytes = {0, random_below(60), random_below(200)},
                                         .flash_budget = 200 + random_below(400),
                                         .count_max = SELECT_NO_LIMIT};
        make_items(items, 12, 3);
        select_solve(&problem, &arena, &result);
        check_limits(&problem, &result);
        uint64_t optimum = search_all(&problem);
        CHECK(result.bound + 1e-6 >= (double)optimum);
        CHECK(result.saving_bytes <= optimum);
        got += result.saving_bytes;
        best += optimum;
    }
    printf("# %llu of %llu bytes\n", (unsigned long long)got, (unsigned long long)best);
    CHECK(got * 100 >= best * 95);
    arena_deinit(&arena);
}

TEST(limit_on_the_count)
{
    struct arena arena;
    arena_init(&arena);
    state = (uint32_t)test_seed();
    for (int round = 0; round < 60; round++) {
        struct select_item items[12];
        struct select_result result;
        struct select_problem problem = {.items = items,
                                         .count = 12,
                                         .moment_count = 1,
                                         .flash_budget = SELECT_NO_LIMIT,
                                         .count_max = random_below(12)};
        make_items(items, 12, 1);
        select_solve(&problem, &arena, &result);
        check_limits(&problem, &result);
        CHECK_EQUAL(result.saving_bytes, search_all(&problem));
    }
    arena_deinit(&arena);
}

TEST(without_limits_only_what_matters_is_taken)
{
    struct arena arena;
    arena_init(&arena);
    // The second moment lies 10 bytes lower and nothing can be saved there: 10 bytes are all.
    struct select_item items[] = {{30, 48, 1}, {40, 60, 1}, {12, 32, 1}};
    struct select_problem problem = {.items = items,
                                     .count = 3,
                                     .moment_count = 2,
                                     .slack_bytes = {0, 10},
                                     .flash_budget = SELECT_NO_LIMIT,
                                     .count_max = SELECT_NO_LIMIT};
    struct select_result result;
    select_solve(&problem, &arena, &result);
    CHECK_EQUAL(result.saving_bytes, 10);
    CHECK_EQUAL(result.chosen_count, 1);
    CHECK(result.is_chosen[2]);
    arena_deinit(&arena);
}

TEST(flash_has_its_price)
{
    struct arena arena;
    arena_init(&arena);
    // 20 / 40 is below the price, 30 / 40 above; the third saves nothing at the worst moment.
    struct select_item items[] = {{20, 40, 3}, {30, 40, 3}, {40, 44, 1}};
    struct select_problem problem = {.items = items,
                                     .count = 3,
                                     .moment_count = 2,
                                     .flash_budget = SELECT_NO_LIMIT,
                                     .count_max = SELECT_NO_LIMIT,
                                     .price = 0.6};
    struct select_result result;
    select_solve(&problem, &arena, &result);
    CHECK_EQUAL(result.saving_bytes, 30);
    CHECK_EQUAL(result.chosen_count, 1);
    CHECK(result.is_chosen[1]);
    arena_deinit(&arena);
}

TEST(nothing_to_choose_from)
{
    struct arena arena;
    arena_init(&arena);
    struct select_problem problem = {
        .moment_count = 1, .flash_budget = 1000, .count_max = SELECT_NO_LIMIT};
    struct select_result result;
    select_solve(&problem, &arena, &result);
    CHECK_EQUAL(result.saving_bytes, 0);
    CHECK_EQUAL(result.chosen_count, 0);
    arena_deinit(&arena);
}

TEST_MAIN
