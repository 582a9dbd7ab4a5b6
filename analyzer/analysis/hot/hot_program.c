// hot_program.c: finds, opens and checks the program of the traces.

#include "analyzer/analysis/hot/hot_program.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/trace/trace_reader.h"
#include "runtime/format/status.h"

struct named {
    char path[4096];
    char build_id[129];
};

// What a trace says of its program. Result: false if it has no loads, or does not say.
static bool read_named(const char *directory, struct named *named)
{
    struct arena scratch;
    struct trace *trace;
    struct problem problem = {0};
    bool is_named = false;
    arena_init(&scratch);
    if (trace_open(&scratch, directory, &trace, &problem) == STATUS_OK) {
        const struct trace_run *run = trace_run(trace);
        snprintf(named->path, sizeof named->path, "%s", run->program);
        snprintf(named->build_id, sizeof named->build_id, "%s", run->build_id);
        is_named = run->program[0] != 0 &&
                   (strcmp(run->build, "traced") == 0 || strcmp(run->target, "esp8266") == 0);
        trace_close(trace);
    }
    arena_deinit(&scratch);
    return is_named;
}

// The one program of the traces. Result: false if there is none, or several.
static bool find_named(const char *const *traces, size_t trace_count, struct named *found,
                       struct hot_program *program)
{
    struct named *other = &(struct named){{0}, {0}};
    for (size_t i = 0; i < trace_count; i++) {
        if (!read_named(traces[i], other))
            continue;
        if (found->path[0] && strcmp(found->build_id, other->build_id) != 0) {
            snprintf(program->why, sizeof program->why,
                     "the traces were recorded with different builds of the VM");
            return false;
        }
        *found = *other;
    }
    return found->path[0] != 0;
}

static int open_file(struct arena *arena, const char *path, struct hot_program *program,
                     struct problem *problem)
{
    struct elf_index *index;
    struct elf_image *image;
    int status = elf_index_open(arena, path, &index, problem);
    if (status == STATUS_OK)
        status = elf_image_open(arena, path, &image, problem);
    if (status != STATUS_OK)
        return status;
    program->path = path;
    program->index = index;
    program->image = image;
    program->is_chip = image->machine == ELF_MACHINE_XTENSA;
    return STATUS_OK;
}

static int open_given(const char *elf, const struct named *named, struct arena *arena,
                      struct hot_program *program, struct problem *problem)
{
    int status = open_file(arena, elf, program, problem);
    if (status != STATUS_OK)
        return status;
    const char *id = elf_index_build_id(program->index);
    if (named->build_id[0] && strcmp(id, named->build_id) != 0)
        return problem_set(problem, STATUS_VERSION, text_of(elf), PROBLEM_NO_OFF,
                           "not the program that was recorded, but another build (build-id %.16s, "
                           "recorded %.16s)",
                           id, named->build_id);
    return STATUS_OK;
}

static void open_named(const struct named *named, struct arena *arena, struct hot_program *program)
{
    struct problem problem = {0};
    struct hot_program found = {.path = ""};
    const char *path = arena_copy_string(arena, named->path);
    if (open_file(arena, path, &found, &problem) != STATUS_OK) {
        snprintf(program->why, sizeof program->why,
                 "the VM that was recorded cannot be read: %.200s: %.140s", path, problem.message);
        return;
    }
    if (strcmp(elf_index_build_id(found.index), named->build_id) != 0) {
        snprintf(program->why, sizeof program->why,
                 "%.200s is not the VM that was recorded, but another build of it (build-id %.8s, "
                 "recorded %.8s)",
                 path, elf_index_build_id(found.index), named->build_id);
        return;
    }
    found.build_id = program->build_id;
    *program = found;
}

int hot_program_open(const char *const *traces, size_t trace_count, const char *elf,
                     struct arena *arena, struct hot_program *program, struct problem *problem)
{
    struct named *named = ARENA_NEW(arena, struct named);
    *program = (struct hot_program){.path = "", .build_id = ""};
    bool is_named = find_named(traces, trace_count, named, program);
    program->build_id = named->build_id;
    if (elf)
        return open_given(elf, named, arena, program, problem);
    if (is_named)
        open_named(named, arena, program);
    return STATUS_OK;
}
