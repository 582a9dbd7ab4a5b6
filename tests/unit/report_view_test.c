// report_view_test.c: rows in a user's order, columns in a user's choice, sums that stay true.

#include "reports/report_view.h"

#include "reports/renderer.h"
#include "tests/support/tap.h"

static struct arena arena;
static struct report *report;
static struct report_table *sizes, *places;
static struct problem problem;

struct size {
    const char *name;
    struct report_value bytes;
    double percent;
    uint64_t addr;
    bool is_big;
    const char *text;
};

static const struct report_column size_columns[] = {
    {"name", "name", "", 0, REPORT_AT(size, name)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(size, bytes)},
    {"percent", "%", "%", 0, REPORT_AT(size, percent), .decimals = 1},
    {"addr", "address", "", REPORT_DETAIL, REPORT_AS(REPORT_HEX, size, addr)},
    {"is_big", "big", "", 0, REPORT_AT(size, is_big)},
    {"text", "text", "", 0, REPORT_AS(REPORT_STRING, size, text)},
};

struct place {
    int64_t bytes;
    const char *where;
};

static const struct report_column place_columns[] = {
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(place, bytes)},
    {"where", "where", "", 0, REPORT_AT(place, where)},
};

// Two tables that share "bytes"; equal bytes, a row without, and one address above INT64_MAX.
static void build(void)
{
    const struct size size_items[] = {
        {"beta", report_number(9), 0.5, 0xFFFFFFFFFFFFFFFF, false, "text"},
        {"alpha", report_number(100), 12.25, 0x40, true, "text"},
        {"none", {0}, 3.125, 0x10, false, "text"},
        {"gamma", report_number(9), -7, 0x400, true, "text"},
    };
    const struct place place_items[] = {{1, NULL}, {2, NULL}};
    arena_deinit(&arena);
    problem = (struct problem){0};
    report = report_create(&arena, "unit", 1, "Test");
    sizes = REPORT_ADD_TABLE(report, "sizes", "Sizes", size_columns);
    REPORT_ADD_ROWS(sizes, NULL, size_items, 4);
    places = REPORT_ADD_TABLE(report, "places", "Places", place_columns);
    REPORT_ADD_ROWS(places, NULL, place_items, 2);
}

static int arrange(const char *sort, const char *fields)
{
    struct report_view wanted = {sort, fields};
    build();
    return report_view_apply(report, &wanted, &problem);
}

// First letters of the names, row by row.
static const char *names(void)
{
    static char letters[16];
    size_t r = 0;
    for (; r < sizes->row_count; r++)
        letters[r] = sizes->cells[r * sizes->column_count].text.data[0];
    letters[r] = '\0';
    return letters;
}

static const char *order_by(const char *sort)
{
    CHECK_EQUAL(arrange(sort, NULL), STATUS_OK);
    CHECK_EQUAL(sizes->sum[1].number, 118);
    return names();
}

TEST(without_a_wish_nothing_changes)
{
    CHECK_TEXT(order_by(NULL), "bang");
    CHECK_EQUAL(sizes->column_count, 6);
    CHECK(!sizes->has_chosen_columns);
}

TEST(each_kind_has_its_usual_order)
{
    CHECK_TEXT(order_by("bytes"), "abgn"); // equal ones as they were, none last
    CHECK_TEXT(order_by("percent"), "anbg");
    CHECK_TEXT(order_by("name"), "abgn");
    CHECK_TEXT(order_by("addr"), "nagb"); // unsigned
    CHECK_TEXT(order_by("is_big"), "agbn");
}

TEST(signs_turn_the_order)
{
    CHECK_TEXT(order_by("+bytes"), "bgan"); // none stays last
    CHECK_TEXT(order_by("-bytes"), "abgn");
    CHECK_TEXT(order_by("-name"), "ngba");
    CHECK_TEXT(order_by("+name"), "abgn");
    CHECK_TEXT(order_by("-addr"), "bgan");
    CHECK_TEXT(order_by("+is_big"), "bnag");
}

TEST(texts_are_compared_by_all_their_bytes)
{
    build();
    sizes->cells[5].text = (struct text){"x\0b", 3};
    sizes->cells[11].text = (struct text){"x\0a", 3};
    sizes->cells[17].text = (struct text){"x", 1};
    sizes->cells[23].text = (struct text){"\xff", 1};
    struct report_view wanted = {"text", NULL};
    CHECK_EQUAL(report_view_apply(report, &wanted, &problem), STATUS_OK);
    CHECK_TEXT(names(), "nabg");
}

TEST(every_table_with_the_column_is_sorted)
{
    CHECK_EQUAL(arrange("bytes", NULL), STATUS_OK);
    CHECK_EQUAL(places->cells[0].number, 2);
    CHECK_EQUAL(arrange("name", NULL), STATUS_OK);
    CHECK_EQUAL(places->cells[0].number, 1);
}

TEST(rows_that_an_analysis_left_out_are_told_apart)
{
    struct report_view wanted = {"bytes", NULL};
    build();
    sizes->omitted_count = 7;
    sizes->omitted_why = "a report holds 4 rows";
    CHECK_EQUAL(report_view_apply(report, &wanted, &problem), STATUS_OK);
    CHECK_TEXT(sizes->omitted_why, "a report holds 4 rows; --sort orders the rest");
    CHECK(!places->omitted_why);
}

