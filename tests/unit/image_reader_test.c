// image_reader_test.c: does analyzer/image read what the firmware's compiler wrote, to the byte,
// and refuse the rest with a place?
//
// Figures of the golden images are those of tests/nodemcu/golden/README.md and of lfsread.py.

#include <zlib.h>

#include "analyzer/image/image_reader.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/opcode.h"
#include "tests/support/tap.h"

#define GOLDEN "tests/nodemcu/golden/"
#define BASE 0x40290000u

static const char *const images[] = {
    GOLDEN "lfs-float/app.rel.img",           GOLDEN "lfs-float/app.abs-40290000.img",
    GOLDEN "lfs-integer/app.rel.img",         GOLDEN "lfs-integer/app.abs-40290000.img",
    GOLDEN "ledger/lfs-float/ledger.rel.img",
};

static const char *const chunk_directories[] = {"lc-float", "lc-float-stripped", "lc-integer"};
static const char *const chunk_names[] = {
    "arith", "strings",   "tables", "closures", "control", "metatables", "coroutines", "errors",
    "lines", "bigmodule", "dummy",  "main",     "biglist", "fractions",  "integers"};

static struct arena arena;
static struct problem problem;

static const struct image *read_golden(const char *path)
{
    const struct image *image = NULL;
    problem = (struct problem){0};
    if (image_read_file(&arena, path, NULL, &image, &problem) != STATUS_OK) {
        char line[300];
        problem_print(&problem, line, sizeof line);
        printf("# %s\n", line);
        CHECK(image != NULL);
        exit(1);
    }
    return image;
}

// Reads bytes that stand in memory of exactly their size; the problem stays in `problem`.
static int read_bytes(const uint8_t *bytes, size_t count, const struct image **image)
{
    uint8_t *copy = malloc(count ? count : 1);
    memcpy(copy, bytes, count);
    problem = (struct problem){0};
    struct arena_mark mark = arena_mark(&arena);
    int status = image_read(&arena, text_of("bytes"), copy, count, NULL, image, &problem);
    arena_rewind(&arena, mark);
    free(copy);
    CHECK_EQUAL(status, problem.status);
    CHECK(status == STATUS_OK || problem.message[0] != 0);
    return status;
}

static void check_labels(const struct image *image)
{
    struct image_bytes all, part, sum = {.total = 0};
    image_sum_module(image, IMAGE_ALL, &all);
    CHECK_EQUAL(all.total, image->bytes);
    for (int32_t module = IMAGE_SHARED; module < (int32_t)image->module_count; module++) {
        image_sum_module(image, module, &part);
        sum.total += part.total;
    }
    CHECK_EQUAL(sum.total, image->bytes);
    uint32_t at = 0;
    for (uint32_t i = 0; i < image->span_count; i++) {
        CHECK_EQUAL(image->spans[i].off, at);
        CHECK(image->spans[i].bytes > 0);
        at += image->spans[i].bytes;
    }
    CHECK_EQUAL(at, image->bytes);
    CHECK_EQUAL(all.by_label[IMAGE_UNKNOWN], 0);
}

// ---- images ----

TEST(images_are_read_to_the_byte)
{
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        const struct image *image = read_golden(images[i]);
        check_labels(image);
        CHECK_EQUAL(image->shared_bytes, 0);
    }
}

TEST(float_image_has_the_known_figures)
{
    const struct image *image = read_golden(images[0]);
    CHECK_EQUAL(image->form, IMAGE_RELOCATABLE);
    CHECK_EQUAL(image->file_bytes, 45695);
    CHECK_EQUAL(image->bytes, 102324);
    CHECK_EQUAL(image->module_count, 13);
    CHECK_EQUAL(image->function_count, 274);
    CHECK_EQUAL(image->string_count, 811);
    CHECK_EQUAL(image->slot_count, 1024);
    CHECK_EQUAL(image->build_time_s, 1700000000);
    CHECK_EQUAL(image->value_bytes, 12);
    CHECK(!image->is_integer && image->is_packed);
    CHECK(image->match_distance_max <= LFS_GZIP_WINDOW_BYTES && image->match_distance_max > 0);
    struct image_bytes bytes;
    image_sum_module(image, IMAGE_ALL, &bytes);
    CHECK_EQUAL(bytes.by_label[IMAGE_HEADER], 32);
    CHECK_EQUAL(bytes.by_label[IMAGE_HASH_VECTOR], 4096);
    CHECK_EQUAL(bytes.by_label[IMAGE_STRING_HEADER], 16 * 811);
    CHECK_EQUAL(bytes.by_label[IMAGE_FUNCTIONS], 72 * 274);
    CHECK_EQUAL(bytes.by_label[IMAGE_FUNCTION_VECTORS], 4 * 273);
    CHECK_EQUAL(bytes.by_label[IMAGE_LOCAL_NAMES], 0);
    const struct image *integer = read_golden(images[2]);
    CHECK_EQUAL(integer->bytes, 91272);
    CHECK_EQUAL(integer->function_count, 267);
    CHECK_EQUAL(integer->string_count, 794);
    CHECK(integer->is_integer && !integer->is_packed);
}

