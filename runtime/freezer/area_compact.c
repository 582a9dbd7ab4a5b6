// area_compact.c: blocks that are needed move together, in one partition, whenever power fails.
//
// Reads and writes: the area, by its device. Memory: 600 bytes of the stack; for the choice of
// blocks the caller's (area_needed.c).
//
// Blocks move towards the beginning, sector by sector. What a sector gets comes from itself and
// from sectors behind it; so once its new content stands in a free sector, it can be erased. A word
// of a block is therefore where it was before, or, if it lay in a sector that is done, at its new
// place, which is one that is done as well. Bits say which parts of the old area stay, so the new
// place of anything is the count of bits in front of it: no list of blocks is needed, neither in
// RAM nor after a cut, when half of the headers are gone.

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "runtime/flash/inflate.h"
#include "runtime/freezer/area_parts.h"
#include "runtime/freezer/area_words.h"

#define JOURNAL_BYTES ((uint32_t)sizeof(struct freezer_journal))
#define STEP 8 // words of bits between two counts that are kept
#define COUNTS (FREEZER_AREA_BYTES_MAX / 8 / 32 / STEP + 1)

struct mover {
    struct freezer_area *area;
    uint32_t sector_bytes, sectors; // of the area
    uint32_t journal_off;
    struct freezer_journal journal;
    uint32_t now; // the sector that is being made
    uint32_t gap; // blocks before it stay as they are
    uint32_t new_end;
    int status;
    uint16_t counts[COUNTS]; // of bits before each STEP words
};

// A block that moves.
struct moved {
    uint32_t off, to; // of its header
    uint32_t kind, bytes;
};

// ---- the journal ----

static void mover_init(struct mover *m, struct freezer_area *area)
{
    memset(m, 0, sizeof *m);
    m->area = area;
    m->sector_bytes = flash_sector_bytes(area->device);
    m->sectors = area->bytes / m->sector_bytes;
    m->journal_off = area->bytes - m->sector_bytes;
    assert(area->bytes <= FREEZER_AREA_BYTES_MAX);
}

static int has_reserve(const struct freezer_area *area)
{
    return area->limit < area->bytes;
}

static uint32_t bit_word(struct mover *m, uint32_t i)
{
    return area_read_word(m->area, m->journal_off + JOURNAL_BYTES + 4 * i, &m->status);
}

static uint32_t crc_of_journal(struct mover *m)
{
    uint32_t crc = inflate_crc(0, &m->journal.layout,
                               offsetof(struct freezer_journal, done) -
                                   offsetof(struct freezer_journal, layout));
    for (uint32_t i = 0; i < area_bit_words(m->area); i++) {
        uint32_t word = bit_word(m, i);
        crc = inflate_crc(crc, &word, 4);
    }
    return crc;
}

enum { MADE, PLACED };

static int is_done(const struct mover *m, uint32_t sector, int what)
{
    return !(m->journal.done[sector / 16] >> (2 * (sector % 16) + (uint32_t)what) & 1);
}

static void set_done(struct mover *m, uint32_t sector, int what)
{
    uint32_t *word = &m->journal.done[sector / 16];
    if (m->status != STATUS_OK)
        return;
    *word &= ~(1u << (2 * (sector % 16) + (uint32_t)what));
    uint32_t off = m->journal_off + (uint32_t)offsetof(struct freezer_journal, done);
    m->status = area_program(m->area, off + sector / 16 * 4, word, 4);
}

// ---- where everything goes ----

static uint32_t count_ones(uint32_t word)
{
    uint32_t count = 0;
    for (; word != 0; word &= word - 1)
        count++;
    return count;
}

// Bits before bit `idx`.
static uint32_t ones_before(struct mover *m, uint32_t idx)
{
    uint32_t word = idx / 32, count = m->counts[word / STEP];
    for (uint32_t i = word - word % STEP; i < word; i++)
        count += count_ones(bit_word(m, i));
    return idx % 32 ? count + count_ones(bit_word(m, word) & bits_up_to(idx % 32 - 1)) : count;
}

