// simflash_test.c: does the flash of the tests fail as flash fails?

#include "tests/support/simflash.h"
#include "tests/support/tap.h"

#define BYTES (3 * FLASH_SECTOR_BYTES)

static struct simflash flash;

static uint32_t cell(uint32_t off)
{
    uint32_t word;
    memcpy(&word, flash.cells + off, 4);
    return word;
}

static uint32_t seen(uint32_t off)
{
    uint32_t word;
    memcpy(&word, flash.seen + off, 4);
    return word;
}

TEST(programming_clears_bits_and_an_erase_sets_a_sector)
{
    uint32_t words[2] = {0x12345678, 0xFFFF0000}, back[2];
    simflash_init(&flash, BYTES, 1);
    CHECK_EQUAL(flash_program(&flash.device, FLASH_SECTOR_BYTES - 4, words, 8), STATUS_OK);
    CHECK_EQUAL(flash_read(&flash.device, FLASH_SECTOR_BYTES - 4, back, 8), STATUS_OK);
    CHECK(memcmp(words, back, 8) == 0);
    CHECK_EQUAL(flash_program(&flash.device, FLASH_SECTOR_BYTES - 4, words + 1, 4), STATUS_IO);
    CHECK_EQUAL(cell(FLASH_SECTOR_BYTES - 4), 0x12340000);
    CHECK_EQUAL(flash_erase(&flash.device, FLASH_SECTOR_BYTES, 4), STATUS_OK);
    CHECK_EQUAL(cell(FLASH_SECTOR_BYTES - 4), 0x12340000);
    CHECK_EQUAL(cell(FLASH_SECTOR_BYTES), 0xFFFFFFFF);
    simflash_deinit(&flash);
}

// The three words of a program that is cut at `cut`.
static void program_cut(uint64_t seed, uint64_t cut, uint32_t *cells)
{
    static const uint32_t words[3] = {0x0000FFFF, 0x00FF00FF, 0x12345678};
    simflash_init(&flash, BYTES, seed);
    simflash_power_on(&flash, cut);
    CHECK_EQUAL(flash_program(&flash.device, 8, words, sizeof words), STATUS_IO);
    CHECK(flash.is_off);
    CHECK_EQUAL(flash_read(&flash.device, 8, cells, 4), STATUS_IO);
    CHECK_EQUAL(flash_program(&flash.device, 100, words, 4), STATUS_IO);
    CHECK_EQUAL(flash_erase(&flash.device, 0, 4), STATUS_IO);
    CHECK_EQUAL(cell(100), 0xFFFFFFFF);
    simflash_power_on(&flash, SIMFLASH_NEVER);
    CHECK_EQUAL(flash_read(&flash.device, 8, cells, sizeof words), STATUS_OK);
    simflash_deinit(&flash);
}

TEST(a_cut_falls_before_a_word_or_inside_it)
{
    uint32_t cells[3], again[3];
    int torn = 0, differ = 0;
    for (uint64_t cut = 0; cut < 3 * SIMFLASH_WORD_CUTS; cut++) {
        program_cut(1, cut, cells);
        program_cut(1, cut, again);
        CHECK(memcmp(cells, again, sizeof cells) == 0);
        program_cut(2, cut, again);
        differ += memcmp(cells, again, sizeof cells) != 0;
        unsigned at = (unsigned)(cut / SIMFLASH_WORD_CUTS);
        static const uint32_t words[3] = {0x0000FFFF, 0x00FF00FF, 0x12345678};
        for (unsigned i = 0; i < 3; i++)
            CHECK(i == at || cells[i] == (i < at ? words[i] : 0xFFFFFFFF));
        CHECK((cells[at] & words[at]) == words[at]); // no bit that was to stay is cleared
        CHECK((cut % SIMFLASH_WORD_CUTS != 0) || cells[at] == 0xFFFFFFFF);
        torn += cells[at] != 0xFFFFFFFF && cells[at] != words[at];
    }
    CHECK(torn >= 8);
    CHECK(differ >= 6);
}

