// lfs_reload.h: an image from a file into its partition, through a window: no room for the whole of
// it is needed.
//
// The first pass reads the file and changes nothing: checksum, length, header, limits, dictionary.
// It keeps the relocation bitmap, which stands behind the image. The second pass takes the old
// image back, erases, programs with pointers made final, and checks structure and bytecode in
// flash, where they are used from; only then the first word is completed.
//
// Reads: the file, twice. Writes: the partition.
// Memory: the caller's: struct lfs_room in pages of INFLATE_PAGE_BYTES, 16 KB and up to 8 KB;
// struct
//         lfs_reload; about 4 KB of stack. The check at the end takes struct lfs_marks, for which
//         the room may be used again.
// Context: main loop. From the second pass on nothing of what was mounted may be used.
// Power:  as lfs.h says.

#ifndef FROST_FLASH_LFS_RELOAD_H
#define FROST_FLASH_LFS_RELOAD_H

#include "runtime/flash/lfs.h"

#define LFS_BITMAP_PAGES (LFS_BITMAP_WORDS(LFS_WORDS_MAX) * 4u / INFLATE_PAGE_BYTES)

#define LFS_ROOM_BYTES ((INFLATE_PAGES + LFS_BITMAP_PAGES) * INFLATE_PAGE_BYTES)

struct lfs_room {
    uint8_t *window[INFLATE_PAGES];
    uint8_t *bitmap[LFS_BITMAP_PAGES]; // the first lfs_bitmap_pages() of them
};

// Pages of bitmap that the images of a partition need.
uint32_t lfs_bitmap_pages(const struct flash_partition *partition);

// Pages for the images of any partition in LFS_ROOM_BYTES of memory.
void lfs_room_in(struct lfs_room *room, uint8_t *memory);

struct lfs_file {
    inflate_read read;
    int (*rewind)(void *context); // to the start; 0, or it failed
    void *context;
    uint32_t bytes; // its length
};

struct lfs_reload {
    struct lfs_target target;
    const struct lfs_file *file; // at its start
    const struct lfs_room *room;
    // what the first pass leaves for the second
    struct lfs_header header; // as in the file, but for what it is linked against, and `fill`
    struct lfs_below below;
    // of the pass that runs
    uint32_t count; // bytes unpacked
    int status;
    struct lfs_report *report;
};

// The first pass; target, file and room are set.
// Result: STATUS_OK; else a failure with the report filled, and nothing has changed.
int lfs_reload_check(struct lfs_reload *reload, struct lfs_report *report)
    __attribute__((warn_unused_result));

// The second pass, after the first one has succeeded. What was mounted from the partition is not
// any more, nor are the regions after it.
//
// Errors: the report has the cause; the region is then erased, or holds no image, or (where its
//         first word cannot be programmed) the old one.
int lfs_reload_write(struct lfs_reload *reload, struct lfs_marks *marks, struct lfs_report *report)
    __attribute__((warn_unused_result));

#endif
