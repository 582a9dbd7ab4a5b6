// recorder_directory.c: the directory of a trace while it is recorded, and run.json.
//
// Writes: a result (analyzer/base/result.h). Memory: paths in the arena.

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/elf/elf_index.h"
#include "analyzer/trace/trace_tsdl.h"
#include "collectors/host/recorder_private.h"
#include "runtime/format/device_time.h"

int recorder_write_failed(struct recorder *recorder, const char *name)
{
    int status = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? STATUS_NO_SPACE : STATUS_IO;
    return problem_set(recorder->problem, status, text_of(recorder->setup->directory),
                       PROBLEM_NO_OFF, "cannot write '%s': %s", name, strerror(errno));
}

static const char *path_in(struct recorder *recorder, const char *name)
{
    return arena_format(recorder->arena, "%s/%s", recorder->part, name);
}

static int begin_files(struct recorder *recorder)
{
    const char *path = path_in(recorder, "metadata");
    result_note_file(path);
    FILE *metadata = fopen(path, "wxe");
    if (!metadata)
        return recorder_write_failed(recorder, "metadata");
    trace_tsdl_write(metadata, recorder->setup->version);
    int is_bad = ferror(metadata);
    if (fclose(metadata) != 0 || is_bad)
        return recorder_write_failed(recorder, "metadata");
    path = path_in(recorder, "events");
    result_note_file(path);
    recorder->events_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return recorder->events_fd < 0 ? recorder_write_failed(recorder, "events") : STATUS_OK;
}

int recorder_directory_begin(struct recorder *recorder)
{
    int status = result_begin(recorder->arena, recorder->setup->directory, &recorder->made,
                              recorder->problem);
    if (status != STATUS_OK)
        return status;
    recorder->directory = recorder->setup->directory;
    recorder->part = recorder->made.scratch;
    status = begin_files(recorder);
    if (status != STATUS_OK)
        recorder_directory_abandon(recorder);
    return status;
}

// Writes a file of .frost/ beside its name, then renames it.
static int write_inner(struct recorder *recorder, const char *name, const void *data, size_t bytes)
{
    const char *path = arena_format(recorder->arena, "%s/.frost/%s", recorder->part, name);
    const char *beside = arena_format(recorder->arena, "%s.new", path);
    if (access(path, F_OK) != 0) {
        result_note_file(beside);
        result_note_file(path);
    }
    FILE *file = fopen(beside, "we");
    if (!file)
        return recorder_write_failed(recorder, name);
    size_t n = fwrite(data, 1, bytes, file);
    if (fclose(file) != 0 || n != bytes || rename(beside, path) != 0)
        return recorder_write_failed(recorder, name);
    return STATUS_OK;
}

int recorder_directory_image(struct recorder *recorder, const char *name, const void *image,
                             size_t bytes)
{
    struct arena_mark mark = arena_mark(recorder->arena);
    int status = write_inner(recorder, name, image, bytes);
    arena_rewind(recorder->arena, mark);
    return status;
}

static json_t *images_of(const struct recorder *recorder)
{
    json_t *list = json_array();
    for (size_t i = 0; i < recorder->image_count; i++) {
        const struct recorder_image *image = &recorder->images[i];
        json_array_append_new(list,
                              json_pack("{s:s,s:I,s:I,s:I}", "file", image->file, "addr",
                                        (json_int_t)image->addr, "bytes", (json_int_t)image->bytes,
                                        "crc", (json_int_t)image->crc));
    }
    return list;
}

