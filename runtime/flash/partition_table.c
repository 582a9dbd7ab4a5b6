// partition_table.c: record and journal in two sectors that take turns.
//
// Reads and writes: these sectors. Memory: a few words of the stack.

#include "runtime/flash/partition_table.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/flash/inflate.h"
#include "runtime/format/freezer.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/status.h"
#include "runtime/format/store.h"

_Static_assert(PARTITION_RECORD_PARTS >= PARTITION_COUNT, "a record has all partitions");
_Static_assert(PARTITION_RECORD_OLD_PARTS == PARTITION_STORE + 1, "the former ones come first");

struct partition_table flash_table;

static uint32_t table_bytes(const struct flash_device *device)
{
    return PARTITION_TABLE_SECTORS * flash_sector_bytes(device);
}

static uint32_t sector_off(const struct partition_table *table, unsigned idx)
{
    assert(idx < PARTITION_TABLE_SECTORS);
    return table->off + idx * flash_sector_bytes(table->device);
}

// The table has its place in the firmware's partition; a layout that lies on it would destroy it.
static int is_possible(const struct partition_table *table, const struct flash_layout *layout)
{
    enum flash_partition_id which;
    const struct flash_partition *firmware = &layout->parts[PARTITION_FIRMWARE];
    return partitions_check(layout, table->device->bytes, &which) == STATUS_OK &&
           firmware->off == 0 && firmware->bytes >= table->off + table_bytes(table->device);
}

// ---- records ----

static uint32_t record_crc(const struct partition_record *record)
{
    return inflate_crc(0, record, offsetof(struct partition_record, crc));
}

// The former record in the form of today. 0: it is none.
static int convert(struct partition_record *record)
{
    struct partition_record_old old;
    memcpy(&old, record, sizeof old);
    if (old.magic != PARTITION_RECORD_OLD_MAGIC ||
        old.crc != inflate_crc(0, &old, offsetof(struct partition_record_old, crc)))
        return 0;
    *record = (struct partition_record){.sequence = old.sequence,
                                        .sector_bytes = FLASH_SECTOR_BYTES};
    memcpy(record->parts, old.parts, sizeof old.parts);
    return 1;
}

static int is_sound(const struct partition_table *table, const struct partition_record *record)
{
    return record->magic == PARTITION_RECORD_MAGIC && record->crc == record_crc(record) &&
           record->sector_bytes == flash_sector_bytes(table->device) &&
           record->slot < PARTITION_LFS_SLOTS;
}

static void layout_of(const struct partition_record *record, struct flash_layout *layout)
{
    for (int i = 0; i < PARTITION_COUNT; i++)
        layout->parts[i] = (struct flash_partition){record->parts[i].off, record->parts[i].bytes};
}

// Bytes that a flash of this layout has at least.
static uint32_t end_of(const struct flash_layout *layout)
{
    uint32_t end = 0;
    for (int i = 0; i < PARTITION_COUNT; i++) {
        uint32_t here = layout->parts[i].off + layout->parts[i].bytes;
        end = here > end ? here : end;
    }
    return end;
}

// A record that does not count: what does it tell?
static void note_lost(struct partition_table *table, const struct partition_record *record,
                      int is_sound_one)
{
    struct flash_layout layout;
    layout_of(record, &layout);
    if (is_sound_one && end_of(&layout) > table->device->bytes)
        table->larger_bytes = end_of(&layout);
    else if (is_sound_one || record->magic == PARTITION_RECORD_MAGIC)
        table->has_damaged = 1;
}

