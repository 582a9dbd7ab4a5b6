// trace_run.c: what was run: .frost/run.json.
//
// Reads: one small JSON file. Memory: strings live in jansson's object until trace_close.
// Source: schema frost/run/1, reports/schema/run.json.

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/trace/trace_private.h"

#define RUN_JSON_BYTES_MAX 1048576u
#define RUN_SCHEMA "frost/run/1"

static const char *string_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static uint32_t u32_of(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value >= 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
}

static const char *ended_by(const json_t *json)
{
    const char *by = string_of(json, "ended_by");
    return *by ? by : string_of(json_object_get(json, "serial"), "ended_by");
}

static void read_images(struct trace *trace, const json_t *list)
{
    size_t count = json_array_size(list);
    struct trace_run_image *images = ARENA_NEW_ARRAY(trace->arena, struct trace_run_image, count);
    for (size_t i = 0; i < count; i++) {
        const json_t *image = json_array_get(list, i);
        images[i] = (struct trace_run_image){
            .file = string_of(image, "file"),
            .addr = u32_of(image, "addr"),
            .bytes = u32_of(image, "bytes"),
            .crc = u32_of(image, "crc"),
        };
    }
    trace->run.images = images;
    trace->run.image_count = count;
}

int trace_run_read(struct trace *trace, struct problem *problem)
{
    struct trace_run *run = &trace->run;
    run->command = run->profile = run->number = run->build = run->version = "";
    run->target = run->program = run->build_id = run->ended_by = "";
    const char *path = arena_format(trace->arena, "%s/.frost/run.json", trace->directory);
    FILE *file = fopen(path, "re");
    if (!file && (errno == ENOENT || errno == ENOTDIR))
        return STATUS_OK;
    if (!file)
        return problem_set(problem, STATUS_IO, text_of(trace->directory), PROBLEM_NO_OFF,
                           "cannot open '.frost/run.json': %s", strerror(errno));
    struct arena_mark mark = arena_mark(trace->arena);
    char *content = arena_alloc(trace->arena, RUN_JSON_BYTES_MAX + 1);
    size_t bytes = fread(content, 1, RUN_JSON_BYTES_MAX + 1, file);
    int is_bad = ferror(file);
    fclose(file);
    json_error_t error = {0};
    json_t *json = is_bad || bytes > RUN_JSON_BYTES_MAX
                       ? NULL
                       : json_loadb(content, bytes, JSON_REJECT_DUPLICATES, &error);
    arena_rewind(trace->arena, mark);
    if (!json_is_object(json)) {
        json_decref(json);
        return problem_set(problem, STATUS_DAMAGED, text_of(trace->directory),
                           error.position > 0 ? (uint64_t)error.position : PROBLEM_NO_OFF,
                           "'.frost/run.json' is not a JSON object: %s",
                           bytes > RUN_JSON_BYTES_MAX ? "too long" : error.text);
    }
    if (strcmp(string_of(json, "schema"), RUN_SCHEMA) != 0) {
        problem_set(problem, STATUS_VERSION, text_of(trace->directory), PROBLEM_NO_OFF,
                    "'.frost/run.json' is of schema '%.40s', not " RUN_SCHEMA,
                    string_of(json, "schema"));
        json_decref(json);
        return STATUS_VERSION;
    }
    run->json = json;
    run->is_present = true;
    run->is_complete = json_is_true(json_object_get(json, "complete"));
    run->has_exited = json_is_integer(json_object_get(json, "exit_status"));
    run->exit_status = (int)json_integer_value(json_object_get(json, "exit_status"));
    run->ended_by = ended_by(json);
    run->duration_ms = u32_of(json, "duration_ms");
    run->boots = u32_of(json, "boots");
    run->command = string_of(json, "command");
    run->profile = string_of(json, "profile");
    run->number = string_of(json, "number");
    run->build = string_of(json, "build");
    run->version = string_of(json, "version");
    run->target = string_of(json, "target");
    run->program = string_of(json, "program");
    run->build_id = string_of(json, "build_id");
    read_images(trace, json_object_get(json, "images"));
    return STATUS_OK;
}

void trace_run_release(struct trace *trace)
{
    json_decref((json_t *)(uintptr_t)trace->run.json);
    trace->run.json = NULL;
}
