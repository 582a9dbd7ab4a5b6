// freezer.h: the freezer's area: functions and data that were frozen while a program ran.
//
// Written by runtime/freezer; read by runtime/core/str.c (strings), by the VM in place, and by
// tools that look into a flash. Little-endian words; everything is aligned to 4, blocks to 8.
// Offsets are bytes from the start of the area, addresses those of the window. Programming only
// clears bits, so every field is written once, but for the flags and the states, which lose bits.
//
//   struct freezer_header     32 bytes; `magic` is written last
//   slots                     freezer_slot_count(area bytes) words: the index
//   blocks                    one after the other, each 8-aligned, until erased flash
//   reserve                   two sectors at the end, erased but while the area is compacted; areas
//                             of less than four sectors have none and are not compacted
//
// An area grows into the partition unit by unit (freezer_unit_bytes): a unit's sectors are erased,
// where they are not blank, when the first block needs them, and only then its flag is cleared.
// What lies behind the first unit whose flag is set is not part of the area, but for the reserve,
// whatever stands there.
//
// Block: struct freezer_block, then `bytes` of payload, filled up to 4 with 0; but for strings then
// a bit for each word of that, from the lowest bit of the first word on: 1: the word is an address
// in the window. The whole is filled up to 8 with 0. Its state goes erased -> writing (header
// complete) -> committed (payload read back) -> dropped. Only committed blocks count. A cut leaves
// at most one block that is not, at the end.
//
// Index: open addressing. A block with hash h stands in the first free slot of h, h + 1 ... modulo
// the number of slots (a power of two): its offset / 4 in the low bits, the high bits of h above
// it. All ones: free, ends a search. 0: a slot that was spoilt by a cut, does not end a search. At
// every start slots that lead to no committed block are cleared to 0 and missing ones are added.
//
// Payloads. All references are addresses: into the same block, to the payload of a block before it,
// or to strings of the images below (`linked_crc`).
//   string    struct string of the VM: next 0, tag 4, mark 0x40; characters, NUL. hash: the
//             string's own. One block per text, and no text that an image below has.
//   function  struct proto of the VM (runtime/core/object.h): next, gray 0, header 0x4009. Behind
//   it
//             in this order: constants (unused words 0), code, sub-functions, names of upvalues,
//             local names, line table (bytes, NUL, filled up to 4 with 0). A vector of no items
//             has the reference 0. hash: of the words of the payload, references into the block
//             itself relative to it, so that equal functions are found wherever they lie.
//   table     struct table of the VM: next 0, tag 37, mark 0x40, all bits of absent metamethods,
//             free node 0, or a number below 0x10000 if parts of it are in RAM: no other object
//             then has its block. Behind it the list part, then the nodes (at least one), which
//             keep their order. Removed keys are dead ones without an address. Where ROM tables or
//             functions of the program are referred to, `gray` is the program's identity, else 0.
//   group     tables and closures that refer to each other, one after the other, each filled up to
//   8
//             with 0. As `next` each has its offset in the payload. Closure: struct lua_closure of
//             the VM: tag 6, mark 0x40, no environment (that of the state); behind it an upvalue
//             (struct upvalue, tag 10, closed) for each. No function of it assigns one.
//   module    struct freezer_module: a name for a function or, of data, for a table. hash: that of
//             the name. The last committed one of a name counts.
//
// Compaction. Blocks that are needed move towards the first place for a block and keep their order;
// addresses in them are changed, so are hash, CRC and check. The last sector says which: struct
// freezer_journal, then a bit for every 8 bytes of the area, 1: part of a block that stays. Its
// magic is written last. Then, from the first sector on that changes: the new content is written to
// a sector behind the old blocks (number of the sector modulo their count), said so; the sector
// is erased and gets it, said so. Slots are erased at first, and entered when all blocks have
// moved. At last all behind the new end is erased, the journal's magic is cleared, its sector
// erased. With the magic there nothing else of the area counts until this has been gone on with.

#ifndef FROST_FORMAT_FREEZER_H
#define FROST_FORMAT_FREEZER_H

