// simflash.c: the cells, their power, their cache.
//
// Reads and writes: memory of its own. What a cut leaves behind: tear_word(), tear_sector().

#include "tests/support/simflash.h"

#include <assert.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_BYTES (32 << 20) // the most that malloc() takes for such a limit

uint64_t simflash_hash(uint64_t seed, uint64_t a, uint64_t b)
{
    uint64_t x = seed * 0x9E3779B97F4A7C15u ^ a * 0xD1342543DE82EF95u ^
                 (b + 1) * 0x2545F4914F6CDD1Du;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

// A stream of numbers for one choice.
static uint32_t next_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    return (uint32_t)(simflash_hash(*state, 0, 0) >> 32);
}

static uint32_t word_at(const struct simflash *flash, uint32_t off)
{
    uint32_t word;
    memcpy(&word, flash->cells + off, 4);
    return word;
}

// ---- cells and window ----

static void keep_stuck(struct simflash *flash, uint32_t off, uint32_t bytes)
{
    for (int i = 0; i < flash->stuck_count; i++) {
        const struct simflash_stuck *s = &flash->stuck[i];
        if (s->off - off >= bytes)
            continue;
        uint32_t word = (word_at(flash, s->off) & ~s->mask) | (s->word & s->mask);
        memcpy(flash->cells + s->off, &word, 4);
    }
}

static void note_stale(struct simflash *flash, uint32_t off, uint32_t bytes)
{
    int is_first = flash->stale_off == flash->stale_end;
    if (is_first || off < flash->stale_off)
        flash->stale_off = off;
    if (is_first || off + bytes > flash->stale_end)
        flash->stale_end = off + bytes;
}

// [off, off + bytes) changed: the window shows it, but for lines that the cache holds.
static void changed(struct simflash *flash, uint32_t off, uint32_t bytes)
{
    keep_stuck(flash, off, bytes);
    note_stale(flash, off, bytes);
    uint32_t end = off + bytes;
    for (uint32_t line = off / SIMFLASH_LINE_BYTES; line * SIMFLASH_LINE_BYTES < end; line++)
        if (simflash_hash(flash->seed, line, 0) % 8 >= flash->cached_of_8)
            memcpy(flash->seen + line * SIMFLASH_LINE_BYTES,
                   flash->cells + line * SIMFLASH_LINE_BYTES, SIMFLASH_LINE_BYTES);
}

static void set_word(struct simflash *flash, uint32_t off, uint32_t word)
{
    memcpy(flash->cells + off, &word, 4);
    changed(flash, off, 4);
}

// ---- log ----

static uint64_t hash_word(uint32_t off, uint32_t word)
{
    uint64_t x = ((uint64_t)off << 32 | word) * 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 32) * 0xD1342543DE82EF95u;
    return x ^ x >> 29;
}

static void *room_for(void *items, size_t *room, size_t wanted, size_t item_bytes)
{
    if (wanted <= *room)
        return items;
    *room = 2 * wanted + 64;
    items = realloc(items, *room * item_bytes);
    if (!items)
        abort();
    return items;
}

// A change at `off` is to come; `bits` 0: of the whole sector.
static void log_op(struct simflash *flash, uint32_t off, uint32_t bits)
{
    struct simflash_log *log = &flash->log;
    if (!log->is_on)
        return;
    assert(flash->stuck_count == 0);
    log->ops = room_for(log->ops, &log->room, log->count + 1, sizeof *log->ops);
    log->ops[log->count++] = (struct simflash_op){
        off, bits, word_at(flash, off), log->kept_bytes, flash->cut_count, log->hash};
    if (bits)
        return;
    uint32_t bytes = flash_sector_bytes(&flash->device);
    log->kept = room_for(log->kept, &log->kept_room, log->kept_bytes + bytes, 1);
    memcpy(log->kept + log->kept_bytes, flash->cells + off, bytes);
    log->kept_bytes += bytes;
}

// The last change that was logged is done.
static void hash_op(struct simflash *flash)
{
    struct simflash_log *log = &flash->log;
    if (!log->is_on)
        return;
    const struct simflash_op *op = &log->ops[log->count - 1];
    uint32_t bytes = op->bits ? 4 : flash_sector_bytes(&flash->device), old = op->old;
    for (uint32_t at = 0; at < bytes; at += 4) {
        if (!op->bits)
            memcpy(&old, log->kept + op->kept + at, 4);
        uint32_t now = word_at(flash, op->off + at);
        if (now != old)
            log->hash ^= hash_word(op->off + at, old) ^ hash_word(op->off + at, now);
    }
}

