// spaces.h: how much of each sort the heap of Lua has held: objects, and vectors, which are the
// blocks that objects have besides themselves (list parts, nodes, stacks, code, names ...).
//
// Counted where the ledger is (mem.c), in heaps of the device's sizes; larger ones are for speed.
// What was there at most is looked at before each collection, since hardly anything else ends
// blocks. Reads and writes: static storage. Memory: none.

#ifndef FROST_CORE_SPACES_H
#define FROST_CORE_SPACES_H

#include <stddef.h>

#include "runtime/format/trace_events.h"

enum space_id { SPACE_OBJECTS, SPACE_VECTORS, SPACE_COUNT };

struct space {
    unsigned long made, made_bytes; // growth included
    unsigned long gone, gone_bytes;
    unsigned long most, most_bytes; // at once, until the last look
};

struct spaces {
    struct space items[SPACE_COUNT];
    unsigned long checks; // times the collector ran
    unsigned long sweeps; // whole cycles
};

extern struct spaces spaces; // of this boot

static inline struct space *space_of(int kind)
{
    int is_object = kind == KIND_STATE || kind == KIND_STRING || kind == KIND_TABLE ||
                    kind == KIND_CLOSURE || kind == KIND_UPVALUE || kind == KIND_PROTO ||
                    kind == KIND_USERDATA || kind == KIND_THREAD;
    return &spaces.items[is_object ? SPACE_OBJECTS : SPACE_VECTORS];
}

static inline void space_add(int kind, size_t bytes)
{
    struct space *space = space_of(kind);
    space->made++;
    space->made_bytes += bytes;
}

static inline void space_remove(int kind, size_t bytes)
{
    struct space *space = space_of(kind);
    space->gone++;
    space->gone_bytes += bytes;
}

static inline void space_resize(int kind, size_t old_bytes, size_t new_bytes)
{
    struct space *space = space_of(kind);
    if (new_bytes > old_bytes)
        space->made_bytes += new_bytes - old_bytes;
    else
        space->gone_bytes += old_bytes - new_bytes;
}

// Looks at what there is now.
static inline void spaces_look(void)
{
    for (int i = 0; i < SPACE_COUNT; i++) {
        struct space *space = &spaces.items[i];
        unsigned long count = space->made - space->gone;
        unsigned long bytes = space->made_bytes - space->gone_bytes;
        space->most = count > space->most ? count : space->most;
        space->most_bytes = bytes > space->most_bytes ? bytes : space->most_bytes;
    }
}

#endif