// A command line need not be UTF-8; JSON must be.
static json_t *string_of(struct recorder *recorder, const char *text)
{
    json_t *string = json_string(text);
    if (string)
        return string;
    char *plain = arena_copy_string(recorder->arena, text);
    for (char *at = plain; *at; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    return json_string(plain);
}

// The program that ran, for whoever wants to name its code later. A script has no build-id.
static void set_program(struct recorder *recorder, json_t *json)
{
    struct arena_mark mark = arena_mark(recorder->arena);
    const char *given = recorder->setup->argv[0];
    char *path = realpath(given, NULL);
    const char *id = elf_build_id_read(recorder->arena, given);
    json_object_set_new(json, "program", string_of(recorder, path ? path : given));
    if (id)
        json_object_set_new(json, "build_id", json_string(id));
    free(path);
    arena_rewind(recorder->arena, mark);
}

// How the device's time passes.
static json_t *device_time(void)
{
    json_t *json = json_object();
    json_object_set_new(json, "instruction_ns", json_integer(DEVICE_TIME_INSTRUCTION_NS));
    json_object_set_new(json, "flash_page_ns", json_integer(DEVICE_TIME_PAGE_NS));
    json_object_set_new(json, "flash_sector_ns", json_integer(DEVICE_TIME_SECTOR_NS));
    return json;
}

static const char *ending_of(const struct recorder_result *result)
{
    return result->interrupt ? "signal" : result->is_cut ? "duration" : "program";
}

int recorder_directory_run(struct recorder *recorder)
{
    const struct recorder_setup *setup = recorder->setup;
    const struct recorder_result *result = recorder->result;
    json_t *json = json_object();
    json_object_set_new(json, "schema", json_string("frost/run/1"));
    json_object_set_new(json, "version", string_of(recorder, setup->version));
    // The command line may hold code (-e), and it names files.
    const char *command = setup->is_without_text ? "frost record --no-text" : setup->command;
    json_object_set_new(json, "command", string_of(recorder, command));
    json_object_set_new(json, "profile", string_of(recorder, setup->profile));
    json_object_set_new(json, "number", string_of(recorder, setup->number));
    json_object_set_new(json, "build", string_of(recorder, setup->build));
    if (setup->argv)
        set_program(recorder, json);
    if (strcmp(setup->build, "stock") != 0 && strcmp(setup->profile, "nodemcu") == 0 &&
        !json_object_get(setup->facts, "serial"))
        json_object_set_new(json, "device_time", device_time());
    json_object_set_new(json, "raw", json_boolean(setup->is_raw));
    json_object_set_new(json, "stacks", json_integer(setup->stack_depth));
    json_object_set_new(json, "text", json_boolean(!setup->is_without_text));
    json_object_set_new(json, "inputs",
                        json_boolean(!setup->is_without_text && !setup->is_without_inputs));
    json_object_set_new(json, "complete", json_boolean(result->is_complete));
    if (recorder->has_exited)
        json_object_set_new(json, "exit_status", json_integer(result->exit_status));
    if (recorder->has_exited)
        json_object_set_new(json, "ended_by", json_string(ending_of(result)));
    if (setup->duration_ms)
        json_object_set_new(json, "duration_ms", json_integer((json_int_t)setup->duration_ms));
    json_object_set_new(json, "boots", json_integer(result->boots));
    json_object_set_new(json, "events", json_integer((json_int_t)result->event_count));
    json_object_set_new(json, "events_bytes", json_integer((json_int_t)result->bytes));
    json_object_set_new(json, "events_discarded", json_integer((json_int_t)recorder->discarded));
    json_object_set_new(json, "images", images_of(recorder));
    if (setup->facts)
        json_object_update(json, setup->facts);
    char *text = json_dumps(json, JSON_INDENT(2));
    json_decref(json);
    if (!text)
        return problem_set(recorder->problem, STATUS_NO_MEMORY, text_of(setup->directory),
                           PROBLEM_NO_OFF, "cannot make run.json");
    struct arena_mark mark = arena_mark(recorder->arena);
    const char *content = arena_format(recorder->arena, "%s\n", text);
    free(text);
    int status = write_inner(recorder, "run.json", content, strlen(content));
    arena_rewind(recorder->arena, mark);
    return status;
}

int recorder_directory_finish(struct recorder *recorder)
{
    bool is_bad = close(recorder->events_fd) != 0;
    recorder->events_fd = -1;
    if (is_bad)
        return recorder_write_failed(recorder, "events");
    return result_finish(&recorder->made, recorder->problem);
}

void recorder_directory_abandon(struct recorder *recorder)
{
    if (recorder->events_fd >= 0)
        close(recorder->events_fd);
    recorder->events_fd = -1;
    result_abandon(&recorder->made);
}
