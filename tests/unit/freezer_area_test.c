// freezer_area_test.c: what a start makes of an area whose index or journal has been changed.

#include <string.h>

#include "runtime/freezer/area.h"
#include "tests/support/simflash.h"
#include "tests/support/tap.h"

#define AREA_OFF 0x2000u
#define AREA_BYTES 0x2000u
#define FLASH_BYTES 0x5000u
#define SECTOR_BYTES 256u
#define JOURNAL_OFF (AREA_BYTES - SECTOR_BYTES)
#define BIT_BYTES (AREA_BYTES / 64)
#define HEADER_WORDS (sizeof(struct freezer_block) / 4)
#define WORDS_MAX 40

static const struct freezer_identity identity = {.build = 7, .linked_crc = 9};

struct words {
    uint32_t count;
    uint32_t words[WORDS_MAX];
};

static void emit(struct frozen_sink *sink, const void *object)
{
    const struct words *content = object;
    for (uint32_t i = 0; i < content->count; i++)
        frozen_put(sink, content->words[i]);
}

static struct frozen_item item_of(const struct words *content)
{
    return (struct frozen_item){FREEZER_FUNCTION, 4 * content->count, 0, emit, content};
}

static int open_area(struct freezer_area *area, struct simflash *flash)
{
    return freezer_area_open(area, &flash->device, AREA_OFF, AREA_BYTES, &identity, NULL);
}

static void make_area(struct freezer_area *area, struct simflash *flash)
{
    simflash_init(flash, FLASH_BYTES, 1);
    flash->device.sector_bytes = SECTOR_BYTES;
    CHECK_EQUAL(open_area(area, flash), STATUS_NOT_FOUND);
    CHECK_EQUAL(freezer_area_format(area), STATUS_OK);
}

// Offset of the block's header in the area.
static uint32_t put(struct freezer_area *area, const struct words *content)
{
    uint32_t addr = 0, written;
    struct frozen_item item = item_of(content);
    CHECK_EQUAL(freezer_area_put(area, &item, &addr, &written), STATUS_OK);
    return addr - area->addr - (uint32_t)sizeof(struct freezer_block);
}

static int has(struct freezer_area *area, const struct words *content)
{
    struct frozen_item item = item_of(content);
    return freezer_area_find(area, &item) != 0;
}

// A word of the area, as if it had been damaged there.
static uint32_t word_at(const struct simflash *flash, uint32_t off)
{
    uint32_t word;
    memcpy(&word, flash->cells + AREA_OFF + off, 4);
    return word;
}

static void set_word(struct simflash *flash, uint32_t off, uint32_t word)
{
    memcpy(flash->cells + AREA_OFF + off, &word, 4);
    memcpy(flash->seen + AREA_OFF + off, &word, 4);
}

// ---- the index ----

static uint32_t slot_off(uint32_t i)
{
    return (uint32_t)sizeof(struct freezer_header) + 4 * (i % freezer_slot_count(AREA_BYTES));
}

// Enters a slot where the search for `hash` ends.
static uint32_t stray_slot(struct simflash *flash, uint32_t off, uint32_t hash)
{
    uint32_t i = hash;
    while (word_at(flash, slot_off(i)) != FREEZER_SLOT_FREE)
        i++;
    set_word(flash, slot_off(i), freezer_slot(off, hash));
    return slot_off(i);
}

// The payload of a block can look like a block: a slot that leads there finds nothing, and what the
// index has of true blocks stays. `others`: how many of them there are besides.
static void with_stray_slot(uint32_t others)
{
    static const struct words inner = {4, {1, 2, 3, 4}};
    struct words outer = {0, {0}};
    struct freezer_area area;
    struct simflash flash;
    make_area(&area, &flash);
    uint32_t off = put(&area, &inner), hash = word_at(&flash, off + 8);
    outer.count = (area.end - off) / 4;
    CHECK(outer.count <= WORDS_MAX);
    memcpy(outer.words, flash.cells + AREA_OFF + off, 4 * outer.count);

    CHECK_EQUAL(freezer_area_format(&area), STATUS_OK);
    for (uint32_t n = 0; n < others; n++)
        put(&area, &(struct words){1, {n}});
    off = put(&area, &outer);
    uint32_t stray = stray_slot(&flash, off + 4 * (uint32_t)HEADER_WORDS, hash);
    CHECK_EQUAL(open_area(&area, &flash), STATUS_OK);
    CHECK(!has(&area, &inner));
    CHECK_EQUAL(word_at(&flash, stray), FREEZER_SLOT_SPOILT);
    CHECK(has(&area, &outer));
    for (uint32_t n = 0; n < others; n++)
        CHECK(has(&area, &(struct words){1, {n}}));
    CHECK_EQUAL(area.slots_used, others + 2);
    CHECK_EQUAL(area.bad_blocks, 0);
    put(&area, &inner); // by itself it can be had
    CHECK(has(&area, &inner));
    simflash_deinit(&flash);
}

