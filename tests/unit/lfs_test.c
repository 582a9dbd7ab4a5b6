// lfs_test.c: does runtime/flash take sound images, and only those, and survive a cut anywhere?
//
// The device is memory with a switch that fails the n-th access; golden images come from the
// firmware's own compiler.

#include "runtime/flash/lfs.h"
#include "runtime/flash/lfs_image_view.h"
#include "tests/support/tap.h"

#define GOLDEN "tests/nodemcu/golden/"
#define APP_REL GOLDEN "lfs-float/app.rel.img"
#define APP_ABS GOLDEN "lfs-float/app.abs-40290000.img"
#define SMALL_REL GOLDEN "ledger/lfs-float/ledger.rel.img"
#define INTEGER_REL GOLDEN "lfs-integer/app.rel.img"
#define BASE (WINDOW_ADDR + LFS_DEFAULT_OFFSET)

// ---- a device that can fail ----

static uint32_t cells[WINDOW_BYTES / 4];
static long accesses_left = -1; // until the power goes; -1: never

static int power_fails(void)
{
    return accesses_left >= 0 && accesses_left-- == 0;
}

static int memory_read(struct flash_device *device, uint32_t off, void *data, uint32_t bytes)
{
    memcpy(data, (const uint8_t *)device->context + off, bytes);
    return STATUS_OK;
}

// A cut leaves some of the bits of its word programmed and all words after it untouched.
static int memory_program(struct flash_device *device, uint32_t off, const void *data,
                          uint32_t bytes)
{
    uint32_t *at = (uint32_t *)device->context + off / 4;
    for (uint32_t i = 0; i < bytes / 4; i++) {
        uint32_t word;
        memcpy(&word, (const uint8_t *)data + 4 * i, 4);
        if (power_fails()) {
            at[i] &= word | 0x0F0F0F0F;
            accesses_left = 0;
            return STATUS_IO;
        }
        at[i] &= word;
    }
    return STATUS_OK;
}

static int memory_erase(struct flash_device *device, uint32_t off)
{
    uint8_t *at = (uint8_t *)device->context + off;
    int is_cut = power_fails();
    memset(at, 0xFF, is_cut ? FLASH_SECTOR_BYTES / 2 : FLASH_SECTOR_BYTES);
    if (is_cut)
        accesses_left = 0;
    return is_cut ? STATUS_IO : STATUS_OK;
}

static const struct flash_driver memory_driver = {memory_read, memory_program, memory_erase};
static struct flash_device memory = {
    .driver = &memory_driver,
    .context = cells,
    .bytes = sizeof cells,
    .window = (const uint8_t *)cells,
    .window_bytes = sizeof cells,
};

static struct lfs_target target = {
    .device = &memory,
    .partition = {LFS_DEFAULT_OFFSET, LFS_DEFAULT_BYTES},
};

// ---- input from memory ----

struct bytes_input {
    const uint8_t *at;
    size_t left;
};

static long read_bytes(void *context, void *data, uint32_t bytes)
{
    struct bytes_input *in = context;
    size_t count = bytes < in->left ? bytes : in->left;
    memcpy(data, in->at, count);
    in->at += count;
    in->left -= count;
    return (long)count;
}

static int prepare(const uint8_t *data, size_t bytes, unsigned flags, uint32_t *image_bytes,
                   struct lfs_report *report)
{
    struct bytes_input in = {data, bytes};
    return lfs_prepare(&target, read_bytes, &in, (uint32_t)bytes, flags, lfs_port_work(),
                       image_bytes, report);
}

static const char *prepare_text(const uint8_t *data, size_t bytes, unsigned flags)
{
    static char text[LFS_MESSAGE_BYTES];
    struct lfs_report report;
    uint32_t image_bytes = 0;
    if (prepare(data, bytes, flags, &image_bytes, &report) == STATUS_OK)
        return "ok";
    lfs_report_text(&report, text, sizeof text);
    return text;
}

static const char *file_text(const char *path, unsigned flags)
{
    size_t bytes;
    uint8_t *data = test_read_file(path, &bytes);
    const char *text = prepare_text(data, bytes, flags);
    free(data);
    return text;
}

