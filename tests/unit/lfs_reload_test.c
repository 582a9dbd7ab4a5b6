// lfs_reload_test.c: does a reload through a window take and refuse what a reload with room for the
// whole does, and leave the same flash?

#include "runtime/flash/lfs_reload.h"
#include "tests/support/image_file.h"
#include "tests/support/tap.h"

#define GOLDEN "tests/nodemcu/golden/"
#define APP GOLDEN "lfs-float/app.rel.img"
#define SMALL GOLDEN "ledger/lfs-float/ledger.rel.img"
#define LFS_OFF 0x40000u
#define LFS_BYTES 0x40000u

static uint32_t cells[WINDOW_BYTES / 4];
static uint32_t programs; // words

static int memory_read(struct flash_device *device, uint32_t off, void *data, uint32_t bytes)
{
    memcpy(data, (const uint8_t *)device->context + off, bytes);
    return STATUS_OK;
}

static int memory_program(struct flash_device *device, uint32_t off, const void *data,
                          uint32_t bytes)
{
    uint8_t *at = (uint8_t *)device->context + off;
    for (uint32_t i = 0; i < bytes; i++)
        at[i] &= ((const uint8_t *)data)[i];
    programs += bytes / 4;
    return STATUS_OK;
}

static int memory_erase(struct flash_device *device, uint32_t off)
{
    memset((uint8_t *)device->context + off, 0xFF, FLASH_SECTOR_BYTES);
    return STATUS_OK;
}

static const struct flash_driver driver = {memory_read, memory_program, memory_erase};
static struct flash_device memory = {
    .driver = &driver,
    .context = cells,
    .bytes = sizeof cells,
    .window = (const uint8_t *)cells,
    .window_bytes = sizeof cells,
};
static struct lfs_target target = {.device = &memory, .partition = {LFS_OFF, LFS_BYTES}};
static struct lfs_report report;

static const char *report_text(int status)
{
    static char text[LFS_MESSAGE_BYTES];
    if (status == STATUS_OK)
        return "ok";
    lfs_report_text(&report, text, sizeof text);
    return text;
}

// ---- both ways ----

static const char *prepare_text(const uint8_t *data, size_t bytes, uint32_t *image_bytes)
{
    struct image_file in = {.bytes = data, .count = (uint32_t)bytes};
    return report_text(lfs_prepare(&target, image_file_read, &in, in.count, 0, lfs_port_work(),
                                   image_bytes, &report));
}

static struct image_file input;
static struct lfs_file file;
static struct lfs_reload reload;

static const char *check_text(const uint8_t *data, size_t bytes)
{
    input = (struct image_file){.bytes = data, .count = (uint32_t)bytes};
    file = image_file_open(&input);
    reload = (struct lfs_reload){.target = target, .file = &file, .room = image_file_room()};
    return report_text(lfs_reload_check(&reload, &report));
}

static const char *write_text(void)
{
    return report_text(lfs_reload_write(&reload, lfs_port_marks(), &report));
}

TEST(a_reload_leaves_what_a_flashing_tool_would)
{
    static const char *const images[] = {APP, SMALL};
    static uint32_t wanted[LFS_BYTES / 4];
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        size_t bytes;
        uint32_t image_bytes = 0;
        uint8_t *data = test_read_file(images[i], &bytes);
        memset(cells, 0xFF, sizeof cells);
        CHECK_TEXT(prepare_text(data, bytes, &image_bytes), "ok");
        CHECK_EQUAL(lfs_write(&target, lfs_port_work(), image_bytes, &report), STATUS_OK);
        memcpy(wanted, cells + LFS_OFF / 4, LFS_BYTES);
        memset(cells, 0xFF, sizeof cells);
        memset(cells + LFS_OFF / 4, 0x5A, image_bytes); // an old image of the same size
        CHECK_TEXT(check_text(data, bytes), "ok");
        programs = 0;
        CHECK_TEXT(write_text(), "ok");
        CHECK(memcmp(wanted, cells + LFS_OFF / 4, LFS_BYTES) == 0);
        CHECK_EQUAL(programs, image_bytes / 4 + 2); // its first word has three lives
        CHECK_EQUAL(lfs_mount(&target, lfs_port_marks(), &report), STATUS_OK);
        lfs_unmount();
        free(data);
    }
}

// ---- the first pass ----

