// report_options.h: the options of commands whose result is a report.
//
// Memory: none of its own.

#ifndef FROST_CMD_REPORT_OPTIONS_H
#define FROST_CMD_REPORT_OPTIONS_H

#include "analyzer/cmd/command.h"
#include "reports/renderer.h"
#include "reports/report_view.h"

struct report_settings {
    int format; // index in renderer_list
    uint64_t rows_max;
    bool has_human_sizes;
    struct report_view view;
    struct option_list exclude;
};

// One row of the option table per field; `S` is the settings struct that holds a report_settings
// as member `report`.
// clang-format off
#define REPORT_OPTIONS(S)                                                                         \
    {OPTION_CHOICE, 0, "format", "NAME", "text", "text, json, markdown or html",                  \
     offsetof(S, report.format), 0, 0, renderer_words, 0},                                        \
    {OPTION_PRESET, 0, "json", NULL, NULL, "the same as --format=json",                           \
     offsetof(S, report.format), 0, 0, NULL, 1},                                                  \
    {OPTION_COUNT, 0, "top", "N", NULL, "rows of each table (20 in text, all in JSON)",           \
     offsetof(S, report.rows_max), 1, 0, NULL, 0},                                                \
    {OPTION_STRING, 0, "sort", "KEY", NULL,                                                       \
     "order the rows that the report holds by a column, named as in JSON: numbers descending, "   \
     "texts ascending; -KEY always descending, +KEY ascending",                                   \
     offsetof(S, report.view.sort), 0, 0, NULL, 0},                                        \
    {OPTION_STRING, 0, "fields", "LIST", NULL,                                                    \
     "only these columns, named as in JSON, in this order: site,bytes; tables without any of "    \
     "them stay whole",                                                                           \
     offsetof(S, report.view.fields), 0, 0, NULL, 0},                                      \
    EXCLUDE_OPTION(S, report.exclude),                                                            \
    {OPTION_FLAG, 'H', "human", NULL, NULL, "sizes in KiB",                                       \
     offsetof(S, report.has_human_sizes), 0, 0, NULL, 0}
// clang-format on

// Arranges a report as --sort and --fields say and writes it to standard output. Result: an exit
// status, EXIT_STATUS_USAGE if no table has such a column.
int report_settings_write(struct call *call, const struct report_settings *settings,
                          struct report *report);

// Says on standard error what is wrong with the inputs of a report: runs that did not end by
// themselves, losses. `is_shown`: unless the report is about to say so on the same terminal.
void report_say_inputs(const struct call *call, const struct report *report, bool is_shown);

#endif
