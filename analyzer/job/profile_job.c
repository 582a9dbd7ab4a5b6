// profile_job.c: runs an application in each variant, and chooses the list after the first.

#include "analyzer/job/profile_job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/analysis/strings/strings_list.h"
#include "analyzer/base/interrupt.h"
#include "analyzer/base/output.h"
#include "analyzer/job/app_seen.h"

#define OUTPUT_BYTES_MAX (64u << 20) // of a program that is compared

const struct app_variant profile_variants[PROFILE_VARIANT_COUNT] = {
    VARIANT_FROM_LFS,
    VARIANT_WITH_LIST,
    {.step = "runs with a plain dump, for comparison",
     .name = "from LFS, with a plain dump",
     .has_image = true,
     .list = APP_LIST_DUMP},
};

// What a list is, and where its source is written.
static const struct {
    const char *file, *what;
} list_sources[] = {
    [APP_LIST_CHOSEN] = {APP_LIST_NAME ".lua", "strings to preload into flash"},
    [APP_LIST_DUMP] = {"dump.lua",
                       "all strings in RAM at the end, as debug.getstrings'RAM' gives them"},
};

int profile_begin(struct profile_job *job, const char *directory, const char *target,
                  struct problem *problem)
{
    struct arena *arena = job->runner.context->arena;
    job->runs = ARENA_NEW_ARRAY(arena, struct app_run, job->variant_count);
    int status = output_make_parents(target, problem);
    if (status == STATUS_OK)
        status = result_begin(arena, target, &job->result, problem);
    if (status != STATUS_OK)
        return status;
    job->runner.scratch = result_make_work(&job->result);
    if (!job->runner.scratch)
        return problem_set(problem, STATUS_IO, text_of(target), PROBLEM_NO_OFF,
                           "its scratch directory cannot be made: %s", strerror(errno));
    status = app_runner_begin(&job->runner, directory, problem);
    if (status != STATUS_OK)
        return status;
    app_needs_say(job->runner.context, &job->runner.needs);
    for (size_t i = 0; i < job->variant_count; i++)
        app_run_name(&job->runs[i], arena,
                     job->variants[i].is_kept ? job->result.scratch : job->runner.scratch, i + 1);
    app_run_name(&job->as_is, arena, job->result.scratch, 0);
    app_run_name(&job->as_is_large, arena, job->runner.scratch, 0);
    return STATUS_OK;
}

void profile_end(struct profile_job *job)
{
    report_directory_deinit(&job->views);
    strings_deinit(&job->first_strings); // has the heap of the first run
    if (job->has_worlds)
        strings_deinit(&job->strings);
    worlds_deinit(&job->worlds);
    for (size_t i = 1; job->runs && i < job->variant_count; i++)
        if (job->runs[i].heap)
            heap_profile_deinit(job->runs[i].heap);
    if (job->as_is.heap)
        heap_profile_deinit(job->as_is.heap);
    if (job->as_is_large.heap)
        heap_profile_deinit(job->as_is_large.heap);
    if (job->as_is_first.heap)
        heap_profile_deinit(job->as_is_first.heap);
    result_abandon(&job->result);
}

const struct app_run *profile_run_with(const struct profile_job *job, enum app_list list)
{
    for (size_t i = 0; i < job->variant_count; i++)
        if (job->variants[i].list == list && job->runs[i].is_done)
            return &job->runs[i];
    return NULL;
}

static const struct strings_list *list_of(const struct profile_job *job, enum app_list list)
{
    return list == APP_LIST_DUMP ? &job->strings.dump : &job->strings.chosen;
}

// Writes the list of a variant as Lua. *path NULL: the variant has none.
static int write_list(struct profile_job *job, const struct app_variant *variant, const char **path,
                      struct problem *problem)
{
    struct arena *arena = job->runner.context->arena;
    struct output output;
    *path = NULL;
    if (variant->list == APP_NO_LIST)
        return STATUS_OK;
    *path = arena_format(arena, "%s/%s",
                         variant->is_kept ? job->result.scratch : job->runner.scratch,
                         list_sources[variant->list].file);
    int status = output_open(&output, *path, arena, problem);
    if (status != STATUS_OK)
        return status;
    struct text name = text_base_name(text_of(job->runner.app.path));
    job->strings.remake = arena_format(arena, "frost profile%s %.*s", job->options,
                                       TEXT_ARGS(name));
    strings_list_write(&job->strings, list_of(job, variant->list), list_sources[variant->list].what,
                       arena, output.file);
    return output_close(&output, problem);
}

