// flash_report.c: regions of a flash file and what they hold.

#include "analyzer/flash/flash_report.h"

#include <string.h>

#include "analyzer/flash/freezer_report.h"
#include "analyzer/image/image_reader.h"
#include "runtime/flash/devs.h"
#include "runtime/flash/store/store_parts.h"
#include "runtime/flash/store/store_time.h"
#include "runtime/format/lfs_image.h"

// ---- times ----

// As people write it; empty if it is not known.
static struct text time_text(struct arena *arena, uint32_t time)
{
    struct store_date at;
    if (!store_time_read(time, &at))
        return (struct text){"", 0};
    return text_of(arena_format(arena, "%u-%02u-%02u %02u:%02u", (unsigned)at.year,
                                (unsigned)at.month, (unsigned)at.day, (unsigned)at.hour,
                                (unsigned)at.minute));
}

// ---- files ----

struct file_row {
    const char *name;
    uint32_t bytes, flash_bytes;
    struct text time;
    uint64_t address;
};

static const struct report_column file_columns[] = {
    {"name", "name", "", REPORT_KEY | REPORT_MAY_CUT, REPORT_AT(file_row, name)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(file_row, bytes)},
    {"flash_bytes", "in flash", "bytes", REPORT_SUMMED, REPORT_AT(file_row, flash_bytes)},
    {"time", "time", "", 0, REPORT_AT(file_row, time)},
    {"address", "address", "", 0, REPORT_AS(REPORT_HEX, file_row, address)},
};

static void add_room(const struct store *store, struct report *report)
{
    struct store_room room = store_room(store);
    report_add_number(report, "files", "Files", "", store->file_count);
    report_add_number(report, "used_bytes", "Used", "bytes", room.used_bytes);
    report_add_number(report, "free_bytes", "Free", "bytes", room.total_bytes - room.used_bytes);
    report_add_number(report, "dead_bytes", "Dead, given back by compaction", "bytes",
                      room.dead_bytes);
}

