// gc_strings.h: how well the tables of strings do: look-ups, chains, resizes.
//
// Reads: events of a replay, and at the end of a run the copies of images for the table in flash.
// Memory: of fixed size, and GC_RESIZES_MAX resizes.

#ifndef FROST_ANALYSIS_GC_STRINGS_H
#define FROST_ANALYSIS_GC_STRINGS_H

#include "analyzer/analysis/heap/replay.h"

#define GC_PROBES 17u // 0 to 15 entries compared, the last one: more
#define GC_CHAINS 9u  // chains of 0 to 7 strings, the last one: longer
#define GC_RESIZES_MAX 64u

enum gc_lookup { GC_LOOKUP_RAM, GC_LOOKUP_FLASH, GC_LOOKUP_NEW, GC_LOOKUP_COUNT };

struct gc_lookup_counts {
    uint64_t count, probes, probes_max;
    uint64_t by_probes[GC_PROBES];
};

struct gc_resize {
    uint64_t clock;
    uint32_t slots_before, slots, strings, chain_max;
};

// Chains of one table.
struct gc_chains {
    uint32_t slots, strings, chain_max;
    uint32_t by_length[GC_CHAINS]; // slots
    uint64_t probes;               // entries compared when each string is looked up once
    uint32_t unknown;              // strings whose text is not in the trace, so not in any chain
};

struct gc_strings {
    struct gc_lookup_counts lookups[GC_LOOKUP_COUNT];
    struct gc_resize resizes[GC_RESIZES_MAX]; // the first ones
    uint64_t resize_count, growths, shrinks;
    uint32_t slots;         // of the RAM table now
    uint32_t strings_max;   // in RAM at once
    double load_max;        // strings per slot
    struct gc_chains ram;   // at the end of the last run
    struct gc_chains flash; // of the image that was mounted last
    bool has_flash;
};

// Takes in an event: one of these.
#define GC_STRINGS_EVENTS                                                                          \
    (REPLAY_EVENT(string_new) | REPLAY_EVENT(string_found) | REPLAY_EVENT(string_table) |          \
     REPLAY_EVENT(image_mounted) | REPLAY_EVENT(boot))
void gc_strings_note(struct gc_strings *strings, const struct heap_replay *replay,
                     const struct heap_step *step);

// Looks at the chains as they are now.
void gc_strings_end_run(struct gc_strings *strings, const struct heap_replay *replay);

#endif
