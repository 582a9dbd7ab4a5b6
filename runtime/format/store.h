// store.h: small files in flash: entries of Monty's MRFS in a ring of sectors.
//
// Written and read by runtime/flash/store. Little-endian. A store is a range of whole sectors,
// at least STORE_SECTORS_MIN: two control sectors, then the ring. All places are offsets from the
// start of the range.
//
// Entry: whole units of 32 bytes, on a multiple of 32, contiguous: it goes over borders of sectors,
// never over the end of the ring.
//
//     off            bytes  what
//     0              4      STORE_MAGIC, "mty0"
//     4              4      head word: size of the payload and flags
//     8              size   payload
//     8 + size       0..31  erased
//     32*units - 24  16     name: up to 15 characters, filled up with 0
//     32*units - 8   4      time, decimal YYMMDDHHMM; STORE_TIME_DELETES: the name is deleted;
//                           STORE_TIME_UNKNOWN
//     32*units - 4   4      CRC-32 (gzip's) of all before it in the entry; so that of the whole
//                           entry is STORE_CRC_RESIDUE
//
//     units = 1 + ceil(size / 32)
//
// Head word:
//
//     bits     what
//     0..23    size
//     24..28   how many of the other 27 bits are 0
//     29       0: the name has more than 15 characters; the payload's last 16 bytes are the others
//     30..31   kind: 3 file or marker, 2 file that had another name, 1 hole
//
// A file that had another name ends its payload (before the 16 bytes) with 32 bytes of that name,
// filled up with 0, and deletes it. A hole has no name, time and CRC: its content does not count.
// Programming only clears bits, so a head word whose programming was cut has too few zeros, and a
// count of them that is too high: no such word is taken for another. If it is sound with one bit
// the other way, and the entry has its CRC then, it is that word: a bit of flash has changed, or a
// cut has left one. Else it counts as not there and is completed to 0 later: nothing up to the next
// sector. On the way there the count is cleared bit by bit, in an order in which it is never that
// of the zeros; a word whose count is 0 is as good as 0.
//
// Writing: magic, payload, the entry's last 24 bytes, then the head word, from which on the entry
// counts. The highest entry of a name counts (the latest in the order of the ring); one with
// STORE_TIME_DELETES says that there is none. The unit behind the last entry is erased, and so is
// the rest of its sector; what other sectors outside the log hold does not matter.
//
// Control sector: one struct store_control, then words that each give the place of the first entry
// of the log, the last one counts: bits 0..23 the offset in units, 24..28 as in a head word,
// 29..31 set. Of the two sectors the one counts that has a sound record with the higher sequence.
// Source: jeelabs/monty, MRFS (entry, unit, magic, time, CRC). Ours: flags, ring, control sectors.

#ifndef FROST_FORMAT_STORE_H
#define FROST_FORMAT_STORE_H

#include <stddef.h>
#include <stdint.h>

#define STORE_UNIT_BYTES 32u
#define STORE_HEAD_BYTES 8u
#define STORE_TAIL_BYTES 24u
#define STORE_MAGIC 0x3079746Du // "mty0"
#define STORE_CRC_RESIDUE 0x2144DF1Cu

#define STORE_NAME_SHORT 15u     // characters that the tail has room for
#define STORE_NAME_BYTES_MAX 31u // and the payload's end
#define STORE_NAME_MORE_BYTES 16u
#define STORE_OLD_NAME_BYTES 32u

#define STORE_TIME_DELETES 0u
#define STORE_TIME_UNKNOWN 1u

#define STORE_CONTROL_SECTORS 2u
#define STORE_SECTORS_MIN 10u
#define STORE_BYTES_MAX 0x1000000u // a size has 24 bits

enum store_kind { STORE_HOLE = 1, STORE_RENAMED = 2, STORE_FILE = 3 };

#define STORE_SIZE_MASK 0xFFFFFFu
#define STORE_IS_SHORT 0x20000000u // in a head word
#define STORE_WORD_ERASED 0xFFFFFFFFu

struct store_head {
    uint32_t magic;
    uint32_t word;
};

struct store_tail {
    char name[STORE_NAME_SHORT + 1];
    uint32_t time;
    uint32_t crc;
};

#define STORE_CONTROL_MAGIC 0x31726673u // "sfr1"

struct store_control {
    uint32_t magic;
    uint32_t sequence;     // 1 for the first one
    uint32_t first;        // place of the first entry, in units
    uint32_t turns;        // how often the first entry went around the ring
    uint32_t sector_bytes; // of the device
    uint32_t sector_count; // of the range
    uint32_t reserved;     // erased
    uint32_t crc;          // CRC-32 of all before it
};

_Static_assert(sizeof(struct store_head) == STORE_HEAD_BYTES &&
                   offsetof(struct store_head, word) == 4,
               "head of an entry");
_Static_assert(sizeof(struct store_tail) == STORE_TAIL_BYTES &&
                   offsetof(struct store_tail, time) == 16 &&
                   offsetof(struct store_tail, crc) == 20,
               "tail of an entry");
_Static_assert(sizeof(struct store_control) == 32 && offsetof(struct store_control, crc) == 28,
               "record of a control sector");
_Static_assert(STORE_HEAD_BYTES + STORE_TAIL_BYTES == STORE_UNIT_BYTES, "an entry is whole units");

// Bytes of an entry with that much payload.
static inline uint32_t store_entry_bytes(uint32_t size)
{
    return STORE_UNIT_BYTES + (size + STORE_UNIT_BYTES - 1) / STORE_UNIT_BYTES * STORE_UNIT_BYTES;
}

#define STORE_COUNT_MASK 0x1F000000u
#define STORE_COUNT_SHIFT 24

// Puts the count of zeros into a word; it is ignored there.
static inline uint32_t store_word(uint32_t word)
{
    uint32_t zeros = (uint32_t)__builtin_popcount(~(word | STORE_COUNT_MASK));
    return (word & ~STORE_COUNT_MASK) | zeros << STORE_COUNT_SHIFT;
}

static inline int store_word_is_sound(uint32_t word)
{
    return store_word(word) == word;
}

// Says nothing up to the next sector; an entry's word has zeros.
static inline int store_word_is_dead(uint32_t word)
{
    return (word & STORE_COUNT_MASK) == 0;
}

static inline enum store_kind store_word_kind(uint32_t word)
{
    return (enum store_kind)(word >> 30);
}

#endif
