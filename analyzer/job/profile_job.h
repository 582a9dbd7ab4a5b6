// profile_job.h: the work of `frost profile`: an application in several variants, a list chosen
// from the first.
//
// Writes: everything into a result (analyzer/base/result.h); runs that are not kept into its
// directory for scratch files.
// Memory: the arena of the context.

#ifndef FROST_JOB_PROFILE_JOB_H
#define FROST_JOB_PROFILE_JOB_H

#include "analyzer/analysis/size/size.h"
#include "analyzer/analysis/strings/strings.h"
#include "analyzer/base/result.h"
#include "analyzer/job/app_runner.h"
#include "analyzer/job/report_directory.h"
#include "analyzer/job/worlds.h"

// The ways that more than one job goes: the first is what the strings are chosen from.
#define VARIANT_FROM_LFS                                                                           \
    {                                                                                              \
        .step = "builds the image and runs it", .name = "from LFS", .has_image = true,             \
        .is_kept = true                                                                            \
    }
#define VARIANT_WITH_LIST                                                                          \
    {                                                                                              \
        .step = "runs with the list in the image", .name = "from LFS, with the list",              \
        .has_image = true, .list = APP_LIST_CHOSEN, .is_kept = true                                \
    }

#define PROFILE_VARIANT_COUNT 3u
// Where an application that has no room is looked at. Not more: with a collection before every
// allocation a program that fills its heap takes time with the square of it.
#define PROFILE_LARGE_HEAP "128 KB"
#define PROFILE_LARGE_HEAP_BYTES "131072"

// As it is; with the chosen list in the image; with a plain dump of debug.getstrings'RAM', which
// stands last, so that it can be left out.
extern const struct app_variant profile_variants[PROFILE_VARIANT_COUNT];

struct profile_job {
    struct app_runner runner; // its context and vm are set by the caller
    // The caller's. The first one has no list: it is what the others are compared with.
    const struct app_variant *variants;
    size_t variant_count;
    struct app_run *runs; // one for each variant
    // From files alone, as on the user's device today; if that has no room, with a larger heap.
    // `as_is_first`: of the first start, if that compiles sources on the device and removes them;
    // `as_is` is the second start then.
    struct app_run as_is, as_is_large, as_is_first;
    bool is_legacy_taken;                   // it runs with --firmware=legacy, not asked for
    struct app_plan_settings plan_settings; // the caller's
    struct result result;
    struct strings_settings strings_settings;
    const char *options; // of the command line, each with a space before it, for who repeats it
    struct strings first_strings;  // of the first run alone
    struct strings strings;        // of all worlds: what the list is
    bool has_worlds;               // that is another analysis
    struct worlds worlds;          // the caller sets the count
    struct report_directory views; // of the first run from the image
    struct replay_observer observers[REPORT_DIRECTORY_OBSERVERS_MAX + 1]; // of it
};

// Makes directories and finds the programs. `target` must be new, empty, or an earlier result.
int profile_begin(struct profile_job *job, const char *directory, const char *target,
                  struct problem *problem) __attribute__((warn_unused_result));

// Does the work up to the measured figures. Errors: those of the parts; STATUS_USAGE with exit
// status 1 in mind: `*compile_failed` says that the compiler has refused a source and said why.
int profile_work(struct profile_job *job, bool *compile_failed, struct problem *problem)
    __attribute__((warn_unused_result));

// True if the application as it is ran out of memory: it fails, but not in a larger heap.
bool profile_has_no_room(const struct profile_job *job);

// Gives back what the job holds, and removes a result that has not got its name.
void profile_end(struct profile_job *job);

// The run with that list, NULL if it was not done.
const struct app_run *profile_run_with(const struct profile_job *job, enum app_list list);

// What the list, or the plain dump, was predicted to save in the first run.
int64_t profile_predicted(const struct profile_job *job, enum app_list list);

// Bytes that the highest point fell by in that run, against the first one.
int64_t profile_saved(const struct profile_job *job, const struct app_run *run);

// Bytes that the image grew by.
int64_t profile_grown(const struct profile_job *job, const struct app_run *run);

// True if the run printed what the first one printed.
bool profile_output_is_same(const struct profile_job *job, const struct app_run *run);

// The result as a report: "frost/profile/1".
struct report *profile_report(const struct profile_job *job);

#endif
