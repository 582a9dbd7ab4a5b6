// findings_text.c: findings as lines of text.

#include "reports/findings_text.h"

#include <inttypes.h>

#include "analyzer/base/output.h"
#include "analyzer/base/safe_text.h"

struct listing {
    FILE *file;
    const struct report_table *table;
    struct arena *scratch;
};

static struct report_value cell(const struct listing *out, size_t row, const char *column)
{
    int c = report_find_column(out->table, text_of(column));
    return c < 0 ? (struct report_value){0}
                 : out->table->cells[row * out->table->column_count + (size_t)c];
}

static struct text words(const struct listing *out, size_t row, const char *column)
{
    struct report_value value = cell(out, row, column);
    return value.is_present ? safe_text(out->scratch, value.text) : text_of("");
}

static void put_finding(const struct listing *out, size_t row)
{
    struct report_value line = cell(out, row, "line");
    fprintf(out->file, "%.*s:", TEXT_ARGS(words(out, row, "path")));
    if (line.is_present)
        fprintf(out->file, "%" PRId64 ":", line.number);
    fprintf(out->file, " %.*s: %.*s [%.*s]\n", TEXT_ARGS(words(out, row, "level")),
            TEXT_ARGS(words(out, row, "message")), TEXT_ARGS(words(out, row, "rule")));
    fprintf(out->file, "    %.*s\n", TEXT_ARGS(words(out, row, "fix")));
}

int findings_text_write(const struct report *report, struct arena *scratch, struct problem *problem)
{
    struct output output;
    int status = output_open(&output, "-", scratch, problem);
    if (status != STATUS_OK)
        return status;
    struct listing out = {output.file, report_find_table(report, "findings"), scratch};
    for (size_t i = 0; out.table && i < out.table->row_count; i++)
        put_finding(&out, i);
    const char *before = "";
    for (const struct report_total *total = report->totals; total; total = total->next) {
        if (total->kind != REPORT_NUMBER)
            continue;
        fprintf(output.file, "%s%s: %" PRId64, before, total->title, total->value.number);
        before = ", ";
    }
    fputs(*before ? "\n" : "", output.file);
    return output_close(&output, problem);
}
