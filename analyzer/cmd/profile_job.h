// profile_job.h: the work of `frost profile`: images, runs, analyses, in their order.
//
// Writes: everything into a result folder (result_folder.h); a scratch folder that is
// removed. Starts frostluac and, through the recorder, the probed VM.
// Memory: the arena of the call.

#ifndef FROST_CMD_PROFILE_JOB_H
#define FROST_CMD_PROFILE_JOB_H

#include "analyzer/analysis/size.h"
#include "analyzer/analysis/strings.h"
#include "analyzer/cmd/app_folder.h"
#include "analyzer/cmd/command.h"
#include "analyzer/cmd/result_folder.h"
#include "analyzer/cmd/vm_options.h"
#include "collectors/host/recorder.h"

// One build and run of the application.
struct profile_run {
    const char *name;         // "run1": as folder "run1.trace", image "lfs1.img", output "run1.txt"
    const char *image_path;
    const char *trace_path;
    const char *output_path;  // what the program printed
    const struct image *image;
    struct recorder_result result;
    struct heap_profile *heap; // of this run alone; NULL until measured
    bool is_done;
};

enum profile_run_number { PROFILE_PLAIN, PROFILE_LIST, PROFILE_DUMP, PROFILE_RUN_COUNT };

struct profile_job {
    struct call *call;
    struct vm_settings vm;
    struct app_folder app;
    struct result_folder result;
    const char *scratch;  // removed at the end
    const char *compiler; // programs
    const char *runtime;
    struct profile_run runs[PROFILE_RUN_COUNT];
    struct strings_settings strings_settings;
    struct strings strings;
    bool compares_dump;   // also runs with a plain dump of debug.getstrings'RAM'
};

// Makes folders and finds the programs. `target` must be new, empty, or an earlier result.
int profile_begin(struct profile_job *job, const char *folder, const char *target,
                  struct problem *problem) __attribute__((warn_unused_result));

// Does the work up to the measured figures. Errors: those of the parts; STATUS_USAGE with exit
// status 1 in mind: `*compile_failed` says that the compiler has refused a source and said why.
int profile_work(struct profile_job *job, bool *compile_failed, struct problem *problem)
    __attribute__((warn_unused_result));

// Gives back what the job holds, and removes a result that has not got its name.
void profile_end(struct profile_job *job);

// Bytes that the highest point fell by in that run, against the plain one.
int64_t profile_saved(const struct profile_job *job, enum profile_run_number number);

// Bytes that the image grew by.
int64_t profile_grown(const struct profile_job *job, enum profile_run_number number);

// True if the run printed what the plain one printed.
bool profile_output_is_same(const struct profile_job *job, enum profile_run_number number);

// The result as a report: "frost/profile/1".
struct report *profile_report(const struct profile_job *job);

#endif
