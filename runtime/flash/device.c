// device.c: checks of every access to a flash device, before its driver sees it.
//
// Reads and writes: the device. Memory: a few words of the stack.

#include "runtime/flash/device.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "runtime/flash/flash_events.h"
#include "runtime/format/device_time.h"

#define VERIFY_BYTES 256u // read back at a time
#define EVICTIONS_MAX 8 // a cache that replaces lines at random gives one up with the second or so

static int is_in_range(const struct flash_device *device, uint32_t off, uint32_t bytes)
{
    return off <= device->bytes && bytes <= device->bytes - off;
}

int flash_read(struct flash_device *device, uint32_t off, void *data, uint32_t bytes)
{
    assert(device && device->driver);
    if (!is_in_range(device, off, bytes))
        return STATUS_USAGE;
    if (bytes == 0)
        return STATUS_OK;
    device->counts.read_bytes += bytes;
    return device->driver->read(device, off, data, bytes);
}

static void note_change(struct flash_device *device, uint32_t off, uint32_t bytes)
{
    assert(bytes > 0);
    if (device->changed_off == device->changed_end) {
        device->changed_off = off;
        device->changed_end = off + bytes;
    }
    if (off < device->changed_off)
        device->changed_off = off;
    if (off + bytes > device->changed_end)
        device->changed_end = off + bytes;
    assert(device->changed_off < device->changed_end && device->changed_end <= device->bytes);
}

static void note_time(struct flash_device *device, uint64_t ns)
{
    device->counts.busy_ns += ns;
    if (device->took)
        device->took(ns);
}

// Compares what the device holds with what was programmed.
static int verify(struct flash_device *device, uint32_t off, const uint8_t *data, uint32_t bytes)
{
    uint8_t back[VERIFY_BYTES];
    for (uint32_t done = 0; done < bytes; done += VERIFY_BYTES) {
        uint32_t part = bytes - done < VERIFY_BYTES ? bytes - done : VERIFY_BYTES;
        if (device->driver->read(device, off + done, back, part) != STATUS_OK)
            return STATUS_IO;
        if (memcmp(back, data + done, part) != 0)
            return STATUS_IO;
    }
    return STATUS_OK;
}

int flash_program(struct flash_device *device, uint32_t off, const void *data, uint32_t bytes)
{
    assert(device && device->driver);
    if (!is_in_range(device, off, bytes) || off % 4 != 0 || bytes % 4 != 0)
        return STATUS_USAGE;
    if (bytes == 0)
        return STATUS_OK;
    device->counts.program_words += bytes / 4;
    device->counts.programs++;
    note_change(device, off, bytes);
    uint64_t ns = device_time_programs_ns(1, bytes);
    flash_events_program(device, off, bytes, ns);
    note_time(device, ns);
    int status = device->driver->program(device, off, data, bytes);
    return status == STATUS_OK ? verify(device, off, data, bytes) : status;
}

int flash_erase(struct flash_device *device, uint32_t off, uint32_t bytes)
{
    uint32_t sector_bytes = flash_sector_bytes(device);
    assert(device->driver && device->bytes % sector_bytes == 0);
    if (!is_in_range(device, off, bytes) || off % sector_bytes != 0)
        return STATUS_USAGE;
    for (uint32_t at = off; at - off < bytes; at += sector_bytes) {
        device->counts.erases++;
        note_change(device, at, sector_bytes);
        flash_events_erase(device, at, DEVICE_TIME_SECTOR_NS);
        note_time(device, DEVICE_TIME_SECTOR_NS);
        int status = device->driver->erase(device, at);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

const uint8_t *flash_in_place(const struct flash_device *device, uint32_t off, uint32_t bytes)
{
    assert(device->window_bytes <= device->bytes && device->window_bytes <= WINDOW_BYTES);
    if (!device->window || off > device->window_bytes || bytes > device->window_bytes - off)
        return NULL;
    return device->window + off;
}

int flash_is_current(const struct flash_device *device, uint32_t off, uint32_t bytes)
{
    assert(device->changed_off <= device->changed_end);
    if (!device->is_window_cached || device->changed_off == device->changed_end)
        return 1;
    return off >= device->changed_end || off + bytes <= device->changed_off;
}

// *is_shown: does the window show what the device holds? By words, as flash is read in place.
static int compare(struct flash_device *device, uint32_t off, uint32_t bytes, int *is_shown)
{
    const volatile uint32_t *seen = (const volatile uint32_t *)(const void *)(device->window + off);
    uint32_t held[VERIFY_BYTES / 4];
    *is_shown = 1;
    for (uint32_t done = 0; done < bytes && *is_shown; done += VERIFY_BYTES) {
        uint32_t part = bytes - done < VERIFY_BYTES ? bytes - done : VERIFY_BYTES;
        int status = flash_read(device, off + done, held, part);
        if (status != STATUS_OK)
            return status;
        for (uint32_t i = 0; i < part / 4; i++)
            *is_shown &= seen[done / 4 + i] == held[i];
    }
    return STATUS_OK;
}

int flash_refresh(struct flash_device *device, uint32_t off, uint32_t bytes)
{
    int is_shown = 0;
    if (off % 4 != 0 || bytes % 4 != 0 || !flash_in_place(device, off, bytes))
        return STATUS_USAGE;
    for (int tries = 0; tries <= EVICTIONS_MAX; tries++) {
        int status = compare(device, off, bytes, &is_shown);
        if (status != STATUS_OK || is_shown)
            return status;
        if (!device->evict)
            break;
        device->evict(device, off, bytes);
    }
    return STATUS_USAGE;
}
