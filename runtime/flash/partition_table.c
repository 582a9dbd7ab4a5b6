// partition_table.c: the layout of the flash in two sectors that take turns.
//
// Reads and writes: these sectors. Memory: a few words of the stack.

#include "runtime/flash/partition_table.h"

#include <assert.h>

#include "runtime/flash/inflate.h"
#include "runtime/format/partition_table.h"

_Static_assert(PARTITION_RECORD_PARTS == PARTITION_COUNT, "a record has all partitions");

static uint32_t sector_off(unsigned idx)
{
    assert(idx < PARTITION_TABLE_SECTORS);
    return PARTITION_TABLE_OFF + idx * FLASH_SECTOR_BYTES;
}

static uint32_t record_crc(const struct partition_record *record)
{
    return inflate_crc(0, record, offsetof(struct partition_record, crc));
}

// The table has its place in the firmware's partition; a layout that lies on it would destroy it.
static int is_possible(const struct flash_layout *layout, uint32_t device_bytes)
{
    enum flash_partition_id which;
    const struct flash_partition *firmware = &layout->parts[PARTITION_FIRMWARE];
    return partitions_check(layout, device_bytes, &which) == STATUS_OK && firmware->off == 0 &&
           firmware->bytes >= PARTITION_TABLE_OFF + PARTITION_TABLE_BYTES;
}

static void layout_of(const struct partition_record *record, struct flash_layout *layout)
{
    for (int i = 0; i < PARTITION_COUNT; i++)
        layout->parts[i] = (struct flash_partition){record->parts[i].off, record->parts[i].bytes};
}

// Reads the record that counts. Result: STATUS_OK, then *idx is its sector; STATUS_NOT_FOUND;
// STATUS_IO.
static int find_record(struct flash_device *device, struct partition_record *found, unsigned *idx)
{
    int status = STATUS_NOT_FOUND;
    for (unsigned i = 0; i < PARTITION_TABLE_SECTORS; i++) {
        struct partition_record record;
        struct flash_layout layout;
        if (flash_read(device, sector_off(i), &record, sizeof record) != STATUS_OK)
            return STATUS_IO;
        if (record.magic != PARTITION_RECORD_MAGIC || record.crc != record_crc(&record))
            continue;
        layout_of(&record, &layout);
        if (!is_possible(&layout, device->bytes))
            continue;
        if (status == STATUS_OK && record.sequence <= found->sequence)
            continue;
        *found = record;
        *idx = i;
        status = STATUS_OK;
    }
    return status;
}

int partition_table_load(struct flash_device *device, struct flash_layout *layout)
{
    struct partition_record record;
    unsigned idx;
    partitions_init(layout, device->bytes);
    if (device->bytes < PARTITION_TABLE_OFF + PARTITION_TABLE_BYTES)
        return STATUS_NOT_FOUND;
    int status = find_record(device, &record, &idx);
    if (status == STATUS_OK)
        layout_of(&record, layout);
    return status;
}

int partition_table_save(struct flash_device *device, const struct flash_layout *layout)
{
    struct partition_record record = {0};
    unsigned idx = PARTITION_TABLE_SECTORS - 1;
    if (!is_possible(layout, device->bytes))
        return STATUS_USAGE;
    int status = find_record(device, &record, &idx);
    if (status == STATUS_IO)
        return status;
    record.magic = PARTITION_RECORD_MAGIC;
    record.sequence++;
    for (int i = 0; i < PARTITION_COUNT; i++) {
        record.parts[i].off = layout->parts[i].off;
        record.parts[i].bytes = layout->parts[i].bytes;
    }
    record.crc = record_crc(&record);
    uint32_t off = sector_off((idx + 1) % PARTITION_TABLE_SECTORS);
    status = flash_erase(device, off, FLASH_SECTOR_BYTES);
    return status == STATUS_OK ? flash_program(device, off, &record, sizeof record) : status;
}
