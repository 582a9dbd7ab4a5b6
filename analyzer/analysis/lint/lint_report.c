// lint_report.c: findings as a report.

#include <stdlib.h>

#include "analyzer/analysis/lint/lint.h"

struct finding_row {
    const char *level, *rule;
    struct text path;
    struct report_value line;
    const char *message, *fix;
};

static const struct report_column finding_columns[] = {
    {"level", "level", "", 0, REPORT_AT(finding_row, level)},
    {"path", "file", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(finding_row, path)},
    {"line", "line", "", 0, REPORT_AT(finding_row, line)},
    {"rule", "rule", "", REPORT_KEY, REPORT_AT(finding_row, rule)},
    {"message", "finding", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(finding_row, message)},
    {"fix", "fix", "", REPORT_MAY_CUT, REPORT_AT(finding_row, fix)},
};

struct rule_row {
    const char *rule, *title;
    uint64_t count;
};

static const struct report_column rule_columns[] = {
    {"rule", "rule", "", REPORT_KEY, REPORT_AT(rule_row, rule)},
    {"title", "what it finds", "", 0, REPORT_AT(rule_row, title)},
    {"count", "findings", "", REPORT_SUMMED, REPORT_AT(rule_row, count)},
};

static int compare_findings(const void *x, const void *y)
{
    const struct lint_finding *a = x, *b = y;
    enum lint_level a_level = lint_about(a->rule)->level, b_level = lint_about(b->rule)->level;
    if (a_level != b_level)
        return a_level > b_level ? -1 : 1;
    int order = text_compare(a->path, b->path);
    if (order == 0)
        order = (a->line > b->line) - (a->line < b->line);
    if (order == 0)
        order = (a->rule > b->rule) - (a->rule < b->rule);
    return order ? order : text_compare(text_of(a->message), text_of(b->message));
}

size_t lint_fill_report(struct lint *lint, struct report *report)
{
    uint64_t counts[LINT_RULE_COUNT] = {0};
    size_t serious = 0;
    if (lint->finding_count)
        qsort(lint->findings, lint->finding_count, sizeof *lint->findings, compare_findings);
    struct report_table *table = REPORT_ADD_TABLE(report, "findings", "Findings", finding_columns);
    for (size_t i = 0; i < lint->finding_count; i++) {
        const struct lint_finding *finding = &lint->findings[i];
        const struct lint_about *about = lint_about(finding->rule);
        struct finding_row row = {lint_level_name(about->level),
                                  about->name,
                                  finding->path,
                                  {0},
                                  finding->message,
                                  finding->fix};
        if (finding->line > 0)
            row.line = report_number(finding->line);
        report_add_row(table, NULL, &row);
        counts[finding->rule]++;
        serious += about->level > LINT_NOTE;
    }
    table = REPORT_ADD_TABLE(report, "rules", "Findings by rule", rule_columns);
    for (unsigned rule = 0; rule < LINT_RULE_COUNT; rule++) {
        const struct lint_about *about = lint_about((enum lint_rule)rule);
        if (counts[rule])
            report_add_row(table, NULL,
                           &(struct rule_row){about->name, about->title, counts[rule]});
    }
    report_add_sum(table);
    report_add_number(report, "files", "files", "", (int64_t)lint->unit_count);
    report_add_number(report, "findings", "findings", "", (int64_t)lint->finding_count);
    report_add_number(report, "allowed", "allowed by comments", "", (int64_t)lint->allowed_count);
    return serious;
}
