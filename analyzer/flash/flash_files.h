// flash_files.h: files of the computer into the store of a flash file, and back.
//
// Memory: the caller's arena.

#ifndef FROST_FLASH_FLASH_FILES_H
#define FROST_FLASH_FLASH_FILES_H

#include "analyzer/flash/flash_file.h"

// Puts the file at `path` into the store as `name`, with the time of its last change (that of
// SOURCE_DATE_EPOCH, if the environment has it).
int flash_files_put(struct arena *arena, struct flash_file *file, const char *name,
                    const char *path, struct problem *problem) __attribute__((warn_unused_result));

// The content of a file of the store, whose CRC is right. Errors: STATUS_DAMAGED.
int flash_files_get(struct arena *arena, struct flash_file *file, const char *name,
                    struct text *content, struct problem *problem)
    __attribute__((warn_unused_result));

int flash_files_remove(struct flash_file *file, const char *name, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