void simflash_log_begin(struct simflash *flash)
{
    struct simflash_log *log = &flash->log;
    log->is_on = 1;
    log->count = log->kept_bytes = 0;
    log->hash = 0;
}

void simflash_undo(struct simflash *flash, size_t count)
{
    struct simflash_log *log = &flash->log;
    while (log->count > count) {
        const struct simflash_op *op = &log->ops[--log->count];
        uint32_t bytes = op->bits ? 4 : flash_sector_bytes(&flash->device);
        memcpy(flash->cells + op->off, op->bits ? (const void *)&op->old : log->kept + op->kept,
               bytes);
        note_stale(flash, op->off, bytes);
        log->kept_bytes = op->kept;
        log->hash = op->hash;
    }
}

// ---- what a cut leaves ----

// One of the bits that are set in `bits`.
static uint32_t one_bit(uint32_t bits, uint64_t *random)
{
    uint32_t skip = next_random(random) % (uint32_t)__builtin_popcount(bits);
    while (skip--)
        bits &= bits - 1;
    return bits & -bits;
}

// The `number`th set of some of the bits; 0: none of them.
static uint32_t subset(uint32_t bits, uint32_t number)
{
    uint32_t set = 0;
    for (; bits; bits &= bits - 1, number >>= 1)
        if (number & 1)
            set |= bits & -bits;
    return set;
}

// Ways to fail at a word that clears these bits. All of them cleared is one of them if is_full:
// else it is no cut, or one before the next.
static unsigned word_ways(const struct simflash *flash, uint32_t bits)
{
    unsigned count = (unsigned)__builtin_popcount(bits);
    if (!flash->is_full)
        return count == 1 ? 1 : SIMFLASH_WORD_CUTS;
    return count <= SIMFLASH_BITS_ALL ? 1u << count : 2 + count + SIMFLASH_WORD_SEEDS;
}

static uint32_t torn_bits_full(uint32_t bits, unsigned way, uint64_t *random)
{
    unsigned count = (unsigned)__builtin_popcount(bits);
    if (count <= SIMFLASH_BITS_ALL)
        return subset(bits, way);
    if (way <= 1)
        return way ? bits : 0;
    return --way <= count ? subset(bits, 1u << (way - 1)) : bits & next_random(random);
}

// Which of the bits that were to be cleared are cleared.
static uint32_t torn_bits(uint32_t bits, unsigned way, uint64_t *random)
{
    switch (way) {
    case 0:
        return 0;
    case 1:
        return one_bit(bits, random);
    case 2:
        return bits & ~one_bit(bits, random);
    default:
        return bits & next_random(random);
    }
}

// Which of the bits, at cut number `cut`.
static uint32_t torn(const struct simflash *flash, uint32_t bits, unsigned way, uint64_t cut)
{
    uint64_t random = simflash_hash(flash->seed, cut, 2);
    return flash->is_full ? torn_bits_full(bits, way, &random) : torn_bits(bits, way, &random);
}

#define TORN_KINDS 10
_Static_assert((SIMFLASH_ERASE_CUTS - 1) % TORN_KINDS == 0, "each kind as often");

// Up to eight bytes at random places become 0xFF, random or 0.
static void tear_few_bytes(uint8_t *sector, uint32_t bytes, uint64_t *random)
{
    for (uint32_t n = 1 + next_random(random) % 8; n > 0; n--) {
        uint32_t at = next_random(random) % bytes, how = next_random(random);
        sector[at] = how % 3 == 0 ? 0xFF : how % 3 == 1 ? (uint8_t)(how >> 8) : 0;
    }
}

static uint8_t torn_byte(uint8_t old, unsigned kind, uint64_t *random)
{
    uint32_t r = next_random(random);
    switch (kind) {
    case 1: // erased or not
        return r & 1 ? old : 0xFF;
    case 2: // or anything
        return r % 3 == 0 ? old : r % 3 == 1 ? 0xFF : (uint8_t)(r >> 8);
    case 3: // some bits are up
        return old | (uint8_t)r;
    case 4: // some bits are down: an erase begins with that
        return old & (uint8_t)r;
    default: // anything
        return (uint8_t)r;
    }
}

