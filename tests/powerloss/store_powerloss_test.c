// store_powerloss_test.c: what does a cut leave of a change in the file store?
//
// After every cut each file has its old or its new content, whole, and every other file has its
// own; the store's own reading, which repairs nothing here, and an independent one agree. The next
// start repairs and does the change again, and is cut in its turn. Sectors are small, so that a
// change crosses many of them.

#include <string.h>

#include "runtime/flash/lfs.h"
#include "runtime/flash/store/store_parts.h"
#include "tests/powerloss/powerloss.h"
#include "tests/support/mrfs_reader.h"

#define SMALL_SECTOR 256u
#define SMALL_SECTORS 24u
#define REAL_SECTORS 160u  // of 4 KB
#define REAL_SCALE 32u     // how much larger the files are there: up to 13 KB
#define BEHIND_BYTES 2048u // of the flash: what lies behind the store must stay
#define SMALL_BYTES (SMALL_SECTORS * SMALL_SECTOR + BEHIND_BYTES) // a multiple of 4 KB
#define REAL_BYTES (REAL_SECTORS * FLASH_SECTOR_BYTES + FLASH_SECTOR_BYTES)
#define CONTENT_MAX (700u * REAL_SCALE)
#define FILES_MAX 8

// Of the running case.
static uint32_t sector, sectors, scale;

struct lfs_work *lfs_port_work(void)
{
    return NULL;
}

// ---- files and their versions ----

#define NAMES 4
static const char *const names[NAMES] = {"a", "b", "c", "a name of 20 letters"};

#define MOVING 5 // a version that is the same in every file

