// result_folder.c: FOLDER.part, and what may be replaced by it.

#include "analyzer/cmd/result_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/output.h"
#include "analyzer/cmd/app_folder.h"
#include "analyzer/cmd/cleanup.h"

// What results have in them.
static const char *const known[] = {
    "report.html", "report.json", "summary.md",  "summary.txt", "dummy_strings.lua",
    "plots",       "exports",     "strings.*",   "size.*",      "hot.*",
    "gc.*",        "gc-stock.*",  "lfs[12].img", "run[12].txt", "run[12].trace",
};

static bool is_known(const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fnmatch(known[i], name, 0) == 0)
            return true;
    return !strcmp(name, ".") || !strcmp(name, "..");
}

// True if the folder is not there, or has nothing in it but results; *other is what else it has.
static bool is_replaceable(struct arena *arena, const char *path, const char **other)
{
    struct stat info;
    bool is_result = true;
    *other = NULL;
    if (lstat(path, &info) != 0)
        return true;
    DIR *folder = opendir(path);
    if (!folder)
        return false;
    for (struct dirent *entry; is_result && (entry = readdir(folder));)
        if (!is_known(entry->d_name)) {
            is_result = false;
            *other = arena_copy_string(arena, entry->d_name);
        }
    closedir(folder);
    return is_result;
}

static const char *absolute(struct arena *arena, const char *path)
{
    char folder[4096];
    size_t bytes = strlen(path);
    while (bytes > 1 && path[bytes - 1] == '/')
        bytes--;
    if (path[0] == '/' || !getcwd(folder, sizeof folder))
        return arena_format(arena, "%.*s", (int)bytes, path);
    return arena_format(arena, "%s/%.*s", folder, (int)bytes, path);
}

int result_folder_begin(struct arena *arena, const char *target, struct result_folder *folder,
                        struct problem *problem)
{
    const char *path = absolute(arena, target), *other;
    *folder = (struct result_folder){0};
    if (!is_replaceable(arena, path, &other))
        return problem_set(problem, STATUS_USAGE, text_of(target), PROBLEM_NO_OFF,
                           other ? "exists and is no result of frost: it has '%.60s'; choose "
                                   "another with -o"
                                 : "is not a folder%s",
                           other ? other : "");
    const char *part = arena_format(arena, "%s.part", path);
    app_remove_folder(part);
    cleanup_add(part);
    *folder = (struct result_folder){target, part};
    int status = output_make_folder(part, problem);
    if (status != STATUS_OK)
        result_folder_abandon(folder);
    return status;
}

int result_folder_finish(struct result_folder *folder, struct problem *problem)
{
    size_t bytes = strlen(folder->part) - strlen(".part");
    char path[4200];
    int status = STATUS_OK;
    snprintf(path, sizeof path, "%.*s", (int)bytes, folder->part);
    // An older result and the new one change places, so that there is always one.
    if (renameat2(AT_FDCWD, folder->part, AT_FDCWD, path, RENAME_EXCHANGE) != 0) {
        rmdir(path); // it was empty, or is not there
        if (rename(folder->part, path) != 0)
            status = problem_set(problem, STATUS_IO, text_of(folder->target), PROBLEM_NO_OFF,
                                 "cannot be put in its place: %s", strerror(errno));
    }
    app_remove_folder(folder->part);
    cleanup_drop(folder->part);
    *folder = (struct result_folder){0};
    return status;
}

void result_folder_abandon(struct result_folder *folder)
{
    if (!folder->part)
        return;
    app_remove_folder(folder->part);
    cleanup_drop(folder->part);
    *folder = (struct result_folder){0};
}
