// partitions.c: layouts of the flash, and checks of any other.
//
// Reads and writes: the caller's table. Memory: none of its own.

#include "runtime/flash/partitions.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "runtime/format/address_map.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/status.h"

#define SDK_BYTES 0x5000u // of the device's end, the SDK's own data

struct partition_default {
    const char *name;
    uint32_t off, bytes;
};

static const struct partition_default defaults[PARTITION_COUNT] = {
#define PARTITION_ROW(id, text, off, bytes) {text, off, bytes},
    FLASH_PARTITIONS(PARTITION_ROW)
#undef PARTITION_ROW
};

struct flash_layout flash_layout;

const struct flash_sizes flash_sizes_default = {
    .lfs = LFS_DEFAULT_BYTES,
    .lfs_devs = 0xC000,
    .native_devs = 0x4000,
    .freezer = 0x10000,
};

// ---- layouts ----

static uint32_t round_up(uint32_t bytes)
{
    return (bytes + PARTITION_UNIT_BYTES - 1) & ~(PARTITION_UNIT_BYTES - 1);
}

// Result: the place behind it.
static uint32_t put(struct flash_layout *layout, enum flash_partition_id id, uint32_t off,
                    uint32_t bytes)
{
    if (bytes > 0)
        layout->parts[id] = (struct flash_partition){off, bytes};
    return off + bytes;
}

int partitions_plan(struct flash_layout *layout, uint32_t device_bytes,
                    const struct flash_sizes *sizes)
{
    uint32_t end = device_bytes > SDK_BYTES ? device_bytes - SDK_BYTES : 0;
    uint32_t room = (end < WINDOW_BYTES ? end : WINDOW_BYTES) & ~(FLASH_SECTOR_BYTES - 1);
    uint32_t others = round_up(sizes->lfs_devs) + round_up(sizes->native_devs) +
                      round_up(sizes->freezer);
    uint32_t lfs = round_up(sizes->lfs), at = LFS_DEFAULT_OFFSET;
    if (sizes->lfs > LFS_IMAGE_BYTES_MAX || sizes->lfs_devs > WINDOW_BYTES ||
        sizes->native_devs > WINDOW_BYTES || sizes->freezer > WINDOW_BYTES ||
        at + lfs + others > room)
        return STATUS_NO_SPACE;
    memset(layout, 0, sizeof *layout);
    put(layout, PARTITION_FIRMWARE, 0, LFS_DEFAULT_OFFSET);
    at = put(layout, PARTITION_LFS, at, lfs);
    if (!sizes->has_one_slot && at + lfs + others <= room)
        at = put(layout, PARTITION_LFS_SECOND, at, lfs);
    at = put(layout, PARTITION_LFS_DEVS, at, round_up(sizes->lfs_devs));
    at = put(layout, PARTITION_NATIVE_DEVS, at, round_up(sizes->native_devs));
    at = put(layout, PARTITION_FREEZER, at, round_up(sizes->freezer));
    put(layout, PARTITION_STORE, at, (end - at) & ~(FLASH_SECTOR_BYTES - 1));
    return STATUS_OK;
}

void partitions_init(struct flash_layout *layout, uint32_t device_bytes)
{
    // What a device is too small for is left out.
    uint32_t planned_bytes = device_bytes < WINDOW_BYTES + SDK_BYTES ? WINDOW_BYTES + SDK_BYTES
                                                                     : device_bytes;
    int status = partitions_plan(layout, planned_bytes, &flash_sizes_default);
    assert(status == STATUS_OK);
    (void)status;
    for (int i = 0; i < PARTITION_COUNT && planned_bytes != device_bytes; i++) {
        struct flash_partition *p = &layout->parts[i];
        uint32_t end = i == PARTITION_STORE && device_bytes > SDK_BYTES ? device_bytes - SDK_BYTES
                                                                        : device_bytes;
        if (p->off >= end)
            *p = (struct flash_partition){0, 0};
        else if (p->bytes > end - p->off)
            p->bytes = (end - p->off) & ~(FLASH_SECTOR_BYTES - 1);
    }
}

void partitions_init_stock(struct flash_layout *layout, uint32_t device_bytes)
{
    for (int i = 0; i < PARTITION_COUNT; i++) {
        struct flash_partition *p = &layout->parts[i];
        p->off = defaults[i].off;
        p->bytes = defaults[i].bytes;
        if (p->off >= device_bytes) {
            p->off = 0;
            p->bytes = 0;
        } else if (p->bytes > device_bytes - p->off) {
            p->bytes = (device_bytes - p->off) & ~(FLASH_SECTOR_BYTES - 1);
        }
    }
}

// ---- checks ----

static int is_sound(const struct flash_partition *p, enum flash_partition_id id,
                    uint32_t device_bytes)
{
    if (p->off % FLASH_SECTOR_BYTES != 0 || p->bytes % FLASH_SECTOR_BYTES != 0)
        return 0;
    if (p->off > device_bytes || p->bytes > device_bytes - p->off)
        return 0;
    int is_copied = id == PARTITION_FIRMWARE || id == PARTITION_STORE;
    return is_copied || p->off + p->bytes <= WINDOW_BYTES;
}

enum flash_partition_id partitions_in_the_way(const struct flash_layout *layout,
                                              enum flash_partition_id id, uint32_t off,
                                              uint32_t bytes)
{
    for (int i = 0; i < PARTITION_COUNT && bytes > 0; i++) {
        const struct flash_partition *p = &layout->parts[i];
        if (i != (int)id && p->bytes > 0 && off < p->off + p->bytes && p->off < off + bytes)
            return (enum flash_partition_id)i;
    }
    return PARTITION_COUNT;
}

int partitions_check(const struct flash_layout *layout, uint32_t device_bytes,
                     enum flash_partition_id *which)
{
    for (int i = 0; i < PARTITION_COUNT; i++) {
        const struct flash_partition *p = &layout->parts[i];
        *which = (enum flash_partition_id)i;
        if (p->bytes == 0)
            continue;
        if (!is_sound(p, *which, device_bytes) ||
            partitions_in_the_way(layout, *which, p->off, p->bytes) < *which)
            return STATUS_USAGE;
    }
    return STATUS_OK;
}

int partitions_set(struct flash_layout *layout, uint32_t device_bytes, enum flash_partition_id id,
                   uint32_t off, uint32_t bytes)
{
    struct flash_layout changed = *layout;
    enum flash_partition_id which;
    assert(id < PARTITION_COUNT);
    changed.parts[id] = (struct flash_partition){off, bytes};
    int status = partitions_check(&changed, device_bytes, &which);
    if (status == STATUS_OK)
        *layout = changed;
    return status;
}

const char *partitions_name(enum flash_partition_id id)
{
    assert(id < PARTITION_COUNT);
    return defaults[id].name;
}

uint32_t partitions_addr(const struct flash_partition *partition)
{
    assert(partition->bytes == 0 ||
           (partition->off < WINDOW_BYTES && partition->bytes <= WINDOW_BYTES - partition->off));
    return WINDOW_ADDR + partition->off;
}
