// report_table_test.c: cells from members and functions, blanks, optional columns, sums, omissions.

#include "reports/report.h"

#include <math.h>

#include "tests/support/tap.h"

static struct arena arena;
static struct report *report;

struct item {
    uint64_t u64;
    int64_t i64;
    uint32_t u32[2];
    int32_t i32;
    uint16_t u16;
    double real;
    bool flag;
    struct text text;
    const char *chars;
    struct report_value value;
};

static struct report_value twice(const void *context, const void *item)
{
    return report_number(*(const int64_t *)context * ((const struct item *)item)->i64);
}

static const struct report_column columns[] = {
    {"u64", "u64", "", REPORT_SUMMED, REPORT_AT(item, u64)},
    {"i64", "i64", "", REPORT_SUMMED, REPORT_AT(item, i64)},
    {"u32", "u32", "", 0, REPORT_AT(item, u32[1])},
    {"i32", "i32", "", REPORT_BLANK_ZERO, REPORT_AT(item, i32)},
    {"u16", "u16", "", 0, REPORT_AT(item, u16)},
    {"hex", "hex", "", 0, REPORT_AS(REPORT_HEX, item, u64)},
    {"real", "real", "", REPORT_SUMMED, REPORT_AT(item, real), .decimals = 3},
    {"flag", "flag", "", 0, REPORT_AT(item, flag)},
    {"text", "text", "", REPORT_MAY_CUT, REPORT_AT(item, text)},
    {"chars", "chars", "", REPORT_BLANK_ZERO, REPORT_AS(REPORT_STRING, item, chars)},
    {"value", "value", "", REPORT_SUMMED, REPORT_AT(item, value)},
    {"twice", "twice", "", REPORT_SUMMED | REPORT_OPTIONAL, REPORT_BY(REPORT_NUMBER, twice)},
};

static struct report_table *start(void)
{
    arena_deinit(&arena);
    report = report_create(&arena, "unit", 1, "Test");
    return REPORT_ADD_TABLE(report, "table", "Table", columns);
}

static const struct report_value *cell(const struct report_table *table, size_t row,
                                       const char *name)
{
    int c = report_find_column(table, text_of(name));
    return &table->cells[row * table->column_count + (size_t)c];
}

static const struct report_value *sum(const struct report_table *table, const char *name)
{
    return &table->sum[report_find_column(table, text_of(name))];
}

TEST(the_type_of_a_member_tells_the_kind)
{
    static const enum report_kind kinds[] = {
        REPORT_NUMBER, REPORT_NUMBER, REPORT_NUMBER, REPORT_NUMBER, REPORT_NUMBER, REPORT_HEX,
        REPORT_REAL,   REPORT_FLAG,   REPORT_TEXT,   REPORT_STRING, REPORT_NUMBER, REPORT_NUMBER};
    struct report_table *table = start();
    CHECK_EQUAL(table->column_count, sizeof kinds / sizeof *kinds);
    for (size_t c = 0; c < table->column_count; c++)
        CHECK_EQUAL(table->columns[c].kind, kinds[c]);
    CHECK_EQUAL(table->columns[6].decimals, 3);
    CHECK(report_find_table(report, "table") == table);
    CHECK_EQUAL(report_find_column(table, text_of("u16")), 4);
    CHECK_EQUAL(report_find_column(table, text_of("u1")), -1);
}

TEST(cells_come_from_the_item)
{
    const struct item item = {.u64 = UINT64_C(0x8000000000000001),
                              .i64 = -5,
                              .u32 = {7, UINT32_MAX},
                              .i32 = -3,
                              .u16 = 65535,
                              .real = 0.25,
                              .flag = true,
                              .text = {"", 0},
                              .chars = "c",
                              .value = report_number(9)};
    int64_t factor = 2;
    struct report_table *table = start();
    report_add_row(table, &factor, &item);
    CHECK_EQUAL(table->row_count, 1);
    CHECK_EQUAL(cell(table, 0, "i64")->number, -5);
    CHECK_EQUAL(cell(table, 0, "u32")->number, UINT32_MAX);
    CHECK_EQUAL(cell(table, 0, "i32")->number, -3);
    CHECK_EQUAL(cell(table, 0, "u16")->number, 65535);
    CHECK(cell(table, 0, "hex")->hex == item.u64);
    CHECK(cell(table, 0, "real")->real == 0.25);
    CHECK(cell(table, 0, "flag")->flag);
    CHECK(cell(table, 0, "text")->is_present); // of no bytes, but there
    CHECK_TEXT(cell(table, 0, "chars")->text.data, "c");
    CHECK_EQUAL(cell(table, 0, "value")->number, 9);
    CHECK_EQUAL(cell(table, 0, "twice")->number, -10);
}

