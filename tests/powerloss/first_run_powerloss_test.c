// first_run_powerloss_test.c: what does a cut in a first run leave?
//
// A flash with a store behind the firmware, in which there are an image and other files. After
// every cut each file has its content, at the old place or the new one, and the next start goes on:
// in the end there are the usual partitions and the mounted image. Where the image is refused, only
// after it was written, a start that came to its end is the last one to write or erase for it.

#include <string.h>

#include "runtime/flash/devs.h"
#include "runtime/flash/first_run.h"
#include "runtime/flash/partition_table.h"
#include "tests/powerloss/powerloss.h"
#include "tests/support/image_file.h"

#define SMALL_SECTORS 10u
#define REAL_SECTORS 48u
#define STORE_SECTORS (is_real ? REAL_SECTORS : SMALL_SECTORS)
#define OLD_OFF LFS_DEFAULT_OFFSET
#define LFS_BYTES ((is_real ? 20u : 4u) * FLASH_SECTOR_BYTES)
#define NEW_OFF (OLD_OFF + STORE_SECTORS * FLASH_SECTOR_BYTES)
#define BYTES(sectors) (OLD_OFF + 2 * (sectors)*FLASH_SECTOR_BYTES)
#define PLACES 16u

static int is_real; // the running case
static int breaks;  // its image

static struct lfs_work work;
static uint32_t places[2][PLACES];
static struct first_run run = {.rooms = {{.places = places[0], .place_count = PLACES},
                                         {.places = places[1], .place_count = PLACES}},
                               .marks = &work.marks};
static struct first_run_room *const rooms = run.rooms;
static struct lfs_numbers core = {30, 1, 0};
static uint8_t image[IMAGE_FILE_BYTES_MAX];
static uint32_t image_bytes;
static const char other[] = "the content of another file, which is as it was";

struct lfs_work *lfs_port_work(void)
{
    return &work;
}

static struct flash_layout layout_of(int is_final)
{
    struct flash_layout layout = {{{0}}};
    layout.parts[PARTITION_FIRMWARE] = (struct flash_partition){0, LFS_DEFAULT_OFFSET};
    layout.parts[PARTITION_STORE] = (struct flash_partition){is_final ? NEW_OFF : OLD_OFF,
                                                             STORE_SECTORS * FLASH_SECTOR_BYTES};
    if (is_final)
        layout.parts[PARTITION_LFS] = (struct flash_partition){OLD_OFF, LFS_BYTES};
    return layout;
}

static void put(struct store *store, const char *name, const void *data, uint32_t bytes)
{
    struct store_file file;
    (void)!(store_file_open(store, &file, name, STORE_WRITES | STORE_CUTS) == STATUS_OK &&
            store_file_write(&file, data, bytes) == STATUS_OK &&
            store_file_close(&file) == STATUS_OK);
}

// Another number of strings than there are, which is only seen where the image lies. The file is
// one stored block.
static void break_image(void)
{
    enum { DATA = 10 + 5, STRING_COUNT = DATA + 16 };
    uint32_t bytes = image_bytes - DATA - 8;
    image[STRING_COUNT]++;
    (void)image_file_word(image + DATA + bytes, inflate_crc(0, image + DATA, bytes));
}

static void prepare(const struct powerloss_case *one, struct simflash *flash)
{
    is_real = one->is_real_size;
    core.constants = is_real ? 3500 : 30;
    struct flash_layout layout = layout_of(0);
    image_bytes = image_file_numbers(&core, image);
    if (breaks)
        break_image();
    struct partition_table table;
    (void)!partition_table_open(&table, &flash->device);
    (void)!partition_table_save(&table, &layout);
    (void)!store_mount(&rooms[0].store, &flash->device, &layout.parts[PARTITION_STORE], places[0],
                       PLACES, 0);
    put(&rooms[0].store, FIRST_RUN_CORE, image, image_bytes);
    put(&rooms[0].store, "other", other, sizeof other);
    put(&rooms[0].store, "empty", "", 0);
}

static void prepare_broken(const struct powerloss_case *one, struct simflash *flash)
{
    breaks = 1;
    prepare(one, flash);
    breaks = 0;
}

static struct lfs_target target_of(struct simflash *flash, const struct flash_layout *layout)
{
    return (struct lfs_target){.device = &flash->device, .partition = layout->parts[PARTITION_LFS]};
}

static int is_due(const struct partition_table *table)
{
    const struct flash_layout first = layout_of(0);
    return first_run_is_due(&table->layout, &first);
}

