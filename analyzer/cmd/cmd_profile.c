// cmd_profile.c: `frost profile`: the main job in one go.

#include <string.h>

#include "analyzer/base/interrupt.h"
#include "analyzer/cmd/app_options.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/report_options.h"
#include "analyzer/job/profile_checks.h"
#include "analyzer/job/profile_tables.h"
#include "analyzer/job/profile_upload.h"

#define SUMMARY_ROWS 12u

struct settings {
    struct vm_settings vm;
    const char *output;
    struct list_settings list;
    struct option_list exclude;
    bool compares_dump, makes_checks;
    struct app_settings app;
    uint64_t worlds;
};

static const struct option options[] = {
    {OPTION_STRING, 'o', "output", "DIRECTORY", "frost-profile", "directory of the result",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    LIST_OPTIONS(struct settings),
    EXCLUDE_OPTION(struct settings, exclude),
    {OPTION_FLAG, 0, "compare-dump", NULL, "yes",
     "leave out the third run, with a plain dump of the strings in RAM",
     offsetof(struct settings, compares_dump), 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "checks", NULL, "yes",
     "leave out the three replays in which findings are followed: what they save is not checked",
     offsetof(struct settings, makes_checks), 0, 0, NULL, 0},
    {OPTION_COUNT, 0, "worlds", "N", "3",
     "worlds that the list is chosen from (other chip, addresses, clock, voltages); one more is "
     "held out to judge it; 0: one run, not judged",
     offsetof(struct settings, worlds), 0, WORLDS_MAX - 1, NULL, 0},
    APP_OPTIONS(struct settings),
    VM_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

// The views of the run as it is: page, summary, plots.
static int write_views(struct profile_job *job, struct report *report, struct problem *problem)
{
    struct report_directory *directory = &job->views;
    struct report *failure = profile_failure_report(job);
    if (failure)
        report_directory_put_first(directory, failure);
    report_directory_put_first(directory, report);
    int status = report_directory_write_views(directory, problem);
    return status == STATUS_OK ? report_directory_write_reports(directory, 1, problem) : status;
}

static int write_results(struct profile_job *job, struct report *report, struct problem *problem)
{
    struct arena *arena = job->runner.context->arena;
    struct render_settings settings = {.rows_max = 50, .scratch = arena};
    int status = write_views(job, report, problem);
    if (status == STATUS_OK)
        status = profile_upload_write(job, problem);
    if (status == STATUS_OK)
        status = report_write(report, &renderer_text, &settings,
                              arena_format(arena, "%s/summary.txt", job->result.scratch), problem);
    settings.rows_max = 0;
    if (status == STATUS_OK)
        status = report_write(report, &renderer_json, &settings,
                              arena_format(arena, "%s/report.json", job->result.scratch), problem);
    return status;
}

static void say_result(const struct call *call, const struct profile_job *job)
{
    const struct settings *settings = call->settings;
    int64_t saved;
    if (worlds_are_judged(&job->worlds, &saved))
        job_say(job->runner.context,
                "the list saves %lld bytes on a run that it was not chosen from (predicted %lld)",
                (long long)saved, (long long)job->strings.chosen.saved_bytes);
    job_say(job->runner.context, "result in %s", settings->output);
}

static int work(struct call *call, struct profile_job *job)
{
    struct problem problem = {0};
    bool compile_failed;
    int status = profile_work(job, &compile_failed, &problem);
    if (interrupt_number() && !job->runs[0].is_done)
        return 128 + interrupt_number(); // there is nothing to show
    if (compile_failed)
        return EXIT_STATUS_NO; // the compiler has said why
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    report_directory_end(&job->views);
    if (!job->runs[0].has_failed)
        report_directory_advise_list(&job->views, &job->strings.chosen);
    if (profile_check(job, ((const struct settings *)call->settings)->makes_checks, &problem) !=
        STATUS_OK)
        return command_fail(call, &problem);
    struct report *report = profile_report(job);
    if (write_results(job, report, &problem) != STATUS_OK ||
        result_finish(&job->result, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    struct render_settings settings = {.rows_max = SUMMARY_ROWS,
                                       .terminal = call->out,
                                       .is_verbose = call->common.verbose,
                                       .scratch = call->perm};
    status = report_write(report, &renderer_text, &settings, "-", &problem);
    say_result(call, job); // also if nobody reads the summary to its end
    if (status != STATUS_OK)
        return command_fail(call, &problem);
    return job->runs[0].has_failed ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    if (command_exclude(call, &settings->exclude, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    if (call->operand_count != 1)
        return command_misused(call, "needs one directory, that of the application");
    const struct app_command command = {
        .app = &settings->app,
        .vm = &settings->vm,
        .list = &settings->list,
        .variants = profile_variants,
        .variant_count = PROFILE_VARIANT_COUNT - !settings->compares_dump,
        .world_count = (uint32_t)settings->worlds,
        .output = settings->output,
        .work = work,
    };
    return app_command_run(call, &command);
}

const struct command command_profile = {
    .name = "profile",
    .summary = "Runs an application, finds the strings to preload, measures.",
    .usage = "[OPTION]... DIRECTORY",
    .description =
        "DIRECTORY is what the device's file system holds. The application runs as it is, from\n"
        "files; what it loads as code becomes an LFS image, with a way to the modules if it\n"
        "has no _init.lua of its own, and all else stays a file (--lfs, --keep). Then it runs\n"
        "from the image, with the list of strings in it, and with a plain dump for comparison,\n"
        "each for --duration at most, a minute unless given. These runs are replays of the\n"
        "first one: clients (--session) are there once, and each must send the same bytes; one\n"
        "that does not is made again with inputs of its own, and why is told. Three more follow\n"
        "the findings (another mode of the collector, literals made at run time, the freezer),\n"
        "so that each says what it saves as predicted and as measured.\n"
        "After a signal the result is what there is; a second one ends all. The result has "
        "report.html (needs no network and\n"
        "no script), report.json, summary.txt, summary.md, upload/ for the device,\n"
        "dummy_strings.lua, hot spots,\n"
        "plots/, exports/ for other tools, both images and both traces.\n",
    .examples = {"frost profile examples/sensor-node",
                 "frost profile -o result --budget 2K examples/sensor-node"},
    .statuses = "the Lua program failed",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