// Reads the record that counts. Result: STATUS_OK, then table->sector is its sector;
// STATUS_NOT_FOUND; STATUS_IO.
static int find_record(struct partition_table *table, struct partition_record *found,
                       int *is_former)
{
    int status = STATUS_NOT_FOUND;
    for (unsigned i = 0; i < PARTITION_TABLE_SECTORS; i++) {
        struct partition_record record;
        struct flash_layout layout;
        if (flash_read(table->device, sector_off(table, i), &record, sizeof record) != STATUS_OK)
            return STATUS_IO;
        int is_old = 0;
        int is_one = is_sound(table, &record) || (is_old = convert(&record));
        layout_of(&record, &layout);
        if (!is_one || !is_possible(table, &layout)) {
            note_lost(table, &record, is_one);
            continue;
        }
        if (status == STATUS_OK && record.sequence <= found->sequence)
            continue;
        *found = record;
        *is_former = is_old;
        table->sector = i;
        status = STATUS_OK;
    }
    return status;
}

// ---- journal ----

static uint32_t entry_crc(const struct partition_entry *entry)
{
    return inflate_crc(0, entry, offsetof(struct partition_entry, crc));
}

static int is_erased(const struct partition_entry *entry)
{
    const uint8_t *bytes = (const uint8_t *)entry;
    for (size_t i = 0; i < sizeof *entry; i++)
        if (bytes[i] != 0xFF)
            return 0;
    return 1;
}

static int has(const struct partition_entry *entry, uint32_t bit)
{
    return !(entry->state & bit);
}

static void apply_slot(struct partition_slots *slots, const struct partition_entry *entry,
                       uint32_t off)
{
    uint32_t slot = entry->value & 1, starts = entry->value >> 8 & 255;
    slots->writes[slot]++;
    if (!has(entry, PARTITION_STATE_COUNTS))
        return;
    slots->active = has(entry, PARTITION_STATE_GIVEN_UP) ? !slot : slot;
    slots->trial_off = 0;
    if (starts > 0 && !has(entry, PARTITION_STATE_GIVEN_UP) &&
        !has(entry, PARTITION_STATE_CONFIRMED)) {
        slots->trial_off = off;
        slots->starts = starts;
        slots->starts_used = (uint32_t)__builtin_popcount(~entry->state & PARTITION_STATE_STARTS);
    }
}

static void apply_start(struct partition_table *table, const struct partition_entry *entry,
                        uint32_t off)
{
    uint32_t part = PARTITION_START_PART(entry->value), parts = PARTITION_START_PARTS(entry->value);
    int goes_on = part > 0 && part == table->start_parts_read && off == table->start_next_off;
    table->start_parts_read = part == 0 || goes_on ? part + 1 : 0;
    table->start_next_off = off + (uint32_t)sizeof *entry;
    if (parts == 0 || table->start_parts_read != parts || parts > PARTITION_START_PARTS_MAX)
        return;
    table->start_parts = parts;
    table->start_off = off - part * (uint32_t)sizeof *entry;
}

static unsigned refused_idx(enum partition_entry_kind kind)
{
    assert(kind == PARTITION_ENTRY_REFUSED_CORE || kind == PARTITION_ENTRY_REFUSED_DEVS);
    return kind == PARTITION_ENTRY_REFUSED_DEVS;
}

static void apply(struct partition_table *table, const struct partition_entry *entry, uint32_t off)
{
    if (entry->crc != entry_crc(entry))
        return; // a cut
    if (entry->kind == PARTITION_ENTRY_SLOT)
        apply_slot(&table->slots, entry, off);
    if (entry->kind == PARTITION_ENTRY_START)
        apply_start(table, entry, off);
    if (entry->kind == PARTITION_ENTRY_RELOAD) {
        table->reload_off = has(entry, PARTITION_STATE_TAKEN) ? 0 : off;
        memcpy(table->reload_name, entry->name, sizeof table->reload_name);
        table->reload_name[sizeof table->reload_name - 1] = 0;
    }
    if (entry->kind == PARTITION_ENTRY_REFUSED_CORE || entry->kind == PARTITION_ENTRY_REFUSED_DEVS)
        table->refused[refused_idx(entry->kind)] = (struct partition_refused){off, entry->value};
}

