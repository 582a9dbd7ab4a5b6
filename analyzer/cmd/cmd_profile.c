// cmd_profile.c: `frost profile`: the main job in one go.

#include <string.h>

#include "analyzer/cmd/list_options.h"
#include "analyzer/cmd/profile_job.h"
#include "analyzer/cmd/report_folder.h"
#include "analyzer/cmd/report_options.h"

#define SUMMARY_ROWS 12u

struct settings {
    struct vm_settings vm;
    const char *output;
    struct list_settings list;
    bool compares_dump;
};

static const struct option options[] = {
    {OPTION_STRING, 'o', "output", "FOLDER", "frost-profile", "folder of the result",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    LIST_OPTIONS(struct settings),
    {OPTION_FLAG, 0, "compare-dump", NULL, "yes",
     "leave out the third run, with a plain dump of the strings in RAM",
     offsetof(struct settings, compares_dump), 0, 0, NULL, 0},
    VM_OPTIONS(struct settings),
    OPTION_TABLE_END,
};

// The views of the run as it is: page, summary, plots, exports.
static int write_views(struct profile_job *job, struct report *report, struct problem *problem)
{
    struct arena *arena = job->call->perm;
    struct profile_run *plain = &job->runs[PROFILE_PLAIN];
    struct text name = text_of(job->app.path);
    while (name.bytes > 1 && name.data[name.bytes - 1] == '/')
        name.bytes--;
    name = text_base_name(name);
    struct report_folder folder = {
        .call = job->call,
        .title = arena_format(arena, "What %.*s needs, and what to change", TEXT_ARGS(name)),
        .path = job->result.part,
        .traces = (const char *const *)&plain->trace_path,
        .names = (const char *const *)&plain->name,
        .trace_count = 1,
        .model = job->strings_settings.model,
        .includes_input = job->strings_settings.includes_input,
        .reports = {report},
        .report_count = 1,
    };
    int status = report_folder_analyse(&folder, problem);
    if (status == STATUS_OK)
        status = report_folder_write_views(&folder, problem);
    return status == STATUS_OK ? report_folder_write_reports(&folder, 1, problem) : status;
}

static int write_results(struct profile_job *job, struct report *report, struct problem *problem)
{
    struct arena *arena = job->call->perm;
    struct render_settings settings = {.rows_max = 50, .scratch = arena};
    int status = write_views(job, report, problem);
    if (status == STATUS_OK)
        status = report_write(report, &renderer_text, &settings,
                              arena_format(arena, "%s/summary.txt", job->result.part), problem);
    settings.rows_max = 0;
    if (status == STATUS_OK)
        status = report_write(report, &renderer_json, &settings,
                              arena_format(arena, "%s/report.json", job->result.part), problem);
    return status;
}

static int work(struct call *call, struct profile_job *job, bool *is_kept, struct problem *problem)
{
    bool compile_failed;
    int status = profile_work(job, &compile_failed, problem);
    if (compile_failed)
        return EXIT_STATUS_NO; // the compiler has said why
    if (status != STATUS_OK)
        return command_fail(call, problem);
    struct report *report = profile_report(job);
    if (write_results(job, report, problem) != STATUS_OK ||
        result_folder_finish(&job->result, problem) != STATUS_OK)
        return command_fail(call, problem);
    *is_kept = true; // also if nobody reads the summary to its end
    struct render_settings settings = {.rows_max = SUMMARY_ROWS, .terminal = call->out,
                                       .is_verbose = call->common.verbose, .scratch = call->perm};
    if (report_write(report, &renderer_text, &settings, "-", problem) != STATUS_OK)
        return command_fail(call, problem);
    return job->runs[PROFILE_PLAIN].result.exit_status ? EXIT_STATUS_NO : EXIT_STATUS_DONE;
}

static int run(struct call *call)
{
    const struct settings *settings = call->settings;
    struct problem problem = {0};
    struct profile_job *job = ARENA_NEW(call->perm, struct profile_job);
    bool is_kept = false;
    if (call->operand_count != 1)
        return command_misused(call, "needs one folder, that of the application");
    if (settings->vm.lfs || settings->vm.fs || settings->vm.flash)
        return command_misused(call, "makes image and file system itself: no --lfs, --fs, --flash");
    if (vm_settings_check(&settings->vm, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    *job = (struct profile_job){
        .call = call,
        .vm = settings->vm,
        .compares_dump = settings->compares_dump,
        .strings_settings = list_settings_wanted(&settings->list),
    };
    int result;
    if (profile_begin(job, call->operands[0], settings->output, &problem) != STATUS_OK)
        result = command_fail(call, &problem);
    else
        result = work(call, job, &is_kept, &problem);
    profile_end(job);
    if (is_kept && !call->common.quiet)
        fprintf(stderr, "frost profile: result in %s\n", settings->output);
    return result;
}

const struct command command_profile = {
    .name = "profile",
    .summary = "Runs an application, finds the strings to preload, measures.",
    .usage = "[OPTION]... FOLDER",
    .description =
        "FOLDER is what the device's file system would hold: init.lua runs from source,\n"
        "every other .lua goes into the LFS image, all else stays a file. The program\n"
        "runs once as it is, once with the list of strings in the image, and once with\n"
        "a plain dump for comparison. The result has report.html (needs no network and\n"
        "no script), report.json, summary.txt, summary.md, dummy_strings.lua, hot spots,\n"
        "plots/, exports/ for other tools, both images and both traces.\n",
    .examples = {"frost profile examples/sensor-node",
                 "frost profile -o result --budget 2K examples/sensor-node"},
    .statuses = "the Lua program failed",
    .options = options,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