TEST(cuts_are_counted_where_something_changes)
{
    static const uint32_t words[4] = {0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFC, 0};
    simflash_init(&flash, BYTES, 1);
    CHECK_EQUAL(flash_program(&flash.device, 0, words, sizeof words), STATUS_OK);
    CHECK_EQUAL(flash.cut_count, 0 + 1 + 2 * SIMFLASH_WORD_CUTS);
    CHECK_EQUAL(flash_program(&flash.device, 0, words, sizeof words), STATUS_OK);
    CHECK_EQUAL(flash.cut_count, 0 + 1 + 2 * SIMFLASH_WORD_CUTS);
    CHECK_EQUAL(flash_erase(&flash.device, 0, 2 * FLASH_SECTOR_BYTES), STATUS_OK);
    CHECK_EQUAL(flash.cut_count, 1 + 2 * SIMFLASH_WORD_CUTS + 2 * SIMFLASH_ERASE_CUTS);
    simflash_deinit(&flash);
}

TEST(a_cut_in_an_erase_leaves_any_mix)
{
    unsigned first_kept = 0, old_kept = 0, erased = 0, neither = 0;
    for (unsigned way = 0; way < SIMFLASH_ERASE_CUTS; way++) {
        simflash_init(&flash, BYTES, 1);
        memset(flash.cells, 0x5A, BYTES);
        simflash_power_on(&flash, SIMFLASH_ERASE_CUTS + way); // in the second sector
        CHECK_EQUAL(flash_erase(&flash.device, 0, BYTES), STATUS_IO);
        for (uint32_t i = 0; i < FLASH_SECTOR_BYTES; i++) {
            uint8_t here = flash.cells[FLASH_SECTOR_BYTES + i];
            CHECK(flash.cells[i] == 0xFF);
            CHECK(flash.cells[2 * FLASH_SECTOR_BYTES + i] == 0x5A);
            CHECK(way != 0 || here == 0x5A);
            old_kept += here == 0x5A;
            erased += here == 0xFF;
            neither += here != 0x5A && here != 0xFF;
        }
        first_kept += cell(FLASH_SECTOR_BYTES) == 0x5A5A5A5A;
        simflash_deinit(&flash);
    }
    CHECK(first_kept >= 14 && first_kept < SIMFLASH_ERASE_CUTS / 2);
    CHECK(old_kept > 10 * FLASH_SECTOR_BYTES);
    CHECK(erased > 10 * FLASH_SECTOR_BYTES);
    CHECK(neither > 10 * FLASH_SECTOR_BYTES);
}

TEST(a_call_fails_with_nothing_a_part_or_all_of_it_done)
{
    int done[3] = {0};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        static const uint32_t zeros[2];
        simflash_init(&flash, BYTES, seed);
        simflash_fail(&flash, 1, 0);
        CHECK_EQUAL(flash_erase(&flash.device, 0, 4), STATUS_OK);
        CHECK_EQUAL(flash_program(&flash.device, 0, zeros, 8), STATUS_IO);
        CHECK_EQUAL(flash.fail_count, 1);
        done[(cell(0) == 0) + (cell(4) == 0)]++;
        CHECK_EQUAL(flash_program(&flash.device, 0, zeros, 8), STATUS_OK);
        simflash_deinit(&flash);
    }
    CHECK(done[0] > 5 && done[1] > 5 && done[2] > 5);
    uint32_t word;
    simflash_init(&flash, BYTES, 1);
    simflash_fail(&flash, 0, 1);
    CHECK_EQUAL(flash_read(&flash.device, 0, &word, 4), STATUS_IO);
    CHECK_EQUAL(flash_read(&flash.device, 0, &word, 4), STATUS_IO);
    CHECK_EQUAL(flash.fail_count, 2);
    simflash_power_on(&flash, SIMFLASH_NEVER);
    CHECK_EQUAL(flash_read(&flash.device, 0, &word, 4), STATUS_OK);
    simflash_deinit(&flash);
}

