// report_diff_table.c: compares two tables row by row.

#include <math.h>
#include <stdlib.h>

#include "reports/report_diff_parts.h"

enum side { BASE, NOW, SIDES };

// A column that both tables have, or the only one of them.
struct shared {
    const struct report_column *column;
    int place[SIDES]; // index in the table of that side, -1 if there is no such table
};

// Two tables of one name.
struct pair {
    const struct report_table *tables[SIDES]; // NULL if only the other report has it
    struct report *diff;
    struct shared keys[REPORT_COLUMNS_MAX], figures[REPORT_COLUMNS_MAX];
    size_t key_count, figure_count;
    size_t leading;                          // index of the figure by which rows are sorted
    const struct report_value **rows[SIDES]; // sorted by their keys
    struct report_value *cells;              // of the rows of the result
    size_t row_count, width;
};

// ---- columns ----

// Finds the column in the other table, too. Result: false if that has none of its kind.
static bool share(const struct pair *pair, const struct report_column *column,
                  struct shared *shared)
{
    shared->column = column;
    for (enum side s = BASE; s < SIDES; s++) {
        const struct report_table *table = pair->tables[s];
        int place = table ? report_find_column(table, text_of(column->name)) : -1;
        if (table && (place < 0 || table->columns[place].kind != column->kind))
            return false;
        shared->place[s] = place;
    }
    return true;
}

static bool share_columns(struct pair *pair, const struct report_table *shape)
{
    for (size_t c = 0; c < shape->column_count; c++) {
        const struct report_column *column = &shape->columns[c];
        bool is_key = column->flags & REPORT_KEY;
        struct shared shared;
        if (!is_key && !diff_is_figure(column->kind))
            continue;
        if (share(pair, column, &shared)) {
            if (is_key)
                pair->keys[pair->key_count++] = shared;
            else
                pair->figures[pair->figure_count++] = shared;
        } else if (is_key) {
            report_add_note(pair->diff, REPORT_WARNING,
                            "table %s is left out: its key %s is not in both reports", shape->name,
                            column->name);
            return false;
        } else {
            report_add_note(pair->diff, REPORT_NOTE, "%s of table %s is not in both reports",
                            column->name, shape->name);
        }
    }
    pair->width = pair->key_count + 1 + pair->figure_count * DIFF_FORMS;
    if (pair->width > REPORT_COLUMNS_MAX)
        report_add_note(pair->diff, REPORT_WARNING, "table %s is left out: it has too many figures",
                        shape->name);
    return pair->width <= REPORT_COLUMNS_MAX;
}

// A column of the result; its cells are in an array of values.
static struct report_column column_at(size_t place, struct report_column column)
{
    column.member = REPORT_MEMBER_VALUE;
    column.offset = place * sizeof(struct report_value);
    column.fill = NULL;
    return column;
}

// Of the leading figure all forms are shown, of others the change; of details nothing.
static void add_figure_columns(const struct pair *pair, size_t figure, struct report_column *out)
{
    const struct report_column *from = pair->figures[figure].column;
    diff_name_forms(pair->diff->arena, from, out);
    for (enum diff_form f = DIFF_BASE; f < DIFF_FORMS; f++) {
        bool is_detail = figure != pair->leading && f != DIFF_CHANGE;
        out[f].flags = is_detail ? REPORT_DETAIL : from->flags & REPORT_DETAIL;
    }
}

static struct report_table *add_table(const struct pair *pair, const struct report_table *shape)
{
    struct report_column columns[REPORT_COLUMNS_MAX];
    size_t count = 0;
    for (size_t k = 0; k < pair->key_count; k++) {
        columns[count] = *pair->keys[k].column;
        columns[count++].flags &= REPORT_KEY | REPORT_DETAIL | REPORT_MAY_CUT;
    }
    columns[count++] = (struct report_column){"row", "row", "", 0, .kind = REPORT_TEXT};
    for (size_t f = 0; f < pair->figure_count; f++, count += DIFF_FORMS)
        add_figure_columns(pair, f, &columns[count]);
    for (size_t c = 0; c < count; c++)
        columns[c] = column_at(c, columns[c]);
    return report_add_table(pair->diff, shape->name, shape->title, columns, count);
}

// ---- rows ----

static int compare_keys(const struct pair *pair, const struct report_value *a, enum side a_side,
                        const struct report_value *b, enum side b_side)
{
    for (size_t k = 0; k < pair->key_count; k++) {
        const struct shared *key = &pair->keys[k];
        const struct report_value *x = &a[key->place[a_side]], *y = &b[key->place[b_side]];
        int order = x->is_present - y->is_present;
        if (order == 0 && x->is_present)
            order = report_compare(key->column->kind, x, y);
        if (order)
            return order;
    }
    return 0;
}

