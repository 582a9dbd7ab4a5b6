// app_seen.h: what a recorded run did with the files of its application: loaded as code, read as
// data, compiled; and how much RAM the code of each took for how long.
//
// Reads: a trace. Writes: `seen` and `stayed_byte_ms` of the files. Memory: none that stays.

#ifndef FROST_JOB_APP_SEEN_H
#define FROST_JOB_APP_SEEN_H

#include "analyzer/job/app_directory.h"
#include "runtime/format/world.h"

#define APP_SEEN(use) (1u << (use)) // a bit of app_file.seen; use: enum world_file_use
#define APP_SEEN_AS_DATA                                                                           \
    (APP_SEEN(WORLD_FILE_READ) | APP_SEEN(WORLD_FILE_WRITTEN) | APP_SEEN(WORLD_FILE_MOVED) |       \
     APP_SEEN(WORLD_FILE_ASKED))

// Adds what the run with the trace at `path` did. Errors: those of the trace reader.
int app_seen_read(struct app_directory *app, const char *path, struct arena *arena,
                  struct problem *problem) __attribute__((warn_unused_result));

// Compiled on the device, then removed: the application runs without it from its second start on.
bool app_seen_compiled_away(const struct app_file *file);
// The first start has compiled sources and removed them, so the next one is another.
bool app_seen_settles(const struct app_directory *app);

#endif
