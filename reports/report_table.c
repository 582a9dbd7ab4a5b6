// report_table.c: tables of the report model, built from lists of columns.

#include <assert.h>
#include <string.h>

#include "reports/value_text.h"

#define ROOM_START 16

// ---- columns ----

struct report_table *report_add_table(struct report *report, const char *name, const char *title,
                                      const struct report_column *columns, size_t count)
{
    struct report_table *table = ARENA_NEW(report->arena, struct report_table);
    assert(!report_find_table(report, name));
    table->name = name;
    table->title = title;
    table->arena = report->arena;
    *report->tables_end = table;
    report->tables_end = &table->next;
    report_add_columns(table, columns, count);
    return table;
}

void report_add_columns(struct report_table *table, const struct report_column *columns,
                        size_t count)
{
    assert(table->row_count == 0);
    assert(table->column_count + count <= REPORT_COLUMNS_MAX);
    memcpy(&table->columns[table->column_count], columns, count * sizeof *columns);
    table->column_count += count;
}

void report_leave_out(struct report_table *table)
{
    for (size_t c = 0; c < table->column_count; c++) {
        struct report_column *column = &table->columns[c];
        if (!(column->flags & REPORT_OPTIONAL))
            continue;
        column->flags |= REPORT_DETAIL;
        column->member = REPORT_NO_MEMBER;
        column->fill = NULL;
    }
}

void report_set_detail(struct report_table *table, const char *name, bool is_detail)
{
    int c = report_find_column(table, text_of(name));
    assert(c >= 0);
    table->columns[c].flags &= ~REPORT_DETAIL;
    table->columns[c].flags |= is_detail ? REPORT_DETAIL : 0;
}

void report_drop_empty(struct report *report)
{
    struct report_table **link = &report->tables;
    while (*link) {
        if ((*link)->row_count == 0)
            *link = (*link)->next;
        else
            link = &(*link)->next;
    }
    report->tables_end = link;
}

void report_move_first(struct report *report, struct report_table *table)
{
    struct report_table **link = &report->tables;
    while (*link != table)
        link = &(*link)->next;
    *link = table->next;
    if (report->tables_end == &table->next)
        report->tables_end = link;
    if (!report->tables)
        report->tables_end = &table->next;
    table->next = report->tables;
    report->tables = table;
}

int report_find_column(const struct report_table *table, struct text name)
{
    for (size_t c = 0; c < table->column_count; c++)
        if (text_is_equal(text_of(table->columns[c].name), name))
            return (int)c;
    return -1;
}

// ---- cells ----

static struct report_value number_cell(enum report_kind kind, uint64_t number)
{
    assert(kind == REPORT_NUMBER || kind == REPORT_HEX);
    return kind == REPORT_HEX ? report_hex(number) : report_number((int64_t)number);
}

static struct report_value text_cell(struct text text)
{
    return text.data ? report_text(text) : (struct report_value){0};
}

static struct report_value member_cell(const struct report_column *column, const char *item)
{
    const void *member = item + column->offset;
    switch (column->member) {
    case REPORT_MEMBER_U64:
    case REPORT_MEMBER_I64:
        return number_cell(column->kind, *(const uint64_t *)member);
    case REPORT_MEMBER_U32:
        return number_cell(column->kind, *(const uint32_t *)member);
    case REPORT_MEMBER_I32:
        return number_cell(column->kind, (uint64_t)(int64_t) * (const int32_t *)member);
    case REPORT_MEMBER_U16:
        return number_cell(column->kind, *(const uint16_t *)member);
    case REPORT_MEMBER_DOUBLE:
        assert(column->kind == REPORT_REAL);
        return report_real(*(const double *)member);
    case REPORT_MEMBER_BOOL:
        assert(column->kind == REPORT_FLAG);
        return report_flag(*(const bool *)member);
    case REPORT_MEMBER_TEXT:
        return text_cell(*(const struct text *)member);
    case REPORT_MEMBER_CHARS:
        return text_cell(text_of(*(const char *const *)member));
    case REPORT_MEMBER_VALUE:
        return *(const struct report_value *)member;
    case REPORT_NO_MEMBER:
        break;
    }
    return (struct report_value){0};
}

static bool is_zero(enum report_kind kind, const struct report_value *cell)
{
    switch (kind) {
    case REPORT_NUMBER:
        return cell->number == 0;
    case REPORT_REAL:
        return cell->real == 0;
    case REPORT_TEXT:
    case REPORT_STRING:
        return cell->text.bytes == 0;
    case REPORT_FLAG:
        return !cell->flag;
    case REPORT_HEX:
        return cell->hex == 0;
    }
    return false;
}