// The unpacked and relocated image of a golden file, in memory of exactly its size.
static uint8_t *load_image(const char *path, uint32_t *image_bytes)
{
    size_t bytes;
    uint8_t *data = test_read_file(path, &bytes);
    struct lfs_report report;
    CHECK_EQUAL(prepare(data, bytes, LFS_TAKE_PLAIN, image_bytes, &report), STATUS_OK);
    free(data);
    uint8_t *image = malloc(*image_bytes);
    memcpy(image, lfs_port_work()->image, *image_bytes);
    return image;
}

static int check_image(const uint8_t *image, uint32_t bytes, struct lfs_report *report)
{
    static struct lfs_marks marks;
    return lfs_check(image, bytes, BASE, NULL, NULL, &marks, report);
}

static uint32_t word_at(const uint8_t *image, uint32_t off)
{
    uint32_t word;
    memcpy(&word, image + off, 4);
    return word;
}

static void set_word(uint8_t *image, uint32_t off, uint32_t word)
{
    memcpy(image + off, &word, 4);
}

// ---- sound images ----

TEST(relocated_image_is_the_absolute_one)
{
    uint32_t rel_bytes = 0, abs_bytes = 0;
    uint8_t *rel = load_image(APP_REL, &rel_bytes);
    uint8_t *absolute = load_image(APP_ABS, &abs_bytes);
    CHECK_EQUAL(rel_bytes, 102324);
    CHECK_EQUAL(abs_bytes, rel_bytes);
    CHECK_EQUAL(word_at(absolute, 0), 0xFAFAA155);
    CHECK_EQUAL(word_at(rel, 0), 0xFAFAA154);
    CHECK(memcmp(rel + 4, absolute + 4, rel_bytes - 4) == 0);
    free(rel);
    free(absolute);
}

TEST(written_image_is_mounted_in_place)
{
    struct lfs_report report;
    uint32_t bytes = 0;
    free(load_image(APP_REL, &bytes));
    memset(cells, 0xFF, sizeof cells);
    CHECK_EQUAL(lfs_mount(&target, &lfs_port_work()->marks, &report), STATUS_NOT_FOUND);
    CHECK_EQUAL(flash_regions.count, 0);
    free(load_image(APP_REL, &bytes));
    CHECK_EQUAL(lfs_write(&target, lfs_port_work(), bytes, &report), STATUS_OK);
    CHECK_EQUAL(lfs_mount(&target, &lfs_port_work()->marks, &report), STATUS_OK);
    const struct flash_region *lfs = flash_region_find(REGION_LFS);
    CHECK(lfs && lfs == flash_regions.items);
    CHECK_EQUAL(lfs->begin, BASE);
    CHECK_EQUAL(lfs->end, BASE + bytes);
    CHECK_EQUAL(lfs->slots_addr, BASE + 32);
    CHECK_EQUAL(lfs->slot_count, 1024);
    CHECK_EQUAL(lfs->string_count, 811);
    CHECK_EQUAL(lfs->index_addr, BASE + bytes - 72);
    CHECK_EQUAL(cells[LFS_DEFAULT_OFFSET / 4], 0xFAFAA154);
    CHECK_EQUAL(cells[LFS_DEFAULT_OFFSET / 4 - 1], 0xFFFFFFFF);
    lfs_unmount();
    CHECK(!flash_region_find(REGION_LFS));
}

// ---- refused images: the firmware's words ----

TEST(refusals_have_the_firmware_s_words)
{
    CHECK_TEXT(file_text(APP_REL, 0), "ok");
    CHECK_TEXT(file_text(INTEGER_REL, 0), "Incorrect LFS build type");
    CHECK_TEXT(file_text(GOLDEN "lfs-integer/app.abs-40290000.img", LFS_TAKE_PLAIN),
               "Incorrect LFS build type");
    CHECK_TEXT(file_text(APP_ABS, 0), "read error on LFS image file");
    CHECK_TEXT(file_text(APP_ABS, LFS_TAKE_PLAIN), "ok");
    CHECK_TEXT(file_text(GOLDEN "lc-float/arith.lc", 0), "read error on LFS image file");
    CHECK_TEXT(prepare_text((const uint8_t *)"", 0, 0), "read error on LFS image file");

    struct lfs_target whole = target;
    target.partition.bytes = 0x18000;
    CHECK_TEXT(file_text(APP_REL, 0), "LFS Image too big for configured LFS region");
    target.partition.bytes = 0;
    CHECK_TEXT(file_text(APP_REL, 0), "No LFS partition allocated");
    target = whole;
    target.partition.off += 0x10000;
    CHECK_TEXT(file_text(APP_ABS, LFS_TAKE_PLAIN),
               "LFS image is for address 0x40290000, the LFS region is at 0x402a0000");
    CHECK_TEXT(file_text(APP_REL, 0), "ok");
    target = whole;
}

