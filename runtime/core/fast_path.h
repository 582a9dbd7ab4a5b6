// fast_path.h: what makes the plain build on a computer faster and is no part of the device: a
// cache of field look-ups, and library functions that run without a frame.
//
// Reads and writes: tables of its own, outside the heap and both ledgers. Nothing here allocates,
// collects, calls Lua or raises, so every figure is the same with and without: the program runs
// through the ordinary paths when FROST_NO_CACHES is set, and the two are compared by a test.
// None on the chip, none where probes watch.
//
// The cache. A line says where `key` was found by way of a metatable: through its __index, and so
// on up the chain. The tables of the chain are marked as watched; inserting, removing or moving a
// key in one of them, another __index or metatable, and the end of every marking phase of the
// collector (after which addresses may be used again) begin a new epoch, in which no older line is
// valid.

#ifndef FROST_CORE_FAST_PATH_H
#define FROST_CORE_FAST_PATH_H

#include "runtime/core/state.h"

#if !defined(FROST_CHIP) && !defined(FROST_PROBED)
#define HAS_FAST_PATHS 1
#else
#define HAS_FAST_PATHS 0
#endif

// Bit of table.absent: a line of the cache depends on the table.
#define TABLE_WATCHED 0x80u

// Added to the address of a read-only table in which a key of its own is looked for.
#define FAST_PATH_OWN 1u

#if HAS_FAST_PATHS

extern int fast_path_is_on;
extern uint32_t fast_path_epoch;

// ---- the cache ----

struct fast_path_line {
    uint32_t holder; // metatable, or FAST_PATH_OWN and a read-only table whose own field it is
    uint32_t key;
    uint32_t epoch;
    uint32_t place; // of the value
};

#define FAST_PATH_LINES 1024u

extern struct fast_path_line fast_path_lines[FAST_PATH_LINES];

static inline struct fast_path_line *fast_path_line(uint32_t holder, const struct string *key)
{
    return &fast_path_lines[(holder >> 4 ^ ADDR32(key) >> 3) % FAST_PATH_LINES];
}

// Where `key` was found by way of the metatable at `holder`, or in a read-only table (its address |
// FAST_PATH_OWN); NULL if it is not known.
static inline const struct value *fast_path_find(uint32_t holder, const struct string *key)
{
    const struct fast_path_line *line = fast_path_line(holder, key);
    if (line->holder != holder || line->key != ADDR32(key) || line->epoch != fast_path_epoch)
        return NULL;
    return (const struct value *)(uintptr_t)line->place;
}

static inline void fast_path_note(uint32_t holder, const struct string *key,
                                  const struct value *place)
{
    if (!fast_path_is_on)
        return;
    *fast_path_line(holder, key) = (struct fast_path_line){holder, ADDR32(key), fast_path_epoch,
                                                           ADDR32(place)};
}

void fast_path_new_epoch(void);
#define FAST_PATH_NEW_EPOCH() fast_path_new_epoch()

// ---- functions without a frame ----

// Does what the C function does that was called with the arguments func + 1 .. top - 1, if it can
// do so without allocating (where a collection could follow), calling or raising. Puts the results
// to func and on, and returns their count; -1: nothing has been done. `wanted` results are of use
// to the caller, LUA_MULTRET: all. There is room for LUA_MINSTACK values above top.
typedef int (*fast_path_body)(lua_State *L, struct value *func, struct value *top, int wanted);

struct fast_path_function {
    uint32_t function; // address of the C function, 0: free
    fast_path_body body;
};

#define FAST_PATH_FUNCTIONS 256u // more than twice as many as there are

extern struct fast_path_function fast_path_functions[FAST_PATH_FUNCTIONS];

static inline fast_path_body fast_path_of(uint32_t function)
{
    uint32_t i = function >> 4;
    while (fast_path_functions[i % FAST_PATH_FUNCTIONS].function != function)
        if (fast_path_functions[i++ % FAST_PATH_FUNCTIONS].function == 0)
            return NULL;
    return fast_path_functions[i % FAST_PATH_FUNCTIONS].body;
}

void fast_path_add(lua_CFunction function, fast_path_body body);

// Must a store of `key` into t go the long way, since look-ups that are kept depend on it?
static inline int fast_path_is_link(lua_State *L, const struct table *t, const struct string *key)
{
    return __builtin_expect(TABLE_ABSENT(t) & TABLE_WATCHED, 0) &&
           ADDR32(key) == GLOBAL(L)->metamethod_names[META_INDEX].addr;
}

#else

#define FAST_PATH_NEW_EPOCH() ((void)0)
#define fast_path_find(holder, key) ((void)(holder), (void)(key), (const struct value *)NULL)
#define fast_path_is_link(L, t, key) 0

#endif

// Keys of t come, go or move; its metamethods may be others.
static inline void fast_path_table_changed(struct table *t)
{
#if HAS_FAST_PATHS
    if (__builtin_expect(t->absent & TABLE_WATCHED, 0))
        FAST_PATH_NEW_EPOCH();
#endif
    t->absent = 0;
}

#endif
