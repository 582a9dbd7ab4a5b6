// first_run.h: a device that was given its firmware and files alone installs core and devs itself.
//
// Such a flash has no partition but the firmware's and the file store, which lies directly behind
// it, so that what is flashed is short. At its first start the store moves to where it lies in the
// usual layout, and the layout with all partitions is kept. Then, and at any later start without a
// sound image, the images are installed from files of fixed names. These files stay, so a start
// that was cut off is done again, and a damaged image comes back.
//
// Reads and writes: the whole device through struct flash_device.
// Memory: the caller's: two indices of stores while one moves; LFS_ROOM_BYTES and struct lfs_marks
//         while an image is installed. Context: start of a boot, before LFS
//         is mounted and the store is in use.
// Power:  after a cut anywhere the next start goes on (tests/powerloss/first_run_powerloss_test.c):
//         the old layout counts until the store is complete at its new place.

#ifndef FROST_FLASH_FIRST_RUN_H
#define FROST_FLASH_FIRST_RUN_H

#include "runtime/flash/lfs_reload.h"
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

// What a port has for it, at the start of a boot.
struct first_run {
    struct first_run_room rooms[2]; // of the second one only while the store moves
    struct lfs_room pages;
    struct lfs_marks *marks; // may lie where the pages do: the check begins when these are done
    void (*tell)(const char *line);
};

// Installs core from its file in the store of `table`, or devs; LFS core is mounted then. An image
// of the same place must not be sound: it is gone when the new one is found damaged only where it
// lies (lfs_reload.h). The journal then says so, and that file is not written again
// (LFS_FAULT_REFUSED) until it has changed.
//
// Result: STATUS_OK: it is written, to be mounted. STATUS_NOT_FOUND: there is no such file. Else
//         the report is filled.
int first_run_core(struct partition_table *table, const struct lfs_target *target,
                   struct first_run *run, struct lfs_report *report)
    __attribute__((warn_unused_result));
int first_run_devs(struct partition_table *table, struct first_run *run, struct lfs_report *report)
    __attribute__((warn_unused_result));

// The same for a start, with a line told for what is done and what fails.
//
// first_run_start    moves the store if the layout is that of a first run; 1: there is a new layout
// first_run_restore  core (`target`) or devs (target NULL) from the file; 1: it is to be mounted.
// An
//                    image for another core waits for it, as one in flash does, and is not told.
int first_run_start(struct partition_table *table, struct first_run *run);
int first_run_restore(struct partition_table *table, const struct lfs_target *target,
                      struct first_run *run);

#endif