TEST(absolute_and_relocatable_image_are_the_same_model)
{
    const struct image *rel = read_golden(images[0]), *absolute = read_golden(images[1]);
    CHECK_EQUAL(absolute->form, IMAGE_ABSOLUTE);
    CHECK_EQUAL(absolute->base_addr, BASE);
    CHECK_EQUAL(rel->base_addr, 0);
    CHECK_EQUAL(absolute->span_count, rel->span_count);
    for (uint32_t i = 0; i < rel->span_count && i < absolute->span_count; i++)
        CHECK(memcmp(&rel->spans[i], &absolute->spans[i], sizeof *rel->spans) == 0);
    for (uint32_t i = 0; i < rel->string_count; i++)
        CHECK(text_is_equal(rel->strings[i].text, absolute->strings[i].text));
}

TEST(modules_functions_and_strings_are_linked)
{
    const struct image *image = read_golden(images[0]);
    int32_t module = image_find_module(image, text_of("errors"));
    CHECK(module != IMAGE_NONE);
    CHECK_EQUAL(image_find_module(image, text_of("nothing")), IMAGE_NONE);
    const struct image_function *main = &image->functions[image->modules[module].function];
    char name[64];
    image_function_name(image, image->modules[module].function, name, sizeof name);
    CHECK_TEXT(name, "errors.lua main");
    CHECK_EQUAL(main->parent, image->main);
    CHECK_EQUAL(main->line_defined, 0);
    CHECK(main->function_count > 0);
    const struct image_function *inner = &image->functions[main->functions[0]];
    CHECK_EQUAL(inner->module, module);
    CHECK_EQUAL(inner->depth, 2);
    CHECK(image_function_line(inner, 0) >= inner->line_defined);
    CHECK(image_function_line(inner, inner->code_count - 1) <= inner->line_last_defined);
    CHECK_EQUAL(image_function_line(inner, inner->code_count), 0);
    int32_t string = image_find_string(image, text_of("errors"));
    CHECK(string != IMAGE_NONE && image->strings[string].uses & IMAGE_USE_MODULE);
    int32_t source = image_find_string(image, text_of("@errors.lua"));
    CHECK(source == main->source);
    CHECK_EQUAL(image->strings[source].uses, IMAGE_USE_SOURCE);
    CHECK_EQUAL(image->strings[source].module, module);
    int32_t run = image_find_string(image, text_of("run"));
    CHECK(run != IMAGE_NONE && image->strings[run].module == IMAGE_SHARED);
    CHECK_EQUAL(image_find_string(image, text_of("no such text")), IMAGE_NONE);
    for (uint32_t i = 0; i < image->string_count; i++)
        CHECK(image->strings[i].use_count > 0);
}