TEST(a_slot_that_leads_into_a_block_is_cleared)
{
    with_stray_slot(1);
}

TEST(also_where_few_slots_are_free)
{
    uint32_t count = freezer_slot_count(AREA_BYTES);
    with_stray_slot(count - count / 8 - 3);
}

// ---- sectors that held something else ----

#define LARGE_WORDS 400u

static void emit_large(struct frozen_sink *sink, const void *object)
{
    for (uint32_t i = 0; i < LARGE_WORDS; i++)
        frozen_put(sink, *(const uint32_t *)object + i);
}

// Appends a block of six sectors and more; what freezer_area_erases says comes true.
static void put_large(struct freezer_area *area, struct simflash *flash, uint32_t salt)
{
    struct frozen_item item = {FREEZER_FUNCTION, 4 * LARGE_WORDS, 0, emit_large, &salt};
    uint32_t addr, written, read_bytes;
    uint32_t bytes = freezer_block_bytes(item.kind, item.bytes);
    uint32_t erases = freezer_area_erases(area, bytes, &read_bytes);
    uint64_t before = flash->device.counts.erases;
    CHECK_EQUAL(freezer_area_put(area, &item, &addr, &written), STATUS_OK);
    CHECK_EQUAL(flash->device.counts.erases - before, erases);
}

static void fill_with(struct simflash *flash, int byte)
{
    simflash_init(flash, FLASH_BYTES, 1);
    flash->device.sector_bytes = SECTOR_BYTES;
    memset(flash->cells, byte, FLASH_BYTES);
    memset(flash->seen, byte, FLASH_BYTES);
}

TEST(blank_sectors_are_not_erased)
{
    struct freezer_area area;
    struct simflash flash;
    fill_with(&flash, 0xFF);
    CHECK_EQUAL(open_area(&area, &flash), STATUS_NOT_FOUND);
    CHECK_EQUAL(freezer_area_format(&area), STATUS_OK);
    for (uint32_t salt = 1; salt <= 4; salt++)
        put_large(&area, &flash, salt);
    CHECK_EQUAL(flash.device.counts.erases, 0);
    simflash_deinit(&flash);
}

TEST(other_sectors_are_erased_when_they_are_needed)
{
    struct freezer_area area;
    struct simflash flash;
    uint32_t read_bytes, unit = freezer_unit_bytes(AREA_BYTES, SECTOR_BYTES) / SECTOR_BYTES;
    fill_with(&flash, 0x5A);
    CHECK(open_area(&area, &flash) != STATUS_OK);
    uint32_t planned = freezer_area_erases(&area, 0, &read_bytes);
    CHECK(read_bytes < AREA_BYTES / 2);
    CHECK_EQUAL(freezer_area_format(&area), STATUS_OK);
    CHECK_EQUAL(flash.device.counts.erases, planned);
    // Header and index, and the reserve.
    CHECK_EQUAL(planned, (area.end + unit * SECTOR_BYTES - 1) / (unit * SECTOR_BYTES) * unit + 2);
    for (uint32_t salt = 1; salt <= 3; salt++) {
        put_large(&area, &flash, salt);
        uint32_t end = area.end;
        CHECK_EQUAL(open_area(&area, &flash), STATUS_OK); // what lies behind is not looked at
        CHECK_EQUAL(area.end, end);
        CHECK_EQUAL(area.bad_blocks + area.given_up, 0);
    }
    CHECK_EQUAL(flash.device.counts.erases, area.grown / SECTOR_BYTES + 2);
    CHECK(area.grown >= area.end && area.grown < area.end + unit * SECTOR_BYTES);
    simflash_deinit(&flash);
}

