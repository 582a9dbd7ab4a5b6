// freezer_view.h: a freezer area as a list of blocks: what each is, whether it is sound.
//
// Reads: the bytes of a partition, or of a file that holds the beginning of one. Writes nothing:
// what the runtime would repair at its next start is only told.
// Memory: the caller's arena; the bytes are not copied.
// Source: runtime/format/freezer.h. Shares no code with the runtime's own reader, so the two check
// each other. Bytecode is not verified here.

#ifndef FROST_FLASH_FREEZER_VIEW_H
#define FROST_FLASH_FREEZER_VIEW_H

#include <stdbool.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"
#include "analyzer/base/text.h"
#include "runtime/format/freezer.h"

enum freezer_view_state {
    FREEZER_VIEW_COUNTS,
    FREEZER_VIEW_DAMAGED, // committed, but it will be dropped at the next start
    FREEZER_VIEW_DROPPED,
    FREEZER_VIEW_UNFINISHED, // a cut has left it
    FREEZER_VIEW_STATES
};

extern const char *const freezer_view_state_names[];
extern const char *const freezer_kind_names[FREEZER_KIND_END]; // "string"; NULL for 0

struct freezer_view_block {
    uint32_t off;   // of its header in the area
    uint32_t bytes; // of the payload
    uint32_t kind;  // enum freezer_kind
    enum freezer_view_state state;
    const char *fault; // of a damaged one
    uint32_t content;  // checksum of what it holds and refers to, wherever that lies
};

// An image below the freezer, whose strings an area may use.
struct freezer_below {
    uint32_t addr, bytes;
    const uint8_t *data;
};

#define FREEZER_BELOW_MAX 2

// What an area is looked at with: the flash that it lies in.
struct freezer_place {
    bool is_known;        // else the area's own word is taken for what follows
    uint32_t addr, bytes; // of the partition in the window
    uint32_t linked_crc;  // of the images below, 0: none
    struct freezer_below below[FREEZER_BELOW_MAX];
    uint32_t below_count;
};

struct freezer_view {
    struct text path;
    const uint8_t *data;
    uint32_t data_bytes; // erased flash follows, up to the area's end
    struct freezer_header header;
    struct freezer_place place;
    const char *refused; // why the device makes it anew, NULL: it takes it
    bool is_compacting;  // a compaction was cut: blocks are known after the next start alone
    uint32_t grown;      // where sectors begin that it has not needed yet
    uint32_t end;        // where the next block goes, 0: not known
    struct freezer_view_block *blocks;
    uint32_t block_count;
    uint32_t slots_used, slots_lost; // of the index; blocks that it lacks
    uint32_t unreadable_bytes;       // where no block stands
};

// True if the bytes begin as an area does, whatever follows.
bool freezer_view_is_area(const void *data, size_t bytes);

// Looks at an area. `place` NULL: a file of its own. Errors: STATUS_DAMAGED: no header, or one that
// is not sound.
int freezer_view_read(struct arena *arena, struct text path, const uint8_t *data, uint32_t bytes,
                      const struct freezer_place *place, struct freezer_view **view,
                      struct problem *problem) __attribute__((warn_unused_result));

// The word at an offset of the area; erased behind its bytes.
uint32_t freezer_view_word(const struct freezer_view *view, uint32_t off);

// Constants and keys are so many bytes long.
uint32_t freezer_view_value_bytes(const struct freezer_view *view);
bool freezer_view_is_integer(const struct freezer_view *view);

// The block whose payload begins at an address, NULL: none that is whole.
const struct freezer_view_block *freezer_view_at(const struct freezer_view *view, uint32_t addr);

// The block that holds what lies at an address: its payload begins there, or it is a group with a
// table or closure there. NULL: there is nothing. *kind: what lies there, in words.
const struct freezer_view_block *freezer_view_object(const struct freezer_view *view, uint32_t addr,
                                                     const char **kind);

// The text of the string at an address, in the area or in an image below. False: it is none.
bool freezer_view_text(const struct freezer_view *view, uint32_t addr, struct text *text);

// Is it the last module of its name, which counts?
bool freezer_view_is_last(const struct freezer_view *view, const struct freezer_view_block *module);

// A word of a block's payload, by its offset there.
static inline uint32_t freezer_view_payload(const struct freezer_view *view,
                                            const struct freezer_view_block *block, uint32_t off)
{
    return freezer_view_word(view, block->off + (uint32_t)sizeof(struct freezer_block) + off);
}

#endif
