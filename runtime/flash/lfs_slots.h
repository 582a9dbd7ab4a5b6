// lfs_slots.h: which image of the LFS counts, where it has two slots: the old one stays until the
// new one has proved good.
//
// A reload goes into the slot whose image is not confirmed. The journal of the partition table
// (partition_table.h) then says that it counts, and in how many starts it has to be confirmed: by
// the program (node.LFS.confirm), by a minute of running, or since the program went to sleep or
// ended. If it is not, or cannot be mounted, the other slot counts again.
//
// With one slot, or while no image is mounted, there is nothing to return to: a reload goes into
// the slot that counts, as stock firmware's.
//
// Reads and writes: the journal. Memory: the caller's. Context: start of a boot; reloads.

#ifndef FROST_FLASH_LFS_SLOTS_H
#define FROST_FLASH_LFS_SLOTS_H

#include "runtime/flash/lfs.h"
#include "runtime/flash/partition_table.h"

#define LFS_TRIAL_STARTS 3u
#define LFS_TRIAL_US 60000000u // of running confirm an image

// The partition of a slot, 0 or 1; bytes 0: there is none.
const struct flash_partition *lfs_slot(const struct partition_table *table, uint32_t slot);

// That of the slot that counts.
const struct flash_partition *lfs_active_slot(const struct partition_table *table);

// The slot in whose partition something lies at `off`, or PARTITION_LFS_SLOTS.
uint32_t lfs_slot_at(const struct partition_table *table, uint32_t off);

// A boot begins: counts the start of an image that is not confirmed, mounts the one that counts, or
// the other one, and sets lfs_target to its slot.
//
// device, verify  as in struct lfs_target.
// tell            gets a line of text, without its end, for each thing that is not as it should be.
void lfs_start(struct partition_table *table, lfs_verify verify, struct lfs_marks *marks,
               void (*tell)(const char *text));

// What a reload writes, and what is to be said when it has.
struct lfs_switch {
    struct lfs_target target;
    uint32_t entry_off; // 0: nothing
};

// Before a reload's second pass. starts: in how many starts the image has to be confirmed, up to
// PARTITION_STARTS_MAX; 0: it needs not be.
// Errors: STATUS_IO (nothing has changed, or an unconfirmed image is given up).
int lfs_switch_begin(struct partition_table *table, uint32_t starts, struct lfs_switch *to)
    __attribute__((warn_unused_result));
// After it: the image in the target counts.
int lfs_switch_end(struct partition_table *table, const struct lfs_switch *to)
    __attribute__((warn_unused_result));

// The slot in which lfs_switch_begin() will write.
struct lfs_target lfs_switch_target(const struct partition_table *table);

// An image was written by other means into a slot, and counts from now on.
int lfs_slot_set(struct partition_table *table, uint32_t slot) __attribute__((warn_unused_result));

// The image that runs has proved good. Nothing happens if that is known. Errors: STATUS_IO.
int lfs_confirm(struct partition_table *table);

// Has the image that runs to be confirmed? How many starts it has left for it.
int lfs_is_on_trial(const struct partition_table *table);

#endif
