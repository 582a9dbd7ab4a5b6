// profile_job.c: builds, runs and measures an application, without and with a preload list.

#include "analyzer/cmd/profile_job.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/analysis/strings_list.h"
#include "analyzer/base/output.h"
#include "analyzer/cmd/cleanup.h"

#define OUTPUT_WORD 3 // of the compiler's words: where it writes
#define OUTPUT_BYTES_MAX (64u << 20) // of a program that is compared

// ---- folders ----

static const char *absolute(struct arena *arena, const char *path)
{
    char folder[4096];
    if (path[0] == '/' || !getcwd(folder, sizeof folder))
        return arena_copy_string(arena, path);
    return arena_format(arena, "%s/%s", folder, path);
}

static void name_run(struct profile_job *job, enum profile_run_number number, const char *folder,
                     int digit)
{
    struct arena *arena = job->call->perm;
    job->runs[number] = (struct profile_run){
        .name = arena_format(arena, "run%d", digit),
        .image_path = arena_format(arena, "%s/lfs%d.img", folder, digit),
        .trace_path = arena_format(arena, "%s/run%d.trace", folder, digit),
        .output_path = arena_format(arena, "%s/run%d.txt", folder, digit),
    };
}

int profile_begin(struct profile_job *job, const char *folder, const char *target,
                  struct problem *problem)
{
    struct arena *arena = job->call->perm;
    const char *temporary = getenv("TMPDIR");
    int status = app_folder_scan(arena, folder, &job->app, problem);
    if (status == STATUS_OK)
        status = command_find_program(
            arena, job->vm.is_integer ? "frostluac-integer" : "frostluac-float", &job->compiler,
            problem);
    if (status == STATUS_OK)
        status = command_find_program(arena, vm_program_name(&job->vm, "probed"), &job->runtime,
                                      problem);
    if (status == STATUS_OK)
        status = result_folder_begin(arena, target, &job->result, problem);
    if (status != STATUS_OK)
        return status;
    job->app.path = absolute(arena, folder);
    char *scratch = arena_format(arena, "%s/frost-profile.XXXXXX",
                                 temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(scratch))
        return problem_set(problem, STATUS_IO, text_of(scratch), PROBLEM_NO_OFF, "%s",
                           strerror(errno));
    job->scratch = scratch;
    cleanup_add(scratch);
    name_run(job, PROFILE_PLAIN, job->result.part, 1);
    name_run(job, PROFILE_LIST, job->result.part, 2);
    name_run(job, PROFILE_DUMP, job->scratch, 3);
    const char *sources = arena_format(arena, "%s/src", scratch);
    status = output_make_folder(sources, problem);
    return status == STATUS_OK ? app_folder_copy(&job->app, arena, sources, true, problem) : status;
}

void profile_end(struct profile_job *job)
{
    strings_deinit(&job->strings);
    for (int i = PROFILE_LIST; i < PROFILE_RUN_COUNT; i++)
        if (job->runs[i].heap)
            heap_profile_deinit(job->runs[i].heap);
    if (job->scratch) {
        app_remove_folder(job->scratch);
        cleanup_drop(job->scratch);
    }
    result_folder_abandon(&job->result);
}

// ---- images ----

// Runs a program in a folder, its standard output dropped, with `is_silent` its messages, too.
// Result: its exit status, 128+n for a signal, or a failure.
static int run_program(char **argv, const char *folder, bool is_silent, struct problem *problem)
{
    int state;
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (is_silent)
            dup2(null, STDERR_FILENO);
        if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0 && chdir(folder) == 0)
            execv(argv[0], argv);
        _exit(127);
    }
    if (child < 0)
        return problem_set(problem, STATUS_IO, text_of(argv[0]), PROBLEM_NO_OFF,
                           "cannot be started: %s", strerror(errno));
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR)
            return problem_set(problem, STATUS_IO, text_of(argv[0]), PROBLEM_NO_OFF,
                               "cannot be waited for: %s", strerror(errno));
    if (WIFSIGNALED(state))
        return 128 + WTERMSIG(state);
    if (WEXITSTATUS(state) == 127)
        return problem_set(problem, STATUS_IO, text_of(argv[0]), PROBLEM_NO_OFF,
                           "cannot be started");
    return WEXITSTATUS(state);
}

