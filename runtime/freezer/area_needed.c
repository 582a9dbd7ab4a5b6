// area_needed.c: which blocks of an area are needed, before it is compacted.
//
// Reads: the area, by its device. Memory: two bits for every 8 bytes of the area, the caller's.
//
// References lead back, so one pass from the last block to the first finds all that a set of blocks
// refers to. Nobody says what a program has frozen without a name for: it is kept. So the first
// pass finds what modules refer to that were dropped or superseded; the second what all other
// blocks refer to. What only the first has found is not needed.

#include <string.h>

#include "runtime/flash/inflate.h"
#include "runtime/freezer/area_parts.h"
#include "runtime/freezer/area_words.h"

struct search {
    struct freezer_area *area;
    uint32_t *starts; // bit n: a block begins at 8 * n
    uint32_t *marks;  // it is one of those that are looked for
    uint32_t words;
    int status;
};

static uint32_t read_word(struct search *s, uint32_t off)
{
    return area_read_word(s->area, off, &s->status);
}

static struct block_head head_at(struct search *s, uint32_t off)
{
    return (struct block_head){read_word(s, off), read_word(s, off + 4), read_word(s, off + 8),
                               read_word(s, off + 12)};
}

static uint32_t kind_of(const struct block_head *head)
{
    return head->first >> 8 & 0xFF;
}

static uint32_t bytes_of(const struct block_head *head)
{
    return freezer_block_bytes(kind_of(head), head->bytes);
}

// The first sound block from `off` on, 0: there is none.
static uint32_t block_from(struct search *s, uint32_t off, struct block_head *head)
{
    for (; off + BLOCK_BYTES <= s->area->end; off += 8) {
        *head = head_at(s, off);
        if (block_head_is_sound(head, off, s->area->end))
            return off;
    }
    return 0;
}

// ---- modules that are not found any more ----

// Is there a later module of the same name?
static int is_superseded(struct search *s, uint32_t off, const struct block_head *head)
{
    struct block_head later;
    uint32_t name = read_word(s, off + BLOCK_BYTES);
    for (uint32_t at = off + bytes_of(head); (at = block_from(s, at, &later)) != 0;
         at += bytes_of(&later))
        if ((later.first & FREEZER_HEAD_MASK) == FREEZER_HEAD(FREEZER_COMMITTED, FREEZER_MODULE) &&
            later.hash == head->hash && read_word(s, at + BLOCK_BYTES) == name)
            return 1;
    return 0;
}

// Was the block dropped as it is, rather than because it was damaged?
static int is_whole(struct search *s, uint32_t off, const struct block_head *head)
{
    uint32_t crc = 0;
    for (uint32_t at = BLOCK_BYTES; at < bytes_of(head); at += 4) {
        uint32_t word = read_word(s, off + at);
        crc = inflate_crc(crc, &word, 4);
    }
    return crc == head->crc;
}

static void find_blocks(struct search *s)
{
    struct block_head head;
    uint32_t off = freezer_first_block(s->area->bytes);
    for (; (off = block_from(s, off, &head)) != 0; off += bytes_of(&head)) {
        int is_module = kind_of(&head) == FREEZER_MODULE;
        int is_committed = (head.first & 0xFF) == FREEZER_COMMITTED;
        int is_gone = is_module && (is_committed ? is_superseded(s, off, &head)
                                                 : (head.first & 0xFF) == FREEZER_DROPPED &&
                                                       is_whole(s, off, &head));
        if (is_committed || is_gone)
            bits_set(s->starts, off / 8);
        if (is_gone)
            bits_set(s->marks, off / 8);
    }
}

// ---- what they refer to ----

// The block in which an offset lies.
static uint32_t block_of(const struct search *s, uint32_t off)
{
    uint32_t idx = off / 8, word = s->starts[idx / 32] & bits_up_to(idx % 32);
    for (idx /= 32; word == 0 && idx > 0;)
        word = s->starts[--idx];
    return word == 0 ? 0 : 8 * (32 * idx + 31 - (uint32_t)__builtin_clz(word));
}

static void mark_references(struct search *s, uint32_t off)
{
    const struct block_head head = head_at(s, off);
    uint32_t words = (head.bytes + 3) / 4, bits = 0;
    uint32_t bits_off = off + BLOCK_BYTES + 4 * words;
    if (freezer_bit_words(kind_of(&head), head.bytes) == 0)
        return;
    for (uint32_t i = 0; i < words; i++) {
        if (i % 32 == 0)
            bits = read_word(s, bits_off + i / 32 * 4);
        if (!(bits >> i % 32 & 1))
            continue;
        uint32_t to = read_word(s, off + BLOCK_BYTES + 4 * i) - s->area->addr;
        to = to < off ? block_of(s, to) : 0;
        if (to != 0)
            bits_set(s->marks, to / 8);
    }
}

// Marks all that marked blocks refer to.
static void follow(struct search *s)
{
    for (uint32_t i = s->words; i-- > 0;)
        for (uint32_t bit = 32; bit-- > 0;)
            if (s->starts[i] & s->marks[i] & 1u << bit)
                mark_references(s, 8 * (32 * i + bit));
}

// ---- the whole ----

// From marks of blocks to bits for all that they take, in the place of their starts.
static uint32_t spread(struct search *s)
{
    uint32_t kept = 0;
    memset(s->starts, 0, 4 * s->words);
    for (uint32_t i = 0; i < 32 * s->words; i++) {
        if (!(s->marks[i / 32] >> i % 32 & 1))
            continue;
        const struct block_head head = head_at(s, 8 * i);
        uint32_t count = bytes_of(&head) / 8;
        for (uint32_t n = 0; n < count; n++)
            bits_set(s->starts, i + n);
        kept += 8 * count;
    }
    return kept;
}

int area_find_needed(struct freezer_area *area, uint32_t *work, uint32_t *kept)
{
    uint32_t words = area_bit_words(area);
    struct search s = {.area = area, .starts = work, .marks = work + words, .words = words};
    memset(work, 0, 8 * words);
    find_blocks(&s);
    follow(&s);
    for (uint32_t i = 0; i < words; i++)
        s.marks[i] = s.starts[i] & ~s.marks[i];
    follow(&s);
    *kept = spread(&s);
    return s.status;
}
