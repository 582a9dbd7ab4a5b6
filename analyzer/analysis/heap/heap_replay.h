// heap_replay.h: follows the heap of a run through its trace: which blocks live, and the ledger.
//
// Reads: one trace, event by event. Each event becomes a step that says which block died and which
// was born, so that the analyses above see births and deaths only. replay.h drives it.
// Memory: in proportion to the blocks that live at once (64 bytes each) and to the ids of the
// trace. Blocks are found by address: in a table with a word for every 8 bytes of the heap that a
// boot names, as far as it is used (half the heap's size at most, HEAP_DIRECT_BYTES_MAX / 2 for
// larger ones), others in a hash table.
//
// Of stock firmware only strings are known; its string table, which starts with 32 slots and
// doubles when it is full, is put into the ledger as if it had been told.
//
// A boot ends the life of every block; the step has `is_boot`, and the blocks can still be visited
// with heap_replay_each_live() until heap_replay_boot().

#ifndef FROST_ANALYSIS_HEAP_REPLAY_H
#define FROST_ANALYSIS_HEAP_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/hash_table.h"
#include "analyzer/trace/trace_dict.h"
#include "analyzer/trace/trace_reader.h"

#define HEAP_STRING_HEADER_BYTES 16u // of a string, before its characters
#define HEAP_NO_TEXT UINT32_MAX
#define HEAP_TABLE_SLOTS_START 32u // of a string table (behaviour of NodeMCU 3.0)
#define HEAP_DIRECT_BYTES_MAX (64u << 20)

// Words that analyses keep at each block; each has its own. HEAP_NO_TEXT at birth.
enum heap_user {
    HEAP_USER_PROFILE, // index of the text
    HEAP_USER_EXPORT,  // index of the text
    HEAP_USER_HOT,     // index of the object
    HEAP_USERS,
    HEAP_USER_FILE = HEAP_USER_HOT, // of the application; both are never in one replay
};

struct heap_block {
    uint32_t addr;
    uint32_t bytes;
    uint64_t birth; // number of the step
    uint64_t birth_clock;
    uint32_t birth_gc;    // collections that had ended when it was born
    uint32_t birth_cycle; // whole cycles that had ended, when what it continues was born
    uint16_t site;        // id of the trace: the line that made it, over all resizes its owner
    uint8_t kind;         // enum trace_kind
    uint8_t origin;       // of a string: a set of TRACE_ORIGINS
    uint32_t text;        // of a string: id of the trace
    uint32_t user[HEAP_USERS];
    uint32_t next_free; // index of the next unused block; its own while it lives
};

struct heap_replay {
    struct trace *trace;
    struct trace_dict *dict;
    struct arena *arena;     // of the run
    uint32_t *direct;        // block index + 1 by (address - direct_addr) / 8, 0 for none
    uint32_t direct_addr;    // where the heap begins
    uint32_t direct_bytes;   // how much of it has a place in `direct`
    uint32_t direct_room;    // the most that could have one
    struct hash_table index; // of blocks at other addresses
    struct heap_block *blocks;
    uint32_t block_room, block_count, free_head;
    uint32_t live_count;
    struct heap_block dead; // copy of the block that died in this step
    uint64_t step_count;    // events so far, this one included
    uint64_t lua_bytes;     // the ledger after this step
    uint64_t strings_bytes; // of it, in strings
    uint64_t table_bytes;   // of it, in the vector of the string table (modelled if is_stock)
    uint64_t state_bytes;   // of it, what no block accounts for: said by the boot
    uint32_t string_count;  // strings that live in RAM
    uint32_t gc_count;      // collections that have ended
    uint32_t cycle_count;   // whole cycles that have ended (gc_cycle.h)
    uint64_t gc_visited;    // objects that they visited
    uint32_t boot_count;
    uint64_t frees_unknown; // events about blocks that no event had made: loss
    uint64_t births_over;   // births on a live block: loss
    uint64_t clock;         // of the last event
    bool is_stock;          // of stock firmware: only strings are known
};

struct heap_step {
    const struct trace_event *event;
    const struct heap_block *died;  // NULL if none
    struct heap_block *born;        // NULL if none; `user` is for the analyses to set
    const struct heap_block *moved; // it only has another address now; NULL if none
    uint32_t moved_from;
    struct trace_dict_text *text; // of string_new, string_found and content_read, if defined
    bool is_boot;
    bool is_resize; // the block that was born continues the one that died, which is of its kind
};

// Bytes that the birth of this step allocated: all of a new block, growth of one that goes on.
static inline uint32_t heap_step_growth(const struct heap_step *step)
{
    uint32_t old = step->is_resize ? step->died->bytes : 0;
    return step->born->bytes > old ? step->born->bytes - old : 0;
}

// Id of the line that asked for the birth of this step: not the owner, if it is a resize.
static inline uint16_t heap_step_site(const struct heap_step *step)
{
    return step->event->id == TRACE_ID_resize ? step->event->resize.site : step->born->site;
}

// Starts on a trace that stands at its beginning; steps are counted from `first_step` on. Memory is
// that of `arena`, which is to be given back with the run.
void heap_replay_begin(struct heap_replay *replay, struct trace *trace, uint64_t first_step,
                       struct arena *arena);

// Makes a step of `step->event`, the newest event of the trace.
//
// Errors: STATUS_DAMAGED an id above what a trace can have.
int heap_replay_take(struct heap_replay *replay, struct heap_step *step, struct problem *problem)
    __attribute__((warn_unused_result));

// What follows a step with `is_boot` once all analyses have seen it: nothing lives any more.
void heap_replay_boot(struct heap_replay *replay, const struct heap_step *step);

// Calls `visit` for each block that lives, in no particular order.
void heap_replay_each_live(const struct heap_replay *replay,
                           void (*visit)(void *context, const struct heap_block *block),
                           void *context);

// Compares the blocks with the ledger and the tables that find them; asserts that they agree.
// Cost: all blocks. Sanitizer builds call it at every boot and at the end of each run.
void heap_replay_check(const struct heap_replay *replay);

#endif
