// app_options.h: the options of commands that run an application in several ways: profile, compare.
//
// Memory: none of its own.

#ifndef FROST_CMD_APP_OPTIONS_H
#define FROST_CMD_APP_OPTIONS_H

#include "analyzer/cmd/command.h"
#include "analyzer/cmd/list_options.h"
#include "analyzer/cmd/report_options.h"
#include "analyzer/cmd/vm_options.h"
#include "analyzer/job/profile_job.h"

struct app_settings {
    struct app_plan_settings plan;
    struct option_list sessions, supplied;
    uint64_t ready_after_ms;
    const char *world_files;
};

// One row of the option table per field; `S` is the settings struct that holds an app_settings as
// member `app`.
// clang-format off
#define APP_OPTIONS(S)                                                                            \
    {OPTION_LIST, 0, "session", "SCRIPT", NULL,                                                   \
     "clients: started when the program listens, with FROST_PORT_80 and the like; repeatable; "   \
     "a name that ends with .lua is a world script",                                             \
     offsetof(S, app.sessions), 0, 0, NULL, 0},                                                   \
    {OPTION_COUNT, 0, "ready-after", "MS", NULL,                                                  \
     "start the session then, whether it listens or not", offsetof(S, app.ready_after_ms),        \
     0, 0, NULL, 0},                                                                              \
    {OPTION_LIST, 0, "file", "NAME=FILE", NULL,                                                   \
     "a file of the device that the directory lacks, such as a configuration; repeatable",        \
     offsetof(S, app.supplied), 0, 0, NULL, 0},                                                   \
    {OPTION_STRING, 0, "world-files", "DIRECTORY", NULL,                                          \
     "its directories 2, 3 ... have files that are otherwise in that world",                      \
     offsetof(S, app.world_files), 0, 0, NULL, 0},                                                \
    {OPTION_LIST, 0, "lfs", "GLOB", NULL, "files that become modules of the image in any case",   \
     offsetof(S, app.plan.modules), 0, 0, NULL, 0},                                               \
    {OPTION_LIST, 0, "keep", "GLOB", NULL, "files that stay files in any case",                   \
     offsetof(S, app.plan.files), 0, 0, NULL, 0}
// clang-format on

// What a command does with an application.
struct app_command {
    const struct app_settings *app;
    const struct vm_settings *vm;
    const struct list_settings *list;
    const struct app_variant *variants;
    size_t variant_count;
    uint32_t world_count; // 0: one, and none held out
    const char *output;   // directory of the result
    // Runs the variants, and makes and shows what is to come of them. Result: an exit status.
    int (*work)(struct call *call, struct profile_job *job);
};

// Checks the settings, begins the job for the only operand, a directory, and ends it behind `work`.
// Result: that of `work`, or the status of what has been said.
int app_command_run(struct call *call, const struct app_command *command);

// For a command whose result is a report of variants that all have to be there: runs them, and
// writes what `make` makes of them to standard output.
int app_command_report(struct call *call, struct profile_job *job,
                       const struct report_settings *settings,
                       int (*make)(struct profile_job *job, struct report **report,
                                   struct problem *problem));

#endif
