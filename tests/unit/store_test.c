// store_test.c: does the file store keep what it is given, in every order, and nothing else?
//
// Random programs of opens, writes, renames and removals on small sectors are compared with a table
// of what must be there, by the store's own reading and by an independent reader of the format.

#include "runtime/flash/lfs.h"
#include "runtime/flash/store/store.h"
#include "runtime/flash/store/store_time.h"
#include "tests/support/mrfs_reader.h"
#include "tests/support/simflash.h"
#include "tests/support/store_exercise.h"
#include "tests/support/tap.h"

#define SECTOR 512u
#define SECTORS 40u
#define OFF 4096u // of the store in the flash
#define FILES_MAX 24
#define CONTENT_MAX 4096u

struct lfs_work *lfs_port_work(void)
{
    abort();
}

static struct simflash flash;
static struct store store;
static uint32_t places[FILES_MAX];

static int mount_bytes(uint32_t sectors, int is_read_only)
{
    struct flash_partition range = {OFF, sectors * SECTOR};
    return store_mount(&store, &flash.device, &range, places, FILES_MAX, is_read_only);
}

static void open_store(uint32_t sectors)
{
    simflash_init(&flash, OFF + 256 * FLASH_SECTOR_BYTES, test_seed());
    flash.device.sector_bytes = SECTOR;
    flash.cached_of_8 = 8; // the window shows nothing new: nobody may look there
    CHECK_EQUAL(mount_bytes(sectors, 0), STATUS_OK);
}

static int put(const char *name, const void *data, uint32_t bytes)
{
    struct store_file file;
    int status = store_file_open(&store, &file, name, STORE_WRITES | STORE_CUTS);
    if (status != STATUS_OK)
        return status;
    status = store_file_write(&file, data, bytes);
    int closed = store_file_close(&file);
    return status == STATUS_OK ? closed : status;
}

static long get(const char *name, uint8_t *data, uint32_t bytes_max)
{
    struct store_file file;
    int status = store_file_open(&store, &file, name, STORE_READS);
    if (status != STATUS_OK)
        return status;
    long count = store_file_read(&file, data, bytes_max);
    CHECK_EQUAL(store_file_close(&file), STATUS_OK);
    return count;
}

// ---- the two defects of the original ----

TEST(zeros_are_not_a_deleted_file)
{
    static const uint8_t zeros[40];
    struct store_about about;
    open_store(SECTORS);
    CHECK_EQUAL(put("zeros", zeros, sizeof zeros), STATUS_OK);
    CHECK_EQUAL(store_find(&store, "zeros", &about), STATUS_OK);
    CHECK_EQUAL(about.bytes, 40);
    CHECK_EQUAL(mount_bytes(SECTORS, 0), STATUS_OK);
    CHECK_EQUAL(store_find(&store, "zeros", &about), STATUS_OK);
}

TEST(what_does_not_fit_is_refused_and_goes_nowhere)
{
    static uint8_t data[SECTORS * SECTOR], back[SECTORS * SECTOR];
    open_store(SECTORS);
    memset(data, 'x', sizeof data);
    memset(flash.cells + OFF + SECTORS * SECTOR, 0x5A, SECTOR);
    CHECK_EQUAL(put("a", "old", 3), STATUS_OK);
    CHECK_EQUAL(put("a", data, sizeof data), STATUS_NO_SPACE);
    CHECK_EQUAL(put("b", data, sizeof data), STATUS_NO_SPACE);
    CHECK_EQUAL(get("b", back, 9), STATUS_NOT_FOUND);
    CHECK_EQUAL(get("a", back, 9), 3);
    for (uint32_t i = 0; i < SECTOR; i++)
        CHECK(flash.cells[OFF + SECTORS * SECTOR + i] == 0x5A);
    CHECK_EQUAL(put("b", data, 2000), STATUS_OK);
    CHECK_EQUAL(get("b", back, sizeof back), 2000);
}

// ---- names ----

