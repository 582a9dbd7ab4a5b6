// report.c: builds the report model.

#include "reports/report.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#define ROOM_START 16
#define SUM_BYTES 32768u

// Appends an item to a list that keeps a pointer to its last link.
#define APPEND(list_end, item) (*(list_end) = (item), (list_end) = &(item)->next)

struct report *report_create(struct arena *arena, const char *name, unsigned version,
                             const char *title)
{
    struct report *report = ARENA_NEW(arena, struct report);
    report->arena = arena;
    report->name = name;
    report->version = version;
    report->title = title;
    report->inputs_end = &report->inputs;
    report->totals_end = &report->totals;
    report->tables_end = &report->tables;
    report->series_end = &report->series;
    report->notes_end = &report->notes;
    return report;
}

struct report_input *report_add_input(struct report *report, struct text path, const char *kind,
                                      uint64_t bytes, bool is_complete)
{
    struct report_input *input = ARENA_NEW(report->arena, struct report_input);
    input->path = arena_copy_text(report->arena, path);
    input->kind = kind;
    input->bytes = bytes;
    input->is_complete = is_complete;
    APPEND(report->inputs_end, input);
    return input;
}

void report_input_sum(struct report_input *input, const char *path)
{
    unsigned char bytes[SUM_BYTES];
    char events[4096];
    struct stat info;
    size_t count;
    uLong crc = crc32(0, NULL, 0);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        snprintf(events, sizeof events, "%s/events", path);
        path = events;
    }
    FILE *file = fopen(path, "rbe");
    if (!file)
        return;
    while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
        crc = crc32(crc, bytes, (uInt)count);
    input->has_crc = !ferror(file);
    input->crc = (uint32_t)crc;
    fclose(file);
}

static struct report_total *add_total(struct report *report, const char *name, const char *title,
                                      const char *unit, enum report_kind kind,
                                      struct report_value value)
{
    struct report_total *total = ARENA_NEW(report->arena, struct report_total);
    assert(!report_find_total(report, name));
    total->name = name;
    total->title = title;
    total->unit = unit;
    total->kind = kind;
    total->value = value;
    APPEND(report->totals_end, total);
    return total;
}

void report_add_number(struct report *report, const char *name, const char *title,
                       const char *unit, int64_t value)
{
    add_total(report, name, title, unit, REPORT_NUMBER, report_number(value));
}

void report_add_real(struct report *report, const char *name, const char *title, const char *unit,
                     unsigned decimals, double value)
{
    add_total(report, name, title, unit, REPORT_REAL, report_real(value))->decimals = decimals;
}

void report_add_text(struct report *report, const char *name, const char *title, struct text value)
{
    add_total(report, name, title, "", REPORT_TEXT,
              report_text(arena_copy_text(report->arena, value)));
}

void report_add_note(struct report *report, enum report_note_kind kind, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    int bytes = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    assert(bytes >= 0);
    struct report_note *note = ARENA_NEW(report->arena, struct report_note);
    note->kind = kind;
    note->text = arena_copy_text(report->arena, text_of(line));
    APPEND(report->notes_end, note);
}

struct report_table *report_add_table(struct report *report, const char *name, const char *title)
{
    struct report_table *table = ARENA_NEW(report->arena, struct report_table);
    assert(!report_find_table(report, name));
    table->name = name;
    table->title = title;
    table->arena = report->arena;
    APPEND(report->tables_end, table);
    return table;
}

struct report_column *report_add_column(struct report_table *table, const char *name,
                                        const char *title, const char *unit,
                                        enum report_kind kind, unsigned flags)
{
    assert(table->row_count == 0);
    assert(table->column_count < REPORT_COLUMNS_MAX);
    struct report_column *column = &table->columns[table->column_count++];
    *column = (struct report_column){name, title, unit, kind, flags, 1};
    return column;
}

struct report_value *report_add_row(struct report_table *table)
{
    size_t width = table->column_count;
    assert(width > 0);
    if (table->row_count == table->row_room) {
        size_t room = table->row_room ? table->row_room * 2 : ROOM_START;
        table->cells = arena_grow_array(table->arena, table->cells, table->row_count * width,
                                        room * width, sizeof *table->cells);
        table->row_room = room;
    }
    return &table->cells[table->row_count++ * width];
}

void report_add_sum(struct report_table *table, const int *columns)
{
    size_t width = table->column_count;
    table->sum = ARENA_NEW_ARRAY(table->arena, struct report_value, width);
    for (size_t c = 0; c < width; c++) {
        enum report_kind kind = table->columns[c].kind;
        if (kind == REPORT_TEXT || kind == REPORT_STRING) {
            table->sum[c] = report_text(text_of("total"));
            break;
        }
    }
    for (; *columns >= 0; columns++) {
        int64_t sum = 0;
        assert((size_t)*columns < width);
        assert(table->columns[*columns].kind == REPORT_NUMBER);
        for (size_t r = 0; r < table->row_count; r++) {
            const struct report_value *cell = &table->cells[r * width + (size_t)*columns];
            sum += cell->is_present ? cell->number : 0;
        }
        table->sum[*columns] = report_number(sum);
    }
}

bool report_has_sum_label(const struct report_table *table)
{
    for (size_t c = 0; c < table->column_count; c++) {
        enum report_kind kind = table->columns[c].kind;
        if ((kind == REPORT_TEXT || kind == REPORT_STRING) && table->sum[c].is_present)
            return true;
    }
    return false;
}

struct report_series *report_add_series(struct report *report, const char *name, const char *title,
                                        const char *x_unit, const char *y_unit)
{
    struct report_series *series = ARENA_NEW(report->arena, struct report_series);
    *series = (struct report_series){.name = name, .title = title, .x_unit = x_unit,
                                     .y_unit = y_unit, .arena = report->arena};
    APPEND(report->series_end, series);
    return series;
}

void report_add_point(struct report_series *series, double x, double y)
{
    assert(isfinite(x));
    assert(isfinite(y));
    if (series->point_count == series->point_room) {
        size_t room = series->point_room ? series->point_room * 2 : ROOM_START;
        series->points = arena_grow_array(series->arena, series->points, series->point_count * 2,
                                          room * 2, sizeof *series->points);
        series->point_room = room;
    }
    series->points[series->point_count * 2] = x;
    series->points[series->point_count * 2 + 1] = y;
    series->point_count++;
}

struct report_value report_number(int64_t number)
{
    return (struct report_value){.is_present = true, .number = number};
}

struct report_value report_real(double real)
{
    return (struct report_value){.is_present = isfinite(real) != 0, .real = real};
}

struct report_value report_text(struct text text)
{
    return (struct report_value){.is_present = true, .text = text};
}

struct report_value report_flag(bool flag)
{
    return (struct report_value){.is_present = true, .flag = flag};
}

struct report_value report_hex(uint64_t hex)
{
    return (struct report_value){.is_present = true, .hex = hex};
}

const struct report_table *report_find_table(const struct report *report, const char *name)
{
    for (const struct report_table *table = report->tables; table; table = table->next)
        if (!strcmp(table->name, name))
            return table;
    return NULL;
}

const struct report_total *report_find_total(const struct report *report, const char *name)
{
    for (const struct report_total *total = report->totals; total; total = total->next)
        if (!strcmp(total->name, name))
            return total;
    return NULL;
}
