// gc_spaces.h: what each space held: objects and vectors, in total, now, at most. The form is that
// of Monty's collector.
//
// A space is RAM, LFS or the freezer. Objects are what the collector knows (strings, tables,
// functions, threads ...); vectors are the blocks that these have besides: list parts and nodes,
// stacks, code, constants ... In the freezer a block holds an object with its vectors.
// Reads: events of blocks, of the collector, of freezes; copies of images. Memory: of fixed size.

#ifndef FROST_ANALYSIS_GC_SPACES_H
#define FROST_ANALYSIS_GC_SPACES_H

#include "analyzer/analysis/heap/replay.h"
#include "reports/report.h"

enum gc_space_id {
    GC_SPACE_RAM_OBJECTS,
    GC_SPACE_RAM_VECTORS,
    GC_SPACE_LFS_OBJECTS,
    GC_SPACE_LFS_VECTORS,
    GC_SPACE_FREEZER,
    GC_SPACE_COUNT
};

struct gc_space {
    uint64_t total, total_bytes;     // ever made, with what they grew by
    uint64_t current, current_bytes; // now; at the end of the last run
    uint64_t most, most_bytes;       // at once
};

struct gc_compactions {
    uint64_t passes, failures; // of them, after a failed allocation
    uint64_t moves, moved_bytes;
};

struct gc_spaces {
    struct gc_space items[GC_SPACE_COUNT];
    struct gc_compactions compactions;
    uint64_t checks;       // times the collector ran
    uint64_t sweeps;       // whole cycles
    uint32_t freezer_next; // where the freezer's next block went before the freeze that runs
    uint32_t freezer_last; // the highest address of a block that something has moved to
};

// Takes in an event: one of these.
#define GC_SPACES_EVENTS                                                                           \
    (REPLAY_BLOCKS | REPLAY_EVENT(boot) | REPLAY_EVENT(image_mounted) | REPLAY_EVENT(gc_begin) |   \
     REPLAY_EVENT(compaction) | REPLAY_EVENT(freezer_mounted) | REPLAY_EVENT(freeze_begin) |       \
     REPLAY_EVENT(freeze_object) | REPLAY_EVENT(freezer_erase))
void gc_spaces_note(struct gc_spaces *spaces, const struct heap_replay *replay,
                    const struct heap_step *step);
// The run is over.
void gc_spaces_end_run(struct gc_spaces *spaces, const struct heap_replay *replay);

// Totals and the table `spaces`. `available_bytes`: the largest free block at the end; -1: not
// known.
void gc_spaces_report(const struct gc_spaces *spaces, int64_t available_bytes,
                      struct report *report);

#endif
