// app_runner.c: images and runs of an application.

#include "analyzer/job/app_runner.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/interrupt.h"
#include "analyzer/base/output.h"
#include "analyzer/base/result.h"
#include "analyzer/job/program.h"
#include "analyzer/job/program_facts.h"
#include "analyzer/job/session.h"
#include "runtime/format/version.h"

#define STACK_DEPTH 16u // callers of each line, for the tree
#define ERROR_BYTES_MAX (64u << 20)
#define OUTPUT_WORD 3 // of the compiler's words: where it writes

// ---- directories ----

static const char *absolute(struct arena *arena, const char *path)
{
    char directory[4096];
    if (path[0] == '/' || !getcwd(directory, sizeof directory))
        return arena_copy_string(arena, path);
    return arena_format(arena, "%s/%s", directory, path);
}

// The directory of files that are otherwise in the world of the runs now; NULL: there is none.
static const char *world_path(const struct app_runner *runner)
{
    if (!runner->world_files || runner->vm.world_number < 2)
        return NULL;
    const char *path = arena_format(runner->context->arena, "%s/%" PRIu64, runner->world_files,
                                    runner->vm.world_number);
    return access(path, R_OK | X_OK) == 0 ? path : NULL;
}

static const char *sources_path(const struct app_runner *runner)
{
    struct arena *arena = runner->context->arena;
    if (runner->sources)
        return runner->sources;
    return world_path(runner)
               ? arena_format(arena, "%s/src%" PRIu64, runner->scratch, runner->vm.world_number)
               : arena_format(arena, "%s/src", runner->scratch);
}

static int copy_sources(struct app_runner *runner, const char *target, struct problem *problem)
{
    int status = output_make_directory(target, problem);
    return status == STATUS_OK ? app_directory_copy(&runner->app, runner->context->arena, target,
                                                    APP_COPY_SOURCES, problem)
                               : status;
}

int app_runner_copy_sources(struct app_runner *runner, const char *target, struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    const char *init = app_runner_init(runner);
    int status = copy_sources(runner, target, problem);
    return status == STATUS_OK && init
               ? app_copy_file(arena, init, arena_format(arena, "%s/_init.lua", target), problem)
               : status;
}

// The sources of this world are those of the first one, and its own.
static int copy_world(struct app_runner *runner, struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    const char *own = world_path(runner), *sources = sources_path(runner);
    if (!own || access(sources, F_OK) == 0)
        return STATUS_OK;
    int status = app_runner_copy_sources(runner, sources, problem);
    return status == STATUS_OK ? app_directory_overlay(arena, own, sources, problem) : status;
}

int app_runner_begin(struct app_runner *runner, const char *directory, struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    const char *compiler = runner->vm.is_integer ? "frostluac-integer" : "frostluac-float";
    int status = app_directory_scan(arena, directory, &runner->app, problem);
    for (size_t i = 0; status == STATUS_OK && runner->supplied && i < runner->supplied->count; i++)
        status = app_directory_supply(arena, &runner->app, runner->supplied->items[i], problem);
    if (status == STATUS_OK)
        status = program_find(arena, compiler, &runner->compiler, problem);
    if (status == STATUS_OK)
        status = program_find(arena, vm_program_name(&runner->vm, "probed"), &runner->runtime,
                              problem);
    if (status != STATUS_OK)
        return status;
    runner->app.path = absolute(arena, directory);
    status = copy_sources(runner, sources_path(runner), problem);
    if (status != STATUS_OK)
        return status;
    status = app_uses_find(runner->context, &runner->app, runner->compiler, sources_path(runner),
                           runner->scratch, &runner->uses, problem);
    return status == STATUS_OK
               ? app_needs_find(runner->context, &runner->app, &runner->uses, &runner->vm,
                                runner->runtime, runner->scratch, &runner->needs, problem)
               : status;
}

// ---- the plan ----

const char *app_runner_init(const struct app_runner *runner)
{
    return runner->plan.start_module
               ? arena_format(runner->context->arena, "%s/src/_init.lua", runner->scratch)
               : NULL;
}

const char *app_runner_start(const struct app_runner *runner)
{
    return runner->plan.start_module
               ? arena_format(runner->context->arena, "%s/start.lua", runner->scratch)
               : NULL;
}

static int write_generated(const char *path, const struct app_plan *plan,
                           void (*write)(const struct app_plan *plan, FILE *file),
                           struct arena *arena, struct problem *problem)
{
    struct output output;
    int status = path ? output_open(&output, path, arena, problem) : STATUS_OK;
    if (status != STATUS_OK || !path)
        return status;
    write(plan, output.file);
    return output_close(&output, problem);
}