static uint32_t place_of(struct mover *m, uint32_t off)
{
    return freezer_first_block(m->area->bytes) + 8 * ones_before(m, off / 8) + off % 8;
}

// The first 8 bytes from `off` on that stay; `end`: none do.
static uint32_t next_kept(struct mover *m, uint32_t off)
{
    while (off < m->journal.end) {
        uint32_t rest = bit_word(m, off / 8 / 32) >> off / 8 % 32;
        if (rest != 0)
            return off + 8 * (uint32_t)__builtin_ctz(rest);
        off = (off / 256 + 1) * 256;
    }
    return m->journal.end;
}

// Reads the bits once.
static void count_all(struct mover *m)
{
    uint32_t words = area_bit_words(m->area), count = 0;
    for (uint32_t i = 0; i < words; i++) {
        if (i % STEP == 0)
            m->counts[i / STEP] = (uint16_t)count;
        count += count_ones(bit_word(m, i));
    }
    m->gap = freezer_first_block(m->area->bytes);
    m->new_end = m->gap + 8 * count;
    while (m->gap < m->journal.end && next_kept(m, m->gap) == m->gap)
        m->gap += 8;
}

// A word of the old area, which may have moved already.
static uint32_t old_word(struct mover *m, uint32_t off)
{
    if (off / m->sector_bytes < m->now)
        off = place_of(m, off);
    return area_read_word(m->area, off, &m->status);
}

// ---- blocks ----

// The next block from `off` on, which goes to `to`; 0: there is none.
static int next_block(struct mover *m, uint32_t off, uint32_t to, struct moved *b)
{
    off = next_kept(m, off);
    if (off >= m->journal.end)
        return 0;
    *b = (struct moved){off, to, old_word(m, off) >> 8 & 0xFF, old_word(m, off + 4)};
    uint32_t room = m->journal.end - off;
    if (b->bytes > room || freezer_block_bytes(b->kind, b->bytes) > room)
        m->status = m->status == STATUS_OK ? STATUS_DAMAGED : m->status;
    return m->status == STATUS_OK;
}

static uint32_t payload_words(const struct moved *b)
{
    return (b->bytes + 3) / 4;
}

// Word i behind the header, as it is to be; *mixed: as it goes into the hash.
static uint32_t body_word(struct mover *m, const struct moved *b, uint32_t i, uint32_t *mixed)
{
    const struct freezer_area *area = m->area;
    uint32_t body = b->off + BLOCK_BYTES, words = payload_words(b);
    uint32_t word = old_word(m, body + 4 * i);
    *mixed = word;
    if (i >= words || freezer_bit_words(b->kind, b->bytes) == 0)
        return word;
    uint32_t is_address = old_word(m, body + 4 * (words + i / 32)) >> i % 32 & 1;
    uint32_t to = word - area->addr;
    if (!is_address || to >= area->bytes)
        return word;
    *mixed = word = area->addr + place_of(m, to);
    if (to - body < b->bytes)
        *mixed = to - body;
    return word;
}

static struct block_head new_head(struct mover *m, const struct moved *b)
{
    struct block_head head = {.bytes = b->bytes};
    uint32_t words = freezer_body_bytes(b->kind, b->bytes) / 4;
    for (uint32_t i = 0; i < words; i++) {
        uint32_t mixed, word = body_word(m, b, i, &mixed);
        head.crc = inflate_crc(head.crc, &word, 4);
        if (i < payload_words(b))
            head.hash = frozen_mix(head.hash, mixed);
    }
    if (frozen_has_own_hash((enum freezer_kind)b->kind))
        head.hash = old_word(m, b->off + 8);
    head.first = FREEZER_HEAD(FREEZER_COMMITTED, b->kind) |
                 freezer_check(b->kind, head.bytes, head.hash, head.crc) << 16;
    return head;
}

// ---- the new content of a sector ----