int flash_report_files(struct flash_file *file, struct report *report, struct problem *problem)
{
    struct store *store = &file->store;
    struct store_about about;
    char name[STORE_NAME_BYTES_MAX + 1] = "";
    int status;
    add_room(store, report);
    struct report_table *table = REPORT_ADD_TABLE(report, "files", "Files", file_columns);
    while ((status = store_next(store, name, &about)) == STATUS_OK) {
        struct store_entry entry;
        enum store_found found;
        if (store_entry_read(store, about.off, &found, &entry) != STATUS_OK)
            break;
        struct file_row row = {
            .name = arena_copy_string(report->arena, name),
            .bytes = about.bytes,
            .flash_bytes = store_entry_bytes(entry.size),
            .time = time_text(report->arena, about.time),
            .address = store->off + about.off,
        };
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
    return status == STATUS_END ? STATUS_OK : flash_file_fail(file, status, name, problem);
}

void flash_report_spiffs(const struct spiffs_image *image, struct report *report)
{
    report_add_number(report, "files", "Files", "", image->file_count);
    report_add_number(report, "used_bytes", "Used", "bytes",
                      (int64_t)image->used_pages * SPIFFS_PAGE_BYTES);
    report_add_number(report, "free_bytes", "Free", "bytes",
                      (int64_t)image->free_pages * SPIFFS_PAGE_BYTES);
    report_add_number(report, "dead_bytes", "Deleted", "bytes",
                      (int64_t)image->deleted_pages * SPIFFS_PAGE_BYTES);
    struct report_table *table = REPORT_ADD_TABLE(report, "files", "Files", file_columns);
    for (uint32_t i = 0; i < image->file_count; i++) {
        const struct spiffs_file *file = &image->files[i];
        struct file_row row = {
            .name = file->name,
            .bytes = file->bytes,
            .flash_bytes = spiffs_file_pages(file->bytes) * SPIFFS_PAGE_BYTES,
            .time = {"", 0},
            .address = (uint64_t)file->header * SPIFFS_PAGE_BYTES,
        };
        report_add_row(table, NULL, &row);
    }
    report_add_sum(table);
}

// ---- layout ----

#define FIRMWARE_CODE_OFF 0x10000u // in front of it the boot image and sums of the code

struct region_row {
    const char *region, *access, *content, *written;
    uint64_t address;
    struct report_value mapped;
    uint32_t bytes, used_bytes, free_bytes;
};

static const struct report_column region_columns[] = {
    {"region", "region", "", REPORT_KEY, REPORT_AT(region_row, region)},
    {"address", "address", "", 0, REPORT_AS(REPORT_HEX, region_row, address)},
    {"mapped", "mapped at", "", 0, REPORT_AS(REPORT_HEX, region_row, mapped)},
    {"bytes", "bytes", "bytes", REPORT_SUMMED, REPORT_AT(region_row, bytes)},
    {"used_bytes", "used", "bytes", REPORT_SUMMED, REPORT_AT(region_row, used_bytes)},
    {"free_bytes", "free", "bytes", REPORT_SUMMED, REPORT_AT(region_row, free_bytes)},
    {"access", "read", "", 0, REPORT_AT(region_row, access)},
    {"written", "written", "", 0, REPORT_AT(region_row, written)},
    {"content", "content", "", 0, REPORT_AT(region_row, content)},
};

// When what it holds is put there.
static const char *written_when(int id)
{
    switch (id) {
    case PARTITION_FIRMWARE:
        return "when flashed";
    case PARTITION_LFS:
    case PARTITION_LFS_SECOND:
        return "at a reload";
    case PARTITION_LFS_DEVS:
    case PARTITION_NATIVE_DEVS:
    case PARTITION_FREEZER:
    case PARTITION_STORE:
        return "while running";
    default:
        return "";
    }
}

// NULL: there is no image, or a damaged one; *problem then has its status.
static const struct image *image_of(struct arena *arena, const struct flash_file *file,
                                    const struct flash_partition *range, struct problem *problem)
{
    const struct image_options options = {
        .base_addr = partitions_addr(range),
        .allows_rest = true,
    };
    const struct image *image = NULL;
    uint32_t bytes = flash_file_programmed(file, range->off, range->bytes);
    if (bytes == 0)
        return NULL;
    bytes = (bytes + 3) & ~3u;
    int status = image_read(arena, file->path, file->bytes + range->off, bytes, &options, &image,
                            problem);
    return status == STATUS_OK ? image : NULL;
}

static void describe_image(struct arena *arena, const struct flash_file *file,
                           const struct flash_partition *range, struct region_row *row)
{
    struct problem problem = {0};
    const struct image *image = image_of(arena, file, range, &problem);
    if (image) {
        row->used_bytes = image->bytes;
        row->content = arena_format(arena, "image, %u modules", (unsigned)image->module_count);
    } else if (row->used_bytes > 0) {
        row->content = "no sound image";
    }
}

// The image with the highest number of the two slots.
static void describe_devs(struct arena *arena, const struct flash_file *file,
                          const struct flash_partition *range, struct region_row *row)
{
    struct flash_partition newest = {0};
    uint32_t number = 0;
    for (uint32_t i = 0; i < DEVS_SLOTS; i++) {
        const struct flash_partition slot = devs_slot_of(range, FLASH_SECTOR_BYTES, i);
        struct lfs_header header;
        if (slot.bytes == 0)
            continue;
        memcpy(&header, file->bytes + slot.off, sizeof header);
        if ((header.signature & LFS_SIGNATURE_MASK) == LFS_SIGNATURE && header.fill > number &&
            header.fill != UINT32_MAX) {
            number = header.fill;
            newest = slot;
        }
    }
    describe_image(arena, file, number ? &newest : range, row);
    if (number)
        row->content = arena_format(arena, "%s, replacement %u", row->content, (unsigned)number);
}

static void describe_store(struct arena *arena, struct flash_file *file, struct region_row *row)
{
    struct problem problem = {0};
    if (flash_file_mount(arena, file, true, &problem) != STATUS_OK) {
        row->content = row->used_bytes ? "no file store" : "erased";
        return;
    }
    const struct store *store = &file->store;
    if (store->is_blank)
        return;
    row->used_bytes = store_ring_begin(store) + store->live_bytes;
    row->content = arena_format(arena, "%u files", (unsigned)store->file_count);
}

static void describe_freezer(struct arena *arena, const struct flash_file *file,
                             struct region_row *row)
{
    struct problem problem = {0};
    struct freezer_view *view;
    uint32_t modules = 0;
    if (row->used_bytes == 0)
        return;
    if (freezer_of_flash(arena, file, &view, &problem) != STATUS_OK) {
        row->content = "no sound freezer area";
        return;
    }
    for (uint32_t i = 0; i < view->block_count; i++)
        modules += view->blocks[i].kind == FREEZER_MODULE &&
                   view->blocks[i].state == FREEZER_VIEW_COUNTS;
    if (view->end > 0)
        row->used_bytes = view->end;
    row->content = arena_format(arena, "%u blocks, %u names%s", (unsigned)view->block_count,
                                (unsigned)modules, view->refused ? ", refused" : "");
}

// Which slot counts, and whether it has to be confirmed.
static void describe_slot(struct arena *arena, const struct flash_file *file, uint32_t slot,
                          struct region_row *row)
{
    const struct partition_slots *slots = &file->table.slots;
    if (row->used_bytes == 0 || file->layout.parts[PARTITION_LFS_SECOND].bytes == 0)
        return;
    if (slot != slots->active)
        row->content = arena_format(arena, "%s, the other one counts", row->content);
    else if (slots->trial_off)
        row->content = arena_format(arena, "%s, counts, not confirmed in %u of %u starts",
                                    row->content, (unsigned)slots->starts_used,
                                    (unsigned)slots->starts);
    else
        row->content = arena_format(arena, "%s, counts", row->content);
}

static const char *access_of(struct arena *arena, struct flash_partition range)
{
    if (range.off >= WINDOW_BYTES)
        return "copied";
    if (range.off + range.bytes <= WINDOW_BYTES)
        return "in place";
    return arena_format(arena, "first %u KB in place",
                        (unsigned)((WINDOW_BYTES - range.off) / 1024));
}

static void add_region(struct report_table *table, struct flash_file *file, const char *name,
                       int id, struct flash_partition range)
{
    struct region_row row = {
        .region = name,
        .address = range.off,
        .bytes = range.bytes,
        .used_bytes = flash_file_programmed(file, range.off, range.bytes),
        .access = access_of(table->arena, range),
        .content = "data",
        .written = written_when(id),
    };
    if (range.bytes == 0)
        return;
    if (range.off < WINDOW_BYTES)
        row.mapped = report_hex(WINDOW_ADDR + range.off);
    if (row.used_bytes == 0)
        row.content = "erased";
    if (id == PARTITION_LFS || id == PARTITION_LFS_SECOND) {
        describe_image(table->arena, file, &range, &row);
        describe_slot(table->arena, file, id == PARTITION_LFS_SECOND, &row);
    }
    if (id == PARTITION_LFS_DEVS)
        describe_devs(table->arena, file, &range, &row);
    if (id == PARTITION_FREEZER)
        describe_freezer(table->arena, file, &row);
    if (id == PARTITION_STORE)
        describe_store(table->arena, file, &row);
    row.free_bytes = row.bytes - row.used_bytes;
    report_add_row(table, NULL, &row);
}

// The parts of the firmware: what the boot ROM loads, the code that runs from flash, the table.
static void add_firmware(struct report_table *table, struct flash_file *file,
                         struct flash_partition range)
{
    const struct {
        const char *name;
        uint32_t end;
    } parts[] = {{"boot", FIRMWARE_CODE_OFF},
                 {"core code", PARTITION_TABLE_OFF},
                 {"partition table", PARTITION_TABLE_OFF + PARTITION_TABLE_BYTES},
                 {"core code", range.off + range.bytes}};
    uint32_t at = range.off, end = range.off + range.bytes;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        uint32_t next = parts[i].end < end ? parts[i].end : end;
        if (next <= at)
            continue;
        add_region(table, file, parts[i].name, PARTITION_FIRMWARE,
                   (struct flash_partition){at, next - at});
        at = next;
    }
}

