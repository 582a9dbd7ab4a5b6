// app_folder.h: an application's folder: what goes into its LFS image and what into its file
// system.
//
// init.lua runs from source; every other .lua is a module of the image; all other files, with
// init.lua, are the device's file system. A module is named like its file, without leading dots
// and cut at the first dot. Hidden files and folders are left out.
// Memory: the arena of the caller.

#ifndef FROST_CMD_APP_FOLDER_H
#define FROST_CMD_APP_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

#define APP_LIST_NAME "dummy_strings" // module of the preload list
#define APP_MODULES_MAX 50u           // limit of the firmware's index function

struct app_file {
    const char *path; // relative to the folder, '/' between parts
    const char *name; // of the module; NULL: a file of the file system
};

struct app_folder {
    const char *path;
    struct app_file *files; // sorted by path
    size_t file_count;
    size_t module_count;
    bool had_list;        // it has a preload list of its own, which is left out
    int64_t newest_s;     // newest change of a Lua file, seconds since 1970
};

// Looks at the folder. Errors: STATUS_NOT_FOUND no folder or no init.lua; STATUS_USAGE more than
// APP_MODULES_MAX modules, two of one name, a file that gives none; STATUS_IO.
int app_folder_scan(struct arena *arena, const char *path, struct app_folder *app,
                    struct problem *problem) __attribute__((warn_unused_result));

// Copies files into `target` (which exists): the modules and init.lua, or the file system.
int app_folder_copy(const struct app_folder *app, struct arena *scratch, const char *target,
                    bool copies_modules, struct problem *problem)
    __attribute__((warn_unused_result));

// Copies one file. Removes a folder and all that is in it; what is not there is fine.
int app_copy_file(struct arena *scratch, const char *from, const char *to,
                  struct problem *problem) __attribute__((warn_unused_result));
void app_remove_folder(const char *path);

#endif
