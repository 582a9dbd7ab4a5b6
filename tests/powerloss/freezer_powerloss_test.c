// freezer_powerloss_test.c: whenever power fails while the freezer writes, every block that was
// committed before is there, whole and found by its content, and every other is absent.

#include <string.h>

#include "runtime/flash/inflate.h"
#include "runtime/freezer/area.h"
#include "tests/powerloss/powerloss.h"

#define AREA_OFF 0x2000u
#define AREA_BYTES 0x2000u
#define FLASH_BYTES 0x5000u
#define WORDS_MAX 24

// Words of a block; the second one is a reference to the block itself. Equal hashes are looked for,
// so that the index has chains.
struct content {
    uint32_t count;
    uint32_t salt;
};

static const struct content contents[] = {{6, 1}, {1, 2}, {13, 3}, {24, 4}, {6, 5}, {2, 6}};

enum { KEPT, DROPPED, ADDED, ADDED_TOO, REPLACED, NEVER };

static void emit(struct frozen_sink *sink, const void *object)
{
    const struct content *content = object;
    for (uint32_t i = 0; i < content->count; i++)
        if (i == 1)
            frozen_put_inner(sink, 4 * content->count - 4);
        else
            frozen_put(sink, content->salt * 0x01010101u + i * 0x10000u);
}

static struct frozen_item item_of(int i)
{
    return (struct frozen_item){FREEZER_FUNCTION, 4 * contents[i].count, 0, emit, &contents[i]};
}

static const struct freezer_identity identity = {.build = 7, .linked_crc = 9};

static int open_area(struct freezer_area *area, struct simflash *flash)
{
    return freezer_area_open(area, &flash->device, AREA_OFF, AREA_BYTES, &identity, NULL);
}

// What a start does.
static int start(struct freezer_area *area, struct simflash *flash)
{
    int status = open_area(area, flash);
    return status == STATUS_OK ? status : freezer_area_format(area);
}

static int put(struct freezer_area *area, int i)
{
    uint32_t addr, written;
    struct frozen_item item = item_of(i);
    return freezer_area_put(area, &item, &addr, &written);
}

static int has(struct freezer_area *area, int i)
{
    struct frozen_item item = item_of(i);
    return freezer_area_find(area, &item) != 0;
}

static void drop(struct freezer_area *area, int i)
{
    struct frozen_item item = item_of(i);
    uint32_t addr = freezer_area_find(area, &item);
    if (addr)
        (void)!freezer_area_drop(area, addr - area->addr);
}

static void spoil(struct simflash *flash)
{
    flash->cells[0] = 0; // which inspect() finds
}

// ---- freezing ----

static void prepare(const struct powerloss_case *one, struct simflash *flash)
{
    struct freezer_area area;
    unsigned cached = flash->cached_of_8;
    (void)one;
    flash->cached_of_8 = 0;
    if (start(&area, flash) != STATUS_OK || put(&area, KEPT) != STATUS_OK ||
        put(&area, DROPPED) != STATUS_OK)
        spoil(flash);
    flash->cached_of_8 = cached;
}

static void freeze(const struct powerloss_case *one, struct simflash *flash)
{
    struct freezer_area area;
    (void)one;
    if (start(&area, flash) != STATUS_OK || put(&area, ADDED) != STATUS_OK)
        return;
    drop(&area, DROPPED);
    (void)!put(&area, ADDED_TOO);
    (void)!put(&area, KEPT); // found
}

static const char *inspect(const struct powerloss_case *one, struct simflash *flash,
                           int is_complete)
{
    struct freezer_area area;
    if (one->cached_of_8) // what the window does not show is not used
        is_complete = 0;
    if (flash->cells[0] != 0xFF)
        return "the preparation has failed";
    if (open_area(&area, flash) != STATUS_OK)
        return "the area is not there";
    if (!has(&area, KEPT))
        return "a committed block is lost";
    if (has(&area, NEVER))
        return "a block that nobody has written";
    if (has(&area, ADDED_TOO) && (!has(&area, ADDED) || has(&area, DROPPED)))
        return "the order of what was done";
    if (is_complete && (!has(&area, ADDED) || !has(&area, ADDED_TOO) || has(&area, DROPPED)))
        return "what was done to the end is not there";
    if (area.bad_blocks > 0)
        return "a cut looks like damage";
    return NULL;
}

// ---- clearing ----

static void clear(const struct powerloss_case *one, struct simflash *flash)
{
    struct freezer_area area;
    (void)one;
    if (open_area(&area, flash) == STATUS_OK && has(&area, KEPT))
        (void)!freezer_area_clear_flags(&area, FREEZER_KEEP);
    if (start(&area, flash) == STATUS_OK)
        (void)!put(&area, REPLACED);
}

static const char *inspect_cleared(const struct powerloss_case *one, struct simflash *flash,
                                   int is_complete)
{
    struct freezer_area area;
    (void)one;
    int status = open_area(&area, flash);
    if (status != STATUS_OK)
        return is_complete ? "there is no area" : NULL;
    int old = has(&area, KEPT) + has(&area, DROPPED);
    if (old != 0 && old != 2)
        return "half of the old area";
    if (old && has(&area, REPLACED))
        return "old and new blocks";
    if (is_complete && !has(&area, REPLACED))
        return "the new block is not there";
    return NULL;
}

// ---- a writer that must fail ----

static void write_state_first(const struct powerloss_case *one, struct simflash *flash)
{
    struct freezer_area area;
    (void)one;
    if (start(&area, flash) != STATUS_OK || has(&area, ADDED))
        return;
    const uint32_t payload[2] = {1, 2};
    uint32_t crc = inflate_crc(0, payload, sizeof payload);
    uint32_t head[4] = {0, sizeof payload, 0, crc};
    head[0] = FREEZER_HEAD(FREEZER_COMMITTED, FREEZER_FUNCTION) |
              freezer_check(FREEZER_FUNCTION, head[1], 0, crc) << 16;
    (void)!flash_program(area.device, area.off + area.end, head, sizeof head);
    (void)!flash_program(area.device, area.off + area.end + sizeof head, payload, sizeof payload);
}

static const char *inspect_state_first(const struct powerloss_case *one, struct simflash *flash,
                                       int is_complete)
{
    (void)is_complete;
    return inspect(one, flash, 0);
}

int main(int argc, char **argv)
{
    static const struct powerloss_case cases[] = {
        {.name = "freeze",
         .bytes = FLASH_BYTES,
         .prepare = prepare,
         .operate = freeze,
         .repair = freeze,
         .inspect = inspect},
        {.name = "freeze_cached",
         .bytes = FLASH_BYTES,
         .cached_of_8 = 4,
         .prepare = prepare,
         .operate = freeze,
         .repair = freeze,
         .inspect = inspect},
        {.name = "clear",
         .bytes = FLASH_BYTES,
         .prepare = prepare,
         .operate = clear,
         .repair = clear,
         .inspect = inspect_cleared},
        {.name = "state_first",
         .bytes = FLASH_BYTES,
         .prepare = prepare,
         .operate = write_state_first,
         .repair = freeze,
         .inspect = inspect_state_first,
         .must_fail = 1},
    };
    return powerloss_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
