// devs.c: two slots in turn; see devs.h.

#include "runtime/flash/devs.h"

#include "runtime/flash/flash_events.h"

#include <assert.h>
#include <stddef.h>

struct devs devs;
static struct flash_region region_before; // of devs.before

static int fail(struct lfs_report *report, enum lfs_fault fault, int status)
{
    report->fault = fault;
    return status;
}

void devs_init(struct flash_device *device, const struct flash_partition *partition,
               lfs_verify verify)
{
    devs = (struct devs){
        .whole = {device, REGION_DEVS, *partition, verify},
        .mounted = DEVS_NO_SLOT,
        .written = DEVS_NO_SLOT,
        .before = DEVS_NO_SLOT,
    };
    if (partition->bytes < DEVS_SLOTS * flash_sector_bytes(device))
        devs.whole.partition.bytes = 0;
}

static struct flash_partition devs_slot(uint32_t slot)
{
    assert(slot < DEVS_SLOTS);
    return devs_slot_of(&devs.whole.partition, flash_sector_bytes(devs.whole.device), slot);
}

static struct lfs_target target_of(uint32_t slot)
{
    struct lfs_target target = devs.whole;
    target.partition = devs_slot(slot);
    return target;
}

// The number of the image in a slot, through the device, so that no cache has seen it; 0: there is
// none that was written to its end. Numbers of other kinds of words do no harm: images are checked
// before they are mounted.
static uint32_t read_number(uint32_t slot)
{
    struct lfs_header header;
    struct flash_partition part = devs_slot(slot);
    if (flash_read(devs.whole.device, part.off, &header, sizeof header) != STATUS_OK)
        return 0;
    return (header.signature & ~LFS_ABSOLUTE) == LFS_SIGNATURE_BUILD && header.fill != UINT32_MAX
               ? header.fill
               : 0;
}

// Does a slot begin with what neither an image nor a write of one that was cut leaves, nor one that
// was given up? Each of these clears bits only.
static int is_foreign(uint32_t slot, uint32_t *word)
{
    struct flash_partition part = devs_slot(slot);
    return flash_read(devs.whole.device, part.off, word, sizeof *word) == STATUS_OK &&
           (*word & LFS_SIGNATURE_BUILD) != LFS_SIGNATURE_BUILD &&
           (*word & ~(LFS_SIGNATURE_BUILD | LFS_ABSOLUTE)) != 0;
}

// No image is there; something else may be.
static int find_nothing(struct lfs_report *report)
{
    uint32_t word;
    for (uint32_t slot = 0; slot < DEVS_SLOTS; slot++)
        if (is_foreign(slot, &word)) {
            report->value[0] = word;
            return fail(report, LFS_FAULT_SIGNATURE, STATUS_NOT_FOUND);
        }
    return STATUS_NOT_FOUND;
}

static uint32_t newest(void)
{
    return devs.numbers[1] > devs.numbers[0] ? 1 : 0;
}

static int mount(uint32_t slot, struct lfs_marks *marks, struct lfs_report *report)
{
    struct lfs_target target = target_of(slot);
    devs.was_read[slot] = 1;
    int status = lfs_mount(&target, marks, report);
    devs.mounted = status == STATUS_OK ? slot : DEVS_NO_SLOT;
    return status;
}

int devs_mount(struct lfs_marks *marks, struct lfs_report *report)
{
    *report = (struct lfs_report){.fault = LFS_FAULT_NONE};
    flash_regions_unmount(REGION_DEVS);
    devs.mounted = devs.written = DEVS_NO_SLOT;
    if (devs.whole.partition.bytes == 0)
        return STATUS_NOT_FOUND;
    for (uint32_t i = 0; i < DEVS_SLOTS; i++) {
        devs.numbers[i] = read_number(i);
        devs.was_read[i] = 0;
        devs.is_in_use[i] = 0;
    }
    uint32_t first = newest(), other = first ^ 1u;
    if (devs.numbers[first] == 0)
        return find_nothing(report);
    int status = mount(first, marks, report);
    struct lfs_report ignored;
    // One that is for another core image is not damaged: no older one takes its place.
    if (status == STATUS_OK || report->fault == LFS_FAULT_LINKED || devs.numbers[other] == 0 ||
        mount(other, marks, &ignored) != STATUS_OK)
        return status;
    return STATUS_OK;
}

// ---- replacement ----

// One that was written and never mounted is written again.
uint32_t devs_free_slot(void)
{
    if (devs.mounted != DEVS_NO_SLOT)
        return devs.mounted ^ 1u;
    if (devs.written != DEVS_NO_SLOT)
        return devs.written;
    return devs.numbers[newest()] == 0 ? 0 : newest() ^ 1u;
}

