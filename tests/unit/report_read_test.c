// report_read_test.c: a report written as JSON and read again is the same.

#include "reports/report_read.h"

#include <stdio.h>
#include <stdlib.h>

#include "reports/renderer.h"
#include "tests/support/tap.h"

static struct arena arena;

struct item {
    const char *name;
    int64_t bytes;
    double percent;
};

static const struct report_column columns[] = {
    {"name", "name", "", REPORT_KEY, REPORT_AT(item, name)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(item, bytes)},
    {"percent", "%", "%", REPORT_SUMMED, REPORT_AT(item, percent), .decimals = 1},
};

// The report as JSON, read, and written again.
static struct text written(const struct report *report)
{
    struct render_settings settings = {.scratch = &arena};
    struct problem problem = {0};
    char *data = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&data, &bytes);
    CHECK(file != NULL);
    CHECK_EQUAL(renderer_json.render(report, &settings, file, &problem), STATUS_OK);
    fclose(file);
    struct text text = arena_copy_text(&arena, (struct text){data, bytes});
    free(data);
    return text;
}

static void check_same(const struct report *report)
{
    struct problem problem = {0};
    struct report *read;
    struct text before = written(report);
    CHECK_EQUAL(report_read(&arena, before, "record.json", "unit", 1, NULL, &read, &problem),
                STATUS_OK);
    CHECK_TEXT(problem.message, "");
    CHECK_TEXT(written(read).data, before.data);
}

TEST(tables_with_rows)
{
    struct report *report = report_create(&arena, "unit", 1, "Test");
    struct item items[] = {{"a", 1, 2}, {"b", 2, 0.5}};
    REPORT_ADD_ROWS(REPORT_ADD_TABLE(report, "items", "Items", columns), NULL, items, 2);
    check_same(report);
}

TEST(a_table_without_rows_has_a_sum)
{
    struct report *report = report_create(&arena, "unit", 1, "Test");
    REPORT_ADD_ROWS(REPORT_ADD_TABLE(report, "items", "Items", columns), NULL, (struct item *)NULL,
                    0);
    check_same(report);
}

TEST_MAIN
