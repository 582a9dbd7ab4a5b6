// profile_checks.c: findings followed, one run for each kind.

#include "analyzer/job/profile_checks.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/analysis/compare/compare.h"
#include "analyzer/analysis/gc/gc_mode_cost.h"
#include "analyzer/analysis/hot/hot_report.h"
#include "analyzer/analysis/lint/lint_fix.h"
#include "analyzer/base/interrupt.h"
#include "analyzer/base/output.h"

#define SOURCE_BYTES_MAX (16u << 20)
#define NOT_ASKED "none: --no-checks"
#define NOT_REACHED "none: ended by a signal before"

struct checks {
    struct profile_job *job;
    struct arena *arena;
    struct advice *advice;
    struct compare_row base; // of the run from the image, without a list
};

// ---- what the variants have measured ----

// Bytes of code in RAM at the highest point: what an image, or the freezer, has instead.
static int64_t code_bytes(const struct heap_profile *heap)
{
    static const enum trace_kind kinds[] = {KIND_PROTO,        KIND_CODE,  KIND_CONSTANTS,
                                            KIND_PROTO_VECTOR, KIND_LINES, KIND_DEBUG_NAMES};
    int64_t bytes = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        bytes += (int64_t)heap_amount_at_peak(heap, &heap->kinds[kinds[i]]).bytes;
    return bytes;
}

static const char *words_of(const struct checks *checks, const struct app_run *run,
                            const char *usual)
{
    if (run->has_failed)
        return "run with it, and the program fails";
    if (!run->replay.is_replay && run->replay.difference)
        return arena_format(checks->arena, "run with inputs of its own, since a replay differs: %s",
                            run->replay.difference);
    return run->replay.is_replay ? usual : "run with inputs of its own";
}

static void check_image(const struct checks *checks)
{
    struct profile_job *job = checks->job;
    const struct app_run *from = job->as_is.has_failed ? &job->as_is_large : &job->as_is;
    const struct app_run *run = &job->runs[0];
    if (!from->heap || !run->image)
        return;
    struct advice_item *item = advice_add(checks->advice, ADVICE_IMAGE,
                                          "run the modules from an LFS image");
    item->predicted_bytes = report_number(code_bytes(from->heap));
    item->measured_bytes = report_number((int64_t)from->heap->moment_bytes[HEAP_MOMENT_PEAK] -
                                         (int64_t)run->heap->moment_bytes[HEAP_MOMENT_PEAK]);
    item->flash_bytes = report_number(run->image->bytes);
    item->command = "nodemcu-tool upload upload/lfs.img";
    item->check = words_of(
        checks, run,
        job->as_is.has_failed ? "replayed; as it is in a heap of " PROFILE_LARGE_HEAP : "replayed");
}

static void check_list(const struct checks *checks)
{
    struct profile_job *job = checks->job;
    const struct app_run *run = profile_run_with(job, APP_LIST_CHOSEN);
    int64_t held_out;
    struct advice_item *item = advice_find(checks->advice, ADVICE_STRINGS);
    if (!item)
        return;
    item->command = "nodemcu-tool upload upload/lfs.img";
    if (!run) {
        item->check = "none: it was not run with the list";
        return;
    }
    item->measured_bytes = report_number(profile_saved(job, run));
    item->flash_bytes = report_number(profile_grown(job, run));
    item->check = words_of(
        checks, run,
        worlds_are_judged(&job->worlds, &held_out)
            ? arena_format(checks->arena,
                           "replayed; %" PRId64 " in a world that it was not chosen from", held_out)
            : "replayed");
}

// ---- runs ----

// Runs the application once more, from the image. Result: STATUS_OK with run->is_done if there is
// something to compare.
static int run_with(const struct checks *checks, const char *name,
                    const struct app_variant *variant, struct app_run *run, struct compare_row *row,
                    struct problem *problem)
{
    struct profile_job *job = checks->job;
    *run = (struct app_run){
        .name = name,
        .image_path = arena_format(checks->arena, "%s/%s.img", job->runner.scratch, name),
        .trace_path = arena_format(checks->arena, "%s/%s.trace", job->runner.scratch, name),
        .output_path = arena_format(checks->arena, "%s/%s.txt", job->runner.scratch, name),
    };
    job_say_step(job->runner.context, variant->step);
    job->runner.hides_failures = true; // that it fails so is an outcome
    int status = app_runner_record(&job->runner, variant, NULL, run, problem);
    job->runner.hides_failures = false;
    if (status > 0) // the compiler has refused it
        return STATUS_OK;
    if (status == STATUS_OK && run->is_done && interrupt_number())
        run->is_done = false;
    return status == STATUS_OK && run->is_done
               ? compare_measure(checks->arena, run->trace_path, name, job->views.model,
                                 job->runner.context->exclude, row, problem)
               : status;
}