// The first run is what the strings are chosen from; it has all that the others are compared with.
static int analyse_first(struct profile_job *job, struct problem *problem)
{
    struct arena *arena = job->runner.context->arena;
    struct app_run *first = &job->runs[0];
    struct strings_settings *settings = &job->strings_settings;
    struct text name = text_of(job->runner.app.path);
    while (name.bytes > 1 && name.data[name.bytes - 1] == '/')
        name.bytes--;
    name = text_base_name(name);
    job_say_step(job->runner.context, "analyses");
    job->views = (struct report_directory){
        .context = job->runner.context,
        .title = arena_format(arena, "What %.*s needs, and what to change", TEXT_ARGS(name)),
        .path = job->result.scratch,
        .traces = (const char *const *)&first->trace_path,
        .names = (const char *const *)&first->name,
        .trace_count = 1,
        .model = settings->model,
        .includes_input = settings->origins & TRACE_ORIGIN_INPUT,
    };
    settings->traces = job->views.traces;
    settings->names = job->views.names;
    settings->trace_count = job->views.trace_count;
    int status = report_directory_begin(&job->views, problem);
    memcpy(job->observers, job->views.observers, sizeof job->views.observers);
    job->observers[job->views.observer_count] = moments_observer(
        &first->moments, arena, settings->origins & TRACE_ORIGIN_INPUT);
    settings->others = job->observers;
    settings->other_count = job->views.observer_count + 1;
    if (status == STATUS_OK)
        status = strings_analyse(settings, arena, &job->first_strings, problem);
    if (settings->keeps_slots && first->image)
        job->runner.list_slots = first->image->slot_count;
    first->heap = job->first_strings.profile;
    job->strings = job->first_strings;
    return status;
}

// The list is chosen again, from the runs in all worlds.
static int see_worlds(struct profile_job *job, struct problem *problem)
{
    int status = worlds_record(&job->worlds, &job->runner, &job->runs[0], problem);
    if (status != STATUS_OK || job->worlds.trace_count < 2 || interrupt_number())
        return status;
    job_say_step(job->runner.context, "chooses from all worlds");
    job->has_worlds = true;
    return worlds_choose(&job->worlds, &job->strings_settings, job->runner.context->arena,
                         &job->strings, problem);
}

static int judge_list(struct profile_job *job, struct problem *problem)
{
    const struct app_run *run = profile_run_with(job, APP_LIST_CHOSEN);
    if (!run || run->has_failed || interrupt_number())
        return STATUS_OK;
    const char *list = arena_format(job->runner.context->arena, "%s/" APP_LIST_NAME ".lua",
                                    job->result.scratch);
    int status = worlds_hold_out(&job->worlds, &job->runner, list, problem);
    job->strings.is_judged = worlds_are_judged(&job->worlds, &job->strings.held_out_bytes);
    if (status == STATUS_OK && job->strings.is_judged)
        status = worlds_compare(&job->worlds, &job->strings_settings, &job->first_strings,
                                &job->strings, job->runner.context->arena, problem);
    return status == STATUS_OK && job->strings.is_judged
               ? write_list(job, &profile_variants[APP_LIST_CHOSEN], &list, problem)
               : status;
}

int64_t profile_predicted(const struct profile_job *job, enum app_list list)
{
    return list == APP_LIST_DUMP ? job->first_strings.dump.saved_bytes
                                 : job->strings.run_saved_bytes[0];
}

// True if the image has room for the list, and there is one.
static bool can_have_list(const struct profile_job *job, const struct app_variant *variant)
{
    return variant->list == APP_NO_LIST || (list_of(job, variant->list)->count > 0 &&
                                            job->runner.app.module_count < APP_MODULES_MAX);
}

