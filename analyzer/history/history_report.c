// history_report.c: builds over time.

#include "analyzer/history/history_report.h"

#include <time.h>

struct build_row {
    int64_t number;
    const char *time, *commit, *config;
    struct report_value ram_bytes, ram_change, flash_bytes, flash_change, peak_bytes, peak_change;
};

static const struct report_column build_columns[] = {
    {"number", "#", "", 0, REPORT_AT(build_row, number)},
    {"time", "time", "", 0, REPORT_AT(build_row, time)},
    {"commit", "commit", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(build_row, commit)},
    {"config", "configuration", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(build_row, config)},
    {"ram_bytes", "RAM", "bytes", 0, REPORT_AT(build_row, ram_bytes)},
    {"ram_change_bytes", "change", "bytes", 0, REPORT_AT(build_row, ram_change)},
    {"flash_bytes", "flash", "bytes", 0, REPORT_AT(build_row, flash_bytes)},
    {"flash_change_bytes", "change", "bytes", 0, REPORT_AT(build_row, flash_change)},
    {"peak_bytes", "RAM, highest", "bytes", 0, REPORT_AT(build_row, peak_bytes)},
    {"peak_change_bytes", "change", "bytes", 0, REPORT_AT(build_row, peak_change)},
};

static struct report_value change(const struct report_value *now, const struct report_value *before)
{
    if (!before || !now->is_present || !before->is_present)
        return (struct report_value){0};
    return report_number(now->number - before->number);
}

static const char *time_text(struct arena *arena, int64_t time_s)
{
    char text[32];
    time_t time = (time_t)time_s;
    struct tm parts;
    if (!gmtime_r(&time, &parts) || !strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts))
        return "?";
    return arena_copy_string(arena, text);
}

// Only builds of one configuration can be compared.
static const struct history_row *row_before(const struct history_rows *rows, size_t place)
{
    for (size_t i = place; i-- > 0;)
        if (text_is_equal(text_of(rows->items[i].build.config),
                          text_of(rows->items[place].build.config)))
            return &rows->items[i];
    return NULL;
}

static void add_curve(const struct history_rows *rows, size_t offset, const char *name,
                      const char *title, struct report *report)
{
    struct report_series *series = NULL;
    for (size_t i = 0; i < rows->count; i++) {
        const struct report_value *value = (const void *)((const char *)&rows->items[i] + offset);
        if (!value->is_present)
            continue;
        if (!series)
            series = report_add_series(report, name, title, "build", "bytes");
        report_add_point(series, (double)i + 1, (double)value->number);
    }
}

void history_report_fill(const struct history_rows *rows, const char *name, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "builds", name ? "By build" : "Builds",
                                                  build_columns);
    for (size_t i = rows->count; i-- > 0;) {
        const struct history_row *now = &rows->items[i], *before = row_before(rows, i);
        struct build_row row = {
            .number = (int64_t)i + 1,
            .time = time_text(report->arena, now->build.time_s),
            .commit = now->build.commit,
            .config = now->build.config,
            .ram_bytes = now->ram_bytes,
            .ram_change = change(&now->ram_bytes, before ? &before->ram_bytes : NULL),
            .flash_bytes = now->flash_bytes,
            .flash_change = change(&now->flash_bytes, before ? &before->flash_bytes : NULL),
            .peak_bytes = now->peak_bytes,
            .peak_change = change(&now->peak_bytes, before ? &before->peak_bytes : NULL),
        };
        report_add_row(table, NULL, &row);
    }
    report_add_number(report, "builds", "builds", "", (int64_t)rows->count);
    add_curve(rows, offsetof(struct history_row, ram_bytes), "ram", "RAM by build", report);
    add_curve(rows, offsetof(struct history_row, flash_bytes), "flash", "Flash by build", report);
    add_curve(rows, offsetof(struct history_row, peak_bytes), "peak",
              "RAM at the highest point by build", report);
}
