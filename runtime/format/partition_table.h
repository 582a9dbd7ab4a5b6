// partition_table.h: the layout of the flash as it is kept in flash, and what happens to the LFS.
//
// Written and read by runtime/flash/partition_table.c. Little-endian words.
//
// Place: the last two sectors of the firmware's partition, PARTITION_TABLE_OFF and the one after
// it. Each begins with one struct partition_record, or holds none. The one that counts is sound and
// has the higher sequence number; none: the default layout. A new record goes into the sector of
// the other one, so that a cut leaves the one that counts.
//
// Behind the record, from PARTITION_JOURNAL_OFF of its sector on, stand journal entries one after
// the other, up to the first one that is erased. An entry is programmed from its first word to its
// last, the CRC, and counts if that is right. What becomes of it is told by bits of its state,
// which are cleared one by one, so that a cut leaves the old state or the new one. When the sector
// is full, a new record has the sum of what the entries said.
//
// The former format (struct partition_record_old) had five partitions and no journal. It is read,
// and what is saved then has the new form.

#ifndef FROST_FORMAT_PARTITION_TABLE_H
#define FROST_FORMAT_PARTITION_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/address_map.h"

#define PARTITION_TABLE_SECTORS 2u
#define PARTITION_TABLE_BYTES (PARTITION_TABLE_SECTORS * FLASH_SECTOR_BYTES)
#define PARTITION_TABLE_OFF (LFS_DEFAULT_OFFSET - PARTITION_TABLE_BYTES)

#define PARTITION_RECORD_MAGIC 0x32545046u     // "FPT2"
#define PARTITION_RECORD_OLD_MAGIC 0x31545046u // "FPT1"
#define PARTITION_RECORD_PARTS 8
#define PARTITION_RECORD_OLD_PARTS 5
#define PARTITION_LFS_SLOTS 2

struct partition_range {
    uint32_t off;
    uint32_t bytes; // 0: absent
};

struct partition_record {
    uint32_t magic;
    uint32_t sequence;     // 1 for the first one that is ever written
    uint32_t sector_bytes; // of the device
    uint32_t slot;         // of the LFS that counted when this was written
    struct partition_range parts[PARTITION_RECORD_PARTS]; // by enum flash_partition_id, then 0
    uint32_t writes[PARTITION_LFS_SLOTS]; // how often each slot had been written then
    uint32_t reserved;                    // 0
    uint32_t crc;                         // CRC-32 of all before it
};

struct partition_record_old {
    uint32_t magic;
    uint32_t sequence;
    struct partition_range parts[PARTITION_RECORD_OLD_PARTS];
    uint32_t crc;
};

#define PARTITION_JOURNAL_OFF 128u

enum partition_entry_kind {
    PARTITION_ENTRY_SLOT = 0x544F4C53u,   // "SLOT": a slot of the LFS is written
    PARTITION_ENTRY_RELOAD = 0x4F4C4552u, // "RELO": a reload is to be done by the next start
    PARTITION_ENTRY_START = 0x54525453u,  // "STRT": how programs start; a part of the command
    // "RCOR", "RDEV": a first run has refused an image only after it had written it.
    PARTITION_ENTRY_REFUSED_CORE = 0x524F4352u,
    PARTITION_ENTRY_REFUSED_DEVS = 0x56454452u,
};

#define PARTITION_REFUSED_KINDS 2 // the last entry of each kind counts

// START: as many entries in a row as the command takes, 32 bytes in each, filled up with 0; the
// last row that is whole counts. One without a command has one entry.
#define PARTITION_START_PART(value) ((value)&255u)          // number of the part, from 0
#define PARTITION_START_PARTS(value) ((value) >> 8 & 255u)  // of the row
#define PARTITION_START_FLAGS(value) ((value) >> 16 & 255u) // the same in each
#define PARTITION_START_PARTS_MAX 8u
#define PARTITION_START_FAST 1u   // 160 MHz
#define PARTITION_START_SILENT 2u // without a banner
#define PARTITION_START_DELAYED_MOUNT 4u

struct partition_entry {
    uint32_t kind;
    // SLOT: the slot, and in bits 8..15 in how many starts it is to be confirmed; START: see there;
    // REFUSED: a CRC-32 of the file's content, its time stamp and the header's linked_crc.
    uint32_t value;
    char name[32];  // RELOAD, REFUSED: of the file, filled up with 0; START: see there
    uint32_t crc;   // CRC-32 of all before it
    uint32_t state; // bits that are cleared one by one
};

// Bits of a state; 1 as erased, 0: it has happened.
#define PARTITION_STATE_COUNTS 0x1u        // SLOT: its image is whole and counts
#define PARTITION_STATE_CONFIRMED 0x2u     // SLOT: it has proved good
#define PARTITION_STATE_GIVEN_UP 0x4u      // SLOT: the other one counts again
#define PARTITION_STATE_TAKEN 0x8u         // RELOAD: it was tried
#define PARTITION_STATE_STARTS 0xFFFFFF00u // SLOT: one for each start
#define PARTITION_STARTS_MAX 24u

_Static_assert(sizeof(struct partition_record) == 96 &&
                   offsetof(struct partition_record, parts) == 16 &&
                   offsetof(struct partition_record, crc) == 92 &&
                   sizeof(struct partition_record) <= PARTITION_JOURNAL_OFF,
               "record of a partition table");
_Static_assert(sizeof(struct partition_record_old) == 52 &&
                   offsetof(struct partition_record_old, crc) == 48,
               "former record of a partition table");
_Static_assert(sizeof(struct partition_entry) == 48 && offsetof(struct partition_entry, crc) == 40,
               "entry of the journal");
_Static_assert(sizeof(struct partition_range) == 8, "range of a partition");

#endif