struct sorting {
    const struct pair *pair;
    enum side side;
};

// Equal keys stay in the order of the table.
static int compare_rows(const void *a, const void *b, void *context)
{
    const struct sorting *by = context;
    const struct report_value *x = *(const struct report_value *const *)a;
    const struct report_value *y = *(const struct report_value *const *)b;
    int order = compare_keys(by->pair, x, by->side, y, by->side);
    return order ? order : (x > y) - (x < y);
}

static size_t sort_rows(struct pair *pair, enum side side)
{
    const struct report_table *table = pair->tables[side];
    size_t count = table ? table->row_count : 0;
    struct sorting by = {pair, side};
    pair->rows[side] = ARENA_NEW_ARRAY(pair->diff->arena, const struct report_value *, count + 1);
    for (size_t r = 0; r < count; r++)
        pair->rows[side][r] = &table->cells[r * table->column_count];
    qsort_r(pair->rows[side], count, sizeof *pair->rows[side], compare_rows, &by);
    return count;
}

// Index of the first form of a figure in a row of the result.
static size_t figure_place(const struct pair *pair, size_t figure)
{
    return pair->key_count + 1 + figure * DIFF_FORMS;
}

// Compares two rows, of which one may be NULL, and keeps the result if they differ.
static bool compare_pair(struct pair *pair, const struct report_value *base,
                         const struct report_value *now)
{
    static const struct report_value nothing;
    struct report_value *row = &pair->cells[pair->row_count * pair->width];
    bool has_changed = !base || !now;
    for (size_t k = 0; k < pair->key_count; k++)
        row[k] = now ? now[pair->keys[k].place[NOW]] : base[pair->keys[k].place[BASE]];
    row[pair->key_count] = report_text(text_of(!base ? "added" : !now ? "removed" : "changed"));
    for (size_t f = 0; f < pair->figure_count; f++) {
        const struct shared *figure = &pair->figures[f];
        has_changed |= diff_compare(figure->column, base ? &base[figure->place[BASE]] : &nothing,
                                    now ? &now[figure->place[NOW]] : &nothing,
                                    &row[figure_place(pair, f)]);
    }
    pair->row_count += has_changed;
    return has_changed;
}

static struct diff_counts compare_rows_of(struct pair *pair, const char *name)
{
    struct diff_counts counts = {.table = name};
    size_t base_count = sort_rows(pair, BASE), now_count = sort_rows(pair, NOW);
    pair->cells = ARENA_NEW_ARRAY(pair->diff->arena, struct report_value,
                                  (base_count + now_count + 1) * pair->width);
    for (size_t b = 0, n = 0; b < base_count || n < now_count;) {
        const struct report_value *base = b < base_count ? pair->rows[BASE][b] : NULL;
        const struct report_value *now = n < now_count ? pair->rows[NOW][n] : NULL;
        int order = base && now ? compare_keys(pair, base, BASE, now, NOW) : base ? -1 : 1;
        bool has_changed = compare_pair(pair, order <= 0 ? base : NULL, order >= 0 ? now : NULL);
        counts.removed += order < 0;
        counts.added += order > 0;
        *(has_changed ? &counts.changed : &counts.unchanged) += order == 0;
        b += order <= 0;
        n += order >= 0;
    }
    return counts;
}

// The first figure that has a sum and changes leads, or else the first that changes.
static void choose_leading(struct pair *pair)
{
    bool has_sum = false, has_changed = false;
    for (size_t f = 0; f < pair->figure_count && !has_sum; f++) {
        const struct report_column *column = pair->figures[f].column;
        bool changes = false;
        for (size_t r = 0; r < pair->row_count && !changes; r++)
            changes = diff_shows(
                column, &pair->cells[r * pair->width + figure_place(pair, f) + DIFF_CHANGE]);
        has_sum = changes && column->flags & REPORT_SUMMED;
        if (has_sum || (changes && !has_changed))
            pair->leading = f;
        has_changed |= changes;
    }
}

// Most changed first, by the leading figure, then by the others, then by the keys.
static int compare_changes(const void *a, const void *b, void *context)
{
    const struct pair *pair = context;
    const struct report_value *left = *(const struct report_value *const *)a;
    const struct report_value *right = *(const struct report_value *const *)b;
    for (size_t i = 0; i < pair->figure_count; i++) {
        size_t f = i == 0 ? pair->leading : i <= pair->leading ? i - 1 : i;
        size_t at = figure_place(pair, f) + DIFF_CHANGE;
        enum report_kind kind = pair->figures[f].column->kind;
        double x = fabs(diff_real(kind, &left[at])), y = fabs(diff_real(kind, &right[at]));
        if (x != y)
            return x > y ? -1 : 1;
    }
    return (left > right) - (left < right);
}

