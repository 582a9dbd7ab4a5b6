// plot_test.c: curves are drawn by one run of gnuplot, and each by itself where that fails. The
// gnuplot is one of the test's own, which writes down how it is called.

#include "reports/plot.h"

#include <sys/stat.h>

#include "tests/support/tap.h"

static char directory[] = "/tmp/frost-plot-XXXXXX";
static struct arena arena;
static struct report *report;

static const char *path_of(const char *name)
{
    return arena_format(&arena, "%s/%s", directory, name);
}

// Draws what it is given; script `bad` ends it.
static void make_gnuplot(void)
{
    FILE *file = fopen(path_of("gnuplot"), "w");
    fputs("#!/bin/sh\n"
          "echo run >>runs\n"
          "for word; do\n"
          "    case $word in\n"
          "    bad.gp) exit 1 ;;\n"
          "    *.gp) echo drawn >\"${word%.gp}.svg\" ;;\n"
          "    esac\n"
          "done\n",
          file);
    fclose(file);
    chmod(path_of("gnuplot"), 0755);
}

static void add_curve(const char *name)
{
    struct report_series *series = report_add_series(report, name, "Title", "x", "y");
    report_add_point(series, 1, 2);
    report_add_point(series, 2, 4);
}

static void begin(void)
{
    CHECK(mkdtemp(directory) != NULL);
    report = report_create(&arena, "unit", 1, "Test");
    make_gnuplot();
    setenv("PATH", arena_format(&arena, "%s:%s", directory, getenv("PATH")), 1);
}

static void end(void)
{
    CHECK_EQUAL(system(arena_format(&arena, "rm -r %s", directory)), 0);
    arena_deinit(&arena);
}

static long runs(void)
{
    struct stat about;
    return stat(path_of("runs"), &about) == 0 ? (long)about.st_size / 4 : 0;
}

TEST(one_run_draws_all)
{
    struct problem problem = {0};
    begin();
    add_curve("first");
    add_curve("second");
    report_add_point(report_add_series(report, "short", "One point", "x", "y"), 1, 1);
    struct plots plots = {.directory = directory, .arena = &arena};
    CHECK_EQUAL(plots_write(&plots, report, &problem), STATUS_OK);
    CHECK_EQUAL(plots_write(&plots, report_create(&arena, "none", 1, "None"), &problem), STATUS_OK);
    CHECK_EQUAL(plots.count, 2);
    CHECK_EQUAL(plots_draw(&plots), 2);
    CHECK_EQUAL(runs(), 1);
    CHECK_EQUAL(access(path_of("first.svg"), R_OK), 0);
    CHECK_EQUAL(access(path_of("second.svg"), R_OK), 0);
    end();
}

TEST(one_that_fails_takes_no_other_with_it)
{
    struct problem problem = {0};
    begin();
    add_curve("first");
    add_curve("bad");
    add_curve("last");
    struct plots plots = {.directory = directory, .arena = &arena};
    CHECK_EQUAL(plots_write(&plots, report, &problem), STATUS_OK);
    CHECK_EQUAL(plots_draw(&plots), 2);
    CHECK_EQUAL(runs(), 4);
    CHECK_EQUAL(access(path_of("first.svg"), R_OK), 0);
    CHECK_EQUAL(access(path_of("last.svg"), R_OK), 0);
    end();
}

TEST(nothing_to_draw_needs_no_gnuplot)
{
    begin();
    struct plots plots = {.directory = directory, .arena = &arena};
    CHECK_EQUAL(plots_draw(&plots), 0);
    CHECK_EQUAL(runs(), 0);
    end();
}

TEST(without_gnuplot_nothing_is_drawn)
{
    struct problem problem = {0};
    begin();
    setenv("PATH", "/nowhere", 1);
    add_curve("first");
    struct plots plots = {.directory = directory, .arena = &arena};
    CHECK_EQUAL(plots_write(&plots, report, &problem), STATUS_OK);
    CHECK_EQUAL(plots_draw(&plots), 0);
    setenv("PATH", "/usr/bin:/bin", 1);
    end();
}

TEST_MAIN