struct writer {
    struct mover *m;
    uint32_t begin, at, end; // offsets of the sector, and of the next word in it
    uint32_t off;            // where it is written
    uint32_t buffer[FROZEN_BUFFER_WORDS];
};

static void flush(struct writer *w, uint32_t words)
{
    uint32_t all = UINT32_MAX, off = w->off + (w->at - w->begin) - 4 * words;
    for (uint32_t i = 0; i < words; i++)
        all &= w->buffer[i];
    if (w->m->status == STATUS_OK && all != UINT32_MAX)
        w->m->status = area_program(w->m->area, off, w->buffer, 4 * words);
}

static void put(struct writer *w, uint32_t word)
{
    uint32_t i = (w->at - w->begin) / 4 % FROZEN_BUFFER_WORDS;
    w->buffer[i] = word;
    w->at += 4;
    if (i + 1 == FROZEN_BUFFER_WORDS || w->at == w->end)
        flush(w, i + 1);
}

static int is_in(const struct writer *w, uint32_t off)
{
    return off >= w->begin && off < w->end;
}

// The area's header; the index is left erased.
static void put_front(struct writer *w)
{
    for (uint32_t off = w->at; off < w->end && off < freezer_first_block(w->m->area->bytes);
         off += 4) {
        uint32_t word = UINT32_MAX;
        if (off < HEADER_BYTES)
            word = old_word(w->m, off);
        if (off == offsetof(struct freezer_header, flags))
            word |= FREEZER_LOOSE;
        put(w, word);
    }
}

static void put_block(struct writer *w, const struct moved *b)
{
    uint32_t words = freezer_body_bytes(b->kind, b->bytes) / 4, body = b->to + BLOCK_BYTES, mixed;
    if (is_in(w, b->to) || is_in(w, body - 4)) {
        const struct block_head head = new_head(w->m, b);
        const uint32_t head_words[] = {head.first, head.bytes, head.hash, head.crc};
        for (uint32_t i = 0; i < BLOCK_BYTES / 4; i++)
            if (is_in(w, b->to + 4 * i))
                put(w, head_words[i]);
    }
    for (uint32_t i = w->at > body ? (w->at - body) / 4 : 0; i < words && w->at < w->end; i++)
        put(w, body_word(w->m, b, i, &mixed));
}

static void make_sector(struct mover *m, uint32_t off)
{
    struct writer w = {.m = m, .begin = m->now * m->sector_bytes, .off = off};
    struct moved b;
    w.at = w.begin;
    w.end = w.begin + m->sector_bytes;
    put_front(&w);
    uint32_t from = freezer_first_block(m->area->bytes), to = from;
    while (to < w.end && next_block(m, from, to, &b)) {
        uint32_t bytes = freezer_block_bytes(b.kind, b.bytes);
        if (to + bytes > w.begin)
            put_block(&w, &b);
        from = b.off + bytes;
        to += bytes;
    }
    while (w.at < w.end && m->status == STATUS_OK)
        put(&w, UINT32_MAX);
}

// ---- sectors ----

static void erase(struct mover *m, uint32_t sector)
{
    if (m->status == STATUS_OK)
        m->status = area_erase(m->area, sector * m->sector_bytes);
}

static void copy(struct mover *m, uint32_t from, uint32_t to)
{
    struct writer w = {.m = m, .off = to * m->sector_bytes, .end = m->sector_bytes};
    while (w.at < w.end && m->status == STATUS_OK)
        put(&w, area_read_word(m->area, from * m->sector_bytes + w.at, &m->status));
}

// Does the sector get another content? All that lies before the first gap stays as it is.
static int is_changed(const struct mover *m, uint32_t sector)
{
    return sector * m->sector_bytes < freezer_first_block(m->area->bytes) ||
           (sector + 1) * m->sector_bytes > m->gap;
}

static uint32_t sectors_of(const struct mover *m, uint32_t bytes)
{
    return (bytes + m->sector_bytes - 1) / m->sector_bytes;
}

