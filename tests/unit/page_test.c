// page_test.c: curves of a page that have more points than are drawn keep what a reader looks for.

#include "reports/page.h"

#include "tests/support/tap.h"

static struct arena arena;

// The page of one curve: `count` points of height `low`, the one at `top` is `high`.
static char *page_of(enum report_style style, size_t count, size_t top, double low, double high)
{
    struct render_settings settings = {.scratch = &arena};
    struct problem problem = {0};
    struct report *report = report_create(&arena, "unit", 1, "Test");
    struct report_series *series = report_add_series(report, "curve", "Curve", "s", "bytes");
    char *text;
    size_t bytes;
    series->style = style;
    for (size_t i = 0; i < count; i++)
        report_add_point(series, (double)i, i == top ? high : low);
    FILE *out = open_memstream(&text, &bytes);
    CHECK_EQUAL(renderer_html.render(report, &settings, out, &problem), 0);
    fclose(out);
    return text;
}

// The drawn curve's highest point, as a share of the drawing's height, and where it is.
static double highest(const char *page, const char *class, double *x)
{
    char head[40];
    double height = 300, lowest = height, at = 0;
    snprintf(head, sizeof head, "<path class=\"%s\"", class);
    const char *path = strstr(page, head);
    CHECK(path != NULL);
    if (!path)
        return -1;
    const char *end = strstr(path, "/>");
    for (path = strstr(path, "d=\"") + 3; path < end; path++) {
        if (*path == 'M' || *path == 'H')
            at = atof(path + 1);
        if (*path == 'V' && atof(path + 1) < lowest) {
            lowest = atof(path + 1);
            *x = at;
        }
    }
    return (height - lowest) / height;
}

// 600 points are drawn: of 601, 1,800 and 10,000 the single high one is kept wherever it stands.
TEST(a_thinned_curve_keeps_its_highest_point)
{
    static const size_t counts[] = {2, 599, 600, 601, 1800, 10000};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t n = 0; n < 7; n++) {
            size_t last = counts[c] - 1, top = n < 4 ? n % counts[c] : last - (n - 4) % counts[c];
            double x = -1, share;
            arena_init(&arena);
            char *page = page_of(REPORT_STEPS, counts[c], top, 100, 1000);
            share = highest(page, "curve", &x);
            CHECK(share > 0.99 && share < 1.01);
            CHECK(x <= (double)top / (double)last * 1000 + 0.1);
            CHECK(x >= (double)top / (double)last * 1000 - 1000.0 / 300);
            share = highest(page, "area", &x);
            CHECK(share > 0.99 && share < 1.01);
            free(page);
            page = page_of(REPORT_IMPULSES, counts[c], top, 100, 1000);
            share = highest(page, "impulse", &x);
            CHECK(share > 0.99 && share < 1.01);
            CHECK(x >= (double)top / (double)last * 1000 - 2.6);
            CHECK(x <= (double)top / (double)last * 1000 + 2.6);
            free(page);
            arena_deinit(&arena);
        }
    }
}

// The figure beside the curve is that of its highest point.
TEST(the_highest_point_is_told)
{
    arena_init(&arena);
    char *page = page_of(REPORT_STEPS, 5000, 4321, 100, 31415);
    CHECK(strstr(page, "<b>31,415</b>") != NULL);
    free(page);
    page = page_of(REPORT_STEPS, 5000, 0, 100, 31415);
    CHECK(strstr(page, "<b>31,415</b>") != NULL);
    free(page);
    arena_deinit(&arena);
}

TEST_MAIN
