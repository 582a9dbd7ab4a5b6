// holders_growth.c: what grows from mark to mark, by holder and by line.

#include <stdlib.h>
#include <string.h>

#include "analyzer/analysis/holders/holders.h"

#define MARKS_MIN 3u // that it takes to call it growth
#define FINDINGS_MAX 3u
#define SAME_GROWTH_PERCENT 80 // of a holder's growth, if one below has it that one is named

struct growth_row {
    struct text name; // of a path, or of a line
    uint64_t first_bytes, last_bytes;
    int64_t bytes, blocks;
    uint32_t grew; // times
};

static const struct report_column holder_columns[] = {
    {"path", "holder", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(growth_row, name)},
    {"bytes", "grew by", "bytes", 0, REPORT_AT(growth_row, bytes)},
    {"grew", "times", "", 0, REPORT_AT(growth_row, grew)},
    {"first_bytes", "at the first", "bytes", 0, REPORT_AT(growth_row, first_bytes)},
    {"last_bytes", "at the last", "bytes", 0, REPORT_AT(growth_row, last_bytes)},
};

static const struct report_column site_columns[] = {
    {"site", "made at", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(growth_row, name)},
    {"bytes", "grew by", "bytes", REPORT_SUMMED, REPORT_AT(growth_row, bytes)},
    {"blocks", "blocks", "", REPORT_SUMMED, REPORT_AT(growth_row, blocks)},
    {"grew", "times", "", 0, REPORT_AT(growth_row, grew)},
    {"first_bytes", "at the first", "bytes", REPORT_SUMMED, REPORT_AT(growth_row, first_bytes)},
    {"last_bytes", "at the last", "bytes", REPORT_SUMMED, REPORT_AT(growth_row, last_bytes)},
};

// The marks of the last boot that has some.
struct marks {
    const struct holders *holders;
    const struct holders_moment **items;
    uint32_t count;
};

static void take_marks(const struct holders *holders, struct arena *arena, struct marks *marks)
{
    *marks = (struct marks){.holders = holders};
    marks->items = ARENA_NEW_ARRAY(arena, const struct holders_moment *, holders->moment_count);
    for (uint32_t i = 0; i < holders->moment_count; i++) {
        if (holders->moments[i].moment != MOMENT_MARK)
            continue;
        if (marks->count > 0 && marks->items[0]->boot != holders->moments[i].boot)
            marks->count = 0;
        marks->items[marks->count++] = &holders->moments[i];
    }
}

static int compare_growth(const void *left, const void *right)
{
    const struct growth_row *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return text_compare(a->name, b->name);
}

// ---- holders ----

static uint64_t held_at(const struct holders_moment *moment, struct text path)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < moment->held_count; i++)
        if (text_is_equal(moment->held[i].path, path))
            bytes += moment->held[i].bytes;
    return bytes;
}

static uint32_t find_holders(const struct marks *marks, struct arena *arena,
                             struct growth_row **rows)
{
    const struct holders_moment *last = marks->items[marks->count - 1];
    uint32_t count = 0;
    *rows = ARENA_NEW_ARRAY(arena, struct growth_row, last->held_count);
    for (uint32_t h = 0; h < last->held_count; h++) {
        struct growth_row row = {.name = last->held[h].path};
        uint64_t before = held_at(marks->items[0], row.name);
        row.first_bytes = before;
        for (uint32_t i = 1; i < marks->count; i++) {
            row.last_bytes = held_at(marks->items[i], row.name);
            row.grew += row.last_bytes > before;
            before = row.last_bytes;
        }
        row.bytes = (int64_t)row.last_bytes - (int64_t)row.first_bytes;
        if (row.bytes > 0 && row.first_bytes > 0)
            (*rows)[count++] = row;
    }
    qsort(*rows, count, sizeof **rows, compare_growth);
    return count;
}

// One further down the same way has most of the growth.
static bool is_above(const struct growth_row *row, const struct growth_row *other)
{
    return other->name.bytes > row->name.bytes &&
           memcmp(other->name.data, row->name.data, row->name.bytes) == 0 &&
           other->bytes * 100 >= row->bytes * SAME_GROWTH_PERCENT;
}

static void say_leaks(const struct marks *marks, const struct growth_row *rows, uint32_t count,
                      struct report *report)
{
    uint32_t said = 0;
    for (uint32_t i = 0; i < count && said < FINDINGS_MAX; i++) {
        bool is_named = rows[i].grew == marks->count - 1;
        for (uint32_t k = 0; k < count && is_named; k++)
            is_named = !(rows[k].grew == rows[i].grew && is_above(&rows[i], &rows[k]));
        if (!is_named)
            continue;
        said++;
        report_add_note(report, REPORT_FINDING,
                        "%.*s: holds more at each of %u marks than at the one before, in all %lld "
                        "bytes more" HOLDERS_LEAK,
                        TEXT_ARGS(rows[i].name), marks->count, (long long)rows[i].bytes);
    }
}

// ---- lines ----

static uint64_t bytes_of(const struct holders_moment *moment, uint32_t site)
{
    return site < moment->site_count ? moment->site_bytes[site] : 0;
}

static int64_t blocks_of(const struct holders_moment *moment, uint32_t site)
{
    return site < moment->site_count ? moment->site_blocks[site] : 0;
}

static uint32_t find_sites(const struct marks *marks, struct arena *arena, struct growth_row **rows)
{
    const struct holders_moment *first = marks->items[0], *last = marks->items[marks->count - 1];
    uint32_t count = 0;
    *rows = ARENA_NEW_ARRAY(arena, struct growth_row, last->site_count);
    for (uint32_t site = 0; site < last->site_count; site++) {
        struct growth_row row = {.first_bytes = bytes_of(first, site),
                                 .last_bytes = bytes_of(last, site)};
        row.bytes = (int64_t)row.last_bytes - (int64_t)row.first_bytes;
        row.blocks = blocks_of(last, site) - blocks_of(first, site);
        for (uint32_t i = 1; i < marks->count; i++)
            row.grew += bytes_of(marks->items[i], site) > bytes_of(marks->items[i - 1], site);
        if (row.bytes <= 0)
            continue;
        row.name = site_name(arena, &marks->holders->sites.items[site]);
        (*rows)[count++] = row;
    }
    qsort(*rows, count, sizeof **rows, compare_growth);
    return count;
}

void holders_add_growth(const struct holders *holders, struct report *report)
{
    struct marks marks;
    struct growth_row *rows;
    take_marks(holders, report->arena, &marks);
    if (marks.count < MARKS_MIN)
        return;
    uint32_t count = find_holders(&marks, report->arena, &rows);
    struct report_table *table = REPORT_ADD_TABLE(
        report, "growing_holders", "Who holds more from mark to mark", holder_columns);
    REPORT_ADD_ROWS(table, NULL, rows, count);
    say_leaks(&marks, rows, count, report);
    count = find_sites(&marks, report->arena, &rows);
    table = REPORT_ADD_TABLE(report, "growth", "What was made where, and is held", site_columns);
    REPORT_ADD_ROWS(table, NULL, rows, count);
}
