// freezer.h: functions that are frozen while a program runs: they move from RAM into flash.
//
// Reads and writes: the freezer's partition through struct flash_device; every object of the state
//         when something moves. Layout: runtime/format/freezer.h.
// Memory: none of the heap's, so that freezing cannot run out of it; static struct freezer.
// Context: main loop, wherever C functions may be called; not while a chunk is being loaded.
//
// freezer_freeze: plan (does all fit?) - write, children before parents - move: one walk over the
// heap lets everything refer to flash, then RAM is given back. Until the walk nothing has changed
// but flash, so a failure leaves the program as it was.

#ifndef FROST_FREEZER_FREEZER_H
#define FROST_FREEZER_FREEZER_H

#include "runtime/core/overlay.h"
#include "runtime/core/state.h"
#include "runtime/core/table.h"
#include "runtime/flash/partitions.h"
#include "runtime/freezer/area.h"

// ---- options: which kinds may be frozen ----

// Bits of the original's freezer.opts. A function is frozen whole or not at all: it stays in RAM if
// one of its parts is of a kind that may not be frozen.
#define FREEZER_OPT_STRINGS 0x1u
#define FREEZER_OPT_CONSTANTS 0x2u
#define FREEZER_OPT_LOCAL_NAMES 0x4u
#define FREEZER_OPT_LOCALS 0x8u
#define FREEZER_OPT_UPVALUE_NAMES 0x10u
#define FREEZER_OPT_UPVALUES 0x20u
#define FREEZER_OPT_SOURCE 0x40u
#define FREEZER_OPT_CODE 0x80u
#define FREEZER_OPT_LINES 0x100u
#define FREEZER_OPT_WRITE 0x200u // off: what lies in flash already is used, nothing is written
#define FREEZER_OPT_PROTO 0x400u
#define FREEZER_OPT_CLOSURES 0x800u // what is frozen by itself: the closure, too, or nothing
#define FREEZER_OPT_DEBUG 0x10000u
#define FREEZER_OPTS_DEFAULT 0x7FFu

// ---- state ----

struct freezer {
    struct freezer_area area; // device NULL: this machine has none
    uint32_t options;
    uint32_t pinned;      // functions whose code may not go yet: it is running
    uint32_t left_behind; // strings that C code may still look at
    uint32_t freezes;     // of this boot
    uint32_t moved;       // objects by the last one
    uint32_t saved;       // bytes of RAM that freezes of this boot say they gave back
    uint32_t ledger_fell; // by which the ledger fell in them; what waits for the collector is later
    uint32_t heap_fell;   // the same of the heap, with headers of blocks and rounding
    uint32_t build;       // identity of the program, 0: not known, then nothing may refer to it
    uint32_t reclaimed;   // bytes that compaction gave back at this start
    int moves_keys;       // the freeze that runs moves keys of tables
    int keeps_userdata;   // in the freeze that runs userdata are islands
    int is_refused;       // what was there at the start was made anew
};

extern struct freezer freezer;

// Looks for the area of the partition (the first FREEZER_AREA_BYTES_MAX of it) and mounts it;
// erases it if it is to be, or was made for something else. Before the state exists; regions of
// images are mounted. `device` NULL or too small a partition: no freezer. build: identity of the
// program, without which tables that refer to its functions do not freeze (0); tables that refer to
// those of another program are dropped.
//
// Where modules were dropped or superseded, their space is given back if that is worth its erases:
// a sector at least and an eighth of what is used, or any if freezer_compact or a full area asked.
// work: FREEZER_WORK_BYTES(FREEZER_AREA_BYTES_MAX) that nobody uses now, 4-aligned; NULL: no
// compaction, but for one that was cut.
void freezer_mount(struct flash_device *device, const struct flash_partition *partition,
                   uint32_t build, void *work);

// ---- freezing ----

struct freezer_result {
    int status;        // enum status: why something has stayed in RAM; STATUS_OK: nothing has
    uint32_t saved;    // bytes of RAM that are given back, now or as soon as nobody uses them
    uint32_t written;  // bytes of flash
    uint32_t blocks;   // that were written
    uint32_t found;    // blocks that were there already
    uint32_t in_ram;   // functions that have stayed in RAM
    uint32_t closures; // that are to be in flash
    char why[144];     // STATUS_USAGE: what stands in the way: ".field.field: a function"
};

