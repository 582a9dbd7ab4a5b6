// partition_table_test.c: is the layout that is kept the one that counts, whatever else lies there?

#include "runtime/flash/partition_table.h"
#include "runtime/format/partition_table.h"
#include "tests/support/simflash.h"
#include "tests/support/tap.h"

#define BYTES 0x100000u

static struct simflash flash;

// The default layout with an LFS of that many bytes.
static struct flash_layout layout_with(uint32_t lfs_bytes)
{
    struct flash_layout layout;
    partitions_init(&layout, BYTES);
    layout.parts[PARTITION_LFS].bytes = lfs_bytes;
    return layout;
}

static int save(uint32_t lfs_bytes)
{
    struct flash_layout layout = layout_with(lfs_bytes);
    return partition_table_save(&flash.device, &layout);
}

// Bytes of the LFS in the layout that is kept; *status is of the load.
static uint32_t load(int *status)
{
    struct flash_layout layout;
    *status = partition_table_load(&flash.device, &layout);
    struct flash_layout wanted = layout_with(layout.parts[PARTITION_LFS].bytes);
    CHECK(memcmp(&layout, &wanted, sizeof layout) == 0);
    return layout.parts[PARTITION_LFS].bytes;
}

static struct partition_record *record(unsigned idx)
{
    return (struct partition_record *)(void *)(flash.cells + PARTITION_TABLE_OFF +
                                               idx * FLASH_SECTOR_BYTES);
}

TEST(the_last_layout_saved_is_loaded)
{
    int status;
    simflash_init(&flash, BYTES, 1);
    CHECK_EQUAL(load(&status), LFS_DEFAULT_BYTES);
    CHECK_EQUAL(status, STATUS_NOT_FOUND);
    for (uint32_t n = 1; n <= 5; n++) {
        CHECK_EQUAL(save(n * FLASH_SECTOR_BYTES), STATUS_OK);
        CHECK_EQUAL(load(&status), n * FLASH_SECTOR_BYTES);
        CHECK_EQUAL(status, STATUS_OK);
        CHECK_EQUAL(record((n + 1) % 2)->sequence, n); // in turn
    }
    CHECK_EQUAL(flash.device.counts.erases, 5);
    CHECK_EQUAL(flash.device.counts.program_words, 5 * sizeof(struct partition_record) / 4);
    simflash_deinit(&flash);
}

TEST(each_flipped_bit_gives_the_layout_before)
{
    int status;
    simflash_init(&flash, BYTES, 1);
    CHECK_EQUAL(save(0x8000), STATUS_OK);
    CHECK_EQUAL(save(0x9000), STATUS_OK);
    uint8_t *last = (uint8_t *)record(1);
    for (unsigned bit = 0; bit < 8 * sizeof(struct partition_record); bit++) {
        last[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK_EQUAL(load(&status), 0x8000);
        last[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CHECK_EQUAL(load(&status), 0x9000);
    memset(record(0), 0, sizeof(struct partition_record));
    CHECK_EQUAL(load(&status), 0x9000);
    memset(record(1), 0, sizeof(struct partition_record));
    CHECK_EQUAL(load(&status), LFS_DEFAULT_BYTES);
    CHECK_EQUAL(status, STATUS_NOT_FOUND);
    CHECK_EQUAL(save(0xA000), STATUS_OK);
    CHECK_EQUAL(load(&status), 0xA000);
    simflash_deinit(&flash);
}

TEST(a_layout_that_cannot_be_is_not_kept)
{
    simflash_init(&flash, BYTES, 1);
    struct flash_layout layout = layout_with(0x8000);
    layout.parts[PARTITION_LFS].off = PARTITION_TABLE_OFF; // on the table
    CHECK_EQUAL(partition_table_save(&flash.device, &layout), STATUS_USAGE);
    layout.parts[PARTITION_FIRMWARE].bytes = PARTITION_TABLE_OFF; // and nobody holds its place
    CHECK_EQUAL(partition_table_save(&flash.device, &layout), STATUS_USAGE);
    layout = layout_with(0x8001);
    CHECK_EQUAL(partition_table_save(&flash.device, &layout), STATUS_USAGE);
    CHECK_EQUAL(flash.device.counts.erases, 0);
    simflash_deinit(&flash);
}

// As from a larger flash, of which this one is a copy.
TEST(a_sound_record_that_does_not_fit_is_none)
{
    int status;
    simflash_init(&flash, BYTES, 1);
    CHECK_EQUAL(save(0x8000), STATUS_OK);
    simflash_deinit(&flash);
    struct simflash larger;
    simflash_init(&larger, 4 * BYTES, 1);
    struct flash_layout layout;
    partitions_init(&layout, 4 * BYTES);
    CHECK_EQUAL(partition_table_save(&larger.device, &layout), STATUS_OK);
    simflash_init(&flash, BYTES, 1);
    memcpy(flash.cells, larger.cells, BYTES);
    CHECK_EQUAL(load(&status), LFS_DEFAULT_BYTES);
    CHECK_EQUAL(status, STATUS_NOT_FOUND);
    simflash_deinit(&larger);
    simflash_deinit(&flash);
}

TEST(a_small_flash_has_no_table)
{
    struct flash_layout layout;
    simflash_init(&flash, PARTITION_TABLE_OFF + FLASH_SECTOR_BYTES, 1);
    CHECK_EQUAL(partition_table_load(&flash.device, &layout), STATUS_NOT_FOUND);
    CHECK_EQUAL(layout.parts[PARTITION_FIRMWARE].bytes, PARTITION_TABLE_OFF + FLASH_SECTOR_BYTES);
    CHECK_EQUAL(partition_table_save(&flash.device, &layout), STATUS_USAGE);
    simflash_deinit(&flash);
}

// Whatever fails, the layout is the one before or the one that was to be.
TEST(each_call_fails)
{
    unsigned tries = 0;
    for (uint64_t seed = 1; seed <= 40; seed++)
        for (uint64_t at = 0;; at++) {
            int status;
            simflash_init(&flash, BYTES, seed);
            CHECK_EQUAL(save(0x8000), STATUS_OK);
            simflash_fail(&flash, at, (int)(seed & 1));
            int saved = save(0x9000), has_failed = flash.fail_count > 0;
            simflash_fail(&flash, SIMFLASH_NEVER, 0);
            uint32_t kept = load(&status);
            CHECK_EQUAL(status, STATUS_OK);
            CHECK(kept == 0x9000 || (kept == 0x8000 && saved != STATUS_OK));
            CHECK_EQUAL(saved, has_failed ? STATUS_IO : STATUS_OK);
            CHECK_EQUAL(save(0xA000), STATUS_OK);
            CHECK_EQUAL(load(&status), 0xA000);
            simflash_fail(&flash, 0, 1);
            CHECK_EQUAL(load(&status), LFS_DEFAULT_BYTES);
            CHECK_EQUAL(status, STATUS_IO);
            simflash_deinit(&flash);
            if (!has_failed)
                break;
            tries++;
        }
    CHECK_EQUAL(tries, 40 * 5); // two records read, an erase, a program, its verification
}

TEST_MAIN
