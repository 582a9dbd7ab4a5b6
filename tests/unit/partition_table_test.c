// partition_table_test.c: is the layout that is kept the one that counts, whatever else lies there?

#include "runtime/flash/inflate.h"
#include "runtime/flash/partition_table.h"
#include "runtime/format/freezer.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/partition_table.h"
#include "runtime/format/store.h"
#include "tests/support/simflash.h"
#include "tests/support/tap.h"

#define BYTES 0x100000u

static struct simflash flash;

// One that is opened for it, as at a start.
static int table_load(struct flash_device *device, struct flash_layout *layout)
{
    struct partition_table table;
    int status = partition_table_open(&table, device);
    *layout = table.layout;
    return status;
}

static int table_save(struct flash_device *device, const struct flash_layout *layout)
{
    struct partition_table table;
    int status = partition_table_open(&table, device);
    return status == STATUS_IO ? status : partition_table_save(&table, layout);
}

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
    return table_save(&flash.device, &layout);
}

// Bytes of the LFS in the layout that is kept; *status is of the load.
static uint32_t load(int *status)
{
    struct flash_layout layout;
    *status = table_load(&flash.device, &layout);
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
    CHECK_EQUAL(table_save(&flash.device, &layout), STATUS_USAGE);
    layout.parts[PARTITION_FIRMWARE].bytes = PARTITION_TABLE_OFF; // and nobody holds its place
    CHECK_EQUAL(table_save(&flash.device, &layout), STATUS_USAGE);
    layout = layout_with(0x8001);
    CHECK_EQUAL(table_save(&flash.device, &layout), STATUS_USAGE);
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
    CHECK_EQUAL(table_save(&larger.device, &layout), STATUS_OK);
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
    CHECK_EQUAL(table_load(&flash.device, &layout), STATUS_NOT_FOUND);
    CHECK_EQUAL(layout.parts[PARTITION_FIRMWARE].bytes, PARTITION_TABLE_OFF + FLASH_SECTOR_BYTES);
    CHECK_EQUAL(table_save(&flash.device, &layout), STATUS_USAGE);
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
    // Two records and an entry read, an erase, a program, its verification, and all read again.
    CHECK_EQUAL(tries, 40 * 9);
}

// ---- what was made before ----

TEST(a_former_record_is_read_and_the_next_one_is_of_today)
{
    int status;
    simflash_init(&flash, BYTES, 1);
    struct flash_layout layout = layout_with(0x8000);
    layout.parts[PARTITION_LFS_SECOND] = layout.parts[PARTITION_NATIVE_DEVS] =
        (struct flash_partition){0, 0};
    struct partition_record_old old = {.magic = PARTITION_RECORD_OLD_MAGIC, .sequence = 7};
    for (int i = 0; i < PARTITION_RECORD_OLD_PARTS; i++)
        old.parts[i] = (struct partition_range){layout.parts[i].off, layout.parts[i].bytes};
    old.crc = inflate_crc(0, &old, offsetof(struct partition_record_old, crc));
    memcpy(flash.cells + PARTITION_TABLE_OFF + FLASH_SECTOR_BYTES, &old, sizeof old);
    struct flash_layout kept;
    CHECK_EQUAL(table_load(&flash.device, &kept), STATUS_OK);
    CHECK(memcmp(&kept, &layout, sizeof kept) == 0);
    CHECK_EQUAL(save(0x9000), STATUS_OK);
    CHECK_EQUAL(record(0)->sequence, 8);
    CHECK_EQUAL(load(&status), 0x9000);
    simflash_deinit(&flash);
}

// Without a table: what lies there tells which layout was the default one then.
TEST(flash_of_the_former_default_layout_is_known_by_what_it_holds)
{
    struct flash_layout ours, stock, found;
    partitions_init(&ours, 4 * BYTES);
    partitions_init_stock(&stock, 4 * BYTES);
    for (int what = 0; what < 4; what++) {
        simflash_init(&flash, 4 * BYTES, 1);
        uint8_t *cells = flash.cells;
        const struct flash_partition *store = &stock.parts[PARTITION_STORE];
        const struct store_control control = {.magic = STORE_CONTROL_MAGIC,
                                              .sector_count = store->bytes / FLASH_SECTOR_BYTES};
        const struct lfs_header image = {.signature = LFS_SIGNATURE_FLOAT,
                                         .image_bytes = LFS_DEFAULT_BYTES + 4};
        const struct freezer_header area = {.magic = FREEZER_MAGIC, .area_bytes = 0x20000};
        if (what == 1)
            memcpy(cells + store->off + FLASH_SECTOR_BYTES, &control, sizeof control);
        if (what == 2)
            memcpy(cells + stock.parts[PARTITION_LFS].off, &image, sizeof image);
        if (what == 3)
            memcpy(cells + stock.parts[PARTITION_FREEZER].off, &area, sizeof area);
        CHECK_EQUAL(table_load(&flash.device, &found), STATUS_NOT_FOUND);
        CHECK(memcmp(&found, what ? &stock : &ours, sizeof found) == 0);
        simflash_deinit(&flash);
    }
}