TEST(places_are_found_and_described)
{
    const struct image *image = read_golden(images[1]);
    struct image_place place;
    char text[160];
    int32_t source = image_find_string(image, text_of("@arith.lua"));
    uint32_t off = image->strings[source].off;
    CHECK(image_find_addr(image, BASE, BASE + off + 16 + 3, &place));
    CHECK_EQUAL(place.span->string, source);
    CHECK_EQUAL(place.span->label, IMAGE_STRING_TEXT);
    CHECK_EQUAL(place.item, 3);
    image_describe(image, &place, text, sizeof text);
    CHECK_TEXT(text, "string \"@arith.lua\" + 3");
    int32_t module = image_find_module(image, text_of("arith"));
    const struct image_function *main = &image->functions[image->modules[module].function];
    CHECK(image_find_off(image, main->code_off + 4 * 2 + 1, &place));
    CHECK_EQUAL(place.item, 2);
    CHECK_EQUAL(place.item_off, 1);
    image_describe(image, &place, text, sizeof text);
    CHECK(strncmp(text, "code of arith.lua main, instruction 3, line ", 44) == 0);
    const struct image_function *rich = main;
    while (rich->constant_count < 2)
        rich++;
    CHECK(image_find_off(image, rich->constants_off + 12, &place));
    CHECK_EQUAL(place.span->label, IMAGE_CONSTANTS);
    CHECK_EQUAL(place.item, 1);
    CHECK(!image_find_off(image, image->bytes, &place));
    CHECK(!image_find_addr(image, BASE, BASE - 1, &place));
    CHECK(image_find_off(image, 0, &place) && place.span->label == IMAGE_HEADER);
    CHECK(image_find_off(image, 36, &place) && place.item == 1);
    CHECK_EQUAL(image_describe(image, &place, text, 5), 4); // cut, with its NUL
}

// The first module's function takes the place of the second one, too.
TEST(shared_functions_are_counted_once)
{
    size_t bytes;
    uint8_t *data = test_read_file(images[1], &bytes);
    const struct image *plain = read_golden(images[1]), *image = NULL;
    const struct image_function *index = &plain->functions[plain->main];
    memcpy(data + index->functions_off + 4, data + index->functions_off, 4);
    problem = (struct problem){0};
    CHECK_EQUAL(image_read(&arena, text_of("shared"), data, bytes, NULL, &image, &problem),
                STATUS_OK);
    CHECK_EQUAL(image->modules[0].function, image->modules[1].function);
    CHECK(image->function_count < plain->function_count);
    CHECK(image->shared_bytes == 72);
    struct image_bytes sum;
    image_sum_module(image, IMAGE_ALL, &sum);
    CHECK_EQUAL(sum.total, image->bytes);
    CHECK(sum.by_label[IMAGE_UNKNOWN] > 0); // what only the second module had
    int32_t source = image->functions[image->modules[0].function].source;
    CHECK_EQUAL(image->strings[source].module, IMAGE_SHARED);
    free(data);
}

// ---- chunks ----

TEST(chunks_are_read_to_the_byte)
{
    int count = 0;
    for (size_t i = 0; i < sizeof chunk_directories / sizeof *chunk_directories; i++)
        for (size_t k = 0; k < sizeof chunk_names / sizeof *chunk_names; k++) {
            char path[200];
            snprintf(path, sizeof path, GOLDEN "%s/%s.lc", chunk_directories[i], chunk_names[k]);
            if (access(path, R_OK) != 0)
                continue;
            const struct image *image = read_golden(path);
            CHECK_EQUAL(image->form, IMAGE_CHUNK);
            CHECK_EQUAL(image->is_integer, i >= 2);
            CHECK_EQUAL(image->bytes, image->file_bytes);
            CHECK(text_is_equal(image->modules[0].name, text_of(chunk_names[k])));
            check_labels(image);
            struct image_bytes bytes;
            image_sum_module(image, IMAGE_ALL, &bytes);
            CHECK_EQUAL(bytes.by_label[IMAGE_HEADER], 12);
            CHECK_EQUAL(bytes.by_label[IMAGE_FUNCTIONS], 12 * (long long)image->function_count);
            count++;
        }
    CHECK_EQUAL(count, 42);
}

TEST(a_chunk_and_its_module_have_the_same_code)
{
    const struct image *image = read_golden(images[0]);
    const struct image *chunk = read_golden(GOLDEN "lc-float/bigmodule.lc");
    int32_t module = image_find_module(image, text_of("bigmodule"));
    const struct image_function *a = &image->functions[image->modules[module].function];
    const struct image_function *b = &chunk->functions[chunk->main];
    CHECK_EQUAL(a->code_count, b->code_count);
    CHECK(memcmp(a->code, b->code, 4 * (size_t)a->code_count) == 0);
    CHECK(text_is_equal(a->lines, b->lines));
    CHECK_EQUAL(a->constant_count, b->constant_count);
    for (uint32_t i = 0; i < a->constant_count; i++) {
        CHECK_EQUAL(a->constants[i].tag, b->constants[i].tag);
        if (a->constants[i].tag == 4)
            CHECK(text_is_equal(image->strings[a->constants[i].string].text,
                                chunk->strings[b->constants[i].string].text));
    }
}

