// partitions.c: the default layout of the flash, and checks of any other.
//
// Reads and writes: the caller's table. Memory: none of its own.

#include "runtime/flash/partitions.h"

#include <assert.h>

#include "runtime/format/address_map.h"
#include "runtime/format/status.h"

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

void partitions_init(struct flash_layout *layout, uint32_t device_bytes)
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

static int is_sound(const struct flash_partition *p, enum flash_partition_id id,
                    uint32_t device_bytes)
{
    if (p->off % FLASH_SECTOR_BYTES != 0 || p->bytes % FLASH_SECTOR_BYTES != 0)
        return 0;
    if (p->off > device_bytes || p->bytes > device_bytes - p->off)
        return 0;
    int is_read_in_place = id == PARTITION_LFS || id == PARTITION_LFS_DEVS ||
                           id == PARTITION_FREEZER;
    return !is_read_in_place || p->off + p->bytes <= WINDOW_BYTES;
}

int partitions_check(const struct flash_layout *layout, uint32_t device_bytes,
                     enum flash_partition_id *which)
{
    for (int i = 0; i < PARTITION_COUNT; i++) {
        const struct flash_partition *p = &layout->parts[i];
        *which = (enum flash_partition_id)i;
        if (p->bytes == 0)
            continue;
        if (!is_sound(p, (enum flash_partition_id)i, device_bytes))
            return STATUS_USAGE;
        for (int k = 0; k < i; k++) {
            const struct flash_partition *q = &layout->parts[k];
            if (q->bytes && p->off < q->off + q->bytes && q->off < p->off + p->bytes)
                return STATUS_USAGE;
        }
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
