// elf_image.h: what a linked ELF file puts into memory: bytes, functions, named data, texts.
//
// Reads the file once through libelf; no DWARF (that is elf_index.h). For the static analysis of
// firmware and for names of what its flash holds. Where the code is, as opposed to literals and
// tables between it, says the property table of Xtensa's linker (.xt.prop), if it is there.
// Memory: the arena; the bytes of all sections that are loaded. The file is closed on return.

#ifndef FROST_ELF_ELF_IMAGE_H
#define FROST_ELF_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

#define ELF_MACHINE_XTENSA 94u
#define ELF_MACHINE_X86_64 62u
#define ELF_IMAGE_BYTES_MAX (64u << 20)

struct elf_section {
    const char *name;
    uint64_t addr, bytes;
    const uint8_t *data; // NULL: zeros that take no room in the file
    bool is_code, is_writable;
};

struct elf_symbol {
    const char *name;
    uint64_t addr, bytes; // bytes 0: not known
};

// A stretch of code without literals or tables.
struct elf_code {
    uint64_t begin, end;
};

struct elf_image {
    unsigned machine; // e_machine
    uint64_t file_bytes, entry;
    bool is_relocatable;          // an object file, not linked: addresses are those of sections
    struct elf_section *sections; // that are loaded, by address
    size_t section_count;
    struct elf_symbol *functions; // by address; several names of one address: the first in the
    size_t function_count;        // file; those of assembly, too
    struct elf_symbol *objects;   // data, by address
    size_t object_count;
    struct elf_code *code; // by address, as the property table says; count 0: there is none
    size_t code_count;
};

// Errors: STATUS_NOT_FOUND, STATUS_IO; STATUS_DAMAGED no ELF file, or cut off; STATUS_LIMIT more
//         than ELF_IMAGE_BYTES_MAX bytes of sections.
int elf_image_open(struct arena *arena, const char *path, struct elf_image **image,
                   struct problem *problem) __attribute__((warn_unused_result));

// What holds the address; NULL if nothing does. A function or object without a size: NULL.
const struct elf_section *elf_image_section(const struct elf_image *image, uint64_t addr);
const struct elf_symbol *elf_image_function(const struct elf_image *image, uint64_t addr);
const struct elf_symbol *elf_image_object(const struct elf_image *image, uint64_t addr);

// The first function that begins after the address, NULL if none does.
const struct elf_symbol *elf_image_next_function(const struct elf_image *image, uint64_t addr);

// `bytes` bytes at the address; NULL if they are not all in one section of the file.
const uint8_t *elf_image_bytes(const struct elf_image *image, uint64_t addr, size_t bytes);

// The little-endian word at the address. Result: false if there is none.
bool elf_image_word(const struct elf_image *image, uint64_t addr, uint32_t *word);

// The text that holds the byte at the address: printable characters that end in NUL, in a section
// that is not written. Result: false if there is none; `addr_begin` is where it begins.
bool elf_image_text(const struct elf_image *image, uint64_t addr, struct text *text,
                    uint64_t *addr_begin);

#endif
