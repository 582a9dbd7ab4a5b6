// strings_list_report.c: what is right and wrong with a list that somebody wrote, as tables.

#include "analyzer/analysis/strings/strings_report.h"
#include "analyzer/analysis/strings/strings_report_parts.h"

struct list_row {
    const char *finding;
    int64_t line, peak_bytes, flash_bytes;
    struct report_value text;
};

static const struct report_column list_columns[] = {
    {"finding", "finding", "", 0, REPORT_AT(list_row, finding)},
    {"line", "line", "", 0, REPORT_AT(list_row, line)},
    {"peak_bytes", "peak", "bytes", REPORT_SUMMED, REPORT_AT(list_row, peak_bytes)},
    {"flash_bytes", "flash", "bytes", REPORT_SUMMED, REPORT_AT(list_row, flash_bytes)},
    {"text", "text", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, list_row, text)},
};

static void add_list(const struct strings *strings, const struct strings_check *check,
                     struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "list", "The list, string by string",
                                                  list_columns);
    for (uint32_t i = 0; i < check->count; i++) {
        const struct strings_checked *item = &check->items[i];
        bool is_counted = item->text != HEAP_NO_TEXT && item->finding != STRINGS_FINDING_TWICE;
        struct list_row row = {strings_finding_name(item->finding), item->line,
                               is_counted ? strings_peak_bytes(strings, item->text) : 0,
                               item->flash_bytes, report_text(item->bytes)};
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

// The columns that a string has which is not in the list.
static const struct report_column missing_columns[] = {
    {"peak_bytes", "peak", "bytes", REPORT_SUMMED, REPORT_AT(list_row, peak_bytes)},
    {"flash_bytes", "flash", "bytes", REPORT_SUMMED, REPORT_AT(list_row, flash_bytes)},
    {"text", "text", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AS(REPORT_STRING, list_row, text)},
};

static void add_missing(const struct strings *strings, const struct strings_check *check,
                        struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "missing", "Good strings that it lacks",
                                                  missing_columns);
    for (uint32_t i = 0; i < check->missing_count; i++) {
        const struct heap_text *text = strings_text_at(strings, check->missing[i]);
        struct list_row row = {.peak_bytes = strings_peak_bytes(strings, check->missing[i]),
                               .flash_bytes = strings_flash_item(text->bytes),
                               .text = report_text(text->content)};
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

void strings_check_fill_report(const struct strings *strings, const struct strings_check *check,
                               struct report *report)
{
    report_add_number(report, "peak_bytes", "RAM at the highest point", "bytes",
                      (int64_t)strings->profile->moment_bytes[HEAP_MOMENT_PEAK]);
    report_add_number(report, "list_strings", "strings in the list", "", check->count);
    report_add_number(report, "good_strings", "of them good", "",
                      check->by_finding[STRINGS_FINDING_GOOD]);
    report_add_number(report, "saved_bytes", "saved by the list, predicted", "bytes",
                      check->list.saved_bytes);
    report_add_number(report, "best_saved_bytes", "saved by frost's own choice", "bytes",
                      strings->chosen.saved_bytes);
    report_add_number(report, "wasted_flash_bytes", "flash for strings that save nothing", "bytes",
                      (int64_t)check->wasted_flash_bytes);
    report_add_number(report, "missing_strings", "good strings that it lacks", "",
                      check->missing_count);
    add_list(strings, check, report);
    add_missing(strings, check, report);
}
