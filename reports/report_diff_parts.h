// report_diff_parts.h: what the files of report_diff share.

#ifndef FROST_REPORTS_REPORT_DIFF_PARTS_H
#define FROST_REPORTS_REPORT_DIFF_PARTS_H

#include "reports/report.h"

// Columns or totals of the result for a figure, in their order.
enum diff_form { DIFF_BASE, DIFF_NOW, DIFF_CHANGE, DIFF_PERCENT, DIFF_FORMS };

// The four forms of a figure: name, title and unit of each, and its kind.
void diff_name_forms(struct arena *arena, const struct report_column *figure,
                     struct report_column out[DIFF_FORMS]);

// Fills in the values of the four forms; an absent one counts as 0. Result: true if the change
// shows with the decimals of the figure.
bool diff_compare(const struct report_column *figure, const struct report_value *base,
                  const struct report_value *now, struct report_value out[DIFF_FORMS]);

// now - base, in the kind of the figure; absent if both are.
struct report_value diff_of(enum report_kind kind, const struct report_value *base,
                            const struct report_value *now);

// True if a change of a figure shows with its decimals.
bool diff_shows(const struct report_column *figure, const struct report_value *change);

// The figure as a real, 0 if it is absent.
double diff_real(enum report_kind kind, const struct report_value *value);

static inline bool diff_is_figure(enum report_kind kind)
{
    return kind == REPORT_NUMBER || kind == REPORT_REAL;
}

// How many rows of a table differ.
struct diff_counts {
    const char *table;
    uint64_t added, removed, changed, unchanged;
};

// Compares two tables of one name, of which one may be NULL, and adds a table to `diff`. Result:
// false if they cannot be compared, which a note tells.
bool diff_tables(const struct report_table *base, const struct report_table *now,
                 struct report *diff, struct diff_counts *counts);

#endif
