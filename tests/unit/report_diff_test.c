// report_diff_test.c: rows matched by keys, what was added, removed and changed, sums that agree.

#include "reports/report_diff.h"

#include "analyzer/analysis/size/size.h"
#include "reports/renderer.h"
#include "tests/support/tap.h"

static struct arena arena;
static struct report *base, *now, *diff;
static struct problem problem;

struct item {
    const char *image, *module;
    int64_t bytes, functions;
    double percent;
    struct report_value end_bytes;
};

#define ITEM(image, module, bytes, functions, percent)                                             \
    {                                                                                              \
        image, module, bytes, functions, percent,                                                  \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

static const struct report_column columns[] = {
    {"image", "image", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(item, image)},
    {"module", "module", "", REPORT_KEY, REPORT_AT(item, module)},
    {"percent", "%", "%", 0, REPORT_AT(item, percent), .decimals = 1},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(item, bytes)},
    {"functions", "count", "", REPORT_SUMMED | REPORT_DETAIL, REPORT_AT(item, functions)},
    {"end_bytes", "at the end", "bytes", 0, REPORT_AT(item, end_bytes)},
};

static void start(void)
{
    arena_deinit(&arena);
    problem = (struct problem){0};
    base = report_create(&arena, "unit", 1, "Test");
    now = report_create(&arena, "unit", 1, "Test");
    diff = NULL;
}

static struct report_table *fill(struct report *report, const struct item *items, size_t count)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "modules", "Modules", columns);
    REPORT_ADD_ROWS(table, NULL, items, count);
    return table;
}
#define FILL(report, ...)                                                                          \
    fill(report, (const struct item[]){__VA_ARGS__},                                               \
         sizeof((const struct item[]){__VA_ARGS__}) / sizeof(struct item))