static int run_variant(struct profile_job *job, size_t idx, struct problem *problem)
{
    const struct app_variant *variant = &job->variants[idx];
    struct app_run *run = &job->runs[idx];
    const char *list;
    int status = write_list(job, variant, &list, problem);
    if (status != STATUS_OK || !can_have_list(job, variant) || (idx > 0 && interrupt_number()))
        return status;
    job_say_step(job->runner.context, variant->step);
    status = app_runner_record(&job->runner, variant, list, run, problem);
    job->runner.is_silent = true; // what goes wrong is said once; the later runs do the same
    if (idx > 0 && interrupt_number()) {
        // Cut at another point than the first: there is nothing to compare.
        run->is_done = false;
        return status > 0 ? STATUS_OK : status;
    }
    if (status != STATUS_OK || !run->is_done)
        return status;
    return idx == 0 ? analyse_first(job, problem)
                    : app_run_measure(run, job->strings_settings.origins & TRACE_ORIGIN_INPUT,
                                      job->runner.context->arena, problem);
}

// ---- as it is ----

static int run_as_is(struct profile_job *job, const char *step, const char *const *options,
                     struct app_run *run, struct problem *problem)
{
    const struct app_variant variant = {.step = step, .options = options};
    job_say_step(job->runner.context, step);
    job->runner.hides_failures = true; // that it has no room is a finding
    int status = app_runner_record(&job->runner, &variant, NULL, run, problem);
    job->runner.hides_failures = false;
    job->runner.is_silent = run->is_done && !run->has_failed; // replays have nothing else to say
    return status == STATUS_OK && run->is_done
               ? app_run_measure(run, job->strings_settings.origins & TRACE_ORIGIN_INPUT,
                                 job->runner.context->arena, problem)
               : status;
}

bool profile_has_no_room(const struct profile_job *job)
{
    const struct app_run *first = job->as_is_first.is_done ? &job->as_is_first : &job->as_is;
    return first->has_failed && job->as_is_large.is_done && !job->as_is_large.has_failed;
}

// The run with which the first start is shown: if there is no room, that in the larger heap.
static struct app_run *seen_run(struct profile_job *job)
{
    return job->as_is_large.is_done ? &job->as_is_large : &job->as_is;
}

// A run that was kept gives its place to another one.
static int move_away(struct profile_job *job, struct app_run *run, struct app_run *target,
                     struct problem *problem)
{
    struct arena *arena = job->runner.context->arena;
    const char *trace_path = arena_format(arena, "%s/first.trace", job->runner.scratch);
    const char *output_path = arena_format(arena, "%s/first.txt", job->runner.scratch);
    if (rename(run->trace_path, trace_path) != 0 || rename(run->output_path, output_path) != 0)
        return problem_set(problem, STATUS_IO, text_of(run->trace_path), PROBLEM_NO_OFF,
                           "cannot be moved: %s", strerror(errno));
    *target = *run;
    target->trace_path = trace_path;
    target->output_path = output_path;
    app_run_name(run, arena, job->result.scratch, 0);
    return STATUS_OK;
}

// The device as it is from the second start on: what was compiled by the first is there.
static int run_settled(struct profile_job *job, struct problem *problem)
{
    int status = move_away(job, &job->as_is, &job->as_is_first, problem);
    if (status == STATUS_OK)
        status = app_runner_settle(&job->runner, problem);
    return status == STATUS_OK ? run_as_is(job, "starts it again, as it has compiled its sources",
                                           NULL, &job->as_is, problem)
                               : status;
}

static bool wants_legacy(const struct profile_job *job)
{
    return job->as_is.has_failed && !interrupt_number() &&
           job->runner.vm.firmware == VM_FIRMWARE_3_0 &&
           app_run_wants_legacy(&job->runner, &job->as_is);
}

// It is written for older firmware: all runs are made with that.
static int run_as_legacy(struct profile_job *job, struct problem *problem)
{
    job_say(job->runner.context, "it has calls that firmware 3.0 no longer has: runs with "
                                 "--firmware=legacy");
    job->runner.vm.firmware = VM_FIRMWARE_LEGACY;
    job->is_legacy_taken = true;
    if (job->as_is.heap)
        heap_profile_deinit(job->as_is.heap);
    app_remove_directory(job->as_is.trace_path);
    app_run_name(&job->as_is, job->runner.context->arena, job->result.scratch, 0);
    return run_as_is(job, "runs it as it is, on older firmware", NULL, &job->as_is, problem);
}

