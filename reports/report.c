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

void report_input_set_sum(struct report_input *input, bool has_crc, uint32_t crc)
{
    input->has_crc = has_crc;
    input->crc = has_crc ? crc : 0;
}

void report_input_set_ending(struct report_input *input, struct text ending)
{
    input->ending = ending;
}

void report_take_inputs(struct report *report, const struct report *from)
{
    for (const struct report_input *input = from->inputs; input; input = input->next) {
        struct report_input *copy = report_add_input(report, input->path, input->kind, input->bytes,
                                                     input->is_complete);
        report_input_set_sum(copy, input->has_crc, input->crc);
        report_input_set_ending(copy, input->ending);
    }
    report->loss.events_discarded += from->loss.events_discarded;
    report->loss.packets_lost += from->loss.packets_lost;
    report->loss.blocks_lost += from->loss.blocks_lost;
    report->loss.bytes_cut += from->loss.bytes_cut;
    report->loss.runs_unfinished += from->loss.runs_unfinished;
}

const char *report_heading(const struct report *report, const char *title)
{
    const struct report_input *first = NULL;
    unsigned traces = 0, others = 0;
    if (!title)
        title = report->title;
    for (const struct report_input *input = report->inputs; input; input = input->next) {
        traces += !strcmp(input->kind, "trace");
        if (input->ending.bytes == 0)
            continue;
        others += first != NULL;
        first = first ? first : input;
    }
    if (!first)
        return title;
    struct text name = traces > 1 ? first->path : (struct text){0};
    const char *more = others ? arena_format(report->arena, " (and %u other run%s not by itself)",
                                             others, others > 1 ? "s" : "")
                              : "";
    return arena_format(report->arena, "%.*s%s%.*s%s. %s", TEXT_ARGS(name), name.bytes ? ": " : "",
                        TEXT_ARGS(first->ending), more, title);
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

void report_add_number(struct report *report, const char *name, const char *title, const char *unit,
                       int64_t value)
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

void report_set_command(struct report *report, const char *command)
{
    struct report_note *last = NULL;
    for (struct report_note *note = report->notes; note; note = note->next)
        last = note;
    assert(last);
    last->command = arena_copy_text(report->arena, text_of(command));
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
    *series = (struct report_series){
        .name = name, .title = title, .x_unit = x_unit, .y_unit = y_unit, .arena = report->arena};
    series->marks_end = &series->marks;
    APPEND(report->series_end, series);
    return series;
}

void report_add_mark(struct report_series *series, double x, double y, const char *label)
{
    assert(isfinite(x) && isfinite(y));
    struct report_mark *mark = ARENA_NEW(series->arena, struct report_mark);
    *mark = (struct report_mark){x, y, text_of(label), NULL};
    APPEND(series->marks_end, mark);
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

void report_add_bar(struct report_series *series, struct text label, double y)
{
    series->style = REPORT_BARS;
    report_add_point(series, (double)series->point_count + 1, y);
    series->labels = arena_grow_array(series->arena, series->labels, series->point_count - 1,
                                      series->point_count, sizeof *series->labels);
    series->labels[series->point_count - 1] = arena_copy_text(series->arena, label);
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
