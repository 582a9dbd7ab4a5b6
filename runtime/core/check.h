// check.h: is what the core keeps consistent? One checker for strings, one for objects and lists.
//
// Each gives NULL if all is sound, else what is not (static storage). They read everything and
// change nothing. Called by tests, and by sanitizer builds after collections (check_collection).
// Not on the chip. The heap has its own: heap_check().

#ifndef FROST_CORE_CHECK_H
#define FROST_CORE_CHECK_H

#include "runtime/core/state.h"

// The RAM string table: each string in the chain of its hash, hashes and sizes right, as many as
// counted, no text twice, none that a region of flash has too.
const char *check_strings(const struct global_state *g);

// Objects: every one in exactly one list (the ledger is their sum), colours as the phase of the
// collector allows, no reference to a dead object, none from a black object to a white one while
// the collector marks, gray lists complete, open upvalues in the list of their thread and in the
// ring.
//
// Blocks of the ledger that C code holds beside objects, over collections: so many bytes more, or
// less. None at the start.
#ifdef FROST_CHIP // which has no checker
#define check_held(bytes) ((void)(bytes))
#define check_texts_ahead(are_ahead) ((void)(are_ahead))
#else
void check_held(ptrdiff_t bytes);

// Flash may have texts that are in RAM, too: they have been written, and what refers to them moves
// later. 0: not any more.
void check_texts_ahead(int are_ahead);
#endif

// is_exact  every block belongs to an object now, or is held. Inside an allocation some do not yet.
const char *check_objects(lua_State *L, int is_exact);

// Heap, strings, regions of flash, objects.
const char *check_all(lua_State *L, int is_exact);

// After a collection of a sanitizer build: checks everything, each time while the heap is small,
// else so often that it costs about a quarter of what the collector does. Panics if something is
// unsound. `bytes`: what the collection worked through.
void check_collection(lua_State *L, uint32_t bytes, int is_exact);

#endif