static void add_rows(const struct pair *pair, struct report_table *table)
{
    const struct report_value **order = ARENA_NEW_ARRAY(table->arena, const struct report_value *,
                                                        pair->row_count + 1);
    for (size_t r = 0; r < pair->row_count; r++)
        order[r] = &pair->cells[r * pair->width];
    qsort_r(order, pair->row_count, sizeof *order, compare_changes, (void *)pair);
    for (size_t r = 0; r < pair->row_count; r++)
        report_add_row(table, NULL, order[r]);
}

// ---- sums ----

// The sum of a figure on a side: 0 without the table, absent if the table has no such sum.
static struct report_value side_sum(const struct pair *pair, const struct shared *figure,
                                    enum side side)
{
    const struct report_table *table = pair->tables[side];
    bool is_real = figure->column->kind == REPORT_REAL;
    if (!table)
        return is_real ? report_real(0) : report_number(0);
    return table->sum ? table->sum[figure->place[side]] : (struct report_value){0};
}

// What the changes in the rows of the result add up to.
static struct report_value sum_of_changes(const struct pair *pair, size_t f)
{
    bool is_real = pair->figures[f].column->kind == REPORT_REAL;
    uint64_t number = 0;
    double real = 0;
    for (size_t r = 0; r < pair->row_count; r++) {
        const struct report_value *row = &pair->cells[r * pair->width];
        const struct report_value *change = &row[figure_place(pair, f) + DIFF_CHANGE];
        if (change->is_present && is_real)
            real += change->real;
        else if (change->is_present)
            number += (uint64_t)change->number;
    }
    return is_real ? report_real(real) : report_number((int64_t)number);
}

// Puts words into the first column that has any, for a row that neither table has.
static void label(const struct pair *pair, struct report_value *row, const char *words)
{
    size_t k = 0;
    while (k < pair->key_count && pair->keys[k].column->kind != REPORT_TEXT &&
           pair->keys[k].column->kind != REPORT_STRING)
        k++;
    row[k] = report_text(text_of(words)); // after the keys stands what became of the row
}

static bool has_omitted(const struct pair *pair)
{
    return (pair->tables[BASE] && pair->tables[BASE]->omitted_count) ||
           (pair->tables[NOW] && pair->tables[NOW]->omitted_count);
}

// Makes the sum row, and before it a row of what the others do not account for. Of reals that may
// be what rounding leaves, unless rows are omitted.
static void add_sums(struct pair *pair, struct report_table *table)
{
    struct report_value *sum = ARENA_NEW_ARRAY(table->arena, struct report_value, pair->width);
    struct report_value *rest = ARENA_NEW_ARRAY(table->arena, struct report_value, pair->width);
    bool has_sum = false, has_rest = false;
    for (size_t f = 0; f < pair->figure_count; f++) {
        const struct shared *figure = &pair->figures[f];
        size_t place = figure_place(pair, f);
        struct report_value base = side_sum(pair, figure, BASE), now = side_sum(pair, figure, NOW);
        if (!(figure->column->flags & REPORT_SUMMED) || !base.is_present || !now.is_present)
            continue;
        diff_compare(figure->column, &base, &now, &sum[place]);
        struct report_value changes = sum_of_changes(pair, f);
        rest[place + DIFF_CHANGE] = diff_of(figure->column->kind, &changes,
                                            &sum[place + DIFF_CHANGE]);
        has_sum = true;
        has_rest |= diff_shows(figure->column, &rest[place + DIFF_CHANGE]) &&
                    (figure->column->kind == REPORT_NUMBER || has_omitted(pair));
    }
    rest[pair->key_count] = report_text(text_of("not held"));
    label(pair, rest, "not attributed");
    label(pair, sum, "total");
    if (has_rest)
        report_add_row(table, NULL, rest);
    table->sum = has_sum ? sum : NULL;
}

bool diff_tables(const struct report_table *base, const struct report_table *now,
                 struct report *diff, struct diff_counts *counts)
{
    const struct report_table *shape = now ? now : base;
    struct pair *pair = ARENA_NEW(diff->arena, struct pair);
    pair->tables[BASE] = base;
    pair->tables[NOW] = now;
    pair->diff = diff;
    if (report_find_table(diff, shape->name)) {
        report_add_note(diff, REPORT_WARNING, "table %s is left out: its name is taken",
                        shape->name);
        return false;
    }
    if (!share_columns(pair, shape))
        return false;
    *counts = compare_rows_of(pair, shape->name);
    choose_leading(pair);
    struct report_table *table = add_table(pair, shape);
    add_rows(pair, table);
    add_sums(pair, table);
    if (has_omitted(pair))
        report_add_note(diff, REPORT_NOTE,
                        "table %s: the reports do not hold all of its rows; some may be shown as "
                        "added or removed because one report lacks them",
                        shape->name);
    return true;
}
