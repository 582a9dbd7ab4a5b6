// freeze_job.h: freezer areas made on the computer, and turned into LFS images and back.
//
// The runtime itself freezes: the same code as the device's, so the area has the same bytes. Starts
// frostvm and frostluac. Writes: a scratch directory below TMPDIR (/tmp), which is removed.
// Memory: the arena of the context.

#ifndef FROST_JOB_FREEZE_JOB_H
#define FROST_JOB_FREEZE_JOB_H

#include "analyzer/flash/flash_file.h"
#include "analyzer/flash/freezer_view.h"
#include "analyzer/job/job_context.h"

enum freeze_outcome {
    FREEZE_ITEM_FROZEN,
    FREEZE_ITEM_REFUSED, // it stays in RAM, or the image cannot hold it
    FREEZE_ITEM_FAILED,  // it cannot be loaded
};

struct freeze_item {
    bool is_data;
    const char *name; // of the module; of data: its file
    const char *file; // of the module; NULL: where `require` finds it
    enum freeze_outcome outcome;
    uint32_t flash_bytes, saved_bytes;
    const char *why; // of what is not frozen
};

struct freeze_request {
    bool is_integer;
    const char *lfs;   // image to be put below the freezer first, NULL: what the flash has
    const char *flash; // flash file to begin with, NULL: an erased one
    const char *fs;    // directory with the program's files
    struct freeze_item *items;
    size_t count;
};

// Freezes the items in their order. *file is the flash with the area, whatever became of the items,
// whose outcomes are filled in; it is to be written nowhere yet. Errors: those of starting, reading
// and writing; STATUS_DAMAGED: the runtime refused the flash or the image and has said why.
int freeze_make(const struct job_context *context, struct freeze_request *request,
                struct flash_file **file, struct problem *problem)
    __attribute__((warn_unused_result));

// The area of a flash file, trimmed: as `frost flash extract` writes it. No bytes: there is none.
struct text freeze_area(const struct flash_file *file);

// A flash that holds the area alone, with the LFS image that it was made with (NULL: none).
int freeze_flash_of_area(const struct job_context *context, const struct freezer_view *view,
                         struct flash_file **file, struct problem *problem)
    __attribute__((warn_unused_result));

// Makes a relocatable LFS image at `output` of the named functions of a flash file's area. `lfs`:
// as in a request. *items are the names, refused: those that an image cannot hold. Errors: as
// freeze_make; STATUS_USAGE: there is no function, or the compiler has refused the image and said
// why.
int freeze_to_lfs(const struct job_context *context, struct flash_file *file, const char *lfs,
                  bool is_integer, const char *output, struct freeze_item **items, size_t *count,
                  struct problem *problem) __attribute__((warn_unused_result));

// Freezes all modules of an LFS image into an area by their names. *items and *file as by
// freeze_make.
int freeze_from_lfs(const struct job_context *context, const char *image, bool is_integer,
                    struct freeze_request *request, struct flash_file **file,
                    struct problem *problem) __attribute__((warn_unused_result));

#endif
