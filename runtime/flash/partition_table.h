// partition_table.h: keeps the layout of the flash in flash, and which image of the LFS counts.
//
// Reads and writes: two sectors at the end of the firmware's partition through struct flash_device.
//         Layout of record and journal: runtime/format/partition_table.h.
// Memory: struct partition_table is the caller's; a few words of the stack.
// Context: start of a boot; node.setpartitiontable; reloads.
// Power:  after a cut what was kept before is, or the new (tests/powerloss/
//         partition_powerloss_test.c, slots_powerloss_test.c).

#ifndef FROST_FLASH_PARTITION_TABLE_H
#define FROST_FLASH_PARTITION_TABLE_H

#include "runtime/flash/device.h"
#include "runtime/flash/partitions.h"
#include "runtime/format/partition_table.h"

// What the journal says of the slots of the LFS.
struct partition_slots {
    uint32_t active;    // the one that counts
    uint32_t trial_off; // place of the entry of an image that is not confirmed, 0: none
    uint32_t starts;    // in how many starts it has to be
    uint32_t starts_used;
    uint32_t writes[PARTITION_LFS_SLOTS]; // since the first record
};

struct partition_table {
    struct flash_device *device;
    uint32_t off; // of its sectors
    struct flash_layout layout;
    int is_kept;           // a record counts; the rest is 0 without one
    int has_damaged;       // without one: something that begins as a record is there
    uint32_t larger_bytes; // without one: a sound record is of a flash of so many bytes or more
    unsigned sector;
    uint32_t sequence;
    uint32_t next_off; // in the sector: of the next entry
    struct partition_slots slots;
    uint32_t reload_off; // place of a reload that is to be done, 0: none
    char reload_name[32];
    uint32_t start_off; // place of what counts of the start's settings, 0: nothing
    uint32_t start_parts, start_parts_read;
    uint32_t start_next_off; // place of the next part of a row that is read
    struct partition_refused {
        uint32_t off; // place of the entry, 0: none
        uint32_t value;
    } refused[PARTITION_REFUSED_KINDS]; // core, devs
};

// Of a command.
#define PARTITION_START_BYTES_MAX (PARTITION_START_PARTS_MAX * 32u)

// The one of this machine; opened by the port.
extern struct partition_table flash_table;

// Gives what is kept, or the default layout; that of files that were made with the former one.
//
// Result: STATUS_OK. STATUS_NOT_FOUND: nothing is kept. STATUS_IO: it cannot be read. A record that
//         is sound, but whose layout does not fit this device, counts as none.
int partition_table_open(struct partition_table *table, struct flash_device *device)
    __attribute__((warn_unused_result));
// The same with the sectors of the table at a place of their own, for small devices.
int partition_table_open_at(struct partition_table *table, struct flash_device *device,
                            uint32_t off) __attribute__((warn_unused_result));

// What a flash without a layout of its own seems to have lost, as a sentence for the console; "" if
// nothing. text: at least 100 bytes.
void partition_table_text(const struct partition_table *table, char *text, size_t bytes);

// Keeps a layout from now on. If the LFS moves, its slots begin anew.
//
// layout  partitions_check() accepts it; the table lies in its firmware partition.
// Errors: STATUS_USAGE (the device has no room for a table, or another partition lies on it),
//         STATUS_IO (what was kept before still is, or the new).
// Cost:   one erase, 24 words programmed, 12 for an entry that is not done with.
int partition_table_save(struct partition_table *table, const struct flash_layout *layout)
    __attribute__((warn_unused_result));

// Adds an entry; the first one makes a record. *off is its place, for partition_table_mark().
// name: at most 31 characters. Errors: as partition_table_save.
int partition_table_append(struct partition_table *table, enum partition_entry_kind kind,
                           uint32_t value, const char *name, uint32_t *off)
    __attribute__((warn_unused_result));

// Keeps how programs start: a command of up to PARTITION_START_BYTES_MAX characters, flags
// PARTITION_START_*. Nothing is written if that is what is kept. Errors: as partition_table_save;
// what was kept before still is.
int partition_table_set_start(struct partition_table *table, const char *command, uint32_t flags)
    __attribute__((warn_unused_result));

// command: PARTITION_START_BYTES_MAX + 1 bytes, which end in a NUL. Errors: STATUS_NOT_FOUND
// (nothing is kept), STATUS_IO.
int partition_table_start(const struct partition_table *table, char *command, uint32_t *flags)
    __attribute__((warn_unused_result));

// Was that image the last of its kind (PARTITION_ENTRY_REFUSED_*) to be refused? value: as there.
int partition_table_is_refused(const struct partition_table *table, enum partition_entry_kind kind,
                               uint32_t value);

// Clears bits of an entry's state. Errors: STATUS_IO.
int partition_table_mark(struct partition_table *table, uint32_t off, uint32_t bits)
    __attribute__((warn_unused_result));

#endif
