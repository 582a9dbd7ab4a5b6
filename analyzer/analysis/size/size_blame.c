// size_blame.c: the largest rows of a report of sizes, and those that grew most.

#include "analyzer/analysis/size/size_blame.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash_table.h"
#include "reports/value_text.h"

#define NAMED_MAX 5u

// The rows of a table that count, with one name each.
struct named_row {
    struct text name;
    int64_t bytes;
};
struct named_rows {
    struct named_row *items;
    size_t count;
};

struct source {
    const struct report_table *table;
    int figure, level; // columns; level -1: all rows count
};

static bool has_columns(const struct report *report, const char *name, const char *figure,
                        const char *level, struct source *source)
{
    const struct report_table *table = report ? report_find_table(report, name) : NULL;
    if (!table)
        return false;
    source->table = table;
    source->figure = report_find_column(table, text_of(figure));
    source->level = level ? report_find_column(table, text_of(level)) : -1;
    return source->figure >= 0 && table->columns[source->figure].kind == REPORT_NUMBER &&
           (!level || source->level >= 0);
}

static bool find_source(struct arena *arena, const struct size_blame_part *part,
                        const struct report *report, struct source *source)
{
    if (strcmp(part->figure, "peak_bytes") == 0)
        return has_columns(report, "sites", "peak_bytes", part->level, source);
    for (unsigned depth = 10; depth > 0; depth--)
        if (has_columns(report, arena_format(arena, "level_%u", depth), part->figure, part->level,
                        source))
            return true;
    return strcmp(part->figure, "flash_bytes") == 0 &&
           (has_columns(report, "functions", "bytes", part->level, source) ||
            has_columns(report, "modules", "bytes", part->level, source));
}

// The keys of a row but the one that all rows share.
static struct text name_of(struct arena *arena, const struct source *source,
                           const struct report_value *row)
{
    const char *name = "";
    for (size_t c = 0; c < source->table->column_count; c++) {
        const struct report_column *column = &source->table->columns[c];
        bool is_text = column->kind == REPORT_TEXT || column->kind == REPORT_STRING;
        if (!(column->flags & REPORT_KEY) || !is_text || !row[c].is_present ||
            (int)c == source->level)
            continue;
        name = arena_format(arena, "%s%s%.*s", name, *name ? " " : "", TEXT_ARGS(row[c].text));
    }
    return text_of(name);
}

static struct named_rows read_rows(struct arena *arena, const struct source *source,
                                   const char *label)
{
    const struct report_table *table = source->table;
    struct named_rows rows = {ARENA_NEW_ARRAY(arena, struct named_row, table->row_count + 1), 0};
    for (size_t r = 0; r < table->row_count; r++) {
        const struct report_value *row = &table->cells[r * table->column_count];
        bool is_wanted = source->level < 0 ||
                         (row[source->level].is_present &&
                          text_is_equal(row[source->level].text, text_of(label)));
        if (is_wanted && row[source->figure].is_present)
            rows.items[rows.count++] = (struct named_row){name_of(arena, source, row),
                                                          row[source->figure].number};
    }
    return rows;
}

// Leaves of each row what it has grown by.
static void subtract(struct arena *arena, struct named_rows *rows, const struct named_rows *base)
{
    struct hash_table by_name;
    uint32_t i;
    hash_table_init(&by_name, arena, (uint32_t)base->count);
    for (size_t b = 0; b < base->count; b++)
        hash_table_add(&by_name, hash_text(base->items[b].name), (uint32_t)b);
    for (size_t r = 0; r < rows->count; r++)
        HASH_TABLE_EACH (&by_name, hash_text(rows->items[r].name), i)
            if (text_is_equal(base->items[i].name, rows->items[r].name)) {
                rows->items[r].bytes -= base->items[i].bytes;
                break;
            }
}

static int compare_rows(const void *x, const void *y)
{
    const struct named_row *a = x, *b = y;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return text_compare(a->name, b->name);
}

// The first rows in words; "" if none takes anything.
static const char *tell(struct arena *arena, const struct named_rows *rows, const char *words,
                        const char *sign)
{
    size_t shown = 0;
    if (rows->count)
        qsort(rows->items, rows->count, sizeof *rows->items, compare_rows);
    for (; shown < rows->count && shown < NAMED_MAX && rows->items[shown].bytes > 0; shown++) {
        struct report_value value = report_number(rows->items[shown].bytes);
        words = arena_format(arena, "%s%s %.*s %s%s", words, shown ? "," : "",
                             TEXT_ARGS(rows->items[shown].name), sign,
                             value_text(arena, REPORT_NUMBER, 0, &value, 0).data);
    }
    return shown ? words : "";
}

const char *size_blame(struct arena *arena, const struct size_blame_part *part,
                       const struct report *base, const struct report *now)
{
    struct source source, base_source;
    if (!find_source(arena, part, now, &source))
        return "";
    struct named_rows rows = read_rows(arena, &source, part->label);
    const char *figure = source.table->columns[source.figure].name;
    if (base && has_columns(base, source.table->name, figure, part->level, &base_source)) {
        struct named_rows before = read_rows(arena, &base_source, part->label);
        subtract(arena, &rows, &before);
        const char *words = tell(arena, &rows, "grown most:", "+");
        if (*words)
            return words;
        rows = read_rows(arena, &source, part->label);
    }
    return tell(arena, &rows, "largest:", "");
}
