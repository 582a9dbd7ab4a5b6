// elf_index.h: from addresses of machine code to C functions and lines, fast.
//
// Reads an ELF file (x86-64, 32-bit Xtensa, whatever libelf knows) and its DWARF 4 or 5 once, with
// libelf and libdw: functions, inlined ranges and line rows become sorted arrays; a look-up is two
// binary searches. Compile units are walked one by one and .debug_aranges is not used: linkers
// that drop sections leave zeros in the middle of it, which end it for libdw. Code without DWARF
// has the names of its symbols, no lines.
// Memory: the arena; in proportion to the code. The file is closed when elf_index_open returns.

#ifndef FROST_ELF_ELF_INDEX_H
#define FROST_ELF_ELF_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

#define ELF_CHAIN_MAX 32u // frames that a caller needs at most; longer chains lose their outer end

struct elf_index;

// A place in C. Texts live as long as the arena; NULL and 0: not known.
struct elf_frame {
    const char *function;
    const char *file; // relative to the directory of the compilation, if it lies below it
    uint32_t line;
};

struct elf_figures {
    uint32_t unit_count;  // compile units with DWARF
    uint32_t scope_count; // functions and inlined calls
    uint32_t range_count; // stretches of code with one innermost scope
    uint32_t row_count;   // line rows
};

// Reads the file.
//
// Errors: STATUS_NOT_FOUND, STATUS_IO; STATUS_DAMAGED no ELF file, or cut off. Of damaged DWARF
//         the index keeps what could be read.
int elf_index_open(struct arena *arena, const char *path, struct elf_index **index,
                   struct problem *problem) __attribute__((warn_unused_result));

// The same without lines: functions and inlined calls alone, in a third of the time.
int elf_index_open_scopes(struct arena *arena, const char *path, struct elf_index **index,
                          struct problem *problem) __attribute__((warn_unused_result));

// The innermost function at the address, inlined or not, and its line. Result: 1; 0 if nothing is
// known of the address (the frame is empty then).
int elf_index_find(const struct elf_index *index, uint64_t addr, struct elf_frame *frame);

// The same and the calls that the compiler has inlined: frames[0] is the innermost function, the
// next one the function that it was inlined into, at the line of the call. Result: how many, 0 to
// `frames_max`.
size_t elf_index_chain(const struct elf_index *index, uint64_t addr, struct elf_frame *frames,
                       size_t frames_max);

// The directory in which a file of a frame was compiled, NULL if it is not known. `file` is a
// frame's.
const char *elf_index_directory(const struct elf_index *index, const char *file);

// The files that line rows name, for searches: the n-th, NULL after the last one.
const char *elf_index_file(const struct elf_index *index, uint32_t n);

// GNU build-id in hexadecimal; 16 digits over what the file loads if it has none (the chip's), ""
// if it loads nothing.
const char *elf_index_build_id(const struct elf_index *index);

struct elf_figures elf_index_figures(const struct elf_index *index);

// Ranges of code, for tests and benches: the n-th of range_count, as [*begin, *end).
void elf_index_range(const struct elf_index *index, uint32_t n, uint64_t *begin, uint64_t *end);

// The same without an index; NULL if the file cannot be read, is no ELF file or loads nothing.
const char *elf_build_id_read(struct arena *arena, const char *path);

#endif