// What the record and the entries behind it say. Errors: STATUS_IO.
static int read_journal(struct partition_table *table, const struct partition_record *record)
{
    uint32_t end = flash_sector_bytes(table->device), at = PARTITION_JOURNAL_OFF;
    struct partition_entry entry;
    table->reload_off = table->start_off = table->start_parts = table->start_parts_read = 0;
    memset(table->refused, 0, sizeof table->refused);
    table->slots = (struct partition_slots){.active = record->slot};
    memcpy(table->slots.writes, record->writes, sizeof table->slots.writes);
    for (; at + sizeof entry <= end; at += (uint32_t)sizeof entry) {
        uint32_t off = sector_off(table, table->sector) + at;
        if (flash_read(table->device, off, &entry, sizeof entry) != STATUS_OK)
            return STATUS_IO;
        if (is_erased(&entry))
            break;
        apply(table, &entry, off);
    }
    table->next_off = at;
    return STATUS_OK;
}

// Reads what is kept at table->off. A former record has no journal: the first entry makes a new
// one.
static int load(struct partition_table *table)
{
    struct partition_record record;
    int is_former = 0;
    int status = find_record(table, &record, &is_former);
    if (status != STATUS_OK)
        return status;
    layout_of(&record, &table->layout);
    table->is_kept = 1;
    table->sequence = record.sequence;
    table->next_off = flash_sector_bytes(table->device);
    return is_former ? STATUS_OK : read_journal(table, &record);
}

// ---- flash that was made while the stock layout was ours, without a table ----

static int has_store_at(struct flash_device *device, const struct flash_partition *range)
{
    for (uint32_t i = 0; i < STORE_CONTROL_SECTORS && range->bytes > 0; i++) {
        struct store_control control;
        uint32_t off = range->off + i * flash_sector_bytes(device);
        if (flash_read(device, off, &control, sizeof control) == STATUS_OK &&
            control.magic == STORE_CONTROL_MAGIC &&
            control.sector_count == range->bytes / flash_sector_bytes(device))
            return 1;
    }
    return 0;
}

// An image that is larger than a slot of ours.
static int has_large_image(struct flash_device *device, const struct flash_layout *ours,
                           const struct flash_layout *stock)
{
    struct lfs_header header;
    const struct flash_partition *range = &stock->parts[PARTITION_LFS];
    if (range->bytes == 0 || flash_read(device, range->off, &header, sizeof header) != STATUS_OK)
        return 0;
    uint32_t flags = LFS_ABSOLUTE | LFS_INTEGER | LFS_PACKED;
    return (header.signature & ~flags) == LFS_SIGNATURE &&
           header.image_bytes > ours->parts[PARTITION_LFS].bytes &&
           header.image_bytes <= range->bytes;
}

static int has_large_freezer(struct flash_device *device, const struct flash_layout *ours,
                             const struct flash_layout *stock)
{
    struct freezer_header header;
    const struct flash_partition *range = &stock->parts[PARTITION_FREEZER];
    return range->bytes > 0 && range->off == ours->parts[PARTITION_FREEZER].off &&
           flash_read(device, range->off, &header, sizeof header) == STATUS_OK &&
           header.magic == FREEZER_MAGIC && header.area_bytes == range->bytes;
}

static void choose_default(struct partition_table *table)
{
    struct flash_layout ours, stock;
    struct flash_device *device = table->device;
    partitions_init(&ours, device->bytes);
    partitions_init_stock(&stock, device->bytes);
    int is_ours = has_store_at(device, &ours.parts[PARTITION_STORE]);
    int is_stock = has_store_at(device, &stock.parts[PARTITION_STORE]) ||
                   has_large_image(device, &ours, &stock) ||
                   has_large_freezer(device, &ours, &stock);
    table->layout = is_stock && !is_ours ? stock : ours;
}

// ---- opening ----

