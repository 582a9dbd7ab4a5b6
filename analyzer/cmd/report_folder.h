// report_folder.h: the folder that `frost report` and `frost profile` leave: the page, the summary,
// plots and exports.
//
//   report.html    all reports on one page, the summary first
//   summary.md     the same under 60 kB, for a step summary or a comment
//   NAME.json, NAME.txt   each report (report_folder_write_reports)
//   plots/         NAME.tsv, NAME.gp and, with gnuplot, NAME.svg
//   exports/       each trace in the formats of other tools; of several traces in run1, run2 ...
//
// Memory: the arena of the call.

#ifndef FROST_CMD_REPORT_FOLDER_H
#define FROST_CMD_REPORT_FOLDER_H

#include "analyzer/cmd/command.h"
#include "reports/report.h"

#define REPORT_FOLDER_REPORTS_MAX 8u

struct report_folder {
    struct call *call;
    const char *title;
    const char *path; // exists
    const char *const *traces;
    const char *const *names; // of the runs; NULL: the folders
    size_t trace_count;
    const char *model;
    bool includes_input;
    bool is_stock;             // of stock firmware: no reads, no sites, so no exports
    struct report *reports[REPORT_FOLDER_REPORTS_MAX]; // the caller's first, as they are to appear
    size_t report_count;
};

// Analyses the traces further (hot spots, collector) and adds these reports.
int report_folder_analyse(struct report_folder *folder, struct problem *problem)
    __attribute__((warn_unused_result));

// Writes reports from number `first` on as text and JSON.
int report_folder_write_reports(const struct report_folder *folder, size_t first,
                                struct problem *problem) __attribute__((warn_unused_result));

// Writes page, summary, plots and exports. Adds the ages of strings to the first report.
int report_folder_write_views(struct report_folder *folder, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
