// recorder_folder.c: the folder of a trace while it is recorded, and run.json.
//
// Writes: FOLDER.part, then FOLDER. Memory: paths in the arena.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/elf/elf_index.h"
#include "analyzer/trace/trace_tsdl.h"
#include "collectors/host/recorder_private.h"

int recorder_write_failed(struct recorder *recorder, const char *name)
{
    int status = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? STATUS_NO_SPACE : STATUS_IO;
    return problem_set(recorder->problem, status, text_of(recorder->setup->folder), PROBLEM_NO_OFF,
                       "cannot write '%s': %s", name, strerror(errno));
}

static const char *path_in(struct recorder *recorder, const char *folder, const char *name)
{
    return arena_format(recorder->arena, "%s/%s", folder, name);
}

// 1 if the folder has nothing in it but what a trace has, 0 if not, -1 if it does not exist.
static int is_replaceable(const char *folder)
{
    DIR *dir = opendir(folder);
    struct stat info;
    if (!dir)
        return lstat(folder, &info) != 0 ? -1 : 0;
    int is_trace = 1;
    for (struct dirent *entry; (entry = readdir(dir));) {
        static const char *const expected[] = {".", "..", "metadata", "events", ".frost"};
        int is_known = 0;
        for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
            is_known |= strcmp(entry->d_name, expected[i]) == 0;
        is_trace &= is_known;
    }
    closedir(dir);
    return is_trace;
}

// Removes a folder of which is_replaceable() is true.
static void remove_trace(struct recorder *recorder, const char *folder)
{
    const char *inner = path_in(recorder, folder, ".frost");
    DIR *dir = opendir(inner);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
    rmdir(inner);
    unlink(path_in(recorder, folder, "events"));
    unlink(path_in(recorder, folder, "metadata"));
    rmdir(folder);
}

// Clears away what a killed recorder has left; refuses if one is at work.
static int clear_part(struct recorder *recorder)
{
    int state = is_replaceable(recorder->part);
    if (state < 0)
        return STATUS_OK;
    struct text file = text_of(recorder->setup->folder);
    if (state == 0)
        return problem_set(recorder->problem, STATUS_USAGE, file, PROBLEM_NO_OFF,
                           "'%.80s' is in the way: it exists and is not a trace", recorder->part);
    int fd = open(path_in(recorder, recorder->part, "events"), O_RDONLY | O_CLOEXEC);
    int is_busy = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
    if (fd >= 0)
        close(fd);
    if (is_busy)
        return problem_set(recorder->problem, STATUS_USAGE, file, PROBLEM_NO_OFF,
                           "is being recorded to by another process");
    remove_trace(recorder, recorder->part);
    return STATUS_OK;
}

// The path without slashes at its end.
static const char *trimmed(struct arena *arena, const char *folder)
{
    size_t bytes = strlen(folder);
    while (bytes > 1 && folder[bytes - 1] == '/')
        bytes--;
    return arena_format(arena, "%.*s", (int)bytes, folder);
}