TEST(header_faults_have_the_firmware_s_words)
{
    size_t bytes;
    uint8_t *image = test_read_file(APP_ABS, &bytes);
    set_word(image, 0, 0xFAFAA255);
    CHECK_TEXT(prepare_text(image, bytes, LFS_TAKE_PLAIN), "Incorrect LFS header version");
    set_word(image, 0, 0xFAFAA151);
    CHECK_TEXT(prepare_text(image, bytes, LFS_TAKE_PLAIN), "Incorrect LFS build type");
    set_word(image, 0, 0xFAFAA15D);
    CHECK_TEXT(prepare_text(image, bytes, LFS_TAKE_PLAIN), "incorrect LFS header signature");
    set_word(image, 0, 0xFAFAA155);
    set_word(image, 4, (uint32_t)bytes - 4);
    CHECK_TEXT(prepare_text(image, bytes, LFS_TAKE_PLAIN), "LFS length mismatch");
    set_word(image, 4, LFS_DEFAULT_BYTES + 4);
    CHECK_TEXT(prepare_text(image, bytes, LFS_TAKE_PLAIN),
               "LFS Image too big for configured LFS region");
    free(image);
}

TEST(damaged_gzip_is_refused)
{
    size_t bytes;
    uint8_t *data = test_read_file(APP_REL, &bytes);
    data[bytes - 8] ^= 1;
    CHECK_TEXT(prepare_text(data, bytes, 0), "checksum error on LFS image file");
    data[bytes - 8] ^= 1;
    data[bytes - 4] ^= 1;
    CHECK_TEXT(prepare_text(data, bytes, 0), "LFS length mismatch");
    free(data);
}

// Fixed Huffman block made by hand: literals a, b, then one match.
static uint32_t make_member(uint8_t *out, uint32_t distance_code)
{
    static const uint8_t head[10] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 3};
    memcpy(out, head, sizeof head);
    memset(out + 10, 0, 16);
    uint32_t at = 80;
    const struct {
        uint32_t code;
        int bits; // sent with the highest bit first
    } parts[] = {{1, 1},          {2, 2} /* reversed 01 */, {0x30 + 'a', 8},
                 {0x30 + 'b', 8}, {1, 7} /* length 3 */,    {distance_code, 5},
                 {0, 7} /* end */};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (int bit = parts[i].bits - 1; bit >= 0; bit--, at++)
            out[at / 8] |= (uint8_t)((parts[i].code >> bit & 1) << (at % 8));
    return (at + 7) / 8;
}

TEST(inflater_has_the_firmware_s_limits)
{
    uint8_t member[64], out[64];
    uint32_t count = 0;
    uint32_t bytes = make_member(member, 0); // distance 1: bbb
    uint32_t crc = inflate_crc(0, "abbbb", 5);
    for (int i = 0; i < 4; i++) {
        member[bytes + (uint32_t)i] = (uint8_t)(crc >> 8 * i);
        member[bytes + 4 + (uint32_t)i] = i == 0 ? 5 : 0;
    }
    struct bytes_input in = {member, bytes + 8};
    CHECK_EQUAL(inflate_gzip(read_bytes, &in, out, sizeof out, &count), INFLATE_DONE);
    CHECK_EQUAL(count, 5);
    CHECK(memcmp(out, "abbbb", 5) == 0);
    in = (struct bytes_input){member, bytes + 8};
    CHECK_EQUAL(inflate_gzip(read_bytes, &in, out, 4, &count), INFLATE_FULL);
    bytes = make_member(member, 1); // distance 2 reaches output byte 0: legal, but not for us
    in = (struct bytes_input){member, bytes};
    CHECK_EQUAL(inflate_gzip(read_bytes, &in, out, sizeof out, &count), INFLATE_DICTIONARY);
}

// ---- truncations ----

