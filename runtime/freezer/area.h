// area.h: the freezer's area as a list of blocks that is only appended to, with its index.
//
// Reads and writes: one flash device, in its window for reading. Layout: runtime/format/freezer.h.
//         Knows nothing of Lua: what a block holds comes word by word from its writer.
// Memory: struct freezer_area, the caller's; a few words of the stack. Nothing is allocated.
// Context: main loop only, never from an interrupt.
// Power:  a block counts when its state says so, which is programmed after its payload was read
//         back. After a cut anywhere every block that was committed before is there, the one that
//         was being written is not, and the index is repaired at the next start
//         (tests/powerloss/freezer_powerloss_test.c).

#ifndef FROST_FREEZER_AREA_H
#define FROST_FREEZER_AREA_H

#include "runtime/flash/device.h"
#include "runtime/format/freezer.h"

// What an area must have been made for to be used.
struct freezer_identity {
    uint32_t build;
    uint32_t linked_crc;
};

struct freezer_area {
    struct flash_device *device;
    uint32_t off, bytes;  // on the device
    uint32_t limit;       // offset where blocks must end
    uint32_t grown;       // offset of the first sector that may hold something else still
    uint32_t addr;        // in the window, as references say it
    const uint32_t *base; // where it is read
    struct freezer_identity identity;
    uint32_t end;        // offset where the next block goes
    uint32_t slots_used; // spoilt ones too
    uint32_t flags;      // as in the header
    uint32_t bad_blocks; // found damaged at the start
    uint32_t given_up;   // blocks that were dropped or not completed, in all
    int is_open;         // sound, mounted, may be appended to
};

// ---- what a block is made of ----

enum frozen_mode { FROZEN_MEASURE, FROZEN_COMPARE, FROZEN_WRITE };

#define FROZEN_BUFFER_WORDS 32

struct frozen_sink {
    enum frozen_mode mode;
    uint32_t addr;      // of the payload's first word
    const uint32_t *at; // FROZEN_COMPARE: what lies there
    struct freezer_area *area;
    uint32_t off;       // FROZEN_WRITE: where the buffer goes
    uint32_t words;     // so far
    uint32_t hash, crc; // of these
    int differs;
    int is_marking; // the words are given once more, to say which of them are addresses
    int status;
    uint32_t buffer[FROZEN_BUFFER_WORDS];
    uint32_t buffered;
    uint32_t stored; // words to the buffer
    uint32_t bits;   // which of the last words are addresses
};

// Gives all words of an object's payload to the sink, the same ones at every call.
typedef void (*frozen_emit)(struct frozen_sink *sink, const void *object);

void frozen_put(struct frozen_sink *sink, uint32_t word);
// An address in the window, outside the payload; 0: none.
void frozen_put_address(struct frozen_sink *sink, uint32_t addr);
// A reference to the payload itself, `rel` bytes behind its start.
void frozen_put_inner(struct frozen_sink *sink, uint32_t rel);
// Bytes of the machine's memory, filled up to words with 0.
void frozen_put_bytes(struct frozen_sink *sink, const void *data, uint32_t bytes);

struct frozen_item {
    enum freezer_kind kind;
    uint32_t bytes; // of the payload
    uint32_t hash;  // FREEZER_STRING, FREEZER_MODULE: the text's; else worked out
    frozen_emit emit;
    const void *object;
};

// ---- the area ----

// Looks at what lies in a range of the device, and repairs it as far as a cut or damage make that
// necessary.
//
// check   says whether the payload of a committed block is what its kind promises, and all that it
//         refers to is there; it may look at blocks before it (freezer_area_payload). NULL: no.
// Result: STATUS_OK: open. STATUS_NOT_FOUND: no area was made yet. STATUS_VERSION: made for another
//         build, place or image. STATUS_END: to be erased now. STATUS_DAMAGED: header. STATUS_IO.
//         STATUS_USAGE: the window does not show the range, or not before the next start.
// Cost:   reads the area twice; programs a word for each block and slot that is given up. Goes on
//         with a compaction that was cut.
typedef int (*freezer_check_block)(const struct freezer_area *area, uint32_t payload_off);
int freezer_area_open(struct freezer_area *area, struct flash_device *device, uint32_t off,
                      uint32_t bytes, const struct freezer_identity *identity,
                      freezer_check_block check) __attribute__((warn_unused_result));

