// freezer.c: the freezer of this machine: mounting, flags, the proof that it holds no RAM.
//
// Reads and writes: the partition; the list of regions. Memory: struct freezer.

#include "runtime/freezer/freezer.h"

#include <stddef.h>

#include "runtime/flash/lfs_below.h"
#include "runtime/flash/regions.h"
#include "runtime/format/device_time.h"
#include "runtime/freezer/function.h"
#include "runtime/freezer/parts.h"
#include "runtime/probe/probe.h"

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

// Tells who records what is lost by an erase.
static void note_erase(struct freezer_area *area)
{
#ifdef FROST_PROBED
    uint32_t objects = 0, first = freezer_first_block(area->bytes);
    for (area->end = area->grown; area->end > first; area->end -= 4)
        if (area->base[area->end / 4 - 1] != UINT32_MAX)
            break;
    for (uint32_t at = 0; (at = freezer_area_next(area, at)) != 0;)
        objects++;
    if (area->end > first)
        PROBE_FREEZER_ERASE(objects, area->end - first);
#endif
    (void)area;
}

// Tells who records what is there already.
static void note_mounted(const struct freezer_area *area)
{
#ifdef FROST_PROBED
    uint32_t objects = 0, bytes = 0;
    for (uint32_t at = 0; (at = freezer_area_next(area, at)) != 0;)
        if (freezer_block_kind(freezer_area_block(area, at)) != FREEZER_MODULE) {
            objects++;
            bytes += freezer_area_block(area, at)->bytes;
        }
    if (objects > 0)
        PROBE_FREEZER_MOUNTED(area->addr + area->end, objects, bytes);
#endif
    (void)area;
}

int freezer_make_area(void)
{
    note_erase(&freezer.area);
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

// Is there something in the area, or would there be, had power not failed?
static int is_used(struct flash_device *device, uint32_t off, uint32_t bytes)
{
    uint32_t first_word = UINT32_MAX;
    (void)!flash_read(device, off, &first_word, sizeof first_word);
    return first_word != UINT32_MAX || freezer_area_is_compacting(device, off, bytes);
}

// Bytes that compaction has to give back to be worth it.
static uint32_t gain_min(const struct freezer_area *area)
{
    uint32_t used = area->end - freezer_first_block(area->bytes);
    if (!(area->flags & FREEZER_LOOSE))
        return 1;
    return used / 8 < FLASH_SECTOR_BYTES ? FLASH_SECTOR_BYTES : used / 8;
}

// The area is open. Result: as that of opening it.
static int compact(void *work)
{
    struct freezer_area *area = &freezer.area;
    if (work == NULL || area->given_up == 0)
        return STATUS_OK;
    int status = freezer_area_compact(area, work, gain_min(area), &freezer.reclaimed);
    if (freezer.reclaimed == 0)
        return STATUS_OK;
    const struct freezer_identity identity = area->identity;
    if (status == STATUS_OK)
        status = freezer_area_open(area, area->device, area->off, area->bytes, &identity, is_sound);
    return status;
}

void freezer_mount(struct flash_device *device, const struct flash_partition *partition,
                   uint32_t build, void *work)
{
    struct freezer_identity identity = {0};
    flash_regions_unmount(REGION_FREEZER);
    freezer = (struct freezer){.options = FREEZER_OPTS_DEFAULT, .build = build};
    uint32_t bytes = partition->bytes;
    if (bytes > FREEZER_AREA_BYTES_MAX)
        bytes = FREEZER_AREA_BYTES_MAX;
    if (device == NULL || bytes < FREEZER_AREA_BYTES_MIN ||
        flash_in_place(device, partition->off, bytes) == NULL)
        return;
    if (is_used(device, partition->off, bytes))
        identity.linked_crc = linked_crc(device);
    int status = freezer_area_open(&freezer.area, device, partition->off, bytes, &identity,
                                   is_sound);
    if (status == STATUS_OK)
        status = compact(work);
    if (status == STATUS_OK) {
        mount_region();
        note_mounted(&freezer.area);
    } else if (status == STATUS_USAGE) {
        freezer.area.device = NULL; // not before the next start
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

void freezer_note_full(void)
{
    struct freezer_area *area = &freezer.area;
    uint32_t flag = area->flags & FREEZER_FRESH ? 0 : FREEZER_KEEP;
    // Asked for already, it has not helped.
    if (area->given_up > 0 && (area->flags & FREEZER_LOOSE) && area->limit < area->bytes)
        flag = FREEZER_LOOSE;
    (void)!freezer_area_clear_flags(area, flag);
}

int freezer_compact(void)
{
    const struct freezer_area *area = &freezer.area;
    if (!area->is_open || area->given_up == 0 || area->limit == area->bytes)
        return 0;
    int status = freezer_area_clear_flags(&freezer.area, FREEZER_LOOSE);
    return status == STATUS_OK ? 1 : status;
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

struct freezer_cost freezer_cost_of(const struct freezer_result *planned)
{
    const struct freezer_area *area = &freezer.area;
    struct freezer_cost cost = {0, 0};
    uint32_t read_bytes = 0;
    if (planned->blocks > 0 && area->device != NULL)
        cost.erases = freezer_area_erases(area, planned->written, &read_bytes);
    // Of each block: header, payload in pieces, the last of which is not full, state, slot. All is
    // read back.
    uint64_t programs = 4 * (uint64_t)planned->blocks +
                        planned->written / (4 * FROZEN_BUFFER_WORDS);
    uint64_t bytes = planned->written + 8 * (uint64_t)planned->blocks;
    cost.us = (uint32_t)((device_time_programs_ns(programs, bytes) +
                          (bytes + read_bytes) * DEVICE_TIME_READ_NS +
                          (uint64_t)cost.erases * DEVICE_TIME_SECTOR_NS) /
                         1000);
    return cost;
}
