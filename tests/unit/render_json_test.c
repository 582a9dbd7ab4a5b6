// render_json_test.c: numbers of the JSON form, digit for digit as jansson writes them, and texts
// as it reads them.

#include <jansson.h>
#include <math.h>

#include "reports/json_text.h"
#include "reports/renderer.h"
#include "tests/support/tap.h"

struct row {
    double real;
    int64_t number;
};

// The row of a table, in the arena.
static char *render(struct arena *arena, unsigned decimals, struct row row)
{
    const struct report_column columns[] = {
        {"real", "real", "", 0, REPORT_AT(row, real), .decimals = decimals},
        {"number", "number", "", 0, REPORT_AT(row, number)},
    };
    struct report *report = report_create(arena, "unit", 1, "Test");
    struct report_table *table = REPORT_ADD_TABLE(report, "rows", "Rows", columns);
    report_add_row(table, NULL, &row);
    struct render_settings settings = {.scratch = arena};
    struct problem problem = {0};
    char *written = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&written, &bytes);
    CHECK_EQUAL(renderer_json.render(report, &settings, file, &problem), STATUS_OK);
    fclose(file);
    char *found = strstr(written, "{\"real\":");
    found[strcspn(found, "}") + 1] = '\0';
    found = arena_copy_string(arena, found);
    free(written);
    return found;
}

static void check(unsigned decimals, double real, int64_t number)
{
    char want[200];
    double scale = pow(10, decimals);
    json_t *value = json_real(round(real * scale) / scale);
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
    snprintf(want, sizeof want, "{\"real\":%s,\"number\":%lld}", text, (long long)number);
    struct arena arena = {0};
    CHECK_TEXT(render(&arena, decimals, (struct row){real, number}), want);
    arena_deinit(&arena);
    free(text);
    json_decref(value);
}

TEST(reals)
{
    static const double reals[] = {
        0,           -0.0, 0.001, 0.00004,  0.00005, 0.5,     -0.5,         1,
        10,          -1,   12.34, -12.3456, 1234.5,  100000,  999999999999, 123456789012,
        99999999999, 1e12, 1e15,  -1e12,    1e300,   0.99999, 9.99995,      -9.99995};
    for (unsigned decimals = 0; decimals <= 6; decimals++)
        for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
            check(decimals, reals[i], (int64_t)i);
}

TEST(reals_by_a_seed)
{
    uint64_t state = test_seed() * 2 + 1;
    for (int i = 0; i < 3000; i++) {
        double real = (int32_t)test_random(&state) / pow(10, test_random(&state) % 10);
        check(test_random(&state) % 6, real, (int32_t)test_random(&state));
    }
}

TEST(whole_numbers)
{
    check(1, 1, INT64_MAX);
    check(1, 1, INT64_MIN);
    check(1, 1, 0);
    check(1, 1, -10);
}

// Every byte of ASCII alone, and between others, comes back.
TEST(texts)
{
    for (int c = 0; c < 0x80; c++) {
        const char text[] = {(char)c, 'a', (char)c, (char)c, 'b'};
        char *written = NULL;
        size_t bytes = 0;
        FILE *file = open_memstream(&written, &bytes);
        json_text_put(file, (struct text){text, sizeof text});
        fclose(file);
        json_t *value = json_loadb(written, bytes, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        CHECK_EQUAL(json_string_length(value), sizeof text);
        CHECK(value && memcmp(json_string_value(value), text, sizeof text) == 0);
        json_decref(value);
        free(written);
    }
}

TEST_MAIN
