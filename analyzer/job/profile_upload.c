// profile_upload.c: see profile_upload.h.

#include "analyzer/job/profile_upload.h"

#include "analyzer/base/output.h"
#include "analyzer/base/safe_text.h"
#include "analyzer/job/profile_flat.h"

// The image to be used: with the list, if that was built.
static const struct app_run *final_run(const struct profile_job *job)
{
    const struct app_run *list = profile_run_with(job, APP_LIST_CHOSEN);
    return list && list->image ? list : &job->runs[0];
}

static void write_file_list(const struct profile_job *job, bool modules, FILE *file)
{
    const struct app_directory *app = &job->runner.app;
    for (size_t i = 0; i < app->file_count; i++) {
        const struct app_file *one = &app->files[i];
        bool is_replaced = job->runner.plan.start_module && !strcmp(one->path, APP_START_FILE);
        if (is_replaced || (one->role == APP_ROLE_MODULE) != modules)
            continue;
        if (exclude_matches(job->runner.context->exclude, text_of(one->path)) ||
            (one->name && exclude_matches(job->runner.context->exclude, text_of(one->name)))) {
            fputs("- a file whose name --exclude leaves out\n", file);
            continue;
        }
        struct arena *arena = job->runner.context->arena;
        struct text path = safe_text(arena, text_of(one->path));
        if (modules)
            fprintf(file, "- `%.*s`, `%.*slc`: in the image as `%.*s`\n", TEXT_ARGS(path),
                    (int)path.bytes - 3, path.data,
                    TEXT_ARGS(safe_text(arena, text_of(one->name))));
        else
            fprintf(file, "- `%.*s`\n", TEXT_ARGS(path));
    }
}

// Calls that 3.0 no longer has, with their lines.
static void write_edits(const struct profile_job *job, FILE *file)
{
    const struct app_needs *needs = &job->runner.needs;
    bool is_first = true;
    for (size_t i = 0; i < needs->count; i++) {
        const struct app_need *need = &needs->items[i];
        if (need->kind != APP_NEEDS_FORM ||
            exclude_matches(job->runner.context->exclude, text_of(need->places)))
            continue;
        if (is_first)
            fputs("\n## Edits for firmware 3.0\n\n", file);
        is_first = false;
        fprintf(file, "- `%.*s` at %s: %s\n", TEXT_ARGS(need->name), need->places, need->remedy);
    }
}

// The image has what luac.cross does not make.
static void write_vector(const struct profile_job *job, FILE *file)
{
    const struct strings_vector *vector = &job->strings.vector;
    if (!job->runner.list_slots || !profile_run_with(job, APP_LIST_CHOSEN) || !vector->growth_bytes)
        return;
    fprintf(
        file,
        "\n## The hash vector\n\n"
        "The image was made with `frost luac --hash-slots=%u`, as `--hash-slots=keep` asks. The\n"
        "firmware takes it as it is; `luac.cross` has no such option and makes %u slots, %u\n"
        "bytes of flash more. The list saves the same RAM there.\n",
        (unsigned)vector->slots, (unsigned)vector->slots_grown, (unsigned)vector->growth_bytes);
}

static void write_readme(const struct profile_job *job, FILE *file)
{
    bool makes_start = job->runner.plan.start_module != NULL;
    fprintf(file,
            "# Bringing the application to the device\n\n"
            "Made by `frost profile`. The image holds %zu modules of the application in "
            "%u bytes of flash.\n\n## Upload\n\n- `lfs.img`\n",
            job->runner.app.module_count, (unsigned)final_run(job)->image->bytes);
    if (makes_start)
        fputs("- `init.lua` of this directory, in place of the application's own\n", file);
    write_file_list(job, false, file);
    fputs("\n## Delete on the device\n\nA file goes before a module of its name, and takes RAM "
          "when it is loaded.\n\n",
          file);
    write_file_list(job, true, file);
    fputs("\n## Commands\n\n"
          "    nodemcu-tool upload lfs.img",
          file);
    fputs(makes_start ? " init.lua\n" : "\n", file);
    fputs(
        "\nThen, at the prompt of the device (it restarts):\n\n"
        "    node.LFS.reload(\"lfs.img\")\n\n"
        "Firmware before 3.0 has `node.flashreload(\"lfs.img\")`. Or by the serial line, with the\n"
        "partition's address from `node.getpartitiontable().lfs_addr`, an image built with\n"
        "`frost luac -f -a`, and `esptool.py write_flash ADDRESS IMAGE`.\n",
        file);
    write_vector(job, file);
    write_edits(job, file);
    profile_flat_describe(job, file);
    if (makes_start)
        fputs("\n`_init.lua` makes the modules reachable: `require`, `dofile` and `loadfile` find "
              "them.\nIt is in the image; its source is here for those who build the image "
              "themselves.\n",
              file);
}

static int copy_into(const struct profile_job *job, const char *directory, const char *from,
                     const char *name, struct problem *problem)
{
    struct arena *arena = job->runner.context->arena;
    return from ? app_copy_file(arena, from, arena_format(arena, "%s/%s", directory, name), problem)
                : STATUS_OK;
}

int profile_upload_write(const struct profile_job *job, struct problem *problem)
{
    struct arena *arena = job->runner.context->arena;
    const struct app_run *run = final_run(job);
    char *directory = arena_format(arena, "%s/upload", job->result.scratch);
    struct output output;
    if (!run->image)
        return STATUS_OK;
    int status = output_make_directory(directory, problem);
    if (status == STATUS_OK)
        status = copy_into(job, directory, run->image_path, "lfs.img", problem);
    if (status == STATUS_OK)
        status = copy_into(job, directory, app_runner_start(&job->runner), APP_START_FILE, problem);
    if (status == STATUS_OK)
        status = copy_into(job, directory, app_runner_init(&job->runner), "_init.lua", problem);
    if (status == STATUS_OK)
        status = profile_flat_write(job, directory, problem);
    if (status == STATUS_OK)
        status = output_open(&output, arena_format(arena, "%s/README.md", directory), arena,
                             problem);
    if (status != STATUS_OK)
        return status;
    write_readme(job, output.file);
    return output_close(&output, problem);
}