// The partition that begins next at or behind `off`, or -1.
static int next_partition(const struct flash_file *file, uint32_t off)
{
    int next = -1;
    for (int id = 0; id < PARTITION_COUNT; id++) {
        const struct flash_partition *part = &file->layout.parts[id];
        if (part->bytes > 0 && part->off >= off &&
            (next < 0 || part->off < file->layout.parts[next].off))
            next = id;
    }
    return next;
}

void flash_report_layout(struct flash_file *file, struct report *report)
{
    struct report_table *table = REPORT_ADD_TABLE(report, "regions", "Regions", region_columns);
    report_add_number(report, "bytes", "Flash", "bytes", file->device.bytes);
    report_add_text(report, "table", "Partition table",
                    text_of(file->has_table ? "kept in flash"
                            : file->table.larger_bytes
                                ? "of a larger flash; the default layout is shown"
                            : file->table.has_damaged ? "damaged; the default layout is shown"
                                                      : "none, the default layout"));
    for (uint32_t off = 0; off < file->device.bytes;) {
        int id = next_partition(file, off);
        uint32_t end = id < 0 ? file->device.bytes : file->layout.parts[id].off;
        struct flash_partition gap = {off, end - off};
        add_region(table, file, id < 0 ? "SDK's data" : "not assigned", -1, gap);
        if (id == PARTITION_FIRMWARE)
            add_firmware(table, file, file->layout.parts[id]);
        else if (id >= 0)
            add_region(table, file, partitions_name((enum flash_partition_id)id), id,
                       file->layout.parts[id]);
        off = id < 0 ? end : end + file->layout.parts[id].bytes;
    }
    report_add_sum(table);
}

