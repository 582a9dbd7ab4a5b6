// report_diff.c: compares two reports of one schema: figures, totals, and table by table.

#include "reports/report_diff.h"

#include <math.h>
#include <string.h>

#include "reports/report_diff_parts.h"

static const struct report_column count_columns[] = {
    {"table", "table", "", REPORT_KEY, REPORT_AT(diff_counts, table)},
    {"added", "added", "rows", REPORT_SUMMED, REPORT_AT(diff_counts, added)},
    {"removed", "removed", "rows", REPORT_SUMMED, REPORT_AT(diff_counts, removed)},
    {"changed", "changed", "rows", REPORT_SUMMED, REPORT_AT(diff_counts, changed)},
    {"unchanged", "unchanged", "rows", REPORT_SUMMED, REPORT_AT(diff_counts, unchanged)},
};

// ---- totals ----

static bool has_any(const struct report *report, const struct report_column *names)
{
    for (unsigned f = 0; f < DIFF_FORMS; f++)
        if (report_find_total(report, names[f].name))
            return true;
    return false;
}

// Adds the four forms of a total. Result: false if it has not changed.
static bool add_total(const struct report_total *base, const struct report_total *now,
                      struct report *diff)
{
    struct report_column forms[DIFF_FORMS],
        figure = {now->name, now->title,        now->unit,
                  0,         .kind = now->kind, .decimals = now->decimals};
    struct report_value values[DIFF_FORMS];
    if (!diff_compare(&figure, &base->value, &now->value, values))
        return false;
    diff_name_forms(diff->arena, &figure, forms);
    if (has_any(diff, forms)) {
        report_add_note(diff, REPORT_NOTE, "%s has changed, but its name is taken", now->name);
        return true;
    }
    for (unsigned f = 0; f < DIFF_FORMS; f++) {
        if (forms[f].kind == REPORT_NUMBER)
            report_add_number(diff, forms[f].name, forms[f].title, forms[f].unit, values[f].number);
        else
            report_add_real(diff, forms[f].name, forms[f].title, forms[f].unit, forms[f].decimals,
                            values[f].is_present ? values[f].real : NAN);
    }
    return true;
}

// Words, as the name of a cost model.
static void tell_text(const struct report_total *base, const struct report_total *now,
                      struct report *diff)
{
    report_add_note(diff, REPORT_NOTE, "%s: \"%.*s\" before, \"%.*s\" after", now->title,
                    TEXT_ARGS(base->value.text), TEXT_ARGS(now->value.text));
}

static struct diff_counts compare_totals(const struct report *base, const struct report *now,
                                         struct report *diff)
{
    struct diff_counts counts = {.table = "(totals)"};
    for (const struct report_total *total = now->totals; total; total = total->next) {
        const struct report_total *old = report_find_total(base, total->name);
        bool is_shared = old && old->kind == total->kind, has_changed = false;
        if (!is_shared) {
            report_add_note(diff, REPORT_NOTE, "%s is not in both reports", total->name);
        } else if (diff_is_figure(total->kind)) {
            has_changed = add_total(old, total, diff);
        } else if (!text_is_equal(old->value.text, total->value.text)) {
            has_changed = true;
            tell_text(old, total, diff);
        }
        counts.added += !is_shared;
        counts.changed += has_changed;
        counts.unchanged += is_shared && !has_changed;
    }
    for (const struct report_total *total = base->totals; total; total = total->next)
        if (!report_find_total(now, total->name)) {
            report_add_note(diff, REPORT_NOTE, "%s is not in both reports", total->name);
            counts.removed++;
        }
    return counts;
}

// ---- the whole ----

static void compare_table(const struct report_table *base, const struct report_table *now,
                          struct report *diff, struct report_table *rows)
{
    struct diff_counts counts;
    if (diff_tables(base, now, diff, &counts))
        report_add_row(rows, NULL, &counts);
}

int report_diff(const struct report *base, const struct report *report, struct arena *arena,
                struct report **diff, struct problem *problem)
{
    if (strcmp(base->name, report->name) != 0 || base->version != report->version)
        return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                           "reports of different schemas cannot be compared: frost/%.40s/%u and "
                           "frost/%.40s/%u",
                           base->name, base->version, report->name, report->version);
    *diff = report_create(arena, arena_format(arena, "%s-diff", report->name), 1,
                          arena_format(arena, "What has changed: %s", report->title));
    report_take_inputs(*diff, base);
    report_take_inputs(*diff, report);
    struct report_table *rows = REPORT_ADD_TABLE(*diff, "rows", "Rows that differ, by table",
                                                 count_columns);
    struct diff_counts totals = compare_totals(base, report, *diff);
    report_add_row(rows, NULL, &totals);
    for (const struct report_table *table = report->tables; table; table = table->next)
        compare_table(report_find_table(base, table->name), table, *diff, rows);
    for (const struct report_table *table = base->tables; table; table = table->next)
        if (!report_find_table(report, table->name))
            compare_table(table, NULL, *diff, rows);
    report_add_sum(rows);
    return STATUS_OK;
}
