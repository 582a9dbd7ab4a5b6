// report_diff_forms.c: a figure of two reports in its four forms: before, after, change, percent.

#include <math.h>

#include "reports/report_diff_parts.h"

double diff_real(enum report_kind kind, const struct report_value *value)
{
    if (!value->is_present)
        return 0;
    return kind == REPORT_REAL ? value->real : (double)value->number;
}

// Numbers wrap, as far apart as they may be.
struct report_value diff_of(enum report_kind kind, const struct report_value *base,
                            const struct report_value *now)
{
    if (!base->is_present && !now->is_present)
        return (struct report_value){0};
    if (kind == REPORT_REAL)
        return report_real(diff_real(kind, now) - diff_real(kind, base));
    uint64_t before = base->is_present ? (uint64_t)base->number : 0;
    uint64_t after = now->is_present ? (uint64_t)now->number : 0;
    return report_number((int64_t)(after - before));
}

bool diff_shows(const struct report_column *figure, const struct report_value *change)
{
    double size = fabs(diff_real(figure->kind, change));
    return figure->kind == REPORT_REAL ? size * pow(10, figure->decimals) >= 0.5 : size > 0;
}

bool diff_compare(const struct report_column *figure, const struct report_value *base,
                  const struct report_value *now, struct report_value out[DIFF_FORMS])
{
    double whole = fabs(diff_real(figure->kind, base));
    out[DIFF_BASE] = *base;
    out[DIFF_NOW] = *now;
    out[DIFF_CHANGE] = diff_of(figure->kind, base, now);
    out[DIFF_PERCENT] = (struct report_value){0};
    if (whole > 0)
        out[DIFF_PERCENT] = report_real(diff_real(figure->kind, &out[DIFF_CHANGE]) / whole * 100);
    return diff_shows(figure, &out[DIFF_CHANGE]);
}

void diff_name_forms(struct arena *arena, const struct report_column *figure,
                     struct report_column out[DIFF_FORMS])
{
    static const struct {
        const char *prefix, *suffix, *words;
    } forms[DIFF_FORMS] = {
        [DIFF_BASE] = {"base_", "", "before"},
        [DIFF_NOW] = {"", "", "after"},
        [DIFF_CHANGE] = {"change_", "", "change"},
        [DIFF_PERCENT] = {"", "_change_percent", "change in %"},
    };
    for (enum diff_form f = DIFF_BASE; f < DIFF_FORMS; f++) {
        out[f] = *figure;
        out[f].name = arena_format(arena, "%s%s%s", forms[f].prefix, figure->name, forms[f].suffix);
        out[f].title = arena_format(arena, "%s, %s", figure->title, forms[f].words);
    }
    out[DIFF_PERCENT].unit = "%";
    out[DIFF_PERCENT].kind = REPORT_REAL;
    out[DIFF_PERCENT].decimals = 1;
}
