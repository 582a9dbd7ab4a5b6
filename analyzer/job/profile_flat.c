// profile_flat.c: see profile_flat.h.

#include "analyzer/job/profile_flat.h"

#include <string.h>

#include "analyzer/base/output.h"
#include "analyzer/base/safe_text.h"

#define DIRECTORY "luac.cross"

static char *flat_name(struct arena *arena, const char *name)
{
    char *flat = arena_copy_string(arena, name);
    for (char *at = flat; *at; at++)
        if (*at == '.')
            *at = '_';
    return flat;
}

// Two modules of one flat name; false: there are none.
static bool find_twins(const struct profile_job *job, size_t *first, size_t *second)
{
    const struct app_directory *app = &job->runner.app;
    struct arena *arena = job->runner.context->arena;
    for (*second = 1; *second < app->module_count; (*second)++)
        for (*first = 0; *first < *second; (*first)++) {
            struct arena_mark mark = arena_mark(arena);
            bool is_same = !strcmp(flat_name(arena, app->files[*first].name),
                                   flat_name(arena, app->files[*second].name));
            arena_rewind(arena, mark);
            if (is_same)
                return true;
        }
    return false;
}

// Copies of sources have all that --exclude is to keep out of a result.
static bool is_wanted(const struct profile_job *job)
{
    size_t first, second;
    return job->runner.plan.start_module && !job->runner.context->exclude &&
           !find_twins(job, &first, &second);
}

static int copy_modules(const struct profile_job *job, const char *directory,
                        struct problem *problem)
{
    const struct app_directory *app = &job->runner.app;
    struct arena *arena = job->runner.context->arena;
    int status = STATUS_OK;
    for (size_t i = 0; i < app->module_count && status == STATUS_OK; i++) {
        const struct app_file *file = &app->files[i];
        status = app_copy_file(
            arena, arena_format(arena, "%s/src/%s", job->runner.scratch, file->path),
            arena_format(arena, "%s/%s.lua", directory, flat_name(arena, file->name)), problem);
    }
    return status;
}

int profile_flat_write(const struct profile_job *job, const char *directory,
                       struct problem *problem)
{
    struct arena *arena = job->runner.context->arena;
    const char *path = arena_format(arena, "%s/" DIRECTORY, directory);
    const char *list = arena_format(arena, "%s/" APP_LIST_NAME ".lua", job->result.scratch);
    struct output output;
    if (!is_wanted(job))
        return STATUS_OK;
    int status = output_make_directory(path, problem);
    if (status == STATUS_OK)
        status = copy_modules(job, path, problem);
    if (status == STATUS_OK && profile_run_with(job, APP_LIST_CHOSEN))
        status = app_copy_file(arena, list, arena_format(arena, "%s/" APP_LIST_NAME ".lua", path),
                               problem);
    if (status == STATUS_OK)
        status = output_open(&output, arena_format(arena, "%s/_init.lua", path), arena, problem);
    if (status != STATUS_OK)
        return status;
    app_plan_write_flat_init(&job->runner.plan, output.file);
    return output_close(&output, problem);
}

void profile_flat_describe(const struct profile_job *job, FILE *file)
{
    const struct app_directory *app = &job->runner.app;
    struct arena *arena = job->runner.context->arena;
    size_t first, second;
    if (!job->runner.plan.start_module)
        return;
    fputs("\n## If you build the image with luac.cross\n\n", file);
    if (job->runner.context->exclude) {
        fputs("With --exclude there are no copies of the sources here.\n", file);
        return;
    }
    if (find_twins(job, &first, &second)) {
        fprintf(
            file,
            "It cuts names at the first dot: `%.*s` and `%.*s` would be one module. `frost luac\n"
            "NAME=FILE` keeps them apart.\n",
            TEXT_ARGS(safe_text(arena, text_of(app->files[first].path))),
            TEXT_ARGS(safe_text(arena, text_of(app->files[second].path))));
        return;
    }
    fputs("    luac.cross -f -o lfs.img " DIRECTORY "/*.lua\n\nIt cuts names at the first dot and "
          "drops directories, so the modules of `" DIRECTORY "/` are\nflat copies, and its "
          "`_init.lua` finds them by their names:\n\n",
          file);
    for (size_t i = 0; i < app->module_count; i++) {
        const struct app_file *one = &app->files[i];
        fprintf(file, "- `%.*s`: `%.*s.lua`\n", TEXT_ARGS(safe_text(arena, text_of(one->path))),
                TEXT_ARGS(safe_text(arena, text_of(flat_name(arena, one->name)))));
    }
}
