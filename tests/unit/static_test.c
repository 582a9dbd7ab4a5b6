// static_test.c: what the static analysis and names of firmware make of an ELF file that is written
// here, and that no damage to it ends the program.

#include "analyzer/analysis/hot/hot_firmware.h"
#include "analyzer/analysis/static/static_flow.h"
#include "analyzer/analysis/static/static_report.h"
#include "runtime/format/status.h"
#include "tests/support/firmware_builder.h"

static struct arena arena;

// first: l32r a2, greeting; l8ui a3, a2, 1; ret.n. second: l16si a2, a3, 4; ret.n; beside them a
// literal and "plain", a text without a symbol.
static const uint8_t code[] = {
    0x00, 0x00, 0x22, 0x40, // literal: DATA_ADDR
    0x21, 0xff, 0xff,       // l32r a2, the literal
    0x32, 0x02, 0x01,       // l8ui a3, a2, 1
    0x0d, 0xf0,             // ret.n
    0x22, 0x93, 0x02,       // l16si a2, a3, 4
    0x0d, 0xf0,             // ret.n
    0x00, 0x00, 0x00,
};
static const char data[] = "greeting\0plain text\0\1\2\3";

static const struct routine routines[] = {{"first", 4, 8}, {"second", 12, 5}};

static void build_two(struct builder *b, unsigned machine, unsigned type)
{
    struct content content = {code, sizeof code, data, sizeof data, routines, 2};
    build(b, machine, type, &content);
}

static int analyse(const void *bytes, size_t size, struct report **report, char *message)
{
    struct problem problem = {0};
    const char *path = written(bytes, size);
    int status = static_report(path, false, &arena, report, &problem);
    if (message)
        memcpy(message, problem.message, sizeof problem.message);
    remove(path);
    return status;
}

// ---- tests ----

static const char *text_at(const struct report_table *table, size_t row, const char *column)
{
    for (size_t c = 0; c < table->column_count; c++)
        if (!strcmp(table->columns[c].name, column)) {
            struct report_value *value = &table->cells[row * table->column_count + c];
            return value->is_present ? arena_format(&arena, "%.*s", TEXT_ARGS(value->text)) : "";
        }
    return "no such column";
}

TEST(tells_what_loads_reach)
{
    arena_init(&arena);
    struct builder b;
    struct report *report;
    build_two(&b, ELF_MACHINE_XTENSA, ET_EXEC);
    CHECK_EQUAL(analyse(b.bytes, b.used, &report, NULL), STATUS_OK);
    const struct report_table *table = report_find_table(report, "instructions");
    CHECK_EQUAL(table->row_count, 2);
    CHECK_TEXT(text_at(table, 0, "instruction"), "l8ui a3, a2, 1");
    CHECK_TEXT(text_at(table, 0, "function"), "first");
    CHECK_TEXT(text_at(table, 0, "base"), "flash constant");
    CHECK_TEXT(text_at(table, 0, "reaches"), "greeting+1");
    CHECK_TEXT(text_at(table, 1, "instruction"), "l16si a2, a3, 4");
    CHECK_TEXT(text_at(table, 1, "function"), "second");
    CHECK_TEXT(text_at(table, 1, "base"), "unknown base");
    CHECK_TEXT(text_at(table, 1, "why"), "argument 2");
    arena_deinit(&arena);
}

