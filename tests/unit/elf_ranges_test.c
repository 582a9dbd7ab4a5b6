// elf_ranges_test.c: nested, overlapping and touching ranges as stretches.

#include "tests/support/tap.h"

#include "analyzer/elf/elf_ranges.h"

static struct arena arena;

// "begin:label " for each stretch, '-' for none.
static const char *flattened(struct elf_range *ranges, size_t count)
{
    struct elf_stretch_list list = elf_ranges_flatten(&arena, &arena, ranges, count);
    char *text = arena_copy_string(&arena, "");
    for (size_t i = 0; i < list.count; i++)
        text = list.items[i].label == ELF_NO_LABEL
                   ? arena_format(&arena, "%s%d:- ", text, (int)list.items[i].addr)
                   : arena_format(&arena, "%s%d:%u ", text, (int)list.items[i].addr,
                                  list.items[i].label);
    return text;
}
#define FLATTENED(...)                                                                             \
    flattened((struct elf_range[]){__VA_ARGS__},                                                   \
              sizeof(struct elf_range[]){__VA_ARGS__} / sizeof(struct elf_range))

TEST(the_innermost_range_counts)
{
    CHECK_TEXT(FLATTENED({10, 50, 1, 1}, {20, 30, 2, 2}, {24, 26, 3, 3}),
               "10:1 20:2 24:3 26:2 30:1 50:- ");
    CHECK_TEXT(FLATTENED({20, 30, 2, 2}, {10, 50, 1, 1}), "10:1 20:2 30:1 50:- ");
    CHECK_TEXT(FLATTENED({10, 20, 1, 0}, {20, 30, 2, 0}, {40, 41, 3, 0}),
               "10:1 20:2 30:- 40:3 41:- ");
    CHECK_TEXT(flattened(NULL, 0), "");
}

TEST(of_two_that_begin_together_the_deeper_and_then_the_shorter_one)
{
    CHECK_TEXT(FLATTENED({10, 20, 1, 2}, {10, 30, 2, 1}), "10:1 20:2 30:- ");
    CHECK_TEXT(FLATTENED({10, 20, 1, 0}, {10, 30, 2, 0}), "10:1 20:2 30:- ");
}

TEST(what_sticks_out_is_cut_or_makes_the_outer_one_grow)
{
    CHECK_TEXT(FLATTENED({10, 30, 1, 1}, {20, 40, 2, 2}), "10:1 20:2 30:- ");
    CHECK_TEXT(FLATTENED({10, 30, 1, 0}, {20, 40, 2, 0}), "10:1 20:2 40:- ");
}

TEST(an_address_is_found_in_its_stretch)
{
    struct elf_range ranges[] = {{10, 20, 1, 0}, {30, 40, 2, 0}};
    struct elf_stretch_list list = elf_ranges_flatten(&arena, &arena, ranges, 2);
    CHECK_EQUAL(elf_stretch_find(list.items, list.count, 9), -1);
    CHECK_EQUAL(elf_stretch_find(list.items, list.count, 10), 0);
    CHECK_EQUAL(elf_stretch_find(list.items, list.count, 19), 0);
    CHECK_EQUAL(elf_stretch_find(list.items, list.count, 25), 1);
    CHECK_EQUAL(elf_stretch_find(list.items, list.count, 1000), 3);
}

TEST_MAIN