static struct report_value make_cell(const struct report_column *column, const void *context,
                                     const void *item)
{
    struct report_value cell = column->fill ? column->fill(context, item)
                                            : member_cell(column, item);
    if (column->flags & REPORT_BLANK_ZERO && is_zero(column->kind, &cell))
        cell.is_present = false;
    return cell;
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

int report_compare(enum report_kind kind, const struct report_value *a,
                   const struct report_value *b)
{
    switch (kind) {
    case REPORT_NUMBER:
        return COMPARE(a->number, b->number);
    case REPORT_REAL:
        return COMPARE(a->real, b->real);
    case REPORT_TEXT:
    case REPORT_STRING:
        return text_compare(a->text, b->text);
    case REPORT_FLAG:
        return COMPARE(a->flag, b->flag);
    case REPORT_HEX:
        return COMPARE(a->hex, b->hex);
    }
    return 0;
}

// ---- rows ----

void report_add_row(struct report_table *table, const void *context, const void *item)
{
    size_t width = table->column_count;
    assert(width > 0);
    if (table->row_count == table->row_room) {
        size_t room = table->row_room ? table->row_room * 2 : ROOM_START;
        table->cells = arena_grow_array(table->arena, table->cells, table->row_count * width,
                                        room * width, sizeof *table->cells);
        table->row_room = room;
    }
    struct report_value *row = &table->cells[table->row_count++ * width];
    for (size_t c = 0; c < width; c++)
        row[c] = make_cell(&table->columns[c], context, item);
}

static bool has_sum(const struct report_table *table)
{
    for (size_t c = 0; c < table->column_count; c++)
        if (table->columns[c].flags & REPORT_SUMMED)
            return true;
    return false;
}

static void add_to_sum(struct report_value *sum, enum report_kind kind,
                       const struct report_value *cell)
{
    if (!cell->is_present)
        return;
    sum->is_present = true;
    if (kind == REPORT_REAL)
        sum->real += cell->real;
    else
        sum->number += cell->number;
}

void report_label_sum(struct report_table *table)
{
    for (size_t c = 0; c < table->column_count; c++) {
        enum report_kind kind = table->columns[c].kind;
        if (kind != REPORT_TEXT && kind != REPORT_STRING)
            continue;
        table->sum[c] = report_text(text_of("total"));
        return;
    }
}

void report_add_sum(struct report_table *table)
{
    size_t width = table->column_count;
    if (!has_sum(table))
        return;
    table->sum = ARENA_NEW_ARRAY(table->arena, struct report_value, width);
    report_label_sum(table);
    for (size_t c = 0; c < width; c++) {
        const struct report_column *column = &table->columns[c];
        if (!(column->flags & REPORT_SUMMED))
            continue;
        assert(column->kind == REPORT_NUMBER || column->kind == REPORT_REAL);
        table->sum[c].is_present = column->kind == REPORT_NUMBER;
        for (size_t r = 0; r < table->row_count; r++)
            add_to_sum(&table->sum[c], column->kind, &table->cells[r * width + c]);
    }
}

// Adds an item that has no row.
static void add_rest(struct report_table *table, const void *context, const void *item)
{
    for (size_t c = 0; table->sum && c < table->column_count; c++) {
        const struct report_column *column = &table->columns[c];
        if (!(column->flags & REPORT_SUMMED))
            continue;
        struct report_value cell = make_cell(column, context, item);
        add_to_sum(&table->sum[c], column->kind, &cell);
    }
}

void report_omit(struct report_table *table, uint64_t count, const char *why)
{
    if (count == 0)
        return;
    struct report_value held = report_number((int64_t)table->row_count);
    table->omitted_count = count;
    table->omitted_why = why;
    if (!why)
        table->omitted_why = arena_format(
            table->arena, "a report holds %s rows of a table",
            value_text(table->arena, REPORT_NUMBER, 0, &held, 0).data);
}

void report_add_rows(struct report_table *table, const void *context, const void *items,
                     size_t count, size_t item_bytes, size_t rows_max, const char *why)
{
    const char *item = items;
    for (size_t i = 0; i < count && i < rows_max; i++)
        report_add_row(table, context, item + i * item_bytes);
    report_add_sum(table);
    for (size_t i = rows_max; i < count; i++)
        add_rest(table, context, item + i * item_bytes);
    report_omit(table, count > rows_max ? count - rows_max : 0, why);
}

void report_set_tree(struct report_table *table, const char *name, const char *level,
                     const char *value)
{
    table->is_tree = true;
    table->tree_name = report_find_column(table, text_of(name));
    table->tree_level = report_find_column(table, text_of(level));
    table->tree_value = report_find_column(table, text_of(value));
    assert(table->tree_name >= 0 && table->tree_level >= 0 && table->tree_value >= 0);
}
