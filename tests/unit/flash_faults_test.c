// flash_faults_test.c: does a reload survive a flash that fails, wears out or shows old content?
//
// Each call of the driver fails once and for good; bits stick; the window lies behind a cache. What
// is mounted in the end is an image as it was written, or nothing.

#include "runtime/flash/lfs.h"
#include "tests/support/lfs_numbers.h"
#include "tests/support/simflash.h"
#include "tests/support/tap.h"

#define OFF FLASH_SECTOR_BYTES
#define BYTES (5 * FLASH_SECTOR_BYTES)

static struct lfs_work work;
static struct simflash flash;
static struct lfs_target target = {.device = &flash.device, .partition = {OFF, BYTES - OFF}};
static const struct lfs_numbers nothing = {0}, old = {700, 1, 0}, new = {8, 2, 0},
                                large = {400, 3, 0}, long_new = {700, 4, 0};

struct lfs_work *lfs_port_work(void)
{
    return &work;
}

static int write_image(const struct lfs_numbers *image, struct lfs_report *report)
{
    uint32_t bytes = lfs_numbers_make(image, OFF, work.image);
    return lfs_write(&target, &work, bytes, report);
}

static int mount(struct lfs_report *report)
{
    return lfs_mount(&target, &work.marks, report);
}

static void flash_with(const struct lfs_numbers *image, uint64_t seed)
{
    simflash_init(&flash, BYTES, seed);
    if (image->constants)
        lfs_numbers_make(image, OFF, (uint32_t *)(void *)(flash.cells + OFF));
    simflash_power_on(&flash, SIMFLASH_NEVER);
}

// ---- power that fails ----

// The loss of its in-progress bit alone would complete it.
TEST(no_cut_in_giving_up_an_unfinished_image_completes_it)
{
    static const struct lfs_numbers unfinished = {8, 1, LFS_WRITING};
    struct lfs_report report;
    int is_cut = 1;
    for (uint64_t cut = 0; is_cut; cut++) {
        flash_with(&unfinished, 1);
        flash.is_full = 1;
        simflash_power_on(&flash, cut);
        (void)!lfs_discard(&target);
        is_cut = flash.is_off;
        simflash_power_on(&flash, SIMFLASH_NEVER);
        CHECK(mount(&report) != STATUS_OK);
        simflash_deinit(&flash);
        CHECK(is_cut || cut > SIMFLASH_WORD_SEEDS);
    }
}

// ---- calls that fail ----

// Replaces `old` by `image` while call `at` fails. Result: whether any call did.
static int reload_with_a_fault(const struct lfs_numbers *image, uint64_t seed, uint64_t at,
                               int is_lasting)
{
    struct lfs_report report;
    flash_with(&old, seed);
    simflash_fail(&flash, at, is_lasting);
    int written = write_image(image, &report);
    int has_failed = flash.fail_count > 0;
    CHECK(written == STATUS_OK || (written == STATUS_IO && report.fault == LFS_FAULT_WRITE));
    CHECK(written == STATUS_OK || has_failed);
    CHECK(flash_regions.count == 0);
    simflash_power_on(&flash, SIMFLASH_NEVER);
    int mounted = mount(&report);
    CHECK(written != STATUS_OK || mounted == STATUS_OK);
    if (mounted == STATUS_OK)
        CHECK(lfs_numbers_lie(image, OFF, flash.cells) || lfs_numbers_lie(&old, OFF, flash.cells));
    if (written == STATUS_OK)
        CHECK(lfs_numbers_lie(image, OFF, flash.cells));
    CHECK_EQUAL(write_image(image, &report), STATUS_OK);
    simflash_power_on(&flash, SIMFLASH_NEVER);
    CHECK_EQUAL(mount(&report), STATUS_OK);
    simflash_deinit(&flash);
    return has_failed;
}

static void fail_every_call(const struct lfs_numbers *image, int is_lasting)
{
    unsigned tries = 0;
    for (uint64_t seed = 1; seed <= 30; seed++)
        for (uint64_t at = 0; reload_with_a_fault(image, seed, at, is_lasting); at++)
            tries++;
    printf("# %u failed calls%s\n", tries, is_lasting ? " and all after them" : "");
    CHECK(tries >= 30 * 9);
}

