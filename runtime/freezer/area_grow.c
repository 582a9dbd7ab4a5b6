// area_grow.c: sectors that hold something else are erased when the area needs them, not before.
//
// Reads and writes: the area, by its device. Memory: 128 bytes of the stack.
//
// A sector takes about 60 ms to erase, and lives for 100,000 erases or so. An area of 252 KB would
// take nearly 4 s at once; one that is seldom filled would wear out sectors that it never uses.

#include "runtime/freezer/area.h"
#include "runtime/freezer/area_parts.h"

// Is the sector at `off` erased? *read_bytes grows by what had to be read to know.
static int is_blank(const struct freezer_area *area, uint32_t off, uint32_t *read_bytes,
                    int *status)
{
    uint32_t words[FROZEN_BUFFER_WORDS], all = UINT32_MAX;
    uint32_t end = off + flash_sector_bytes(area->device);
    for (; off < end && all == UINT32_MAX && *status == STATUS_OK; off += sizeof words) {
        *status = flash_read(area->device, area->off + off, words, sizeof words);
        *read_bytes += sizeof words;
        for (uint32_t i = 0; i < FROZEN_BUFFER_WORDS; i++)
            all &= words[i];
    }
    return all == UINT32_MAX;
}

int area_erase(const struct freezer_area *area, uint32_t off)
{
    uint32_t read_bytes = 0;
    int status = STATUS_OK;
    if (is_blank(area, off, &read_bytes, &status) || status != STATUS_OK)
        return status;
    return flash_erase(area->device, area->off + off, flash_sector_bytes(area->device));
}

static uint32_t unit_bytes(const struct freezer_area *area)
{
    return freezer_unit_bytes(area->bytes, flash_sector_bytes(area->device));
}

// Where the unit of `off` ends.
static uint32_t unit_end(const struct freezer_area *area, uint32_t off)
{
    uint32_t end = (off / unit_bytes(area) + 1) * unit_bytes(area);
    return end < area->limit ? end : area->limit;
}

uint32_t area_units(const struct freezer_area *area, uint32_t end)
{
    uint32_t flags = 0;
    for (uint32_t i = 0; i * unit_bytes(area) < end; i++)
        flags |= FREEZER_UNIT(i);
    return flags;
}

int area_grow(struct freezer_area *area, uint32_t end)
{
    while (area->grown < end) {
        uint32_t next = unit_end(area, area->grown);
        int status = STATUS_OK;
        for (uint32_t off = area->grown; off < next && status == STATUS_OK;
             off += flash_sector_bytes(area->device))
            status = area_erase(area, off);
        // One flag at a time: a cut leaves no gap in them.
        if (status == STATUS_OK && area->is_open)
            status = freezer_area_clear_flags(area, area_units(area, next));
        if (status != STATUS_OK)
            return status;
        area->grown = next;
    }
    return STATUS_OK;
}

uint32_t freezer_area_erases(const struct freezer_area *area, uint32_t bytes, uint32_t *read_bytes)
{
    uint32_t count = 0, off = area->is_open ? area->grown : 0;
    uint32_t end = (area->is_open ? area->end : freezer_first_block(area->bytes)) + bytes;
    int status = STATUS_OK;
    *read_bytes = 0;
    while (off < area->bytes) {
        if (off >= area->limit && area->is_open)
            break;
        uint32_t next = off < area->limit ? unit_end(area, off) : area->bytes;
        int is_needed = off < end || off >= area->limit;
        for (; off < next; off += flash_sector_bytes(area->device))
            count += is_needed && !is_blank(area, off, read_bytes, &status);
    }
    return count;
}
