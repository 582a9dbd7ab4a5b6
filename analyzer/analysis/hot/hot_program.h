// hot_program.h: the program whose code loads from flash: the traced VM, or the chip's firmware.
//
// Reads: run.json of the traces, and the ELF file that it names or the user gives. Lines of another
// build would be wrong, so the file must be the one that ran, by its build-id.
// Memory: the index (and of the chip's firmware the bytes) in the arena.

#ifndef FROST_ANALYSIS_HOT_PROGRAM_H
#define FROST_ANALYSIS_HOT_PROGRAM_H

#include <stdbool.h>

#include "analyzer/elf/elf_image.h"
#include "analyzer/elf/elf_index.h"

struct hot_program {
    const char *path;              // "" if there is none to be had
    const struct elf_index *index; // NULL then
    const struct elf_image *image; // NULL then
    bool is_chip;                  // the chip's firmware
    const char *build_id;          // that the traces name, "" if none
    char why[400];                 // why there is none; empty if the traces do not name one
};

// Finds the program. If the one that the traces name is missing or another build, that is not an
// error: `why` says so, and names of C are left out.
//
// elf     the file to take instead of the one that the traces name, or NULL.
// Errors: of `elf` alone: those of elf_index_open(); STATUS_VERSION it is not what ran.
int hot_program_open(const char *const *traces, size_t trace_count, const char *elf,
                     struct arena *arena, struct hot_program *program, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
