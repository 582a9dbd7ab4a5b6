// static_code.h: the instructions and functions of a firmware for the chip, without running it.
//
// Reads: an ELF file (analyzer/elf/elf_image.h). Where the linker's property table is there, it
// says what is code; else control is followed from the entry, the function symbols, and every word
// of literals and data that may be the address of code.
// Memory: about 40 bytes an instruction, in the arena.

#ifndef FROST_ANALYSIS_STATIC_CODE_H
#define FROST_ANALYSIS_STATIC_CODE_H

#include "analyzer/elf/elf_image.h"
#include "runtime/format/xtensa.h"

#define STATIC_NONE UINT32_MAX

struct static_insn {
    uint32_t pc;
    uint32_t function; // index in static_code.functions
    struct xtensa_insn x;
};

struct static_function {
    const char *name;      // NULL: code that no symbol names
    uint32_t begin;        // address
    uint32_t first, count; // of its instructions
};

struct static_code {
    const struct elf_image *image;
    struct static_insn *insns; // by address
    uint32_t insn_count;
    struct static_function *functions; // by address
    uint32_t function_count;
    bool is_exact;      // the property table said what is code
    uint32_t undecoded; // bytes that are code and no instruction of this machine
};

// Decodes everything.
// Errors: STATUS_VERSION an ELF file for another machine; STATUS_USAGE an object file that is not
//         linked; STATUS_DAMAGED no code in it.
int static_code_read(struct arena *arena, const struct elf_image *image, const char *path,
                     struct static_code *code, struct problem *problem)
    __attribute__((warn_unused_result));

// The instruction that begins at the address; STATIC_NONE if none does.
uint32_t static_code_at(const struct static_code *code, uint32_t pc);

// The function that begins there; STATIC_NONE if none does.
uint32_t static_code_function(const struct static_code *code, uint32_t pc);

#endif
