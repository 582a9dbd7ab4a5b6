// app_plan.h: which files of an application become modules of its image, and how they are reached
// there.
//
// A Lua file is a module if it is loaded as code, in the run as it is or by a name that stands in a
// source, and nothing reads or writes it as data; all else stays a file, and so does what is
// undecided. "net/http/server.lua" is the module "net.http.server", as `require` names it.
// Memory: the arena of the caller.

#ifndef FROST_JOB_APP_PLAN_H
#define FROST_JOB_APP_PLAN_H

#include <stdio.h>

#include "analyzer/base/options.h"
#include "analyzer/job/app_uses.h"

struct app_plan_settings {
    struct option_list modules; // patterns of paths (fnmatch): into the image in any case
    struct option_list files;   // stay files in any case
    bool takes_undecided;       // no run shows what is loaded: what may be code is taken for it
};

struct app_plan {
    bool has_own_init;        // the application has `_init.lua`; nothing is generated
    const char *start_module; // what its init.lua is called in the image; NULL: it stays a file
    bool maps_files;          // dofile and loadfile must find modules
    bool has_table;           // it uses the table LFS, which `_init` makes
    size_t left_out_count;    // modules that the image has no room for
};

// After app_seen_read(): decides roles and names, and sorts the files. Errors: STATUS_USAGE two
// files of one module name.
int app_plan_make(struct app_plan *plan, struct app_directory *app, const struct app_uses *uses,
                  const struct app_plan_settings *settings, struct arena *arena,
                  struct problem *problem) __attribute__((warn_unused_result));

// The generated sources: `_init.lua`, which makes modules reachable, and the new init.lua.
void app_plan_write_init(const struct app_plan *plan, FILE *file);
// The same for an image whose modules have "_" for each dot of their names.
void app_plan_write_flat_init(const struct app_plan *plan, FILE *file);
void app_plan_write_start(const struct app_plan *plan, FILE *file);

#endif
