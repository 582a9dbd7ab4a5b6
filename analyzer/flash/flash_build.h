// flash_build.h: whole flash files from parts, and parts from whole flash files.
//
// Memory: the caller's arena.

#ifndef FROST_FLASH_FLASH_BUILD_H
#define FROST_FLASH_FLASH_BUILD_H

#include "analyzer/base/options.h"
#include "analyzer/flash/flash_file.h"

struct flash_parts {
    struct option_list firmware; // FILE, or ADDRESS=FILE
    const char *lfs;             // image, NULL: none
    const char *devs;            // devs image for it, NULL: none
    struct option_list raw;      // PARTITION=FILE: bytes as they are
    const char *files;           // directory for the store, NULL: none
    bool is_first_run;           // the store behind the firmware, no other partition
};

// Puts the parts into an erased flash. Errors: those of reading; STATUS_USAGE for a place that is
// none, STATUS_LIMIT for what does not fit; STATUS_DAMAGED and the like for an image that is not
// sound; STATUS_USAGE for a freezer area that the device would not take there.
int flash_build(struct arena *arena, struct flash_file *file, const struct flash_parts *parts,
                struct problem *problem) __attribute__((warn_unused_result));

// The image file at `path` as it is to lie in a partition of the LFS: its pointers are addresses.
int flash_build_image(struct arena *arena, const char *path, const struct flash_partition *range,
                      struct text *image, struct problem *problem)
    __attribute__((warn_unused_result));

// Writes what is in a flash file to a new directory, as flash_build() takes it: firmware.bin,
// lfs.img, lfs-devs.bin, freezer.bin, files/.
int flash_extract(struct arena *arena, struct flash_file *file, const char *directory,
                  struct problem *problem) __attribute__((warn_unused_result));

#endif
