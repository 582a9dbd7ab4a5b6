// elf_disassemble.h: instructions of a stretch of code as text, by an installed disassembler.
//
// Starts objdump (of the chip's toolchain, the host's, or LLVM's: the first that knows the machine)
// without a shell, reads its listing, and waits for it. Memory: the texts, in the arena.

#ifndef FROST_ELF_ELF_DISASSEMBLE_H
#define FROST_ELF_ELF_DISASSEMBLE_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"

struct elf_insn_text {
    uint64_t addr;
    const char *text; // "l8ui a2, a3, 0"
};

struct elf_listing {
    const struct elf_insn_text *items; // by address
    size_t count;
    const char *program; // that wrote it; NULL: none could
};

// Lists [begin, end) of the ELF file at `path`, which is for `machine` (e_machine). Without a
// disassembler that knows it the listing is empty.
// Cost: one process, about 20 ms; it is killed after ten seconds.
void elf_disassemble(struct arena *arena, const char *path, unsigned machine, uint64_t begin,
                     uint64_t end, struct elf_listing *listing);

#endif
