// app_runner.h: builds and runs an application in several ways, so that they can be compared.
//
// Starts frostluac and, through the recorder, the probed VM. Writes: the files of each run where
// the caller says, and in the scratch directory that it gives. Each run has a fresh file system
// with the same paths, so that they are the same strings. Memory: the arena of the context.

#ifndef FROST_JOB_APP_RUNNER_H
#define FROST_JOB_APP_RUNNER_H

#include "analyzer/analysis/heap/heap_profile.h"
#include "analyzer/analysis/heap/moments.h"
#include "analyzer/image/image_reader.h"
#include "analyzer/job/app_needs.h"
#include "analyzer/job/app_plan.h"
#include "analyzer/job/app_replay.h"
#include "analyzer/job/job_context.h"
#include "analyzer/job/vm_settings.h"
#include "collectors/host/recorder.h"

// Strings that an image holds besides those of the modules.
enum app_list { APP_NO_LIST, APP_LIST_CHOSEN, APP_LIST_DUMP };

// A way to build and run the application: a row of what is compared.
struct app_variant {
    const char *step;           // what is said while it is made
    const char *name;           // in tables of ways; NULL: not shown in one
    bool has_image;             // modules lie in an LFS image; else they are files, compiled in RAM
    bool is_list_only;          // the image holds the list alone, modules are files
    enum app_list list;         // needs the image
    const char *const *options; // of the VM, beyond the user's, NULL at the end; NULL: none
    bool is_kept;               // its files belong to the result
};

// One build and run.
struct app_run {
    const char *name; // "run1": as directory "run1.trace", image "lfs1.img", output "run1.txt"
    const char *image_path;
    const char *trace_path;
    const char *output_path;   // what the program printed
    const struct image *image; // NULL: none was built
    struct recorder_result result;
    bool has_failed;            // the program; not, if it was ended
    struct heap_profile *heap;  // of this run alone; NULL until measured
    struct moments moments;     // of it
    struct app_replay replay;   // what the world gave it
    const char *session_failed; // script whose status was not 0; NULL: none
    int session_status;
    bool is_done;
};

struct app_runner {
    const struct job_context *context;
    struct vm_settings vm;              // the user's
    const struct option_list *supplied; // NAME=FILE, the caller's; NULL: none
    const struct option_list *sessions; // scripts, the caller's; NULL or empty: none
    const char *world_files;            // directory: "2/..." has files of world 2; NULL: none
    uint64_t ready_after_ms;            // struct session
    const struct app_run *recording;    // what runs are replays of; NULL: of none
    struct app_directory app;
    struct app_uses uses;
    struct app_needs needs;
    struct app_plan plan;
    const char *scratch; // an empty directory, the caller's
    const char *sources; // directory with other sources for images; NULL: the application's
    const char *compiler;
    const char *runtime; // programs
    const char *settled; // files as the first start leaves them; NULL: as they are brought there
    uint32_t list_slots; // of the hash vector of images with the chosen list; 0: as luac.cross does
    bool is_silent;      // messages of programs are dropped: they have been seen
    bool hides_failures; // those of a program that fails are
};

// Looks at the directory, finds the programs, copies the sources and looks at them. `context`, `vm`
// and `scratch` are set.
int app_runner_begin(struct app_runner *runner, const char *directory, struct problem *problem)
    __attribute__((warn_unused_result));

// From now on runs without modules in an image find the files as the last run has left them.
int app_runner_settle(struct app_runner *runner, struct problem *problem)
    __attribute__((warn_unused_result));

// Decides what goes into the image, and writes what is generated; after app_seen_read().
int app_runner_plan(struct app_runner *runner, const struct app_plan_settings *settings,
                    struct problem *problem) __attribute__((warn_unused_result));
// Copies the sources that images are made of, with the generated ones; after app_runner_plan().
int app_runner_copy_sources(struct app_runner *runner, const char *target, struct problem *problem)
    __attribute__((warn_unused_result));
// The generated sources, NULL: there is none.
const char *app_runner_init(const struct app_runner *runner);
const char *app_runner_start(const struct app_runner *runner);

// Names of run `number` (from 1), whose files lie in `directory`.
void app_run_name(struct app_run *run, struct arena *arena, const char *directory, size_t number);

// Builds the variant and runs it, as a replay of the recording if there is one; with inputs of its
// own if it cannot be one, or does something else (run->replay says what). `list` is the source of
// its preload list, NULL without one. Result: STATUS_OK, 1 if the compiler refused a source and
// said why, or a failure.
int app_runner_record(struct app_runner *runner, const struct app_variant *variant,
                      const char *list, struct app_run *run, struct problem *problem)
    __attribute__((warn_unused_result));

// True if the run has told of a form of older firmware that --firmware=legacy has.
bool app_run_wants_legacy(const struct app_runner *runner, const struct app_run *run);

// Reads heap and moments out of the trace of a run that is done. `includes_input`: moments.h.
int app_run_measure(struct app_run *run, bool includes_input, struct arena *arena,
                    struct problem *problem) __attribute__((warn_unused_result));

#endif