// ---- the journal ----

TEST(entries_say_what_the_states_of_their_bits_say)
{
    struct partition_table table;
    uint32_t first, second;
    simflash_init(&flash, BYTES, 1);
    CHECK_EQUAL(partition_table_open(&table, &flash.device), STATUS_NOT_FOUND);
    CHECK_EQUAL(partition_table_append(&table, PARTITION_ENTRY_SLOT, 1 | 3 << 8, "", &first),
                STATUS_OK);
    CHECK_EQUAL(table.slots.active, 0); // it does not count yet
    CHECK_EQUAL(table.slots.writes[1], 1);
    CHECK_EQUAL(partition_table_mark(&table, first, PARTITION_STATE_COUNTS), STATUS_OK);
    CHECK_EQUAL(table.slots.active, 1);
    CHECK_EQUAL(table.slots.trial_off, first);
    CHECK_EQUAL(partition_table_mark(&table, first, 0x100), STATUS_OK);
    CHECK_EQUAL(partition_table_mark(&table, first, 0x200), STATUS_OK);
    CHECK_EQUAL(table.slots.starts_used, 2);
    CHECK_EQUAL(partition_table_append(&table, PARTITION_ENTRY_RELOAD, 0, "new.img", &second),
                STATUS_OK);
    CHECK_EQUAL(partition_table_open(&table, &flash.device), STATUS_OK); // after a start
    CHECK_TEXT(table.reload_name, "new.img");
    CHECK_EQUAL(table.reload_off, second);
    CHECK_EQUAL(table.slots.starts_used, 2);
    CHECK_EQUAL(partition_table_mark(&table, second, PARTITION_STATE_TAKEN), STATUS_OK);
    CHECK_EQUAL(table.reload_off, 0);
    CHECK_EQUAL(partition_table_mark(&table, first, PARTITION_STATE_GIVEN_UP), STATUS_OK);
    CHECK_EQUAL(table.slots.active, 0);
    CHECK_EQUAL(table.slots.trial_off, 0);
    simflash_deinit(&flash);
}

// A command of many parts, over sectors that take turns; a cut leaves the one before or the new.
TEST(how_programs_start_is_kept)
{
    struct partition_table table;
    char command[PARTITION_START_BYTES_MAX + 1], got[PARTITION_START_BYTES_MAX + 1];
    uint32_t flags = 0, off;
    simflash_init(&flash, BYTES, 1);
    (void)!partition_table_open(&table, &flash.device);
    CHECK_EQUAL(partition_table_start(&table, got, &flags), STATUS_NOT_FOUND);
    for (uint32_t bytes = 1; bytes <= PARTITION_START_BYTES_MAX; bytes += 3) {
        memset(command, 'a' + (int)(bytes % 26), bytes);
        command[bytes] = '\0';
        CHECK_EQUAL(partition_table_set_start(&table, command, bytes % 8), STATUS_OK);
        CHECK_EQUAL(partition_table_append(&table, PARTITION_ENTRY_SLOT, 0, "", &off), STATUS_OK);
        uint64_t words = flash.device.counts.program_words;
        CHECK_EQUAL(partition_table_set_start(&table, command, bytes % 8), STATUS_OK);
        CHECK_EQUAL(flash.device.counts.program_words, words); // nothing is new
        CHECK_EQUAL(partition_table_open(&table, &flash.device), STATUS_OK);
        CHECK_EQUAL(partition_table_start(&table, got, &flags), STATUS_OK);
        CHECK_TEXT(got, command);
        CHECK_EQUAL(flags, bytes % 8);
    }
    simflash_deinit(&flash);
}

TEST(a_cut_leaves_how_programs_started_or_will)
{
    static const char *const commands[] = {"@init.lua", "print('a command that takes some entries, "
                                                        "and is cut somewhere in the middle')"};
    unsigned seen[2] = {0};
    struct partition_table table;
    uint32_t off;
    simflash_init(&flash, BYTES, 1);
    flash.is_full = 1;
    (void)!partition_table_open(&table, &flash.device);
    CHECK_EQUAL(partition_table_set_start(&table, commands[0], 1), STATUS_OK);
    for (int i = 0; i < 79; i++) // the next one needs another sector
        CHECK_EQUAL(partition_table_append(&table, PARTITION_ENTRY_SLOT, 0, "", &off), STATUS_OK);
    simflash_log_begin(&flash);
    for (uint64_t cut = 0, is_cut = 1; is_cut; cut++) {
        char got[PARTITION_START_BYTES_MAX + 1];
        uint32_t flags = 0;
        simflash_power_on(&flash, SIMFLASH_NEVER);
        CHECK_EQUAL(partition_table_open(&table, &flash.device), STATUS_OK);
        simflash_power_on(&flash, cut);
        (void)!partition_table_set_start(&table, commands[1], 2);
        is_cut = (uint64_t)flash.is_off;
        simflash_power_on(&flash, SIMFLASH_NEVER);
        CHECK_EQUAL(partition_table_open(&table, &flash.device), STATUS_OK);
        CHECK_EQUAL(partition_table_start(&table, got, &flags), STATUS_OK);
        CHECK(flags == 1 || flags == 2);
        CHECK_TEXT(got, commands[flags - 1]);
        CHECK(is_cut || flags == 2);
        seen[flags - 1]++;
        simflash_undo(&flash, 0);
    }
    simflash_deinit(&flash);
    CHECK(seen[0] > 500 && seen[1] > 0);
}