// Without a header nothing can be read; with one, the last word of what is left is another length.
static int is_refused_as_cut(const char *text)
{
    return strcmp(text, "read error on LFS image file") == 0 ||
           strcmp(text, "LFS length mismatch") == 0;
}

TEST(every_truncation_of_a_relocatable_image_is_refused)
{
    size_t bytes;
    uint8_t *data = test_read_file(SMALL_REL, &bytes);
    CHECK_TEXT(prepare_text(data, bytes, 0), "ok");
    for (size_t cut = 0; cut < bytes; cut += TEST_STEP(5)) {
        uint8_t *part = malloc(cut ? cut : 1);
        memcpy(part, data, cut);
        CHECK(is_refused_as_cut(prepare_text(part, cut, 0)));
        free(part);
    }
    free(data);
}

TEST(truncations_of_the_large_relocatable_image_are_refused)
{
    size_t bytes;
    uint8_t *data = test_read_file(APP_REL, &bytes);
    for (size_t cut = test_seed() % 61; cut < bytes;
         cut += cut + 200 < bytes ? 61 * TEST_STEP(5) : 1)
        CHECK(is_refused_as_cut(prepare_text(data, cut, 0)));
    free(data);
}

TEST(every_truncation_of_an_absolute_image_is_refused)
{
    size_t bytes;
    uint8_t *data = test_read_file(APP_ABS, &bytes);
    for (size_t cut = 0; cut < bytes; cut += TEST_STEP(5)) {
        const char *text = prepare_text(data, cut, LFS_TAKE_PLAIN);
        CHECK(strcmp(text, cut <= 200 ? "read error on LFS image file" : "LFS length mismatch") ==
              0);
    }
    free(data);
}

// ---- flips ----

// A flip may turn a match into another one with the same characters, or hit a byte of the gzip
// header that means nothing; what is accepted must be the same image.
TEST(flips_in_the_file_do_not_crash)
{
    size_t bytes;
    uint32_t image_bytes = 0;
    uint64_t random = test_seed() * 2 + 1;
    uint8_t *image = load_image(SMALL_REL, &image_bytes);
    uint8_t *data = test_read_file(SMALL_REL, &bytes);
    int accepted = 0;
    for (size_t at = 0; at < bytes; at += TEST_STEP(5)) {
        uint8_t flip = (uint8_t)(1u << (test_random(&random) & 7));
        data[at] ^= flip;
        if (strcmp(prepare_text(data, bytes, 0), "ok") == 0) {
            CHECK(memcmp(lfs_port_work()->image, image, image_bytes) == 0);
            accepted++;
        }
        data[at] ^= flip;
    }
    free(data);
    free(image);
    CHECK(accepted < 100);
    printf("# %d of %zu flips in the gzip file accepted\n", accepted, bytes / TEST_STEP(5));
}

TEST(flips_in_the_image_do_not_crash)
{
    struct lfs_report report;
    uint32_t bytes = 0;
    uint64_t random = test_seed() * 2 + 1;
    uint8_t *image = load_image(SMALL_REL, &bytes);
    uint32_t accepted = 0;
    for (uint32_t at = 0; at < bytes; at += (uint32_t)TEST_STEP(5)) {
        uint8_t flip = (uint8_t)(1u << (test_random(&random) & 7));
        image[at] ^= flip;
        accepted += check_image(image, bytes, &report) == STATUS_OK;
        image[at] ^= flip;
    }
    CHECK_EQUAL(check_image(image, bytes, &report), STATUS_OK);
    free(image);
    // Numbers, instructions (no verifier here), padding and line deltas can change unseen.
    CHECK(accepted < bytes / TEST_STEP(5) / 2);
    printf("# %u of %u flips in the image accepted without bytecode verifier\n", (unsigned)accepted,
           (unsigned)(bytes / TEST_STEP(5)));
}

