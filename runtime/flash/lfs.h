// lfs.h: the Lua Flash Store: check an image, put it into its partition, mount it.
//
// Reads and writes: the LFS partition through struct flash_device; the window in place.
//         Layout: runtime/format/lfs_image.h.
// Memory: struct lfs_work, given by the port (lfs_port_work); nothing is allocated. Reloads while a
//         program runs do with less: lfs_reload.h.
// Context: start of a boot, before any state exists.
// Power:  an image counts only when its first word is complete. A write takes that word back first
//         (0), erases, and completes it last; in between it has LFS_WRITING set. After a cut
//         anywhere the next start has the old image, the new one, or none with the reason; never a
//         mix (tests/powerloss/reload_powerloss_test.c).
// Source: words of messages and order of the checks are the firmware's; the check of the whole
//         structure is ours, since flash gets cut off half way.

#ifndef FROST_FLASH_LFS_H
#define FROST_FLASH_LFS_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/flash/device.h"
#include "runtime/flash/inflate.h"
#include "runtime/flash/lfs_below.h"
#include "runtime/flash/partitions.h"
#include "runtime/flash/regions.h"
#include "runtime/format/lfs_image.h"

// ---- what can be wrong ----

enum lfs_fault {
    LFS_FAULT_NONE,
    LFS_FAULT_NO_PARTITION,
    LFS_FAULT_NO_FILE,
    LFS_FAULT_READ, // not a gzip file, 200 bytes or less, or cut off
    LFS_FAULT_VERSION,
    LFS_FAULT_BUILD, // integer image on a float build and the like
    LFS_FAULT_SIGNATURE,
    LFS_FAULT_TOO_BIG,
    LFS_FAULT_LENGTH, // image and bitmap do not make up the unpacked length
    LFS_FAULT_CHECKSUM,
    LFS_FAULT_DICTIONARY, // a match beyond the limits of the firmware's inflater
    LFS_FAULT_MEMORY,
    LFS_FAULT_ADDRESS,    // absolute image for another address
    LFS_FAULT_LINKED,     // linked against other images than those that are mounted below
    LFS_FAULT_UNLINKED,   // made without the core image that is mounted
    LFS_FAULT_DAMAGED,    // structure; `what` and `off` say where
    LFS_FAULT_WRITE,      // the flash does not take it
    LFS_FAULT_UNFINISHED, // a write was cut off after the old image was given up
    LFS_FAULT_BUSY,       // devs: the slot that is free may be looked at until the next start
    LFS_FAULT_STALE,      // written since the start: the window may show what was there before
    LFS_FAULT_REFUSED,    // first run: the same file was found damaged at an earlier start
};

struct lfs_report {
    enum lfs_fault fault;
    const char *what;  // LFS_FAULT_DAMAGED: what is wrong; static storage
    uint32_t off;      // byte of the image where
    uint32_t value[3]; // figures of the firmware's messages at start
};

// Bytes that any message of this layer needs, with its NUL.
#define LFS_MESSAGE_BYTES 120

// The words of node.flashreload for a fault ("LFS length mismatch").
void lfs_report_text(const struct lfs_report *report, char *out, size_t out_bytes);

// ---- check ----

// A function of an image, as the check of its bytecode sees it: fields and vectors that lie inside
// the image, constants whose tags are sound. Valid during the call only.
struct lfs_function {
    const struct lfs_proto *proto; // counts; its pointers are for the final address
    const uint32_t *code;
    const void *constants;
    const struct lfs_image *image; // for lfs_function_proto
};

// Sub-function idx < proto->proto_count; only its own fields may be looked at.
const struct lfs_proto *lfs_function_proto(const struct lfs_function *function, uint32_t idx);

// Checks the bytecode of one function; result: NULL, or what is wrong (static storage), then
// *pc is the instruction (0xFFFFFFFF: the function as a whole). Implemented above this layer: the
// port connects it with runtime/core/verify.h.
typedef const char *(*lfs_verify)(const struct lfs_function *function, uint32_t *pc);

#define LFS_WORDS_MAX (LFS_IMAGE_BYTES_MAX / 4)
#define LFS_DEPTH_MAX 202 // functions inside functions, as deep as the compiler makes them

// An image while it is checked: a bit per word for what was found, of as many words as it has.
struct lfs_marks {
    struct {
        uint32_t off;
        uint32_t next; // sub-function to be looked at
    } path[LFS_DEPTH_MAX];
    struct lfs_word_marks {
        uint32_t strings; // one of the table begins here
        uint32_t protos;  // a function that was checked begins here
    } words[LFS_WORDS_MAX / 32];
};