// The free sector that a sector's new content goes to: they take turns, since each is erased.
static uint32_t free_sector(const struct mover *m, uint32_t sector)
{
    uint32_t first = sectors_of(m, m->journal.end);
    return first + sector % (m->sectors - 1 - first);
}

static void do_sector(struct mover *m, uint32_t sector)
{
    uint32_t spare = free_sector(m, sector);
    m->now = sector;
    if (sector * m->sector_bytes >= m->new_end) { // all that it had has moved
        erase(m, sector);
    } else {
        if (!is_done(m, sector, MADE)) {
            erase(m, spare);
            make_sector(m, spare * m->sector_bytes);
            set_done(m, sector, MADE);
        }
        if (m->status == STATUS_OK) {
            erase(m, sector);
            copy(m, spare, sector);
        }
    }
    set_done(m, sector, PLACED);
}

// Enters all blocks, which have moved, into the index.
static void fill_index(struct mover *m)
{
    struct moved b;
    uint32_t from = freezer_first_block(m->area->bytes), to = from, slot_off;
    m->now = m->sectors;
    m->area->slots_used = 0;
    while (next_block(m, from, to, &b)) {
        uint32_t bytes = freezer_block_bytes(b.kind, b.bytes), hash = old_word(m, b.off + 8);
        if (!index_has(m->area, to, hash) && m->status == STATUS_OK)
            m->status = index_enter(m->area, to, hash, &slot_off);
        from = b.off + bytes;
        to += bytes;
    }
}

// Erases what is behind the blocks, and then the journal: the area is a usual one again. What it
// has not grown into stays as it is.
static void finish(struct mover *m)
{
    const struct freezer_area *area = m->area;
    uint32_t flags_off = offsetof(struct freezer_header, flags);
    uint32_t flags = area_read_word(area, flags_off, &m->status);
    uint32_t grown = freezer_grown(flags, area->bytes, m->sector_bytes);
    for (uint32_t sector = sectors_of(m, m->new_end); sector + 1 < m->sectors; sector++)
        if (sector * m->sector_bytes < grown || sector * m->sector_bytes >= area->limit)
            erase(m, sector);
    if (m->status == STATUS_OK)
        m->status = area_forget_journal(m->area);
    erase(m, m->sectors - 1);
}

// Does the window show the area as the flash has it? A cache may keep what was there before.
static int is_shown(struct mover *m)
{
    const struct freezer_area *area = m->area;
    if (!area->device->is_window_cached)
        return 1;
    area_push_out_of_cache(area, 0, area->bytes, 0);
    for (uint32_t off = 0; off < area->bytes && m->status == STATUS_OK; off += 4)
        if (area_read_word(area, off, &m->status) != area->base[off / 4])
            return 0;
    return m->status == STATUS_OK;
}

// Nothing of the area has changed yet.
static void give_up(struct mover *m, uint32_t sector)
{
    int status = m->status;
    m->status = STATUS_OK;
    erase(m, free_sector(m, sector));
    if (m->status == STATUS_OK)
        m->status = area_forget_journal(m->area);
    m->status = status;
}

// Result: has anything of the area changed?
static int run(struct mover *m)
{
    uint32_t count = sectors_of(m, m->journal.end);
    count_all(m);
    for (uint32_t sector = 0; sector < count && m->status == STATUS_OK; sector++) {
        if (is_done(m, sector, PLACED) || !is_changed(m, sector))
            continue;
        do_sector(m, sector);
        if (m->status != STATUS_OK && sector == 0 && !is_done(m, sector, MADE)) {
            give_up(m, sector);
            return 0;
        }
    }
    if (m->status == STATUS_OK)
        fill_index(m);
    if (m->status == STATUS_OK)
        finish(m);
    return 1;
}

// ---- from outside ----

