// partition_table.h: keeps the layout of the flash in flash.
//
// Reads and writes: the last two sectors of the firmware's partition through struct flash_device.
//         Layout of the record: runtime/format/partition_table.h.
// Memory: a few words of the stack. Context: start of a boot; node.setpartitiontable.

#ifndef FROST_FLASH_PARTITION_TABLE_H
#define FROST_FLASH_PARTITION_TABLE_H

#include "runtime/flash/device.h"
#include "runtime/flash/partitions.h"

// Gives the layout that is kept, or the default one.
//
// Result: STATUS_OK. STATUS_NOT_FOUND: none is kept. STATUS_IO: it cannot be read. A record that is
//         sound, but whose layout does not fit this device, counts as none.
int partition_table_load(struct flash_device *device, struct flash_layout *layout)
    __attribute__((warn_unused_result));

// Keeps a layout from now on.
//
// layout  partitions_check() accepts it; the firmware's partition is as by default.
// Errors: STATUS_USAGE (the device has no room for a table, or another partition lies on it),
//         STATUS_IO (the layout that was kept before still is, or the new one).
// Cost:   one erase, 13 words programmed.
// Power:  after a cut the old layout is kept, or the new one
//         (tests/powerloss/partition_powerloss_test.c).
int partition_table_save(struct flash_device *device, const struct flash_layout *layout)
    __attribute__((warn_unused_result));

#endif