TEST(flips_in_pointers_of_the_large_image_are_refused)
{
    struct lfs_report report;
    uint32_t bytes = 0, tried = 0;
    uint64_t random = test_seed() * 2 + 1;
    uint8_t *image = load_image(APP_REL, &bytes);
    const uint32_t *bitmap = lfs_port_work()->image + bytes / 4; // still after the image
    for (uint32_t i = 0; i < bytes / 4; i++) {
        if (!(bitmap[i / 32] >> (i % 32) & 1) || test_random(&random) % 3)
            continue;
        uint32_t word = word_at(image, 4 * i);
        set_word(image, 4 * i, word ^ 1u << (test_random(&random) % 32));
        // A low bit can lead a chain of the table or a vector to something of the same kind.
        int status = check_image(image, bytes, &report);
        CHECK(status != STATUS_OK || (word ^ word_at(image, 4 * i)) < 0x20000);
        set_word(image, 4 * i, word);
        tried++;
    }
    CHECK(tried > 500);
    printf("# %u pointers\n", (unsigned)tried);
    free(image);
}

// ---- damage made by hand ----

static void check_damage(uint8_t *image, uint32_t bytes, const char *what)
{
    struct lfs_report report;
    CHECK_EQUAL(check_image(image, bytes, &report), STATUS_DAMAGED);
    CHECK_TEXT(report.what ? report.what : "", what);
}

TEST(chains_that_loop_are_found)
{
    uint32_t bytes = 0;
    uint8_t *image = load_image(APP_ABS, &bytes);
    uint32_t at = 32;
    while (word_at(image, at) == 0)
        at += 4;
    uint32_t string = word_at(image, at) - BASE;
    uint32_t next = word_at(image, string);
    set_word(image, string, word_at(image, at));
    check_damage(image, bytes, "chain of strings that is a loop or meets another");
    set_word(image, string, next);
    set_word(image, at, 0);
    check_damage(image, bytes, "number of strings");
    free(image);
}

TEST(strings_are_checked)
{
    uint32_t bytes = 0;
    uint8_t *image = load_image(APP_ABS, &bytes);
    uint32_t at = 32;
    while (word_at(image, at) == 0)
        at += 4;
    uint32_t string = word_at(image, at) - BASE, length = word_at(image, string + 12);
    image[string + 16 + length] = 'x';
    check_damage(image, bytes, "string without a NUL");
    image[string + 16 + length] = 0;
    set_word(image, string + 12, bytes);
    check_damage(image, bytes, "string longer than the image");
    set_word(image, string + 12, 0xFFFFFFFF);
    check_damage(image, bytes, "string longer than the image");
    set_word(image, string + 12, length);
    image[string + 5] = 0x41; // a white bit
    check_damage(image, bytes, "string with a wrong tag");
    image[string + 5] = 0x40;
    image[string + 8] ^= 1;
    check_damage(image, bytes, "string with a wrong hash");
    free(image);
}

TEST(functions_that_contain_themselves_are_found)
{
    uint32_t bytes = 0;
    uint8_t *image = load_image(APP_ABS, &bytes);
    uint32_t index = bytes - 72;
    uint32_t vector = word_at(image, index + 16) - BASE;
    uint32_t first = word_at(image, vector);
    set_word(image, vector, BASE + index);
    check_damage(image, bytes, "function that contains itself");
    set_word(image, vector, word_at(image, vector + 4)); // shared: allowed
    struct lfs_report report;
    CHECK_EQUAL(check_image(image, bytes, &report), STATUS_OK);
    set_word(image, vector, first);
    set_word(image, index + 48, 0x40000000);
    check_damage(image, bytes, "pointer to sub-functions");
    free(image);
}

static const char *refuse_third(const struct lfs_function *f, uint32_t *pc)
{
    static int calls;
    const struct lfs_proto *p = f->proto;
    const uint8_t *constants = f->constants;
    CHECK(p->code_count > 0 && (f->code[p->code_count - 1] & 63) == 30);
    for (uint32_t i = 0; i < p->constant_count; i++)
        CHECK(word_at(constants, 12 * i + 8) <= LFS_TAG_STRING);
    for (uint32_t i = 0; i < p->proto_count; i++)
        CHECK(lfs_function_proto(f, i)->upvalue_count <= 60);
    *pc = 2;
    return ++calls == 3 ? "opcode" : NULL;
}

TEST(the_verifier_is_asked_for_every_function)
{
    uint32_t bytes = 0;
    uint8_t *image = load_image(APP_ABS, &bytes);
    static struct lfs_marks marks;
    struct lfs_report report;
    CHECK_EQUAL(lfs_check(image, bytes, BASE, NULL, refuse_third, &marks, &report), STATUS_DAMAGED);
    CHECK_TEXT(report.what, "opcode");
    CHECK_EQUAL(lfs_check(image, bytes, BASE, NULL, refuse_third, &marks, &report), STATUS_OK);
    free(image);
}