// Result: STATUS_OK; 1: the compiler refused a source and said so.
static int build_image(struct profile_job *job, struct profile_run *run, bool has_list,
                       struct problem *problem)
{
    struct arena *arena = job->call->perm;
    size_t count = 0;
    char **argv = ARENA_NEW_ARRAY(arena, char *, job->app.module_count + 10);
    argv[count++] = (char *)job->compiler;
    argv[count++] = (char *)"-f";
    argv[count++] = (char *)"-o";
    assert(count == OUTPUT_WORD);
    argv[count++] = (char *)run->image_path;
    argv[count++] = arena_format(arena, "--build-time=%" PRId64, job->app.newest_s);
    argv[count++] = (char *)"--";
    for (size_t i = 0; i < job->app.module_count; i++)
        argv[count++] =
            arena_format(arena, "%s=%s", job->app.files[i].name, job->app.files[i].path);
    if (has_list)
        argv[count++] = (char *)APP_LIST_NAME "=" APP_LIST_NAME ".lua";
    const char *folder = arena_format(arena, "%s/src", job->scratch);
    int status = run_program(argv, folder, false, problem);
    if (status > 0) {
        // The compiler has one status for everything. What it compiles, but cannot write, is no
        // fault of the sources.
        argv[OUTPUT_WORD] = (char *)"/dev/null";
        if (run_program(argv, folder, true, problem) == STATUS_OK)
            return problem_set(problem, STATUS_IO, text_of(run->image_path), PROBLEM_NO_OFF,
                               "the image cannot be written");
        return 1;
    }
    if (status != STATUS_OK)
        return status;
    return image_read_file(arena, run->image_path, NULL, &run->image, problem);
}

// ---- runs ----

static int make_file_system(struct profile_job *job, const char *folder, struct problem *problem)
{
    app_remove_folder(folder);
    int status = output_make_folder(folder, problem);
    if (status != STATUS_OK)
        return status;
    return app_folder_copy(&job->app, job->call->perm, folder, false, problem);
}

static int record(struct profile_job *job, struct profile_run *run, struct problem *problem)
{
    struct arena *arena = job->call->perm;
    // The same paths in each run, so that they are the same strings.
    char *files = arena_format(arena, "%s/fs", job->scratch);
    char *script[] = {(char *)"init.lua", NULL};
    struct vm_settings vm = job->vm;
    int status = make_file_system(job, files, problem);
    if (status != STATUS_OK)
        return status;
    vm.lfs = job->app.module_count || run != &job->runs[PROFILE_PLAIN] ? run->image_path : NULL;
    vm.fs = files;
    int output = open(run->output_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (output < 0)
        return problem_set(problem, STATUS_IO, text_of(run->output_path), PROBLEM_NO_OFF, "%s",
                           strerror(errno));
    // What goes wrong is said once; the later runs do the same.
    int error = run == &job->runs[PROFILE_PLAIN] ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct recorder_setup setup = {
        .folder = run->trace_path,
        .argv = vm_make_argv(arena, job->runtime, &vm, script, 1),
        .output_fd = output,
        .error_fd = error,
        .command = "frost profile",
        .profile = vm_profile_names[vm.profile],
        .number = vm.is_integer ? "integer" : "float",
        .build = "probed",
        .version = FROST_VERSION,
    };
    status = recorder_run(arena, &setup, &run->result, problem);
    close(output);
    if (error >= 0)
        close(error);
    run->is_done = status == STATUS_OK;
    if (run->is_done && run->result.event_count == 0)
        return problem_set(problem, STATUS_NOT_FOUND, text_of(job->runtime), PROBLEM_NO_OFF,
                           "the runtime has not started");
    return status;
}

static int measure(struct profile_job *job, struct profile_run *run, struct problem *problem)
{
    run->heap = ARENA_NEW(job->call->perm, struct heap_profile);
    heap_profile_init(run->heap, job->call->perm);
    return heap_profile_add(run->heap, run->trace_path, run->name, problem);
}

static int write_list(struct profile_job *job, const struct strings_list *list, const char *what,
                      const char *path, struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, job->call->perm, problem);
    if (status != STATUS_OK)
        return status;
    strings_list_write(&job->strings, list, what, job->call->perm, output.file);
    return output_close(&output, problem);
}

