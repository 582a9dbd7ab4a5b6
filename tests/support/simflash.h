// simflash.h: flash that fails as flash fails: a filling of runtime/flash/device.h for tests.
//
// Cells: words of 32 bits in which programming only clears bits; sectors that an erase sets to
// 0xFF. Power: it can fail before a word, inside a word (some of its bits are cleared), before an
// erase
//        and inside an erase (any mix of old, erased and random). Every way in which it can fail
//        has a number; simflash_power_on() takes the one that is to happen. From then on every
//        access fails, until power is on again.
// Log: what changed since simflash_log_begin() can be undone, and torn as a cut would have torn it,
//        without doing it all again; a hash of the cells is kept up to date.
// Calls: the n-th call of the driver fails, once or for good, with nothing, a part or all of it
// done. Cells that do not change any more: simflash_stick(). Window: what was in the cache when a
// cell changed is seen as before, until power is on again. Choices depend on the seed and on the
// number of what fails, on nothing else. Memory: simflash_init() allocates, simflash_deinit()
// frees.

#ifndef FROST_TESTS_SIMFLASH_H
#define FROST_TESTS_SIMFLASH_H

#include <stddef.h>

#include "runtime/flash/device.h"

#define SIMFLASH_NEVER UINT64_MAX
#define SIMFLASH_WORD_CUTS 4   // ways to fail at a word: before it, three inside
#define SIMFLASH_WORD_SEEDS 8  // is_full: sets of its bits by chance
#define SIMFLASH_BITS_ALL 8    // is_full: up to so many bits, every set of them
#define SIMFLASH_ERASE_CUTS 71 // ways to fail at an erase: before it, seven of each kind inside
#define SIMFLASH_LINE_BYTES 32 // of the cache
#define SIMFLASH_STUCK_MAX 8

struct simflash_stuck {
    uint32_t off;  // of the word
    uint32_t mask; // bits that stay
    uint32_t word; // as what
};

// A change of the cells.
struct simflash_op {
    uint32_t off;
    uint32_t bits;      // of the word, which are cleared; 0: a sector is erased
    uint32_t old;       // the word
    size_t kept;        // where simflash_log.kept has the sector
    uint64_t first_cut; // number of the first cut that could happen here
    uint64_t hash;      // of the cells, before
};

struct simflash_log {
    int is_on;
    struct simflash_op *ops;
    size_t count, room;
    uint8_t *kept; // sectors, as they were
    size_t kept_bytes, kept_room;
    uint64_t hash; // of the cells; 0 as the log begins
};

struct simflash {
    struct flash_device device; // for the code under test
    uint8_t *cells;             // what the flash holds
    uint8_t *seen;              // what the window shows
    uint64_t seed;
    // power
    uint64_t cut_at;    // number of the cut that is to happen, SIMFLASH_NEVER for none
    uint64_t cut_count; // cuts that could have happened since power is on
    int is_off;
    int is_full; // words have more ways: none of its bits, each alone, sets by chance; if they are
                 // few, every set, as of the bytes that tell a state
    // calls
    uint64_t call_count; // of the driver since power is on
    uint64_t fail_at;    // number of the call that fails, SIMFLASH_NEVER for none
    int is_fail_lasting; // and all after it
    uint64_t fail_count; // calls that did fail
    // cells and cache
    struct simflash_stuck stuck[SIMFLASH_STUCK_MAX];
    int stuck_count;
    unsigned cached_of_8;          // share of the lines that the cache holds: 0 none, 8 all
    uint64_t eviction_count;       // since power is on
    uint32_t stale_off, stale_end; // what changed since, where the window may show what was there
    struct simflash_log log;
};

// An erased flash of `bytes` (a multiple of FLASH_SECTOR_BYTES) with power, all in the window,
// whose cache holds nothing. A test may make its sectors smaller: device.sector_bytes.
void simflash_init(struct simflash *flash, uint32_t bytes, uint64_t seed);
void simflash_deinit(struct simflash *flash);

// A start: the cache is empty, calls and cuts are counted from 0, no call fails. Power fails at cut
// number `cut_at`, if as much is done.
void simflash_power_on(struct simflash *flash, uint64_t cut_at);

// From now on driver call number `fail_at` (0: the next one) fails with STATUS_IO.
void simflash_fail(struct simflash *flash, uint64_t fail_at, int is_lasting);

// The bits `mask` of the word at `off` are those of `word` now and stay so, until simflash_heal().
void simflash_stick(struct simflash *flash, uint32_t off, uint32_t mask, uint32_t word);
void simflash_heal(struct simflash *flash);

// From now on changes are logged, until the flash is gone. Who changes cells otherwise puts them
// back.
void simflash_log_begin(struct simflash *flash);

// Undoes all but the first `count` changes. The window shows it when power is on again.
void simflash_undo(struct simflash *flash, size_t count);

// How many cuts can happen in a change.
unsigned simflash_ways(const struct simflash *flash, const struct simflash_op *op);

// Leaves what cut number `cut`, one of those of `op`, leaves. The cells are as they were before the
// change (not of the last one in the log: a copy of it). It is a change like others.
void simflash_tear(struct simflash *flash, const struct simflash_op *op, uint64_t cut);

// A number that only depends on the three.
uint64_t simflash_hash(uint64_t seed, uint64_t a, uint64_t b);

#endif