#include <stddef.h>
#include <stdint.h>

#define FREEZER_MAGIC 0x315A5246u // "FRZ1"
#define FREEZER_LAYOUT 3u         // version of all this
#define FREEZER_LAYOUT_INTEGER 0x100u
#ifdef FROST_INTEGER
#define FREEZER_LAYOUT_BUILD (FREEZER_LAYOUT | FREEZER_LAYOUT_INTEGER)
#else
#define FREEZER_LAYOUT_BUILD FREEZER_LAYOUT
#endif

#define FREEZER_AREA_BYTES_MIN 0x2000u
#define FREEZER_AREA_BYTES_MAX 0x3F000u // what a mark of 15 bits can say in units of 8, and less

// Flags, active when 0.
#define FREEZER_KEEP 1u             // 0: to be erased at the next start
#define FREEZER_FRESH 2u            // 0: has outlived a start since it was erased
#define FREEZER_LOOSE 4u            // 0: to be compacted at the next start, little as it may give
#define FREEZER_UNIT(i) (8u << (i)) // 0: the unit was blank when the area grew into it
#define FREEZER_UNITS_MAX 29u
#define FREEZER_FLAG_BITS 7u // but for the units
#define FREEZER_FLAGS_ERASED 0xFFFFFFFFu

struct freezer_header {
    uint32_t magic;
    uint32_t flags;
    uint32_t layout; // FREEZER_LAYOUT_BUILD
    uint32_t build;  // identity of the program whose ROM tables and functions may be referred to
    uint32_t area_addr;
    uint32_t area_bytes;
    uint32_t linked_crc; // of the images below, 0: none (runtime/format/lfs_image.h)
    uint32_t crc;        // CRC-32 of layout ... linked_crc
};

enum freezer_kind {
    FREEZER_STRING = 1,
    FREEZER_FUNCTION,
    FREEZER_MODULE,
    FREEZER_TABLE,
    FREEZER_GROUP,
    FREEZER_KIND_END
};

// Tags of the VM in tables: a frozen table, a removed key.
#define FREEZER_TAG_TABLE 37u
#define FREEZER_TAG_CLOSURE 6u
#define FREEZER_TAG_DEAD 11u

struct freezer_module {
    uint32_t name;         // string
    uint32_t value;        // main function of the module; table that was made of a file
    uint32_t source_crc;   // CRC-32 of the file that it was loaded from
    uint32_t source_bytes; // and its length
};

_Static_assert(sizeof(struct freezer_module) == 16, "module of a freezer area");

// States of a block.
#define FREEZER_WRITING 0x7Fu
#define FREEZER_COMMITTED 0x3Fu
#define FREEZER_DROPPED 0x1Fu

struct freezer_block {
    uint8_t state;
    uint8_t kind;
    uint16_t check; // freezer_check()
    uint32_t bytes; // of the payload, without what fills it up
    uint32_t hash;  // by which the index finds it
    uint32_t crc;   // CRC-32 of all that is behind the header
};

// State and kind as the low half of the first word, which is how flash is read.
#define FREEZER_HEAD(state, kind) ((uint32_t)(state) | (uint32_t)(kind) << 8)
#define FREEZER_HEAD_MASK 0xFFFFu

_Static_assert(sizeof(struct freezer_header) == 32 && offsetof(struct freezer_header, crc) == 28,
               "header of a freezer area");
_Static_assert(sizeof(struct freezer_block) == 16 && offsetof(struct freezer_block, crc) == 12,
               "block of a freezer area");

// ---- the index ----

#define FREEZER_SLOT_FREE 0xFFFFFFFFu
#define FREEZER_SLOT_SPOILT 0u
#define FREEZER_SLOT_OFF_BITS 18
#define FREEZER_SLOT_OFF(slot) (((slot) & ((1u << FREEZER_SLOT_OFF_BITS) - 1u)) << 2)
#define FREEZER_SLOT_HASH(slot) ((slot) >> FREEZER_SLOT_OFF_BITS)

static inline uint32_t freezer_slot(uint32_t block_off, uint32_t hash)
{
    return block_off >> 2 | hash >> FREEZER_SLOT_OFF_BITS << FREEZER_SLOT_OFF_BITS;
}

