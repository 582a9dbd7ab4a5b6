// size_flash.h: a whole flash file as leaves of a tree of sizes: regions, the modules of its
// images, the files of its store, what is erased.
//
// Memory: the arena.

#ifndef FROST_JOB_SIZE_FLASH_H
#define FROST_JOB_SIZE_FLASH_H

#include "analyzer/analysis/size/size_tree.h"

// True if the file has a length that only flash files have.
bool size_flash_is_file(const char *path);

// Adds the file as an input of the report and its bytes to the tree; erased ones cost nothing.
//
// used_bytes  grows by those that are not erased.
// Errors:     those of flash_file_read().
int size_flash_add(struct arena *arena, const char *path, struct size_tree *tree,
                   struct report *report, uint64_t *used_bytes, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