// Builds, runs and measures with a list.
static int try_list(struct profile_job *job, enum profile_run_number number,
                    const struct strings_list *list, const char *what, const char *path,
                    struct problem *problem)
{
    struct arena *arena = job->call->perm;
    struct profile_run *run = &job->runs[number];
    const char *source = arena_format(arena, "%s/src/" APP_LIST_NAME ".lua", job->scratch);
    int status = write_list(job, list, what, path, problem);
    if (status == STATUS_OK && list->count > 0 && job->app.module_count < APP_MODULES_MAX) {
        status = app_copy_file(arena, path, source, problem);
        if (status == STATUS_OK)
            status = build_image(job, run, true, problem);
        if (status == STATUS_OK)
            status = record(job, run, problem);
        if (status == STATUS_OK)
            status = measure(job, run, problem);
    }
    return status;
}

static void say(const struct profile_job *job, const char *what)
{
    if (!job->call->common.quiet && job->call->err->is_terminal)
        fprintf(stderr, "frost profile: %s\n", what);
}

int profile_work(struct profile_job *job, bool *compile_failed, struct problem *problem)
{
    struct arena *arena = job->call->perm;
    struct profile_run *plain = &job->runs[PROFILE_PLAIN];
    *compile_failed = false;
    say(job, "builds the image and runs it");
    int status = job->app.module_count ? build_image(job, plain, false, problem) : STATUS_OK;
    if (status == STATUS_OK)
        status = record(job, plain, problem);
    if (status == STATUS_OK) {
        say(job, "analyses");
        job->strings_settings.traces = (const char *const *)&plain->trace_path;
        job->strings_settings.names = (const char *const *)&plain->name;
        job->strings_settings.trace_count = 1;
        status = strings_analyse(&job->strings_settings, arena, &job->strings, problem);
        plain->heap = job->strings.profile;
    }
    if (status == STATUS_OK) {
        say(job, "runs with the list in the image");
        status = try_list(job, PROFILE_LIST, &job->strings.chosen, "strings to preload into flash",
                          arena_format(arena, "%s/" APP_LIST_NAME ".lua", job->result.part),
                          problem);
    }
    if (status == STATUS_OK && job->compares_dump && job->runs[PROFILE_LIST].is_done) {
        say(job, "runs with a plain dump, for comparison");
        status = try_list(job, PROFILE_DUMP, &job->strings.dump,
                          "all strings in RAM at the end, as debug.getstrings'RAM' gives them",
                          arena_format(arena, "%s/dump.lua", job->scratch), problem);
    }
    *compile_failed = status > 0;
    return status > 0 ? STATUS_USAGE : status;
}

// ---- figures ----

int64_t profile_saved(const struct profile_job *job, enum profile_run_number number)
{
    const struct profile_run *plain = &job->runs[PROFILE_PLAIN], *run = &job->runs[number];
    if (!run->heap || !plain->heap)
        return 0;
    return (int64_t)plain->heap->moment_bytes[HEAP_MOMENT_PEAK] -
           (int64_t)run->heap->moment_bytes[HEAP_MOMENT_PEAK];
}

int64_t profile_grown(const struct profile_job *job, enum profile_run_number number)
{
    const struct image *plain = job->runs[PROFILE_PLAIN].image, *image = job->runs[number].image;
    return image ? (int64_t)image->bytes - (plain ? (int64_t)plain->bytes : 0) : 0;
}

bool profile_output_is_same(const struct profile_job *job, enum profile_run_number number)
{
    struct arena scratch;
    struct text plain, other;
    struct problem problem = {0};
    arena_init(&scratch);
    bool is_same = input_read(job->runs[PROFILE_PLAIN].output_path, OUTPUT_BYTES_MAX, &scratch,
                              &plain, &problem) == STATUS_OK &&
                   input_read(job->runs[number].output_path, OUTPUT_BYTES_MAX, &scratch, &other,
                              &problem) == STATUS_OK &&
                   text_is_equal(plain, other);
    arena_deinit(&scratch);
    return is_same;
}
