// freezer_powerloss_test.c: whenever power fails while the freezer writes or compacts, every block
// that was committed before is there, whole and found by its content, and every other is absent.

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

// ---- compaction ----

#define SMALL_SECTOR 256u // so that blocks lie across sectors, and cuts are few enough

// A graph: blocks refer to such before them. Found by content, so also by what they refer to.
struct node {
    enum freezer_kind kind;
    uint32_t words;
    int refs[2]; // -1: none
};

enum {
    TEXT,
    NAME_A,
    NAME_B,
    CODE_OLD,
    CODE_A,
    CODE_B,
    CODE_SHARED,
    CODE_FREE,
    CODE_NEW,
    FILLER,
    NODES
};

static const struct node nodes[NODES] = {
    [TEXT] = {FREEZER_STRING, 9, {-1, -1}},
    [NAME_A] = {FREEZER_STRING, 5, {-1, -1}},
    [NAME_B] = {FREEZER_STRING, 6, {-1, -1}},
    [CODE_OLD] = {FREEZER_FUNCTION, 50, {TEXT, -1}},
    [CODE_SHARED] = {FREEZER_FUNCTION, 13, {TEXT, -1}},
    [CODE_B] = {FREEZER_FUNCTION, 41, {CODE_SHARED, NAME_B}},
    [CODE_A] = {FREEZER_FUNCTION, 70, {CODE_SHARED, TEXT}},
    [CODE_FREE] = {FREEZER_FUNCTION, 33, {TEXT, -1}},
    [CODE_NEW] = {FREEZER_FUNCTION, 20, {CODE_A, TEXT}},
    [FILLER] = {FREEZER_FUNCTION, 1300, {CODE_FREE, TEXT}},
};

struct placed {
    int node;
    uint32_t refs[2]; // where they lie
};

static void emit_node(struct frozen_sink *sink, const void *object)
{
    const struct placed *p = object;
    const struct node *node = &nodes[p->node];
    frozen_put_address(sink, p->refs[0]);
    frozen_put_address(sink, p->refs[1]);
    frozen_put(sink, AREA_OFF + WINDOW_ADDR + 0x300); // looks like an address, is none
    for (uint32_t i = 3; i < node->words; i++)
        if (i == node->words - 1 && node->kind != FREEZER_STRING)
            frozen_put_inner(sink, 8);
        else
            frozen_put(sink, (uint32_t)p->node * 0x01000193u + i);
}

static struct frozen_item node_item(const struct placed *p)
{
    uint32_t hash = (uint32_t)p->node * 0x9E3779B1u;
    return (struct frozen_item){nodes[p->node].kind, 4 * nodes[p->node].words, hash, emit_node, p};
}

// Where a node lies, with all that it refers to; 0: it does not.
static uint32_t find_node(struct freezer_area *area, int n)
{
    struct placed p = {n, {0, 0}};
    for (int i = 0; i < 2; i++)
        if (nodes[n].refs[i] >= 0 && (p.refs[i] = find_node(area, nodes[n].refs[i])) == 0)
            return 0;
    struct frozen_item item = node_item(&p);
    return freezer_area_find(area, &item);
}

static int put_node(struct freezer_area *area, int n)
{
    struct placed p = {n, {0, 0}};
    uint32_t addr, written;
    for (int i = 0; i < 2; i++)
        if (nodes[n].refs[i] >= 0)
            p.refs[i] = find_node(area, nodes[n].refs[i]);
    struct frozen_item item = node_item(&p);
    return freezer_area_put(area, &item, &addr, &written);
}

static void emit_name(struct frozen_sink *sink, const void *object)
{
    const struct freezer_module *m = object;
    frozen_put_address(sink, m->name);
    frozen_put_address(sink, m->value);
    frozen_put(sink, m->source_crc);
    frozen_put(sink, m->source_bytes);
}

static uint32_t name_hash(int name)
{
    return (uint32_t)name * 0x10001u;
}

static int put_name(struct freezer_area *area, int name, int code)
{
    struct freezer_module m = {find_node(area, name), find_node(area, code), 1, 2};
    struct frozen_item item = {FREEZER_MODULE, sizeof m, name_hash(name), emit_name, &m};
    uint32_t addr, written;
    return freezer_area_put(area, &item, &addr, &written);
}