// How much of the marks the check of an image of that size uses.
static inline uint32_t lfs_marks_bytes(uint32_t image_bytes)
{
    return (uint32_t)(offsetof(struct lfs_marks, words) +
                      (image_bytes + 127) / 128 * sizeof(struct lfs_word_marks));
}

// Checks the structure of an image whose pointers are final.
//
// image      `bytes` bytes, aligned to 4; bytes is what the partition or file holds, at least as
//            many as the header says.
// base_addr  address for which its pointers are made.
// below      images of the regions before it; NULL: none.
// verify     checks bytecode; NULL: bytecode is not checked.
// Result: STATUS_OK; STATUS_DAMAGED or STATUS_VERSION with the report filled.
// Cost: every word is read at most a few times; strings of one slot are compared in pairs; for a
//       linked image one pass over the images below.
int lfs_check(const void *image, uint32_t bytes, uint32_t base_addr, const struct lfs_below *below,
              lfs_verify verify, struct lfs_marks *marks, struct lfs_report *report)
    __attribute__((warn_unused_result));

// ---- put an image into flash ----

// Room to unpack and check an image.
struct lfs_work {
    struct lfs_marks marks;
    uint32_t image[LFS_WORDS_MAX + LFS_BITMAP_WORDS(LFS_WORDS_MAX)];
};

// The host's one work area; a chip has none, and needs none: lfs_reload.h.
struct lfs_work *lfs_port_work(void);

// Where the port checks an image that was reloaded: nothing of Lua runs any more, so it may lie in
// the heap.
struct lfs_marks *lfs_port_marks(void);

// Which forms are accepted.
#define LFS_TAKE_PLAIN 1u // also an absolute image as it is, as a flashing tool would write it

struct lfs_target {
    struct flash_device *device;
    enum flash_region_id region;
    struct flash_partition partition;
    lfs_verify verify;
};

// Reads, unpacks, relocates and checks an image without touching the flash.
//
// read        gives the file's bytes from its start.
// file_bytes  length of the file.
// Result: STATUS_OK; work->image then holds *image_bytes bytes as they are to lie in flash. Else
//         a failure with the report filled.
int lfs_prepare(const struct lfs_target *target, inflate_read read, void *context,
                uint32_t file_bytes, unsigned flags, struct lfs_work *work, uint32_t *image_bytes,
                struct lfs_report *report) __attribute__((warn_unused_result));

// Takes the old image back, erases what is needed of the partition and writes the prepared image,
// its first word last. What was mounted from there is not any more, nor are the regions after it. A
// region behind a cache (flash_is_current) can be mounted after the next start.
//
// Errors: STATUS_IO with LFS_FAULT_WRITE; the region is then erased, or holds no image, or (where
//         its first word cannot be programmed) the old one.
int lfs_write(const struct lfs_target *target, const struct lfs_work *work, uint32_t image_bytes,
              struct lfs_report *report) __attribute__((warn_unused_result));

// Invalidates the image in the partition, so that no start mounts it again, wherever the partition
// is then. What is mounted can be used until the next start.
//
// Errors: STATUS_IO (the image stays as it was).
int lfs_discard(const struct lfs_target *target) __attribute__((warn_unused_result));

// ---- use what lies in flash ----

// The LFS of this machine; set by the port, used by node.flashreload. partition.bytes 0: none.
extern struct lfs_target lfs_target;

// Checks what lies in the partition and, if it is a sound image of this build, mounts it: enters it
// in the list of regions (runtime/flash/regions.h). Regions after it have to be mounted again.
//
// Result: STATUS_OK: mounted. STATUS_NOT_FOUND: erased or no partition, nothing to say. Otherwise
//         the region is absent and the report says why (lfs_mount_text): STATUS_CUT_OFF after a
//         write that was cut off, STATUS_USAGE if it was written since the start. Never leaves a
//         part mounted.
// Cost: lfs_check.
int lfs_mount(const struct lfs_target *target, struct lfs_marks *marks, struct lfs_report *report)
    __attribute__((warn_unused_result));

// Mounts the image of a partition that was checked where it lies; the window shows it. Nothing is
// mounted as its region or after it.
void lfs_mount_checked(const struct lfs_target *target);

// Nothing is mounted afterwards.
void lfs_unmount(void);

// The console line of a failed mount, the firmware's where it has one ("Flash sig not correct:
// 0x... vs 0x...").
void lfs_mount_text(const struct lfs_report *report, char *out, size_t out_bytes);

#endif