// Leaves the sector as an erase that was cut can leave it; kinds 1 to TORN_KINDS.
static void tear_sector(uint8_t *sector, uint32_t bytes, unsigned kind, uint64_t *random)
{
    uint32_t border = next_random(random) % bytes, word = border & ~3u;
    uint8_t kept[4];
    switch (kind) {
    case 6:
        memset(sector, 0xFF, border);
        break;
    case 7:
        memset(sector + border, 0xFF, bytes - border);
        break;
    case 8:
        tear_few_bytes(sector, bytes, random);
        break;
    case 9: // the first word stays
        memcpy(kept, sector, sizeof kept);
        tear_sector(sector, bytes, 1 + border % 5, random);
        memcpy(sector, kept, sizeof kept);
        break;
    case 10: // a word stays, of all
        memset(sector, 0xFF, word);
        memset(sector + word + 4, 0xFF, bytes - word - 4);
        break;
    default:
        for (uint32_t i = 0; i < bytes; i++)
            sector[i] = torn_byte(sector[i], kind, random);
    }
}

// ---- power and calls ----

// `ways` cuts could happen here. Does one? *way is which.
static int power_fails(struct simflash *flash, unsigned ways, unsigned *way)
{
    uint64_t first = flash->cut_count;
    flash->cut_count += ways;
    if (flash->cut_at < first || flash->cut_at - first >= ways)
        return 0;
    *way = (unsigned)(flash->cut_at - first);
    flash->is_off = 1;
    return 1;
}

enum call_fate { CALL_WORKS, CALL_DOES_NOTHING, CALL_DOES_A_PART, CALL_DOES_ALL };

static enum call_fate fate_of_call(struct simflash *flash)
{
    uint64_t number = flash->call_count++;
    if (flash->is_off)
        return CALL_DOES_NOTHING;
    if (number < flash->fail_at || (number > flash->fail_at && !flash->is_fail_lasting))
        return CALL_WORKS;
    flash->fail_count++;
    return (enum call_fate)(CALL_DOES_NOTHING + simflash_hash(flash->seed, number, 1) % 3);
}

unsigned simflash_ways(const struct simflash *flash, const struct simflash_op *op)
{
    return op->bits ? word_ways(flash, op->bits) : SIMFLASH_ERASE_CUTS;
}

void simflash_tear(struct simflash *flash, const struct simflash_op *op, uint64_t cut)
{
    assert(cut - op->first_cut < simflash_ways(flash, op));
    unsigned way = (unsigned)(cut - op->first_cut);
    log_op(flash, op->off, op->bits);
    if (op->bits) {
        set_word(flash, op->off, op->old & ~torn(flash, op->bits, way, cut));
    } else if (way > 0) {
        uint64_t random = simflash_hash(flash->seed, cut, 3);
        uint32_t bytes = flash_sector_bytes(&flash->device);
        tear_sector(flash->cells + op->off, bytes, 1 + way % TORN_KINDS, &random);
        changed(flash, op->off, bytes);
    }
    hash_op(flash);
}

// ---- driver ----

static int sim_read(struct flash_device *device, uint32_t off, void *data, uint32_t bytes)
{
    struct simflash *flash = device->context;
    if (fate_of_call(flash) != CALL_WORKS)
        return STATUS_IO;
    memcpy(data, flash->cells + off, bytes);
    return STATUS_OK;
}

static int program_word(struct simflash *flash, uint32_t off, uint32_t wanted)
{
    uint32_t old = word_at(flash, off), bits = old & ~wanted;
    if (bits == 0)
        return STATUS_OK;
    log_op(flash, off, bits);
    unsigned way = 0;
    int is_cut = power_fails(flash, word_ways(flash, bits), &way);
    if (is_cut)
        bits = torn(flash, bits, way, flash->cut_at);
    set_word(flash, off, old & ~bits);
    hash_op(flash);
    return is_cut ? STATUS_IO : STATUS_OK;
}

static int sim_program(struct flash_device *device, uint32_t off, const void *data, uint32_t bytes)
{
    struct simflash *flash = device->context;
    enum call_fate fate = fate_of_call(flash);
    if (fate == CALL_DOES_NOTHING)
        return STATUS_IO;
    if (fate == CALL_DOES_A_PART)
        bytes = bytes / 8 * 4;
    for (uint32_t at = 0; at < bytes; at += 4) {
        uint32_t wanted;
        memcpy(&wanted, (const uint8_t *)data + at, 4);
        if (program_word(flash, off + at, wanted) != STATUS_OK)
            return STATUS_IO;
    }
    return fate == CALL_WORKS ? STATUS_OK : STATUS_IO;
}