static int64_t bytes_saved(const struct checks *checks, const struct compare_row *row)
{
    return (int64_t)checks->base.peak_bytes - (int64_t)row->peak_bytes;
}

// The mode as the runtime takes it.
static const char *mode_option(const struct checks *checks, const struct gc_mode_sim *mode)
{
    switch (mode->mode) {
    case GC_MODE_OFF:
        return "--egc=none";
    case GC_MODE_ON_FAILURE:
        return "--egc=failure";
    case GC_MODE_LIMIT:
    case GC_MODE_RESERVE:
        return arena_format(checks->arena, "--egc=limit:%" PRId64, gc_mode_limit(mode));
    case GC_MODE_ALWAYS:
        break;
    }
    return "--egc=always";
}

static int check_mode(const struct checks *checks, struct problem *problem)
{
    struct advice_item *item = advice_find(checks->advice, ADVICE_COLLECTOR);
    const struct gc *gc = checks->job->views.gc;
    struct app_run run;
    struct compare_row row;
    if (!item || interrupt_number())
        return STATUS_OK;
    const char *options[] = {mode_option(checks, &gc->modes[gc_best_mode(gc)]), NULL};
    const struct app_variant variant = {
        .step = "runs in another mode of the collector", .has_image = true, .options = options};
    int status = run_with(checks, "mode", &variant, &run, &row, problem);
    if (status != STATUS_OK || !run.is_done)
        return status;
    item->check = words_of(checks, &run, "replayed");
    if (run.has_failed)
        return status;
    item->measured_bytes = report_number(bytes_saved(checks, &row));
    item->measured_ms = report_real(checks->base.run_ms - row.run_ms);
    return status;
}

static int check_freezer(const struct checks *checks, struct problem *problem)
{
    static const char *const options[] = {"--freeze=1", NULL};
    static const struct app_variant variant = {
        .step = "runs with the freezer", .has_image = true, .options = options};
    struct app_run run;
    struct compare_row row;
    if (interrupt_number())
        return STATUS_OK;
    int status = run_with(checks, "freezer", &variant, &run, &row, problem);
    if (status != STATUS_OK || !run.is_done)
        return status;
    struct advice_item *item = advice_add(
        checks->advice, ADVICE_FREEZER,
        "on frost's firmware: freeze the functions that are loaded, beside LFS");
    item->predicted_bytes = report_number(code_bytes(checks->job->runs[0].heap));
    item->command = "frost run --freeze --lfs lfs1.img ...";
    item->check = words_of(checks, &run, "replayed");
    if (run.has_failed)
        return status;
    item->measured_bytes = report_number(bytes_saved(checks, &row));
    item->measured_ms = report_real(checks->base.run_ms - row.run_ms);
    item->flash_bytes = report_number((int64_t)row.flash_bytes - (int64_t)checks->base.flash_bytes);
    return status;
}

// ---- literals ----

static bool is_to_mend(const struct advice_item *item)
{
    return item->kind == ADVICE_LITERAL && item->text.bytes > 0;
}

static void add_finding(struct lint *lint, const struct advice_item *item)
{
    struct lint_finding *finding = lint_add(lint, LINT_PATTERN, item->line, 0, "", "%s", "");
    if (finding)
        finding->literal = item->text;
}

