// elf_layout.h: where a linked ELF file puts its bytes in memory, under which names, and what the
// file itself holds.
//
// Reads the file in place through libelf; no DWARF (that is elf_units.h and elf_index.h). Memory is
// what the program headers load; sections and symbols only name it.
// Memory: arrays in the arena; names, bytes and the file stay mapped until elf_layout_close().

#ifndef FROST_ELF_ELF_LAYOUT_H
#define FROST_ELF_ELF_LAYOUT_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

// A part of memory: of one loaded segment either what is in the file, or the zeros behind it.
struct elf_piece {
    uint64_t begin, end;
    uint64_t file_off; // of `begin`, if is_in_file
    bool is_in_file, is_writable, is_code;
};

struct elf_area {
    const char *name;
    uint64_t begin, end;
    unsigned type; // SHT_...
    bool is_in_file, is_writable, is_code;
};

struct elf_named {
    const char *name; // as the linker has it
    uint64_t addr, bytes;
    uint32_t file; // index of the source file that a local symbol stands behind, ELF_NO_FILE: none
    bool is_global, is_function;
    uint32_t alias_count; // other names of the same bytes
};

#define ELF_NO_FILE UINT32_MAX

// What the bytes of the file are.
enum elf_use {
    ELF_USE_HEADERS,
    ELF_USE_LOADED,
    ELF_USE_DEBUG,
    ELF_USE_SYMBOLS,
    ELF_USE_OTHER,  // sections that are not loaded: comments, notes, property tables
    ELF_USE_UNUSED, // of no section: alignment
    ELF_USE_COUNT,
};

struct elf_layout {
    const char *path;
    Elf *elf;
    int fd;
    const uint8_t *bytes; // of the file
    uint64_t file_bytes, entry;
    unsigned machine;         // e_machine
    uint64_t headers_end;     // of ELF and program header, in the file
    struct elf_piece *pieces; // by address, none overlaps
    size_t piece_count;
    struct elf_area *areas; // loaded sections by address
    size_t area_count;
    struct elf_named *symbols; // by address, one for each stretch of bytes
    size_t symbol_count;
    const char **files; // source files by the linker's symbols: base names
    size_t file_count;
    uint64_t use_bytes[ELF_USE_COUNT]; // the sum is file_bytes
    uint64_t overlapping_bytes;        // of segments over others: counted once
    uint64_t thread_zero_bytes;        // zeros that each thread has (.tbss): in no memory of these
    bool has_symbol_table;             // .symtab, here or in the debug file; else the dynamic
                                       // symbols have to do
    bool has_debug_info;               // .debug_info, here or in the debug file
    const char *debug_link;            // name of a separate debug file, NULL: it names none
    const char *debug_path;            // the debug file that was found, NULL: none
    Elf *debug;                        // that file; NULL: none
    int debug_fd;
};

// What strip has put into a file of its own is read, too: from `debug_path`, or if that is NULL
// where debuggers look (elf_debug_file.c).
//
// Errors: STATUS_NOT_FOUND, STATUS_IO; STATUS_DAMAGED: not an ELF file, cut off, not linked, loads
//         nothing, or headers that contradict each other; STATUS_VERSION: `debug_path` belongs to
//         another build. *layout stays as it is then.
int elf_layout_open(struct arena *arena, const char *path, const char *debug_path,
                    struct elf_layout **layout, struct problem *problem)
    __attribute__((warn_unused_result));
void elf_layout_close(struct elf_layout *layout);

// Looks for the debug file of a layout and opens it: NAME of the link beside the file, in .debug/
// beside it, below /usr/lib/debug; or by its build-id there. One of another build-id is none.
//
// debug_path  the only one to try, NULL: those. Errors: those of elf_layout_open() for it.
int elf_debug_file_open(struct arena *arena, struct elf_layout *layout, const char *debug_path,
                        struct problem *problem) __attribute__((warn_unused_result));

// True if the file at `path` begins as ELF files or archives of them do.
bool elf_layout_is_elf(const char *path);

// `bytes` bytes at an address of a piece that is in the file; NULL if they are not all there.
const uint8_t *elf_layout_bytes(const struct elf_layout *layout, const struct elf_piece *piece,
                                uint64_t addr, uint64_t bytes);

const char *elf_use_name(enum elf_use use);

#endif