static void start(const struct powerloss_case *one, struct simflash *flash)
{
    struct flash_layout final = layout_of(1);
    struct partition_table table;
    struct lfs_report report;
    (void)one;
    if (partition_table_open(&table, &flash->device) != STATUS_OK)
        return;
    if (is_due(&table) && first_run_move(&table, &final, &rooms[0], &rooms[1]) != STATUS_OK)
        return;
    struct lfs_target target = target_of(flash, &table.layout);
    if (lfs_mount(&target, &work.marks, &report) != STATUS_OK)
        (void)!first_run_core(&table, &target, &run, &report);
}

// The layout changes before the store has moved, as it may not.
static void start_too_early(const struct powerloss_case *one, struct simflash *flash)
{
    const struct flash_layout final = layout_of(1);
    struct partition_table table;
    if (partition_table_open(&table, &flash->device) != STATUS_OK)
        return;
    const struct flash_layout layout = table.layout;
    if (is_due(&table)) {
        if (partition_table_save(&table, &final) != STATUS_OK)
            return;
        table.layout = layout;
        if (first_run_move(&table, &final, &rooms[0], &rooms[1]) != STATUS_OK)
            return;
    }
    start(one, flash);
}

static int has_file(struct store *store, const char *name, const void *data, uint32_t bytes)
{
    static uint8_t got[IMAGE_FILE_BYTES_MAX];
    struct store_file file;
    if (store_file_open(store, &file, name, STORE_READS) != STATUS_OK)
        return 0;
    int is_same = store_file_size(&file) == bytes &&
                  (bytes == 0 || (store_file_read(&file, got, bytes) == (long)bytes &&
                                  memcmp(got, data, bytes) == 0));
    (void)!store_file_close(&file);
    return is_same;
}

static const char *inspect(const struct powerloss_case *one, struct simflash *flash,
                           int is_complete)
{
    struct partition_table table;
    struct lfs_report report;
    (void)one;
    flash_regions_unmount(REGION_LFS);
    if (partition_table_open(&table, &flash->device) != STATUS_OK)
        return "no layout is kept";
    const struct flash_layout layout = table.layout;
    if (store_mount(&rooms[0].store, &flash->device, &layout.parts[PARTITION_STORE], places[0],
                    PLACES, 1) != STATUS_OK)
        return "there is no store";
    if (!has_file(&rooms[0].store, FIRST_RUN_CORE, image, image_bytes) ||
        !has_file(&rooms[0].store, "other", other, sizeof other) ||
        !has_file(&rooms[0].store, "empty", "", 0))
        return "a file is not what it was";
    if (!is_complete)
        return NULL;
    if (is_due(&table))
        return "the store has not moved";
    struct lfs_target target = target_of(flash, &layout);
    return lfs_mount(&target, &work.marks, &report) == STATUS_OK ? NULL : "no image is installed";
}

// What a further start does to the flash.
static uint64_t changes_of_start(const struct powerloss_case *one, struct simflash *flash)
{
    struct flash_counts before = flash->device.counts;
    start(one, flash);
    return flash->device.counts.programs - before.programs + flash->device.counts.erases -
           before.erases;
}

static const char *inspect_broken(const struct powerloss_case *one, struct simflash *flash,
                                  int is_complete)
{
    const char *what = inspect(one, flash, 0);
    if (what || !is_complete)
        return what;
    struct partition_table table;
    struct lfs_report report;
    if (partition_table_open(&table, &flash->device) != STATUS_OK || is_due(&table))
        return "the store has not moved";
    struct lfs_target target = target_of(flash, &table.layout);
    if (lfs_mount(&target, &work.marks, &report) != STATUS_NOT_FOUND)
        return "something of a refused image is left";
    return changes_of_start(one, flash) ? "a refused image is written again" : NULL;
}

#define CASE(name, operation, must_fail)                                                           \
    {                                                                                              \
#name, BYTES(SMALL_SECTORS), 0, NULL, prepare, operation, operation, inspect, 0, must_fail \
    }

static const struct powerloss_case cases[] = {
    CASE(first_run, start, 0),
    CASE(layout_too_early, start_too_early, 1),
    {"refused", BYTES(SMALL_SECTORS), 0, NULL, prepare_broken, start, start, inspect_broken, 0, 0},
    {"real_first_run", BYTES(REAL_SECTORS), 0, NULL, prepare, start, start, inspect, 1, 0},
};

int main(int argc, char **argv)
{
    lfs_room_in(&run.pages, (uint8_t *)work.image);
    return powerloss_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