TEST(names_have_up_to_31_characters)
{
    static const char longest[] = "0123456789abcdefghijklmnopqrstu";
    uint8_t back[40];
    open_store(SECTORS);
    for (size_t length = 1; length <= 31; length++)
        CHECK_EQUAL(put(longest + 31 - length, longest, (uint32_t)length), STATUS_OK),
            CHECK_EQUAL(get(longest + 31 - length, back, sizeof back), length),
            CHECK_EQUAL(store_remove(&store, longest + 31 - length), STATUS_OK);
    CHECK_EQUAL(put("0123456789abcdefghijklmnopqrstuv", "", 0), STATUS_USAGE);
    CHECK_EQUAL(put("", "", 0), STATUS_USAGE);
    CHECK_EQUAL(put(longest, "1", 1), STATUS_OK);
    CHECK_EQUAL(put("0123456789abcde", "22", 2), STATUS_OK); // what fits the tail
    CHECK_EQUAL(mount_bytes(SECTORS, 0), STATUS_OK);
    CHECK_EQUAL(get(longest, back, sizeof back), 1);
    CHECK_EQUAL(get("0123456789abcde", back, sizeof back), 2);
}

TEST(a_full_index_refuses_one_more)
{
    char name[8];
    open_store(SECTORS);
    for (int i = 0; i < FILES_MAX; i++) {
        snprintf(name, sizeof name, "f%d", i);
        CHECK_EQUAL(put(name, name, 2), STATUS_OK);
    }
    CHECK_EQUAL(put("more", "", 0), STATUS_NO_SPACE);
    CHECK_EQUAL(store_rename(&store, "f3", "g3"), STATUS_OK);
    CHECK_EQUAL(mount_bytes(SECTORS, 0), STATUS_OK);
    CHECK_EQUAL(store_remove(&store, "g3"), STATUS_OK);
    CHECK_EQUAL(put("more", "", 0), STATUS_OK);
}

// ---- times ----

TEST(times_are_dates)
{
    static const struct {
        uint64_t seconds;
        uint32_t time;
    } rows[] = {{946684799, STORE_TIME_UNKNOWN},   // the last second of 1999
                {946684800, 1010000},              // 2000-01-01 00:00
                {951868740, 2292359},              // 2000-02-29 23:59
                {1709209800, 2402291230},          // 2024-02-29
                {1735689599, 2412312359},          // its last day
                {2303683199, 4212312359},          // the last minute there is
                {2303683200, STORE_TIME_UNKNOWN},  // behind it
                {UINT64_MAX, STORE_TIME_UNKNOWN}}; //
    struct store_date date;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_EQUAL(store_time_of(rows[i].seconds), rows[i].time);
        CHECK_EQUAL(store_time_read(rows[i].time, &date), rows[i].time != STORE_TIME_UNKNOWN);
    }
    CHECK(store_time_read(2402291230u, &date) && date.year == 2024 && date.month == 2);
    CHECK(date.day == 29 && date.hour == 12 && date.minute == 30);
    CHECK(!store_time_read(2302291230u, &date)); // no leap year
    CHECK(!store_time_read(UINT32_MAX, &date));
}

// ---- open files ----

