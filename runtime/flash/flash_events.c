// flash_events.c: see flash_events.h.

#include "runtime/flash/flash_events.h"

#ifdef FROST_PROBED

#include <stddef.h>

#include "runtime/flash/partition_table.h"
#include "runtime/probe/probe.h"

#define PENDING_BYTES_MAX 0x10000u // told at least that often

static const struct flash_device *watched;

// Programs that are not told yet, one behind the other.
static struct {
    uint32_t off, bytes, times;
    uint64_t ns;
} pending;

static int region_of(uint32_t off)
{
    static const struct {
        enum flash_partition_id id;
        int region;
    } known[] = {{PARTITION_LFS, FLASH_REGION_LFS},
                 {PARTITION_LFS_SECOND, FLASH_REGION_LFS},
                 {PARTITION_LFS_DEVS, FLASH_REGION_DEVS},
                 {PARTITION_FREEZER, FLASH_REGION_FREEZER},
                 {PARTITION_STORE, FLASH_REGION_STORE}};
    if (off - flash_table.off < PARTITION_TABLE_SECTORS * flash_sector_bytes(watched))
        return FLASH_REGION_TABLE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct flash_partition *part = &flash_layout.parts[known[i].id];
        if (off - part->off < part->bytes)
            return known[i].region;
    }
    return FLASH_REGION_OTHER;
}

void flash_events_flush(void)
{
    if (pending.times > 0)
        PROBE_FLASH_PROGRAM(region_of(pending.off), pending.off, pending.bytes, pending.times,
                            pending.ns);
    pending.times = 0;
    pending.bytes = 0;
    pending.ns = 0;
}

void flash_events_watch(const struct flash_device *device)
{
    watched = device;
    pending.times = 0;
    pending.bytes = 0;
    pending.ns = 0;
}

void flash_events_program(const struct flash_device *device, uint32_t off, uint32_t bytes,
                          uint64_t ns)
{
    if (device != watched)
        return;
    if (off != pending.off + pending.bytes || pending.bytes + bytes > PENDING_BYTES_MAX)
        flash_events_flush();
    if (pending.times == 0)
        pending.off = off;
    pending.bytes += bytes;
    pending.times++;
    pending.ns += ns;
}

// How often a sector was erased, as far as the table keeps count; 0: not known.
static uint32_t count_of(int region, uint32_t off)
{
    const struct flash_partition *second = &flash_layout.parts[PARTITION_LFS_SECOND];
    if (region == FLASH_REGION_TABLE)
        return flash_table.sequence / 2 + 1;
    if (region != FLASH_REGION_LFS || second->bytes == 0)
        return 0;
    return flash_table.slots.writes[off - second->off < second->bytes];
}

void flash_events_erase(const struct flash_device *device, uint32_t off, uint64_t ns)
{
    if (device != watched)
        return;
    flash_events_flush();
    int region = region_of(off);
    PROBE_FLASH_ERASE(region, off, count_of(region, off), ns);
}

struct flash_job flash_job_begin(const struct flash_device *device)
{
    flash_events_flush();
    return (struct flash_job){device, device->counts};
}

void flash_job_end(const struct flash_job *job, enum trace_flash_job kind, uint32_t off,
                   uint32_t bytes)
{
    const struct flash_counts *now = &job->device->counts;
    uint32_t programs = (uint32_t)(now->programs - job->before.programs);
    uint32_t erases = (uint32_t)(now->erases - job->before.erases);
    if (job->device != watched || (programs == 0 && erases == 0))
        return;
    flash_events_flush();
    PROBE_FLASH_JOB(kind, region_of(off), bytes, programs, erases,
                    now->busy_ns - job->before.busy_ns);
}

#endif
