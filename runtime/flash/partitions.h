// partitions.h: what lies where in the flash.
//
// Reads and writes: nothing; a table of ranges. Memory: the caller's.
// Source: the firmware's default layout (code from 0, LFS after it in the first megabyte, file
//         store from 1 MiB on). Partitions for LFS devs and the freezer are ours.

#ifndef FROST_FLASH_PARTITIONS_H
#define FROST_FLASH_PARTITIONS_H

#include <stdint.h>

// name, text, offset, bytes of the default layout
#define FLASH_PARTITIONS(X)                                                                        \
    X(PARTITION_FIRMWARE, "firmware", 0x00000, LFS_DEFAULT_OFFSET)                                 \
    X(PARTITION_LFS, "lfs", LFS_DEFAULT_OFFSET, LFS_DEFAULT_BYTES)                                 \
    X(PARTITION_LFS_DEVS, "lfs-devs", 0xD0000, 0x10000)                                            \
    X(PARTITION_FREEZER, "freezer", 0xE0000, 0x20000)                                              \
    X(PARTITION_STORE, "store", 0x100000, 0x2FB000) /* the SDK's own data lie behind it */

#define PARTITION_ITEM(name, text, off, bytes) name,
enum flash_partition_id { FLASH_PARTITIONS(PARTITION_ITEM) PARTITION_COUNT };
#undef PARTITION_ITEM

struct flash_partition {
    uint32_t off;
    uint32_t bytes; // 0: absent
};

struct flash_layout {
    struct flash_partition parts[PARTITION_COUNT];
};

// The layout of this machine's flash; set by the port at its start, by node.setpartitiontable.
extern struct flash_layout flash_layout;

// The default layout; partitions that do not fit into `device_bytes` are cut or absent.
void partitions_init(struct flash_layout *layout, uint32_t device_bytes);

// Checks that all partitions are sector aligned, inside the device and apart from each other, and
// that LFS, LFS devs and freezer lie in the window.
//
// Result: STATUS_OK or STATUS_USAGE; *which is then the partition at fault.
int partitions_check(const struct flash_layout *layout, uint32_t device_bytes,
                     enum flash_partition_id *which) __attribute__((warn_unused_result));

// Moves a partition and checks the layout; on error it stays as it was. Result: as above.
int partitions_set(struct flash_layout *layout, uint32_t device_bytes, enum flash_partition_id id,
                   uint32_t off, uint32_t bytes) __attribute__((warn_unused_result));

const char *partitions_name(enum flash_partition_id id);

// Address at which a partition of the first megabyte is read.
uint32_t partitions_addr(const struct flash_partition *partition);

#endif