TEST(stuck_bits_stay)
{
    uint32_t word = 0x0F0F0F0F;
    simflash_init(&flash, BYTES, 1);
    simflash_stick(&flash, 16, 0x80000001, 1); // bit 31 is 0, bit 0 is 1
    CHECK_EQUAL(cell(16), 0x7FFFFFFF);
    CHECK_EQUAL(flash_program(&flash.device, 16, &word, 4), STATUS_OK);
    word = 0x0F0F0F0E;
    CHECK_EQUAL(flash_program(&flash.device, 16, &word, 4), STATUS_IO);
    CHECK_EQUAL(cell(16), 0x0F0F0F0F);
    CHECK_EQUAL(flash_erase(&flash.device, 0, 4), STATUS_OK);
    CHECK_EQUAL(cell(16), 0x7FFFFFFF);
    simflash_heal(&flash);
    CHECK_EQUAL(flash_erase(&flash.device, 0, 4), STATUS_OK);
    CHECK_EQUAL(cell(16), 0xFFFFFFFF);
    simflash_deinit(&flash);
}

TEST(the_window_shows_what_the_cache_holds)
{
    for (unsigned cached = 0; cached <= 8; cached += 4) {
        static const uint8_t zeros[FLASH_SECTOR_BYTES];
        unsigned stale = 0;
        simflash_init(&flash, BYTES, 1);
        flash.cached_of_8 = cached;
        CHECK_EQUAL(flash_program(&flash.device, 0, zeros, sizeof zeros), STATUS_OK);
        for (uint32_t at = 0; at < FLASH_SECTOR_BYTES; at += 4)
            stale += seen(at) != 0;
        if (cached == 4)
            CHECK(stale > FLASH_SECTOR_BYTES / 12 && stale < FLASH_SECTOR_BYTES / 6);
        else
            CHECK_EQUAL(stale, cached ? FLASH_SECTOR_BYTES / 4 : 0);
        simflash_power_on(&flash, SIMFLASH_NEVER);
        CHECK(memcmp(flash.seen, flash.cells, BYTES) == 0);
        simflash_deinit(&flash);
    }
}

// A word, a sector, and words in it again.
static void change_some(void)
{
    static const uint32_t words[3] = {0x0000FFFF, 0x00FF00FF, 0x12345678};
    (void)!(flash_program(&flash.device, 8, words, sizeof words) == STATUS_OK &&
            flash_erase(&flash.device, FLASH_SECTOR_BYTES, 4) == STATUS_OK &&
            flash_program(&flash.device, FLASH_SECTOR_BYTES, words, sizeof words));
}

static void prepare_change(void)
{
    simflash_init(&flash, BYTES, 3);
    memset(flash.cells + FLASH_SECTOR_BYTES, 0x5A, FLASH_SECTOR_BYTES);
    flash.is_full = 1;
    simflash_power_on(&flash, SIMFLASH_NEVER);
}

TEST(a_log_tears_as_a_cut_does_and_undoes_it)
{
    static uint8_t before[BYTES], torn[BYTES];
    unsigned cuts = 0;
    prepare_change();
    memcpy(before, flash.cells, BYTES);
    simflash_log_begin(&flash);
    change_some();
    size_t count = flash.log.count;
    CHECK_EQUAL(count, 7);
    uint64_t hash = flash.log.hash;
    struct simflash_op ops[7];
    memcpy(ops, flash.log.ops, sizeof ops);
    struct simflash logged = flash;
    for (size_t i = count; i-- > 0;) {
        flash = logged;
        simflash_undo(&flash, i);
        CHECK(flash.log.hash != hash);
        logged = flash;
        for (unsigned way = 0; way < simflash_ways(&logged, &ops[i]); way++, cuts++) {
            flash = logged;
            simflash_tear(&flash, &ops[i], ops[i].first_cut + way);
            memcpy(torn, flash.cells, BYTES);
            simflash_undo(&flash, i);
            logged = flash;
            prepare_change();
            simflash_power_on(&flash, ops[i].first_cut + way);
            change_some();
            CHECK(memcmp(torn, flash.cells, BYTES) == 0);
            simflash_deinit(&flash);
        }
    }
    flash = logged;
    simflash_power_on(&flash, SIMFLASH_NEVER);
    CHECK(memcmp(before, flash.cells, BYTES) == 0);
    CHECK(memcmp(before, flash.seen, BYTES) == 0);
    CHECK_EQUAL(flash.log.hash, 0);
    CHECK(cuts > 6 * 16 + SIMFLASH_ERASE_CUTS);
    simflash_deinit(&flash);
}

TEST_MAIN
