// heap_replay.h: follows the heap of a run through its trace: which blocks live, and the ledger.
//
// Reads: one trace, event by event. Each event becomes a step that says which block died and which
// was born, so that the analyses above see births and deaths only.
// Memory: in proportion to the blocks that live at once and to the ids of the trace, in the arena.
//
//     heap_replay_begin(replay, trace, arena);
//     while ((more = heap_replay_next(replay, &step, problem)) > 0) ...
//
// Of stock firmware only strings are known; its string table, which starts with 32 slots and
// doubles when it is full, is put into the ledger as if it had been told.
//
// A boot ends the life of every block; the step has `is_boot`, and the blocks can still be visited
// with heap_replay_each_live() until the next step.

#ifndef FROST_ANALYSIS_HEAP_REPLAY_H
#define FROST_ANALYSIS_HEAP_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/trace/trace_dict.h"
#include "analyzer/trace/trace_reader.h"

#define HEAP_STRING_HEADER_BYTES 16u // of a string, before its characters
#define HEAP_NO_TEXT UINT32_MAX
#define HEAP_TABLE_SLOTS_START 32u   // of a string table (facts on the firmware, g)

struct heap_block {
    uint32_t addr;
    uint32_t bytes;
    uint32_t user;      // the analysis' own: the index of the text or site it belongs to
    uint32_t next_free; // index of the next unused block; of the replay
    uint16_t site;      // id of the trace
    uint8_t kind;       // enum trace_kind
    uint8_t flags;      // TRACE_STRING_* of a string
    uint32_t birth_gc;  // collections that had ended when it was born
    uint64_t birth;     // number of the step
    uint64_t birth_clock;
};

struct heap_replay {
    struct trace *trace;
    struct trace_dict *dict;
    struct arena arena; // of the blocks
    uint32_t *slots;    // block index + 1 by address, 0 for none
    uint32_t slot_bits;
    struct heap_block *blocks;
    uint32_t block_room, block_count, free_head;
    uint32_t live_count;
    struct heap_block dead;  // copy of the block that died in this step
    uint64_t step_count;     // steps so far, this one included
    uint64_t lua_bytes;      // the ledger after this step
    uint64_t strings_bytes;  // of it, in strings
    uint64_t table_bytes;    // of it, in the vector of the string table (modelled if is_stock)
    uint32_t string_count;   // strings that live in RAM
    uint32_t gc_count;       // collections that have ended
    uint64_t gc_visited;     // objects that they visited
    uint32_t boot_count;
    uint64_t frees_unknown;  // events about blocks that no event had made: loss
    uint64_t births_over;    // births on a live block: loss
    uint64_t clock;          // of the last event
    bool is_boot_pending;
    bool is_stock;           // of stock firmware: only strings are known
};

struct heap_step {
    struct trace_event event;
    const struct heap_block *died; // NULL if none
    struct heap_block *born;       // NULL if none; `user` is for the caller to set
    const struct trace_dict_text *text; // of string_new, string_found and content_read, if defined
    bool is_boot;
    bool is_resize; // the block that was born continues the one that died
};

// Starts on a trace that stands at its beginning.
void heap_replay_begin(struct heap_replay *replay, struct trace *trace, struct arena *arena);

// Gives the memory of the blocks back.
void heap_replay_end(struct heap_replay *replay);

// The next step. Result: as trace_next(): 1, 0 at the end, or a failure, which `problem` tells.
int heap_replay_next(struct heap_replay *replay, struct heap_step *step, struct problem *problem)
    __attribute__((warn_unused_result));

// Calls `visit` for each block that lives, in no particular order.
void heap_replay_each_live(const struct heap_replay *replay,
                           void (*visit)(void *context, const struct heap_block *block),
                           void *context);

#endif