// ---- power ----

TEST(a_cut_anywhere_never_mounts_a_part)
{
    struct lfs_report report;
    uint32_t bytes = 0;
    uint8_t *image = load_image(SMALL_REL, &bytes);
    long total = (long)((bytes + FLASH_SECTOR_BYTES - 1) / FLASH_SECTOR_BYTES + 1 + bytes / 4);
    long cuts = 0;
    for (long cut = 0; cut < total; cut += cut < 40 || cut > total - 40 ? 1 : 7, cuts++) {
        memset(cells, 0xFF, sizeof cells);
        memcpy(lfs_port_work()->image, image, bytes);
        accesses_left = -1;
        CHECK_EQUAL(lfs_write(&target, lfs_port_work(), bytes, &report), STATUS_OK);
        accesses_left = cut; // the second write is cut
        CHECK_EQUAL(lfs_write(&target, lfs_port_work(), bytes, &report), STATUS_IO);
        CHECK_EQUAL(report.fault, LFS_FAULT_WRITE);
        accesses_left = -1;
        int status = lfs_mount(&target, &lfs_port_work()->marks, &report);
        // A cut in the very first erase leaves the first half of a sector erased.
        CHECK(status != STATUS_OK);
        CHECK_EQUAL(flash_regions.count, 0);
        memcpy(lfs_port_work()->image, image, bytes);
        CHECK_EQUAL(lfs_write(&target, lfs_port_work(), bytes, &report), STATUS_OK);
        CHECK_EQUAL(lfs_mount(&target, &lfs_port_work()->marks, &report), STATUS_OK);
    }
    CHECK(cuts > 100);
    printf("# %ld cuts\n", cuts);
    free(image);
}

TEST(damage_in_flash_has_the_firmware_s_words)
{
    struct lfs_report report;
    char text[LFS_MESSAGE_BYTES];
    uint32_t *lfs = cells + LFS_DEFAULT_OFFSET / 4;
    memset(cells, 0xFF, sizeof cells);
    lfs[0] = 0xFAFAA15C;
    CHECK_EQUAL(lfs_mount(&target, &lfs_port_work()->marks, &report), STATUS_VERSION);
    lfs_mount_text(&report, text, sizeof text);
    CHECK_TEXT(text, "Flash sig not correct: 0xfafaa15c vs 0xfafaa154");
    size_t bytes;
    uint8_t *data = test_read_file(APP_ABS, &bytes);
    memcpy(lfs, data, bytes);
    lfs[2] += 0x10000; // index function as of an image for another address
    CHECK_EQUAL(lfs_mount(&target, &lfs_port_work()->marks, &report), STATUS_DAMAGED);
    lfs_mount_text(&report, text, sizeof text);
    CHECK(strncmp(text, "Flash size check failed: 0x40290020 vs 0xFFFFFFFF or ", 53) == 0);
    CHECK_EQUAL(flash_regions.count, 0);
    lfs[2] -= 0x10000;
    lfs[5] = 3;
    CHECK_EQUAL(lfs_mount(&target, &lfs_port_work()->marks, &report), STATUS_DAMAGED);
    lfs_mount_text(&report, text, sizeof text);
    CHECK_TEXT(text, "LFS image damaged: number of string slots at byte 20");
    free(data);
}

// ---- device and partitions ----

TEST(programming_sets_no_bit)
{
    uint32_t word = 0x12345678, other = 0xFFFF0000;
    memset(cells, 0xFF, FLASH_SECTOR_BYTES);
    CHECK_EQUAL(flash_program(&memory, 8, &word, 4), STATUS_OK);
    CHECK_EQUAL(flash_program(&memory, 8, &other, 4), STATUS_IO);
    CHECK_EQUAL(cells[2], 0x12340000);
    CHECK_EQUAL(flash_program(&memory, 9, &word, 4), STATUS_USAGE);
    CHECK_EQUAL(flash_program(&memory, sizeof cells, &word, 4), STATUS_USAGE);
    CHECK_EQUAL(flash_erase(&memory, 8, 4), STATUS_USAGE);
    CHECK_EQUAL(flash_erase(&memory, 0, 1), STATUS_OK);
    CHECK_EQUAL(cells[2], 0xFFFFFFFF);
    CHECK(flash_in_place(&memory, sizeof cells - 4, 8) == NULL);
    CHECK(flash_in_place(&memory, 4, 4) == (const uint8_t *)(cells + 1));
}