static void write_journal(struct mover *m, const uint32_t *bits)
{
    const struct freezer_area *area = m->area;
    const struct freezer_header header = area_header(area);
    m->journal = (struct freezer_journal){
        .magic = FREEZER_JOURNAL_MAGIC,
        .layout = header.layout,
        .build = header.build,
        .area_addr = header.area_addr,
        .area_bytes = header.area_bytes,
        .linked_crc = header.linked_crc,
        .end = area->end,
        .done = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
        .unused = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
    };
    erase(m, m->sectors - 1);
    if (m->status == STATUS_OK)
        m->status = flash_program(area->device, area->off + m->journal_off + JOURNAL_BYTES, bits,
                                  4 * area_bit_words(area));
    m->journal.crc = crc_of_journal(m);
    if (m->status == STATUS_OK)
        m->status = flash_program(area->device, area->off + m->journal_off + 4, &m->journal.crc,
                                  JOURNAL_BYTES - 4);
    if (m->status == STATUS_OK)
        m->status = flash_program(area->device, area->off + m->journal_off, &m->journal.magic, 4);
}

int freezer_area_compact(struct freezer_area *area, void *work, uint32_t gain_min, uint32_t *gained)
{
    struct mover m;
    uint32_t kept;
    *gained = 0;
    if (!area->is_open || !has_reserve(area))
        return STATUS_USAGE;
    int status = area_find_needed(area, work, &kept);
    uint32_t gain = area->end - freezer_first_block(area->bytes) - kept;
    if (status != STATUS_OK || gain < gain_min || gain == 0)
        return status;
    mover_init(&m, area);
    write_journal(&m, work);
    if (m.status != STATUS_OK || !run(&m))
        return m.status;
    *gained = gain;
    area->is_open = 0;
    return m.status == STATUS_OK && !is_shown(&m) ? STATUS_USAGE : m.status;
}

int area_compact_resume(struct freezer_area *area)
{
    struct mover m;
    const struct freezer_header header = area_header(area);
    mover_init(&m, area);
    if (!has_reserve(area))
        return STATUS_NOT_FOUND;
    int status = flash_read(area->device, area->off + m.journal_off, &m.journal, JOURNAL_BYTES);
    const struct freezer_journal *j = &m.journal;
    if (status != STATUS_OK || j->magic != FREEZER_JOURNAL_MAGIC)
        return status != STATUS_OK ? status : STATUS_NOT_FOUND;
    if (j->crc != crc_of_journal(&m) || j->end > area->limit ||
        j->end < freezer_first_block(area->bytes))
        return m.status != STATUS_OK ? m.status : STATUS_DAMAGED;
    if (j->layout != header.layout || j->build != header.build ||
        j->area_addr != header.area_addr || j->area_bytes != header.area_bytes ||
        j->linked_crc != header.linked_crc)
        return STATUS_VERSION;
    (void)run(&m);
    return m.status == STATUS_OK && !is_shown(&m) ? STATUS_USAGE : m.status;
}

int freezer_area_is_compacting(struct flash_device *device, uint32_t off, uint32_t bytes)
{
    uint32_t magic, sector_bytes = flash_sector_bytes(device);
    return freezer_limit(bytes, sector_bytes) < bytes &&
           flash_read(device, off + bytes - sector_bytes, &magic, 4) == STATUS_OK &&
           magic == FREEZER_JOURNAL_MAGIC;
}

int area_forget_journal(struct freezer_area *area)
{
    const uint32_t nothing = 0;
    uint32_t magic, off = area->bytes - flash_sector_bytes(area->device);
    int status = STATUS_OK;
    if (!has_reserve(area))
        return STATUS_OK;
    status = flash_read(area->device, area->off + off, &magic, 4);
    return status == STATUS_OK && magic == FREEZER_JOURNAL_MAGIC
               ? area_program(area, off, &nothing, 4)
               : status;
}

int area_clean_reserve(struct freezer_area *area)
{
    struct mover m;
    mover_init(&m, area);
    for (uint32_t sector = area->limit / m.sector_bytes; sector < m.sectors; sector++)
        erase(&m, sector);
    return m.status;
}