int app_runner_plan(struct app_runner *runner, const struct app_plan_settings *settings,
                    struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    int status = app_plan_make(&runner->plan, &runner->app, &runner->uses, settings, arena,
                               problem);
    if (status == STATUS_OK)
        status = write_generated(app_runner_init(runner), &runner->plan, app_plan_write_init, arena,
                                 problem);
    if (status == STATUS_OK)
        status = write_generated(app_runner_start(runner), &runner->plan, app_plan_write_start,
                                 arena, problem);
    return status;
}

void app_run_name(struct app_run *run, struct arena *arena, const char *directory, size_t number)
{
    *run = (struct app_run){
        .name = arena_format(arena, "run%zu", number),
        .image_path = arena_format(arena, "%s/lfs%zu.img", directory, number),
        .trace_path = arena_format(arena, "%s/run%zu.trace", directory, number),
        .output_path = arena_format(arena, "%s/run%zu.txt", directory, number),
    };
}

// ---- images ----

// Result: STATUS_OK; 1: the compiler refused a source and said so.
static int build_image(struct app_runner *runner, const struct app_variant *variant,
                       struct app_run *run, bool has_list, struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    size_t count = 0;
    char **argv = ARENA_NEW_ARRAY(arena, char *, runner->app.module_count + 12);
    result_note_file(run->image_path);
    argv[count++] = (char *)runner->compiler;
    argv[count++] = (char *)"-f";
    argv[count++] = (char *)"-o";
    assert(count == OUTPUT_WORD);
    argv[count++] = (char *)run->image_path;
    argv[count++] = arena_format(arena, "--build-time=%" PRId64, runner->app.newest_s);
    if (runner->list_slots && variant->list == APP_LIST_CHOSEN)
        argv[count++] = arena_format(arena, "--hash-slots=%" PRIu32, runner->list_slots);
    argv[count++] = (char *)"--";
    for (size_t i = 0; i < runner->app.module_count && !variant->is_list_only; i++)
        argv[count++] = arena_format(arena, "%s=%s", runner->app.files[i].name,
                                     runner->app.files[i].path);
    if (runner->plan.start_module && !variant->is_list_only)
        argv[count++] = (char *)"_init=_init.lua";
    if (has_list)
        argv[count++] = (char *)APP_LIST_NAME "=" APP_LIST_NAME ".lua";
    const char *directory = sources_path(runner);
    int status = program_run(argv, directory, false, problem);
    if (status > 0) {
        // The compiler has one status for everything. What it compiles, but cannot write, is no
        // fault of the sources.
        argv[OUTPUT_WORD] = (char *)"/dev/null";
        if (program_run(argv, directory, true, problem) == STATUS_OK)
            return problem_set(problem, STATUS_IO, text_of(run->image_path), PROBLEM_NO_OFF,
                               "the image cannot be written");
        return 1;
    }
    if (status != STATUS_OK)
        return status;
    return image_read_file(arena, run->image_path, NULL, &run->image, problem);
}

// ---- runs ----

// The file system of the device: without an image all is as it is; with one, what is not in it, and
// a generated start.
static int make_file_system(const struct app_runner *runner, const struct app_variant *variant,
                            const char *directory, struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    struct app_directory settled;
    bool has_modules = variant->has_image && !variant->is_list_only;
    bool is_settled = runner->settled && !has_modules;
    app_remove_directory(directory);
    int status = output_make_directory(directory, problem);
    if (status == STATUS_OK && is_settled)
        status = app_directory_scan(arena, runner->settled, &settled, problem);
    if (status == STATUS_OK)
        status = app_directory_copy(is_settled ? &settled : &runner->app, arena, directory,
                                    has_modules ? APP_COPY_FILES : APP_COPY_ALL, problem);
    if (status == STATUS_OK && world_path(runner))
        status = app_directory_overlay(arena, world_path(runner), directory, problem);
    for (size_t i = 0; status == STATUS_OK && has_modules && i < runner->app.module_count; i++)
        unlink(arena_format(arena, "%s/%s", directory, runner->app.files[i].path));
    const char *start = has_modules ? app_runner_start(runner) : NULL;
    if (status == STATUS_OK && start)
        status = app_copy_file(arena, start, arena_format(arena, "%s/" APP_START_FILE, directory),
                               problem);
    return status;
}

static const char *errors_path(const struct app_runner *runner, const struct app_run *run)
{
    return arena_format(runner->context->arena, "%s/%s.err", runner->scratch, run->name);
}

