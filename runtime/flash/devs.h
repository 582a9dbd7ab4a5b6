// devs.h: the devs image: what is being worked on, apart from LFS core, which is stable.
//
// The partition holds two slots, the halves of it, which are written in turn: the image that is in
// use stays whole until the new one is, and no address is written that code is read from. An image
// has the number of its replacement in its header; the sound one with the highest number counts.
//
// Reads and writes: the partition through struct flash_device; the list of regions.
//         Layout: runtime/format/lfs_image.h.
// Memory: one static struct. Context: start of a boot; node.LFS.reload_devs.
// Power:  after a cut anywhere the next start has the old image or the new one.

#ifndef FROST_FLASH_DEVS_H
#define FROST_FLASH_DEVS_H

#include "runtime/flash/lfs.h"
#include "runtime/flash/lfs_reload.h"

#define DEVS_SLOTS 2u
#define DEVS_NO_SLOT DEVS_SLOTS

struct devs {
    struct lfs_target whole;       // the partition with both slots; bytes 0: there is none
    uint32_t numbers[DEVS_SLOTS];  // of the images, 0: no image that is written to its end
    uint32_t mounted;              // slot, or DEVS_NO_SLOT
    uint32_t written;              // slot that was written since the start and is not mounted
    int is_checked;                // `written`, in flash
    uint32_t before;               // that was mounted before devs_switch
    uint32_t was_read[DEVS_SLOTS]; // mounted at some time since the start
    int is_in_use[DEVS_SLOTS];     // C functions may look at its texts until the next start
};

// The devs image of this machine.
extern struct devs devs;

// Says where it is; nothing is mounted. `partition` has an even number of sectors, or bytes 0.
void devs_init(struct flash_device *device, const struct flash_partition *partition,
               lfs_verify verify);

// The part of a partition that is slot 0 or 1; bytes 0: the partition is too small for two.
static inline struct flash_partition devs_slot_of(const struct flash_partition *whole,
                                                  uint32_t sector_bytes, uint32_t slot)
{
    uint32_t bytes = whole->bytes / DEVS_SLOTS / sector_bytes * sector_bytes;
    return (struct flash_partition){whole->off + slot * bytes, bytes};
}

// Mounts the image with the highest number that is sound, after LFS core; the report is that of
// the highest number, also when an older one is mounted.
//
// Result: STATUS_OK: mounted, and report->fault LFS_FAULT_NONE if it is the newest. Otherwise none
//         is, as lfs_mount; STATUS_NOT_FOUND with LFS_FAULT_SIGNATURE: something else is there.
int devs_mount(struct lfs_marks *marks, struct lfs_report *report)
    __attribute__((warn_unused_result));

// The slot for the next image: not the mounted one.
uint32_t devs_free_slot(void);

// Reads and checks an image for the slot that is not in use, as lfs_prepare.
// Errors: also STATUS_USAGE with LFS_FAULT_BUSY: that slot has to wait for a restart.
int devs_prepare(inflate_read read, void *context, uint32_t file_bytes, struct lfs_work *work,
                 uint32_t *image_bytes, struct lfs_report *report)
    __attribute__((warn_unused_result));

// Writes the prepared image; what is mounted stays so. From the next start on the new one counts,
// or from devs_switch on. Errors: as lfs_write; the image in use is what it was.
int devs_write(const struct lfs_work *work, uint32_t image_bytes, struct lfs_report *report)
    __attribute__((warn_unused_result));

// The same while a program runs, with room for a window only (lfs_reload.h): reload->file and
// reload->room are set. What is mounted stays so. The new image is checked in flash, so that
// devs_switch needs no check. marks: lfs_marks_bytes() of reload->header.image_bytes.
int devs_reload_check(struct lfs_reload *reload, struct lfs_report *report)
    __attribute__((warn_unused_result));
int devs_reload_write(struct lfs_reload *reload, struct lfs_marks *marks, struct lfs_report *report)
    __attribute__((warn_unused_result));

// Takes the image off the list of regions and mounts the one that was written, if one was; nothing
// refers to what is unmounted, and nothing is mounted after it. Result: as lfs_mount.
int devs_switch(struct lfs_marks *marks, struct lfs_report *report)
    __attribute__((warn_unused_result));

// Takes devs_switch back: what was mounted before it is mounted again.
void devs_switch_back(void);

// Was an image removed, and none written since? No image of a file's takes its place then.
int devs_is_discarded(void);

// Invalidates both images, so that the next start has none; what is mounted can be used until then.
// Errors: STATUS_IO (one of them may still be there).
int devs_discard(void) __attribute__((warn_unused_result));

#endif