// ---- truncations ----

static void cut_everywhere(const char *path, size_t step)
{
    size_t bytes;
    uint8_t *data = test_read_file(path, &bytes);
    const struct image *image;
    CHECK_EQUAL(read_bytes(data, bytes, &image), STATUS_OK);
    for (size_t cut = 0; cut < bytes;
         cut += cut < 300 || cut + 300 > bytes ? 1 : step * TEST_STEP(5)) {
        CHECK(read_bytes(data, cut, &image) != STATUS_OK);
        CHECK(problem.off == PROBLEM_NO_OFF || problem.off <= bytes);
    }
    free(data);
}

TEST(every_truncation_of_chunks_is_refused)
{
    cut_everywhere(GOLDEN "lc-float/errors.lc", 1);
    cut_everywhere(GOLDEN "lc-float-stripped/closures.lc", 1);
    cut_everywhere(GOLDEN "lc-integer/arith.lc", 1);
}

TEST(every_truncation_of_images_is_refused)
{
    cut_everywhere(images[4], 1);
    cut_everywhere(images[0], 23);
    cut_everywhere(images[1], 1);
    cut_everywhere(images[3], 7);
}

// ---- flips ----

TEST(flips_in_chunks_do_not_crash)
{
    uint64_t random = test_seed() * 2 + 1;
    static const char *const paths[] = {GOLDEN "lc-float/errors.lc", GOLDEN "lc-float/lines.lc",
                                        GOLDEN "lc-integer/metatables.lc"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        size_t bytes, refused = 0;
        const struct image *image;
        uint8_t *data = test_read_file(paths[i], &bytes);
        for (size_t at = 0; at < bytes; at += TEST_STEP(5)) {
            uint8_t flip = (uint8_t)(1u << (test_random(&random) & 7));
            data[at] ^= flip;
            refused += read_bytes(data, bytes, &image) != STATUS_OK;
            data[at] ^= flip;
        }
        printf("# %s: %zu of %zu flips refused\n", paths[i], refused, bytes / TEST_STEP(5));
        CHECK(refused > bytes / TEST_STEP(5) / 8);
        free(data);
    }
}

// The unpacked bytes of a relocatable image: image and bitmap.
static uint8_t *unpack(const char *path, size_t *bytes)
{
    size_t count;
    uint8_t *packed = test_read_file(path, &count);
    *bytes = packed[count - 4] | packed[count - 3] << 8 | packed[count - 2] << 16;
    uint8_t *data = malloc(*bytes);
    z_stream z = {
        .next_in = packed, .avail_in = (uInt)count, .next_out = data, .avail_out = (uInt)*bytes};
    CHECK_EQUAL(inflateInit2(&z, 31), Z_OK);
    CHECK_EQUAL(inflate(&z, Z_FINISH), Z_STREAM_END);
    inflateEnd(&z);
    free(packed);
    return data;
}

TEST(flips_inside_an_unpacked_image_do_not_crash)
{
    uint64_t random = test_seed() * 2 + 1;
    size_t bytes, refused = 0;
    const struct image *image;
    uint8_t *data = unpack(images[4], &bytes);
    CHECK_EQUAL(read_bytes(data, bytes, &image), STATUS_OK);
    for (size_t at = 0; at < bytes; at += TEST_STEP(5)) {
        uint8_t flip = (uint8_t)(1u << (test_random(&random) & 7));
        data[at] ^= flip;
        refused += read_bytes(data, bytes, &image) != STATUS_OK;
        data[at] ^= flip;
    }
    printf("# %zu of %zu flips refused\n", refused, bytes / TEST_STEP(5));
    CHECK(refused > bytes / TEST_STEP(5) / 2);
    free(data);
}

TEST(every_bit_of_the_bitmap_counts)
{
    size_t bytes;
    const struct image *image;
    uint8_t *data = unpack(images[4], &bytes);
    uint32_t size;
    memcpy(&size, data + 4, 4);
    for (size_t at = size; at < bytes; at++) {
        data[at] ^= 1 << (at & 7);
        CHECK_EQUAL(read_bytes(data, bytes, &image), STATUS_DAMAGED);
        data[at] ^= 1 << (at & 7);
    }
    free(data);
}

// ---- what is refused, and how it is said ----

