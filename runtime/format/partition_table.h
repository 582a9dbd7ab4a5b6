// partition_table.h: the layout of the flash as it is kept in flash.
//
// Written and read by runtime/flash/partition_table.c. Little-endian words.
//
// Place: the last two sectors of the firmware's partition, PARTITION_TABLE_OFF and the one after
// it. Each begins with one struct partition_record, or holds none. The one that counts is sound and
// has the higher sequence number; none: the default layout. A new record goes into the sector of
// the other one, so that a cut leaves the one that counts.

#ifndef FROST_FORMAT_PARTITION_TABLE_H
#define FROST_FORMAT_PARTITION_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/address_map.h"

#define PARTITION_TABLE_SECTORS 2u
#define PARTITION_TABLE_BYTES (PARTITION_TABLE_SECTORS * FLASH_SECTOR_BYTES)
#define PARTITION_TABLE_OFF (LFS_DEFAULT_OFFSET - PARTITION_TABLE_BYTES)

#define PARTITION_RECORD_MAGIC 0x31545046u // "FPT1"
#define PARTITION_RECORD_PARTS 5

struct partition_record {
    uint32_t magic;
    uint32_t sequence; // 1 for the first one that is ever written
    struct {
        uint32_t off;
        uint32_t bytes;
    } parts[PARTITION_RECORD_PARTS]; // in the order of enum flash_partition_id
    uint32_t crc;                    // CRC-32 of all before it
};

_Static_assert(sizeof(struct partition_record) == 52 &&
                   offsetof(struct partition_record, parts) == 8 &&
                   offsetof(struct partition_record, crc) == 48,
               "record of a partition table");

#endif