bool app_run_wants_legacy(const struct app_runner *runner, const struct app_run *run)
{
    static const char told[] = " is of older firmware: --firmware=legacy";
    struct text said;
    struct problem ignored = {0}; // what cannot be read tells nothing
    return input_read(errors_path(runner, run), ERROR_BYTES_MAX, runner->context->arena, &said,
                      &ignored) == STATUS_OK &&
           memmem(said.data, said.bytes, told, sizeof told - 1) != NULL;
}

int app_runner_settle(struct app_runner *runner, struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    const char *files = arena_format(arena, "%s/fs", runner->scratch);
    runner->settled = arena_format(arena, "%s/settled", runner->scratch);
    return rename(files, runner->settled) == 0
               ? STATUS_OK
               : problem_set(problem, STATUS_IO, text_of(files), PROBLEM_NO_OFF,
                             "cannot be moved: %s", strerror(errno));
}

// Shows what the program wrote to standard error, unless it has been seen.
static int show_errors(struct app_runner *runner, const struct app_run *run, const char *path,
                       struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    struct text said;
    int status = input_read(path, ERROR_BYTES_MAX, arena, &said, problem);
    if (status != STATUS_OK)
        return status;
    if (!runner->is_silent && !(runner->hides_failures && run->has_failed))
        fwrite(said.data, 1, said.bytes, stderr);
    return STATUS_OK;
}

// Shows why a runtime has not started, which it alone knows; what cannot be read tells nothing.
static void show_refusal(const struct app_runner *runner, const struct app_run *run,
                         const char *path)
{
    struct text said;
    struct problem ignored = {0};
    if (run->result.event_count == 0 && !run->result.interrupt &&
        input_read(path, ERROR_BYTES_MAX, runner->context->arena, &said, &ignored) == STATUS_OK)
        fwrite(said.data, 1, said.bytes, stderr);
}

// The same with the user's clients.
static int record_session(struct app_runner *runner, const char *files,
                          struct recorder_setup *setup, struct app_run *run,
                          struct problem *problem)
{
    struct session session;
    struct arena *arena = runner->context->arena;
    int status = session_begin(&session, runner->context, runner->sessions, absolute(arena, files),
                               absolute(arena, runner->scratch), problem);
    if (status != STATUS_OK)
        return status;
    session.ready_after_ms = runner->ready_after_ms;
    session.world = (unsigned)runner->vm.world_number;
    session_attach(&session, setup);
    status = recorder_run(arena, setup, &run->result, problem);
    run->session_failed = session.failed;
    run->session_status = session.failed_status;
    if (status == STATUS_OK && !session_is_done(&session))
        job_say(runner->context, session.next ? "the program ended before its session"
                                              : "the program has opened no port: no session");
    session_end(&session);
    return status;
}

static void set_facts(const struct app_runner *runner, struct vm_settings *vm, char *const *script,
                      const struct app_run *recording, struct recorder_setup *setup,
                      struct app_replay *replay)
{
    struct arena *arena = runner->context->arena;
    struct problem why = {0};
    struct vm_settings plain = *vm;
    *replay = (struct app_replay){0};
    if (recording && app_replay_prepare(runner->context, recording->trace_path, vm, script, setup,
                                        &why) == STATUS_OK) {
        replay->is_replay = true;
        return;
    }
    if (recording) {
        replay->difference = arena_copy_string(arena, why.message);
        json_decref(setup->facts);
        *vm = plain;
    }
    setup->facts = program_facts(arena, vm, script, 1);
    setup->duration_ms = vm->duration_ms;
}

// The program runs, with its clients, or with what they sent in the recording.
static int run_it(struct app_runner *runner, const char *files, struct vm_settings *vm,
                  const struct app_run *recording, struct recorder_setup *setup,
                  struct app_run *run, struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    char *script[] = {(char *)APP_START_FILE, NULL};
    set_facts(runner, vm, script, recording, setup, &run->replay);
    setup->argv = vm_make_argv(arena, runner->runtime, vm, script, 1);
    int status = !run->replay.is_replay && runner->sessions && runner->sessions->count > 0
                     ? record_session(runner, files, setup, run, problem)
                     : recorder_run(arena, setup, &run->result, problem);
    json_decref(setup->facts);
    if (run->replay.is_replay)
        close(vm->replay.descriptor);
    return status;
}

