// rotable.h: read-only tables, constants of the program that Lua code sees as tables.
//
// Reads and writes: nothing; on the chip the tables lie in flash and are read in place.
// Memory: none of the heap. A value that refers to a read-only table holds its address; the program
//         is linked so that the address has 32 bits.
// Source: sizes and order of fields are those of the firmware: on a 32-bit target 16 bytes for a
//         table, and 16 (float build) or 12 (integer build) for an entry.
//
// A table is written so:
//
//     ROTABLE_BEGIN(point_meta)
//         ROTABLE_TABLE("__index", point_methods)     // keys that begin with "_" come first
//         ROTABLE_FUNC("length", point_length)
//         ROTABLE_NUM("size", 12)
//     ROTABLE_END(point_meta, NULL, ROTABLE_EVENT_INDEX)
//
// Lookup walks the entries in the given order, so frequent keys stand early. A search for a key
// that begins with "_" ends at the first entry that does not. Keys have at most 32 characters.
#ifndef RUNTIME_CORE_ROTABLE_H
#define RUNTIME_CORE_ROTABLE_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/api/lua.h"

#define ROTABLE_KEY_CHARS_MAX 32
#define ROTABLE_ENTRIES_MAX 255

// Type tags as they stand in values and in the table's header.
#define ROTABLE_TAG_END 0
#define ROTABLE_TAG_LIGHTUSERDATA LUA_TLIGHTUSERDATA
#define ROTABLE_TAG_NUMBER LUA_TNUMBER
#define ROTABLE_TAG_TABLE (LUA_TTABLE + 16)
#define ROTABLE_TAG_FUNCTION (LUA_TFUNCTION + 32)

// `marked` of a read-only table: the read-only bit and no colour, so the collector leaves it alone.
#define ROTABLE_MARKED 0x80

// Events that a metatable may hold and that are looked up through `flags` (set bit: surely absent),
// in the order of the flag bits. The last argument of ROTABLE_END names those that are present.
#define ROTABLE_EVENT_INDEX 0x01
#define ROTABLE_EVENT_NEWINDEX 0x02
#define ROTABLE_EVENT_GC 0x04
#define ROTABLE_EVENT_MODE 0x08
#define ROTABLE_EVENT_EQ 0x10

struct rotable_value {
    union {
        lua_Number number;
        lua_CFunction function;
        const struct rotable *table;
        const void *pointer;
    } as;
    int32_t tag;
} __attribute__((packed, aligned(4)));

struct rotable_entry {
    const char *key; // NULL in the entry that ends a table
    struct rotable_value value;
};

// The first eight bytes are the head that every collectable object has: next, tag, mark; then flags
// and the byte that in ordinary tables is the size of the hash part.
struct rotable {
    uint32_t next; // always 1: in no list of the collector, and not the end of one
    uint8_t tag;
    uint8_t marked;
    uint8_t flags;       // see ROTABLE_EVENT_xxx
    uint8_t entry_count; // without the one that ends the table
    const struct rotable *metatable;
    const struct rotable_entry *entries;
};

#if UINTPTR_MAX == UINT32_MAX
_Static_assert(sizeof(struct rotable) == 16, "size of a read-only table");
_Static_assert(sizeof(struct rotable_entry) == sizeof(lua_Number) + 8, "size of an entry");
#endif
_Static_assert(offsetof(struct rotable, flags) == 6, "flags lie as in ordinary tables");
_Static_assert(offsetof(struct rotable, metatable) == 8, "metatable lies as in ordinary tables");
_Static_assert(sizeof(struct rotable_value) <= 12, "values are packed");

#define ROTABLE_BEGIN(name) static const struct rotable_entry name##_entries[] = {
#define ROTABLE_FUNC(key, f) {key, {{.function = (f)}, ROTABLE_TAG_FUNCTION}},
#define ROTABLE_NUM(key, n) {key, {{.number = (n)}, ROTABLE_TAG_NUMBER}},
#define ROTABLE_TABLE(key, t) {key, {{.table = &(t)}, ROTABLE_TAG_TABLE}},
#define ROTABLE_POINTER(key, p) {key, {{.pointer = (p)}, ROTABLE_TAG_LIGHTUSERDATA}},
// name gets external linkage; declare it with ROTABLE_EXTERN where another file or table needs it.
// meta: NULL or the address of another read-only table; events: those present in this table.
#define ROTABLE_END(name, meta, events)                                                            \
    {                                                                                              \
        NULL,                                                                                      \
        {                                                                                          \
            {.pointer = NULL}, ROTABLE_TAG_END                                                     \
        }                                                                                          \
    }                                                                                              \
    }                                                                                              \
    ;                                                                                              \
    _Static_assert(sizeof(name##_entries) / sizeof(name##_entries[0]) <= ROTABLE_ENTRIES_MAX + 1,  \
                   "too many entries in " #name);                                                  \
    const struct rotable name = {                                                                  \
        1,                                                                                         \
        ROTABLE_TAG_TABLE,                                                                         \
        ROTABLE_MARKED,                                                                            \
        (uint8_t) ~(events),                                                                       \
        sizeof(name##_entries) / sizeof(name##_entries[0]) - 1,                                    \
        (meta),                                                                                    \
        name##_entries,                                                                            \
    };
#define ROTABLE_EXTERN(name) extern const struct rotable name

// ---- a run's own ----

#define ROTABLE_EXTENSIONS_MAX 5

// From now on `t` has the entries of `more` too, after its own, of which none has the same key.
// Before the first state.
void rotable_extend(const struct rotable *t, const struct rotable *more);

#define ROTABLE_HIDDEN_MAX 6

// From now on `t` is as if it had not the entry of that key, which it has. Before the first state.
void rotable_hide(const struct rotable *t, const char *key);

// Who is told of look-ups that find nothing, the first ones at least: later ones may be answered
// from caches.
struct rotable_observer {
    // Is `missed` to be called for this key? It can have any characters.
    int (*wants)(const struct rotable *t, const char *key);
    // The running call of L knows its line. Must not use the stack.
    void (*missed)(lua_State *L, const struct rotable *t, const char *key);
    // `require` has found no module of that name, and is about to say so. Must not use the stack.
    void (*not_found)(lua_State *L, const char *module);
    // Would a device whose program brings a module of that name have been built without its own?
    int (*gives_way)(const char *module);
};
extern const struct rotable_observer *rotable_observer; // NULL: nobody

#endif