// One slot for 64 bytes of the area: a power of two.
static inline uint32_t freezer_slot_count(uint32_t area_bytes)
{
    uint32_t slots = 64;
    while (slots * 2 * 64 <= area_bytes)
        slots *= 2;
    return slots;
}

// ---- blocks ----

static inline uint32_t freezer_fill(uint32_t bytes)
{
    return (bytes + 7u) & ~7u;
}

// Words that say which words of a payload are addresses.
static inline uint32_t freezer_bit_words(uint32_t kind, uint32_t bytes)
{
    return kind == FREEZER_STRING ? 0 : ((bytes + 3u) / 4u + 31u) / 32u;
}

// Bytes behind the header of a block with such a payload.
static inline uint32_t freezer_body_bytes(uint32_t kind, uint32_t bytes)
{
    return freezer_fill(((bytes + 3u) & ~3u) + 4u * freezer_bit_words(kind, bytes));
}

// Bytes of the area that it takes.
static inline uint32_t freezer_block_bytes(uint32_t kind, uint32_t bytes)
{
    return (uint32_t)sizeof(struct freezer_block) + freezer_body_bytes(kind, bytes);
}

static inline uint32_t freezer_first_block(uint32_t area_bytes)
{
    return (uint32_t)sizeof(struct freezer_header) + 4u * freezer_slot_count(area_bytes);
}

// Where blocks end: the reserve begins there.
static inline uint32_t freezer_limit(uint32_t area_bytes, uint32_t sector_bytes)
{
    return area_bytes < 4u * sector_bytes ? area_bytes : area_bytes - 2u * sector_bytes;
}

// What the area grows by: one sector, or as many as it takes for every unit to have a flag.
static inline uint32_t freezer_unit_bytes(uint32_t area_bytes, uint32_t sector_bytes)
{
    return (area_bytes / sector_bytes + FREEZER_UNITS_MAX - 1) / FREEZER_UNITS_MAX * sector_bytes;
}

// Where the area ends by its flags, or the reserve begins.
static inline uint32_t freezer_grown(uint32_t flags, uint32_t area_bytes, uint32_t sector_bytes)
{
    uint32_t units = 0, limit = freezer_limit(area_bytes, sector_bytes);
    while (units < FREEZER_UNITS_MAX && !(flags & FREEZER_UNIT(units)))
        units++;
    uint32_t bytes = units * freezer_unit_bytes(area_bytes, sector_bytes);
    return bytes < limit ? bytes : limit;
}

// So that a header that was cut off or damaged is known from its own bytes.
static inline uint32_t freezer_check(uint32_t kind, uint32_t bytes, uint32_t hash, uint32_t crc)
{
    uint32_t h = kind * 0x9E3779B1u;
    h = (h ^ bytes) * 0x85EBCA6Bu;
    h = (h ^ h >> 15 ^ hash) * 0xC2B2AE35u;
    h = (h ^ h >> 13 ^ crc) * 0x27D4EB2Fu;
    return h >> 16;
}

// ---- compaction ----

#define FREEZER_JOURNAL_MAGIC 0x435A5246u // "FRZC"
#define FREEZER_SECTORS_MAX 63

struct freezer_journal {
    uint32_t magic;
    uint32_t crc; // CRC-32 of layout ... end, then of the bits
    uint32_t layout, build, area_addr, area_bytes, linked_crc; // as in the header
    uint32_t end;                                              // behind the last block before
    uint32_t done[4]; // 2 bits a sector, 0: its new content is written; is in its place
    uint32_t unused[4];
};

_Static_assert(sizeof(struct freezer_journal) == 64 && offsetof(struct freezer_journal, done) == 32,
               "journal of a freezer area");
_Static_assert(sizeof(struct freezer_journal) + FREEZER_AREA_BYTES_MAX / 64 <= 4096 &&
                   FREEZER_AREA_BYTES_MAX / 4096 <= FREEZER_SECTORS_MAX,
               "journal and bits fill a sector at most");

#endif
