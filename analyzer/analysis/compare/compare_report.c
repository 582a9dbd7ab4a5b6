// compare_report.c: rows side by side, and which way to take.

#include <inttypes.h>

#include "analyzer/analysis/compare/compare.h"

#define WORTH_PERCENT 1.0 // of the heap: what brings less is not worth its trouble

static struct report_value left_of(const void *context, const void *item)
{
    const struct compare_row *row = item;
    (void)context;
    return report_number((int64_t)row->heap_bytes - (int64_t)row->peak_bytes);
}

static struct report_value saved_by(const void *context, const void *item)
{
    const struct compare_row *base = context, *row = item;
    if (!base || row == base || row->has_failed)
        return (struct report_value){0};
    return report_number((int64_t)base->peak_bytes - (int64_t)row->peak_bytes);
}

static struct report_value first_line_of(const void *context, const void *item)
{
    const struct compare_row *row = item;
    (void)context;
    return row->first_line_ms < 0 ? (struct report_value){0} : report_real(row->first_line_ms);
}

static const struct report_column columns[] = {
    {"variant", "variant", "", REPORT_KEY, REPORT_AT(compare_row, name)},
    {"start_bytes", "RAM at start", "bytes", 0, REPORT_AT(compare_row, start_bytes)},
    {"peak_bytes", "highest", "bytes", 0, REPORT_AT(compare_row, peak_bytes)},
    {"end_bytes", "after", "bytes", 0, REPORT_AT(compare_row, end_bytes)},
    {"saved_bytes", "saved", "bytes", 0, REPORT_BY(REPORT_NUMBER, saved_by)},
    {"left_bytes", "left of the heap", "bytes", 0, REPORT_BY(REPORT_NUMBER, left_of)},
    {"flash_bytes", "flash", "bytes", 0, REPORT_AT(compare_row, flash_bytes)},
    {"erases", "erases", "", REPORT_DETAIL, REPORT_AT(compare_row, erases)},
    {"collections", "collections", "", 0, REPORT_AT(compare_row, collections)},
    {"collection_ms", "collecting", "ms", 0, REPORT_AT(compare_row, collection_ms), .decimals = 1},
    {"characters", "characters read", "", 0, REPORT_AT(compare_row, characters)},
    {"read_ms", "byte reads", "ms", 0, REPORT_AT(compare_row, read_ms), .decimals = 1},
    {"load_ms", "load", "ms", 0, REPORT_AT(compare_row, load_ms), .decimals = 1},
    {"first_line_ms", "first line", "ms", 0, REPORT_BY(REPORT_REAL, first_line_of), .decimals = 1},
    {"run_ms", "all", "ms", REPORT_DETAIL, REPORT_AT(compare_row, run_ms), .decimals = 1},
    {"inputs", "inputs", "", REPORT_DETAIL, REPORT_AT(compare_row, inputs)},
    {"ending", "ending", "", REPORT_MAY_CUT, REPORT_AT(compare_row, ending)},
};

// ---- plots ----

// What failed is no way that one can take.
static struct text label_of(const struct report *report, const struct compare_row *row)
{
    return text_of(row->has_failed ? arena_format(report->arena, "%s (failed)", row->name)
                                   : row->name);
}

static void add_bars(struct report *report, const char *name, const char *title,
                     const struct compare_row *rows, size_t count, size_t offset)
{
    struct report_series *series = report_add_series(report, name, title, "way", "bytes");
    for (size_t i = 0; i < count; i++) {
        uint64_t bytes = *(const uint64_t *)(const void *)((const char *)&rows[i] + offset);
        report_add_bar(series, label_of(report, &rows[i]), (double)bytes);
    }
}

static void add_plots(struct report *report, const struct compare_row *rows, size_t count)
{
    add_bars(report, "ram_start", "RAM at the start", rows, count,
             offsetof(struct compare_row, start_bytes));
    add_bars(report, "ram_highest", "RAM at the highest point", rows, count,
             offsetof(struct compare_row, peak_bytes));
    add_bars(report, "ram_after", "RAM after", rows, count,
             offsetof(struct compare_row, end_bytes));
    add_bars(report, "flash", "Flash", rows, count, offsetof(struct compare_row, flash_bytes));
}

// ---- the recommendation ----

static bool is_worth(const struct compare_row *than, const struct compare_row *row)
{
    double saved = (double)than->peak_bytes - (double)row->peak_bytes;
    return saved > WORTH_PERCENT / 100 * (double)row->heap_bytes;
}

// What the others are compared with: the first that did not fail.
static const struct compare_row *base_of(const struct compare_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!rows[i].has_failed)
            return &rows[i];
    return NULL;
}

