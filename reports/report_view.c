// report_view.c: sorts rows and chooses columns of the tables of a report.

#include "reports/report_view.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/options.h"

// The column by which rows are sorted.
struct order {
    struct text key; // empty: rows stay as they are
    char sign;       // '+', '-', or 0 for what is usual with the kind of the column
};

struct fields {
    struct text *keys;
    size_t count; // 0: all columns stay
};

// A row that is to be sorted.
struct item {
    const struct report_value *value; // in the column of the order
    size_t row;
    enum report_kind kind;
    bool is_descending;
};

// ---- keys ----

static int unknown_key(const struct report *report, const char *option, struct text key,
                       struct problem *problem)
{
    size_t room = 0, count = 0;
    for (const struct report_table *table = report->tables; table; table = table->next)
        room += table->column_count;
    const char **names = ARENA_NEW_ARRAY(report->arena, const char *, room);
    for (const struct report_table *table = report->tables; table; table = table->next)
        for (size_t c = 0; c < table->column_count; c++)
            names[count++] = table->columns[c].name;
    const char *nearest = options_nearest(arena_copy_text(report->arena, key).data, names, count);
    return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                       "--%s: no table has a column '%.*s'%s%s%s", option, TEXT_ARGS(key),
                       nearest ? ", did you mean '" : "", nearest ? nearest : "",
                       nearest ? "'?" : "");
}

static int check_key(const struct report *report, const char *option, struct text key,
                     struct problem *problem)
{
    for (const struct report_table *table = report->tables; table; table = table->next)
        if (report_find_column(table, key) >= 0)
            return STATUS_OK;
    return unknown_key(report, option, key, problem);
}

static int read_order(const struct report *report, const char *words, struct order *order,
                      struct problem *problem)
{
    *order = (struct order){0};
    if (!words)
        return STATUS_OK;
    if (*words == '+' || *words == '-')
        order->sign = *words++;
    order->key = text_of(words);
    return check_key(report, "sort", order->key, problem);
}

static int read_fields(const struct report *report, const char *words, struct fields *fields,
                       struct problem *problem)
{
    *fields = (struct fields){0};
    if (!words)
        return STATUS_OK;
    fields->keys = ARENA_NEW_ARRAY(report->arena, struct text, strlen(words) + 1);
    for (;; words++) {
        struct text key = {words, strcspn(words, ",")};
        int status = check_key(report, "fields", key, problem);
        if (status != STATUS_OK)
            return status;
        for (size_t i = 0; i < fields->count; i++)
            if (text_is_equal(fields->keys[i], key))
                return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                                   "--fields names '%.*s' twice", TEXT_ARGS(key));
        fields->keys[fields->count++] = key;
        words += key.bytes;
        if (!*words)
            return STATUS_OK;
    }
}

// ---- rows ----

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_items(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = 0;
    if (x->value->is_present != y->value->is_present)
        return x->value->is_present ? -1 : 1;
    if (x->value->is_present)
        order = report_compare(x->kind, x->value, y->value);
    if (order == 0)
        return COMPARE(x->row, y->row);
    return x->is_descending ? -order : order;
}

static bool is_descending(const struct order *order, enum report_kind kind)
{
    if (order->sign)
        return order->sign == '-';
    return kind == REPORT_NUMBER || kind == REPORT_REAL || kind == REPORT_FLAG;
}