// `recording` NULL: with inputs of its own.
static int record(struct app_runner *runner, const struct app_variant *variant,
                  const struct app_run *recording, struct app_run *run, struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    char *files = arena_format(arena, "%s/fs", runner->scratch);
    struct vm_settings vm = runner->vm;
    int status = make_file_system(runner, variant, files, problem);
    if (status != STATUS_OK)
        return status;
    vm.lfs = run->image ? run->image_path : NULL;
    vm.fs = files;
    vm.options = variant->options;
    result_note_file(run->output_path);
    int output = open(run->output_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (output < 0)
        return problem_set(problem, STATUS_IO, text_of(run->output_path), PROBLEM_NO_OFF, "%s",
                           strerror(errno));
    const char *errors = errors_path(runner, run);
    int error = open(errors, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    struct recorder_setup setup = {
        .directory = run->trace_path,
        .output_fd = output,
        .error_fd = error,
        .command = arena_format(arena, "frost %s", runner->context->command),
        .profile = vm_profile_names[vm.profile],
        .number = vm.is_integer ? "integer" : "float",
        .build = "probed",
        .snapshots = 1u << MOMENT_MARK | 1u << MOMENT_END | 1u << MOMENT_FAILURE,
        .stack_depth = STACK_DEPTH,
        .version = FROST_VERSION,
    };
    status = run_it(runner, files, &vm, recording, &setup, run, problem);
    close(output);
    if (error >= 0)
        close(error);
    if (status != STATUS_OK)
        show_refusal(runner, run, errors);
    if (status == STATUS_OK && run->replay.is_replay)
        status = app_replay_judge(arena, run->trace_path, &run->replay, problem);
    run->has_failed = run->result.exit_status != 0 && !run->result.interrupt;
    if (status == STATUS_OK && !(run->replay.is_replay && run->replay.difference))
        status = show_errors(runner, run, errors, problem);
    run->is_done = status == STATUS_OK;
    if (run->is_done && run->result.event_count == 0 && run->result.interrupt)
        run->is_done = false; // it came too early for the program to close its trace
    else if (run->is_done && run->result.event_count == 0)
        return problem_set(problem, STATUS_NOT_FOUND, text_of(runner->runtime), PROBLEM_NO_OFF,
                           "the runtime has not started");
    return status;
}

// A replay that comes to no difference may end before it: what the recording survived is one.
static void judge_ending(const struct app_runner *runner, struct app_run *run)
{
    if (run->replay.difference || !run->has_failed || runner->recording->has_failed)
        return;
    int status = run->result.exit_status;
    run->replay.difference = arena_format(
        runner->context->arena, status > 128 ? "it ended by signal %d" : "it ended with status %d",
        status > 128 ? status - 128 : status);
}

// As a replay; if that comes to a difference, once more with inputs of its own.
static int replay_or_record(struct app_runner *runner, const struct app_variant *variant,
                            struct app_run *run, struct problem *problem)
{
    int status = record(runner, variant, runner->recording, run, problem);
    if (status != STATUS_OK || !run->replay.is_replay || interrupt_number())
        return status;
    judge_ending(runner, run);
    if (!run->replay.difference)
        return status;
    job_say(runner->context, "the replay differs: %s; it runs with inputs of its own",
            run->replay.difference);
    struct app_replay replay = {.difference = run->replay.difference};
    app_remove_directory(run->trace_path);
    status = record(runner, variant, NULL, run, problem);
    run->replay = replay;
    return status;
}

int app_runner_record(struct app_runner *runner, const struct app_variant *variant,
                      const char *list, struct app_run *run, struct problem *problem)
{
    struct arena *arena = runner->context->arena;
    const char *source = arena_format(arena, "%s/" APP_LIST_NAME ".lua", sources_path(runner));
    int status = copy_world(runner, problem);
    if (status == STATUS_OK && list)
        status = app_copy_file(arena, list, source, problem);
    assert(!list || variant->has_image);
    if (status == STATUS_OK && variant->has_image && (list || runner->app.module_count > 0))
        status = build_image(runner, variant, run, list != NULL, problem);
    return status == STATUS_OK ? replay_or_record(runner, variant, run, problem) : status;
}

int app_run_measure(struct app_run *run, bool includes_input, struct arena *arena,
                    struct problem *problem)
{
    run->heap = ARENA_NEW(arena, struct heap_profile);
    heap_profile_init(run->heap, arena);
    struct replay_observer observers[] = {heap_profile_observer(run->heap),
                                          moments_observer(&run->moments, arena, includes_input)};
    struct replay_settings settings = {
        .traces = &run->trace_path, .names = &run->name, .trace_count = 1};
    return replay_run(&settings, observers, 2, problem);
}
