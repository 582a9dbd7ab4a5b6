// device.h: one NOR flash device, whatever it is made of.
//
// Reads and writes: the device only. Erase sets a sector to 0xFF; programming clears bits in words
//         of 32 bits and can set none; power can fail inside a word and inside an erase.
// Memory: the device belongs to the port that made it. Nothing is allocated.
// Context: main loop only, never from an interrupt.
// Fillings: runtime/port/host/flash_file.c (file or memory), the chip's ROM calls, fault models in
//         tests.

#ifndef FROST_FLASH_DEVICE_H
#define FROST_FLASH_DEVICE_H

#include <stdint.h>

#include "runtime/format/address_map.h"
#include "runtime/format/status.h"

struct flash_device;

// What a filling provides. Offsets and sizes are already checked when these are called. Each
// returns STATUS_OK or STATUS_IO.
struct flash_driver {
    int (*read)(struct flash_device *device, uint32_t off, void *data, uint32_t bytes);
    int (*program)(struct flash_device *device, uint32_t off, const void *data, uint32_t bytes);
    int (*erase)(struct flash_device *device, uint32_t off);
};

// What was done since the device was opened.
struct flash_counts {
    uint64_t read_bytes;
    uint64_t program_words;
    uint64_t programs;
    uint64_t erases;
    uint64_t busy_ns; // what programs and erases take on a device (runtime/format/device_time.h)
};

struct flash_device {
    const struct flash_driver *driver;
    void *context;         // of the driver
    uint32_t bytes;        // whole device, a multiple of its sectors
    uint32_t sector_bytes; // that one erase takes; 0: FLASH_SECTOR_BYTES, as every chip has
    const uint8_t *window; // where its first window_bytes can be read in place
    uint32_t window_bytes; // at most WINDOW_BYTES
    int is_window_cached;  // the window may show old content after a change, until a start
    // Reads so much elsewhere that a cache has to give up what it holds of a range; NULL: no way.
    void (*evict)(const struct flash_device *device, uint32_t off, uint32_t bytes);
    void (*took)(uint64_t ns); // hears of each program and erase what it takes; NULL: nobody does
    struct flash_counts counts;
    uint32_t changed_off, changed_end; // what was changed since the start; equal: nothing
};

static inline uint32_t flash_sector_bytes(const struct flash_device *device)
{
    return device->sector_bytes ? device->sector_bytes : FLASH_SECTOR_BYTES;
}

// Copies `bytes` from offset `off`. Errors: STATUS_USAGE (range), STATUS_IO.
int flash_read(struct flash_device *device, uint32_t off, void *data, uint32_t bytes)
    __attribute__((warn_unused_result));

// Clears the bits that are 0 in `data`; `off` and `bytes` are multiples of 4.
//
// Errors: STATUS_USAGE (range, alignment), STATUS_IO (failed, or the device does not hold what was
//         to be there: a bit would have to be set, so the sector was not erased).
int flash_program(struct flash_device *device, uint32_t off, const void *data, uint32_t bytes)
    __attribute__((warn_unused_result));

// Erases the sectors that hold `bytes` from `off` on; `off` is the beginning of a sector.
// Errors: STATUS_USAGE, STATUS_IO.
int flash_erase(struct flash_device *device, uint32_t off, uint32_t bytes)
    __attribute__((warn_unused_result));

// Where `off` can be read in place, or NULL if [off, off + bytes) is not in the window.
const uint8_t *flash_in_place(const struct flash_device *device, uint32_t off, uint32_t bytes);

// Does the window show what [off, off + bytes) holds? Not after a change behind a cache: lines that
// it has of what was there before are seen until the next start.
int flash_is_current(const struct flash_device *device, uint32_t off, uint32_t bytes);

// Makes the window show what [off, off + bytes) holds, and proves it: the range is compared with
// what the device gives, and pushed out of the cache as often as it differs.
//
// off, bytes  multiples of 4, in the window.
// Errors: STATUS_USAGE (not in the window, or it differs and nothing helps), STATUS_IO.
// Cost:   the range is read twice; a few times more where a cache was in the way.
int flash_refresh(struct flash_device *device, uint32_t off, uint32_t bytes)
    __attribute__((warn_unused_result));

#endif
