// app_directory.c: scans and copies an application's directory.

#include "analyzer/job/app_directory.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/output.h"
#include "analyzer/base/result.h"

#define DEPTH_MAX 16u
#define FILES_MAX 4096u
#define FILE_BYTES_MAX (64u << 20)

struct scan {
    struct arena *arena;
    struct app_directory *app;
    struct problem *problem;
    bool has_init;
};

static int fail(struct scan *scan, int status, const char *path, const char *what)
{
    return problem_set(scan->problem, status, text_of(path), PROBLEM_NO_OFF, "%s", what);
}

static int add_file(struct scan *scan, const char *path, const struct stat *info)
{
    struct app_directory *app = scan->app;
    struct app_file file = {.path = path, .is_lua = text_ends_with(text_of(path), ".lua")};
    if (file.is_lua && info->st_mtime > app->newest_s)
        app->newest_s = info->st_mtime;
    if (!strcmp(path, APP_LIST_NAME ".lua")) {
        app->had_list = true;
        return STATUS_OK;
    }
    scan->has_init |= !strcmp(path, APP_START_FILE);
    if (app->file_count == FILES_MAX)
        return fail(scan, STATUS_LIMIT, app->path, "has more than 4096 files");
    app->files[app->file_count++] = file;
    return STATUS_OK;
}

static int scan_directory(struct scan *scan, const char *relative, unsigned depth)
{
    const char *path = *relative ? arena_format(scan->arena, "%s/%s", scan->app->path, relative)
                                 : scan->app->path;
    int status = STATUS_OK;
    if (depth > DEPTH_MAX)
        return fail(scan, STATUS_LIMIT, path, "directories are nested too deep");
    DIR *directory = opendir(path);
    if (!directory)
        return fail(scan, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, path, strerror(errno));
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(directory));) {
        struct stat info;
        if (entry->d_name[0] == '.')
            continue;
        const char *inner = *relative ? arena_format(scan->arena, "%s/%s", relative, entry->d_name)
                                      : arena_copy_string(scan->arena, entry->d_name);
        const char *whole = arena_format(scan->arena, "%s/%s", scan->app->path, inner);
        if (stat(whole, &info) != 0)
            status = fail(scan, STATUS_IO, inner, strerror(errno));
        else if (S_ISDIR(info.st_mode) && !result_is(scan->arena, whole))
            status = scan_directory(scan, inner, depth + 1);
        else if (S_ISREG(info.st_mode))
            status = add_file(scan, inner, &info);
    }
    closedir(directory);
    return status;
}

// Modules first, by name: the order of the image.
static int compare_files(const void *a, const void *b)
{
    const struct app_file *x = a, *y = b;
    if (x->role != y->role)
        return x->role == APP_ROLE_MODULE ? -1 : 1;
    int order = x->role == APP_ROLE_MODULE ? strcmp(x->name, y->name) : 0;
    return order ? order : strcmp(x->path, y->path);
}

void app_directory_sort(struct app_directory *app)
{
    qsort(app->files, app->file_count, sizeof *app->files, compare_files);
    app->module_count = 0;
    while (app->module_count < app->file_count &&
           app->files[app->module_count].role == APP_ROLE_MODULE)
        app->module_count++;
}

struct app_file *app_directory_find(const struct app_directory *app, struct text path)
{
    for (size_t i = 0; i < app->file_count; i++)
        if (text_is_equal(text_of(app->files[i].path), path))
            return &app->files[i];
    return NULL;
}

int app_directory_supply(struct arena *arena, struct app_directory *app, const char *word,
                         struct problem *problem)
{
    const char *equals = strchr(word, '=');
    if (!equals || equals == word || !equals[1] || word[0] == '/')
        return problem_set(problem, STATUS_USAGE, text_of(word), PROBLEM_NO_OFF,
                           "is not of the form NAME=FILE");
    if (access(equals + 1, R_OK) != 0)
        return problem_set(problem, STATUS_NOT_FOUND, text_of(equals + 1), PROBLEM_NO_OFF, "%s",
                           strerror(errno));
    struct text path = {word, (size_t)(equals - word)};
    struct app_file *file = app_directory_find(app, path);
    if (!file && app->file_count == FILES_MAX)
        return problem_set(problem, STATUS_LIMIT, text_of(app->path), PROBLEM_NO_OFF,
                           "has more than %u files", FILES_MAX);
    if (!file)
        file = &app->files[app->file_count++];
    *file = (struct app_file){.path = arena_copy_text(arena, path).data,
                              .source = equals + 1,
                              .is_lua = text_ends_with(path, ".lua")};
    app_directory_sort(app);
    return STATUS_OK;
}

int app_directory_scan(struct arena *arena, const char *path, struct app_directory *app,
                       struct problem *problem)
{
    struct scan scan = {.arena = arena, .app = app, .problem = problem};
    *app = (struct app_directory){.path = path,
                                  .files = ARENA_NEW_ARRAY(arena, struct app_file, FILES_MAX)};
    int status = scan_directory(&scan, "", 0);
    if (status != STATUS_OK)
        return status;
    if (!scan.has_init)
        return fail(&scan, STATUS_NOT_FOUND, path,
                    "has no " APP_START_FILE ", with which a device starts");
    app_directory_sort(app);
    return STATUS_OK;
}

int app_copy_file(struct arena *scratch, const char *from, const char *to, struct problem *problem)
{
    struct arena_mark mark = arena_mark(scratch);
    struct text content;
    struct output output;
    int status = input_read(from, FILE_BYTES_MAX, scratch, &content, problem);
    if (status == STATUS_OK)
        status = output_open(&output, arena_copy_string(scratch, to), scratch, problem);
    if (status == STATUS_OK) {
        fwrite(content.data, 1, content.bytes, output.file);
        status = output_close(&output, problem);
    }
    if (status == STATUS_OK) // a problem points at its path
        arena_rewind(scratch, mark);
    return status;
}

static bool is_copied(const struct app_file *file, enum app_copy what)
{
    return what == APP_COPY_ALL || (what == APP_COPY_SOURCES && file->is_lua) ||
           (what == APP_COPY_FILES && file->role != APP_ROLE_MODULE);
}

int app_directory_copy(const struct app_directory *app, struct arena *scratch, const char *target,
                       enum app_copy what, struct problem *problem)
{
    for (size_t i = 0; i < app->file_count; i++) {
        const struct app_file *file = &app->files[i];
        if (!is_copied(file, what))
            continue;
        const char *from = file->source ? file->source
                                        : arena_format(scratch, "%s/%s", app->path, file->path);
        char *to = arena_format(scratch, "%s/%s", target, file->path);
        char *slash = strrchr(to, '/');
        *slash = '\0';
        int status = output_make_directory(to, problem);
        *slash = '/';
        if (status == STATUS_OK)
            status = app_copy_file(scratch, from, to, problem);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

int app_directory_overlay(struct arena *arena, const char *from, const char *target,
                          struct problem *problem)
{
    struct app_directory files = {.path = from,
                                  .files = ARENA_NEW_ARRAY(arena, struct app_file, FILES_MAX)};
    struct scan scan = {.arena = arena, .app = &files, .problem = problem};
    int status = scan_directory(&scan, "", 0);
    return status == STATUS_OK ? app_directory_copy(&files, arena, target, APP_COPY_ALL, problem)
                               : status;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void app_remove_directory(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