TEST(each_call_fails_once)
{
    fail_every_call(&new, 0);
    fail_every_call(&large, 0);
}

TEST(each_call_fails_for_good)
{
    fail_every_call(&new, 1);
    fail_every_call(&large, 1);
}

TEST(the_old_image_stays_where_nothing_can_be_programmed)
{
    struct lfs_report report;
    uint64_t seed = 1; // one with which the call does nothing
    for (;; seed++) {
        flash_with(&old, seed);
        simflash_fail(&flash, 0, 1);
        CHECK_EQUAL(write_image(&new, &report), STATUS_IO);
        if (lfs_numbers_lie(&old, OFF, flash.cells))
            break;
        simflash_deinit(&flash);
    }
    CHECK_EQUAL(report.fault, LFS_FAULT_WRITE);
    simflash_power_on(&flash, SIMFLASH_NEVER);
    CHECK_EQUAL(mount(&report), STATUS_OK);
    CHECK(lfs_numbers_lie(&old, OFF, flash.cells));
    simflash_deinit(&flash);
}

// Call `at` fails once, and power in what is done about it (or before) at cut `cut`. Result:
// whether the call was reached.
static int reload_with_both(uint64_t seed, uint64_t at, uint64_t cut)
{
    struct lfs_report report;
    flash_with(&old, seed);
    simflash_power_on(&flash, cut);
    simflash_fail(&flash, at, 0);
    (void)!write_image(&long_new, &report);
    int is_reached = flash.call_count > at;
    simflash_power_on(&flash, SIMFLASH_NEVER);
    if (mount(&report) == STATUS_OK)
        CHECK(lfs_numbers_lie(&old, OFF, flash.cells) ||
              lfs_numbers_lie(&long_new, OFF, flash.cells));
    simflash_deinit(&flash);
    return is_reached;
}

// Cuts in the erases, which are at the begin and, after a failure, at the end.
TEST(each_call_fails_and_then_the_power)
{
    struct lfs_report report;
    flash_with(&old, 1);
    CHECK_EQUAL(write_image(&long_new, &report), STATUS_OK);
    uint64_t total = flash.cut_count, erases = 3 * SIMFLASH_ERASE_CUTS + 2 * SIMFLASH_WORD_CUTS;
    simflash_deinit(&flash);
    unsigned tries = 0;
    for (uint64_t seed = 1; seed <= 6; seed++)
        for (uint64_t cut = 0; cut < total + erases; cut += cut == erases ? total - 2 * erases : 1)
            for (uint64_t at = 0; reload_with_both(seed, at, cut); at++)
                tries++;
    printf("# %u failed calls with a cut\n", tries);
    CHECK(tries > 10000);
}

// ---- bits that stick ----

TEST(an_image_over_stuck_bits_is_not_mounted)
{
    struct lfs_report report;
    unsigned refused = 0, taken = 0;
    uint32_t bytes = lfs_numbers_make(&new, OFF, work.image);
    for (uint32_t at = 0; at < bytes; at += 4)
        for (uint64_t n = 0; n < 8; n++) {
            uint64_t random = simflash_hash(test_seed(), at, n);
            flash_with(&nothing, 1);
            simflash_stick(&flash, OFF + at, 1u << (random & 31), (uint32_t)(random >> 32));
            int written = write_image(&new, &report);
            simflash_power_on(&flash, SIMFLASH_NEVER);
            int mounted = mount(&report);
            CHECK((written == STATUS_OK) == (mounted == STATUS_OK));
            CHECK(mounted != STATUS_OK || lfs_numbers_lie(&new, OFF, flash.cells));
            taken += written == STATUS_OK;
            refused += written == STATUS_IO;
            simflash_deinit(&flash);
        }
    printf("# %u stuck bits refused, %u as the image has them\n", refused, taken);
    CHECK(refused > bytes / 2 && taken > bytes / 2);
}