static const struct report_table *compare(void)
{
    CHECK_EQUAL(report_diff(base, now, &arena, &diff, &problem), STATUS_OK);
    CHECK_EQUAL(diff->version, 1);
    return report_find_table(diff, "modules");
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

// Added, removed, changed, unchanged of a row of the counts.
static void check_counts(size_t row, int64_t added, int64_t removed, int64_t changed,
                         int64_t unchanged)
{
    const struct report_table *rows = report_find_table(diff, "rows");
    CHECK_EQUAL(cell(rows, row, "added")->number, added);
    CHECK_EQUAL(cell(rows, row, "removed")->number, removed);
    CHECK_EQUAL(cell(rows, row, "changed")->number, changed);
    CHECK_EQUAL(cell(rows, row, "unchanged")->number, unchanged);
}

static void check_row(const struct report_table *table, size_t row, const char *module,
                      const char *what, int64_t change)
{
    CHECK_TEXT(cell(table, row, "module")->text.data, module);
    CHECK_TEXT(cell(table, row, "row")->text.data, what);
    CHECK_EQUAL(cell(table, row, "change_bytes")->number, change);
}

// The changes of the rows add up to that of the sums, and that is their difference.
static void check_sum(const struct report_table *table, const char *figure)
{
    char name[64];
    int64_t changes = 0;
    snprintf(name, sizeof name, "change_%s", figure);
    int64_t change = sum(table, name)->number;
    for (size_t r = 0; r < table->row_count; r++)
        changes += cell(table, r, name)->is_present ? cell(table, r, name)->number : 0;
    CHECK_EQUAL(changes, change);
    snprintf(name, sizeof name, "base_%s", figure);
    CHECK_EQUAL(sum(table, figure)->number - sum(table, name)->number, change);
}

static const char *note(unsigned idx)
{
    const struct report_note *note = diff->notes;
    while (note && idx--)
        note = note->next;
    return note ? arena_copy_text(&arena, note->text).data : "";
}

TEST(rows_are_added_removed_and_changed_most_first)
{
    start();
    FILL(base, ITEM("a.img", "same", 100, 1, 10), ITEM("a.img", "less", 900, 5, 50),
         ITEM("a.img", "gone", 70, 2, 5), ITEM("b.img", "same", 30, 1, 3));
    FILL(now, ITEM("b.img", "same", 40, 1, 3), ITEM("a.img", "new", 250, 3, 20),
         ITEM("a.img", "less", 600, 5, 50), ITEM("a.img", "same", 100, 1, 10));
    const struct report_table *table = compare();
    CHECK_EQUAL(table->row_count, 4);
    check_row(table, 0, "less", "changed", -300);
    check_row(table, 1, "new", "added", 250);
    check_row(table, 2, "gone", "removed", -70);
    check_row(table, 3, "same", "changed", 10);
    CHECK_TEXT(cell(table, 3, "image")->text.data, "b.img");
    check_counts(1, 1, 1, 2, 1);
    check_sum(table, "bytes");
    check_sum(table, "functions");
    CHECK_EQUAL(sum(table, "base_bytes")->number, 1100);
    CHECK_EQUAL(sum(table, "bytes")->number, 990);
    CHECK(sum(table, "bytes_change_percent")->real == -10);
    CHECK(!sum(table, "change_percent")->is_present);
    CHECK_TEXT(sum(table, "image")->text.data, "total");
}

TEST(a_figure_has_four_columns)
{
    start();
    FILL(base, ITEM("a.img", "m", -200, 0, 10));
    FILL(now, ITEM("a.img", "m", -150, 4, 12.5));
    const struct report_table *table = compare();
    CHECK_EQUAL(cell(table, 0, "base_bytes")->number, -200);
    CHECK_EQUAL(cell(table, 0, "bytes")->number, -150);
    CHECK_EQUAL(cell(table, 0, "change_bytes")->number, 50);
    CHECK(cell(table, 0, "bytes_change_percent")->real == 25);
    CHECK(cell(table, 0, "change_percent")->real == 2.5);
    CHECK(cell(table, 0, "percent_change_percent")->real == 25);
    CHECK_EQUAL(cell(table, 0, "change_functions")->number, 4);
    CHECK(!cell(table, 0, "functions_change_percent")->is_present); // of 0
}

// Of the first summed figure all forms, of others the change, of details nothing but with -v.
TEST(text_shows_what_matters)
{
    char *page = NULL;
    size_t bytes = 0;
    start();
    FILL(base, ITEM("a.img", "m", 200, 0, 10));
    FILL(now, ITEM("a.img", "m", 150, 4, 12.5));
    compare();
    FILE *out = open_memstream(&page, &bytes);
    struct render_settings settings = {.scratch = &arena};
    CHECK_EQUAL(renderer_text.render(diff, &settings, out, &problem), STATUS_OK);
    fclose(out);
    CHECK(strstr(page, "  image  module  row      %, change  bytes, before  bytes, after  bytes, "
                       "change  bytes, change in %  at the end, change\n"));
    CHECK(strstr(page, "  a.img  m       changed        2.5            200           150           "
                       " -50               -25.0\n"));
    free(page);
}

// The column that is no detail although it is no change is that of the leading figure.
static const char *leading(const struct report_table *table)
{
    for (size_t c = 0; c < table->column_count; c++)
        if (strncmp(table->columns[c].name, "base_", 5) == 0 &&
            !(table->columns[c].flags & REPORT_DETAIL))
            return table->columns[c].name + 5;
    return "";
}

TEST(the_first_sum_that_changes_leads)
{
    start();
    FILL(base, ITEM("a.img", "m", 5, 3, 1), ITEM("a.img", "n", 5, 3, 1));
    FILL(now, ITEM("a.img", "m", 5, 3, 2), ITEM("a.img", "n", 6, 3, 1));
    CHECK_TEXT(leading(compare()), "bytes");
    start();
    FILL(base, ITEM("a.img", "m", 5, 3, 1));
    FILL(now, ITEM("a.img", "m", 5, 3, 2));
    CHECK_TEXT(leading(compare()), "percent");
    start();
    fill(base, &(struct item){"a.img", "m", 5, 3, 1, report_number(3)}, 1);
    fill(now, &(struct item){"a.img", "m", 5, 3, 1, report_number(2)}, 1);
    CHECK_TEXT(leading(compare()), "end_bytes");
}

TEST(an_added_row_has_no_base_and_a_removed_one_no_figure)
{
    start();
    FILL(base, ITEM("a.img", "gone", 70, 2, 5));
    FILL(now, ITEM("a.img", "new", 250, 3, 20));
    const struct report_table *table = compare();
    check_row(table, 0, "new", "added", 250);
    CHECK(!cell(table, 0, "base_bytes")->is_present);
    CHECK(!cell(table, 0, "bytes_change_percent")->is_present);
    check_row(table, 1, "gone", "removed", -70);
    CHECK(!cell(table, 1, "bytes")->is_present);
    CHECK(cell(table, 1, "bytes_change_percent")->real == -100);
}

TEST(equal_keys_are_matched_in_their_order)
{
    start();
    FILL(base, ITEM("a.img", "m", 10, 0, 0), ITEM("a.img", "m", 20, 0, 0),
         ITEM("a.img", "m", 30, 0, 0));
    FILL(now, ITEM("a.img", "m", 10, 0, 0), ITEM("a.img", "m", 25, 0, 0));
    const struct report_table *table = compare();
    CHECK_EQUAL(table->row_count, 2);
    check_row(table, 0, "m", "removed", -30);
    check_row(table, 1, "m", "changed", 5);
    check_counts(1, 0, 1, 1, 1);
    check_sum(table, "bytes");
}

TEST(equal_changes_come_in_the_order_of_keys)
{
    start();
    FILL(base, ITEM("b.img", "m", 10, 0, 0), ITEM("a.img", "n", 20, 0, 0));
    FILL(now, ITEM("c.img", "m", 7, 0, 0), ITEM("b.img", "m", 3, 0, 0),
         ITEM("a.img", "n", 13, 0, 0));
    const struct report_table *table = compare();
    CHECK_TEXT(cell(table, 0, "image")->text.data, "a.img");
    CHECK_TEXT(cell(table, 1, "image")->text.data, "b.img");
    CHECK_TEXT(cell(table, 2, "image")->text.data, "c.img");
}

TEST(columns_are_matched_by_name)
{
    static const struct report_column others[] = {
        {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(item, bytes)},
        {"module", "module", "", REPORT_KEY, REPORT_AT(item, module)},
        {"image", "image", "", REPORT_KEY, REPORT_AT(item, image)},
    };
    start();
    struct report_table *before = REPORT_ADD_TABLE(base, "modules", "Modules", others);
    REPORT_ADD_ROWS(
        before, NULL,
        ((const struct item[]){ITEM("a.img", "m", 5, 0, 0), ITEM("a.img", "gone", 3, 0, 0)}), 2);
    FILL(now, ITEM("a.img", "m", 9, 1, 2), ITEM("a.img", "new", 1, 0, 0));
    const struct report_table *table = compare();
    CHECK_EQUAL(table->row_count, 3);
    check_row(table, 0, "m", "changed", 4);
    CHECK_TEXT(cell(table, 0, "image")->text.data, "a.img");
    check_row(table, 1, "gone", "removed", -3);
    check_row(table, 2, "new", "added", 1);
    CHECK_TEXT(cell(table, 1, "image")->text.data, "a.img");
    check_sum(table, "bytes");
}

TEST(an_absent_key_is_a_key_of_its_own)
{
    start();
    FILL(base, ITEM(NULL, "m", 10, 0, 0), ITEM("a.img", NULL, 5, 0, 0));
    FILL(now, ITEM("a.img", "m", 10, 0, 0), ITEM("a.img", NULL, 6, 0, 0));
    const struct report_table *table = compare();
    CHECK_EQUAL(table->row_count, 3);
    check_counts(1, 1, 1, 1, 0);
    check_sum(table, "bytes");
}

TEST(an_absent_figure_counts_as_nothing)
{
    start();
    FILL(base, {"a.img", "m", 10, .end_bytes = report_number(4)}, ITEM("a.img", "n", 10, 0, 0),
         {"a.img", "o", 10, .end_bytes = report_number(0)});
    FILL(now, ITEM("a.img", "m", 10, 0, 0), ITEM("a.img", "n", 10, 0, 0),
         ITEM("a.img", "o", 10, 0, 0));
    const struct report_table *table = compare();
    CHECK_EQUAL(table->row_count, 1);
    CHECK_EQUAL(cell(table, 0, "change_end_bytes")->number, -4);
    CHECK(!cell(table, 0, "end_bytes")->is_present);
}

TEST(a_real_has_changed_if_it_shows)
{
    start();
    FILL(base, {"a.img", "m", .percent = 10}, {"a.img", "n", .percent = 10});
    FILL(now, {"a.img", "m", .percent = 10.04}, {"a.img", "n", .percent = 10.06});
    const struct report_table *table = compare();
    CHECK_EQUAL(table->row_count, 1);
    CHECK_TEXT(cell(table, 0, "module")->text.data, "n");
}

TEST(what_is_not_held_is_a_row)
{
    start();
    struct item before[] = {ITEM("a.img", "m", 100, 1, 0), ITEM("a.img", "n", 50, 1, 0),
                            ITEM("a.img", "o", 7, 1, 0)};
    struct item after[] = {ITEM("a.img", "m", 90, 1, 0), ITEM("a.img", "n", 50, 1, 0),
                           ITEM("a.img", "o", 5, 1, 0)};
    report_add_rows(REPORT_ADD_TABLE(base, "modules", "Modules", columns), NULL, before, 3,
                    sizeof *before, 2, "test");
    report_add_rows(REPORT_ADD_TABLE(now, "modules", "Modules", columns), NULL, after, 3,
                    sizeof *after, 2, "test");
    const struct report_table *table = compare();
    CHECK_EQUAL(table->row_count, 2);
    check_row(table, 0, "m", "changed", -10);
    CHECK_TEXT(cell(table, 1, "image")->text.data, "not attributed");
    CHECK_EQUAL(cell(table, 1, "change_bytes")->number, -2);
    check_sum(table, "bytes");
    check_sum(table, "functions");
    CHECK(strstr(note(0), "table modules: the reports do not hold all of its rows"));
}

TEST(a_table_of_one_report_is_added_or_removed)
{
    start();
    FILL(now, ITEM("a.img", "m", 100, 1, 0), ITEM("a.img", "n", 50, 1, 0));
    const struct report_table *table = compare();
    check_row(table, 0, "m", "added", 100);
    check_counts(1, 2, 0, 0, 0);
    check_sum(table, "bytes");
    CHECK_EQUAL(sum(table, "base_bytes")->number, 0);
    CHECK_EQUAL(report_diff(now, base, &arena, &diff, &problem), STATUS_OK);
    table = report_find_table(diff, "modules");
    check_row(table, 0, "m", "removed", -100);
    check_counts(1, 0, 2, 0, 0);
    check_sum(table, "bytes");
}

TEST(equal_reports_differ_in_nothing)
{
    start();
    FILL(base, ITEM("a.img", "m", 100, 1, 0));
    FILL(now, ITEM("a.img", "m", 100, 1, 0));
    report_add_number(base, "peak_bytes", "peak", "bytes", 5);
    report_add_number(now, "peak_bytes", "peak", "bytes", 5);
    const struct report_table *table = compare();
    CHECK_EQUAL(table->row_count, 0);
    CHECK_EQUAL(sum(table, "change_bytes")->number, 0);
    check_counts(0, 0, 0, 0, 1);
    check_counts(1, 0, 0, 0, 1);
    CHECK(!diff->totals);
    CHECK(!diff->notes);
}

TEST(a_figure_that_one_lacks_is_left_out)
{
    start();
    FILL(base, ITEM("a.img", "m", 100, 1, 0));
    struct report_table *table = report_add_table(now, "modules", "Modules", columns, 4);
    report_add_row(table, NULL, &(struct item)ITEM("a.img", "m", 80, 2, 0));
    const struct report_table *result = compare();
    CHECK_EQUAL(result->row_count, 1);
    check_row(result, 0, "m", "changed", -20);
    CHECK_EQUAL(report_find_column(result, text_of("change_functions")), -1);
    CHECK(!result->sum); // the new table has none
    CHECK_EQUAL(report_diff(now, base, &arena, &diff, &problem), STATUS_OK);
    CHECK_TEXT(note(0), "functions of table modules is not in both reports");
}

TEST(a_figure_of_another_kind_is_left_out)
{
    static const struct report_column others[] = {
        {"module", "module", "", REPORT_KEY, REPORT_AT(item, module)},
        {"bytes", "bytes", "bytes", 0, REPORT_AT(item, percent)},
    };
    start();
    FILL(base, ITEM("a.img", "m", 100, 1, 0));
    struct report_table *table = REPORT_ADD_TABLE(now, "modules", "Modules", others);
    report_add_row(table, NULL, &(struct item){.module = "m"});
    const struct report_table *result = compare();
    CHECK_EQUAL(result->column_count, 2); // module and row
    CHECK_TEXT(note(0), "bytes of table modules is not in both reports");
}

TEST(a_table_without_a_common_key_is_left_out)
{
    start();
    FILL(now, ITEM("a.img", "m", 100, 1, 0));
    report_add_row(report_add_table(base, "modules", "Modules", &columns[1], 3), NULL,
                   &(struct item)ITEM("a.img", "m", 80, 2, 0));
    CHECK(!compare());
    CHECK_TEXT(note(0), "table modules is left out: its key image is not in both reports");
    CHECK_EQUAL(diff->notes->kind, REPORT_WARNING);
}

TEST(a_table_without_keys_is_compared_row_by_row)
{
    start();
    struct report_table *before = report_add_table(base, "modules", "Modules", &columns[3], 1);
    struct report_table *after = report_add_table(now, "modules", "Modules", &columns[3], 1);
    REPORT_ADD_ROWS(before, NULL, ((struct item[]){{.bytes = 5}, {.bytes = 3}}), 2);
    REPORT_ADD_ROWS(after, NULL, ((struct item[]){{.bytes = 5}, {.bytes = 4}, {.bytes = 9}}), 3);
    const struct report_table *table = compare();
    CHECK_EQUAL(table->row_count, 2);
    CHECK_TEXT(cell(table, 0, "row")->text.data, "added");
    CHECK_EQUAL(cell(table, 1, "change_bytes")->number, 1);
    check_sum(table, "bytes");
    CHECK_TEXT(sum(table, "row")->text.data, "total");
}

TEST(totals_are_compared)
{
    start();
    report_add_number(base, "peak_bytes", "RAM", "bytes", 400);
    report_add_number(now, "peak_bytes", "RAM", "bytes", 300);
    report_add_real(base, "percent", "share", "%", 1, 2);
    report_add_real(now, "percent", "share", "%", 1, 2.01);
    report_add_text(base, "model", "cost model", text_of("one"));
    report_add_text(now, "model", "cost model", text_of("other"));
    report_add_number(base, "old", "old", "", 1);
    report_add_number(now, "new", "new", "", 1);
    compare();
    CHECK_EQUAL(report_find_total(diff, "base_peak_bytes")->value.number, 400);
    CHECK_EQUAL(report_find_total(diff, "peak_bytes")->value.number, 300);
    CHECK_EQUAL(report_find_total(diff, "change_peak_bytes")->value.number, -100);
    CHECK(report_find_total(diff, "peak_bytes_change_percent")->value.real == -25);
    CHECK_TEXT(report_find_total(diff, "peak_bytes_change_percent")->unit, "%");
    CHECK(!report_find_total(diff, "percent"));
    CHECK_TEXT(note(0), "cost model: \"one\" before, \"other\" after");
    CHECK_TEXT(note(1), "new is not in both reports");
    CHECK_TEXT(note(2), "old is not in both reports");
    check_counts(0, 1, 1, 2, 1);
}

TEST(a_difference_can_be_compared)
{
    start();
    FILL(base, ITEM("a.img", "m", 100, 1, 0));
    FILL(now, ITEM("a.img", "m", 90, 1, 0));
    report_add_number(base, "bytes", "bytes", "bytes", 100);
    report_add_number(now, "bytes", "bytes", "bytes", 90);
    compare();
    struct report *first = diff;
    CHECK_EQUAL(report_diff(first, first, &arena, &diff, &problem), STATUS_OK);
    CHECK_TEXT(diff->name, "unit-diff-diff");
    CHECK(strstr(note(0), "table rows is left out: its name is taken"));
}

TEST(inputs_and_losses_are_those_of_both)
{
    start();
    report_add_input(base, text_of("old.trace"), "trace", 100, true)->has_crc = true;
    report_add_input(now, text_of("new.trace"), "trace", 90, false);
    base->loss.events_discarded = 2;
    now->loss.events_discarded = 3;
    now->loss.bytes_cut = 7;
    compare();
    CHECK_TEXT(diff->inputs->path.data, "old.trace");
    CHECK(diff->inputs->has_crc);
    CHECK_TEXT(diff->inputs->next->path.data, "new.trace");
    CHECK(!diff->inputs->next->is_complete);
    CHECK_EQUAL(diff->loss.events_discarded, 5);
    CHECK_EQUAL(diff->loss.bytes_cut, 7);
    CHECK_TEXT(diff->name, "unit-diff");
    CHECK_TEXT(diff->title, "What has changed: Test");
}

static struct report *size_of(const char *path)
{
    struct size_input input = {.image_count = 1};
    struct report *report = report_create(&arena, "size", 1, "Where RAM and flash go");
    CHECK_EQUAL(image_read_file(&arena, path, NULL, &input.images[0], &problem), STATUS_OK);
    size_fill_totals(&input, report);
    size_fill_tables(&input, report);
    return report;
}

// Two images of other names and programs: what is compared are their parts, and every byte counts.
TEST(sizes_of_images_are_compared)
{
    start();
    base = size_of("tests/nodemcu/golden/lfs-float/app.rel.img");
    now = size_of("tests/nodemcu/golden/ledger/lfs-float/ledger.rel.img");
    CHECK_EQUAL(report_diff(base, now, &arena, &diff, &problem), STATUS_OK);
    int64_t change = report_find_total(now, "flash_bytes")->value.number -
                     report_find_total(base, "flash_bytes")->value.number;
    CHECK(change != 0);
    CHECK_EQUAL(report_find_total(diff, "change_flash_bytes")->value.number, change);
    static const char *const tables[] = {"labels", "modules", "functions"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const struct report_table *table = report_find_table(diff, tables[i]);
        CHECK(table->row_count > 0);
        CHECK_EQUAL(sum(table, "change_bytes")->number, change);
        check_sum(table, "bytes");
    }
    const struct report_table *labels = report_find_table(diff, "labels");
    for (size_t r = 0; r < labels->row_count; r++)
        if (text_is_equal(cell(labels, r, "label")->text, text_of("code")))
            CHECK_TEXT(cell(labels, r, "row")->text.data, "changed");
}

TEST(other_schemas_are_refused)
{
    start();
    struct report *other = report_create(&arena, "size", 1, "Test");
    CHECK_EQUAL(report_diff(other, now, &arena, &diff, &problem), STATUS_USAGE);
    CHECK_TEXT(problem.message, "reports of different schemas cannot be compared: frost/size/1 and "
                                "frost/unit/1");
    CHECK(!diff);
    problem = (struct problem){0};
    other = report_create(&arena, "unit", 2, "Test");
    CHECK_EQUAL(report_diff(other, now, &arena, &diff, &problem), STATUS_USAGE);
    CHECK(strstr(problem.message, "frost/unit/2 and frost/unit/1"));
    CHECK(!diff);
}

TEST_MAIN