// Makes an empty area of the range; device, range and identity are those of the last
// freezer_area_open. Errors: STATUS_IO: there is no area then.
// Cost: the sectors of header, index and reserve are read, and erased if they are not blank; all
//       others when freezer_area_put needs them.
int freezer_area_format(struct freezer_area *area) __attribute__((warn_unused_result));

// Clears flags of the header (FREEZER_KEEP, FREEZER_FRESH). Errors: STATUS_IO.
int freezer_area_clear_flags(struct freezer_area *area, uint32_t flags)
    __attribute__((warn_unused_result));

// Offset of the payload of the last committed block of a kind with that hash whose first word is
// `first`; 0: there is none. Cost: as a search for content.
uint32_t freezer_area_last(struct freezer_area *area, enum freezer_kind kind, uint32_t hash,
                           uint32_t first);

// Address of the payload of the block with that content, 0: there is none.
uint32_t freezer_area_find(struct freezer_area *area, const struct frozen_item *item);

// The same, appended if it is not there. *written gets the bytes of the area that it took.
//
// Errors: STATUS_NO_SPACE (nothing written), STATUS_IO (the place is given up, the next one was
//         tried once).
int freezer_area_put(struct freezer_area *area, const struct frozen_item *item, uint32_t *addr,
                     uint32_t *written) __attribute__((warn_unused_result));

// Sectors that appending `bytes` would erase, or in an area that is not open making it and then
// appending them. *read_bytes: what is read to find out whether they are blank.
uint32_t freezer_area_erases(const struct freezer_area *area, uint32_t bytes, uint32_t *read_bytes);

// Is there room for `blocks` more blocks that take `bytes` together?
int freezer_area_has_room(const struct freezer_area *area, uint32_t blocks, uint32_t bytes);

// Takes a committed block out of use. Errors: STATUS_IO.
int freezer_area_drop(struct freezer_area *area, uint32_t payload_off)
    __attribute__((warn_unused_result));

// ---- compaction ----

// Bytes of work memory for an area.
#define FREEZER_WORK_BYTES(area_bytes) (2 * (area_bytes) / 64)

// Gives back the space of blocks that nobody needs, if that is `gain_min` bytes or more: blocks
// that were dropped or not completed, and what only modules that were dropped or superseded refer
// to. What was frozen without a name stays. All others may move: at a start, before anything refers
// to the area, which has to be opened again if *gained is not 0.
//
// work   FREEZER_WORK_BYTES(area->bytes), 4-aligned.
// Errors: STATUS_USAGE: the area has no reserve; with *gained not 0: done, but a cache still shows
//         what was there before, until the next start. STATUS_IO: with *gained 0 the area is as it
//         was, else compaction goes on at the next start.
// Cost:  each sector from the first that changes on is written twice and erased twice.
// Power: goes on at the next start (freezer_area_open).
int freezer_area_compact(struct freezer_area *area, void *work, uint32_t gain_min, uint32_t *gained)
    __attribute__((warn_unused_result));

// Has a compaction of the area at that place of a device been cut?
int freezer_area_is_compacting(struct flash_device *device, uint32_t off, uint32_t bytes);

// ---- looking at blocks ----

// Offset of the first committed block's payload behind that at `payload_off` (0: of all), 0: none.
uint32_t freezer_area_next(const struct freezer_area *area, uint32_t payload_off);
// Is there a committed block of this kind whose payload begins at the address?
int freezer_area_has(const struct freezer_area *area, uint32_t addr, enum freezer_kind kind);

static inline const uint32_t *freezer_area_payload(const struct freezer_area *area, uint32_t off)
{
    return area->base + off / 4;
}

static inline const struct freezer_block *freezer_area_block(const struct freezer_area *area,
                                                             uint32_t payload_off)
{
    return (const struct freezer_block *)(const void *)(area->base + payload_off / 4) - 1;
}

static inline enum freezer_kind freezer_block_kind(const struct freezer_block *block)
{
    return (enum freezer_kind)(*(const uint32_t *)(const void *)block >> 8 & 0xFF);
}

#endif