// A bit of the first word that stays 1 does not keep an image that has a 1 there from being
// replaced; one that stays as no signature has it does.
TEST(a_stuck_bit_of_the_first_word)
{
    struct lfs_report report;
    flash_with(&old, 1);
    simflash_stick(&flash, OFF, 0x80000000, 0x80000000);
    CHECK_EQUAL(write_image(&new, &report), STATUS_OK);
    simflash_power_on(&flash, SIMFLASH_NEVER);
    CHECK_EQUAL(mount(&report), STATUS_OK);
    CHECK(lfs_numbers_lie(&new, OFF, flash.cells));
    simflash_heal(&flash);
    simflash_stick(&flash, OFF, LFS_WRITING, LFS_WRITING);
    CHECK_EQUAL(write_image(&new, &report), STATUS_IO);
    simflash_power_on(&flash, SIMFLASH_NEVER);
    CHECK(mount(&report) != STATUS_OK);
    simflash_deinit(&flash);
}

// ---- a cache in front of the window ----

TEST(what_was_written_since_the_start_waits_for_the_cache)
{
    for (unsigned cached = 0; cached <= 8; cached++) {
        char text[LFS_MESSAGE_BYTES];
        struct lfs_report report;
        flash_with(&large, 1);
        flash.cached_of_8 = cached;
        CHECK_EQUAL(mount(&report), STATUS_OK);
        CHECK_EQUAL(write_image(&new, &report), STATUS_OK);
        void (*evict)(const struct flash_device *, uint32_t, uint32_t) = flash.device.evict;
        flash.device.evict = NULL;
        CHECK_EQUAL(mount(&report), cached ? STATUS_USAGE : STATUS_OK);
        CHECK_EQUAL(flash_regions.count, cached ? 0 : 1);
        lfs_mount_text(&report, text, sizeof text);
        if (cached)
            CHECK_TEXT(text, "LFS region was written since the start: restart to use it");
        flash.device.evict = evict; // the cache has to give up what it holds
        CHECK_EQUAL(mount(&report), STATUS_OK);
        simflash_power_on(&flash, SIMFLASH_NEVER);
        CHECK_EQUAL(mount(&report), STATUS_OK);
        simflash_deinit(&flash);
    }
}

TEST(what_changed_is_known_to_the_byte)
{
    uint32_t word = 0;
    simflash_init(&flash, BYTES, 1);
    CHECK(flash_is_current(&flash.device, 0, BYTES));
    CHECK_EQUAL(flash_program(&flash.device, 100, &word, 4), STATUS_OK);
    CHECK(flash_is_current(&flash.device, 0, 100));
    CHECK(!flash_is_current(&flash.device, 0, 101));
    CHECK(flash_is_current(&flash.device, 104, BYTES - 104));
    CHECK(!flash_is_current(&flash.device, 103, 1));
    CHECK_EQUAL(flash_erase(&flash.device, FLASH_SECTOR_BYTES, 2 * FLASH_SECTOR_BYTES), STATUS_OK);
    CHECK(!flash_is_current(&flash.device, 3 * FLASH_SECTOR_BYTES - 1, 1));
    CHECK(flash_is_current(&flash.device, 3 * FLASH_SECTOR_BYTES, 1));
    CHECK(flash_is_current(&flash.device, 0, 100));
    flash.device.is_window_cached = 0;
    CHECK(flash_is_current(&flash.device, 0, BYTES));
    simflash_deinit(&flash);
}

TEST(a_write_that_was_cut_off_is_told)
{
    char text[LFS_MESSAGE_BYTES];
    struct lfs_report report;
    flash_with(&old, 1);
    // In the first of two erases, that of the second sector.
    simflash_power_on(&flash, SIMFLASH_WORD_CUTS + SIMFLASH_ERASE_CUTS / 2);
    CHECK_EQUAL(write_image(&large, &report), STATUS_IO);
    simflash_power_on(&flash, SIMFLASH_NEVER);
    CHECK_EQUAL(mount(&report), STATUS_CUT_OFF);
    lfs_mount_text(&report, text, sizeof text);
    CHECK_TEXT(text, "LFS image was not written to its end: reload it");
    simflash_deinit(&flash);
}

TEST_MAIN