int devs_prepare(inflate_read read, void *context, uint32_t file_bytes, struct lfs_work *work,
                 uint32_t *image_bytes, struct lfs_report *report)
{
    *report = (struct lfs_report){.fault = LFS_FAULT_NONE};
    if (devs.whole.partition.bytes == 0)
        return fail(report, LFS_FAULT_NO_PARTITION, STATUS_NOT_FOUND);
    uint32_t slot = devs_free_slot();
    if (devs.is_in_use[slot] || (devs.was_read[slot] && devs.whole.device->is_window_cached))
        return fail(report, LFS_FAULT_BUSY, STATUS_USAGE);
    struct lfs_target target = target_of(slot);
    int status = lfs_prepare(&target, read, context, file_bytes, 0, work, image_bytes, report);
    if (status != STATUS_OK)
        return status;
    struct lfs_header *header = (struct lfs_header *)(void *)work->image;
    header->fill = devs.numbers[newest()] + 1;
    return STATUS_OK;
}

int devs_write(const struct lfs_work *work, uint32_t image_bytes, struct lfs_report *report)
{
    uint32_t slot = devs_free_slot();
    struct lfs_target target = target_of(slot);
    assert(!devs.is_in_use[slot] && slot != devs.mounted);
    devs.numbers[slot] = 0;
    struct flash_job job = flash_job_begin(target.device);
    int status = lfs_write(&target, work, image_bytes, report);
    if (status != STATUS_OK)
        return status;
    flash_job_end(&job, FLASH_JOB_RELOAD, target.partition.off, image_bytes);
    devs.numbers[slot] = ((const struct lfs_header *)(const void *)work->image)->fill;
    devs.written = slot;
    devs.is_checked = 0;
    return STATUS_OK;
}

int devs_reload_check(struct lfs_reload *reload, struct lfs_report *report)
{
    *report = (struct lfs_report){.fault = LFS_FAULT_NONE};
    if (devs.whole.partition.bytes == 0)
        return fail(report, LFS_FAULT_NO_PARTITION, STATUS_NOT_FOUND);
    uint32_t slot = devs_free_slot();
    if (devs.is_in_use[slot])
        return fail(report, LFS_FAULT_BUSY, STATUS_USAGE);
    reload->target = target_of(slot);
    int status = lfs_reload_check(reload, report);
    reload->header.fill = devs.numbers[newest()] + 1;
    return status;
}

int devs_reload_write(struct lfs_reload *reload, struct lfs_marks *marks, struct lfs_report *report)
{
    const struct flash_partition *part = &reload->target.partition;
    uint32_t slot = devs_free_slot();
    assert(!devs.is_in_use[slot] && slot != devs.mounted);
    devs.numbers[slot] = 0;
    int status = lfs_reload_write(reload, marks, report);
    if (status != STATUS_OK)
        return status;
    devs.numbers[slot] = reload->header.fill;
    devs.written = slot;
    // The first word has changed since it was looked at.
    devs.is_checked = flash_refresh(devs.whole.device, part->off, sizeof reload->header) ==
                      STATUS_OK;
    return STATUS_OK;
}

int devs_switch(struct lfs_marks *marks, struct lfs_report *report)
{
    uint32_t slot = devs.written;
    *report = (struct lfs_report){.fault = LFS_FAULT_NONE};
    const struct flash_region *region = flash_region_find(REGION_DEVS);
    if (region)
        region_before = *region;
    devs.before = devs.mounted;
    flash_regions_unmount(REGION_DEVS);
    devs.mounted = devs.written = DEVS_NO_SLOT;
    if (slot == DEVS_NO_SLOT)
        return STATUS_OK;
    if (!devs.is_checked)
        return mount(slot, marks, report);
    struct lfs_target target = target_of(slot);
    lfs_mount_checked(&target);
    devs.mounted = slot;
    return STATUS_OK;
}

// Its image has not changed since it was checked.
void devs_switch_back(void)
{
    flash_regions_unmount(REGION_DEVS);
    devs.written = devs.mounted;
    devs.mounted = devs.before;
    if (devs.before != DEVS_NO_SLOT)
        flash_regions_mount(&region_before);
}

// The older one first: a cut in between leaves the one that counts.
int devs_discard(void)
{
    uint32_t last = newest();
    for (uint32_t i = 0; i < DEVS_SLOTS && devs.whole.partition.bytes > 0; i++) {
        uint32_t slot = i == 0 ? last ^ 1u : last;
        struct lfs_target target = target_of(slot);
        if (devs.numbers[slot] != 0 && lfs_discard(&target) != STATUS_OK)
            return STATUS_IO;
        devs.numbers[slot] = 0;
    }
    return STATUS_OK;
}

// The rest of the header is still that of an image for its slot.
int devs_is_discarded(void)
{
    for (uint32_t slot = 0; slot < DEVS_SLOTS && devs.whole.partition.bytes > 0; slot++) {
        struct lfs_header header;
        struct flash_partition part = devs_slot(slot);
        if (flash_read(devs.whole.device, part.off, &header, sizeof header) == STATUS_OK &&
            header.signature == 0 &&
            header.string_slots == partitions_addr(&part) + sizeof header && header.fill != 0)
            return 1;
    }
    return 0;
}