int recorder_folder_begin(struct recorder *recorder)
{
    recorder->folder = trimmed(recorder->arena, recorder->setup->folder);
    recorder->part = arena_format(recorder->arena, "%s.part", recorder->folder);
    if (is_replaceable(recorder->folder) == 0)
        return problem_set(recorder->problem, STATUS_USAGE, text_of(recorder->setup->folder),
                           PROBLEM_NO_OFF, "exists and is not a trace; it is left alone");
    int status = clear_part(recorder);
    if (status != STATUS_OK)
        return status;
    if (mkdir(recorder->part, 0777) != 0)
        return recorder_write_failed(recorder, recorder->part);
    if (mkdir(path_in(recorder, recorder->part, ".frost"), 0777) != 0)
        return recorder_write_failed(recorder, ".frost");
    FILE *metadata = fopen(path_in(recorder, recorder->part, "metadata"), "wxe");
    if (!metadata)
        return recorder_write_failed(recorder, "metadata");
    trace_tsdl_write(metadata, recorder->setup->version);
    int is_bad = ferror(metadata);
    if (fclose(metadata) != 0 || is_bad)
        return recorder_write_failed(recorder, "metadata");
    recorder->events_fd = open(path_in(recorder, recorder->part, "events"),
                               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (recorder->events_fd < 0 || flock(recorder->events_fd, LOCK_EX | LOCK_NB) != 0)
        return recorder_write_failed(recorder, "events");
    return STATUS_OK;
}

// Writes a file of .frost/ beside its name, then renames it.
static int write_inner(struct recorder *recorder, const char *name, const void *data, size_t bytes)
{
    const char *path = arena_format(recorder->arena, "%s/.frost/%s", recorder->part, name);
    const char *beside = arena_format(recorder->arena, "%s.new", path);
    FILE *file = fopen(beside, "we");
    if (!file)
        return recorder_write_failed(recorder, name);
    size_t n = fwrite(data, 1, bytes, file);
    if (fclose(file) != 0 || n != bytes || rename(beside, path) != 0)
        return recorder_write_failed(recorder, name);
    return STATUS_OK;
}

int recorder_folder_image(struct recorder *recorder, const char *name, const void *image,
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
        json_array_append_new(list, json_pack("{s:s,s:I,s:I,s:I}", "file", image->file, "addr",
                                              (json_int_t)image->addr, "bytes",
                                              (json_int_t)image->bytes, "crc",
                                              (json_int_t)image->crc));
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

int recorder_folder_run(struct recorder *recorder)
{
    const struct recorder_setup *setup = recorder->setup;
    const struct recorder_result *result = recorder->result;
    json_t *json = json_object();
    json_object_set_new(json, "schema", json_string("frost/run/1"));
    json_object_set_new(json, "version", string_of(recorder, setup->version));
    json_object_set_new(json, "command", string_of(recorder, setup->command));
    json_object_set_new(json, "profile", string_of(recorder, setup->profile));
    json_object_set_new(json, "number", string_of(recorder, setup->number));
    json_object_set_new(json, "build", string_of(recorder, setup->build));
    if (setup->argv)
        set_program(recorder, json);
    json_object_set_new(json, "raw", json_boolean(setup->is_raw));
    json_object_set_new(json, "text", json_boolean(!setup->is_without_text));
    json_object_set_new(json, "complete", json_boolean(result->is_complete));
    if (recorder->has_exited)
        json_object_set_new(json, "exit_status", json_integer(result->exit_status));
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
        return problem_set(recorder->problem, STATUS_NO_MEMORY, text_of(setup->folder),
                           PROBLEM_NO_OFF, "cannot make run.json");
    struct arena_mark mark = arena_mark(recorder->arena);
    const char *content = arena_format(recorder->arena, "%s\n", text);
    free(text);
    int status = write_inner(recorder, "run.json", content, strlen(content));
    arena_rewind(recorder->arena, mark);
    return status;
}

int recorder_folder_finish(struct recorder *recorder)
{
    if (close(recorder->events_fd) != 0) {
        recorder->events_fd = -1;
        return recorder_write_failed(recorder, "events");
    }
    recorder->events_fd = -1;
    if (rename(recorder->part, recorder->folder) == 0)
        return STATUS_OK;
    // There is an older trace of that name.
    if (renameat2(AT_FDCWD, recorder->part, AT_FDCWD, recorder->folder, RENAME_EXCHANGE) == 0) {
        remove_trace(recorder, recorder->part);
        return STATUS_OK;
    }
    if (is_replaceable(recorder->folder) == 1)
        remove_trace(recorder, recorder->folder);
    if (rename(recorder->part, recorder->folder) != 0)
        return recorder_write_failed(recorder, recorder->folder);
    return STATUS_OK;
}

void recorder_folder_abandon(struct recorder *recorder)
{
    if (recorder->events_fd >= 0)
        close(recorder->events_fd);
    recorder->events_fd = -1;
    remove_trace(recorder, recorder->part);
}
