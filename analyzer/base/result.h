// result.h: directories of results, traces among them, that are there whole or not at all.
//
// A result is made in a scratch directory beside its target, TARGET.part.XXXXXX, whose name nobody
// has, and gets its name at the end; an earlier result of that name lives until then and is
// replaced as a whole. What is made is listed (result_list.h) before it is made, and only what is
// listed is ever removed: a directory with anything else in it is refused. While a result is made,
// its `.frost/unfinished` is locked: a second job for the same target is refused, and scratch
// directories that nobody holds any more (kill -9, power) are cleared by the next job. A target
// that is a link stands for what it leads to; the mode of a directory that is replaced is kept. A
// result inside another that is being made (the traces of a profile) is made in its place.
//
// Memory: paths in the arena; a table of RESULTS_MAX results at once. Context: one thread.

#ifndef FROST_BASE_RESULT_H
#define FROST_BASE_RESULT_H

#include <stdbool.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

#define RESULTS_MAX 4

struct result {
    const char *target;  // as it was given; NULL: not begun
    const char *path;    // its final name, absolute, no link
    const char *scratch; // write here; absolute
    struct arena *arena;
    int lock; // -1: inside another result
    int idx;  // in the table of those that are made
};

// Makes the scratch directory. `target` must not exist, be empty, or be an earlier result.
//
// Errors: STATUS_USAGE something else is there; STATUS_IO another process makes it, or the system's
//         reason; STATUS_NO_SPACE. Then nothing is left.
int result_begin(struct arena *arena, const char *target, struct result *result,
                 struct problem *problem) __attribute__((warn_unused_result));

// Gives the result its name. Errors: STATUS_IO; STATUS_USAGE somebody has put a file into the
// earlier result meanwhile. Then what was made is removed.
int result_finish(struct result *result, struct problem *problem)
    __attribute__((warn_unused_result));

// Removes what was made. Harmless if it was not begun, or is finished.
void result_abandon(struct result *result);

// Lists what is about to be made at `path`, if that lies in a result that is being made. Those who
// write through output.h need not do it; before other programs are started, it must be done.
void result_note_file(const char *path);
void result_note_directory(const char *path);
// Lists a file that another program has made in a result for us, once it is there.
void result_adopt_file(const char *path);

// True if `path` lies in a result that is being made: then nobody else sees it yet.
bool result_holds(const char *path);

// Makes the directory for scratch files of the job, which is never part of the result. Result: its
// path, NULL: it cannot be made (errno).
const char *result_make_work(struct result *result);

// True if the directory is a result or a trace, also an unfinished one: what is in it is no part of
// the application that it happens to lie in.
bool result_is(struct arena *arena, const char *directory);

// The name that a path stands for when its last part is a link, without slashes at its end.
const char *result_resolve(struct arena *arena, const char *path);

#endif
