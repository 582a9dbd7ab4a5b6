// record_peak.c: see record_peak.h.

#include "analyzer/job/record_peak.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/analysis/heap/replay.h"
#include "analyzer/base/output.h"
#include "analyzer/job/app_directory.h"
#include "analyzer/job/program_facts.h"
#include "runtime/format/path_below.h"

#define FILE_BYTES_MAX (16 << 20) // of a flash

struct height {
    const struct replay *replay;
    uint64_t bytes;
};

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    ((struct height *)context)->replay = replay;
    (void)problem;
    return STATUS_OK;
}

static void note_step(void *context, struct heap_step *step)
{
    struct height *height = context;
    (void)step;
    if (height->replay->heap->lua_bytes > height->bytes)
        height->bytes = height->replay->heap->lua_bytes;
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    (void)context;
    (void)replay;
    (void)problem;
    return STATUS_OK;
}

int record_peak_find(const struct job_context *context, const char *trace, uint32_t *bytes,
                     struct problem *problem)
{
    struct height height = {0};
    struct replay_observer observer = {.context = &height,
                                       .events = REPLAY_BLOCKS,
                                       .wants_heap = true,
                                       .begin = begin_run,
                                       .step = note_step,
                                       .end = end_run};
    struct replay_settings settings = {.traces = &trace, .trace_count = 1};
    (void)context;
    int status = replay_run(&settings, &observer, 1, problem);
    *bytes = height.bytes < UINT32_MAX ? (uint32_t)height.bytes : 0;
    return status;
}

// ---- files ----

static int copy_file(struct arena *arena, const char *from, const char *to, struct problem *problem)
{
    int status = output_make_parents(to, problem);
    return status == STATUS_OK ? app_copy_file(arena, from, to, problem) : status;
}

// What is larger than a flash, or may not be read, is no file that the program can have used.
static int copy_files(const struct job_context *context, const char *from, json_t *files,
                      const char *to, struct problem *problem)
{
    const char *name;
    json_t *file;
    int status = output_make_directory(to, problem);
    json_object_foreach(files, name, file)
    {
        const char *path = arena_format(context->arena, "%s/%s", from, name);
        if (status == STATUS_OK && access(path, R_OK) == 0 &&
            json_integer_value(json_object_get(file, "bytes")) <= FILE_BYTES_MAX)
            status = copy_file(context->arena, path,
                               arena_format(context->arena, "%s/%s", to, name), problem);
    }
    return status;
}

// A script's name in the directory of --fs, or in its own (NULL), as the VM finds it (vm_args.c).
// NULL: it lies elsewhere, or is found by its name alone.
static const char *name_below(const char *script, const char *directory)
{
    if (!directory)
        return strcmp(script, "-") != 0 ? text_base_name(text_of(script)).data : NULL;
    return path_below(script, directory);
}

static int copy_all(const struct job_context *context, const struct vm_settings *vm,
                    char *const *operands, size_t operand_count, const char *work,
                    struct record_peak *peak, struct problem *problem)
{
    json_t *files;
    int status = STATUS_OK;
    if (vm->flash && access(vm->flash, R_OK) == 0) {
        peak->flash = arena_format(context->arena, "%s/flash", work);
        status = copy_file(context->arena, vm->flash, peak->flash, problem);
    } else if (vm->flash) {
        peak->flash = arena_format(context->arena, "%s/new-flash", work);
    }
    bool has_directory = vm->profile == VM_PROFILE_NODEMCU && (vm->fs || !vm->flash);
    if (status != STATUS_OK || !has_directory)
        return status;
    peak->fs = arena_format(context->arena, "%s/fs", work);
    const char *from = program_files(context->arena, vm, operands, operand_count, &files);
    status = copy_files(context, from, files, peak->fs, problem);
    const char *name = operand_count ? name_below(operands[0], vm->fs) : NULL;
    if (name)
        peak->script = arena_format(context->arena, "%s/%s", peak->fs, name);
    json_decref(files);
    return status;
}

int record_peak_keep(const struct job_context *context, const char *output,
                     const struct vm_settings *vm, char *const *operands, size_t operand_count,
                     struct record_peak *peak, struct problem *problem)
{
    const char *target = arena_format(context->arena, "%s.files",
                                      result_resolve(context->arena, output));
    *peak = (struct record_peak){0};
    int status = result_begin(context->arena, target, &peak->scratch, problem);
    if (status != STATUS_OK)
        return status;
    const char *work = result_make_work(&peak->scratch);
    status = work ? copy_all(context, vm, operands, operand_count, work, peak, problem)
                  : problem_set(problem, STATUS_IO, text_of(target), PROBLEM_NO_OFF,
                                "cannot be made: %s", strerror(errno));
    if (status != STATUS_OK)
        result_abandon(&peak->scratch);
    return status;
}
