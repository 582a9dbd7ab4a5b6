// spiffs_test.c: are images of the firmware's file system read as they are, and written as they
// must be?
//
// Images made by the firmware's own tools and code (tests/nodemcu/golden/spiffs): every file with
// its content, every damage refused. Files of sizes around every limit are written and read back;
// tests/e2e/flash-nodemcu.sh has an independent reader look at what is written.

#include <zlib.h>

#include "analyzer/flash/spiffs_image.h"
#include "tests/support/tap.h"

#define GOLDEN "tests/nodemcu/golden/spiffs/"
#define IMAGE_BYTES_MAX 0x100000u

static struct arena arena;

static uint8_t *read_golden(const char *name, size_t *bytes)
{
    static uint8_t data[IMAGE_BYTES_MAX];
    char path[200];
    snprintf(path, sizeof path, GOLDEN "%s.gz", name);
    gzFile file = gzopen(path, "rb");
    int count = file ? gzread(file, data, sizeof data) : -1;
    if (count <= 0) {
        printf("Bail out! cannot read %s\n", path);
        exit(1);
    }
    gzclose(file);
    *bytes = (size_t)count;
    return data;
}

static int read_image(const uint8_t *bytes, size_t count, struct spiffs_image **image,
                      struct problem *problem)
{
    *problem = (struct problem){0};
    return spiffs_read(&arena, text_of("image"), bytes, count, image, problem);
}

// The rule by which the files of these images were made.
static void make_content(const char *name, uint8_t *data, uint32_t bytes)
{
    uint32_t x = (uint32_t)crc32(0, (const uint8_t *)name, (uInt)strlen(name));
    for (uint32_t i = 0; i < bytes; i++) {
        x = x * 1664525u + 1013904223u;
        data[i] = (uint8_t)(x >> 24);
    }
}

static int has_content(const struct spiffs_image *image, const struct spiffs_file *file,
                       const char *seed)
{
    static uint8_t want[IMAGE_BYTES_MAX];
    struct text got = spiffs_content(&arena, image, file);
    make_content(seed, want, file->bytes);
    return got.bytes == file->bytes && memcmp(got.data, want, got.bytes) == 0;
}

// ---- what others have made ----

static void check_golden(const char *name, uint32_t block, uint32_t files)
{
    struct spiffs_image *image;
    struct problem problem;
    char path[200], line[300];
    size_t bytes;
    snprintf(path, sizeof path, "%s.img", name);
    uint8_t *data = read_golden(path, &bytes);
    CHECK_EQUAL(read_image(data, bytes, &image, &problem), STATUS_OK);
    CHECK_TEXT(problem.message, "");
    CHECK_EQUAL(image->block_bytes, block);
    CHECK_EQUAL(image->file_count, files);
    snprintf(path, sizeof path, GOLDEN "%s.tsv", name);
    FILE *list = fopen(path, "r");
    for (uint32_t i = 0; list && fgets(line, sizeof line, list); i++) {
        char *size = strchr(line, '\t');
        *size++ = 0;
        CHECK(i < image->file_count);
        CHECK_TEXT(image->files[i].name, line);
        CHECK_EQUAL(image->files[i].bytes, strtol(size, NULL, 10));
    }
    CHECK(list != NULL);
    if (list)
        fclose(list);
}

TEST(images_of_the_firmware_are_read)
{
    struct spiffs_image *image;
    struct problem problem;
    size_t bytes;
    check_golden("a-empty-64k-b8k", 8192, 0);
    check_golden("b-three-64k", 4096, 3);
    check_golden("b-three-64k-b8k", 8192, 3);
    check_golden("e-nor-churned-64k", 8192, 5);
    check_golden("f-small-24k", 4096, 3);
    uint8_t *data = read_golden("b-three-64k-b8k.img", &bytes);
    CHECK_EQUAL(read_image(data, bytes, &image, &problem), STATUS_OK);
    CHECK(has_content(image, spiffs_find(image, "data.bin"), "data.bin"));
    CHECK(has_content(image, spiffs_find(image, "http/index.html"), "http/index.html"));
    struct text init = spiffs_content(&arena, image, spiffs_find(image, "init.lua"));
    CHECK_TEXT(init.data, "print('hello from SPIFFS')\n");
    CHECK(!spiffs_find(image, "none"));
    data = read_golden("e-nor-churned-64k.img", &bytes);
    CHECK_EQUAL(read_image(data, bytes, &image, &problem), STATUS_OK);
    CHECK_EQUAL(image->deleted_pages, 72);
    CHECK_EQUAL(image->erases_min, 23);
    CHECK_EQUAL(image->erases_max, 30);
    CHECK(has_content(image, spiffs_find(image, "log0.txt"), "log0.txt#57"));
    CHECK(has_content(image, spiffs_find(image, "config/cfg.json"), "cfg.json"));
}