static int sim_erase(struct flash_device *device, uint32_t off)
{
    struct simflash *flash = device->context;
    enum call_fate fate = fate_of_call(flash);
    if (fate == CALL_DOES_NOTHING)
        return STATUS_IO;
    uint32_t bytes = flash_sector_bytes(device);
    uint8_t *sector = flash->cells + off;
    unsigned way = 0;
    uint64_t random = simflash_hash(flash->seed, flash->cut_at, 3);
    log_op(flash, off, 0);
    int is_cut = power_fails(flash, SIMFLASH_ERASE_CUTS, &way);
    if (fate == CALL_DOES_A_PART && !is_cut)
        tear_sector(sector, bytes, 1 + (unsigned)(random % TORN_KINDS), &random);
    else if (!is_cut)
        memset(sector, 0xFF, bytes);
    else if (way > 0)
        tear_sector(sector, bytes, 1 + way % TORN_KINDS, &random);
    changed(flash, off, bytes);
    hash_op(flash);
    return is_cut || fate != CALL_WORKS ? STATUS_IO : STATUS_OK;
}

static const struct flash_driver sim_driver = {sim_read, sim_program, sim_erase};

// A cache that replaces lines at random keeps some of them.
static void sim_evict(const struct flash_device *device, uint32_t off, uint32_t bytes)
{
    struct simflash *flash = device->context;
    flash->eviction_count++;
    for (uint32_t at = off - off % SIMFLASH_LINE_BYTES; at < off + bytes; at += SIMFLASH_LINE_BYTES)
        if (simflash_hash(flash->seed, at, 4 + flash->eviction_count) % 8 != 0)
            memcpy(flash->seen + at, flash->cells + at, SIMFLASH_LINE_BYTES);
}

// ---- for the tests ----

void simflash_init(struct simflash *flash, uint32_t bytes, uint64_t seed)
{
    assert(bytes > 0 && bytes % FLASH_SECTOR_BYTES == 0);
    *flash = (struct simflash){.seed = seed};
    // Tests make thousands, one after the other: the pages of one are those of the next.
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    flash->cells = malloc(bytes);
    flash->seen = malloc(bytes);
    if (!flash->cells || !flash->seen)
        abort();
    memset(flash->cells, 0xFF, bytes);
    flash->device = (struct flash_device){
        .driver = &sim_driver,
        .context = flash,
        .bytes = bytes,
        .window = flash->seen,
        .window_bytes = bytes,
        .is_window_cached = 1,
        .evict = sim_evict,
    };
    simflash_power_on(flash, SIMFLASH_NEVER);
}

void simflash_deinit(struct simflash *flash)
{
    free(flash->cells);
    free(flash->seen);
    free(flash->log.ops);
    free(flash->log.kept);
}

void simflash_power_on(struct simflash *flash, uint64_t cut_at)
{
    flash->cut_at = cut_at;
    flash->cut_count = 0;
    flash->is_off = 0;
    flash->call_count = 0;
    flash->device.changed_off = flash->device.changed_end = 0;
    flash->eviction_count = 0;
    simflash_fail(flash, SIMFLASH_NEVER, 0);
    // Whoever changed cells without the device has put them back, if there is a log.
    uint32_t off = flash->log.is_on ? flash->stale_off : 0;
    uint32_t end = flash->log.is_on ? flash->stale_end : flash->device.bytes;
    memcpy(flash->seen + off, flash->cells + off, end - off);
    flash->stale_off = flash->stale_end = 0;
}

void simflash_fail(struct simflash *flash, uint64_t fail_at, int is_lasting)
{
    flash->fail_at = fail_at == SIMFLASH_NEVER ? fail_at : flash->call_count + fail_at;
    flash->is_fail_lasting = is_lasting;
    flash->fail_count = 0;
}

void simflash_stick(struct simflash *flash, uint32_t off, uint32_t mask, uint32_t word)
{
    assert(flash->stuck_count < SIMFLASH_STUCK_MAX);
    assert(off % 4 == 0 && off < flash->device.bytes);
    flash->stuck[flash->stuck_count++] = (struct simflash_stuck){off, mask, word};
    changed(flash, off & ~(SIMFLASH_LINE_BYTES - 1u), SIMFLASH_LINE_BYTES);
}

void simflash_heal(struct simflash *flash)
{
    flash->stuck_count = 0;
}
