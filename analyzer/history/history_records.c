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

static void put_record(FILE *file, struct text content, const struct history_build *build)
{
    fputs("{\"schema\": \"" SCHEMA "\", ", file);
    put_member(file, "commit", build->commit);
    put_member(file, "parent", build->parent);
    put_member(file, "config", build->config);
    fprintf(file, "\"time_s\": %" PRId64 ", \"report\":\n", build->time_s);
    fwrite(content.data, 1, content.bytes, file);
    fputs("}\n", file);
}

static int wrap(struct arena *arena, struct text content, const struct history_build *build,
                struct text *record, struct problem *problem)
{
    char *data = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&data, &bytes);
    bool is_good = file != NULL;
    if (file) {
        put_record(file, content, build);
        is_good = fclose(file) == 0;
    }
    if (is_good)
        *record = arena_copy_text(arena, (struct text){data, bytes});
    free(data);
    return is_good ? STATUS_OK
                   : problem_set(problem, STATUS_NO_MEMORY, text_of(NULL), PROBLEM_NO_OFF,
                                 "cannot allocate a record");
}

int history_record_make(struct arena *arena, const char *path, struct history_build *build,
                        struct text *record, struct problem *problem)
{
    struct text content;
    struct report *report;
    if (!is_commit(build->commit))
        return problem_set(problem, STATUS_USAGE, text_of(NULL), PROBLEM_NO_OFF,
                           "'%.60s' is no commit: letters, digits and -._+", build->commit);
    int status = input_read(path, REPORT_FILE_BYTES_MAX, arena, &content, problem);
    if (status == STATUS_OK)
        status = report_read(arena, content, path, "size", 1, NULL, &report, problem);
    if (status != STATUS_OK)
        return status;
    uint32_t hash = hash_text(content) ^ hash_text(text_of(build->config));
    build->file = arena_format(arena, "%010" PRId64 "-%.12s-%08" PRIx32 ".json", build->time_s,
                               build->commit, hash);
    return wrap(arena, content, build, record, problem);
}

int history_records_write(struct arena *arena, const char *directory, const char *file,
                          struct text record, struct problem *problem)
{
    struct output output;
    int status = output_make_directory(arena_format(arena, "%s/builds", directory), problem);
    if (status == STATUS_OK)
        status = output_open(&output, history_record_path(arena, directory, file), arena, problem);
    if (status != STATUS_OK)
        return status;
    fwrite(record.data, 1, record.bytes, output.file);
    return output_close(&output, problem);
}

// ---- reading ----

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
    return STATUS_OK;
}

static const char *member(struct arena *arena, const json_t *root, const char *name)
{
    const char *text = json_string_value(json_object_get(root, name));
    return arena_copy_string(arena, text ? text : "");
}

int history_record_parse(struct arena *arena, struct text record, const char *path,
                         const char *file, struct history_build *build, struct report **report,
                         struct problem *problem)
{
    json_error_t fault;
    json_t *root = json_loadb(record.data, record.bytes, JSON_ALLOW_NUL, &fault);
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
    int status = report_from_json(arena, json_object_get(root, "report"), path, "size", 1, NULL,
                                  report, problem);
    json_decref(root);
    return status;
}
