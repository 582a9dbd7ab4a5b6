// slots_powerloss_test.c: does a cut in a reload with two slots, in its trial or in what comes back
// from it, ever leave the device without a sound image?
//
// Every start after a cut mounts the image that was there before, byte for byte, or the new one:
// the old slot is not touched. Then the next reload works. A writer that switches before the image
// is whole must fail.

#include <stdio.h>
#include <string.h>

#include "runtime/flash/lfs_reload.h"
#include "runtime/flash/lfs_slots.h"
#include "tests/powerloss/powerloss.h"
#include "tests/support/image_file.h"

// Small: the sectors of the table, then two slots. Real: the usual places and sizes.
#define TABLE_OFF (is_real ? PARTITION_TABLE_OFF : 0u)
#define SLOT_BYTES (is_real ? 0x20000u : SMALL_SLOT_BYTES)
#define FIRST_OFF (is_real ? LFS_DEFAULT_OFFSET : PARTITION_TABLE_BYTES)
#define SMALL_SLOT_BYTES (2 * FLASH_SECTOR_BYTES)
#define SMALL_BYTES (PARTITION_TABLE_BYTES + 2 * SMALL_SLOT_BYTES)
#define REAL_BYTES 0x100000u

static int is_real; // the running case

static struct lfs_work work;

struct lfs_work *lfs_port_work(void)
{
    return &work;
}

struct lfs_marks *lfs_port_marks(void)
{
    return &work.marks;
}

enum step { STEP_RELOAD, STEP_START, STEP_CONFIRM, STEP_NOTE };

struct reload {
    struct lfs_numbers old, new;
    unsigned entries_before; // reloads that are done with, in the journal
    int is_on_trial;         // the image that runs is the new one, not confirmed
    unsigned starts_before;  // of it
    enum step step;          // that is cut
    int is_hasty;
};

static const struct reload *reload_of(const struct powerloss_case *one)
{
    return one->context;
}

static void ignore(const char *text)
{
    (void)text;
}

static struct partition_table table;

static int open_table(struct simflash *flash)
{
    struct flash_layout *layout = &table.layout;
    int status = partition_table_open_at(&table, &flash->device, TABLE_OFF);
    if (status != STATUS_OK) {
        memset(layout, 0, sizeof *layout);
        layout->parts[PARTITION_FIRMWARE] = (struct flash_partition){0, FIRST_OFF};
        layout->parts[PARTITION_LFS] = (struct flash_partition){FIRST_OFF, SLOT_BYTES};
        layout->parts[PARTITION_LFS_SECOND] = (struct flash_partition){FIRST_OFF + SLOT_BYTES,
                                                                       SLOT_BYTES};
    }
    return status;
}

static void start(struct simflash *flash)
{
    lfs_unmount();
    (void)!open_table(flash);
    lfs_start(&table, NULL, lfs_port_marks(), ignore);
}

// As node.LFS.reload does it.
static int reload_image(const struct lfs_numbers *image, uint32_t starts, int is_hasty)
{
    static uint8_t bytes[IMAGE_FILE_BYTES_MAX];
    struct lfs_report report;
    struct lfs_switch to;
    struct image_file in = {.bytes = bytes, .count = image_file_numbers(image, bytes)};
    struct lfs_file file = image_file_open(&in);
    struct lfs_reload one = {
        .target = lfs_switch_target(&table), .file = &file, .room = image_file_room()};
    if (lfs_reload_check(&one, &report) != STATUS_OK ||
        lfs_switch_begin(&table, starts, &to) != STATUS_OK)
        return STATUS_IO;
    if (is_hasty && lfs_switch_end(&table, &to) != STATUS_OK)
        return STATUS_IO;
    if (is_hasty)
        one.target = lfs_target; // the slot in use
    int status = lfs_reload_write(&one, lfs_port_marks(), &report);
    return status == STATUS_OK && !is_hasty ? lfs_switch_end(&table, &to) : status;
}

static void prepare(const struct powerloss_case *one, struct simflash *flash)
{
    const struct reload *r = reload_of(one);
    is_real = one->is_real_size;
    start(flash);
    (void)!reload_image(&r->old, 3, 0); // into the first slot
    start(flash);
    for (unsigned i = 0; i < r->entries_before; i++) {
        (void)!reload_image(&r->old, 3, 0);
        start(flash);
        (void)lfs_confirm(&table);
    }
    if (!r->is_on_trial)
        return;
    (void)!reload_image(&r->new, 3, 0);
    for (unsigned i = 0; i < r->starts_before; i++)
        start(flash);
}