// Runs the application from files, and decides from that what goes into the image.
static int run_from_files(struct profile_job *job, struct problem *problem)
{
    static const char *const large[] = {"--heap=" PROFILE_LARGE_HEAP_BYTES, NULL};
    int status = run_as_is(job, "runs it as it is", NULL, &job->as_is, problem);
    if (status == STATUS_OK && wants_legacy(job))
        status = run_as_legacy(job, problem);
    if (status == STATUS_OK && job->as_is.has_failed && !interrupt_number())
        status = run_as_is(job, "runs it in a larger heap", large, &job->as_is_large, problem);
    if (profile_has_no_room(job))
        job_say(job->runner.context, "as it is, the application does not fit the heap");
    const struct app_run *seen = seen_run(job);
    if (status == STATUS_OK && seen->is_done)
        status = app_seen_read(&job->runner.app, seen->trace_path, job->runner.context->arena,
                               problem);
    job->plan_settings.takes_undecided = !seen->is_done || seen->has_failed;
    if (status == STATUS_OK && seen->is_done && !seen->has_failed && !interrupt_number() &&
        app_seen_settles(&job->runner.app)) {
        status = run_settled(job, problem);
        seen = job->as_is.has_failed ? seen : &job->as_is;
    }
    if (status != STATUS_OK)
        return status;
    // A run that failed ends before its clients have: the others may do better.
    job->runner.recording = seen->is_done && !seen->has_failed ? seen : NULL;
    return app_runner_plan(&job->runner, &job->plan_settings, problem);
}

int profile_work(struct profile_job *job, bool *compile_failed, struct problem *problem)
{
    int status = run_from_files(job, problem);
    bool goes_on = true;
    size_t first = 0;
    if (status == STATUS_OK && interrupt_number()) { // no other run is begun
        job->runs[first++] = job->as_is;
        goes_on = job->runs[0].is_done;
        status = goes_on ? analyse_first(job, problem) : STATUS_OK;
    }
    // No list is made from a run that failed. Without a run with the chosen list there is nothing
    // to compare a dump with. After a signal the list is made from the run that was cut, and no
    // other is begun.
    for (size_t i = first; status == STATUS_OK && goes_on && i < job->variant_count; i++) {
        status = run_variant(job, i, problem);
        goes_on = job->runs[i].is_done && !job->runs[0].has_failed;
        if (i == 0 && goes_on && !job->runs[0].replay.is_replay)
            job->runner.recording = &job->runs[0];
        if (i == 0 && status == STATUS_OK && goes_on && job->worlds.count)
            status = see_worlds(job, problem);
    }
    if (status == STATUS_OK && goes_on && job->worlds.count)
        status = judge_list(job, problem);
    *compile_failed = status > 0;
    return status > 0 ? STATUS_USAGE : status;
}

// ---- figures ----

int64_t profile_saved(const struct profile_job *job, const struct app_run *run)
{
    const struct app_run *plain = &job->runs[0];
    if (!run->heap || !plain->heap)
        return 0;
    return (int64_t)plain->heap->moment_bytes[HEAP_MOMENT_PEAK] -
           (int64_t)run->heap->moment_bytes[HEAP_MOMENT_PEAK];
}

int64_t profile_grown(const struct profile_job *job, const struct app_run *run)
{
    const struct image *plain = job->runs[0].image;
    return run->image ? (int64_t)run->image->bytes - (plain ? (int64_t)plain->bytes : 0) : 0;
}

bool profile_output_is_same(const struct profile_job *job, const struct app_run *run)
{
    struct arena scratch;
    struct text plain, other;
    struct problem problem = {0};
    arena_init(&scratch);
    bool is_same = input_read(job->runs[0].output_path, OUTPUT_BYTES_MAX, &scratch, &plain,
                              &problem) == STATUS_OK &&
                   input_read(run->output_path, OUTPUT_BYTES_MAX, &scratch, &other, &problem) ==
                       STATUS_OK &&
                   text_is_equal(plain, other);
    arena_deinit(&scratch);
    return is_same;
}
