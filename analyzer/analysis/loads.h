// loads.h: loads of flash that the traced build has counted, by line of the C runtime.
//
// Reads: the cells of a hot-spot analysis, run.json of its traces, and the program that they name:
// its DWARF, if its build-id is the one that was recorded. Lines of another build would be wrong,
// so then there is a warning and no table.
// Memory: the index of the program, in the arena.

#ifndef FROST_ANALYSIS_LOADS_H
#define FROST_ANALYSIS_LOADS_H

#include "analyzer/analysis/hot.h"
#include "analyzer/elf/elf_index.h"
#include "reports/report.h"

// A line of C that loads from flash: what all instructions of that line did together.
struct loads_line {
    const char *function, *file; // NULL: not known
    uint32_t line;
    const char *chain;           // functions that it was inlined into, "" if none
    uint64_t loads[3];           // of 8, 16 and 32 bits
    uint32_t most;               // index of the cell with the most loads, narrow ones first
};

struct loads {
    struct loads_line *lines; // most narrow loads first, then most loads
    uint32_t line_count;
};

// The program of the traces, opened. NULL if there is none to be had; then `why` (of why_bytes)
// says so in words, or is empty if the traces do not name a program at all.
struct elf_index *loads_open_program(const struct hot *hot, struct arena *arena, char *why,
                                     size_t why_bytes);

// Adds the loads up by line. `index` NULL: everything is one line that is not known.
struct loads loads_by_line(const struct hot *hot, const struct elf_index *index,
                           struct arena *arena);

// "b < c": what the function of frames[0] was inlined into, "" if nothing.
const char *loads_chain_words(const struct elf_frame *frames, size_t count, struct arena *arena);

// Adds table `c_lines` to a report of the analysis; a note instead if the program cannot be had.
// Does nothing if the traces have no loads.
void loads_fill(const struct hot *hot, bool hides_text, struct report *report);

#endif