static void operate(const struct powerloss_case *one, struct simflash *flash)
{
    const struct reload *r = reload_of(one);
    start(flash);
    if (r->step == STEP_RELOAD)
        (void)!reload_image(&r->new, 3, r->is_hasty);
    if (r->step == STEP_CONFIRM)
        (void)lfs_confirm(&table);
    uint32_t off;
    if (r->step == STEP_NOTE)
        (void)!partition_table_append(&table, PARTITION_ENTRY_RELOAD, 0, "new.img", &off);
}

// What the start after a cut does, and the next reload, which ends well.
static void repair(const struct powerloss_case *one, struct simflash *flash)
{
    start(flash);
    (void)!reload_image(&reload_of(one)->new, 0, 0);
}

static int lies(const struct lfs_numbers *image, const struct simflash *flash)
{
    return lfs_numbers_lie(image, lfs_target.partition.off, flash->cells);
}

static const char *inspect(const struct powerloss_case *one, struct simflash *flash,
                           int is_complete)
{
    const struct reload *r = reload_of(one);
    start(flash);
    const struct flash_region *lfs = flash_region_find(REGION_LFS);
    int is_old = lfs && lies(&r->old, flash), is_new = lfs && lies(&r->new, flash);
    if (!lfs)
        return "no image, though the old one was to stay";
    if (!is_old && !is_new)
        return "what is mounted is neither the old image nor the new one";
    if (is_complete && r->step == STEP_RELOAD && !is_new)
        return "a whole reload does not count";
    return NULL;
}

#define SMALL(first)                                                                               \
    {                                                                                              \
        8, first, 0                                                                                \
    }
#define LARGE(first)                                                                               \
    {                                                                                              \
        600, first, 0                                                                              \
    }
#define REAL(first)                                                                                \
    {                                                                                              \
        4000, first, 0                                                                             \
    }

static const struct reload second_slot = {SMALL(1), SMALL(2), 0, 0, 0, STEP_RELOAD, 0};
static const struct reload first_slot = {SMALL(1), LARGE(2), 1, 0, 0, STEP_RELOAD, 0};
static const struct reload full_journal = {SMALL(1), SMALL(2), 81, 0, 0, STEP_RELOAD, 0};
static const struct reload over_trial = {SMALL(1), SMALL(2), 0, 1, 1, STEP_RELOAD, 0};
static const struct reload start_in_trial = {SMALL(1), SMALL(2), 0, 1, 1, STEP_START, 0};
static const struct reload start_after_trial = {SMALL(1), SMALL(2), 3, 1, 3, STEP_START, 0};
static const struct reload confirmation = {SMALL(1), SMALL(2), 2, 1, 1, STEP_CONFIRM, 0};
static const struct reload full_in_trial = {SMALL(1), SMALL(2), 80, 1, 1, STEP_NOTE, 0};
static const struct reload real_slots = {REAL(1), REAL(2), 1, 0, 0, STEP_RELOAD, 0};
static const struct reload hasty = {SMALL(1), SMALL(2), 0, 0, 0, STEP_RELOAD, 1};

#define CASE(name, cached, must_fail)                                                              \
    {                                                                                              \
#name, SMALL_BYTES, cached, &name, prepare, operate, repair, inspect, 0, must_fail         \
    }
#define REAL_CASE(name, cached)                                                                    \
    {                                                                                              \
#name, REAL_BYTES, cached, &name, prepare, operate, repair, inspect, 1, 0                  \
    }

static const struct powerloss_case cases[] = {
    CASE(second_slot, 4, 0),  CASE(first_slot, 8, 0),     CASE(full_journal, 0, 0),
    CASE(over_trial, 0, 0),   CASE(start_in_trial, 0, 0), CASE(start_after_trial, 0, 0),
    CASE(confirmation, 0, 0), CASE(full_in_trial, 0, 0),  CASE(hasty, 0, 1),
    REAL_CASE(real_slots, 4),
};

int main(int argc, char **argv)
{
    return powerloss_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
