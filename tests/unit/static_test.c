// static_test.c: what the static analysis and names of firmware make of an ELF file that is written
// here, and that no damage to it ends the program.

#include "tests/support/tap.h"

#include <elf.h>

#include "analyzer/analysis/hot_firmware.h"
#include "analyzer/analysis/static_flow.h"
#include "analyzer/analysis/static_report.h"
#include "runtime/format/status.h"

static struct arena arena;

// ---- a small ELF file ----

#define TEXT_ADDR 0x40210000u
#define DATA_ADDR 0x40220000u
#define RAM_ADDR 0x3fff0000u
#define FILE_BYTES 2048u

enum { SECTION_TEXT = 1, SECTION_DATA, SECTION_RAM, SECTION_SYMBOLS, SECTION_NAMES, SECTION_COUNT };

struct builder {
    uint8_t bytes[FILE_BYTES];
    uint32_t used;
    Elf32_Shdr sections[SECTION_COUNT];
    Elf32_Sym symbols[16];
    uint32_t symbol_count;
    char names[256];
    uint32_t names_used;
};

static uint32_t add_name(struct builder *b, const char *name)
{
    uint32_t at = b->names_used;
    memcpy(b->names + at, name, strlen(name) + 1);
    b->names_used += (uint32_t)strlen(name) + 1;
    return at;
}

static void add_section(struct builder *b, unsigned number, const char *name, uint32_t type,
                        uint32_t flags, uint32_t addr, const void *bytes, uint32_t size)
{
    b->sections[number] = (Elf32_Shdr){.sh_name = add_name(b, name), .sh_type = type,
                                       .sh_flags = flags, .sh_addr = addr,
                                       .sh_offset = b->used, .sh_size = size, .sh_addralign = 4};
    if (type == SHT_NOBITS)
        return;
    memcpy(b->bytes + b->used, bytes, size);
    b->used += (size + 3) & ~3u;
}

static void add_symbol(struct builder *b, const char *name, uint32_t addr, uint32_t size,
                       unsigned type, unsigned section)
{
    b->symbols[++b->symbol_count] = (Elf32_Sym){
        .st_name = add_name(b, name), .st_value = addr, .st_size = size,
        .st_info = ELF32_ST_INFO(STB_GLOBAL, type), .st_shndx = (Elf32_Half)section};
}

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

static void build(struct builder *b, unsigned machine, unsigned type)
{
    *b = (struct builder){.used = sizeof(Elf32_Ehdr), .names_used = 1};
    add_section(b, SECTION_TEXT, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, TEXT_ADDR, code,
                sizeof code);
    add_section(b, SECTION_DATA, ".rodata", SHT_PROGBITS, SHF_ALLOC, DATA_ADDR, data, sizeof data);
    add_section(b, SECTION_RAM, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, RAM_ADDR, NULL, 64);
    add_symbol(b, "first", TEXT_ADDR + 4, 8, STT_FUNC, SECTION_TEXT);
    add_symbol(b, "second", TEXT_ADDR + 12, 5, STT_FUNC, SECTION_TEXT);
    add_symbol(b, "greeting", DATA_ADDR, 9, STT_OBJECT, SECTION_DATA);
    add_symbol(b, "counter", RAM_ADDR, 4, STT_OBJECT, SECTION_RAM);
    add_section(b, SECTION_SYMBOLS, ".symtab", SHT_SYMTAB, 0, 0, b->symbols,
                (b->symbol_count + 1) * (uint32_t)sizeof *b->symbols);
    b->sections[SECTION_SYMBOLS].sh_link = SECTION_NAMES;
    b->sections[SECTION_SYMBOLS].sh_entsize = sizeof *b->symbols;
    add_section(b, SECTION_NAMES, ".strtab", SHT_STRTAB, 0, 0, b->names, sizeof b->names);
    Elf32_Ehdr head = {.e_type = (Elf32_Half)type, .e_machine = (Elf32_Half)machine,
                       .e_version = EV_CURRENT, .e_entry = TEXT_ADDR + 4, .e_shoff = b->used,
                       .e_ehsize = sizeof head, .e_shentsize = sizeof(Elf32_Shdr),
                       .e_shnum = SECTION_COUNT, .e_shstrndx = SECTION_NAMES};
    memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_ident[EI_CLASS] = ELFCLASS32;
    head.e_ident[EI_DATA] = ELFDATA2LSB;
    head.e_ident[EI_VERSION] = EV_CURRENT;
    memcpy(b->bytes, &head, sizeof head);
    // The names were not complete when their section was added.
    memcpy(b->bytes + b->sections[SECTION_NAMES].sh_offset, b->names, sizeof b->names);
    memcpy(b->bytes + b->used, b->sections, sizeof b->sections);
    b->used += sizeof b->sections;
}

static const char *written(const void *bytes, size_t size)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/frost-static-%d.elf", (int)getpid());
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size);
    if (file)
        fclose(file);
    return path;
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
            return value->is_present
                       ? arena_format(&arena, "%.*s", TEXT_ARGS(value->text))
                       : "";
        }
    return "no such column";
}

TEST(tells_what_loads_reach)
{
    arena_init(&arena);
    struct builder b;
    struct report *report;
    build(&b, ELF_MACHINE_XTENSA, ET_EXEC);
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
    build(&b, ELF_MACHINE_XTENSA, ET_EXEC);
    const char *path = written(b.bytes, b.used);
    CHECK_EQUAL(elf_image_open(&arena, path, &image, &problem), STATUS_OK);
    remove(path);
    CHECK_EQUAL(image->function_count, 2);
    CHECK_EQUAL(image->object_count, 2);
    CHECK(firmware_object_at(image, DATA_ADDR + 3, &object));
    CHECK_EQUAL(object.kind, FIRMWARE_DATA);
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
    arena_deinit(&arena);
}

TEST(refuses_other_files)
{
    arena_init(&arena);
    struct builder b;
    struct report *report;
    char message[160];
    build(&b, ELF_MACHINE_X86_64, ET_EXEC);
    CHECK_EQUAL(analyse(b.bytes, b.used, &report, message), STATUS_VERSION);
    CHECK(strstr(message, "another machine") != NULL);
    build(&b, ELF_MACHINE_XTENSA, ET_REL);
    CHECK_EQUAL(analyse(b.bytes, b.used, &report, message), STATUS_USAGE);
    CHECK(strstr(message, "not linked") != NULL);
    CHECK_EQUAL(analyse("no ELF", 6, &report, message), STATUS_DAMAGED);
    build(&b, ELF_MACHINE_XTENSA, ET_EXEC);
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
    build(&b, ELF_MACHINE_XTENSA, ET_EXEC);
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
