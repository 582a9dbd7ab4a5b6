// app_directory.h: an application's directory: its files, and what each is on the device.
//
// Hidden files and directories are left out, and a preload list of its own. What becomes of a file
// is decided by analyzer/job/app_plan.h; until then all are files of the device's file system.
// Memory: the arena of the caller.

#ifndef FROST_JOB_APP_DIRECTORY_H
#define FROST_JOB_APP_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

#define APP_LIST_NAME "dummy_strings" // module of the preload list
#define APP_START_FILE "init.lua"
#define APP_MODULES_MAX 50u // limit of the firmware's index function

enum app_role {
    APP_ROLE_FILE,   // in the device's file system
    APP_ROLE_MODULE, // in the image
};

struct app_file {
    const char *path;   // relative to the directory, '/' between parts
    const char *source; // where it is, if not in the directory; NULL: there
    bool is_lua;        // its name ends with .lua
    bool compiles;      // it is a Lua source without errors
    enum app_role role;
    const char *name;      // of the module: "net.http"
    const char *reason;    // why it has this role; a few words
    bool is_listed;        // the run had its name from the firmware, as file.list gives it
    unsigned seen;         // 1 << enum world_file_use, of the run as it is
    double stayed_byte_ms; // RAM of its code in that run, times the device's time it was there
    bool is_needed;        // `_init` or init.lua, or what these need: in the image in any case
    uint32_t image_bytes;  // of the code, if it compiles
};

struct app_directory {
    const char *path;
    struct app_file *files; // modules first, by name; then by path
    size_t file_count;
    size_t module_count;
    bool had_list;    // it has a preload list of its own, which is left out
    int64_t newest_s; // newest change of a Lua file, seconds since 1970
};

// Looks at the directory. Errors: STATUS_NOT_FOUND no directory or no init.lua; STATUS_LIMIT too
// many files; STATUS_IO.
int app_directory_scan(struct arena *arena, const char *path, struct app_directory *app,
                       struct problem *problem) __attribute__((warn_unused_result));
// Adds a file that is elsewhere, in place of one of that path: "config.lua=/home/me/config.lua".
// Errors: STATUS_USAGE another form; STATUS_NOT_FOUND, STATUS_LIMIT.
int app_directory_supply(struct arena *arena, struct app_directory *app, const char *word,
                         struct problem *problem) __attribute__((warn_unused_result));
// Puts the files in order and counts the modules, after roles and names have changed.
void app_directory_sort(struct app_directory *app);
// The file at that path, or NULL.
struct app_file *app_directory_find(const struct app_directory *app, struct text path);

// Which files are copied.
enum app_copy {
    APP_COPY_ALL,
    APP_COPY_SOURCES, // of Lua
    APP_COPY_FILES,   // what is no module
};
// Copies files into `target`, which exists.
int app_directory_copy(const struct app_directory *app, struct arena *scratch, const char *target,
                       enum app_copy what, struct problem *problem)
    __attribute__((warn_unused_result));

// Copies all files of `from` into `target`, in place of what has their names there.
int app_directory_overlay(struct arena *arena, const char *from, const char *target,
                          struct problem *problem) __attribute__((warn_unused_result));

// Copies one file. Removes a directory and all that is in it; what is not there is fine.
int app_copy_file(struct arena *scratch, const char *from, const char *to, struct problem *problem)
    __attribute__((warn_unused_result));
void app_remove_directory(const char *path);

#endif
