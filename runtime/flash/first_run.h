// first_run.h: a device that was given its firmware and files alone installs core and devs itself.
//
// Such a flash has no partition but the firmware's and the file store, which lies directly behind
// it, so that what is flashed is short. At its first start the store moves to where it lies in the
// usual layout, and the layout with all partitions is kept. Then, and at any later start without a
// sound image, the images are installed from files of fixed names. These files stay, so a start
// that was cut off is done again, and a damaged image comes back.
//
// Reads and writes: the whole device through struct flash_device.
// Memory: the caller's; two indices of stores while one moves. Context: start of a boot, before LFS
//         is mounted and the store is in use.
// Power:  after a cut anywhere the next start goes on (tests/powerloss/first_run_powerloss_test.c):
//         the old layout counts until the store is complete at its new place.

#ifndef FROST_FLASH_FIRST_RUN_H
#define FROST_FLASH_FIRST_RUN_H

#include "runtime/flash/lfs.h"
#include "runtime/flash/partition_table.h"
#include "runtime/flash/store/store.h"

#define FIRST_RUN_CORE "core.img" // a file of `frost luac -f`
#define FIRST_RUN_DEVS "devs.img" // of `frost luac --core core.img -f`

// Room for one store and its index.
struct first_run_room {
    struct store store;
    uint32_t *places;
    uint32_t place_count;
};

// The layout of a flash for a first run: firmware, and behind it the store, up to where it will be.
void first_run_layout(struct flash_layout *layout, uint32_t device_bytes);

// Is this the layout `first`? A device may have no LFS for other reasons.
int first_run_is_due(const struct flash_layout *layout, const struct flash_layout *first);

// Copies all files of the store to where it lies in `final`, and keeps that layout.
//
// table   of the device; its layout becomes `final`. The places of the two stores do not overlap.
// Errors: STATUS_NO_SPACE, STATUS_IO, STATUS_DAMAGED (the store); the layout is what it was.
int first_run_move(struct partition_table *table, const struct flash_layout *final,
                   struct first_run_room *from, struct first_run_room *to)
    __attribute__((warn_unused_result));

// Installs core from the file of the store that `partition` has, or devs; LFS core is mounted then.
//
// Result: STATUS_OK: it is written, to be mounted. STATUS_NOT_FOUND: there is no such file. Else
// the
//         report is filled; an image that does not pass its checks has changed nothing.
int first_run_core(const struct lfs_target *target, const struct flash_partition *partition,
                   struct first_run_room *room, struct lfs_work *work, struct lfs_report *report)
    __attribute__((warn_unused_result));
int first_run_devs(struct flash_device *device, const struct flash_partition *partition,
                   struct first_run_room *room, struct lfs_work *work, struct lfs_report *report)
    __attribute__((warn_unused_result));

#endif
