// firmware_builder.h: a small ELF file for the chip, written by the test that reads it.
//
// build() takes the code of .text, which begins with its literals at TEXT_ADDR, a table of the
// routines in it, and the bytes of .rodata. The file is b->bytes, b->used bytes.
// Memory: fixed buffers; a test keeps below them.

#ifndef FROST_TESTS_FIRMWARE_BUILDER_H
#define FROST_TESTS_FIRMWARE_BUILDER_H

#include <elf.h>

#include "analyzer/elf/elf_image.h"
#include "tests/support/tap.h"

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

static inline uint32_t builder_name(struct builder *b, const char *name)
{
    uint32_t at = b->names_used;
    memcpy(b->names + at, name, strlen(name) + 1);
    b->names_used += (uint32_t)strlen(name) + 1;
    return at;
}

static inline void builder_section(struct builder *b, unsigned number, const char *name,
                                   uint32_t type, uint32_t flags, uint32_t addr, const void *bytes,
                                   uint32_t size)
{
    b->sections[number] = (Elf32_Shdr){.sh_name = builder_name(b, name),
                                       .sh_type = type,
                                       .sh_flags = flags,
                                       .sh_addr = addr,
                                       .sh_offset = b->used,
                                       .sh_size = size,
                                       .sh_addralign = 4};
    if (type == SHT_NOBITS)
        return;
    memcpy(b->bytes + b->used, bytes, size);
    b->used += (size + 3) & ~3u;
}

static inline void builder_symbol(struct builder *b, const char *name, uint32_t addr, uint32_t size,
                                  unsigned type, unsigned section)
{
    b->symbols[++b->symbol_count] = (Elf32_Sym){.st_name = builder_name(b, name),
                                                .st_value = addr,
                                                .st_size = size,
                                                .st_info = ELF32_ST_INFO(STB_GLOBAL, type),
                                                .st_shndx = (Elf32_Half)section};
}

struct routine {
    const char *name;
    uint32_t off, bytes; // from TEXT_ADDR
};

// What goes into the file beside its frame.
struct content {
    const void *code;
    uint32_t code_bytes;
    const void *data;
    uint32_t data_bytes;
    const struct routine *routines;
    uint32_t routine_count;
};

static inline void builder_finish(struct builder *b, unsigned machine, unsigned type)
{
    Elf32_Ehdr head = {.e_type = (Elf32_Half)type,
                       .e_machine = (Elf32_Half)machine,
                       .e_version = EV_CURRENT,
                       .e_entry = TEXT_ADDR + 4,
                       .e_shoff = b->used,
                       .e_ehsize = sizeof head,
                       .e_shentsize = sizeof(Elf32_Shdr),
                       .e_shnum = SECTION_COUNT,
                       .e_shstrndx = SECTION_NAMES};
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

// machine ELF_MACHINE_*, type ET_*. "greeting" are the first 9 bytes of the data, "counter" the
// first word of RAM.
static inline void build(struct builder *b, unsigned machine, unsigned type,
                         const struct content *content)
{
    *b = (struct builder){.used = sizeof(Elf32_Ehdr), .names_used = 1};
    builder_section(b, SECTION_TEXT, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, TEXT_ADDR,
                    content->code, content->code_bytes);
    builder_section(b, SECTION_DATA, ".rodata", SHT_PROGBITS, SHF_ALLOC, DATA_ADDR, content->data,
                    content->data_bytes);
    builder_section(b, SECTION_RAM, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, RAM_ADDR, NULL, 64);
    for (uint32_t i = 0; i < content->routine_count; i++)
        builder_symbol(b, content->routines[i].name, TEXT_ADDR + content->routines[i].off,
                       content->routines[i].bytes, STT_FUNC, SECTION_TEXT);
    builder_symbol(b, "greeting", DATA_ADDR, 9, STT_OBJECT, SECTION_DATA);
    builder_symbol(b, "counter", RAM_ADDR, 4, STT_OBJECT, SECTION_RAM);
    builder_section(b, SECTION_SYMBOLS, ".symtab", SHT_SYMTAB, 0, 0, b->symbols,
                    (b->symbol_count + 1) * (uint32_t)sizeof *b->symbols);
    b->sections[SECTION_SYMBOLS].sh_link = SECTION_NAMES;
    b->sections[SECTION_SYMBOLS].sh_entsize = sizeof *b->symbols;
    builder_section(b, SECTION_NAMES, ".strtab", SHT_STRTAB, 0, 0, b->names, sizeof b->names);
    builder_finish(b, machine, type);
}

// The path of a file with those bytes; the next one has the same.
static inline const char *written(const void *bytes, size_t size)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/frost-static-%d.elf", (int)getpid());
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size);
    if (file)
        fclose(file);
    return path;
}

#endif
