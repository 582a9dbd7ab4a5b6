// cmd_compare.c: `frost compare`: the same program in several ways, side by side.

#include <stdio.h>
#include <unistd.h>

#include "analyzer/cmd/app_options.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/job/compare_job.h"

struct settings {
    struct vm_settings vm;
    const char *output;
    struct list_settings list;
    struct app_settings app;
    struct report_settings report;
};

static const struct option options[] = {
    {OPTION_STRING, 'o', "output", "DIRECTORY", "frost-compare",
     "directory of the result, for an application", offsetof(struct settings, output), 0, 0, NULL,
     0},
    LIST_OPTIONS(struct settings),
    APP_OPTIONS(struct settings),
    VM_OPTIONS(struct settings),
    REPORT_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

// ---- traces ----

static bool is_trace(struct call *call, const char *path)
{
    return access(arena_format(call->perm, "%s/metadata", path), F_OK) == 0;
}

static int compare_traces(struct call *call)
{
    const struct settings *settings = call->settings;
    struct job_context context = command_context(call);
    struct problem problem = {0};
    struct report *report;
    if (compare_traces_report(&context, call->operands, call->operand_count, settings->list.model,
                              &report, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    return report_settings_write(call, &settings->report, report);
}

// ---- an application ----

static int make_report(struct profile_job *job, struct report **report, struct problem *problem)
{
    const struct job_context *context = job->runner.context;
    int status = compare_job_report(job, report, problem);
    if (status == STATUS_OK)
        status = compare_write(context, *report, job->result.scratch, problem);
    if (status == STATUS_OK)
        status = result_finish(&job->result, problem);
    if (status == STATUS_OK)
        job_say(context, "result in %s", job->result.target);
    return status;
}

static int work(struct call *call, struct profile_job *job)
{
    const struct settings *settings = call->settings;
    return app_command_report(call, job, &settings->report, make_report);
}

static int compare_application(struct call *call)
{
    const struct settings *settings = call->settings;
    const struct app_command command = {.app = &settings->app,
                                        .vm = &settings->vm,
                                        .list = &settings->list,
                                        .variants = compare_variants,
                                        .variant_count = COMPARE_VARIANT_COUNT,
                                        .output = settings->output,
                                        .work = work};
    return app_command_run(call, &command);
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    if (command_exclude(call, &settings->report.exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (call->operand_count == 0)
        return command_misused(call, "needs the directory of an application, or traces");
    if (call->operand_count == 1 && !is_trace(call, call->operands[0]))
        return compare_application(call);
    if (call->operand_count == 1)
        return command_misused(call, "one trace has nothing to be compared with");
    return compare_traces(call);
}

const struct command command_compare = {
    .name = "compare",
    .summary = "The same program from RAM, LFS and freezer, side by side.",
    .usage = "[OPTION]... DIRECTORY | TRACE TRACE...",
    .description =
        "DIRECTORY is an application as for frost profile: it runs as it is, and replays of\n"
        "that run go from LFS, from LFS with the list of strings, from files with the list\n"
        "in flash, and with the freezer (every function that is loaded is frozen), from\n"
        "files and beside LFS. A table says what each takes of RAM, flash and time; a\n"
        "recommendation follows. The result has report.html, report.json, summary.txt,\n"
        "plots/, images and traces. Traces of one program are compared the same way, the\n"
        "first of them with the others.\n",
    .examples = {"frost compare examples/sensor-node",
                 "frost compare --session clients.sh my-server",
                 "frost compare old.trace new.trace"},
    .statuses = "the Lua program failed",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
