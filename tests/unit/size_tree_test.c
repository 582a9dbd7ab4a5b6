// size_tree_test.c: bytes added up by levels, with groups and filters; wrong words and patterns.

#include "tests/support/tap.h"

#include "analyzer/analysis/size/size_tree.h"

static struct arena arena;
static struct report *report;
static struct size_choice choice;

static struct size_tree *tree_of(const char *levels)
{
    struct size_tree *tree = NULL;
    struct problem problem = {0};
    report = report_create(&arena, "size", 1, "a test");
    CHECK(size_choice_levels(&choice, levels, &problem) == STATUS_OK);
    CHECK(size_tree_create(&arena, &choice, &tree, &problem) == STATUS_OK);
    return tree;
}

static void add(struct size_tree *tree, const char *unit, const char *symbol, uint64_t bytes)
{
    uint32_t labels[SIZE_LEVELS];
    for (unsigned i = 0; i < SIZE_LEVELS; i++)
        labels[i] = size_tree_label(tree, text_of("same"));
    labels[SIZE_UNIT] = size_tree_label(tree, text_of(unit));
    labels[SIZE_SYMBOL] = size_tree_label(tree, text_of(symbol));
    size_tree_add(tree, labels, (struct size_amount){.bytes = bytes, .ram_bytes = bytes});
}

static void add_some(struct size_tree *tree)
{
    add(tree, "a.c", "main", 10);
    add(tree, "b.c", "run", 20);
    add(tree, "a.c", "main", 5);
    add(tree, "a.c", "run", 40);
}

// "label label bytes;" for each row, then the sum.
static const char *shown(const char *name)
{
    const struct report_table *table = report_find_table(report, name);
    char *text = arena_copy_string(&arena, "");
    size_t keys = 0;
    CHECK(table != NULL);
    while (table->columns[keys].flags & REPORT_KEY)
        keys++;
    for (size_t r = 0; r < table->row_count; r++) {
        const struct report_value *row = &table->cells[r * table->column_count];
        for (size_t k = 0; k < keys; k++)
            text = arena_format(&arena, "%s%.*s ", text, TEXT_ARGS(row[k].text));
        text = arena_format(&arena, "%s%d;", text, (int)row[keys].number);
    }
    return arena_format(&arena, "%s%d", text, (int)table->sum[keys].number);
}

TEST(rows_of_equal_labels_are_one)
{
    struct size_tree *tree = tree_of("symbols,unit");
    add_some(tree);
    size_tree_finish(tree, report, 100);
    CHECK_TEXT(shown("level_1"), "run 60;main 15;75");
    CHECK_TEXT(shown("level_2"), "run a.c 40;run b.c 20;main a.c 15;75");
    CHECK_EQUAL(size_tree_total(tree).ram_bytes, 75);
}

TEST(a_picture_has_parents_before_their_parts)
{
    struct size_tree *tree = tree_of("symbol,unit");
    char text[200] = "";
    add_some(tree);
    add(tree, "c.c", "run", 0); // too small to be seen
    size_tree_add_picture(tree, report);
    size_tree_finish(tree, report, 100);
    const struct report_table *table = report_find_table(report, "tree");
    for (size_t r = 0; r < table->row_count; r++) {
        const struct report_value *row = &table->cells[r * table->column_count];
        snprintf(text + strlen(text), sizeof text - strlen(text), "%d %.*s %d;", (int)row[1].number,
                 TEXT_ARGS(row[0].text), (int)row[2].number);
    }
    CHECK_TEXT(text, "1 run 60;2 a.c 40;2 b.c 20;1 main 15;2 a.c 15;");
}

TEST(what_is_beyond_the_limit_is_one_row)
{
    struct size_tree *tree = tree_of("symbol,unit");
    add_some(tree);
    size_tree_finish(tree, report, 1);
    CHECK_TEXT(shown("level_1"), "run 60;(smaller ones) 15;75");
    CHECK_TEXT(shown("level_2"), "run a.c 40;(smaller ones) (smaller ones) 35;75");
}

TEST(a_filter_leaves_a_row_and_a_group_takes_the_first_match)
{
    const char *matches[] = {"^a", "never"}, *groups[] = {"x=^run$", "y=."};
    choice.matches = (struct option_list){.items = matches, .count = 2};
    choice.groups = (struct option_list){.items = groups, .count = 2};
    struct size_tree *tree = tree_of("group");
    add_some(tree);
    size_tree_finish(tree, report, 100);
    CHECK_TEXT(shown("level_1"), "x 40;y 15;(not matched) 20;75");
}

TEST(bytes_of_no_group_are_a_row)
{
    const char *groups[] = {"x=^b"};
    choice.groups = (struct option_list){.items = groups, .count = 1};
    struct size_tree *tree = tree_of("group");
    add_some(tree);
    size_tree_finish(tree, report, 100);
    CHECK_TEXT(shown("level_1"), "(in no group) 55;x 20;75");
}

TEST(only_what_is_asked_for_is_needed)
{
    struct size_tree *tree = tree_of("unit,inline");
    CHECK(size_tree_needs(tree, SIZE_UNIT) && size_tree_needs(tree, SIZE_INLINE));
    CHECK(!size_tree_needs(tree, SIZE_SYMBOL) && !size_tree_needs(tree, SIZE_STRING));
    const char *matches[] = {"x"};
    choice.matches = (struct option_list){.items = matches, .count = 1};
    tree = tree_of("unit");
    CHECK(size_tree_needs(tree, SIZE_SYMBOL) && !size_tree_needs(tree, SIZE_STRING));
    size_tree_finish(tree, report, 1);
}

static void refuse(const char *levels, const char *group, const char *match)
{
    struct size_tree *tree;
    struct problem problem = {0};
    choice.groups = (struct option_list){.items = &group, .count = group != NULL};
    choice.matches = (struct option_list){.items = &match, .count = match != NULL};
    CHECK(size_choice_levels(&choice, levels, &problem) != STATUS_OK ||
          size_tree_create(&arena, &choice, &tree, &problem) != STATUS_OK);
    CHECK_EQUAL(problem.status, STATUS_USAGE);
}

TEST(wrong_words_are_refused)
{
    refuse("", NULL, NULL);
    refuse("unit,,symbol", NULL, NULL);
    refuse("unitss", NULL, NULL);
    refuse("unit,units", NULL, NULL);
    refuse("unit", "=x", NULL);
    refuse("unit", "name", NULL);
    refuse("unit", "name=(", NULL);
    refuse("unit", NULL, "[");
}

TEST_MAIN
