// reload_powerloss_test.c: what does a cut in a reload of the LFS leave?
//
// After every cut, the next start mounts the old image or the new one, byte for byte, or nothing
// and says why; it never mounts a mix. Nothing outside the image's sectors changes, and the next
// reload mends whatever is left. The images are made here: sound, and as large as a case needs;
// their constants are numbers, in which no check of structure sees damage.

#include <string.h>

#include "runtime/flash/lfs_reload.h"
#include "tests/powerloss/powerloss.h"
#include "tests/support/image_file.h"

// Small: sectors of 256 bytes, as many as the large image takes, and one on each side.
#define SMALL_SECTOR 256u
#define SMALL_BYTES 0x3000u
#define SMALL_LFS_BYTES 0x2000u
// Real: what the device maps, its LFS of 128 KB with an image of 66 KB.
#define REAL_BYTES 0x100000u
#define REAL_LFS_OFF LFS_DEFAULT_OFFSET
#define REAL_LFS_BYTES 0x20000u

static struct lfs_work work;

struct lfs_work *lfs_port_work(void)
{
    return &work;
}

struct lfs_marks *lfs_port_marks(void)
{
    return &work.marks;
}

// ---- a reload ----

struct reload {
    struct lfs_numbers old, new;
    int (*write)(const struct lfs_target *target, const struct lfs_work *work, uint32_t image_bytes,
                 struct lfs_report *report);
};

static struct flash_partition partition_of(const struct powerloss_case *one)
{
    return one->is_real_size ? (struct flash_partition){REAL_LFS_OFF, REAL_LFS_BYTES}
                             : (struct flash_partition){SMALL_SECTOR, SMALL_LFS_BYTES};
}

static struct lfs_target target_of(const struct powerloss_case *one, struct simflash *flash)
{
    return (struct lfs_target){.device = &flash->device, .partition = partition_of(one)};
}

static const struct reload *reload_of(const struct powerloss_case *one)
{
    return one->context;
}

// What lies around the partition, before it and after it.
static uint8_t outside[SMALL_SECTOR];

static void prepare(const struct powerloss_case *one, struct simflash *flash)
{
    const struct flash_partition lfs = partition_of(one);
    flash->device.sector_bytes = one->is_real_size ? FLASH_SECTOR_BYTES : SMALL_SECTOR;
    for (uint32_t i = 0; i < sizeof outside; i++)
        outside[i] = (uint8_t)(i * 7 + 1);
    memcpy(flash->cells + lfs.off - sizeof outside, outside, sizeof outside);
    memcpy(flash->cells + lfs.off + lfs.bytes, outside, sizeof outside);
    const struct lfs_numbers *old = &reload_of(one)->old;
    if (old->constants)
        lfs_numbers_make(old, lfs.off, (uint32_t *)(void *)(flash->cells + lfs.off));
}

static void reload(const struct powerloss_case *one, struct simflash *flash)
{
    struct lfs_target target = target_of(one, flash);
    struct lfs_report report;
    uint32_t bytes = lfs_numbers_make(&reload_of(one)->new, target.partition.off, work.image);
    (void)!reload_of(one)->write(&target, &work, bytes, &report);
}

// ---- what the next start finds ----

static int is_untouched_outside(const struct simflash *flash, const struct flash_partition *lfs)
{
    const uint8_t *begin = flash->cells + lfs->off, *end = begin + lfs->bytes;
    return memcmp(begin - sizeof outside, outside, sizeof outside) == 0 &&
           memcmp(end, outside, sizeof outside) == 0;
}

static const char *inspect_absent(int status, const struct lfs_report *report)
{
    char text[LFS_MESSAGE_BYTES];
    if (flash_regions.count != 0)
        return "nothing is mounted, but a part of it";
    if (status == STATUS_NOT_FOUND)
        return report->fault == LFS_FAULT_NONE ? NULL : "an absent image with a fault";
    lfs_mount_text(report, text, sizeof text);
    return text[0] && strcmp(text, "Unknown Error") != 0 ? NULL : "no image, and no reason";
}

static const char *inspect(const struct powerloss_case *one, struct simflash *flash,
                           int is_complete)
{
    const struct reload *r = reload_of(one);
    struct lfs_target target = target_of(one, flash);
    struct lfs_report report;
    static struct lfs_marks marks;
    int status = lfs_mount(&target, &marks, &report);
    if (!is_untouched_outside(flash, &target.partition))
        return "flash outside the partition changed";
    if (status != STATUS_OK)
        return is_complete ? "a whole reload is not mounted" : inspect_absent(status, &report);
    uint32_t off = target.partition.off;
    if (lfs_numbers_lie(&r->new, off, flash->cells) ||
        (!is_complete && lfs_numbers_lie(&r->old, off, flash->cells)))
        return NULL;
    return "what is mounted is neither the old image nor the new one";
}

// ---- cases ----

