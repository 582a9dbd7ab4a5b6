// output.h: files that are there whole or not at all.
//
// A file is written without a name, or beside its final name, and gets its name when everything has
// gone well; otherwise an older one of that name stays as it was, and nothing of the new one. What
// is there keeps its mode, its owner and its other names (it is copied into, if it must be), and a
// link is written through.
// "-" is standard output, which is flushed and checked.
// Memory: owned by the caller; the path is copied into the arena.

#ifndef FROST_BASE_OUTPUT_H
#define FROST_BASE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

struct output {
    FILE *file;          // write here; NULL when closed
    const char *path;    // as given, "-" for standard output
    const char *target;  // that name, or what the link of that name leads to
    const char *scratch; // the name while writing; NULL: written in place
    bool is_unnamed;     // it has no name yet; `scratch` will be one on its way to its own
    bool is_copied;      // ... into the file that is there, since none can be made beside it
};

// Opens `path` for writing. Errors: STATUS_IO with the system's reason.
int output_open(struct output *output, const char *path, struct arena *arena,
                struct problem *problem) __attribute__((warn_unused_result));

// Closes and puts the file in its place. Errors: STATUS_NO_SPACE for a full disk, STATUS_IO; then
// nothing is left behind.
int output_close(struct output *output, struct problem *problem)
    __attribute__((warn_unused_result));

// Gives up: closes, removes what was written. Harmless on a closed output.
void output_abandon(struct output *output);

// Reads a whole file ("-" is standard input) into the arena, a NUL after its end.
// Errors: STATUS_NOT_FOUND, STATUS_IO, STATUS_LIMIT beyond `bytes_max`.
int input_read(const char *path, uint64_t bytes_max, struct arena *arena, struct text *content,
               struct problem *problem) __attribute__((warn_unused_result));

// Makes the directories that lie above a path.
int output_make_parents(const char *path, struct problem *problem)
    __attribute__((warn_unused_result));

// Makes a directory, with its parents; an existing one is fine.
int output_make_directory(const char *path, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