TEST(a_compaction_leaves_sectors_that_the_area_has_not_needed)
{
    static uint32_t work[FREEZER_WORK_BYTES(AREA_BYTES) / 4];
    static const struct words first = {30, {1, 2}}, second = {20, {5, 6}};
    struct freezer_area area;
    struct simflash flash;
    uint32_t gained, off;
    fill_with(&flash, 0x5A);
    CHECK(open_area(&area, &flash) != STATUS_OK);
    CHECK_EQUAL(freezer_area_format(&area), STATUS_OK);
    off = put(&area, &first);
    put(&area, &second);
    CHECK_EQUAL(freezer_area_drop(&area, off + (uint32_t)sizeof(struct freezer_block)), STATUS_OK);
    CHECK_EQUAL(open_area(&area, &flash), STATUS_OK);
    uint32_t grown = area.grown;
    CHECK_EQUAL(freezer_area_compact(&area, work, 1, &gained), STATUS_OK);
    CHECK(gained > 0);
    CHECK_EQUAL(open_area(&area, &flash), STATUS_OK);
    CHECK_EQUAL(area.grown, grown);
    CHECK(has(&area, &second) && !has(&area, &first));
    CHECK_EQUAL(word_at(&flash, area.limit - SECTOR_BYTES), 0x5A5A5A5Au);
    put_large(&area, &flash, 1);
    CHECK_EQUAL(open_area(&area, &flash), STATUS_OK);
    CHECK_EQUAL(area.bad_blocks, 0);
    simflash_deinit(&flash);
}

// ---- the journal ----

static const struct words dropped = {30, {1, 2}}, kept = {20, {5, 6}};

// Leaves the area as a cut leaves it at the moment when the journal begins to count.
static void cut_after_journal(struct simflash *flash)
{
    static uint32_t work[FREEZER_WORK_BYTES(AREA_BYTES) / 4];
    struct freezer_area area;
    uint32_t gained, off;
    make_area(&area, flash);
    off = put(&area, &dropped);
    put(&area, &kept);
    CHECK_EQUAL(freezer_area_drop(&area, off + (uint32_t)sizeof(struct freezer_block)), STATUS_OK);
    for (uint64_t cut = 0; word_at(flash, JOURNAL_OFF) != FREEZER_JOURNAL_MAGIC; cut++) {
        simflash_power_on(flash, SIMFLASH_NEVER);
        CHECK_EQUAL(open_area(&area, flash), STATUS_OK);
        simflash_power_on(flash, cut);
        CHECK(freezer_area_compact(&area, work, 1, &gained) != STATUS_OK);
        CHECK(flash->is_off);
    }
    simflash_power_on(flash, SIMFLASH_NEVER);
}

static uint32_t crc32_of(uint32_t crc, const uint8_t *bytes, size_t count)
{
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

// As runtime/format/freezer.h says, so that firmware of another version goes on with it.
TEST(a_journal_has_the_crc_of_its_format)
{
    struct simflash flash;
    struct freezer_area area;
    cut_after_journal(&flash);
    const uint8_t *journal = flash.cells + AREA_OFF + JOURNAL_OFF;
    size_t begin = offsetof(struct freezer_journal, layout);
    uint32_t crc = crc32_of(0, journal + begin, offsetof(struct freezer_journal, done) - begin);
    crc = crc32_of(crc, journal + sizeof(struct freezer_journal), BIT_BYTES);
    CHECK_EQUAL(word_at(&flash, JOURNAL_OFF + 4), crc);
    CHECK_EQUAL(open_area(&area, &flash), STATUS_OK);
    CHECK(has(&area, &kept) && !has(&area, &dropped));
    CHECK_EQUAL(area.given_up, 0);
    simflash_deinit(&flash);
}

// Blocks would go to wrong places: such a journal is not gone on with, whatever bit is wrong.
TEST(a_journal_with_a_wrong_crc_is_refused)
{
    struct simflash flash;
    struct freezer_area area;
    cut_after_journal(&flash);
    uint32_t done = offsetof(struct freezer_journal, done), tried = 0;
    uint8_t before[AREA_BYTES];
    memcpy(before, flash.cells + AREA_OFF, AREA_BYTES);
    for (uint32_t at = 4; at < sizeof(struct freezer_journal) + BIT_BYTES; at += 4) {
        uint32_t word = word_at(&flash, JOURNAL_OFF + at);
        if (at >= done && at < sizeof(struct freezer_journal))
            continue; // changes while it is in use
        for (uint32_t bit = 0; bit < 32; bit++, tried++) {
            set_word(&flash, JOURNAL_OFF + at, word ^ 1u << bit);
            CHECK_EQUAL(open_area(&area, &flash), STATUS_DAMAGED);
        }
        set_word(&flash, JOURNAL_OFF + at, word);
        CHECK(memcmp(before, flash.cells + AREA_OFF, AREA_BYTES) == 0);
    }
    CHECK_EQUAL(tried, 32 * (7 + BIT_BYTES / 4));
    CHECK_EQUAL(open_area(&area, &flash), STATUS_OK);
    CHECK(has(&area, &kept));
    simflash_deinit(&flash);
}

TEST_MAIN