// ---- entries ----

struct entry_row {
    uint64_t address;
    const char *kind, *name, *state;
    uint32_t bytes, flash_bytes;
    struct text time;
};

static const struct report_column entry_columns[] = {
    {"address", "address", "", 0, REPORT_AS(REPORT_HEX, entry_row, address)},
    {"kind", "kind", "", 0, REPORT_AT(entry_row, kind)},
    {"name", "name", "", REPORT_MAY_CUT, REPORT_AT(entry_row, name)},
    {"bytes", "bytes", "bytes", 0, REPORT_AT(entry_row, bytes)},
    {"flash_bytes", "in flash", "bytes", REPORT_SUMMED, REPORT_AT(entry_row, flash_bytes)},
    {"time", "time", "", 0, REPORT_AT(entry_row, time)},
    {"state", "state", "", 0, REPORT_AT(entry_row, state)},
};

static const char *kind_of(const struct store_entry *entry)
{
    if (entry->kind == STORE_HOLE)
        return "hole";
    if (entry->time == STORE_TIME_DELETES)
        return "deletion";
    return entry->kind == STORE_RENAMED ? "renamed" : "file";
}

static const char *state_of(struct flash_file *file, const struct store_entry *entry)
{
    struct store_about about;
    uint32_t crc;
    if (entry->kind == STORE_HOLE)
        return "dead";
    if (store_entry_crc(&file->store, entry->off, entry->word, &crc) != STATUS_OK ||
        crc != entry->crc)
        return "damaged";
    if (entry->time == STORE_TIME_DELETES)
        return "counts";
    return store_find(&file->store, entry->name, &about) == STATUS_OK && about.off == entry->off
               ? "counts"
               : "dead";
}

struct entry_dump {
    struct flash_file *file;
    struct report_table *table;
};

static int add_entry(struct store *store, const struct store_entry *entry, void *context)
{
    struct entry_dump *dump = context;
    struct arena *arena = dump->table->arena;
    struct entry_row row = {
        .address = store->off + entry->off,
        .kind = kind_of(entry),
        .name = entry->kind == STORE_HOLE ? "" : arena_copy_string(arena, entry->name),
        .state = state_of(dump->file, entry),
        .bytes = entry->content_bytes,
        .flash_bytes = store_entry_bytes(entry->size),
        .time = time_text(arena, entry->time),
    };
    report_add_row(dump->table, NULL, &row);
    return STATUS_OK;
}

int flash_report_entries(struct flash_file *file, struct report *report, struct problem *problem)
{
    struct store *store = &file->store;
    struct entry_dump dump = {file, NULL};
    report_add_text(
        report, "first", "Log begins at",
        text_of(arena_format(report->arena, "0x%x", (unsigned)(store->off + store->first))));
    report_add_text(
        report, "end", "Log ends at",
        text_of(arena_format(report->arena, "0x%x", (unsigned)(store->off + store->head))));
    report_add_number(report, "turns", "Turns of the ring", "", store->turns);
    report_add_number(report, "control", "Record of control", "", store->sequence);
    add_room(store, report);
    dump.table = REPORT_ADD_TABLE(report, "entries", "Entries of the log", entry_columns);
    int status = store->is_blank ? STATUS_OK : store_walk(store, add_entry, &dump);
    report_add_sum(dump.table);
    struct problem freezer_problem = {0};
    struct freezer_view *view;
    if (freezer_of_flash(report->arena, file, &view, &freezer_problem) == STATUS_OK) {
        freezer_report_findings(view, report);
        freezer_report_blocks(view, report);
    }
    return status == STATUS_OK ? STATUS_OK : flash_file_fail(file, status, "", problem);
}

// ---- wear ----

struct wear_row {
    const char *region;
    uint32_t sectors, erases_max;
    struct report_value years_left;
};

static const struct report_column wear_columns[] = {
    {"region", "region", "", REPORT_KEY, REPORT_AT(wear_row, region)},
    {"sectors", "sectors", "", 0, REPORT_AT(wear_row, sectors)},
    {"erases_max", "erases at most", "", 0, REPORT_AT(wear_row, erases_max)},
    {"years_left", "years left", "", 0, REPORT_AT(wear_row, years_left)},
};