// A layout that is lost is told of, and why.
TEST(what_is_lost_has_a_text)
{
    struct partition_table table;
    struct flash_layout layout;
    char text[100];
    simflash_init(&flash, BYTES, 1);
    (void)!partition_table_open(&table, &flash.device);
    partition_table_text(&table, text, sizeof text);
    CHECK_TEXT(text, "");
    partitions_init(&layout, BYTES);
    CHECK_EQUAL(partition_table_save(&table, &layout), STATUS_OK);
    partition_table_text(&table, text, sizeof text);
    CHECK_TEXT(text, "");
    flash.device.bytes = 0xC0000u;
    CHECK_EQUAL(partition_table_open(&table, &flash.device), STATUS_NOT_FOUND);
    CHECK(table.larger_bytes > 0xC0000u && table.larger_bytes <= BYTES);
    flash.device.bytes = BYTES;
    flash.cells[PARTITION_TABLE_OFF + 20] ^= 1;
    CHECK_EQUAL(partition_table_open(&table, &flash.device), STATUS_NOT_FOUND);
    CHECK_EQUAL(table.larger_bytes, 0);
    partition_table_text(&table, text, sizeof text);
    CHECK_TEXT(text, "Partition table at 0x8e000: no record is sound, the usual layout is used");
    simflash_deinit(&flash);
}

// The last image of each kind that was refused, over sectors that take turns.
TEST(what_was_refused_is_kept)
{
    const enum partition_entry_kind core = PARTITION_ENTRY_REFUSED_CORE,
                                    devs = PARTITION_ENTRY_REFUSED_DEVS;
    struct partition_table table;
    uint32_t off;
    simflash_init(&flash, BYTES, 1);
    (void)!partition_table_open(&table, &flash.device);
    CHECK(!partition_table_is_refused(&table, core, 0));
    CHECK_EQUAL(partition_table_append(&table, core, 5, "core.img", &off), STATUS_OK);
    CHECK_EQUAL(partition_table_append(&table, core, 7, "core.img", &off), STATUS_OK);
    CHECK_EQUAL(partition_table_append(&table, devs, 9, "devs.img", &off), STATUS_OK);
    for (int i = 0; i < 200; i++) {
        CHECK(partition_table_is_refused(&table, core, 7));
        CHECK(partition_table_is_refused(&table, devs, 9));
        CHECK(!partition_table_is_refused(&table, core, 5));
        CHECK(!partition_table_is_refused(&table, core, 9));
        CHECK_EQUAL(partition_table_append(&table, PARTITION_ENTRY_SLOT, 0, "", &off), STATUS_OK);
        CHECK_EQUAL(partition_table_open(&table, &flash.device), STATUS_OK);
    }
    CHECK(flash.device.counts.erases > 2);
    simflash_deinit(&flash);
}

// Sectors take turns however many entries there are; what is open is carried on.
TEST(a_full_journal_goes_on_in_the_other_sector)
{
    struct partition_table table;
    uint32_t off, written = 0;
    simflash_init(&flash, BYTES, 1);
    CHECK_EQUAL(partition_table_open(&table, &flash.device), STATUS_NOT_FOUND);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t slot = i & 1, starts = i % 3;
        CHECK_EQUAL(
            partition_table_append(&table, PARTITION_ENTRY_SLOT, slot | starts << 8, "", &off),
            STATUS_OK);
        CHECK_EQUAL(partition_table_mark(&table, off, PARTITION_STATE_COUNTS), STATUS_OK);
        written++;
        struct partition_table again;
        CHECK_EQUAL(partition_table_open(&again, &flash.device), STATUS_OK);
        CHECK_EQUAL(again.slots.active, slot);
        CHECK_EQUAL(again.slots.trial_off != 0, starts > 0);
        CHECK_EQUAL(again.slots.writes[0] + again.slots.writes[1], written);
    }
    CHECK(flash.device.counts.erases >= 12 && flash.device.counts.erases <= 14);
    simflash_deinit(&flash);
}

TEST_MAIN