// Erases while the first word is sound, so that a cut leaves a mix behind.
static int write_unsafe(const struct lfs_target *target, const struct lfs_work *new,
                        uint32_t image_bytes, struct lfs_report *report)
{
    uint32_t off = target->partition.off;
    (void)report;
    if (flash_erase(target->device, off, image_bytes) != STATUS_OK ||
        flash_program(target->device, off + 4, new->image + 1, image_bytes - 4) != STATUS_OK)
        return STATUS_IO;
    return flash_program(target->device, off, new->image, 4);
}

// Completes the first word before the last of the numbers: a cut leaves some of them out.
static int write_numbers_last(const struct lfs_target *target, const struct lfs_work *new,
                              uint32_t image_bytes, struct lfs_report *report)
{
    static uint32_t first_pass[LFS_NUMBERS_BYTES_MAX / 4];
    uint32_t off = target->partition.off;
    (void)report;
    memcpy(first_pass, new->image, image_bytes);
    for (uint32_t i = 0; i < image_bytes / 4; i++)
        if ((new->image[i] & 0xFFF00000) == 0x3FF00000) // high word of a number
            first_pass[i] = 0xFFFFFFFF;
    if (flash_erase(target->device, off, image_bytes) != STATUS_OK ||
        flash_program(target->device, off, first_pass, image_bytes) != STATUS_OK)
        return STATUS_IO;
    return flash_program(target->device, off, new->image, image_bytes);
}

// As node.LFS.reload does: from a file, through a window.
static int write_streamed(const struct lfs_target *target, const struct lfs_work *new,
                          uint32_t image_bytes, struct lfs_report *report)
{
    static uint8_t bytes[IMAGE_FILE_BYTES_MAX];
    static uint32_t words[LFS_NUMBERS_BYTES_MAX / 4 * 33 / 32];
    memcpy(words, new->image, image_bytes); // absolute inside gzip: nothing to relocate
    memset(words + image_bytes / 4, 0, 4 * LFS_BITMAP_WORDS(image_bytes / 4));
    struct image_file in = {.bytes = bytes};
    in.count = image_file_pack(words, image_bytes + 4 * LFS_BITMAP_WORDS(image_bytes / 4), bytes);
    struct lfs_file file = image_file_open(&in);
    struct lfs_reload reload = {.target = *target, .file = &file, .room = image_file_room()};
    if (lfs_reload_check(&reload, report) != STATUS_OK)
        return STATUS_DAMAGED;
    return lfs_reload_write(&reload, &work.marks, report);
}

#define SMALL(first)                                                                               \
    {                                                                                              \
        8, first, 0                                                                                \
    }
#define LARGE(first)                                                                               \
    {                                                                                              \
        240, first, 0                                                                              \
    }
#define REAL(first)                                                                                \
    {                                                                                              \
        5500, first, 0                                                                             \
    }

static const struct reload first_image = {{0}, SMALL(1), lfs_write};
static const struct reload small_by_small = {SMALL(1), SMALL(2), lfs_write};
static const struct reload small_by_large = {SMALL(1), LARGE(2), lfs_write};
static const struct reload large_by_small = {LARGE(1), SMALL(2), lfs_write};
static const struct reload large_by_large = {LARGE(1), LARGE(2), lfs_write};
static const struct reload absolute_image = {{8, 1, LFS_ABSOLUTE}, SMALL(2), lfs_write};
static const struct reload unfinished_image = {{200, 1, LFS_WRITING}, SMALL(2), lfs_write};
static const struct reload streamed_small = {SMALL(1), SMALL(2), write_streamed};
static const struct reload streamed_large = {LARGE(1), LARGE(2), write_streamed};
static const struct reload streamed_larger = {SMALL(1), LARGE(2), write_streamed};
static const struct reload real_streamed = {REAL(1), REAL(2), write_streamed};
static const struct reload real_first = {{0}, REAL(2), write_streamed};
static const struct reload erase_first = {LARGE(1), SMALL(2), write_unsafe};
static const struct reload numbers_last = {{0}, {60, 2, 0}, write_numbers_last};

#define REAL_CASE(name, cached)                                                                    \
    {                                                                                              \
#name, REAL_BYTES, cached, &name, prepare, reload, reload, inspect, 1, 0                   \
    }
#define CASE(name, cached, must_fail)                                                              \
    {                                                                                              \
#name, SMALL_BYTES, cached, &name, prepare, reload, reload, inspect, 0, must_fail          \
    }

static const struct powerloss_case cases[] = {
    CASE(first_image, 0, 0),      CASE(small_by_small, 8, 0),  CASE(small_by_large, 4, 0),
    CASE(large_by_small, 4, 0),   CASE(large_by_large, 0, 0),  CASE(absolute_image, 0, 0),
    CASE(unfinished_image, 0, 0), CASE(erase_first, 0, 1),     CASE(numbers_last, 0, 1),
    CASE(streamed_small, 8, 0),   CASE(streamed_large, 4, 0),  CASE(streamed_larger, 0, 0),
    REAL_CASE(real_first, 0),     REAL_CASE(real_streamed, 4),
};

int main(int argc, char **argv)
{
    return powerloss_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