// Offset of the module of a name, 0: none.
static uint32_t find_name(struct freezer_area *area, int name)
{
    uint32_t addr = find_node(area, name);
    return addr ? freezer_area_last(area, FREEZER_MODULE, name_hash(name), addr) : 0;
}

static int is_named(struct freezer_area *area, int name, int code)
{
    uint32_t off = find_name(area, name);
    return off && freezer_area_payload(area, off)[1] == find_node(area, code) &&
           find_node(area, code) != 0;
}

// As freezer_mount does.
static int start_compacting(struct freezer_area *area, struct simflash *flash)
{
    static uint32_t work[FREEZER_WORK_BYTES(AREA_BYTES) / 4];
    uint32_t gained;
    int status = open_area(area, flash);
    if (status == STATUS_NOT_FOUND)
        status = freezer_area_format(area);
    if (status != STATUS_OK || area->given_up == 0)
        return status;
    status = freezer_area_compact(area, work, 1, &gained);
    return status == STATUS_OK && gained > 0 ? open_area(area, flash) : status;
}

static void prepare_names(const struct powerloss_case *one, struct simflash *flash)
{
    static const int order[] = {NAME_B, CODE_SHARED, CODE_B, CODE_FREE, CODE_A};
    struct freezer_area area;
    unsigned cached = flash->cached_of_8;
    flash->device.sector_bytes = SMALL_SECTOR;
    flash->cached_of_8 = 0;
    int is_good = start(&area, flash) == STATUS_OK;
    is_good = is_good && put_node(&area, TEXT) == STATUS_OK;
    is_good = is_good && put_node(&area, NAME_A) == STATUS_OK;
    is_good = is_good && put_node(&area, CODE_OLD) == STATUS_OK;
    is_good = is_good && put_name(&area, NAME_A, CODE_OLD) == STATUS_OK;
    for (size_t i = 0; is_good && i < sizeof order / sizeof *order; i++)
        is_good = put_node(&area, order[i]) == STATUS_OK;
    is_good = is_good && put_name(&area, NAME_B, CODE_B) == STATUS_OK;
    is_good = is_good && put_name(&area, NAME_A, CODE_A) == STATUS_OK; // supersedes the other
    if (one->context) // so much that free sectors are used again and again
        is_good = is_good && put_node(&area, FILLER) == STATUS_OK;
    if (!is_good || !find_node(&area, CODE_FREE))
        spoil(flash);
    flash->cached_of_8 = cached;
}

// One module is dropped; its space is given back at the next start, and used.
static void compact(const struct powerloss_case *one, struct simflash *flash)
{
    struct freezer_area area;
    (void)one;
    if (start_compacting(&area, flash) != STATUS_OK)
        return;
    uint32_t off = find_name(&area, NAME_B);
    if (off && freezer_area_drop(&area, off) != STATUS_OK)
        return;
    if (start_compacting(&area, flash) == STATUS_OK)
        (void)!put_node(&area, CODE_NEW);
}

static const char *inspect_names(const struct powerloss_case *one, struct simflash *flash,
                                 int is_complete)
{
    struct freezer_area area;
    if (one->cached_of_8)
        is_complete = 0;
    if (flash->cells[0] != 0xFF)
        return "the preparation has failed";
    int status = open_area(&area, flash);
    if (status == STATUS_USAGE && one->cached_of_8) { // compacted, but not seen before a start
        simflash_power_on(flash, SIMFLASH_NEVER);
        status = open_area(&area, flash);
    }
    if (status != STATUS_OK)
        return "the area is not there";
    if (!is_named(&area, NAME_A, CODE_A))
        return "a module is lost";
    if (!find_node(&area, CODE_FREE) || (one->context && !find_node(&area, FILLER)))
        return "what has no name is lost";
    if (find_name(&area, NAME_B) && !is_named(&area, NAME_B, CODE_B))
        return "half a module";
    if (area.bad_blocks > 0)
        return "a cut looks like damage";
    if (is_complete && (find_name(&area, NAME_B) || find_node(&area, CODE_B)))
        return "a module that was dropped is there";
    if (is_complete && find_node(&area, CODE_OLD))
        return "the space of the old module was not given back";
    if (is_complete && !find_node(&area, CODE_NEW))
        return "what was done to the end is not there";
    return NULL;
}