static uint32_t hex_digit(char c)
{
    return (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

// NAME OFFSET BYTES WHAT ...; `cut` BYTES: that many less at the end.
static void check_damage(char *line)
{
    char *fields[4], *rest = line;
    struct spiffs_image *image;
    struct problem problem;
    size_t bytes;
    for (int i = 0; i < 4; i++)
        fields[i] = strsep(&rest, "\t");
    uint8_t *data = read_golden(fields[0], &bytes);
    if (strcmp(fields[1], "cut") == 0) {
        bytes -= strtoul(fields[2], NULL, 10);
    } else {
        uint8_t *at = data + strtoul(fields[1], NULL, 10);
        for (const char *c = fields[2]; c[0]; c += 2)
            *at++ = (uint8_t)(hex_digit(c[0]) << 4 | hex_digit(c[1]));
    }
    int status = read_image(data, bytes, &image, &problem);
    if (status != STATUS_DAMAGED)
        printf("# %s is not refused\n", fields[3]);
    CHECK_EQUAL(status, STATUS_DAMAGED);
    CHECK(problem.message[0] != 0);
}

TEST(every_damage_is_refused)
{
    char line[400];
    int count = 0;
    FILE *list = fopen(GOLDEN "damage.tsv", "r");
    for (; list && fgets(line, sizeof line, list); count++)
        check_damage(line);
    CHECK(count >= 33);
    if (list)
        fclose(list);
}

// ---- what is written ----

TEST(files_of_all_sizes_are_written)
{
    static const uint32_t sizes[] = {0,     1,     250,   251,   252,   4096,
                                     26354, 26355, 26356, 57479, 57480, 90000};
    static uint8_t data[100000];
    struct spiffs_writer writer;
    struct spiffs_image *image;
    struct problem problem;
    char name[40];
    spiffs_begin(&arena, 0x80000, &writer);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        snprintf(name, sizeof name, "file of %u bytes", (unsigned)sizes[i]);
        make_content(name, data, sizes[i]);
        struct text content = {(const char *)data, sizes[i]};
        CHECK_EQUAL(spiffs_add(&writer, name, content), STATUS_OK);
    }
    CHECK_EQUAL(read_image(writer.bytes, writer.count, &image, &problem), STATUS_OK);
    CHECK_TEXT(problem.message, "");
    CHECK_EQUAL(image->file_count, sizeof sizes / sizeof *sizes);
    CHECK_EQUAL(image->deleted_pages, 0);
    for (uint32_t i = 0; i < image->file_count; i++)
        CHECK(has_content(image, &image->files[i], image->files[i].name));
}

// 64 KB have six blocks of 31 pages for files, three of them for the device to write with.
TEST(a_full_image_refuses_one_more)
{
    static const char page[251] = "x";
    struct spiffs_writer writer;
    struct spiffs_image *image;
    struct problem problem;
    char name[20];
    int count = 0;
    spiffs_begin(&arena, 65536, &writer);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "f%d", i);
        struct text content = {page, sizeof page};
        count += spiffs_add(&writer, name, content) == STATUS_OK;
    }
    CHECK_EQUAL(count, (6 * 31 - 3) / 2);
    CHECK_EQUAL(read_image(writer.bytes, writer.count, &image, &problem), STATUS_OK);
    CHECK_EQUAL(image->file_count, count);
}

// The first file of the example of the format's description, byte for byte.
TEST(the_first_pages_are_those_of_the_firmware)
{
    static const struct text init = TEXT_INIT("print('hello from SPIFFS')\n");
    struct spiffs_writer writer;
    spiffs_begin(&arena, 65536, &writer);
    CHECK_EQUAL(spiffs_add(&writer, "init.lua", init), STATUS_OK);
    CHECK(memcmp(writer.bytes, "\x01\x80\x01\x00\xff\xff", 6) == 0);
    CHECK(memcmp(writer.bytes + 252, "\x21\x04\x00\x00", 4) == 0);
    CHECK(memcmp(writer.bytes + 256,
                 "\x01\x80\x00\x00\xf8\xff\xff\xff\x1b\x00\x00\x00\x01init.lua\0", 22) == 0);
    CHECK(memcmp(writer.bytes + 302, "\x02\x00\xff\xff", 4) == 0);
    CHECK(memcmp(writer.bytes + 512, "\x01\x00\x00\x00\xfcprint", 10) == 0);
}

TEST_MAIN
