// app_uses.h: what the sources of an application say of its files and of the firmware's modules,
// without running it.
//
// Each Lua file is compiled by itself, by frostluac, and its code looked through
// (analyzer/image/image_calls.h). Names that are built at run time are not seen.
// Writes: images in the scratch directory. Memory: the arena of the context.

#ifndef FROST_JOB_APP_USES_H
#define FROST_JOB_APP_USES_H

#include "analyzer/job/app_directory.h"
#include "analyzer/job/job_context.h"

// How a file is named.
enum app_use_kind {
    APP_USE_MODULE, // require "net.http", LFS.name, node.LFS.get "name"
    APP_USE_CODE,   // dofile, loadfile, node.compile "a/b.lua"
    APP_USE_DATA,   // file.open "index.html"
    APP_USE_FIELD,  // any global or field of one: "wifi.sta.config"
};

struct app_use {
    enum app_use_kind kind;
    struct text name;
    const char *path; // of the source in which it stands
    int32_t line;
};

struct app_uses {
    struct app_use *items;
    size_t count, room;
};

// Looks at every Lua file of the application and notes in it whether it can be compiled. `sources`
// is a directory that holds them; `compiler` is frostluac.
int app_uses_find(const struct job_context *context, struct app_directory *app,
                  const char *compiler, const char *sources, const char *scratch,
                  struct app_uses *uses, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