int partition_table_open_at(struct partition_table *table, struct flash_device *device,
                            uint32_t off)
{
    *table = (struct partition_table){.device = device, .off = off};
    partitions_init(&table->layout, device->bytes);
    if (device->bytes < off + table_bytes(device))
        return STATUS_NOT_FOUND;
    return load(table);
}

int partition_table_open(struct partition_table *table, struct flash_device *device)
{
    int status = partition_table_open_at(table, device, PARTITION_TABLE_OFF);
    if (status != STATUS_OK)
        choose_default(table);
    return status;
}

void partition_table_text(const struct partition_table *table, char *text, size_t bytes)
{
    text[0] = '\0';
    if (table->is_kept)
        return;
    if (table->larger_bytes)
        snprintf(text, bytes, "Partition table at 0x%x: of a flash of %u bytes, this one has %u",
                 (unsigned)table->off, (unsigned)table->larger_bytes,
                 (unsigned)table->device->bytes);
    else if (table->has_damaged)
        snprintf(text, bytes,
                 "Partition table at 0x%x: no record is sound, the usual layout is used",
                 (unsigned)table->off);
}

// ---- saving ----

static int is_same_lfs(const struct flash_layout *a, const struct flash_layout *b)
{
    static const enum flash_partition_id ids[] = {PARTITION_LFS, PARTITION_LFS_SECOND};
    for (int i = 0; i < 2; i++)
        if (memcmp(&a->parts[ids[i]], &b->parts[ids[i]], sizeof a->parts[0]) != 0)
            return 0;
    return 1;
}

// Copies an entry that is not done with into the sector that is made.
static int carry(struct partition_table *table, uint32_t from, uint32_t *to)
{
    struct partition_entry entry;
    if (from == 0)
        return STATUS_OK;
    int status = flash_read(table->device, from, &entry, sizeof entry);
    if (status == STATUS_OK)
        status = flash_program(table->device, *to, &entry, sizeof entry);
    *to += (uint32_t)sizeof entry;
    return status;
}

// A new record; `keeps_slots`: what the journal says goes on.
static int write_record(struct partition_table *table, const struct flash_layout *layout,
                        int keeps_slots)
{
    unsigned sector = table->is_kept ? (table->sector + 1) % PARTITION_TABLE_SECTORS : 0;
    uint32_t off = sector_off(table, sector), to = off + PARTITION_JOURNAL_OFF;
    const struct partition_slots *slots = &table->slots;
    struct partition_record record = {
        .magic = PARTITION_RECORD_MAGIC,
        .sequence = table->sequence + 1,
        .sector_bytes = flash_sector_bytes(table->device),
    };
    for (int i = 0; i < PARTITION_COUNT; i++)
        record.parts[i] = (struct partition_range){layout->parts[i].off, layout->parts[i].bytes};
    uint32_t trial_off = keeps_slots ? slots->trial_off : 0;
    if (keeps_slots) {
        // The entry that is carried switches again, and is counted again.
        record.slot = trial_off ? !slots->active : slots->active;
        memcpy(record.writes, slots->writes, sizeof record.writes);
        if (trial_off)
            record.writes[slots->active]--;
    }
    record.crc = record_crc(&record);
    int status = flash_erase(table->device, off, flash_sector_bytes(table->device));
    if (status == STATUS_OK)
        status = carry(table, trial_off, &to);
    if (status == STATUS_OK)
        status = carry(table, table->reload_off, &to);
    for (uint32_t i = 0; status == STATUS_OK && i < table->start_parts; i++)
        status = carry(table, table->start_off + i * (uint32_t)sizeof(struct partition_entry), &to);
    for (int i = 0; status == STATUS_OK && i < PARTITION_REFUSED_KINDS; i++)
        status = carry(table, table->refused[i].off, &to);
    if (status == STATUS_OK)
        status = flash_program(table->device, off, &record, sizeof record);
    return status == STATUS_OK ? load(table) : status;
}