TEST(names_what_lies_in_a_firmware)
{
    arena_init(&arena);
    struct builder b;
    struct elf_image *image;
    struct problem problem = {0};
    struct firmware_object object;
    build_two(&b, ELF_MACHINE_XTENSA, ET_EXEC);
    const char *path = written(b.bytes, b.used);
    CHECK_EQUAL(elf_image_open(&arena, path, &image, &problem), STATUS_OK);
    remove(path);
    CHECK_EQUAL(image->function_count, 2);
    CHECK_EQUAL(image->object_count, 2);
    memset(&object, 0xA5, sizeof object); // all of it is filled in
    CHECK(firmware_object_at(image, DATA_ADDR + 3, &object));
    CHECK_EQUAL(object.kind, FIRMWARE_DATA);
    CHECK(!object.is_writable);
    CHECK_EQUAL(object.addr, DATA_ADDR);
    CHECK_EQUAL(object.bytes, 9);
    memset(&object, 0xA5, sizeof object);
    CHECK(firmware_object_of_word(image, DATA_ADDR + 4, &object));
    CHECK_EQUAL(object.kind, FIRMWARE_DATA);
    CHECK_EQUAL(object.addr, DATA_ADDR);
    memset(&object, 0xA5, sizeof object);
    CHECK(firmware_object_of_word(image, DATA_ADDR + 20, &object));
    CHECK_EQUAL(object.kind, FIRMWARE_REST);
    CHECK_EQUAL(object.addr, DATA_ADDR);
    CHECK(firmware_object_at(image, DATA_ADDR + 3, &object));
    CHECK_TEXT(firmware_words(&object, DATA_ADDR + 3, false, &arena).data, "greeting+3");
    CHECK(firmware_object_at(image, DATA_ADDR + 12, &object));
    CHECK_EQUAL(object.kind, FIRMWARE_TEXT);
    CHECK_EQUAL(object.addr, DATA_ADDR + 9);
    CHECK_EQUAL(object.bytes, 10);
    CHECK_TEXT(firmware_words(&object, DATA_ADDR + 9, false, &arena).data, "\"plain text\"");
    CHECK_TEXT(firmware_words(&object, DATA_ADDR + 9, true, &arena).data, "10 bytes");
    CHECK(firmware_object_at(image, DATA_ADDR + 20, &object));
    CHECK_EQUAL(object.kind, FIRMWARE_REST);
    CHECK(firmware_object_at(image, TEXT_ADDR, &object));
    CHECK_EQUAL(object.kind, FIRMWARE_LITERALS);
    CHECK_TEXT(firmware_words(&object, TEXT_ADDR, false, &arena).data, "literals of first");
    CHECK(firmware_object_at(image, TEXT_ADDR + 5, &object));
    CHECK_EQUAL(object.kind, FIRMWARE_CODE);
    CHECK(firmware_object_at(image, RAM_ADDR, &object));
    CHECK(object.is_writable);
    CHECK(!firmware_object_at(image, 0x40300000, &object));
    CHECK(firmware_object_of_word(image, DATA_ADDR + 8, &object)); // the NUL, then "plain text"
    CHECK_EQUAL(object.kind, FIRMWARE_DATA);
    CHECK_TEXT(firmware_region(TEXT_ADDR), "flash");
    CHECK_TEXT(firmware_region(RAM_ADDR), "RAM");
    CHECK_TEXT(firmware_region(0x40100010), "IRAM");
    CHECK_TEXT(firmware_region(0x10), "other");
    static const struct {
        uint32_t addr;
        const char *region;
    } bounds[] = {{0x3EFFFFFF, "other"}, {0x3F000000, "RAM"},   {0x3FFFFFFF, "RAM"},
                  {0x40000000, "other"}, {0x400FFFFF, "other"}, {0x40100000, "IRAM"},
                  {0x401FFFFF, "IRAM"},  {0x40200000, "flash"}, {0x411FFFFF, "flash"},
                  {0x41200000, "other"}};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        CHECK_TEXT(firmware_region(bounds[i].addr), bounds[i].region);
    arena_deinit(&arena);
}

TEST(refuses_other_files)
{
    arena_init(&arena);
    struct builder b;
    struct report *report;
    char message[160];
    build_two(&b, ELF_MACHINE_X86_64, ET_EXEC);
    CHECK_EQUAL(analyse(b.bytes, b.used, &report, message), STATUS_VERSION);
    CHECK(strstr(message, "another machine") != NULL);
    build_two(&b, ELF_MACHINE_XTENSA, ET_REL);
    CHECK_EQUAL(analyse(b.bytes, b.used, &report, message), STATUS_USAGE);
    CHECK(strstr(message, "not linked") != NULL);
    CHECK_EQUAL(analyse("no ELF", 6, &report, message), STATUS_DAMAGED);
    build_two(&b, ELF_MACHINE_XTENSA, ET_EXEC);
    b.sections[SECTION_TEXT].sh_flags = SHF_ALLOC;
    memcpy(b.bytes + b.used - sizeof b.sections, b.sections, sizeof b.sections);
    CHECK_EQUAL(analyse(b.bytes, b.used, &report, message), STATUS_DAMAGED);
    CHECK(strstr(message, "no code") != NULL);
    arena_deinit(&arena);
}

// Cut off at every byte; each bit the other way round, one at a time, and many at once.
TEST(survives_cuts_and_flips)
{
    struct builder b;
    struct report *report;
    unsigned good = 0;
    build_two(&b, ELF_MACHINE_XTENSA, ET_EXEC);
    for (uint32_t size = 0; size < b.used; size++) {
        arena_init(&arena);
        CHECK(analyse(b.bytes, size, &report, NULL) != STATUS_OK);
        arena_deinit(&arena);
    }
    srand((unsigned)test_seed());
    for (uint32_t bit = 0; bit < b.used * 8 + 400; bit++) {
        struct builder bent = b;
        for (int n = bit < b.used * 8 ? 1 : 12; n > 0; n--) {
            uint32_t at = bit < b.used * 8 ? bit : (uint32_t)rand() % (b.used * 8);
            bent.bytes[at / 8] ^= (uint8_t)(1 << at % 8);
        }
        arena_init(&arena);
        good += analyse(bent.bytes, bent.used, &report, NULL) == STATUS_OK;
        arena_deinit(&arena);
    }
    CHECK(good > 1000);
}

TEST_MAIN
