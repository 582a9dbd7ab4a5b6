// size_gaps.h: what bytes are that no symbol names: string literals, literal pools, padding.

#ifndef FROST_ANALYSIS_SIZE_GAPS_H
#define FROST_ANALYSIS_SIZE_GAPS_H

#include "analyzer/elf/elf_layout.h"

enum size_gap_kind {
    SIZE_GAP_TEXT,     // printable bytes that end in NUL
    SIZE_GAP_LITERALS, // constants between the functions of Xtensa, which their code loads
    SIZE_GAP_PADDING,
    SIZE_GAP_HEADERS, // of the ELF file, loaded with it
    SIZE_GAP_SECTION, // a table that the tool chain makes, as .eh_frame; a section without symbols
    SIZE_GAP_UNKNOWN,
};

struct size_gap_place {
    const struct elf_layout *layout;
    const struct elf_piece *piece;
    const struct elf_area *area; // NULL: of no section
};

struct size_gap {
    enum size_gap_kind kind;
    uint64_t bytes;   // > 0
    struct text text; // of SIZE_GAP_TEXT, without its NUL; in the mapped file
};

// What begins at `addr`, at most up to `end`; both lie in the piece and the area.
struct size_gap size_gap_next(const struct size_gap_place *place, uint64_t addr, uint64_t end);

// "(string literals)", "(padding)", "[.eh_frame]", ...
const char *size_gap_name(struct arena *arena, const struct size_gap_place *place,
                          const struct size_gap *gap);

#endif
