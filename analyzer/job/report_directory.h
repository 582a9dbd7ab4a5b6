// report_directory.h: the directory that `frost report` and `frost profile` leave: the page, the
// summary, plots and exports.
//
//   report.html    all reports on one page, the summary first
//   summary.md     the same under 60 kB, for a step summary or a comment
//   NAME.json, NAME.txt   each report (report_directory_write_reports)
//   plots/         NAME.tsv, NAME.gp and, with gnuplot, NAME.svg
//   exports/       each trace in the formats of other tools; of several traces in run1, run2 ...
//
// All analyses take part in one replay of the traces, which is the caller's: it calls
// report_directory_begin(), replays with the directory's observers, and report_directory_end().
// Memory: the arena of the context.

#ifndef FROST_JOB_REPORT_DIRECTORY_H
#define FROST_JOB_REPORT_DIRECTORY_H

#include "analyzer/analysis/advice/advice.h"
#include "analyzer/analysis/heap/replay.h"
#include "analyzer/job/job_context.h"
#include "reports/report.h"

#define REPORT_DIRECTORY_REPORTS_MAX 10u
#define REPORT_DIRECTORY_OBSERVERS_MAX 6u

struct flash_work;
struct hot;
struct gc;
struct holders;
struct report_exports;
struct strings_list;

struct report_directory {
    const struct job_context *context;
    const char *title;
    const char *path; // exists
    const char *const *traces;
    const char *const *names; // of the runs; NULL: the directories
    size_t trace_count;
    const char *model;
    bool includes_input;
    bool is_stock; // of stock firmware: no reads, no sites, so no exports
    struct replay_observer observers[REPORT_DIRECTORY_OBSERVERS_MAX];
    size_t observer_count;
    struct hot *hot;
    const struct flash_work *flash;
    struct gc *gc;
    struct holders *holders; // of the first trace
    struct report_exports *exports;
    struct report
        *reports[REPORT_DIRECTORY_REPORTS_MAX]; // the caller's first, as they are to appear
    size_t report_count;
    struct advice advice; // all findings, of the summary
};

// Makes the directory's observers: hot spots, collector, exports; of stock firmware the heap over
// time. Exports are written into the directory when the replay of a trace ends.
int report_directory_begin(struct report_directory *directory, struct problem *problem)
    __attribute__((warn_unused_result));

// Adds the reports of these after the replay, and their findings to the advice; not of stock
// firmware, which has none.
void report_directory_end(struct report_directory *directory);

// Puts a report in front of the others.
void report_directory_put_first(struct report_directory *directory, struct report *report);

// Adds the list of strings to the advice: what it saves, predicted.
void report_directory_advise_list(struct report_directory *directory,
                                  const struct strings_list *list);

// Writes reports from number `first` on as text and JSON.
int report_directory_write_reports(const struct report_directory *directory, size_t first,
                                   struct problem *problem) __attribute__((warn_unused_result));

// Writes page, summary and plots. Adds the ages of strings to the first report.
int report_directory_write_views(struct report_directory *directory, struct problem *problem)
    __attribute__((warn_unused_result));

// Gives back what is not the context's, also when something has failed.
void report_directory_deinit(struct report_directory *directory);

#endif
