// freezer.c: the freezer of this machine: mounting, flags, the proof that it holds no RAM.
//
// Reads and writes: the partition; the list of regions. Memory: struct freezer.

#include "runtime/freezer/freezer.h"

#include <stddef.h>

#include "runtime/flash/lfs_below.h"
#include "runtime/flash/regions.h"
#include "runtime/freezer/function.h"
#include "runtime/freezer/parts.h"

struct freezer freezer = {.options = FREEZER_OPTS_DEFAULT};

static void mount_region(void)
{
    const struct freezer_area *area = &freezer.area;
    const struct flash_region region = {
        .id = REGION_FREEZER,
        .begin = area->addr,
        .end = area->addr + area->bytes,
        .slots_addr = area->addr + (uint32_t)sizeof(struct freezer_header),
        .slot_count = freezer_slot_count(area->bytes),
        .linked_crc = area->identity.linked_crc,
    };
    flash_regions_mount(&region);
}

// Identity of the images below. Cost: all their words are read, so it is asked for only where there
// is an area or one is made.
static uint32_t linked_crc(const struct flash_device *device)
{
    static struct lfs_below below;
    lfs_below_init(&below, device, REGION_FREEZER);
    return lfs_below_crc(&below);
}

int freezer_make_area(void)
{
    flash_regions_unmount(REGION_FREEZER);
    freezer.area.identity.linked_crc = linked_crc(freezer.area.device);
    int status = freezer_area_format(&freezer.area);
    if (status == STATUS_OK)
        mount_region();
    return status;
}

static int is_sound(const struct freezer_area *area, uint32_t payload_off)
{
    return frozen_fault(area, payload_off) == NULL;
}

void freezer_mount(struct flash_device *device, const struct flash_partition *partition,
                   uint32_t build)
{
    struct freezer_identity identity = {0};
    uint32_t first_word = UINT32_MAX;
    flash_regions_unmount(REGION_FREEZER);
    freezer = (struct freezer){.options = FREEZER_OPTS_DEFAULT, .build = build};
    uint32_t bytes = partition->bytes;
    if (bytes > FREEZER_AREA_BYTES_MAX)
        bytes = FREEZER_AREA_BYTES_MAX;
    if (device == NULL || bytes < FREEZER_AREA_BYTES_MIN ||
        flash_in_place(device, partition->off, bytes) == NULL)
        return;
    (void)!flash_read(device, partition->off, &first_word, sizeof first_word);
    if (first_word != UINT32_MAX)
        identity.linked_crc = linked_crc(device);
    int status = freezer_area_open(&freezer.area, device, partition->off, bytes, &identity,
                                   is_sound);
    if (status == STATUS_OK) {
        mount_region();
    } else if (status != STATUS_NOT_FOUND && status != STATUS_IO) {
        freezer.is_refused = status != STATUS_END;
        (void)!freezer_make_area();
    }
}

int freezer_defrost(void)
{
    if (!freezer.area.is_open)
        return STATUS_NOT_FOUND;
    return freezer_area_clear_flags(&freezer.area, FREEZER_KEEP);
}

const char *freezer_verify(uint32_t *off)
{
    if (!freezer.area.is_open)
        return NULL;
    for (*off = 0; (*off = freezer_area_next(&freezer.area, *off)) != 0;) {
        const char *fault = frozen_fault(&freezer.area, *off);
        if (fault)
            return fault;
    }
    return NULL;
}
