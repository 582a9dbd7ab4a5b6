// size_constants.c: the table of constants in RAM.

#include "analyzer/analysis/size/size_constants.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/analysis/static/static_reads.h"

void size_constants_add(struct size_constants *constants, struct text name, struct text unit,
                        uint64_t addr, uint64_t bytes)
{
    struct size_constant *last = constants->count ? &constants->items[constants->count - 1] : NULL;
    if (last && last->addr + last->bytes == addr && text_is_equal(last->name, name) &&
        text_is_equal(last->unit, unit)) {
        last->bytes += bytes;
        return;
    }
    if (constants->count == constants->room) {
        constants->room = constants->room ? constants->room * 2 : 64;
        constants->items = arena_grow_array(constants->arena, constants->items, constants->count,
                                            constants->room, sizeof *constants->items);
    }
    constants->items[constants->count++] = (struct size_constant){name, unit, addr, bytes};
}

struct constant_row {
    const struct size_constant *constant;
    struct report_value loads;
};

static struct report_value name_of(const void *context, const void *item)
{
    (void)context;
    return report_text(((const struct constant_row *)item)->constant->name);
}

static struct report_value unit_of(const void *context, const void *item)
{
    (void)context;
    return report_text(((const struct constant_row *)item)->constant->unit);
}

static struct report_value bytes_of(const void *context, const void *item)
{
    (void)context;
    return report_number((int64_t)((const struct constant_row *)item)->constant->bytes);
}

static struct report_value addr_of(const void *context, const void *item)
{
    (void)context;
    return report_hex(((const struct constant_row *)item)->constant->addr);
}

static const struct report_column columns[] = {
    {"constant", "constant", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, name_of)},
    {"unit", "unit", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_BY(REPORT_TEXT, unit_of)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_BY(REPORT_NUMBER, bytes_of)},
    {"narrow_loads", "sub-word loads", "instructions", 0, REPORT_AT(constant_row, loads)},
    {"addr", "address", "", REPORT_DETAIL, REPORT_BY(REPORT_HEX, addr_of)},
};

// Few loads and many bytes first: what is cheap to move.
static int compare_rows(const void *x, const void *y)
{
    const struct constant_row *a = x, *b = y;
    bool is_read = a->loads.number > 0, is_other_read = b->loads.number > 0;
    if (is_read != is_other_read)
        return is_read ? 1 : -1;
    if (a->constant->bytes != b->constant->bytes)
        return a->constant->bytes > b->constant->bytes ? -1 : 1;
    return (a->constant->addr > b->constant->addr) - (a->constant->addr < b->constant->addr);
}

static const char *explanation(struct arena *arena, const struct static_reads *reads)
{
    const char *what = "they are never written: placed in flash they cost no RAM, but each load of "
                       "less than a word from them then traps";
    if (!reads)
        return what;
    return arena_format(arena,
                        "%s; sub-word loads: instructions that may do so (what %" PRIu32
                        " others reach is not known)",
                        what, reads->unknown_count);
}

void size_constants_report(const struct size_constants *constants, const char *path,
                           bool is_followed, struct report *report)
{
    struct arena *arena = report->arena;
    struct static_reads found;
    const struct static_reads *reads = NULL;
    struct problem problem = {0};
    uint64_t bytes = 0;
    if (constants->count && is_followed) {
        if (static_reads_find(arena, path, &found, &problem) == STATUS_OK)
            reads = &found;
        else
            report_add_note(report, REPORT_NOTE, "its code cannot be followed: %s",
                            problem.message);
    }
    struct constant_row *rows = ARENA_NEW_ARRAY(arena, struct constant_row, constants->count + 1);
    for (size_t i = 0; i < constants->count; i++) {
        const struct size_constant *constant = &constants->items[i];
        rows[i].constant = constant;
        if (reads)
            rows[i].loads = report_number(
                static_reads_count(arena, reads, constant->addr, constant->addr + constant->bytes));
        bytes += constant->bytes;
    }
    qsort(rows, constants->count, sizeof *rows, compare_rows);
    struct report_table *table = REPORT_ADD_TABLE(
        report, "ram_constants", "Constants in RAM that could be in flash", columns);
    table->explanation = explanation(arena, reads);
    REPORT_ADD_ROWS(table, NULL, rows, constants->count);
    if (bytes)
        report_add_number(report, "ram_constant_bytes", "constants in RAM", "bytes",
                          (int64_t)bytes);
}
