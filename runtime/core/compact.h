// compact.h: vectors move together, so that what is free lies together, too.
//
// A vector is what has one owner and may move: list parts and nodes of tables, stacks, call
// records, the shared buffer, the slots of the string table. Objects never move. Off unless asked
// for: the device's core does not do this, and its figures are what is measured.
//
// Safe points, where vectors may move, and what C code must not hold over them (pointers into
// vectors; numbers, offsets and objects it may):
// - between two instructions of the VM, when a look at the heap has found it split
//   (compact_look); on the chip, whose interpreter does not look there, the next allocation that is
//   on the list below. For C code that has called Lua code this is as the call itself: tables and
//   stacks may be others afterwards.
// - an allocation that has failed, of a kind that is on the list in compact.c. Stacks and call
//   records stay while global_state.stack_fixed is set; the buffer stays while it is in use.
// While compacting is on, vectors are taken from the lower end of the heap, all else from the
// upper.
//
// Reads and writes: vectors and what refers to them. Memory: none.

#ifndef FROST_CORE_COMPACT_H
#define FROST_CORE_COMPACT_H

#include "runtime/core/state.h"
#include "runtime/format/trace_events.h"

struct compact_figures {
    uint64_t looks;       // at the heap
    uint64_t passes;      // in which vectors moved together
    uint64_t moves;       // of vectors
    uint64_t moved_bytes; // content of these
};

extern struct compact_figures compact_figures;
extern int compact_is_on;
extern int compact_is_active; // it is on, or tested
// Vectors are to move between two instructions: 0, or the number of instructions until then. On the
// chip not 0: in the next allocation.
extern unsigned compact_due;
// For tests: instructions after which every vector is copied to another place, and so it is in each
// allocation of the list; the old places are poisoned. 0: not.
extern unsigned compact_is_testing;

// Before the state is made; for all states of the process.
void compact_set(int is_on);
// At any time.
void compact_turn(int is_on);
void compact_set_testing(unsigned instructions);
// heap_realloc, but not taken for it by mem.h, which has a short way: for states in whose
// allocations vectors are to move.
void *compact_test_realloc(void *context, void *block, size_t old_bytes, size_t new_bytes);

// Between two instructions.
void compact_at_instruction(lua_State *L);
// Moves vectors together; the largest free block grew if the result is not 0.
int compact_now(lua_State *L, int reason);

// ---- for mem.c ----

// Around each request to the heap. *block, which it is to resize (NULL: none), may move.
void compact_begin_allocation(lua_State *L, void **block, int kind);
void compact_end_allocation(void);
// `bytes` were taken: if much was since the last look, looks at the heap, and asks for a pass if it
// is split.
void compact_look(lua_State *L, size_t bytes);
// An allocation has failed; *block, which it is to resize (NULL: none), may have moved. 0: that
// changes nothing.
int compact_for_allocation(lua_State *L, void **block, int kind);
void compact_test_allocation(lua_State *L, void **block, int kind);

#endif