int partition_table_save(struct partition_table *table, const struct flash_layout *layout)
{
    if (table->device->bytes < table->off + table_bytes(table->device) ||
        !is_possible(table, layout))
        return STATUS_USAGE;
    return write_record(table, layout, is_same_lfs(&table->layout, layout));
}

// Makes room for that many entries in the sector.
static int reserve(struct partition_table *table, uint32_t entries)
{
    uint32_t bytes = entries * (uint32_t)sizeof(struct partition_entry);
    int status = STATUS_OK;
    if (!table->is_kept || table->next_off + bytes > flash_sector_bytes(table->device))
        status = partition_table_save(table, &table->layout);
    if (status == STATUS_OK && table->next_off + bytes > flash_sector_bytes(table->device))
        status = STATUS_NO_SPACE; // a sector that small
    return status;
}

int partition_table_append(struct partition_table *table, enum partition_entry_kind kind,
                           uint32_t value, const char *name, uint32_t *off)
{
    struct partition_entry entry = {.kind = kind, .value = value, .state = UINT32_MAX};
    size_t bytes = strlen(name);
    assert(bytes <= sizeof entry.name);
    memcpy(entry.name, name, bytes);
    entry.crc = entry_crc(&entry);
    int status = reserve(table, 1);
    if (status != STATUS_OK)
        return status;
    *off = sector_off(table, table->sector) + table->next_off;
    table->next_off += (uint32_t)sizeof entry;
    status = flash_program(table->device, *off, &entry, sizeof entry);
    if (status == STATUS_OK)
        apply(table, &entry, *off);
    return status;
}

int partition_table_is_refused(const struct partition_table *table, enum partition_entry_kind kind,
                               uint32_t value)
{
    const struct partition_refused *last = &table->refused[refused_idx(kind)];
    return last->off != 0 && last->value == value;
}

int partition_table_mark(struct partition_table *table, uint32_t off, uint32_t bits)
{
    uint32_t at = off + (uint32_t)offsetof(struct partition_entry, state), state;
    int status = flash_read(table->device, at, &state, sizeof state);
    state &= ~bits;
    if (status == STATUS_OK)
        status = flash_program(table->device, at, &state, sizeof state);
    return status == STATUS_OK ? load(table) : status;
}

// ---- how programs start ----

int partition_table_start(const struct partition_table *table, char *command, uint32_t *flags)
{
    struct partition_entry entry;
    if (table->start_off == 0)
        return STATUS_NOT_FOUND;
    memset(command, 0, PARTITION_START_BYTES_MAX + 1);
    for (uint32_t i = 0; i < table->start_parts; i++) {
        uint32_t off = table->start_off + i * (uint32_t)sizeof entry;
        if (flash_read(table->device, off, &entry, sizeof entry) != STATUS_OK)
            return STATUS_IO;
        memcpy(command + i * sizeof entry.name, entry.name, sizeof entry.name);
        *flags = PARTITION_START_FLAGS(entry.value);
    }
    return STATUS_OK;
}

int partition_table_set_start(struct partition_table *table, const char *command, uint32_t flags)
{
    char kept[PARTITION_START_BYTES_MAX + 1] = "";
    uint32_t kept_flags = 0, bytes = (uint32_t)strlen(command), off;
    int status = partition_table_start(table, kept, &kept_flags);
    assert(bytes <= PARTITION_START_BYTES_MAX && flags <= 255);
    if (status == STATUS_IO || (strcmp(kept, command) == 0 && kept_flags == flags))
        return status == STATUS_IO ? status : STATUS_OK;
    uint32_t parts = bytes > 32 ? (bytes + 31) / 32 : 1;
    status = reserve(table, parts);
    for (uint32_t i = 0; i < parts && status == STATUS_OK; i++) {
        char part[33] = "";
        uint32_t left = bytes - 32 * i;
        memcpy(part, command + 32 * i, left < 32 ? left : 32);
        status = partition_table_append(table, PARTITION_ENTRY_START, i | parts << 8 | flags << 16,
                                        part, &off);
    }
    return status;
}
