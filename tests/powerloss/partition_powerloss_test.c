// partition_powerloss_test.c: what does a cut leave of a change of the partition table?
//
// After every cut the next start has the old layout or the new one, whole, and finds nothing else
// changed. Moving the LFS: whatever is mounted lies in the partition of that layout and is an image
// as it was written.

#include <string.h>

#include "runtime/flash/lfs.h"
#include "runtime/flash/partition_table.h"
#include "runtime/format/partition_table.h"
#include "tests/powerloss/powerloss.h"
#include "tests/support/lfs_numbers.h"

#define FLASH_BYTES (LFS_DEFAULT_OFFSET + 0x8000u)
#define MOVED_BYTES FLASH_SECTOR_BYTES // the LFS moves by that, into its old image

static struct lfs_work work;

struct lfs_work *lfs_port_work(void)
{
    return &work;
}

struct change {
    int saves_before; // of the old layout; 0: the default layout, nothing is kept
    int moves_lfs;    // and loads an image there
    int (*save)(struct flash_device *device, const struct flash_layout *layout);
};

static const struct lfs_numbers old_image = {700, 1, 0}, new_image = {400, 2, 0};

static const struct change *change_of(const struct powerloss_case *one)
{
    return one->context;
}

// One that is opened for it, as at a start.
static int table_load(struct flash_device *device, struct flash_layout *layout)
{
    struct partition_table table;
    int status = partition_table_open(&table, device);
    *layout = table.layout;
    return status;
}

static int table_save(struct flash_device *device, const struct flash_layout *layout)
{
    struct partition_table table;
    int status = partition_table_open(&table, device);
    return status == STATUS_IO ? status : partition_table_save(&table, layout);
}

static struct flash_layout lfs_at(uint32_t off, uint32_t bytes)
{
    struct flash_layout layout;
    partitions_init(&layout, FLASH_BYTES);
    layout.parts[PARTITION_LFS] = (struct flash_partition){off, bytes};
    return layout;
}

// One that is kept is not the default one, which a lost table would give.
static struct flash_layout old_layout(const struct change *change)
{
    return lfs_at(LFS_DEFAULT_OFFSET,
                  change->saves_before ? 0x6000 : FLASH_BYTES - LFS_DEFAULT_OFFSET);
}

static struct flash_layout new_layout(void)
{
    return lfs_at(LFS_DEFAULT_OFFSET + MOVED_BYTES, 0x5000);
}

static uint8_t front[PARTITION_TABLE_OFF]; // what lies in front of the table

static void prepare(const struct powerloss_case *one, struct simflash *flash)
{
    for (uint32_t off = 0; off < sizeof front; off++)
        front[off] = (uint8_t)(off * 13 + 5);
    memcpy(flash->cells, front, sizeof front);
    lfs_numbers_make(&old_image, LFS_DEFAULT_OFFSET,
                     (uint32_t *)(void *)(flash->cells + LFS_DEFAULT_OFFSET));
    struct flash_layout layout = old_layout(change_of(one));
    for (int i = 0; i < change_of(one)->saves_before; i++)
        if (table_save(&flash->device, &layout) != STATUS_OK)
            flash->cells[0] = 0; // which inspect() finds
}

static struct lfs_target target_in(struct simflash *flash, const struct flash_layout *layout)
{
    return (struct lfs_target){.device = &flash->device, .partition = layout->parts[PARTITION_LFS]};
}

// What node.setpartitiontable does, then a reload after its restart.
static void change(const struct powerloss_case *one, struct simflash *flash)
{
    struct flash_layout layout = new_layout(), kept;
    struct lfs_report report;
    (void)!table_load(&flash->device, &kept);
    struct lfs_target target = target_in(flash, &kept);
    int status = STATUS_OK;
    if (change_of(one)->moves_lfs && kept.parts[PARTITION_LFS].off == LFS_DEFAULT_OFFSET)
        status = lfs_discard(&target);
    if (status == STATUS_OK)
        status = change_of(one)->save(&flash->device, &layout);
    if (status != STATUS_OK || !change_of(one)->moves_lfs)
        return;
    target = target_in(flash, &layout);
    uint32_t bytes = lfs_numbers_make(&new_image, target.partition.off, work.image);
    (void)!lfs_write(&target, &work, bytes, &report);
}

static int is_same(const struct flash_layout *a, const struct flash_layout *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

// The LFS of either layout, as if the table said so: a later change may bring it back.
static const char *inspect_lfs(struct simflash *flash, const struct flash_layout *layout,
                               const struct lfs_numbers *image, int must_be_there)
{
    struct lfs_target target = target_in(flash, layout);
    struct lfs_report report;
    int status = lfs_mount(&target, &work.marks, &report);
    if (status != STATUS_OK)
        return must_be_there ? "the image at its new place is not mounted" : NULL;
    if (!lfs_numbers_lie(image, layout->parts[PARTITION_LFS].off, flash->cells))
        return "what is mounted is no image as it was written";
    return NULL;
}

static const char *inspect(const struct powerloss_case *one, struct simflash *flash,
                           int is_complete)
{
    struct flash_layout kept, before = old_layout(change_of(one)), after = new_layout();
    (void)!table_load(&flash->device, &kept);
    if (memcmp(flash->cells, front, sizeof front) != 0)
        return "flash in front of the table changed";
    if (!is_same(&kept, &after) && (is_complete || !is_same(&kept, &before)))
        return "the layout is neither the old one nor the new one";
    if (!change_of(one)->moves_lfs)
        return lfs_numbers_lie(&old_image, LFS_DEFAULT_OFFSET, flash->cells)
                   ? NULL
                   : "flash behind the table changed";
    const char *what = inspect_lfs(flash, &before, &old_image, 0);
    return what ? what : inspect_lfs(flash, &after, &new_image, is_complete);
}

// ---- cases ----

// One sector for the table: erased, then written again.
static int save_in_place(struct flash_device *device, const struct flash_layout *layout)
{
    int status = flash_erase(device, PARTITION_TABLE_OFF, PARTITION_TABLE_BYTES);
    return status == STATUS_OK ? table_save(device, layout) : status;
}

static const struct change first_table = {0, 0, table_save};
static const struct change second_table = {1, 0, table_save};
static const struct change third_table = {2, 0, table_save};
static const struct change moved_lfs = {1, 1, table_save};
static const struct change erased_table = {1, 0, save_in_place};

#define CASE(name, cached, must_fail)                                                              \
    {                                                                                              \
#name, FLASH_BYTES, cached, &name, prepare, change, change, inspect, 0, must_fail          \
    }
#define REAL_CASE(name, cached)                                                                    \
    {                                                                                              \
#name, FLASH_BYTES, cached, &name, prepare, change, change, inspect, 1, 0                  \
    }

static const struct powerloss_case cases[] = {
    CASE(first_table, 0, 0),  CASE(second_table, 4, 0), CASE(third_table, 8, 0),
    CASE(erased_table, 0, 1), REAL_CASE(moved_lfs, 4), // all is where the device has it
};

int main(int argc, char **argv)
{
    return powerloss_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