static int read_sources(const struct checks *checks, const char *directory,
                        struct lint_unit **units, struct problem *problem)
{
    const struct app_directory *app = &checks->job->runner.app;
    *units = ARENA_NEW_ARRAY(checks->arena, struct lint_unit, app->module_count + 1);
    for (size_t i = 0; i < app->module_count; i++) {
        struct lint_unit *unit = &(*units)[i];
        *unit = (struct lint_unit){
            .path = arena_format(checks->arena, "%s/%s", directory, app->files[i].path)};
        int status = input_read(unit->path, SOURCE_BYTES_MAX, checks->arena, &unit->source,
                                problem);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

// Where the sources have the literal of a finding as it is. One that is put together of others, or
// came from outside, is nowhere.
static size_t count_places(const struct checks *checks, const struct lint_unit *units,
                           const struct advice_item *item)
{
    struct lint_settings settings = {0};
    struct lint lint;
    struct text mended;
    size_t places = 0;
    lint_init(&lint, checks->arena, &settings);
    add_finding(&lint, item);
    for (size_t i = 0; i < checks->job->runner.app.module_count; i++)
        places += lint_fix_source(&lint, &units[i], &mended);
    return places;
}

static int write_source(const struct checks *checks, const char *path, struct text source,
                        struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, checks->arena, problem);
    if (status != STATUS_OK)
        return status;
    fwrite(source.data, 1, source.bytes, output.file);
    return output_close(&output, problem);
}

// The sources once more, with every literal that a finding names made at run time. *count: of them.
static int mend_sources(const struct checks *checks, const char *directory, size_t *count,
                        struct problem *problem)
{
    struct lint_settings settings = {0};
    struct lint lint;
    struct lint_unit *units;
    int status = read_sources(checks, directory, &units, problem);
    lint_init(&lint, checks->arena, &settings);
    for (size_t i = 0; status == STATUS_OK && i < checks->advice->count; i++) {
        struct advice_item *item = &checks->advice->items[i];
        if (!is_to_mend(item))
            continue;
        item->places = count_places(checks, units, item);
        if (item->places)
            add_finding(&lint, item);
        else
            item->check = "none: no source has this text as a literal that can be exchanged";
    }
    *count = 0;
    for (size_t i = 0; status == STATUS_OK && i < checks->job->runner.app.module_count; i++) {
        struct text mended;
        size_t changed = lint_fix_source(&lint, &units[i], &mended);
        if (changed)
            status = write_source(checks, units[i].path, mended, problem);
        *count += changed;
    }
    return status;
}

// Of each finding what its line still reads of the text.
static int judge_literals(const struct checks *checks, const struct app_run *run,
                          const struct compare_row *row, size_t count, struct problem *problem)
{
    struct arena *arena = checks->arena;
    const struct report_directory *views = &checks->job->views;
    struct hot *hot = ARENA_NEW(arena, struct hot);
    struct hot_settings settings = {.traces = &run->trace_path,
                                    .names = &run->name,
                                    .trace_count = 1,
                                    .model = views->model,
                                    .exclude = checks->job->runner.context->exclude};
    int status = hot_analyse(&settings, arena, hot, problem);
    if (status != STATUS_OK)
        return status;
    double mhz = hot->models[hot->order].clock_mhz;
    const char *words = words_of(checks, run, "replayed, all literals together");
    double predicted = 0;
    for (size_t i = 0; i < checks->advice->count; i++) {
        struct advice_item *item = &checks->advice->items[i];
        if (!item->places)
            continue;
        double before = hot_clocks_at(views->hot, item->line, item->reads, item->hash, arena);
        double after = hot_clocks_at(hot, item->line, item->reads, item->hash, arena);
        item->check = words;
        if (!run->has_failed && mhz > 0)
            item->measured_ms = report_real((before - after) / (mhz * 1000));
        predicted += item->predicted_ms.real;
    }
    if (run->has_failed)
        return STATUS_OK;
    // What they cost together: more objects in RAM, which every collection visits.
    struct advice_item *item = advice_add(
        checks->advice, ADVICE_LITERALS,
        arena_format(arena, "the literals of all these findings (%zu) at once", count));
    item->predicted_ms = report_real(predicted);
    item->measured_bytes = report_number(bytes_saved(checks, row));
    item->measured_ms = report_real(checks->base.run_ms - row->run_ms);
    item->check = words;
    return STATUS_OK;
}

static int check_literals(const struct checks *checks, struct problem *problem)
{
    static const struct app_variant variant = {.step = "runs with literals made at run time",
                                               .has_image = true};
    struct profile_job *job = checks->job;
    struct app_run run;
    struct compare_row row;
    size_t count;
    const char *sources = arena_format(checks->arena, "%s/mended", job->runner.scratch);
    if (!advice_find(checks->advice, ADVICE_LITERAL) || interrupt_number())
        return STATUS_OK;
    int status = app_runner_copy_sources(&job->runner, sources, problem);
    if (status == STATUS_OK)
        status = mend_sources(checks, sources, &count, problem);
    if (status != STATUS_OK || count == 0)
        return status;
    job->runner.sources = sources;
    status = run_with(checks, "literals", &variant, &run, &row, problem);
    job->runner.sources = NULL;
    return status == STATUS_OK && run.is_done ? judge_literals(checks, &run, &row, count, problem)
                                              : status;
}

// ---- the whole ----

int profile_check(struct profile_job *job, bool makes_runs, struct problem *problem)
{
    struct checks checks = {
        .job = job, .arena = job->runner.context->arena, .advice = &job->views.advice};
    const struct app_run *first = &job->runs[0];
    if (!first->is_done || first->has_failed) {
        advice_say_unchecked(checks.advice, first->is_done
                                                ? "none: from the image the program fails"
                                                : "none: it was not run from the image");
        return STATUS_OK;
    }
    check_image(&checks);
    check_list(&checks);
    if (!makes_runs || interrupt_number()) {
        advice_say_unchecked(checks.advice, makes_runs ? NOT_REACHED : NOT_ASKED);
        return STATUS_OK;
    }
    int status = compare_measure(checks.arena, first->trace_path, first->name, job->views.model,
                                 job->runner.context->exclude, &checks.base, problem);
    if (status == STATUS_OK)
        status = check_mode(&checks, problem);
    if (status == STATUS_OK)
        status = check_literals(&checks, problem);
    if (status == STATUS_OK)
        status = check_freezer(&checks, problem);
    advice_say_unchecked(checks.advice, interrupt_number()
                                            ? NOT_REACHED
                                            : "none: the sources with it do not compile");
    return status;
}
