// flash_check.c: verifies every structure of a flash file: partition table, images, freezer, file
// store.

#include <string.h>

#include "analyzer/flash/flash_report.h"
#include "analyzer/flash/freezer_report.h"
#include "analyzer/image/image_reader.h"
#include "runtime/flash/devs.h"
#include "runtime/flash/store/store_parts.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/partition_table.h"

struct structure_row {
    const char *structure, *result;
    uint64_t address;
};

static const struct report_column structure_columns[] = {
    {"structure", "structure", "", REPORT_KEY, REPORT_AT(structure_row, structure)},
    {"address", "address", "", 0, REPORT_AS(REPORT_HEX, structure_row, address)},
    {"result", "result", "", 0, REPORT_AT(structure_row, result)},
};

struct findings {
    struct flash_file *file;
    struct report *report;
    struct report_table *table;
    const char *structure;
    uint32_t count, off;
};

static void tell(void *context, uint32_t off, const char *what)
{
    struct findings *all = context;
    all->count++;
    report_add_note(all->report, REPORT_FINDING, "%s, byte 0x%x: %s", all->structure,
                    (unsigned)(all->off + off), what);
}

static void add_structure(struct findings *all, uint32_t before, const char *result)
{
    struct structure_row row = {
        .structure = all->structure,
        .address = all->off,
        .result = all->count > before ? "faulty" : result,
    };
    report_add_row(all->table, NULL, &row);
}

// A record that a cut has left unfinished is no fault while the other one is sound.
static void check_table(struct findings *all)
{
    const struct flash_file *file = all->file;
    uint32_t before = all->count;
    all->structure = "partition table";
    all->off = PARTITION_TABLE_OFF;
    if (!file->has_table && file->table.larger_bytes)
        tell(all, 0,
             arena_format(all->report->arena, "it is of a flash of %u bytes",
                          (unsigned)file->table.larger_bytes));
    else if (!file->has_table && file->table.has_damaged)
        tell(all, 0, "no record is sound; the default layout is used");
    add_structure(all, before, file->has_table ? "ok" : "absent");
}

// The image is linked against `core`, if it is linked. Result: the image, or NULL.
static const struct image *check_image(struct findings *all, const char *structure,
                                       const struct flash_partition *range,
                                       const struct image *core)
{
    uint32_t before = all->count;
    const char *result = "erased";
    struct problem problem = {0};
    const struct image *image = NULL;
    all->structure = structure;
    all->off = range->off;
    if (range->bytes == 0)
        return NULL;
    uint32_t bytes = flash_file_programmed(all->file, range->off, range->bytes), first = 0;
    memcpy(&first, all->file->bytes + range->off, sizeof first);
    if (bytes > 0 && first == 0) {
        result = "given up, to be reloaded"; // as an interrupted reload leaves it
    } else if (bytes > 0 && first == UINT32_MAX) {
        result = "no image"; // but what was there before, behind the sectors of an image
    } else if (bytes > 0) {
        const struct image_options options = {partitions_addr(range), true, core};
        int status = image_read(all->report->arena, all->file->path, all->file->bytes + range->off,
                                (bytes + 3) & ~3u, &options, &image, &problem);
        if (status != STATUS_OK)
            tell(all, problem.off == PROBLEM_NO_OFF ? 0 : (uint32_t)problem.off, problem.message);
        result = "ok";
        if (status == STATUS_OK && !core && image->linked_crc)
            tell(all, offsetof(struct lfs_header, linked_crc), "there is no core image");
    }
    add_structure(all, before, result);
    return image;
}

// Of two slots the one that counts, or the other one if that has no sound image, as at a start.
static const struct image *check_core(struct findings *all)
{
    static const enum flash_partition_id slots[] = {PARTITION_LFS, PARTITION_LFS_SECOND};
    const struct flash_partition *parts = all->file->layout.parts;
    const struct image *images[PARTITION_LFS_SLOTS];
    for (int i = 0; i < PARTITION_LFS_SLOTS; i++)
        images[i] = check_image(all, partitions_name(slots[i]), &parts[slots[i]], NULL);
    uint32_t active = images[1] ? all->file->table.slots.active : 0;
    return images[active] ? images[active] : images[!active];
}

static void check_images(struct findings *all)
{
    const struct flash_partition *parts = all->file->layout.parts;
    const struct image *core = check_core(all);
    for (uint32_t i = 0; i < DEVS_SLOTS; i++) {
        const struct flash_partition slot = devs_slot_of(&parts[PARTITION_LFS_DEVS],
                                                         FLASH_SECTOR_BYTES, i);
        check_image(all, partitions_name(PARTITION_LFS_DEVS), &slot, core);
    }
}

// An area that the device makes anew is told of, since what was frozen is gone then.
static void check_freezer(struct findings *all)
{
    struct problem problem = {0};
    struct freezer_view *view;
    uint32_t before = all->count;
    const char *result = "erased";
    all->structure = partitions_name(PARTITION_FREEZER);
    all->off = all->file->layout.parts[PARTITION_FREEZER].off;
    if (all->file->layout.parts[PARTITION_FREEZER].bytes == 0)
        return;
    int status = freezer_of_flash(all->report->arena, all->file, &view, &problem);
    if (status == STATUS_OK) {
        all->count += freezer_report_findings(view, all->report);
        result = view->refused ? "refused" : "ok";
        if (view->refused) // rather than faulty
            before = all->count;
    } else if (status != STATUS_NOT_FOUND) { // also what an interrupted erase leaves
        result = "no area, made anew at the next start";
        if (freezer_view_is_area(all->file->bytes + all->off, sizeof(struct freezer_header)))
            tell(all, 0, problem.message);
    }
    add_structure(all, before, result);
}

static void check_store(struct findings *all)
{
    struct flash_file *file = all->file;
    struct problem problem = {0};
    uint32_t before = all->count;
    const char *result = "erased";
    all->structure = "store";
    all->off = file->layout.parts[PARTITION_STORE].off;
    if (file->layout.parts[PARTITION_STORE].bytes == 0)
        return;
    if (flash_file_mount(all->report->arena, file, true, &problem) != STATUS_OK) {
        tell(all, 0, problem.message);
    } else if (!file->store.is_blank) {
        if (store_check(&file->store, tell, all) < 0)
            tell(all, 0, "cannot be read");
        result = arena_format(all->report->arena, "ok, %u files", (unsigned)file->store.file_count);
    }
    add_structure(all, before, result);
}

uint32_t flash_report_check(struct flash_file *file, struct report *report)
{
    struct findings all = {.file = file, .report = report};
    all.table = REPORT_ADD_TABLE(report, "structures", "Structures", structure_columns);
    check_table(&all);
    check_images(&all);
    check_freezer(&all);
    check_store(&all);
    return all.count;
}
