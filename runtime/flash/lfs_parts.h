// lfs_parts.h: what the files of the LFS tell each other.
//
// Reads and writes: as lfs.h. Memory: the caller's.

#ifndef FROST_FLASH_LFS_PARTS_H
#define FROST_FLASH_LFS_PARTS_H

#include "runtime/flash/lfs.h"

// Result: `status`, with the fault in the report.
int lfs_fail(struct lfs_report *report, enum lfs_fault fault, int status);

// ---- the file ----

// Counts what passes, and ends at the length that the caller was told.
struct lfs_input {
    inflate_read read;
    void *context;
    uint32_t left;
    uint8_t head[2]; // bytes that were looked at, to be given once more
    uint32_t head_count;
    uint32_t last_word; // the four bytes before the place that has been read
};

// An inflate_read with a struct lfs_input.
long lfs_input_read(void *context, void *data, uint32_t bytes);
// Passes over what is left, up to the end. Errors: STATUS_IO.
int lfs_input_skip(struct lfs_input *in) __attribute__((warn_unused_result));

// ---- its checks ----

// Those that the firmware makes as soon as it sees the header, in its order.
int lfs_header_check(const struct lfs_header *header, const struct flash_partition *partition,
                     struct lfs_report *report) __attribute__((warn_unused_result));
// Do image and bitmap (if there is one) make up `unpacked` bytes?
int lfs_lengths_check(const struct lfs_header *header, uint32_t unpacked, int has_bitmap,
                      struct lfs_report *report) __attribute__((warn_unused_result));
// A file names the core image that it is for; in flash the image has the CRC of what lies below,
// which the header gets.
int lfs_link_below(const struct lfs_target *target, struct lfs_header *header,
                   const struct lfs_below *below, struct lfs_report *report)
    __attribute__((warn_unused_result));
// The fault for a stream that could not be unpacked, with its status.
int lfs_inflate_fail(enum inflate_result result, struct lfs_report *report);

// Is it the first word of an image of this build?
int lfs_is_signature(uint32_t word);

// As lfs_check, of an image whose first word still says that it is being written.
int lfs_check_unfinished(const void *image, uint32_t bytes, uint32_t base_addr,
                         const struct lfs_below *below, lfs_verify verify, struct lfs_marks *marks,
                         struct lfs_report *report) __attribute__((warn_unused_result));

// ---- the partition ----

// No image begins with this word; every bit of it can be programmed at any time.
#define LFS_RETRACTED 0u

// Takes the first word back before anything after it changes: a cut in an erase leaves any mix of
// old and new bytes, and the check of an image does not see that a number or a text is another.
// Bits are only cleared, so a cut in here leaves the old image whole, or none. A word that cannot
// be programmed (a stuck bit) will do if it is no signature either.
int lfs_retract(const struct lfs_target *target) __attribute__((warn_unused_result));

// Takes what is mounted from the partition off the list, with what lies after it.
void lfs_unmount_in(const struct lfs_target *target);

// Erases what an image of that size takes, the sector of the first word last, so that until then a
// start finds it taken back and says so.
int lfs_erase(const struct lfs_target *target, uint32_t image_bytes)
    __attribute__((warn_unused_result));

#endif