static double years_left(uint64_t erases, uint64_t days, uint64_t endurance)
{
    double years = ((double)endurance - (double)erases) / (double)erases * (double)days / 365.25;
    return years > 0 ? years : 0;
}

static void add_wear(struct report_table *table, const char *region, uint32_t bytes,
                     uint32_t erases, uint64_t days, uint64_t endurance)
{
    struct wear_row row = {region, bytes / FLASH_SECTOR_BYTES, erases, {0}};
    if (days > 0 && erases > 0)
        row.years_left = report_number((int64_t)years_left(erases, days, endurance));
    if (bytes > 0)
        report_add_row(table, NULL, &row);
}

// Of what the partition table keeps count: its own sectors, which take turns, and the LFS.
static void add_table_wear(const struct flash_file *file, uint64_t days, uint64_t endurance,
                           struct report_table *table)
{
    const struct partition_table *kept = &file->table;
    const struct flash_partition *parts = file->layout.parts;
    add_wear(table, "partition table", PARTITION_TABLE_BYTES, (kept->sequence + 1) / 2, days,
             endurance);
    if (parts[PARTITION_LFS_SECOND].bytes == 0)
        return;
    add_wear(table, partitions_name(PARTITION_LFS), parts[PARTITION_LFS].bytes,
             kept->slots.writes[0], days, endurance);
    add_wear(table, partitions_name(PARTITION_LFS_SECOND), parts[PARTITION_LFS_SECOND].bytes,
             kept->slots.writes[1], days, endurance);
}

struct wear_sum {
    uint64_t erases;
    uint32_t most, never; // erases of a sector; sectors without any
};

static struct wear_sum sum_wear(const struct store *store)
{
    struct wear_sum sum = {0};
    for (uint32_t sector = 0; sector < store->sector_count; sector++) {
        uint32_t erases = store_erases(store, sector);
        sum.erases += erases;
        sum.most = erases > sum.most ? erases : sum.most;
        sum.never += erases == 0;
    }
    return sum;
}

// How evenly: until the ring has gone round, that says how much was written and no more.
static void add_ratio(struct report *report, const struct store *store, const struct wear_sum *sum)
{
    double mean = (double)sum->erases / store->sector_count;
    report_add_real(report, "erases_mean", "Erases of a sector, mean of all", "", 3, mean);
    if (store->turns > 0)
        report_add_real(report, "ratio", "Most to mean", "", 2, sum->most / mean);
    else
        report_add_note(report, REPORT_NOTE,
                        "the ring has not gone round yet, %u of its %u sectors were not erased "
                        "since the store began; how even wear is (most to mean) shows after a turn",
                        (unsigned)sum->never, (unsigned)store->sector_count);
}

void flash_report_wear(const struct flash_file *file, uint64_t days, uint64_t endurance,
                       struct report *report)
{
    const struct store *store = &file->store;
    struct wear_sum sum = sum_wear(store);
    uint32_t most = sum.most;
    report_add_number(report, "sectors", "Sectors of the store", "", store->sector_count);
    report_add_number(report, "turns", "Turns of the ring", "", store->turns);
    report_add_number(report, "sectors_never", "Sectors never erased", "", sum.never);
    report_add_number(report, "erases_max", "Erases of a sector, at most", "", most);
    add_ratio(report, store, &sum);
    report_add_number(report, "endurance", "Erases that a sector bears", "", (int64_t)endurance);
    report_add_real(report, "worn_percent", "Worn", "%", 3, 100.0 * most / (double)endurance);
    if (days > 0 && most > 0)
        report_add_real(report, "years_left", "Years left at this rate", "", 1,
                        years_left(most, days, endurance));
    struct report_table *table = REPORT_ADD_TABLE(report, "regions", "Regions", wear_columns);
    add_wear(table, partitions_name(PARTITION_STORE), store->sector_count * store->sector_bytes,
             most, days, endurance);
    add_table_wear(file, days, endurance, table);
    report_add_note(report, REPORT_NOTE,
                    "of the store from the turns of its ring, of the LFS from the journal of its "
                    "table; erases of other regions are not counted");
    if (days == 0)
        report_add_note(report, REPORT_NOTE,
                        "flash does not tell how long it has been in use, nor do the times of its "
                        "files, which may be older: --days=N shows the years left at the rate of "
                        "N days");
}