static void check_problem(const uint8_t *data, size_t bytes, int status, uint64_t off,
                          const char *message)
{
    const struct image *image;
    CHECK_EQUAL(read_bytes(data, bytes, &image), status);
    CHECK_EQUAL(problem.off, off);
    CHECK_TEXT(problem.message, message);
}

TEST(problems_name_place_and_reason)
{
    size_t bytes;
    uint8_t *data = test_read_file(images[1], &bytes);
    check_problem((const uint8_t *)"", 0, STATUS_CUT_OFF, 0, "image is cut off");
    check_problem((const uint8_t *)"local x = 1\n", 12, STATUS_VERSION, 0,
                  "neither an LFS image nor a precompiled chunk");
    data[1] = 0xA2;
    check_problem(data, bytes, STATUS_VERSION, 0, "image of format version 2, not 1");
    data[1] = 0xA1;
    data[0] |= LFS_WRITING;
    check_problem(data, bytes, STATUS_DAMAGED, 0,
                  "the image was not written to its end (word in progress)");
    data[0] &= (uint8_t)~LFS_WRITING;
    data[16]++;
    check_problem(data, bytes, STATUS_DAMAGED, 16, "811 strings, the header says 812");
    data[16]--;
    // The image's own length: whole words, room for the least, no more than there is.
    uint32_t size;
    memcpy(&size, data + 4, 4);
    for (size_t i = 0; i < 3; i++) {
        static const uint32_t wrong[] = {62, 0x40004, 4};
        memcpy(data + 4, &wrong[i], 4);
        check_problem(data, bytes, STATUS_DAMAGED, 4,
                      arena_format(&arena, "image size %u", (unsigned)wrong[i]));
    }
    memcpy(data + 4, &size, 4);
    check_problem(data, size - 1, STATUS_CUT_OFF, size - 1,
                  arena_format(&arena, "image of %u bytes is cut off", (unsigned)size));
    const struct image *image;
    uint8_t *chunk = test_read_file(GOLDEN "lc-float/main.lc", &bytes);
    chunk[4] = 0x53;
    check_problem(chunk, bytes, STATUS_VERSION, 4,
                  "bad header in precompiled chunk (byte is 53, not 51)");
    chunk[4] = 0x51;
    uint8_t *longer = malloc(bytes + 1);
    memcpy(longer, chunk, bytes);
    longer[bytes] = 0;
    check_problem(longer, bytes + 1, STATUS_DAMAGED, bytes, "1 bytes after the chunk");
    struct problem missing = {0};
    CHECK_EQUAL(image_read_file(&arena, GOLDEN "none.img", NULL, &image, &missing),
                STATUS_NOT_FOUND);
    CHECK_TEXT(missing.message, "No such file or directory");
    free(longer);
    free(chunk);
    free(data);
}

// The last value of each count that a function may have, and the first that it may not.
TEST(counts_of_a_function_end_at_their_limits)
{
    static const struct {
        uint32_t place; // of upvalues, parameters, vararg, stack size
        uint8_t last, first_wrong;
    } limits[] = {{0, 60, 61}, {1, 200, 201}, {2, 7, 8}, {3, 250, 251}};
    size_t bytes;
    uint8_t *chunk = test_read_file(GOLDEN "lc-float/main.lc", &bytes);
    uint32_t source_bytes;
    memcpy(&source_bytes, chunk + 12, 4);
    size_t counts = 12 + 4 + source_bytes + 8;
    const struct image *image;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        uint8_t *count = chunk + counts + limits[i].place, *stack_size = chunk + counts + 3;
        uint8_t old_count = *count, old_stack_size = *stack_size;
        *stack_size = 200;
        *count = limits[i].last;
        CHECK_EQUAL(read_bytes(chunk, bytes, &image), STATUS_OK);
        *count = limits[i].first_wrong;
        check_problem(chunk, bytes, STATUS_DAMAGED, counts,
                      "function with counts beyond the limits");
        *stack_size = old_stack_size;
        *count = old_count;
    }
    free(chunk);
}

