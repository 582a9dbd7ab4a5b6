// hot.h: byte-wise reads of flash, by Lua line, C function, object and kind: the analysis behind
// `frost hot`, report "frost/hot/1" (hot_report.h).
//
// Reads: traces, as an observer of their replay, and the copies of images that they keep. What is
// counted is measured: characters of strings in flash that C code read one by one (content_read),
// VM events that concern flash objects (vm_event), and loads of the traced build or of the emulated
// chip (flash_load; of the chip also cache_miss and machine_code). What that costs is a model:
// `own` is our runtime, which reads fields by words, `model` another firmware, whose emulated byte
// loads are computed from the same events.
//
// With a list of strings that might move to flash, what is read of them in RAM now is counted
// apart, as HOT_MOVED, and with each of them one visit by every collection that it lives through.
// The reads are then what a run with the list in its image has more, to the character; the visits
// are about that (a string with several references is visited several times, and strings that are
// no longer allocated cause no collections). tests/e2e/hot-gc.sh compares both.
// Memory: sites, objects and HOT_CELLS_MAX combinations of both; nothing grows with the trace.

#ifndef FROST_ANALYSIS_HOT_H
#define FROST_ANALYSIS_HOT_H

#include "analyzer/analysis/cost_model.h"
#include "analyzer/analysis/heap/run_input.h"
#include "analyzer/analysis/heap/site_table.h"
#include "analyzer/analysis/hot/hot_objects.h"
#include "analyzer/analysis/hot/hot_program.h"
#include "reports/report.h"

#define HOT_RUNS_MAX 64u
#define HOT_CELLS_MAX 262144u

// What was read: a content function (enum trace_content), a VM event (HOT_VM_FIRST + enum
// trace_vm_event), or what the machine did: a load of 1, 2 or 4 bytes; and of the emulated chip a
// miss of the flash cache for data or code, and instructions (times: lines fetched for them).
#define HOT_VM_FIRST CONTENT_COUNT
#define HOT_LOAD_FIRST (HOT_VM_FIRST + VM_EVENT_COUNT)
enum {
    HOT_LOAD_8 = HOT_LOAD_FIRST,
    HOT_LOAD_16,
    HOT_LOAD_32,
    HOT_MISS_DATA,
    HOT_MISS_CODE,
    HOT_INSTRUCTIONS,
    HOT_WHAT_COUNT
};
#define HOT_MACHINE_COUNT (HOT_WHAT_COUNT - HOT_LOAD_FIRST)
#define HOT_PAGE_BYTES 4096u

enum hot_place {
    HOT_FLASH, // it lies in flash
    HOT_MOVED, // it lies in RAM, and would lie in flash with the list
};

// One combination of site, object and kind.
struct hot_cell {
    uint32_t site;   // index in hot.sites; SITE_NOWHERE for visits of the collector
    uint32_t object; // index in hot.objects
    uint32_t pc;     // of what the machine did, else 0
    uint32_t page;   // of flash, of loads and misses, else 0
    uint8_t what;
    uint8_t place;  // enum hot_place
    uint64_t count; // characters, events or loads
    uint64_t times; // reads that the characters were part of
};

enum hot_model { HOT_OWN, HOT_MODEL, HOT_MODEL_COUNT };

// A model applied to the kinds: per character or event.
struct hot_weights {
    double loads[HOT_WHAT_COUNT]; // emulated byte loads
    double clocks[HOT_WHAT_COUNT];
};

struct hot_run {
    struct text path;       // of the trace's directory, as reports name it
    const char *directory;  // the caller's
    struct run_input input; // how it is entered into the report
    uint64_t instructions;
    uint64_t collections, visited;
};

struct hot_settings {
    const char *const *traces; // directories
    const char *const *names;  // of the runs, for reports; NULL: the directories
    size_t trace_count;
    const char *model;             // name or path, cost_model_load()
    const struct exclude *exclude; // texts to leave out; NULL: none
    // Strings that might move to flash: NULL none, "all" every constant of the program that lies
    // in RAM, else a Lua file whose string literals they are (dummy_strings.lua).
    const char *if_moved;
    // The ELF file of the program that ran, NULL: the one that the traces name.
    const char *elf;
};

struct hot {
    struct arena *arena;
    struct cost_model models[HOT_MODEL_COUNT];
    struct hot_weights weights[HOT_MODEL_COUNT];
    unsigned order; // enum hot_model by whose clocks tables are sorted
    struct hot_run runs[HOT_RUNS_MAX];
    uint32_t run_count;
    struct site_table sites;
    struct hot_objects objects;
    struct hot_cell *cells;
    uint32_t cell_count, cell_room;
    struct hash_table cell_keys;
    uint64_t cells_lost;     // counts that went to HOT_OBJECT_NONE because there were too many
    uint64_t ram_characters; // read one by one from strings in RAM that stay there
    bool has_moved;          // if_moved was given
    uint32_t moved_count;    // strings that it names; 0 with "all"
    uint32_t moved_met;      // of them, met in RAM in these runs
    bool has_loads;          // the traces are of the traced build, or of the chip
    bool has_machine;        // of the emulated chip: instructions and cache misses, too
    struct hot_program program;
    struct hot_pass *pass; // over the run that is being read
};

// Makes ready for a replay of the traces with this observer, to be followed by hot_finish().
int hot_begin(const struct hot_settings *settings, struct arena *arena, struct hot *hot,
              struct replay_observer *observer, struct problem *problem)
    __attribute__((warn_unused_result));
void hot_finish(struct hot *hot);

// Does the analysis by a replay of its own.
// Errors: those of the trace reader and of cost_model_load(); STATUS_LIMIT too many traces;
//         STATUS_NOT_FOUND, STATUS_DAMAGED the list.
int hot_analyse(const struct hot_settings *settings, struct arena *arena, struct hot *hot,
                struct problem *problem) __attribute__((warn_unused_result));

// Words for a kind ("pattern", "call of a flash function"). Static storage.
const char *hot_what_name(unsigned what);

static inline bool hot_is_content(unsigned what)
{
    return what < HOT_VM_FIRST;
}

// What the machine did, as opposed to events of the runtime.
static inline bool hot_is_load(unsigned what)
{
    return what >= HOT_LOAD_FIRST;
}

static inline bool hot_is_narrow(unsigned what)
{
    return what == HOT_LOAD_8 || what == HOT_LOAD_16;
}

static inline bool hot_is_visit(unsigned what)
{
    return what == HOT_VM_FIRST + VM_VISIT_STRING || what == HOT_VM_FIRST + VM_VISIT_PROTO;
}

// Code of the chip lies there; addresses below are those of a host's program.
#define HOT_CHIP_CODE_ADDR 0x40000000u

// Clocks of a cell under a model. A narrow load that a host's program did is none on the chip,
// where the runtime is compiled to load the word (-mforce-l32): it costs what taking a character
// out of a word does. One that the chip did raises an exception.
static inline double hot_clocks(const struct hot *hot, enum hot_model model,
                                const struct hot_cell *cell)
{
    if (hot_is_narrow(cell->what) && cell->pc < HOT_CHIP_CODE_ADDR)
        return (double)cell->count * hot->models[model].helped_read_clocks;
    return (double)cell->count * hot->weights[model].clocks[cell->what];
}

// Clocks of all runs under a model, without (base) and with what reads of flash cost.
double hot_base_clocks(const struct hot *hot, enum hot_model model);
double hot_run_clocks(const struct hot *hot, enum hot_model model);

#endif