TEST(what_the_other_refuses_is_refused_in_the_same_words)
{
    size_t bytes;
    uint32_t image_bytes = 0, refused = 0;
    uint8_t *data = test_read_file(SMALL, &bytes);
    memset(cells, 0x77, sizeof cells);
    for (size_t cut = 0; cut < bytes; cut += 1 + cut / 50) {
        CHECK_TEXT(check_text(data, cut), prepare_text(data, cut, &image_bytes));
        refused++;
    }
    for (size_t at = 0; at < bytes; at += 1 + at / 40) {
        data[at] ^= 0x10;
        char words[LFS_MESSAGE_BYTES];
        snprintf(words, sizeof words, "%s", prepare_text(data, bytes, &image_bytes));
        CHECK_TEXT(check_text(data, bytes), words);
        refused += strcmp(words, "ok") != 0;
        data[at] ^= 0x10;
    }
    CHECK(refused > 300);
    for (size_t i = 0; i < sizeof cells / 4; i++)
        if (cells[i] != 0x77777777) {
            CHECK_EQUAL(cells[i], 0x77777777); // nothing was touched
            break;
        }
    free(data);
}

TEST(limits_of_the_partition_and_the_build)
{
    size_t bytes;
    uint8_t *data = test_read_file(APP, &bytes);
    target.partition.bytes = 0x18000;
    CHECK_TEXT(check_text(data, bytes), "LFS Image too big for configured LFS region");
    CHECK_EQUAL(lfs_bitmap_pages(&target.partition), 2);
    target.partition.bytes = 0;
    CHECK_TEXT(check_text(data, bytes), "No LFS partition allocated");
    target.partition.bytes = LFS_BYTES;
    CHECK_EQUAL(lfs_bitmap_pages(&target.partition), LFS_BITMAP_PAGES);
    free(data);
    data = test_read_file(GOLDEN "lfs-integer/app.rel.img", &bytes);
    CHECK_TEXT(check_text(data, bytes), "Incorrect LFS build type");
    free(data);
}

// ---- the second pass ----

#define NUMBERS 2000u

static uint8_t packed[IMAGE_FILE_BYTES_MAX];

// The image and bitmap of a file of numbers, with one word changed, packed again.
static uint32_t pack_changed(uint32_t word, uint32_t value)
{
    static uint32_t words[IMAGE_FILE_BYTES_MAX / 4];
    const struct lfs_numbers numbers = {NUMBERS, 1, 0};
    uint32_t bytes = image_file_numbers(&numbers, packed), count = 0;
    struct image_file in = {.bytes = packed, .count = bytes};
    CHECK_EQUAL(inflate_gzip(image_file_read, &in, (uint8_t *)words, sizeof words, &count),
                INFLATE_DONE);
    words[word] = value;
    return image_file_pack(words, count, packed);
}

static void fill_old_image(void)
{
    memset(cells, 0xFF, sizeof cells);
    lfs_numbers_make(&(struct lfs_numbers){8, 7, 0}, LFS_OFF, cells + LFS_OFF / 4);
}

static int is_erased(void)
{
    for (uint32_t i = 0; i < LFS_BYTES / 4; i++)
        if (cells[LFS_OFF / 4 + i] != 0xFFFFFFFF)
            return 0;
    return 1;
}

TEST(structure_is_checked_in_flash_before_the_image_counts)
{
    fill_old_image();
    uint32_t bytes = pack_changed(5, 3); // slots
    CHECK_TEXT(check_text(packed, bytes), "ok");
    CHECK_TEXT(write_text(), "LFS image damaged: number of string slots at byte 20");
    CHECK(is_erased());
    fill_old_image();
    bytes = pack_changed(1000, 0xFFFFFFFF); // a number: nothing to see
    CHECK_TEXT(check_text(packed, bytes), "ok");
    CHECK_TEXT(write_text(), "ok");
    bytes = pack_changed(2, 0x7FFFFFFF); // the pointer to the index function
    CHECK(strncmp(check_text(packed, bytes), "LFS image is for address", 24) == 0);
}

TEST(a_pointer_out_of_the_image_is_found_when_it_is_relocated)
{
    fill_old_image();
    uint32_t bytes = pack_changed(9, 0x00100000); // of the string's slot
    CHECK_TEXT(check_text(packed, bytes), "ok");
    const char *text = write_text();
    CHECK(strncmp(text, "LFS image damaged: pointer", 26) == 0);
    CHECK(is_erased());
}

TEST(a_file_that_changes_between_the_passes)
{
    size_t bytes;
    uint8_t *data = test_read_file(SMALL, &bytes);
    fill_old_image();
    CHECK_TEXT(check_text(data, bytes), "ok");
    data[bytes / 2] ^= 0x40;
    CHECK(strcmp(write_text(), "ok") != 0);
    CHECK(is_erased());
    data[bytes / 2] ^= 0x40;
    fill_old_image();
    CHECK_TEXT(check_text(data, bytes), "ok");
    input.reads_left = 3;
    CHECK_TEXT(write_text(), "read error on LFS image file");
    CHECK(is_erased());
    free(data);
}

TEST_MAIN