static void sort_rows(struct report_table *table, const struct order *order)
{
    int c = report_find_column(table, order->key);
    size_t width = table->column_count;
    if (c < 0)
        return;
    enum report_kind kind = table->columns[c].kind;
    struct item *items = ARENA_NEW_ARRAY(table->arena, struct item, table->row_count);
    for (size_t r = 0; r < table->row_count; r++)
        items[r] = (struct item){&table->cells[r * width + (size_t)c], r, kind,
                                 is_descending(order, kind)};
    qsort(items, table->row_count, sizeof *items, compare_items);
    struct report_value *cells = ARENA_NEW_ARRAY(table->arena, struct report_value,
                                                 table->row_count * width);
    for (size_t r = 0; r < table->row_count; r++)
        memcpy(&cells[r * width], &table->cells[items[r].row * width], width * sizeof *cells);
    table->is_tree = false; // the order of parents and children is gone
    table->cells = cells;
    table->row_room = table->row_count;
    if (table->omitted_count)
        table->omitted_why = arena_format(table->arena, "%s; --sort orders the rest",
                                          table->omitted_why ? table->omitted_why
                                                             : "limit of the analysis");
}

// ---- columns ----

static bool is_text(enum report_kind kind)
{
    return kind == REPORT_TEXT || kind == REPORT_STRING;
}

// The sum row for the columns `from`: NULL if none of its numbers is among them. If the column of
// its label is not, another text column takes the label.
static struct report_value *choose_sum(const struct report_table *table, const size_t *from,
                                       size_t width)
{
    struct report_value *sum = ARENA_NEW_ARRAY(table->arena, struct report_value, width);
    struct report_value label = {0}, *label_place = NULL;
    bool has_number = false, has_label = false;
    for (size_t c = 0; c < table->column_count && !label.is_present; c++)
        if (is_text(table->columns[c].kind))
            label = table->sum[c];
    for (size_t i = 0; i < width; i++) {
        bool is_label = is_text(table->columns[from[i]].kind);
        sum[i] = table->sum[from[i]];
        has_label |= is_label && sum[i].is_present;
        has_number |= !is_label && sum[i].is_present;
        if (is_label && !label_place)
            label_place = &sum[i];
    }
    if (label_place && !has_label)
        *label_place = label;
    return has_number ? sum : NULL;
}

static void choose_columns(struct report_table *table, const struct fields *fields)
{
    struct report_column columns[REPORT_COLUMNS_MAX];
    size_t from[REPORT_COLUMNS_MAX], width = 0;
    for (size_t i = 0; i < fields->count; i++) {
        int c = report_find_column(table, fields->keys[i]);
        if (c < 0)
            continue;
        columns[width] = table->columns[c];
        columns[width].flags &= ~REPORT_DETAIL; // who names it wants to see it
        from[width++] = (size_t)c;
    }
    if (width == 0)
        return;
    struct report_value *cells = ARENA_NEW_ARRAY(table->arena, struct report_value,
                                                 table->row_count * width);
    for (size_t r = 0; r < table->row_count; r++)
        for (size_t i = 0; i < width; i++)
            cells[r * width + i] = table->cells[r * table->column_count + from[i]];
    if (table->sum)
        table->sum = choose_sum(table, from, width);
    memcpy(table->columns, columns, width * sizeof *columns);
    table->cells = cells;
    table->row_room = table->row_count;
    table->column_count = width;
    table->has_chosen_columns = true;
    table->is_tree = false;
}

int report_view_apply(struct report *report, const struct report_view *wanted,
                      struct problem *problem)
{
    struct order order;
    struct fields fields;
    int status = read_order(report, wanted->sort, &order, problem);
    if (status == STATUS_OK)
        status = read_fields(report, wanted->fields, &fields, problem);
    if (status != STATUS_OK)
        return status;
    for (struct report_table *table = report->tables; table; table = table->next) {
        if (wanted->sort)
            sort_rows(table, &order);
        if (wanted->fields)
            choose_columns(table, &fields);
    }
    return STATUS_OK;
}

void report_print_columns(const struct report *report, FILE *out)
{
    for (const struct report_table *table = report->tables; table; table = table->next)
        for (size_t c = 0; c < table->column_count; c++)
            fprintf(out, "%s%s%s%s", c ? "" : table->name, c ? ", " : ": ", table->columns[c].name,
                    c + 1 == table->column_count ? "\n" : "");
}