// Packs unpacked image and bitmap again with a window of 2^bits.
static uint8_t *pack(const uint8_t *data, size_t bytes, int window_bits, size_t *packed_bytes)
{
    size_t room = bytes + 1000;
    uint8_t *packed = malloc(room);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data,
                  .avail_in = (uInt)bytes,
                  .next_out = packed,
                  .avail_out = (uInt)room};
    CHECK_EQUAL(deflateInit2(&z, 9, Z_DEFLATED, window_bits + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    CHECK_EQUAL(deflate(&z, Z_FINISH), Z_STREAM_END);
    *packed_bytes = z.total_out;
    deflateEnd(&z);
    return packed;
}

TEST(the_firmware_s_window_is_a_limit)
{
    size_t bytes, packed_bytes;
    const struct image *image;
    uint8_t *data = unpack(images[0], &bytes);
    uint8_t *wide = pack(data, bytes, 15, &packed_bytes);
    CHECK_EQUAL(read_bytes(wide, packed_bytes, &image), STATUS_LIMIT);
    CHECK(strstr(problem.message, "the firmware's window is 16384") != NULL);
    uint8_t *narrow = pack(data, bytes, 14, &packed_bytes);
    CHECK_EQUAL(read_bytes(narrow, packed_bytes, &image), STATUS_OK);
    narrow[packed_bytes - 8] ^= 1;
    CHECK_EQUAL(read_bytes(narrow, packed_bytes, &image), STATUS_DAMAGED);
    free(wide);
    free(narrow);
    free(data);
}

// As gzip may write it: a time, further fields, a name, a comment, a check sum of all that.
TEST(each_field_of_a_gzip_header_is_passed_over)
{
    static const struct {
        uint8_t flag, count;
        const char *bytes;
    } fields[] = {{4, 5, "\3\0abc"}, {8, 5, "name"}, {16, 3, "no"}, {2, 2, "\x12\x34"}};
    size_t bytes, packed_bytes;
    uint8_t *data = unpack(images[0], &bytes);
    uint8_t *packed = pack(data, bytes, 14, &packed_bytes);
    uint8_t *file = malloc(packed_bytes + 20);
    for (unsigned chosen = 0; chosen < 16; chosen++) {
        size_t at = 10;
        memcpy(file, packed, at);
        memcpy(file + 4, "\x1F\x08\xFF\x01", 4); // the time
        for (unsigned i = 0; i < 4; i++)
            if (chosen >> i & 1) {
                file[3] |= fields[i].flag;
                memcpy(file + at, fields[i].bytes, fields[i].count);
                at += fields[i].count;
            }
        memcpy(file + at, packed + 10, packed_bytes - 10);
        const struct image *image;
        CHECK_EQUAL(read_bytes(file, at + packed_bytes - 10, &image), STATUS_OK);
    }
    free(file);
    free(packed);
    free(data);
}

// Many blocks, each with codes of its own: where one ends, the next begins.
TEST(distances_are_taken_from_each_block_of_a_stream)
{
    size_t bytes, done = 0;
    uint8_t *data = unpack(images[0], &bytes);
    size_t room = 2 * bytes + 4096;
    uint8_t *packed = malloc(room);
    z_stream z = {.next_out = packed, .avail_out = (uInt)room};
    CHECK_EQUAL(deflateInit2(&z, 9, Z_DEFLATED, 14 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    while (done < bytes) {
        size_t part = bytes - done < 512 ? bytes - done : 512;
        z.next_in = data + done;
        z.avail_in = (uInt)part;
        done += part;
        CHECK_EQUAL(deflate(&z, done < bytes ? Z_FULL_FLUSH : Z_FINISH),
                    done < bytes ? Z_OK : Z_STREAM_END);
    }
    const struct image *image;
    CHECK_EQUAL(read_bytes(packed, z.total_out, &image), STATUS_OK);
    deflateEnd(&z);
    free(packed);
    free(data);
}

TEST(content_of_a_partition_is_read)
{
    size_t bytes;
    uint8_t *data = test_read_file(images[1], &bytes);
    uint8_t *partition = malloc(0x40000);
    memset(partition, 0xFF, 0x40000);
    memcpy(partition, data, bytes);
    partition[0] &= (uint8_t)~LFS_ABSOLUTE; // as a reload of a relocatable image leaves it
    const struct image *image = NULL;
    const struct image_options options = {.base_addr = BASE, .allows_rest = true};
    problem = (struct problem){0};
    CHECK_EQUAL(
        image_read(&arena, text_of("flash"), partition, 0x40000, &options, &image, &problem),
        STATUS_OK);
    CHECK(image && image->bytes == bytes && image->base_addr == BASE);
    CHECK_EQUAL(read_bytes(partition, 0x40000, &image), STATUS_DAMAGED);
    free(partition);
    free(data);
}

TEST_MAIN
