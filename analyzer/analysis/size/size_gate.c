// size_gate.c: compares figures with their limits.

#include "analyzer/analysis/size/size_gate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/analysis/size/size_blame.h"
#include "analyzer/analysis/size/size_totals.h"
#include "analyzer/base/options.h"
#include "reports/value_text.h"

// ---- limits of the command line ----

static const struct size_limit *find_limit(const struct size_gate *gate, const char *figure)
{
    for (size_t i = 0; i < gate->limit_count; i++)
        if (!gate->limits[i].level && strcmp(gate->limits[i].figure, figure) == 0)
            return &gate->limits[i];
    return NULL;
}

// The limit of that total, which a file and several options share.
static struct size_limit *limit_of(struct size_gate *gate, const char *figure)
{
    const struct size_limit *known = find_limit(gate, figure);
    if (known)
        return &gate->limits[known - gate->limits];
    struct size_limit *made = &gate->limits[gate->limit_count++];
    *made = (struct size_limit){.title = size_total_title(figure), .figure = figure};
    return made;
}

static void set_max(struct size_limit *limit, uint64_t bytes)
{
    limit->has_max = true;
    limit->max_bytes = bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
}

bool size_growth_parse(const char *words, double *growth, bool *is_percent)
{
    char *end;
    size_t bytes = strlen(words);
    uint64_t count;
    *is_percent = bytes && words[bytes - 1] == '%';
    if (!*is_percent) {
        if (options_parse_bytes(words, &count) != STATUS_OK)
            return false;
        *growth = (double)count;
        return true;
    }
    *growth = strtod(words, &end);
    return end == words + bytes - 1 && bytes > 1 && isfinite(*growth) && *growth >= 0;
}

static const char *const usual[SIZE_TOTALS_MAX] = {"ram_bytes", "peak_bytes", "flash_bytes"};

static bool is_usual(const char *figure)
{
    for (size_t i = 0; i < SIZE_TOTALS_MAX; i++)
        if (strcmp(usual[i], figure) == 0)
            return true;
    return false;
}

int size_gate_add_options(struct size_gate *gate, uint64_t max_ram, uint64_t max_flash,
                          const char *max_growth, const struct report *now, struct problem *problem)
{
    double growth = 0;
    bool is_percent = false, has_ram = false;
    if (max_growth && !size_growth_parse(max_growth, &growth, &is_percent))
        return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                           "'%.40s' is no growth: give bytes (4K) or percent (1%%)", max_growth);
    for (size_t i = 0; i < SIZE_TOTALS_MAX; i++) {
        bool is_flash = i == SIZE_TOTALS_MAX - 1;
        uint64_t max = is_flash ? max_flash : max_ram;
        if (!report_find_total(now, usual[i]))
            continue;
        has_ram |= !is_flash;
        if (max)
            set_max(limit_of(gate, usual[i]), max);
        if (max_growth) {
            struct size_limit *limit = limit_of(gate, usual[i]);
            limit->has_growth = true;
            limit->growth = growth;
            limit->is_percent = is_percent;
        }
    }
    if (max_ram && !has_ram)
        set_max(limit_of(gate, "ram_bytes"), max_ram);
    return STATUS_OK;
}

// ---- figures ----

static bool is_label(const struct report_value *cell, const char *label)
{
    return cell->is_present && text_is_equal(cell->text, text_of(label));
}

// The bytes of one label in a table, 0 if it has none. Result: false if the table has no such
// columns.
static bool sum_label(const struct report_table *table, const struct size_limit *limit,
                      const char *figure, int64_t *bytes)
{
    int key = report_find_column(table, text_of(limit->level));
    int column = report_find_column(table, text_of(figure));
    if (key < 0 || column < 0 || table->columns[key].kind != REPORT_TEXT ||
        table->columns[column].kind != REPORT_NUMBER)
        return false;
    *bytes = 0;
    for (size_t r = 0; r < table->row_count; r++) {
        const struct report_value *row = &table->cells[r * table->column_count];
        if (is_label(&row[key], limit->label) && row[column].is_present)
            *bytes += row[column].number;
    }
    return true;
}