// Bytes of a file in a version; version 0: it is not there.
static uint32_t content(int file, int version, uint8_t *data)
{
    static const uint32_t sizes[] = {0, 150, 60, 410, 0, 290};
    file = version == MOVING ? 0 : file;
    uint32_t bytes = scale * (sizes[version % 6] + (uint32_t)file * 5);
    for (uint32_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(i * 7 + (uint32_t)file * 50 + (uint32_t)version * 11);
    return bytes;
}

// What a change makes of each file.
struct change {
    void (*prepare)(struct store *store);
    int (*apply)(struct store *store);
    int before[NAMES], after[NAMES];
    int goes_together; // all files are old or all are new
};

static const struct change *change_of(const struct powerloss_case *one)
{
    return one->context;
}

static int mount(struct simflash *flash, struct store *store, int is_read_only)
{
    static uint32_t places[FILES_MAX];
    struct flash_partition range = {0, sectors * sector};
    flash->device.sector_bytes = sector;
    return store_mount(store, &flash->device, &range, places, FILES_MAX, is_read_only);
}

static int put(struct store *store, int file, int version)
{
    uint8_t data[CONTENT_MAX];
    struct store_file at;
    uint32_t bytes = content(file, version, data);
    int status = store_file_open(store, &at, names[file], STORE_WRITES | STORE_CUTS);
    if (status != STATUS_OK)
        return status;
    for (uint32_t done = 0, part; done < bytes && status == STATUS_OK; done += part) {
        part = bytes - done < 50 * scale ? bytes - done : 50 * scale; // more than one write
        status = store_file_write(&at, data + done, part);
    }
    int closed = store_file_close(&at);
    return status == STATUS_OK ? closed : status;
}

static void put_all(struct store *store, const int versions[NAMES])
{
    for (int i = 0; i < NAMES; i++)
        if (versions[i])
            (void)!put(store, i, versions[i]);
}

static void prepare(const struct powerloss_case *one, struct simflash *flash)
{
    struct store store;
    sector = one->is_real_size ? FLASH_SECTOR_BYTES : SMALL_SECTOR;
    sectors = one->is_real_size ? REAL_SECTORS : SMALL_SECTORS;
    scale = one->is_real_size ? REAL_SCALE : 1;
    memset(flash->cells + sectors * sector, 0x37, one->bytes - sectors * sector);
    if (mount(flash, &store, 0) != STATUS_OK)
        flash->cells[one->bytes - 1] = 0; // which inspect() finds
    put_all(&store, change_of(one)->before);
    if (change_of(one)->prepare)
        change_of(one)->prepare(&store);
}

static void apply(const struct powerloss_case *one, struct simflash *flash)
{
    struct store store;
    if (mount(flash, &store, 0) == STATUS_OK)
        (void)!change_of(one)->apply(&store);
}

// ---- what is there ----

static int is_version(const struct mrfs *fs, int file, int version)
{
    uint8_t data[CONTENT_MAX];
    const struct mrfs_file *there = mrfs_find((struct mrfs *)fs, names[file]);
    if (!there || version == 0)
        return !there && version == 0;
    uint32_t bytes = content(file, version, data);
    return there->is_crc_good && there->size == bytes && memcmp(there->content, data, bytes) == 0;
}

static int is_seen_alike(struct store *store, const struct mrfs *fs)
{
    char name[STORE_NAME_BYTES_MAX + 1] = "";
    struct store_about about;
    int count = 0;
    for (; store_next(store, name, &about) == STATUS_OK; count++) {
        const struct mrfs_file *there = mrfs_find((struct mrfs *)fs, name);
        if (!there || there->size != about.bytes || there->time != about.time ||
            there->content != fs->bytes + about.off + STORE_HEAD_BYTES)
            return 0;
    }
    return count == fs->file_count;
}

static void no_fault(void *context, uint32_t off, const char *what)
{
    (void)context, (void)off, (void)what;
}

static const char *inspect(const struct powerloss_case *one, struct simflash *flash,
                           int is_complete)
{
    const struct change *change = change_of(one);
    static struct mrfs fs;
    struct store store;
    int old = 0, new = 0;
    for (uint32_t i = sectors * sector; i < one->bytes; i++)
        if (flash->cells[i] != 0x37)
            return "flash behind the store changed";
    if (mount(flash, &store, 1) != STATUS_OK)
        return "the store is not mounted";
    mrfs_read(&fs, flash->cells, sector, sectors);
    if (fs.fault)
        return fs.fault;
    if (store_check(&store, no_fault, NULL) != 0)
        return "a structure or a CRC is wrong";
    if (!is_seen_alike(&store, &fs))
        return "the store and the independent reader see different files";
    for (int i = 0; i < NAMES; i++) {
        int is_old = is_version(&fs, i, change->before[i]);
        int is_new = is_version(&fs, i, change->after[i]);
        if (!is_new && (is_complete || !is_old))
            return "a file is neither what it was nor what it was to be";
        old += !is_new, new += !is_old;
    }
    return change->goes_together && old && new ? "a half of the change is seen" : NULL;
}

// ---- changes ----

static int write_a(struct store *store)
{
    return put(store, 0, 3);
}

static int write_long(struct store *store)
{
    return put(store, 3, 1);
}

static int write_empty(struct store *store)
{
    return put(store, 0, 4);
}

static int remove_a(struct store *store)
{
    return store_remove(store, names[0]);
}

static int remove_long(struct store *store)
{
    return store_remove(store, names[3]);
}

static int rename_b(struct store *store)
{
    return store_rename(store, names[1], names[3]);
}

static int compact(struct store *store)
{
    return store_compact(store);
}

// Version 3 of `a` begins otherwise than version 1: the change is to make one of the other, with a
// removal in between and a step back.
static int overwrite_a(struct store *store)
{
    uint8_t data[CONTENT_MAX];
    struct store_file file;
    uint32_t bytes = content(0, 3, data);
    int status = store_file_open(store, &file, names[0], STORE_WRITES);
    if (status != STATUS_OK)
        return status;
    file.pos = 20;
    status = store_file_write(&file, data + 20, 80);
    if (status == STATUS_OK && store_remove(store, names[1]) == STATUS_IO)
        status = STATUS_IO;
    if (status == STATUS_OK)
        status = store_file_write(&file, data + 100, bytes - 100);
    file.pos = 0;
    if (status == STATUS_OK)
        status = store_file_write(&file, data, 20);
    int closed = store_file_close(&file);
    return status == STATUS_OK ? closed : status;
}

static int begin_anew(struct store *store)
{
    return store_format(store);
}

// ---- what is there before ----

// Writes c, whose version stays the same, until it is as wanted.
static void churn(struct store *store, int (*is_wanted)(const struct store *store))
{
    for (int i = 0; i < 5000 && !is_wanted(store); i++)
        (void)!put(store, 2, 2);
}

// The next version 3 of a file needs room to be made.
static int is_full(const struct store *store)
{
    return store_entry_bytes_now(store) < 450 * scale;
}

static void fill(struct store *store)
{
    churn(store, is_full);
}

static int is_near_the_end(const struct store *store)
{
    return sectors * sector - store->head < 400 * scale;
}

static void fill_to_the_end(struct store *store)
{
    churn(store, is_near_the_end);
}

// The next move of the log's beginning takes the other control sector.
static int is_control_full(const struct store *store)
{
    uint32_t words = (sector - sizeof(struct store_control)) / 4;
    return store->control_words == words && is_full(store);
}

static void fill_control(struct store *store)
{
    churn(store, is_control_full);
}

// ---- writers that must fail ----

// The entry counts before its content is there.
static int write_head_first(struct store *store)
{
    uint8_t entry[CONTENT_MAX];
    struct store_head head = {STORE_MAGIC, 0};
    struct store_tail tail = {.name = "a", .time = 9};
    memset(entry, 0xFF, sizeof entry);
    uint32_t bytes = content(0, 3, entry + sizeof head), end = store_entry_bytes(bytes);
    head.word = store_word(bytes | STORE_IS_SHORT | (uint32_t)STORE_FILE << 30);
    memcpy(entry, &head, sizeof head);
    memcpy(entry + end - sizeof tail, &tail, sizeof tail);
    tail.crc = mrfs_crc(entry, end - sizeof tail.crc);
    memcpy(entry + end - sizeof tail.crc, &tail.crc, sizeof tail.crc);
    return flash_program(store->device, store->head, entry, end);
}

// Removes before it writes.
static int write_after_removing(struct store *store)
{
    int status = store_remove(store, names[0]);
    return status == STATUS_IO ? status : put(store, 0, 3);
}

// ---- cases ----

static const struct change first_write = {NULL, write_a, {0}, {3}, 0};
static const struct change new_file = {NULL, write_long, {1, 2, 0, 0}, {1, 2, 0, 1}, 0};
static const struct change replaced = {NULL, write_a, {1, 2, 1, 1}, {3, 2, 1, 1}, 0};
static const struct change emptied = {NULL, write_empty, {1, 2, 0, 0}, {4, 2, 0, 0}, 0};
static const struct change removed = {NULL, remove_a, {1, 2, 0, 0}, {0, 2, 0, 0}, 0};
static const struct change long_removed = {NULL, remove_long, {1, 2, 0, 1}, {1, 2, 0, 0}, 0};
static const struct change renamed = {NULL, rename_b, {1, MOVING, 0, 0}, {1, 0, 0, MOVING}, 1};
static const struct change overwritten = {NULL, overwrite_a, {1, 2, 0, 1}, {3, 0, 0, 1}, 0};
static const struct change with_room = {fill, write_a, {1, 2, 2, 1}, {3, 2, 2, 1}, 0};
static const struct change around = {fill_to_the_end, write_a, {1, 2, 2, 0}, {3, 2, 2, 0}, 0};
static const struct change new_control = {fill_control, write_a, {1, 2, 2, 0}, {3, 2, 2, 0}, 0};
static const struct change compacted = {fill, compact, {1, 2, 2, 1}, {1, 2, 2, 1}, 0};
static const struct change formatted = {NULL, begin_anew, {1, 2, MOVING, 1}, {0, 0, 0, 0}, 1};
static const struct change real_full = {fill, write_a, {1, 2, 2, 1}, {3, 2, 2, 1}, 0};
static const struct change real_removed = {NULL, remove_a, {1, 2, 0, 1}, {0, 2, 0, 1}, 0};
static const struct change real_compacted = {fill, compact, {1, 2, 2, 1}, {1, 2, 2, 1}, 0};
static const struct change head_first = {NULL, write_head_first, {1, 2, 0, 0}, {3, 2, 0, 0}, 0};
static const struct change removed_first = {NULL, write_after_removing, {1}, {3}, 0};

#define CASE(name, must_fail)                                                                      \
    {                                                                                              \
#name, SMALL_BYTES, 8, &name, prepare, apply, apply, inspect, 0, must_fail                 \
    }
#define REAL_CASE(name)                                                                            \
    {                                                                                              \
#name, REAL_BYTES, 8, &name, prepare, apply, apply, inspect, 1, 0                          \
    }

static const struct powerloss_case cases[] = {
    CASE(first_write, 0), CASE(new_file, 0),       CASE(replaced, 0),
    CASE(emptied, 0),     CASE(removed, 0),        CASE(long_removed, 0),
    CASE(renamed, 0),     CASE(overwritten, 0),    CASE(with_room, 0),
    CASE(around, 0),      CASE(new_control, 0),    CASE(compacted, 0),
    CASE(formatted, 0),   CASE(head_first, 1),     CASE(removed_first, 1),
    REAL_CASE(real_full), REAL_CASE(real_removed), REAL_CASE(real_compacted),
};

int main(int argc, char **argv)
{
    return powerloss_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