TEST(what_is_not_there_is_an_empty_cell)
{
    const struct item item = {.real = NAN, .chars = ""};
    int64_t factor = 2;
    struct report_table *table = start();
    report_add_row(table, &factor, &item);
    CHECK(cell(table, 0, "i64")->is_present);
    CHECK(!cell(table, 0, "i32")->is_present); // 0 with REPORT_BLANK_ZERO
    CHECK(!cell(table, 0, "real")->is_present);
    CHECK(!cell(table, 0, "text")->is_present); // no data
    CHECK(!cell(table, 0, "chars")->is_present);
    CHECK(!cell(table, 0, "value")->is_present);
}

TEST(sums_cover_what_is_omitted)
{
    int64_t factor = 10;
    struct item items[] = {{.i64 = 1, .real = 0.5},
                           {.i64 = 2, .real = NAN, .value = report_number(4)},
                           {.i64 = 3, .real = 2, .value = report_number(5)}};
    struct report_table *table = start();
    report_add_rows(table, &factor, items, 3, sizeof *items, 1, "they are many");
    CHECK_EQUAL(table->row_count, 1);
    CHECK_EQUAL(table->omitted_count, 2);
    CHECK_TEXT(table->omitted_why, "they are many");
    CHECK_EQUAL(sum(table, "i64")->number, 6);
    CHECK(sum(table, "real")->real == 2.5);
    CHECK_EQUAL(sum(table, "value")->number, 9);
    CHECK_EQUAL(sum(table, "twice")->number, 60);
    CHECK(!sum(table, "u32")->is_present);
    CHECK_TEXT(sum(table, "text")->text.data, "total");
    CHECK(!sum(table, "chars")->is_present);
    CHECK(report_has_sum_label(table));
}

TEST(the_usual_reason_is_the_number_of_rows)
{
    int64_t factor = 1;
    static struct item items[1201];
    struct report_table *table = start();
    report_add_rows(table, &factor, items, 1201, sizeof *items, 1200, NULL);
    CHECK_EQUAL(table->omitted_count, 1);
    CHECK_TEXT(table->omitted_why, "a report holds 1,200 rows of a table");
}

TEST(all_rows_that_fit_omit_nothing)
{
    int64_t factor = 1;
    struct item items[] = {{.i64 = 1}, {.i64 = 2}};
    struct report_table *table = start();
    report_add_rows(table, &factor, items, 2, sizeof *items, 2, "they are many");
    CHECK_EQUAL(table->row_count, 2);
    CHECK_EQUAL(table->omitted_count, 0);
    CHECK(!table->omitted_why);
    CHECK_EQUAL(sum(table, "i64")->number, 3);
}

TEST(sums_of_no_rows_are_zero_and_no_real)
{
    struct report_table *table = start();
    report_add_sum(table);
    CHECK(sum(table, "i64")->is_present);
    CHECK_EQUAL(sum(table, "i64")->number, 0);
    CHECK(!sum(table, "real")->is_present);
}

TEST(a_table_without_summed_columns_has_no_sum)
{
    start();
    struct report_table *table = report_add_table(report, "other", "Other", &columns[2], 1);
    report_add_row(table, NULL, &(struct item){.u32 = {0, 3}});
    report_add_sum(table);
    CHECK_EQUAL(table->cells[0].number, 3);
    CHECK(!table->sum);
}

TEST(optional_columns_that_do_not_apply_are_empty_details)
{
    const struct item item = {.i64 = 4};
    struct report_table *table = start();
    report_leave_out(table);
    report_set_detail(table, "u16", true);
    report_add_row(table, NULL, &item); // without context: the function is not called
    CHECK(!cell(table, 0, "twice")->is_present);
    CHECK(table->columns[report_find_column(table, text_of("twice"))].flags & REPORT_DETAIL);
    CHECK(table->columns[4].flags & REPORT_DETAIL);
    CHECK(!(table->columns[0].flags & REPORT_DETAIL));
    report_set_detail(table, "u16", false);
    CHECK(!(table->columns[4].flags & REPORT_DETAIL));
}

TEST_MAIN
