// devs_powerloss_test.c: what does a cut in a replacement of the devs image leave?
//
// After every cut, the next start mounts the old image or the new one, byte for byte; it never
// mounts a mix, and never nothing where there was an image. A removal leaves the newest image or
// none. Nothing outside the partition changes, and the next replacement mends whatever is left.

#include <string.h>

#include "runtime/flash/devs.h"
#include "tests/powerloss/powerloss.h"
#include "tests/support/lfs_numbers.h"

// Small: sectors of 256 bytes, and one on each side. Real: what the device maps, two slots of 32
// KB.
#define SMALL_SECTOR 256u
#define SMALL_BYTES 0x3000u
#define SMALL_SLOT_BYTES 0x1000u
#define REAL_BYTES 0x100000u
#define REAL_OFF 0xC0000u
#define REAL_SLOT_BYTES 0x8000u
#define FILL_OFF offsetof(struct lfs_header, fill)

static struct lfs_work work;
static uint32_t sector_bytes, slot_bytes;
static struct flash_partition partition;

struct lfs_work *lfs_port_work(void)
{
    return &work;
}

struct change {
    struct lfs_numbers old[DEVS_SLOTS]; // in the slots
    uint32_t old_numbers[DEVS_SLOTS];   // of the replacements
    struct lfs_numbers new;             // constants 0: the images are removed
    void (*make)(const struct change *change, struct simflash *flash);
};

static const struct change *change_of(const struct powerloss_case *one)
{
    return one->context;
}

static uint8_t outside[SMALL_SECTOR];

static void prepare(const struct powerloss_case *one, struct simflash *flash)
{
    const struct change *change = change_of(one);
    sector_bytes = one->is_real_size ? FLASH_SECTOR_BYTES : SMALL_SECTOR;
    slot_bytes = one->is_real_size ? REAL_SLOT_BYTES : SMALL_SLOT_BYTES;
    partition.off = one->is_real_size ? REAL_OFF : SMALL_SECTOR;
    partition.bytes = DEVS_SLOTS * slot_bytes;
    flash->device.sector_bytes = sector_bytes;
    for (uint32_t i = 0; i < sizeof outside; i++)
        outside[i] = (uint8_t)(i * 7 + 1);
    memcpy(flash->cells + partition.off - sizeof outside, outside, sizeof outside);
    memcpy(flash->cells + partition.off + partition.bytes, outside, sizeof outside);
    for (uint32_t i = 0; i < DEVS_SLOTS; i++) {
        uint8_t *at = flash->cells + partition.off + i * slot_bytes;
        if (change->old[i].constants == 0)
            continue;
        lfs_numbers_make(&change->old[i], partition.off + i * slot_bytes, (uint32_t *)(void *)at);
        memcpy(at + FILL_OFF, &change->old_numbers[i], 4);
    }
}

static int start(struct simflash *flash, struct lfs_report *report)
{
    static struct lfs_marks marks;
    devs_init(&flash->device, &partition, NULL);
    return devs_mount(&marks, report);
}

// As the header of an image says that was made for a slot.
static uint32_t make_new(const struct change *change, uint32_t slot)
{
    uint32_t bytes = lfs_numbers_make(&change->new, partition.off + slot * slot_bytes, work.image);
    uint32_t number = devs.numbers[0] > devs.numbers[1] ? devs.numbers[0] : devs.numbers[1];
    work.image[FILL_OFF / 4] = number + 1;
    return bytes;
}

static void replace(const struct change *change, struct simflash *flash)
{
    struct lfs_report report;
    (void)!start(flash, &report);
    uint32_t slot = devs_free_slot();
    (void)!devs_write(&work, make_new(change, slot), &report);
}

static void discard(const struct change *change, struct simflash *flash)
{
    struct lfs_report report;
    (void)change;
    (void)!start(flash, &report);
    (void)!devs_discard();
}

static void operate(const struct powerloss_case *one, struct simflash *flash)
{
    change_of(one)->make(change_of(one), flash);
}

// ---- what the next start finds ----