// A larger heap than the device's shows what is needed, and is no way to take.
static bool is_way(const struct compare_row *rows, const struct compare_row *row)
{
    return !row->has_failed && row->heap_bytes <= rows[0].heap_bytes;
}

// The lowest highest point; then less flash, if that is hardly higher.
static const struct compare_row *choose(const struct compare_row *rows, size_t count)
{
    const struct compare_row *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (is_way(rows, &rows[i]) && (!best || rows[i].peak_bytes < best->peak_bytes))
            best = &rows[i];
    const struct compare_row *chosen = best;
    for (size_t i = 0; best && i < count; i++)
        if (is_way(rows, &rows[i]) && !is_worth(&rows[i], best) &&
            rows[i].flash_bytes < chosen->flash_bytes)
            chosen = &rows[i];
    return chosen;
}

static void add_against_first(struct report *report, const struct compare_row *first,
                              const struct compare_row *chosen)
{
    if (first->has_failed) {
        report_add_note(report, REPORT_FINDING,
                        "Recommended: %s. %s, it fails (%s). So it takes %" PRIu64
                        " bytes of RAM at the highest point, with %" PRIu64
                        " bytes of the heap left, for %" PRIu64 " bytes of flash",
                        chosen->name, first->name, first->ending, chosen->peak_bytes,
                        chosen->heap_bytes - chosen->peak_bytes, chosen->flash_bytes);
        return;
    }
    double saved = (double)first->peak_bytes - (double)chosen->peak_bytes;
    if (chosen == first)
        report_add_note(report, REPORT_FINDING,
                        "Recommended: %s. No other way takes less RAM by 1 %% of the heap (%" PRIu64
                        " bytes at the highest point, %" PRIu64 " left)",
                        first->name, first->peak_bytes, first->heap_bytes - first->peak_bytes);
    else
        report_add_note(report, REPORT_FINDING,
                        "Recommended: %s. %" PRIu64 " bytes of RAM at the highest point instead of "
                        "%" PRIu64 " (%.0f %% less), %" PRIu64
                        " bytes of the heap left, for %" PRIu64 " bytes of flash (%.2f bytes of "
                        "RAM for each)",
                        chosen->name, chosen->peak_bytes, first->peak_bytes,
                        saved / (double)first->peak_bytes * 100,
                        chosen->heap_bytes - chosen->peak_bytes, chosen->flash_bytes,
                        chosen->flash_bytes ? saved / (double)chosen->flash_bytes : 0);
}

static void add_others(struct report *report, const struct compare_row *rows, size_t count,
                       const struct compare_row *chosen)
{
    for (size_t i = 0; i < count; i++) {
        const struct compare_row *row = &rows[i];
        if (row == chosen || !is_way(rows, row))
            continue;
        double change = (double)row->peak_bytes - (double)chosen->peak_bytes;
        report_add_note(
            report, REPORT_FINDING,
            "Against it, %s: %+.0f bytes of RAM at the highest point, %+.0f bytes of flash, "
            "%+.1f ms of collecting, %+.1f ms of byte reads",
            row->name, change, (double)row->flash_bytes - (double)chosen->flash_bytes,
            row->collection_ms - chosen->collection_ms, row->read_ms - chosen->read_ms);
    }
}

static void recommend(struct report *report, const struct compare_row *rows, size_t count)
{
    const struct compare_row *chosen = choose(rows, count);
    if (!chosen) {
        report_add_note(report, REPORT_WARNING,
                        "the program fails each way: there is nothing to recommend");
        return;
    }
    report_add_text(report, "recommended", "recommended", text_of(chosen->name));
    add_against_first(report, &rows[0], chosen);
    add_others(report, rows, count, chosen);
    if (chosen->run_ms > 0)
        report_add_note(report, REPORT_FINDING,
                        "Of its time %.1f %% goes into collections and %.1f %% into reading flash "
                        "byte by byte, on stock firmware",
                        chosen->collection_ms / chosen->run_ms * 100,
                        chosen->read_ms / chosen->run_ms * 100);
}

struct report *compare_report(struct arena *arena, const struct compare_row *rows, size_t count,
                              const char *model_title)
{
    struct report *report = report_create(arena, "compare", 1, "The same program, each way");
    report_add_text(report, "model", "times by the model", text_of(model_title));
    report_add_number(report, "variants", "ways", "", (int64_t)count);
    struct report_table *table = REPORT_ADD_TABLE(report, "variants", "Each way", columns);
    table->explanation = "times are modelled; what compiling takes on the device is in none of "
                         "them";
    REPORT_ADD_ROWS(table, base_of(rows, count), rows, count);
    add_plots(report, rows, count);
    recommend(report, rows, count);
    return report;
}
