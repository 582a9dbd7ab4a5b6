// history_records.c: writes and reads the records of builds.

#include "analyzer/history/history_records.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/base/hash_table.h"
#include "analyzer/base/output.h"
#include "reports/json_text.h"
#include "reports/report_read.h"

#define SCHEMA "frost/build/1"

const char *history_record_path(struct arena *arena, const char *directory, const char *file)
{
    return arena_format(arena, "%s/builds/%s", directory, file);
}

// ---- adding ----

static bool is_commit(const char *commit)
{
    for (const char *at = commit; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-._+", *at))
            return false;
    return *commit && commit[0] != '.' && strlen(commit) <= 80;
}

static void put_member(FILE *file, const char *name, const char *value)
{
    fprintf(file, "\"%s\": ", name);
    json_text_put(file, text_of(value));
    fputs(", ", file);
}

int history_records_add(struct arena *arena, const char *directory, const char *path,
                        struct history_build *build, struct problem *problem)
{
    struct text content;
    struct report *report;
    struct output output;
    if (!is_commit(build->commit))
        return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                           "'%.60s' is no commit: letters, digits and -._+", build->commit);
    int status = input_read(path, REPORT_FILE_BYTES_MAX, arena, &content, problem);
    if (status == STATUS_OK)
        status = report_read(arena, content, path, "size", 1, NULL, &report, problem);
    if (status == STATUS_OK)
        status = output_make_directory(arena_format(arena, "%s/builds", directory), problem);
    if (status != STATUS_OK)
        return status;
    uint32_t hash = hash_text(content) ^ hash_text(text_of(build->config));
    build->file = arena_format(arena, "%010" PRId64 "-%.12s-%08" PRIx32 ".json", build->time_s,
                               build->commit, hash);
    status = output_open(&output, history_record_path(arena, directory, build->file), arena,
                         problem);
    if (status != STATUS_OK)
        return status;
    fputs("{\"schema\": \"" SCHEMA "\", ", output.file);
    put_member(output.file, "commit", build->commit);
    put_member(output.file, "parent", build->parent);
    put_member(output.file, "config", build->config);
    fprintf(output.file, "\"time_s\": %" PRId64 ", \"report\":\n", build->time_s);
    fwrite(content.data, 1, content.bytes, output.file);
    fputs("}\n", output.file);
    return output_close(&output, problem);
}

// ---- reading ----

static int compare_names(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

int history_records_list(struct arena *arena, const char *directory, const char ***names,
                         size_t *count, struct problem *problem)
{
    size_t room = 0;
    DIR *builds = opendir(arena_format(arena, "%s/builds", directory));
    if (!builds)
        return problem_set(problem, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO,
                           text_of(directory), PROBLEM_NO_OFF,
                           errno == ENOENT ? "no history: there is no builds/ in it; frost history "
                                             "add makes it"
                                           : "%s",
                           strerror(errno));
    *names = NULL;
    *count = 0;
    for (struct dirent *entry; (entry = readdir(builds));) {
        if (entry->d_name[0] == '.' || !text_ends_with(text_of(entry->d_name), ".json"))
            continue;
        if (*count == room) {
            room = room ? 2 * room : 256;
            *names = arena_grow_array(arena, *names, *count, room, sizeof **names);
        }
        (*names)[(*count)++] = arena_copy_string(arena, entry->d_name);
    }
    closedir(builds);
    if (*count)
        qsort(*names, *count, sizeof **names, compare_names);
    return STATUS_OK;
}

static const char *member(struct arena *arena, const json_t *root, const char *name)
{
    const char *text = json_string_value(json_object_get(root, name));
    return arena_copy_string(arena, text ? text : "");
}

int history_records_read(struct arena *arena, const char *directory, const char *file,
                         struct history_build *build, struct report **report,
                         struct problem *problem)
{
    struct text content;
    json_error_t fault;
    const char *path = history_record_path(arena, directory, file);
    int status = input_read(path, REPORT_FILE_BYTES_MAX, arena, &content, problem);
    if (status != STATUS_OK)
        return status;
    json_t *root = json_loadb(content.data, content.bytes, JSON_ALLOW_NUL, &fault);
    const char *schema = json_string_value(json_object_get(root, "schema"));
    if (!root || !schema || strcmp(schema, SCHEMA) != 0) {
        json_decref(root);
        return problem_set(problem, root ? STATUS_VERSION : STATUS_DAMAGED, text_of(path),
                           PROBLEM_NO_OFF, "is no record of schema " SCHEMA);
    }
    *build = (struct history_build){
        .file = file,
        .commit = member(arena, root, "commit"),
        .parent = member(arena, root, "parent"),
        .config = member(arena, root, "config"),
        .time_s = json_integer_value(json_object_get(root, "time_s")),
    };
    status = report_from_json(arena, json_object_get(root, "report"), path, "size", 1, NULL, report,
                              problem);
    json_decref(root);
    return status;
}