TEST(a_reader_keeps_what_it_opened)
{
    struct store_file reader;
    static uint8_t data[3000], back[3000];
    open_store(SECTORS);
    for (uint32_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    CHECK_EQUAL(put("a", data, sizeof data), STATUS_OK);
    CHECK_EQUAL(store_file_open(&store, &reader, "a", STORE_READS), STATUS_OK);
    for (int i = 0; i < 60; i++) // several times around the ring
        CHECK_EQUAL(put("a", "new", 3) | put("b", data, 900), STATUS_OK);
    CHECK(store.moved_bytes > 0);
    CHECK_EQUAL(store_remove(&store, "a"), STATUS_OK);
    CHECK_EQUAL(store_file_read(&reader, back, sizeof back), sizeof back);
    CHECK(memcmp(data, back, sizeof back) == 0);
    CHECK_EQUAL(store_file_close(&reader), STATUS_OK);
    CHECK_EQUAL(get("a", back, 9), STATUS_NOT_FOUND);
}

TEST(one_file_is_written_at_a_time)
{
    struct store_file one, two;
    uint8_t back[8];
    open_store(SECTORS);
    CHECK_EQUAL(put("a", "old", 3), STATUS_OK);
    CHECK_EQUAL(store_file_open(&store, &one, "a", STORE_WRITES | STORE_CUTS), STATUS_OK);
    CHECK_EQUAL(store_file_open(&store, &two, "b", STORE_WRITES), STATUS_LIMIT);
    CHECK_EQUAL(store_file_write(&one, "newer", 5), STATUS_OK);
    CHECK_EQUAL(get("a", back, 8), 3); // until it is closed
    CHECK_EQUAL(store_file_flush(&one), STATUS_OK);
    CHECK_EQUAL(get("a", back, 8), 5); // or flushed
    CHECK_EQUAL(store_file_write(&one, "!", 1), STATUS_OK);
    CHECK_EQUAL(store_file_close(&one), STATUS_OK);
    CHECK_EQUAL(get("a", back, 8), 6);
    CHECK_EQUAL(store_file_open(&store, &two, "b", STORE_WRITES), STATUS_OK);
    CHECK_EQUAL(store_file_close(&two), STATUS_OK);
    CHECK_EQUAL(get("b", back, 8), 0);
}

TEST(others_change_while_one_is_written)
{
    struct store_file log;
    uint8_t back[64];
    open_store(SECTORS);
    CHECK_EQUAL(put("a", "A", 1) | put("b", "B", 1), STATUS_OK);
    CHECK_EQUAL(store_file_open(&store, &log, "log", STORE_WRITES | STORE_CUTS), STATUS_OK);
    CHECK_EQUAL(store_file_write(&log, "one ", 4), STATUS_OK);
    CHECK_EQUAL(store_remove(&store, "a"), STATUS_OK);
    CHECK_EQUAL(store_file_write(&log, "two ", 4), STATUS_OK);
    CHECK_EQUAL(store_rename(&store, "b", "c"), STATUS_OK);
    CHECK_EQUAL(store_compact(&store), STATUS_OK);
    CHECK_EQUAL(store_file_write(&log, "three", 5), STATUS_OK);
    CHECK_EQUAL(store_file_close(&log), STATUS_OK);
    CHECK_EQUAL(get("log", back, sizeof back), 13);
    CHECK(memcmp(back, "one two three", 13) == 0);
    CHECK_EQUAL(get("a", back, 8), STATUS_NOT_FOUND);
    CHECK_EQUAL(get("c", back, 8), 1);
}

TEST(a_file_that_is_removed_while_it_is_written_stays_away)
{
    struct store_file file;
    struct store_about about;
    open_store(SECTORS);
    CHECK_EQUAL(put("a", "A", 1), STATUS_OK);
    CHECK_EQUAL(store_file_open(&store, &file, "a", STORE_WRITES | STORE_APPENDS), STATUS_OK);
    CHECK_EQUAL(store_file_write(&file, "B", 1), STATUS_OK);
    CHECK_EQUAL(store_remove(&store, "a"), STATUS_OK);
    CHECK_EQUAL(store_file_write(&file, "C", 1), STATUS_NOT_FOUND);
    CHECK_EQUAL(store_file_close(&file), STATUS_NOT_FOUND);
    CHECK_EQUAL(store_find(&store, "a", &about), STATUS_NOT_FOUND);
    CHECK_EQUAL(mount_bytes(SECTORS, 0), STATUS_OK);
    CHECK_EQUAL(store_find(&store, "a", &about), STATUS_NOT_FOUND);
}

// ---- damage ----

TEST(damage_is_seen_and_moved_as_such)
{
    struct store_about about;
    open_store(SECTORS);
    CHECK_EQUAL(put("good", "good", 4) | put("bad", "content", 7), STATUS_OK);
    CHECK_EQUAL(store_find(&store, "bad", &about), STATUS_OK);
    CHECK_EQUAL(store_verify(&store, "bad"), STATUS_OK);
    CHECK_EQUAL(store_check(&store, exercise_fault, NULL), 0);
    flash.cells[OFF + about.off + STORE_HEAD_BYTES] ^= 4;
    CHECK_EQUAL(store_verify(&store, "bad"), STATUS_DAMAGED);
    CHECK_EQUAL(store_verify(&store, "good"), STATUS_OK);
    CHECK_EQUAL(store_check(&store, exercise_fault, NULL), 1);
    CHECK_EQUAL(store_compact(&store), STATUS_OK);
    CHECK(store.moved_bytes > 0);
    CHECK_EQUAL(store_verify(&store, "bad"), STATUS_DAMAGED);
    CHECK_EQUAL(store_verify(&store, "good"), STATUS_OK);
}

TEST(what_is_no_store_is_refused)
{
    static const struct store_about none;
    struct store_about about = none;
    open_store(SECTORS);
    CHECK_EQUAL(mount_bytes(STORE_SECTORS_MIN - 1, 0), STATUS_LIMIT);
    memset(flash.cells + OFF, 0, 8);
    CHECK_EQUAL(mount_bytes(SECTORS, 0), STATUS_OK); // one sector of control is erased
    memset(flash.cells + OFF + 9 * SECTOR, 'x', 8);
    CHECK_EQUAL(mount_bytes(SECTORS, 0), STATUS_DAMAGED);
    CHECK_EQUAL(store_format(&store), STATUS_OK);
    CHECK_EQUAL(put("a", "A", 1), STATUS_OK);
    CHECK_EQUAL(mount_bytes(SECTORS - 1, 0), STATUS_VERSION);
    CHECK_EQUAL(mount_bytes(SECTORS, 1), STATUS_OK);
    CHECK_EQUAL(put("a", "B", 1), STATUS_USAGE);
    CHECK_EQUAL(store_remove(&store, "a"), STATUS_USAGE);
    CHECK_EQUAL(store_find(&store, "a", &about), STATUS_OK);
}

// Bits that fall or rise, bytes that are others, in every part of the store.
TEST(no_damage_leads_astray)
{
    static struct exercise work;
    static uint8_t sound[SECTORS * SECTOR];
    uint64_t state = test_seed() * 31 + 7;
    struct flash_partition range = {OFF, sizeof sound};
    open_store(SECTORS);
    for (int i = 0; i < 8; i++)
        CHECK(!exercise_store(&work, &flash.device, range));
    memcpy(sound, flash.cells + OFF, sizeof sound);
    work.file_count = work.put_count = 0;
    for (int i = 0; i < 20000 && test_failures == 0; i++) {
        memcpy(flash.cells + OFF, sound, sizeof sound);
        for (uint32_t n = 1 + test_random(&state) % 4; n > 0; n--) {
            uint32_t at = OFF + test_random(&state) % (i % 2 ? sizeof sound : 3 * SECTOR);
            uint32_t how = test_random(&state);
            uint8_t flipped = flash.cells[at] ^ (uint8_t)(1 << (how >> 1) % 8);
            flash.cells[at] = how & 1 ? (uint8_t)(how >> 8) : flipped;
        }
        const char *what = exercise_store(&work, &flash.device, range);
        if (what)
            printf("# damage %d of seed %llu: %s\n", i, (unsigned long long)test_seed(), what);
        CHECK(!what);
    }
    printf("# %llu files read, %llu written\n", (unsigned long long)work.file_count,
           (unsigned long long)work.put_count);
    CHECK(work.file_count > 20000 && work.put_count > 5000);
}

// A head word is cut, then its repair anywhere: at no time is there an entry, or a word that the
// next repair cannot mend.
TEST(a_torn_head_word_never_becomes_an_entry)
{
    static uint8_t torn[SECTORS * SECTOR];
    static struct mrfs fs;
    uint64_t state = test_seed() * 19 + 3;
    uint32_t words = 0;
    open_store(SECTORS);
    CHECK_EQUAL(put("a", "A", 1), STATUS_OK);
    const uint32_t off = OFF + store.head, magic = STORE_MAGIC;
    for (int i = 0; i < 400 && test_failures == 0; i++) {
        uint32_t size = test_random(&state) >> (8 + test_random(&state) % 22);
        uint32_t flags = (test_random(&state) & STORE_IS_SHORT) | (1 + test_random(&state) % 3)
                                                                      << 30;
        uint32_t word = store_word((size & STORE_SIZE_MASK) | flags);
        word |= test_random(&state) & (i % 2 ? test_random(&state) : UINT32_MAX);
        if (store_word_is_sound(word))
            continue;
        words++;
        memcpy(flash.cells + off, &magic, 4);
        memcpy(flash.cells + off + 4, &word, 4);
        memcpy(torn, flash.cells + OFF, sizeof torn);
        for (uint64_t cut = 0, all = 1; cut < all; cut++) {
            memcpy(flash.cells + OFF, torn, sizeof torn);
            simflash_power_on(&flash, cut);
            (void)!mount_bytes(SECTORS, 0);
            all = flash.is_off ? cut + 2 : 0; // there may be one more
            simflash_power_on(&flash, SIMFLASH_NEVER);
            mrfs_read(&fs, flash.cells + OFF, SECTOR, SECTORS);
            CHECK(!fs.fault && fs.file_count == 1);
            CHECK_EQUAL(mount_bytes(SECTORS, 0), STATUS_OK);
            CHECK(store.file_count == 1 && !store.is_read_only);
            CHECK_EQUAL(put("b", "B", 1), STATUS_OK);
        }
        memset(flash.cells + OFF, 0xFF, sizeof torn);
        memcpy(flash.cells + OFF, torn, off - OFF);
    }
    printf("# %u words\n", (unsigned)words);
    CHECK(words > 200);
}

// However full it is: files can be removed, and then there is room.
static int faults_told;

static void count_head(void *context, uint32_t off, const char *what)
{
    (void)context;
    faults_told += off > 0 && strstr(what, "a bit in the head") != NULL;
}

// One of a head, in front of other files, hides nothing: the CRC says what it was.
TEST(a_bit_that_changes_in_a_head_word_is_known)
{
    static const char long_name[] = "a name of 20 letters";
    uint8_t data[300], back[300];
    for (uint32_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 5);
    for (int bit = 0; bit < 32; bit++) {
        struct store_about about;
        open_store(SECTORS);
        CHECK_EQUAL(put("first", "1", 1), STATUS_OK);
        CHECK_EQUAL(put(long_name, data, sizeof data), STATUS_OK);
        CHECK_EQUAL(put("last", "3", 1), STATUS_OK);
        CHECK_EQUAL(store_find(&store, long_name, &about), STATUS_OK);
        flash.cells[OFF + about.off + 4 + bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK_EQUAL(mount_bytes(SECTORS, 1), STATUS_OK);
        faults_told = 0;
        CHECK_EQUAL(store_check(&store, count_head, NULL), 1);
        CHECK_EQUAL(faults_told, 1);
        for (int again = 0; again < 2; again++) {
            CHECK_EQUAL(mount_bytes(SECTORS, 0), STATUS_OK);
            CHECK_EQUAL(get("first", back, sizeof back), 1);
            CHECK_EQUAL(get(long_name, back, sizeof back), sizeof data);
            CHECK(memcmp(data, back, sizeof data) == 0);
            CHECK_EQUAL(get("last", back, sizeof back), 1);
            CHECK_EQUAL(put("more", data, sizeof data), STATUS_OK);
        }
        for (int turn = 0; turn < 60; turn++) // until all have moved
            CHECK_EQUAL(put("more", data, sizeof data), STATUS_OK);
        CHECK_EQUAL(store_check(&store, count_head, NULL), 0);
        CHECK_EQUAL(get(long_name, back, sizeof back), sizeof data);
        CHECK(memcmp(data, back, sizeof data) == 0);
        simflash_deinit(&flash);
    }
}

TEST(a_full_store_can_be_emptied)
{
    static const uint32_t sectors[] = {STORE_SECTORS_MIN, 12, 15, 20, 40, 120};
    static uint8_t data[CONTENT_MAX];
    uint64_t state = test_seed() * 91 + 5;
    for (uint32_t round = 0; round < 60 && test_failures == 0; round++) {
        uint32_t count = sectors[round % 6], refused = 0, largest = 1 << (4 + round % 8);
        char name[STORE_NAME_BYTES_MAX + 1] = "";
        struct store_about about;
        open_store(count);
        for (uint32_t i = 0; refused < 40 && i < 4000; i++) {
            snprintf(name, sizeof name, "%s%u", i % 2 ? "a name that is long " : "n",
                     (unsigned)(test_random(&state) % (FILES_MAX - 4)));
            int status = put(name, data, test_random(&state) % largest);
            CHECK(status == STATUS_OK || status == STATUS_NO_SPACE);
            refused += status == STATUS_NO_SPACE;
        }
        if (round % 2)
            CHECK_EQUAL(mount_bytes(count, 0), STATUS_OK);
        for (name[0] = 0; store_next(&store, name, &about) == STATUS_OK;)
            CHECK_EQUAL(store_remove(&store, name), STATUS_OK);
        CHECK_EQUAL(store.file_count, 0);
        CHECK_EQUAL(put("again", data, SECTOR / 4), STATUS_OK);
        CHECK_EQUAL(mount_bytes(count, 0), STATUS_OK);
        CHECK_EQUAL(store.file_count, 1);
        simflash_deinit(&flash);
    }
}

// ---- power that fails again and again ----

#define SOAK_FILES 6

// Content of file `i` in its version; version 0: it is not there.
static uint32_t soak_content(int i, uint32_t version, uint8_t *data)
{
    uint32_t bytes = version * 97 % 700;
    for (uint32_t at = 0; at < bytes; at++)
        data[at] = (uint8_t)(at * 3 + version * 7 + (uint32_t)i);
    return bytes;
}

static int is_soak_version(int i, uint32_t version)
{
    static uint8_t want[1024], back[1024];
    char name[16];
    snprintf(name, sizeof name, "soak%d", i);
    long bytes = get(name, back, sizeof back);
    if (version == 0)
        return bytes == STATUS_NOT_FOUND;
    uint32_t wanted = soak_content(i, version, want);
    return bytes == (long)wanted && memcmp(back, want, wanted) == 0 &&
           store_verify(&store, name) == STATUS_OK;
}

// Writes a version, or removes it, or compacts; power fails anywhere in it, or in the mount before.
static void soak_step(uint32_t sectors, uint32_t versions[SOAK_FILES], uint32_t number,
                      uint64_t *state, uint32_t *refused)
{
    static uint8_t data[1024];
    char name[16];
    int i = (int)(test_random(state) % SOAK_FILES), status = STATUS_OK;
    uint32_t what = test_random(state) % 8, to = what == 0 ? 0 : number;
    snprintf(name, sizeof name, "soak%d", i);
    simflash_power_on(&flash, test_random(state) % (what == 1 ? 8000 : 3000));
    if (mount_bytes(sectors, 0) == STATUS_OK) {
        if (what == 1)
            (void)!store_compact(&store);
        else if (to)
            status = put(name, data, soak_content(i, to, data));
        else
            status = store_remove(&store, name);
    }
    int is_cut = flash.is_off;
    simflash_power_on(&flash, SIMFLASH_NEVER);
    CHECK_EQUAL(mount_bytes(sectors, 0), STATUS_OK);
    CHECK(!store.is_read_only);
    *refused += !is_cut && status == STATUS_NO_SPACE;
    if (what != 1 && is_soak_version(i, to))
        versions[i] = to;
    else if (what != 1 && !is_cut)
        CHECK(status == STATUS_NO_SPACE || status == STATUS_NOT_FOUND);
    for (int n = 0; n < SOAK_FILES; n++)
        CHECK(is_soak_version(n, versions[n]));
}

TEST(power_that_fails_again_and_again_loses_nothing)
{
    static const uint32_t sectors[] = {17, 20, 30};
    uint64_t state = test_seed() * 53 + 11;
    for (int round = 0; round < 3; round++) {
        uint32_t versions[SOAK_FILES] = {0}, refused = 0;
        open_store(sectors[round]);
        for (uint32_t i = 1; i <= 3000 && test_failures == 0; i++)
            soak_step(sectors[round], versions, i, &state, &refused);
        printf("# %u sectors: %u of 3000 refused for want of room, %u turns\n",
               (unsigned)sectors[round], (unsigned)refused, (unsigned)store.turns);
        CHECK(refused < 600 && store.turns > 50);
        simflash_deinit(&flash);
    }
}

// ---- random programs ----

struct shadow {
    char name[32];
    int is_there;
    uint32_t bytes;
    uint8_t content[CONTENT_MAX];
};

static struct shadow shadows[] = {{.name = "a"},
                                  {.name = "b.lua"},
                                  {.name = "http/index.html"},
                                  {.name = "a name of thirty-one characters"},
                                  {.name = "a name of sixteen"},
                                  {.name = "e"},
                                  {.name = "f"},
                                  {.name = "g"}};
#define SHADOWS ((int)(sizeof shadows / sizeof *shadows))

static void check_shadows(void)
{
    static struct mrfs fs;
    static uint8_t back[CONTENT_MAX];
    int count = 0;
    mrfs_read(&fs, flash.cells + OFF, SECTOR, store.sector_count);
    CHECK_TEXT(fs.fault ? fs.fault : "", "");
    for (int i = 0; i < SHADOWS; i++) {
        const struct shadow *want = &shadows[i];
        const struct mrfs_file *other = mrfs_find(&fs, want->name);
        long bytes = get(want->name, back, sizeof back);
        CHECK_EQUAL(bytes, want->is_there ? (long)want->bytes : STATUS_NOT_FOUND);
        CHECK_EQUAL(other != NULL, want->is_there);
        count += want->is_there;
        if (bytes != (long)want->bytes || !want->is_there || !other)
            continue;
        CHECK(memcmp(back, want->content, want->bytes) == 0);
        CHECK(other->is_crc_good && other->size == want->bytes);
        CHECK(memcmp(other->content, want->content, want->bytes) == 0);
    }
    CHECK_EQUAL(store.file_count, count);
    CHECK_EQUAL(fs.file_count, count);
}

static uint64_t random_state;

static uint32_t below(uint32_t n)
{
    return test_random(&random_state) % n;
}

// Opens a file in one of the ways, writes here and there, closes; the shadow follows if all went
// well.
static void write_one(struct shadow *shadow)
{
    static struct shadow new;
    struct store_file file;
    unsigned mode = STORE_READS | STORE_WRITES | (below(3) == 0 ? STORE_CUTS : 0) |
                    (below(3) == 0 ? STORE_APPENDS : 0);
    new = *shadow;
    if ((mode & STORE_CUTS) || !new.is_there)
        new.bytes = 0;
    new.is_there = 1;
    int status = store_file_open(&store, &file, shadow->name, mode);
    CHECK_EQUAL(status, STATUS_OK);
    for (uint32_t writes = below(5); writes > 0 && status == STATUS_OK; writes--) {
        uint8_t data[700], back[700];
        uint32_t bytes = below(4) ? below(60) : below(sizeof data);
        uint32_t pos = mode & STORE_APPENDS ? new.bytes
                       : below(3)           ? file.pos
                                            : below(new.bytes + 1);
        if (pos + bytes > CONTENT_MAX)
            break;
        for (uint32_t i = 0; i < bytes; i++)
            data[i] = (uint8_t)below(256);
        file.pos = pos;
        status = store_file_write(&file, data, bytes);
        if (status != STATUS_OK)
            break;
        memcpy(new.content + pos, data, bytes);
        new.bytes = pos + bytes > new.bytes ? pos + bytes : new.bytes;
        CHECK_EQUAL(store_file_size(&file), new.bytes);
        file.pos = below(new.bytes + 1);
        long count = store_file_read(&file, back, sizeof back);
        CHECK(count >= 0 && memcmp(back, new.content + file.pos - count, (size_t)count) == 0);
        file.pos = pos + bytes;
        if (below(8) == 0)
            status = store_file_flush(&file);
        if (status == STATUS_OK && below(8) == 0)
            CHECK_EQUAL(store_compact(&store), STATUS_OK);
    }
    int closed = store_file_close(&file);
    CHECK(status == STATUS_OK || closed == status);
    CHECK(closed == STATUS_OK || closed == STATUS_NO_SPACE);
    if (closed == STATUS_OK)
        *shadow = new;
    else if (shadow->is_there) // a flush may have counted: take what is there
        shadow->bytes = (uint32_t)get(shadow->name, shadow->content, CONTENT_MAX);
    else if (get(shadow->name, shadow->content, CONTENT_MAX) >= 0)
        shadow->is_there = 1,
        shadow->bytes = (uint32_t)get(shadow->name, shadow->content, CONTENT_MAX);
}

static void rename_one(struct shadow *from, struct shadow *to)
{
    int status = store_rename(&store, from->name, to->name);
    if (to->is_there)
        CHECK_EQUAL(status, STATUS_LIMIT);
    else if (!from->is_there)
        CHECK_EQUAL(status, STATUS_NOT_FOUND);
    if (status != STATUS_OK)
        return;
    memcpy(to->content, from->content, from->bytes);
    to->bytes = from->bytes;
    to->is_there = 1;
    from->is_there = 0;
}

static void run_program(uint32_t sectors, int steps)
{
    for (int i = 0; i < SHADOWS; i++)
        shadows[i].is_there = 0;
    for (int i = 0; i < steps && test_failures == 0; i++) {
        struct shadow *one = &shadows[below(SHADOWS)];
        uint32_t what = below(20);
        if (what < 11)
            write_one(one);
        else if (what < 14)
            rename_one(one, &shadows[below(SHADOWS)]);
        else if (what < 17)
            CHECK_EQUAL(store_remove(&store, one->name) == STATUS_OK, one->is_there),
                one->is_there = 0;
        else if (what == 17)
            CHECK_EQUAL(store_compact(&store), STATUS_OK);
        else
            CHECK_EQUAL(mount_bytes(sectors, 0), STATUS_OK);
        check_shadows();
        CHECK_EQUAL(store_check(&store, exercise_fault, NULL), 0);
        if (test_failures)
            printf("# step %d of seed %llu, %u sectors\n", i, (unsigned long long)test_seed(),
                   (unsigned)sectors);
    }
}

TEST(random_programs_leave_what_they_should)
{
    static const uint32_t sizes[] = {STORE_SECTORS_MIN, 11, 16, 25, 40, 80};
    random_state = test_seed() * 77 + 1;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        open_store(sizes[i]);
        run_program(sizes[i], 1500);
        CHECK(store.turns > 2);
        simflash_deinit(&flash);
    }
}

// ---- wear ----

#define WEAR_SECTORS 160u
#define WEAR_FILES 20
#define WEAR_ROUNDS 100

static uint32_t erase_counts[WEAR_SECTORS];
static const struct flash_driver *inner;

static int counting_erase(struct flash_device *device, uint32_t off)
{
    erase_counts[(off - OFF) / SECTOR]++;
    return inner->erase(device, off);
}

// Content of file `i` in its version.
static void make_content(uint8_t *data, uint32_t bytes, int i, uint32_t version)
{
    for (uint32_t at = 0; at < bytes; at++)
        data[at] = (uint8_t)(at * 31 + (uint32_t)i * 7 + version * 13);
}

TEST(sectors_wear_alike_though_most_files_stay)
{
    static uint8_t data[CONTENT_MAX], back[CONTENT_MAX];
    static const uint32_t sizes[] = {100, 1700, 40, 2300, 700};
    uint32_t bytes[WEAR_FILES], fixed = 0, count = 0;
    struct flash_driver counting;
    char name[16];
    open_store(WEAR_SECTORS);
    inner = flash.device.driver;
    counting = *inner;
    counting.erase = counting_erase;
    flash.device.driver = &counting;
    uint32_t total = store_room(&store).total_bytes;
    // Static files until 70 % are taken, then files that change.
    for (count = 0; count < WEAR_FILES && store.live_bytes < total * 7 / 10; count++) {
        bytes[count] = sizes[count % 5] + 1700;
        snprintf(name, sizeof name, "static%u", (unsigned)count);
        make_content(data, bytes[count], (int)count, 0);
        CHECK_EQUAL(put(name, data, bytes[count]), STATUS_OK);
    }
    fixed = count;
    CHECK(store.live_bytes >= total * 7 / 10);
    uint64_t written = 0;
    for (uint32_t i = 0; written < (uint64_t)WEAR_ROUNDS * WEAR_SECTORS * SECTOR; i++) {
        uint32_t bytes_now = sizes[i % 5];
        snprintf(name, sizeof name, "file%u", (unsigned)(i % 4));
        make_content(data, bytes_now, (int)(i % 4), i);
        CHECK_EQUAL(put(name, data, bytes_now), STATUS_OK);
        written += store_entry_bytes(bytes_now);
        if (i % 50 == 0)
            CHECK_EQUAL(mount_bytes(WEAR_SECTORS, 0), STATUS_OK);
    }
    for (uint32_t i = 0; i < fixed; i++) {
        snprintf(name, sizeof name, "static%u", (unsigned)i);
        make_content(data, bytes[i], (int)i, 0);
        CHECK_EQUAL(get(name, back, sizeof back), bytes[i]);
        CHECK(memcmp(data, back, bytes[i]) == 0);
        CHECK_EQUAL(store_verify(&store, name), STATUS_OK);
    }
    uint64_t sum = 0;
    uint32_t most = 0;
    for (uint32_t i = 0; i < WEAR_SECTORS; i++) {
        sum += erase_counts[i];
        most = erase_counts[i] > most ? erase_counts[i] : most;
        if (i < WEAR_SECTORS - CONTENT_MAX / SECTOR)
            CHECK_EQUAL(store_erases(&store, i), erase_counts[i]);
        CHECK(store_erases(&store, i) >= erase_counts[i]);
    }
    double mean = (double)sum / WEAR_SECTORS;
    printf("# erases: %.1f in the mean, %u at most, ratio %.3f; %.2f bytes programmed for one\n",
           mean, (unsigned)most, most / mean, (double)sum * SECTOR / (double)written);
    CHECK(mean > 100);
    CHECK(most <= 1.3 * mean);
}

TEST_MAIN
