// partitions.h: what lies where in the flash.
//
// Reads and writes: nothing; a table of ranges. Memory: the caller's.
// Two layouts: ours, with a second slot for the LFS and the first part of the store in the mapped
// megabyte; and that of stock firmware (code from 0, LFS after it in the first megabyte, file store
// from 1 MiB on) with our LFS devs and freezer, which was ours before, too.

#ifndef FROST_FLASH_PARTITIONS_H
#define FROST_FLASH_PARTITIONS_H

#include <stdint.h>

#include "runtime/format/address_map.h"

// name, text, then offset and bytes in the stock layout
#define FLASH_PARTITIONS(X)                                                                        \
    X(PARTITION_FIRMWARE, "firmware", 0x00000, LFS_DEFAULT_OFFSET)                                 \
    X(PARTITION_LFS, "lfs", LFS_DEFAULT_OFFSET, LFS_STOCK_BYTES)                                   \
    X(PARTITION_LFS_DEVS, "lfs-devs", 0xD0000, 0x10000)                                            \
    X(PARTITION_FREEZER, "freezer", 0xE0000, 0x20000)                                              \
    X(PARTITION_STORE, "store", 0x100000, 0x2FB000) /* the SDK's own data lie behind it */         \
    X(PARTITION_LFS_SECOND, "lfs-second", 0, 0)                                                    \
    X(PARTITION_NATIVE_DEVS, "native-devs", 0, 0)

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

// How large the parts of our layout are, in bytes; each is rounded up as the firmware does, to
// PARTITION_UNIT_BYTES.
struct flash_sizes {
    uint32_t lfs; // one slot; 0: no LFS; at most LFS_IMAGE_BYTES_MAX
    int has_one_slot;
    uint32_t lfs_devs, native_devs, freezer;
};

#define PARTITION_UNIT_BYTES 0x2000u

extern const struct flash_sizes flash_sizes_default;

// Lays the parts out one after the other: firmware, LFS, its second slot where all the others still
// fit into the window, LFS devs, native devs, freezer; what is left is the store's.
//
// Result: STATUS_OK; STATUS_NO_SPACE: they do not fit into the window.
int partitions_plan(struct flash_layout *layout, uint32_t device_bytes,
                    const struct flash_sizes *sizes) __attribute__((warn_unused_result));

// Our layout with the default sizes, and the stock one. Partitions that do not fit into
// `device_bytes` are cut or absent.
void partitions_init(struct flash_layout *layout, uint32_t device_bytes);
void partitions_init_stock(struct flash_layout *layout, uint32_t device_bytes);

// Checks that all partitions are sector aligned, inside the device and apart from each other, and
// that all but firmware and store lie in the window.
//
// Result: STATUS_OK or STATUS_USAGE; *which is then the partition at fault.
int partitions_check(const struct flash_layout *layout, uint32_t device_bytes,
                     enum flash_partition_id *which) __attribute__((warn_unused_result));

// Moves a partition and checks the layout; on error it stays as it was. Result: as above.
int partitions_set(struct flash_layout *layout, uint32_t device_bytes, enum flash_partition_id id,
                   uint32_t off, uint32_t bytes) __attribute__((warn_unused_result));

// A partition with which [off, off + bytes) overlaps, other than `id`; PARTITION_COUNT: none.
enum flash_partition_id partitions_in_the_way(const struct flash_layout *layout,
                                              enum flash_partition_id id, uint32_t off,
                                              uint32_t bytes);

const char *partitions_name(enum flash_partition_id id);

// Address at which a partition of the first megabyte is read.
uint32_t partitions_addr(const struct flash_partition *partition);

#endif