// ---- sectors that are erased when they are needed ----

// An area that is to be erased: old blocks lie in all of its sectors.
static void prepare_stale(const struct powerloss_case *one, struct simflash *flash)
{
    struct freezer_area area;
    (void)one;
    flash->device.sector_bytes = SMALL_SECTOR;
    int is_good = start(&area, flash) == STATUS_OK && put_node(&area, TEXT) == STATUS_OK;
    is_good = is_good && put_node(&area, CODE_FREE) == STATUS_OK;
    is_good = is_good && put_node(&area, FILLER) == STATUS_OK && put(&area, NEVER) == STATUS_OK;
    if (!is_good || freezer_area_clear_flags(&area, FREEZER_KEEP) != STATUS_OK)
        spoil(flash);
}

static void refill(const struct powerloss_case *one, struct simflash *flash)
{
    static const int order[] = {TEXT, CODE_FREE, CODE_OLD, FILLER};
    struct freezer_area area;
    (void)one;
    if (start(&area, flash) != STATUS_OK || put(&area, KEPT) != STATUS_OK)
        return;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (!find_node(&area, order[i]) && put_node(&area, order[i]) != STATUS_OK)
            return;
}

static const char *inspect_refilled(const struct powerloss_case *one, struct simflash *flash,
                                    int is_complete)
{
    struct freezer_area area;
    (void)one;
    if (open_area(&area, flash) != STATUS_OK)
        return is_complete ? "there is no area" : NULL;
    if (has(&area, NEVER) || (find_node(&area, TEXT) && !has(&area, KEPT)))
        return "a block of the area that was erased";
    if (area.bad_blocks > 0)
        return "a cut looks like damage";
    // A large block that was torn leaves no room for another.
    uint32_t bytes = freezer_block_bytes(nodes[FILLER].kind, 4 * nodes[FILLER].words);
    int is_there = find_node(&area, FILLER) || !freezer_area_has_room(&area, 1, bytes);
    if (is_complete && (!is_there || !find_node(&area, CODE_OLD)))
        return "what was done to the end is not there";
    return NULL;
}

// ---- a compaction that must fail ----

static void rewrite_in_place(const struct powerloss_case *one, struct simflash *flash)
{
    static uint8_t all[AREA_BYTES];
    struct freezer_area area;
    (void)one;
    if (start(&area, flash) != STATUS_OK || flash_read(area.device, AREA_OFF, all, sizeof all) ||
        flash_erase(area.device, AREA_OFF, sizeof all))
        return;
    (void)!flash_program(area.device, AREA_OFF, all, sizeof all);
}

static const char *inspect_in_place(const struct powerloss_case *one, struct simflash *flash,
                                    int is_complete)
{
    (void)is_complete;
    return inspect_names(one, flash, 0);
}

// ---- a writer that must fail ----

static void write_state_first(const struct powerloss_case *one, struct simflash *flash)
{
    struct freezer_area area;
    (void)one;
    if (start(&area, flash) != STATUS_OK || has(&area, ADDED))
        return;
    const uint32_t payload[4] = {1, 2, 0, 0}; // no address
    uint32_t crc = inflate_crc(0, payload, sizeof payload);
    uint32_t head[4] = {0, 8, 0, crc};
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
        {.name = "compact",
         .bytes = FLASH_BYTES,
         .prepare = prepare_names,
         .operate = compact,
         .repair = compact,
         .inspect = inspect_names},
        {.name = "compact_full",
         .bytes = FLASH_BYTES,
         .context = "",
         .prepare = prepare_names,
         .operate = compact,
         .repair = compact,
         .inspect = inspect_names},
        {.name = "compact_cached",
         .bytes = FLASH_BYTES,
         .cached_of_8 = 4,
         .prepare = prepare_names,
         .operate = compact,
         .repair = compact,
         .inspect = inspect_names},
        {.name = "refill",
         .bytes = FLASH_BYTES,
         .prepare = prepare_stale,
         .operate = refill,
         .repair = refill,
         .inspect = inspect_refilled},
        {.name = "in_place",
         .bytes = FLASH_BYTES,
         .prepare = prepare_names,
         .operate = rewrite_in_place,
         .repair = rewrite_in_place,
         .inspect = inspect_in_place,
         .must_fail = 1},
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
