// image_maker.h: small LFS images made by hand, part by part, in any order, for tests.
//
// Every maker_ function gives the address of what it made. Functions have what the test says, sound
// or not. Layout: runtime/format/lfs_image.h, float build.

#ifndef FROST_TESTS_IMAGE_MAKER_H
#define FROST_TESTS_IMAGE_MAKER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/format/lfs_image.h"
#include "runtime/format/opcode.h"
#include "runtime/format/string_hash.h"
#include "tests/support/tap.h"

#define MAKER_SLOTS 4u
#define MAKER_BYTES_MAX 0x8000u

struct image_maker {
    uint32_t *words; // MAKER_BYTES_MAX bytes
    uint32_t base;   // address of the first one
    uint32_t bytes;  // made so far
};

static inline uint32_t *maker_word(const struct image_maker *m, uint32_t addr)
{
    return m->words + (addr - m->base) / 4;
}

static inline uint32_t maker_room(struct image_maker *m, uint32_t bytes)
{
    uint32_t addr = m->base + m->bytes;
    m->bytes += (bytes + 3) & ~3u;
    CHECK(m->bytes <= MAKER_BYTES_MAX);
    return addr;
}

// Words as they are: code, vectors of pointers.
static inline uint32_t maker_words(struct image_maker *m, const uint32_t *words, uint32_t count)
{
    uint32_t addr = maker_room(m, 4 * count);
    memcpy(maker_word(m, addr), words, 4 * (size_t)count);
    return addr;
}

// Header and empty slots.
static inline void maker_begin(struct image_maker *m, uint32_t *words, uint32_t base,
                               uint32_t linked_crc)
{
    *m = (struct image_maker){.words = words, .base = base};
    memset(words, 0, MAKER_BYTES_MAX);
    struct lfs_header *header = (struct lfs_header *)maker_word(
        m, maker_room(m, sizeof(struct lfs_header)));
    header->signature = LFS_SIGNATURE_BUILD;
    header->string_slots = maker_room(m, 4 * MAKER_SLOTS);
    header->slot_count = MAKER_SLOTS;
    header->linked_crc = linked_crc;
}

// A string in front of its chain; made a second time it is there twice.
static inline uint32_t maker_string(struct image_maker *m, const char *text, uint32_t bytes)
{
    struct lfs_header *header = (struct lfs_header *)m->words;
    uint32_t addr = maker_room(m, (uint32_t)sizeof(struct lfs_string) + bytes + 1);
    struct lfs_string *s = (struct lfs_string *)maker_word(m, addr);
    s->tag = LFS_STRING_TAG;
    s->marked = LFS_STRING_MARKED;
    s->bytes = bytes;
    s->hash = string_hash(text, bytes);
    memcpy(s + 1, text, bytes);
    uint32_t *slot = maker_word(m, header->string_slots) + s->hash % MAKER_SLOTS;
    s->next = *slot;
    *slot = addr;
    header->string_count++;
    return addr;
}

static inline uint32_t maker_text(struct image_maker *m, const char *text)
{
    return maker_string(m, text, (uint32_t)strlen(text));
}

// A constant; `value` is a string's address, a boolean, or nothing.
struct maker_constant {
    uint32_t value, high, tag;
};

_Static_assert(sizeof(struct maker_constant) == LFS_VALUE_BYTES_PACKED, "constant");

static inline uint32_t maker_constants(struct image_maker *m,
                                       const struct maker_constant *constants, uint32_t count)
{
    return maker_words(m, (const uint32_t *)constants, 3 * count);
}

static inline uint32_t maker_function(struct image_maker *m, const struct lfs_proto *proto)
{
    return maker_words(m, (const uint32_t *)proto, sizeof *proto / 4);
}

// A function without constants, names and lines, that does nothing.
static inline struct lfs_proto maker_empty(struct image_maker *m, uint32_t source)
{
    uint32_t code = op_abc(OP_RETURN, 0, 1, 0);
    return (struct lfs_proto){
        .code = maker_words(m, &code, 1), .code_count = 1, .source = source, .stack_size = 2};
}

static inline void maker_end(struct image_maker *m, uint32_t index_addr)
{
    struct lfs_header *header = (struct lfs_header *)m->words;
    header->main_proto = index_addr;
    header->image_bytes = m->bytes;
}

#endif