TEST(partitions_do_not_overlap)
{
    struct flash_layout layout;
    enum flash_partition_id which;
    partitions_init(&layout, 0x400000);
    CHECK_EQUAL(partitions_check(&layout, 0x400000, &which), STATUS_OK);
    CHECK_EQUAL(partitions_addr(&layout.parts[PARTITION_LFS]), BASE);
    CHECK_EQUAL(partitions_set(&layout, 0x400000, PARTITION_LFS, 0x80000, 0x10000), STATUS_USAGE);
    CHECK_EQUAL(partitions_set(&layout, 0x400000, PARTITION_LFS, 0x90100, 0x10000), STATUS_USAGE);
    CHECK_EQUAL(partitions_set(&layout, 0x400000, PARTITION_LFS, 0x90000, 0x10000), STATUS_OK);
    CHECK_EQUAL(layout.parts[PARTITION_LFS].bytes, 0x10000);
    partitions_init(&layout, 0x100000);
    CHECK_EQUAL(layout.parts[PARTITION_STORE].off, 0xF0000);
    CHECK_EQUAL(layout.parts[PARTITION_STORE].bytes, 0xB000); // behind it the SDK's own data
    CHECK_EQUAL(partitions_check(&layout, 0x100000, &which), STATUS_OK);
}

TEST(parts_are_laid_out_by_their_sizes)
{
    struct flash_layout layout;
    enum flash_partition_id which;
    struct flash_sizes sizes = flash_sizes_default;
    const struct flash_partition *parts = layout.parts;
    CHECK_EQUAL(partitions_plan(&layout, 0x400000, &sizes), STATUS_OK);
    CHECK_EQUAL(parts[PARTITION_LFS].off, 0x90000);
    CHECK_EQUAL(parts[PARTITION_LFS_SECOND].off, 0xB0000);
    CHECK_EQUAL(parts[PARTITION_LFS_DEVS].off, 0xD0000);
    CHECK_EQUAL(parts[PARTITION_FREEZER].bytes, 0x10000);
    CHECK_EQUAL(parts[PARTITION_STORE].off, 0xF0000); // 64 KB of it in the window
    CHECK_EQUAL(parts[PARTITION_STORE].off + parts[PARTITION_STORE].bytes, 0x3FB000);
    sizes.lfs = 94 * 1024; // rounded up as the firmware does
    CHECK_EQUAL(partitions_plan(&layout, 0x400000, &sizes), STATUS_OK);
    CHECK_EQUAL(parts[PARTITION_LFS].bytes, 0x18000);
    CHECK_EQUAL(parts[PARTITION_LFS_SECOND].bytes, 0x18000);
    CHECK_EQUAL(partitions_check(&layout, 0x400000, &which), STATUS_OK);
    sizes.lfs = 0x40000; // two do not fit
    CHECK_EQUAL(partitions_plan(&layout, 0x400000, &sizes), STATUS_OK);
    CHECK_EQUAL(parts[PARTITION_LFS].bytes, 0x40000);
    CHECK_EQUAL(parts[PARTITION_LFS_SECOND].bytes, 0);
    CHECK_EQUAL(partitions_check(&layout, 0x400000, &which), STATUS_OK);
    sizes.lfs = 0;
    CHECK_EQUAL(partitions_plan(&layout, 0x400000, &sizes), STATUS_OK);
    CHECK_EQUAL(parts[PARTITION_LFS].bytes, 0);
    CHECK_EQUAL(parts[PARTITION_LFS_DEVS].off, 0x90000);
    sizes.freezer = 0x80000;
    CHECK_EQUAL(partitions_plan(&layout, 0x400000, &sizes), STATUS_NO_SPACE);
    sizes = flash_sizes_default;
    sizes.lfs = 0x40001;
    CHECK_EQUAL(partitions_plan(&layout, 0x400000, &sizes), STATUS_NO_SPACE);
}

TEST_MAIN
