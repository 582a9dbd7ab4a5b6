// loads.h: what the machine loaded from flash: by C line, Lua line, object, page.
//
// Reads: the cells of a hot-spot analysis that are loads (of the traced build on a host, of the
// emulated chip), cache misses and instructions (of the chip alone), and the index of the program.
// Memory: one place per address of code, one sum per group, in the arena.

#ifndef FROST_ANALYSIS_LOADS_H
#define FROST_ANALYSIS_LOADS_H

#include "analyzer/analysis/hot/hot_report.h"
#include "analyzer/elf/elf_index.h"

#define LOADS_NO_KEY UINT64_MAX

// A line of C. Texts are NULL if they are not known.
struct loads_place {
    const char *function, *file;
    const char *chain; // functions that it was inlined into, "" if none
    const char *outer; // the last of them, or the function itself
    uint32_t line;
};

struct loads {
    const struct hot *hot;
    struct arena *arena;
    struct loads_place *places; // places[0]: not known
    uint32_t place_count;
    uint32_t *place_of; // by cell
};

// Cells added up.
struct loads_sum {
    uint64_t key;
    uint64_t counts[HOT_MACHINE_COUNT]; // by kind, from HOT_LOAD_8 on
    uint64_t fetches;                   // lines fetched for the instructions
    double clocks;                      // own model: emulated loads and misses
    uint32_t most;                      // the cell that costs most, else the one with most loads
};

struct loads_sums {
    struct loads_sum *items; // most clocks first, then narrow loads, then wide ones
    size_t count;
};

static inline uint64_t loads_narrow(const struct loads_sum *sum)
{
    return sum->counts[HOT_LOAD_8 - HOT_LOAD_FIRST] + sum->counts[HOT_LOAD_16 - HOT_LOAD_FIRST];
}

// Finds the place of each cell.
struct loads loads_create(const struct hot *hot, struct arena *arena);

// Adds the cells up by a key; those with LOADS_NO_KEY are left out.
struct loads_sums loads_sum(const struct loads *loads,
                            uint64_t (*key_of)(const struct loads *loads, uint32_t cell));

// "b < c": what the function of frames[0] was inlined into, "" if nothing.
const char *loads_chain_words(const struct elf_frame *frames, size_t count, struct arena *arena);

// Adds the tables of loads to a report of the analysis (loads_report.c): widths, loads, load_lines,
// load_objects, load_pages; with the program at hand c_lines and c_lua_lines; of the chip
// chip_functions and the causes. Does nothing if the traces have no loads.
void loads_fill(const struct hot *hot, const struct hot_view *view, struct report *report);

// Of a trace of the chip (loads_causes.c): table causes, sub-word reads of stock firmware by the
// model beside those that the chip did; where the chip reads strings of images by bytes (a build
// with ESP_NARROW=1) also agreement_lines and agreement_objects, events against loads.
void loads_fill_causes(const struct hot *hot, const struct hot_view *view, struct report *report);

#endif