static int is_mounted(const struct lfs_numbers *image, const struct simflash *flash)
{
    static uint8_t cells[REAL_BYTES];
    uint32_t off = partition.off + devs.mounted * slot_bytes;
    memcpy(cells + off, flash->cells + off, slot_bytes);
    memset(cells + off + FILL_OFF, 0, 4);
    return lfs_numbers_lie(image, off, cells);
}

static const struct lfs_numbers *newest_old(const struct change *change)
{
    int last = change->old_numbers[1] > change->old_numbers[0];
    return &change->old[last];
}

static const char *inspect(const struct powerloss_case *one, struct simflash *flash,
                           int is_complete)
{
    const struct change *change = change_of(one);
    struct lfs_report report;
    int status = start(flash, &report);
    const uint8_t *begin = flash->cells + partition.off;
    if (memcmp(begin - sizeof outside, outside, sizeof outside) != 0 ||
        memcmp(begin + partition.bytes, outside, sizeof outside) != 0)
        return "flash outside the partition changed";
    int has_old = newest_old(change)->constants > 0, has_new = change->new.constants > 0;
    if (status != STATUS_OK)
        return is_complete && has_new    ? "a whole replacement is not mounted"
               : has_old && has_new      ? "neither image is mounted"
               : flash_regions.count > 0 ? "nothing is mounted, but a part of it"
                                         : NULL;
    if (is_complete && !has_new)
        return "what was removed is mounted";
    if (is_mounted(&change->new, flash) || (!is_complete && is_mounted(newest_old(change), flash)))
        return NULL;
    return "what is mounted is neither the old image nor the new one";
}

// ---- cases ----

// The slot that is in use.
static void replace_in_place(const struct change *change, struct simflash *flash)
{
    struct lfs_report report;
    (void)!start(flash, &report);
    struct lfs_target target = devs.whole;
    uint32_t slot = devs.mounted == DEVS_NO_SLOT ? 0 : devs.mounted;
    target.partition = devs_slot_of(&partition, sector_bytes, slot);
    (void)!lfs_write(&target, &work, make_new(change, slot), &report);
}

#define SMALL(first)                                                                               \
    {                                                                                              \
        8, first, 0                                                                                \
    }
#define LARGE(first)                                                                               \
    {                                                                                              \
        150, first, 0                                                                              \
    }
#define REAL(first)                                                                                \
    {                                                                                              \
        2000, first, 0                                                                             \
    }
#define NONE                                                                                       \
    {                                                                                              \
        0, 0, 0                                                                                    \
    }

static const struct change first_image = {{NONE, NONE}, {0, 0}, SMALL(1), replace};
static const struct change second_image = {{SMALL(1), NONE}, {1, 0}, LARGE(2), replace};
static const struct change third_image = {{SMALL(1), LARGE(2)}, {1, 2}, SMALL(3), replace};
static const struct change back_and_forth = {{LARGE(3), SMALL(2)}, {7, 6}, SMALL(4), replace};
static const struct change removal = {{LARGE(3), SMALL(2)}, {7, 6}, NONE, discard};
static const struct change real_image = {{REAL(1), REAL(2)}, {1, 2}, REAL(3), replace};
static const struct change in_place = {{SMALL(1), NONE}, {1, 0}, SMALL(2), replace_in_place};

#define CASE(name, cached, must_fail)                                                              \
    {                                                                                              \
#name, SMALL_BYTES, cached, &name, prepare, operate, operate, inspect, 0, must_fail        \
    }
#define REAL_CASE(name, cached)                                                                    \
    {                                                                                              \
#name, REAL_BYTES, cached, &name, prepare, operate, operate, inspect, 1, 0                 \
    }

static const struct powerloss_case cases[] = {
    CASE(first_image, 0, 0),    CASE(second_image, 0, 0), CASE(third_image, 4, 0),
    CASE(back_and_forth, 0, 0), CASE(removal, 0, 0),      CASE(in_place, 0, 1),
    REAL_CASE(real_image, 4),
};

int main(int argc, char **argv)
{
    return powerloss_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