// Freezes the functions and strings among `count` values from `first` on, with all inside them and
// the functions that their upvalues hold. Never raises, never allocates.
void freezer_freeze(lua_State *L, const struct value *first, int count,
                    struct freezer_result *result);

// Is it a value that stays in RAM when a table that holds it is frozen? Then the table gets nil in
// its place, and whoever freezes has put it into an overlay (runtime/core/overlay.h).
static inline int freezer_is_island(const struct value *v)
{
    if (VALUE_IS_USERDATA(v) && freezer.keeps_userdata)
        return 1;
    return overlay_islands != 0 &&
           (VALUE_IS_TABLE(v) || VALUE_IS_USERDATA(v) || VALUE_IS_CLOSURE(v) ||
            VALUE_IS_THREAD(v)) &&
           !VALUE_IS_NIL(table_get((const struct table *)(uintptr_t)overlay_islands, v));
}

// Is it an island only since it is a closure with an island as an upvalue? Then its code may go.
static inline int freezer_is_island_of_upvalue(const struct value *v)
{
    return overlay_islands != 0 && VALUE_IS_CLOSURE(v) &&
           VALUE_IS_NUMBER(table_get((const struct table *)(uintptr_t)overlay_islands, v));
}

// A freeze in slices, between which the program goes on.
struct freezer_slices {
    uint32_t slice_bytes; // no block is begun once so much flash is written in a slice; at least 1
    uint32_t left;        // bytes still to be written, for the next slice
    int is_begun;         // {.slice_bytes = N} before the first
};

// The next slice of the freeze of a value: as freezer_freeze, but with STATUS_AGAIN as soon as
// enough is written; then only strings have moved, result.saved is what they gave, and nothing
// refers to what else is in flash, which the next slice finds by its content. The slice that writes
// the last block moves everything. STATUS_USAGE also if there is more to write than the slice
// before left: the value has changed.
//
// Cost of a slice: looking at the whole value, at its blocks in flash, slice_bytes and one block
// programmed, one walk over the heap. It ends after left / slice_bytes + 1 slices at most.
void freezer_freeze_slice(lua_State *L, const struct value *v, struct freezer_slices *slices,
                          struct freezer_result *result);

// What freezer_freeze would do: blocks and bytes that it would write, RAM that it would save,
// whether that fits. Writes nothing.
void freezer_plan(lua_State *L, const struct value *first, int count,
                  struct freezer_result *result);

// What writing what was planned takes of the flash: erases, if there is no area yet, and device
// time by the model of runtime/format/device_time.h, in microseconds; a little less is possible,
// more only where a block has to be written twice.
struct freezer_cost {
    uint32_t erases;
    uint32_t us;
};
struct freezer_cost freezer_cost_of(const struct freezer_result *planned);

// For call_loaded (runtime/core/call.h): freezes the chunk that is on top of the stack.
void freezer_freeze_loaded(lua_State *L);

// For chunk_function_loaded (runtime/core/chunk.h): freezes a function while the rest of its chunk
// is still to be read, so that no more than one function is in RAM. Nothing moves while another
// chunk is being loaded.
struct proto *freezer_freeze_function(lua_State *L, struct proto *p);

// Erases the partition and makes an empty area of it, mounted. Errors: STATUS_IO.
int freezer_make_area(void) __attribute__((warn_unused_result));

// The area is full: compacted at the next start, if something was dropped; else erased, if that can
// help: not if it has just been erased.
void freezer_note_full(void);

// The area is compacted at the next start, however little that gives. Result: false if there is
// nothing to give back. Errors: STATUS_IO.
int freezer_compact(void) __attribute__((warn_unused_result));

// The area is erased at the next start. Errors: STATUS_IO, STATUS_NOT_FOUND.
int freezer_defrost(void) __attribute__((warn_unused_result));

// Proves that nothing in the area refers to RAM, and that each block is what its kind promises.
// NULL, or what is wrong (static storage) with the payload's offset in *off.
const char *freezer_verify(uint32_t *off);

#endif
