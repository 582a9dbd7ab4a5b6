// flash_tree.h: a directory of the computer as the flat files of a device, and back.
//
// Names are spelled as --fs of frost run spells them (runtime/port/host/directory_names.h):
// `http/a` is a file in a directory. Links, special files and what begins with '.' are not among
// them. Memory: the caller's arena.

#ifndef FROST_FLASH_FLASH_TREE_H
#define FROST_FLASH_FLASH_TREE_H

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

// Called for each file in the order of its path. Result: STATUS_OK, or what ends the walk.
typedef int (*flash_tree_visit)(void *context, const char *name, const char *path,
                                struct problem *problem);

// Errors: STATUS_NOT_FOUND, STATUS_IO, STATUS_USAGE for a path that no name of the device says.
int flash_tree_walk(struct arena *arena, const char *directory, flash_tree_visit visit,
                    void *context, struct problem *problem) __attribute__((warn_unused_result));

// Writes a file of the device below a directory, and the directories on the way.
int flash_tree_write(struct arena *arena, const char *directory, const char *name,
                     struct text content, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