static bool has_row(const struct report_table *table, const struct size_limit *limit)
{
    int key = table ? report_find_column(table, text_of(limit->level)) : -1;
    for (size_t r = 0; key >= 0 && r < table->row_count; r++)
        if (is_label(&table->cells[r * table->column_count + (size_t)key], limit->label))
            return true;
    return false;
}

// A label that no report has is misspelt; one that is gone takes nothing.
static bool is_known_label(const struct report *report, const struct size_limit *limit)
{
    for (const struct report_table *table = report ? report->tables : NULL; table;
         table = table->next)
        if (has_row(table, limit))
            return true;
    return false;
}

// Result: false if the report does not have it.
static bool measure(const struct report *report, const struct size_limit *limit, int64_t *bytes)
{
    if (!report)
        return false;
    if (!limit->level) {
        const struct report_total *total = report_find_total(report, limit->figure);
        bool is_there = total && total->kind == REPORT_NUMBER && total->value.is_present;
        *bytes = is_there ? total->value.number : 0;
        return is_there;
    }
    const struct report_table *regions = report_find_table(report, "regions");
    if (strcmp(limit->level, "region") == 0 && has_row(regions, limit))
        return sum_label(regions, limit, "used_bytes", bytes);
    for (const struct report_table *table = report->tables; table; table = table->next)
        if (strncmp(table->name, "level_", 6) == 0 && sum_label(table, limit, limit->figure, bytes))
            return true;
    return false;
}

// ---- judgement ----

struct figure_row {
    const char *what, *verdict;
    struct report_value base_bytes, bytes, change_bytes, change_percent, limit_bytes, left_bytes;
};

static const struct report_column figure_columns[] = {
    {"what", "what", "", REPORT_KEY, REPORT_AT(figure_row, what)},
    {"base_bytes", "before", "bytes", 0, REPORT_AT(figure_row, base_bytes)},
    {"bytes", "bytes", "bytes", 0, REPORT_AT(figure_row, bytes)},
    {"change_bytes", "change", "bytes", 0, REPORT_AT(figure_row, change_bytes)},
    {"change_percent", "%", "%", 0, REPORT_AS(REPORT_REAL, figure_row, change_percent),
     .decimals = 2},
    {"limit_bytes", "budget", "bytes", 0, REPORT_AT(figure_row, limit_bytes)},
    {"left_bytes", "left", "bytes", 0, REPORT_AT(figure_row, left_bytes)},
    {"verdict", "verdict", "", 0, REPORT_AT(figure_row, verdict)},
};

struct judging {
    const struct report *base, *now;
    struct report *out;
    struct report_table *table;
    enum size_verdict verdict;
};

static const char *number_text(struct arena *arena, int64_t number)
{
    struct report_value value = report_number(number);
    return value_text(arena, REPORT_NUMBER, 0, &value, 0).data;
}

static void worsen(struct judging *j, enum size_verdict verdict)
{
    if (j->verdict != SIZE_OVER)
        j->verdict = verdict;
}

static void tell_over(struct judging *j, const struct size_limit *limit, const char *what)
{
    struct arena *arena = j->out->arena;
    const struct size_blame_part part = {limit->figure, limit->level, limit->label};
    const char *blame = size_blame(arena, &part, j->base, j->now);
    report_add_note(j->out, REPORT_FINDING, "%s%s%s", what, *blame ? "; " : "", blame);
    worsen(j, SIZE_OVER);
}

static void tell_missing(struct judging *j, const struct size_limit *limit, const char *why)
{
    report_add_note(j->out, REPORT_WARNING, "%s: not measured, %s", limit->title, why);
    worsen(j, SIZE_NOT_MEASURED);
}

