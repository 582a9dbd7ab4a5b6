// app_needs.h: what an application uses that is not there, as its sources tell before it runs:
// modules of the firmware that frost lacks, files that it loads and that its directory has not.
//
// Starts the runtime once, which writes the list of what it lacks into the scratch directory.
// Memory: the arena of the context.

#ifndef FROST_JOB_APP_NEEDS_H
#define FROST_JOB_APP_NEEDS_H

#include "analyzer/job/app_uses.h"
#include "analyzer/job/vm_settings.h"

enum app_need_kind {
    APP_NEEDS_MODULE, // of the firmware: "u8g2"
    APP_NEEDS_PART,   // of such a module: "wifi.monitor.start"
    APP_NEEDS_FORM,   // of older firmware: "tmr.alarm"
    APP_NEEDS_FILE,   // "config.lua"
};

struct app_need {
    enum app_need_kind kind;
    struct text name;
    const char *places; // "display.lua:12, 30"; where there are many, the first of them
    const char *remedy; // a few words: what to do
};

struct app_needs {
    struct app_need *items;
    size_t count;
};

// `vm`: --module gives names that are no longer absent. Errors: STATUS_IO, STATUS_NOT_FOUND.
int app_needs_find(const struct job_context *context, const struct app_directory *app,
                   const struct app_uses *uses, const struct vm_settings *vm, const char *runtime,
                   const char *scratch, struct app_needs *needs, struct problem *problem)
    __attribute__((warn_unused_result));

// One line about each, on standard error.
void app_needs_say(const struct job_context *context, const struct app_needs *needs);

#endif
