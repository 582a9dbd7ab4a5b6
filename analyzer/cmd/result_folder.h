// result_folder.h: a folder of results that is there whole or not at all: frost report, frost
// profile.
//
// Made as FOLDER.part, which becomes FOLDER at the end; an earlier result of that name lives until
// then and is replaced as a whole. A folder with anything else in it is never touched. A signal
// that ends the process removes FOLDER.part (cleanup.h).
// Memory: paths in the arena.

#ifndef FROST_CMD_RESULT_FOLDER_H
#define FROST_CMD_RESULT_FOLDER_H

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

struct result_folder {
    const char *target; // as it was given; NULL: not begun
    const char *part;   // write here, an absolute path
};

// Makes FOLDER.part, empty. `target` must not exist, be empty, or be an earlier result.
//
// Errors: STATUS_USAGE something else is there; STATUS_IO, STATUS_NO_SPACE.
int result_folder_begin(struct arena *arena, const char *target, struct result_folder *folder,
                        struct problem *problem) __attribute__((warn_unused_result));

// Gives the result its name. Errors: STATUS_IO; then what was made is removed.
int result_folder_finish(struct result_folder *folder, struct problem *problem)
    __attribute__((warn_unused_result));

// Removes what was made. Harmless if it was not begun, or is finished.
void result_folder_abandon(struct result_folder *folder);

#endif
