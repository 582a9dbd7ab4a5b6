// app_folder.c: scans and copies an application's folder.

#include "analyzer/cmd/app_folder.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/output.h"

#define DEPTH_MAX 16u
#define FILES_MAX 4096u
#define FILE_BYTES_MAX (64u << 20)

struct scan {
    struct arena *arena;
    struct app_folder *app;
    struct problem *problem;
    bool has_init;
};

static int fail(struct scan *scan, int status, const char *path, const char *what)
{
    return problem_set(scan->problem, status, text_of(path), PROBLEM_NO_OFF, "%s", what);
}

// "lib/json.min.lua" is the module "json". NULL if nothing is left of the name.
static const char *module_name(struct arena *arena, const char *path)
{
    struct text base = text_base_name(text_of(path));
    while (base.bytes > 0 && base.data[0] == '.') {
        base.data++;
        base.bytes--;
    }
    const char *dot = memchr(base.data, '.', base.bytes);
    if (dot)
        base.bytes = (size_t)(dot - base.data);
    return base.bytes ? arena_copy_text(arena, base).data : NULL;
}

static int add_file(struct scan *scan, const char *path, const struct stat *info)
{
    struct app_folder *app = scan->app;
    struct app_file file = {.path = path};
    bool is_lua = text_ends_with(text_of(path), ".lua");
    if (is_lua && info->st_mtime > app->newest_s)
        app->newest_s = info->st_mtime;
    if (!strcmp(path, "init.lua")) {
        scan->has_init = true;
    } else if (is_lua) {
        file.name = module_name(scan->arena, path);
        if (!file.name)
            return fail(scan, STATUS_USAGE, path, "gives a module no name");
        if (!strcmp(file.name, APP_LIST_NAME)) {
            app->had_list = true;
            return STATUS_OK;
        }
        app->module_count++;
    }
    if (app->file_count == FILES_MAX)
        return fail(scan, STATUS_LIMIT, app->path, "has more than 4096 files");
    app->files[app->file_count++] = file;
    return STATUS_OK;
}

static int scan_folder(struct scan *scan, const char *relative, unsigned depth)
{
    const char *path = *relative ? arena_format(scan->arena, "%s/%s", scan->app->path, relative)
                                 : scan->app->path;
    int status = STATUS_OK;
    if (depth > DEPTH_MAX)
        return fail(scan, STATUS_LIMIT, path, "folders are nested too deep");
    DIR *folder = opendir(path);
    if (!folder)
        return fail(scan, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, path, strerror(errno));
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(folder));) {
        struct stat info;
        if (entry->d_name[0] == '.')
            continue;
        const char *inner = *relative
                                ? arena_format(scan->arena, "%s/%s", relative, entry->d_name)
                                : arena_copy_string(scan->arena, entry->d_name);
        if (stat(arena_format(scan->arena, "%s/%s", scan->app->path, inner), &info) != 0)
            status = fail(scan, STATUS_IO, inner, strerror(errno));
        else if (S_ISDIR(info.st_mode))
            status = scan_folder(scan, inner, depth + 1);
        else if (S_ISREG(info.st_mode))
            status = add_file(scan, inner, &info);
    }
    closedir(folder);
    return status;
}

static int compare_files(const void *a, const void *b)
{
    const struct app_file *x = a, *y = b;
    // Modules first, by name: the order of the image.
    if (!x->name != !y->name)
        return x->name ? -1 : 1;
    int order = x->name ? strcmp(x->name, y->name) : 0;
    return order ? order : strcmp(x->path, y->path);
}

int app_folder_scan(struct arena *arena, const char *path, struct app_folder *app,
                    struct problem *problem)
{
    struct scan scan = {.arena = arena, .app = app, .problem = problem};
    *app = (struct app_folder){.path = path,
                               .files = ARENA_NEW_ARRAY(arena, struct app_file, FILES_MAX)};
    int status = scan_folder(&scan, "", 0);
    if (status != STATUS_OK)
        return status;
    if (!scan.has_init)
        return fail(&scan, STATUS_NOT_FOUND, path, "has no init.lua, with which a device starts");
    qsort(app->files, app->file_count, sizeof *app->files, compare_files);
    for (size_t i = 1; i < app->module_count; i++)
        if (!strcmp(app->files[i - 1].name, app->files[i].name))
            return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                               "%.50s and %.50s would both be the module '%.30s'",
                               app->files[i - 1].path, app->files[i].path, app->files[i].name);
    if (app->module_count > APP_MODULES_MAX)
        return problem_set(problem, STATUS_USAGE, text_of(path), PROBLEM_NO_OFF,
                           "has %zu modules; an image holds %u at most", app->module_count,
                           APP_MODULES_MAX);
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

int app_folder_copy(const struct app_folder *app, struct arena *scratch, const char *target,
                    bool copies_modules, struct problem *problem)
{
    for (size_t i = 0; i < app->file_count; i++) {
        const struct app_file *file = &app->files[i];
        if ((file->name != NULL) != copies_modules)
            continue;
        const char *from = arena_format(scratch, "%s/%s", app->path, file->path);
        char *to = arena_format(scratch, "%s/%s", target, file->path);
        char *slash = strrchr(to, '/');
        *slash = '\0';
        int status = output_make_folder(to, problem);
        *slash = '/';
        if (status == STATUS_OK)
            status = app_copy_file(scratch, from, to, problem);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void app_remove_folder(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