TEST(fields_choose_and_put_in_order)
{
    CHECK_EQUAL(arrange("percent", "addr,bytes,name"), STATUS_OK);
    CHECK_EQUAL(sizes->column_count, 3);
    CHECK_TEXT(sizes->columns[0].name, "addr");
    CHECK(!(sizes->columns[0].flags & REPORT_DETAIL));
    CHECK_TEXT(sizes->columns[2].name, "name");
    CHECK_EQUAL(sizes->cells[0].hex, 0x40); // sorted by a column that is not shown
    CHECK_EQUAL(sizes->cells[3].hex, 0x10);
    CHECK(!sizes->cells[4].is_present);
    CHECK_EQUAL(sizes->sum[1].number, 118);
    CHECK_TEXT(sizes->sum[2].text.data, "total");
    CHECK_EQUAL(places->column_count, 1);
    CHECK(sizes->has_chosen_columns && places->has_chosen_columns);
}

TEST(tables_without_the_fields_stay_whole)
{
    CHECK_EQUAL(arrange(NULL, "percent,name"), STATUS_OK);
    CHECK_EQUAL(sizes->column_count, 2);
    CHECK_EQUAL(places->column_count, 2);
    CHECK_EQUAL(places->sum[0].number, 3);
}

TEST(the_sum_goes_with_its_last_number)
{
    CHECK_EQUAL(arrange(NULL, "name,addr"), STATUS_OK);
    CHECK(!sizes->sum);
    CHECK_EQUAL(arrange(NULL, "text,bytes"), STATUS_OK);
    CHECK_TEXT(sizes->sum[0].text.data, "total"); // from the column that is gone
    CHECK(report_has_sum_label(sizes));
    CHECK_EQUAL(arrange(NULL, "bytes,percent"), STATUS_OK);
    CHECK_EQUAL(sizes->sum[0].number, 118);
    CHECK(!report_has_sum_label(sizes));
}

static void check_misuse(const char *sort, const char *fields, const char *message)
{
    CHECK_EQUAL(arrange(sort, fields), STATUS_USAGE);
    CHECK_TEXT(problem.message, message);
    CHECK_TEXT(names(), "bang");
    CHECK_EQUAL(sizes->column_count, 6);
}

TEST(wrong_keys_name_the_nearest_and_change_nothing)
{
    check_misuse("-byts", NULL, "--sort: no table has a column 'byts', did you mean 'bytes'?");
    check_misuse("", NULL, "--sort: no table has a column ''");
    check_misuse("bytes ", NULL, "--sort: no table has a column 'bytes ', did you mean 'bytes'?");
    check_misuse("qqqqqqqq", NULL, "--sort: no table has a column 'qqqqqqqq'");
    check_misuse("name", "bytes,Name",
                 "--fields: no table has a column 'Name', did you mean 'name'?");
    check_misuse(NULL, "bytes,", "--fields: no table has a column ''");
    check_misuse(NULL, "", "--fields: no table has a column ''");
    check_misuse("name", "bytes,name,bytes", "--fields names 'bytes' twice");
    check_misuse(NULL, "-bytes", "--fields: no table has a column '-bytes', did you mean 'bytes'?");
}

TEST(a_report_without_tables_has_no_key)
{
    struct report_view wanted = {"bytes", NULL};
    build();
    report = report_create(&arena, "empty", 1, "Empty");
    CHECK_EQUAL(report_view_apply(report, &wanted, &problem), STATUS_USAGE);
}

TEST(a_table_without_rows_can_be_arranged)
{
    struct report_view wanted = {"key", "key"};
    build();
    static const struct report_column columns[] = {
        {"value", "value", "", 0, REPORT_AT(place, bytes)},
        {"key", "key", "", 0, REPORT_AT(place, where)},
    };
    struct report_table *empty = REPORT_ADD_TABLE(report, "empty", "Empty", columns);
    CHECK_EQUAL(report_view_apply(report, &wanted, &problem), STATUS_OK);
    CHECK_EQUAL(empty->column_count, 1);
    CHECK_EQUAL(empty->row_count, 0);
}

TEST(columns_are_listed_by_table)
{
    char *list = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&list, &bytes);
    build();
    report_print_columns(report, out);
    fclose(out);
    CHECK_TEXT(list, "sizes: name, bytes, percent, addr, is_big, text\nplaces: bytes, where\n");
    free(list);
}

// What --top cuts is cut after sorting, and an unlabelled sum is marked.
TEST(text_shows_the_arranged_report)
{
    char *page = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&page, &bytes);
    struct render_settings settings = {.rows_max = 1, .scratch = &arena};
    CHECK_EQUAL(arrange("+bytes", "percent,bytes"), STATUS_OK);
    CHECK_EQUAL(renderer_text.render(report, &settings, out, &problem), STATUS_OK);
    fclose(out);
    CHECK_TEXT(page, "Test\n\nSizes\n    %  bytes\n  0.5      9\n  ... 3 more\n  total\n"
                     "         118\n\nPlaces\n  bytes\n      1\n  ... 1 more\n  total\n      3\n");
    free(page);
}

TEST_MAIN
