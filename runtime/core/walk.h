// walk.h: every reference that the heap holds, one after the other: to let things refer to other
// places (runtime/freezer) or to find out what refers to something.
//
// Reads: every object that the collector has not given up, in whatever part of its cycle it stands;
// stacks, metatables of types, names of metamethods. Writes: what the callbacks write; above the
// top of a stack, what was there before becomes nil, as when the collector follows the thread;
// cached look-ups are forgotten. Memory: none. Context: the interpreter's thread, outside
// allocations.
//
// Not visited: what flash holds, the string table, environments, threads of open upvalues, and
// registers of the machine: a function that runs has its code there.

#ifndef FROST_CORE_WALK_H
#define FROST_CORE_WALK_H

#include "runtime/core/state.h"

// What is done with a reference; NULL: nothing. A reference may be NULL itself.
struct walk {
    void (*value)(const struct walk *walk, struct value *v);
    void (*string)(const struct walk *walk, uint32_t *addr);
    // Of a closure, or (is_inner) of a function that has it inside.
    void (*proto)(const struct walk *walk, uint32_t *addr, int is_inner);
    void (*metatable)(const struct walk *walk, uint32_t *addr);
    // A key that was removed: an address, of an object that may not be there any more.
    void (*dead_key)(const struct walk *walk, struct value *key);
    int (*skips)(const struct table *t); // is the table passed over?
    struct global_state *g;
    void *context; // the caller's
};

// The next object after `o` that the collector has not given up, or NULL; o NULL: the first one.
struct object *walk_next_object(const struct global_state *g, const struct object *o);

// Visits the references that one object holds.
void walk_object(const struct walk *walk, struct object *o);

// Visits all references. walk->g must be set.
void walk_heap(const struct walk *walk);

// Visits every call of every thread that the collector has not given up.
void walk_calls(const struct global_state *g, void *context,
                void (*visit)(void *context, lua_State *thread, struct call_record *call));

#endif
