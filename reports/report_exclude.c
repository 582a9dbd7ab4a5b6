// report_exclude.c: what matches is replaced, text by text.

#include "reports/report_exclude.h"

struct hider {
    struct arena *arena;
    const struct exclude *exclude;
};

static void hide_text(const struct hider *hider, struct text *text)
{
    *text = exclude_text(hider->exclude, hider->arena, *text);
}

static const char *hidden(const struct hider *hider, const char *text)
{
    struct text as_text = text_of(text);
    if (!exclude_matches(hider->exclude, as_text))
        return text;
    return exclude_text(hider->exclude, hider->arena, as_text).data;
}

static void hide_table(const struct hider *hider, struct report_table *table)
{
    bool has_hash = report_find_column(table, text_of("hash")) >= 0;
    table->title = hidden(hider, table->title);
    for (size_t i = 0; i < table->row_count * table->column_count; i++) {
        const struct report_column *column = &table->columns[i % table->column_count];
        struct report_value *cell = &table->cells[i];
        if (!cell->is_present || (column->kind != REPORT_TEXT && column->kind != REPORT_STRING))
            continue;
        if (column->kind == REPORT_TEXT || !has_hash)
            hide_text(hider, &cell->text);
        else if (exclude_matches(hider->exclude, cell->text))
            *cell = (struct report_value){0};
    }
}

void report_exclude(struct report *report, const struct exclude *exclude)
{
    struct hider hider = {report->arena, exclude};
    if (!exclude)
        return;
    report->title = hidden(&hider, report->title);
    for (struct report_input *input = report->inputs; input; input = input->next) {
        hide_text(&hider, &input->path);
        hide_text(&hider, &input->ending);
    }
    for (struct report_total *total = report->totals; total; total = total->next)
        if (total->value.is_present && total->kind == REPORT_TEXT)
            hide_text(&hider, &total->value.text);
    for (struct report_table *table = report->tables; table; table = table->next)
        hide_table(&hider, table);
    for (struct report_series *series = report->series; series; series = series->next)
        series->title = hidden(&hider, series->title);
    for (struct report_note *note = report->notes; note; note = note->next)
        hide_text(&hider, &note->text);
}
