// cost_model.h: what things cost on a chip, read from data (analyzer/models/*.json).
//
// The figures are a model; each has its source in the file. Clocks are CPU clocks.

#ifndef FROST_ANALYSIS_COST_MODEL_H
#define FROST_ANALYSIS_COST_MODEL_H

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "runtime/format/trace_events.h"

struct cost_model {
    const char *name;
    const char *title;
    double clock_mhz;
    double emulated_load_clocks;  // an 8 or 16 bit load from flash
    double vm_instruction_clocks; // one instruction of the Lua VM
    double gc_visit_clocks;       // one object that a collection visits
    double cache_miss_clocks;     // a line of the flash cache is fetched
    uint32_t cache_bytes;         // of the flash cache; 0: the model has none
    uint32_t cache_line_bytes, cache_ways;
    double helped_read_clocks;             // a character of flash taken out of its word
    double character_loads[CONTENT_COUNT]; // emulated loads per character that C code reads
    double event_loads[VM_EVENT_COUNT];    // emulated loads per event
};

// Names of the models that are built in, NULL at the end, for option tables.
extern const char *const cost_model_names[];

// Takes a built-in model by name, or a file of the same form by path (a name with a '/' or that
// ends in ".json"). Errors: STATUS_NOT_FOUND, STATUS_DAMAGED with the member that is wrong.
int cost_model_load(struct arena *arena, const char *name, struct cost_model *model,
                    struct problem *problem) __attribute__((warn_unused_result));

#endif