// Result: true if it has grown by more than it may, which is told.
static bool judge_growth(struct judging *j, const struct size_limit *limit, int64_t base,
                         int64_t bytes)
{
    struct arena *arena = j->out->arena;
    double allowed = limit->is_percent ? (double)base * limit->growth / 100 : limit->growth;
    if ((double)(bytes - base) <= allowed)
        return false;
    char unit[40];
    snprintf(unit, sizeof unit, limit->is_percent ? "%g %%" : "%.0f bytes", limit->growth);
    tell_over(j, limit,
              arena_format(arena, "%s has grown by %s bytes, from %s to %s; %s are allowed",
                           limit->title, number_text(arena, bytes - base), number_text(arena, base),
                           number_text(arena, bytes), unit));
    return true;
}

static const char *judge_measured(struct judging *j, const struct size_limit *limit, bool has_base,
                                  int64_t base, int64_t bytes)
{
    struct arena *arena = j->out->arena;
    const char *verdict = limit->has_max || limit->has_growth ? "ok" : "";
    if (limit->has_warn && bytes > limit->warn_bytes) {
        verdict = "near its budget";
        report_add_note(j->out, REPORT_WARNING, "%s: %s bytes are above the mark of %s",
                        limit->title, number_text(arena, bytes),
                        number_text(arena, limit->warn_bytes));
    }
    if (limit->has_growth && !has_base) {
        verdict = "not measured";
        tell_missing(j, limit, "there is nothing to compare with");
    } else if (limit->has_growth && judge_growth(j, limit, base, bytes)) {
        verdict = "has grown too much";
    }
    if (limit->has_max && bytes > limit->max_bytes) {
        verdict = "over its budget";
        tell_over(j, limit,
                  arena_format(arena, "%s is %s bytes over its budget: %s of %s", limit->title,
                               number_text(arena, bytes - limit->max_bytes),
                               number_text(arena, bytes), number_text(arena, limit->max_bytes)));
    }
    return verdict;
}

static void judge(struct judging *j, const struct size_limit *limit)
{
    int64_t base = 0, bytes = 0;
    bool is_known = !limit->level || is_known_label(j->base, limit) ||
                    is_known_label(j->now, limit);
    bool has_base = is_known && measure(j->base, limit, &base);
    bool has_now = is_known && measure(j->now, limit, &bytes);
    // What has been lost makes a heap look smaller.
    bool is_lossy = strcmp(limit->figure, "peak_bytes") == 0 && report_has_loss(&j->now->loss);
    struct figure_row row = {.what = limit->title};
    if (has_base)
        row.base_bytes = report_number(base);
    if (has_now) {
        row.bytes = report_number(bytes);
        row.verdict = judge_measured(j, limit, has_base, base, bytes);
    }
    if (has_now && has_base) {
        row.change_bytes = report_number(bytes - base);
        row.change_percent = report_real(base ? 100.0 * (double)(bytes - base) / (double)base
                                              : NAN);
    }
    if (limit->has_max) {
        row.limit_bytes = report_number(limit->max_bytes);
        if (has_now)
            row.left_bytes = report_number(limit->max_bytes - bytes);
    }
    bool has_limit = limit->has_max || limit->has_growth || limit->has_warn;
    if (has_limit && (!has_now || is_lossy)) {
        row.verdict = "not measured";
        tell_missing(j, limit, is_lossy ? "the trace is incomplete" : "no input has this figure");
    }
    report_add_row(j->table, NULL, &row);
}

enum size_verdict size_gate_judge(const struct size_gate *gate, const struct report *base,
                                  const struct report *now, struct report *out)
{
    struct judging j = {base, now, out, NULL, SIZE_WITHIN};
    j.table = REPORT_ADD_TABLE(out, "figures", base ? "What has changed" : "Budgets",
                               figure_columns);
    for (size_t i = 0; i < SIZE_TOTALS_MAX; i++) {
        const struct size_limit *limit = find_limit(gate, usual[i]);
        struct size_limit none = {.title = size_total_title(usual[i]), .figure = usual[i]};
        if (limit || report_find_total(now, usual[i]))
            judge(&j, limit ? limit : &none);
    }
    for (size_t i = 0; i < gate->limit_count; i++)
        if (gate->limits[i].level || !is_usual(gate->limits[i].figure))
            judge(&j, &gate->limits[i]);
    report_move_first(out, j.table);
    return j.verdict;
}
