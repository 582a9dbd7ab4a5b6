// report_exports.h: exports of every trace of a report, written when its replay ends.
//
// Memory: of the first trace in the arena of the context; of the others given back with their
// replay.

#ifndef FROST_JOB_REPORT_EXPORTS_H
#define FROST_JOB_REPORT_EXPORTS_H

#include "analyzer/analysis/export/export_fill.h"
#include "analyzer/job/report_directory.h"

struct report_exports {
    const struct report_directory *directory;
    struct cost_model model;
    struct export_settings settings;
    struct arena arena;            // of the present trace, if it is not the first
    struct replay_observer filler; // of the present trace
    struct export_profile profile; // of the present trace
    struct export_profile first;   // of the first one
};

// Makes ready: `observer` fills the profile of each trace and writes it into exports/ of the
// directory. Errors: those of cost_model_load(), while observing those of writing.
int report_exports_begin(struct report_exports *exports, const struct report_directory *directory,
                         struct replay_observer *observer, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
