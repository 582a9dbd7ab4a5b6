// str.c: strings, each text once; full userdata.
//
// Reads and writes: the string table of the global state; the tables of mounted regions (read
// only). Memory: one block per string, header and characters; the collector frees it. Source: facts
// on allocation policy, (c). Hash: runtime/format/string_hash.h.

#include "runtime/core/str.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/fast_path.h"
#include "runtime/core/gc.h"
#include "runtime/core/mem.h"
#include "runtime/flash/regions.h"
#include "runtime/format/freezer.h"
#include "runtime/format/string_hash.h"
#include "runtime/probe/probe.h"

#define STRING_BYTES_LIMIT (INT32_MAX - (int32_t)sizeof(struct string) - 1)

// ---- the table ----

// Most texts are short: comparing them here is quicker than calling memcmp.
static inline int is_same_text(const char *a, const char *b, uint32_t bytes)
{
#if HAS_FAST_PATHS
    if (bytes > 32)
        return memcmp(a, b, bytes) == 0;
    for (; bytes >= 8; a += 8, b += 8, bytes -= 8) {
        uint64_t x, y;
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        if (x != y)
            return 0;
    }
    for (; bytes > 0; a++, b++, bytes--)
        if (*a != *b)
            return 0;
    return 1;
#else
    return memcmp(a, b, bytes) == 0;
#endif
}

static struct string *chain_find(struct string *s, const char *text, uint32_t bytes, uint32_t hash,
                                 unsigned *probes)
{
    for (; s != NULL; s = (struct string *)DEREF(s->next)) {
        ++*probes;
        if (s->hash == hash && s->bytes == bytes && is_same_text(STRING_TEXT(s), text, bytes))
            return s;
    }
    return NULL;
}

// Slot `i` of a string table, a reference to the first string of its chain.
#define SLOT(table, i) (DEREF((table)->slots)[i])

static uint32_t slot_index(const struct string_table *table, uint32_t hash)
{
    return hash & ((uint32_t)table->slot_count - 1u);
}

static struct string *chain_of(const struct string_table *table, uint32_t hash)
{
    return DEREF(SLOT(table, slot_index(table, hash)));
}

// Puts s in front of the chain of slot i.
static void chain_put(struct string_table *table, uint32_t i, struct string *s)
{
    s->next.addr = SLOT(table, i).addr;
    REF_SET(SLOT(table, i), s);
}

// Slots of a region's string table.
static const REF(struct string) * region_slots(const struct flash_region *region)
{
    return (const void *)(uintptr_t)region->slots_addr;
}

// Looks in the index of the freezer (runtime/format/freezer.h). Where damage has left no slot free,
// the search ends after all of them.
static struct string *find_frozen(const struct flash_region *region, const char *text,
                                  uint32_t bytes, uint32_t hash, unsigned *probes)
{
    const uint32_t *slots = (const uint32_t *)(uintptr_t)region->slots_addr;
    for (uint32_t i = hash; i - hash < region->slot_count; i++) {
        uint32_t slot = slots[i & (region->slot_count - 1u)];
        if (slot == FREEZER_SLOT_FREE)
            return NULL;
        if (slot == FREEZER_SLOT_SPOILT || FREEZER_SLOT_HASH(slot) != hash >> FREEZER_SLOT_OFF_BITS)
            continue;
        ++*probes;
        const uint32_t *block = (const uint32_t *)(uintptr_t)(region->begin +
                                                              FREEZER_SLOT_OFF(slot));
        struct string *s = (struct string *)(uintptr_t)(block + sizeof(struct freezer_block) / 4);
        if ((*block & FREEZER_HEAD_MASK) == FREEZER_HEAD(FREEZER_COMMITTED, FREEZER_STRING) &&
            s->hash == hash && s->bytes == bytes && is_same_text(STRING_TEXT(s), text, bytes))
            return s;
    }
    return NULL;
}

struct string *str_find_flash(const char *text, uint32_t bytes, uint32_t hash, unsigned *probes)
{
    const struct flash_region *region = flash_regions.items;
    for (uint32_t left = flash_regions.count; left > 0; left--, region++) {
        if (__builtin_expect(region->id == REGION_FREEZER, 0))
            return find_frozen(region, text, bytes, hash, probes); // the last one
        struct string *first = DEREF(region_slots(region)[hash & (region->slot_count - 1u)]);
        struct string *s = chain_find(first, text, bytes, hash, probes);
        if (s != NULL)
            return s;
    }
    return NULL;
}

// Moves every string to its slot among `count`; those beyond the old count are empty before. Both
// counts are powers of two, so a string stays, or goes where no string is still to be moved from.
static void spread(struct string_table *table, int32_t count)
{
    for (int32_t i = 0; i < table->slot_count; i++) {
        struct string *s = DEREF(SLOT(table, i));
        REF_NULL(SLOT(table, i));
        while (s != NULL) {
            struct string *next = (struct string *)DEREF(s->next);
            chain_put(table, s->hash & ((uint32_t)count - 1u), s);
            s = next;
        }
    }
}

#ifdef FROST_PROBED
static uint32_t chain_max(const struct string_table *table)
{
    uint32_t longest = 0;
    for (int32_t i = 0; i < table->slot_count; i++) {
        uint32_t length = 0;
        for (struct string *s = DEREF(SLOT(table, i)); s; s = (struct string *)DEREF(s->next))
            length++;
        if (length > longest)
            longest = length;
    }
    return longest;
}
#endif

static void resize_slots(lua_State *L, struct string_table *table, int32_t count)
{
    void *slots = mem_vector(L, DEREF(table->slots), (size_t)table->slot_count, (size_t)count,
                             sizeof SLOT(table, 0), KIND_STRING_TABLE);
    table->slots.addr = ADDR32(slots);
}

void str_table_resize(lua_State *L, int32_t count)
{
    struct global_state *g = GLOBAL(L);
    struct string_table *table = &g->strings;
    assert(count > 0);
    assert((count & (count - 1)) == 0);
    if (g->gc_phase == GC_SWEEP_STRINGS || count == table->slot_count || g->strings_resizing)
        return;
    g->strings_resizing = 1; // a collection in here must not resize as well
    int32_t old = table->slot_count;
    if (count > old) {
        resize_slots(L, table, count);
        memset(&SLOT(table, old), 0, (size_t)(count - old) * sizeof SLOT(table, 0));
    }
    spread(table, count);
    if (count < old)
        resize_slots(L, table, count);
    table->slot_count = count;
    g->strings_resizing = 0;
    PROBE_STRING_TABLE(L, (uint32_t)count, table->string_count, chain_max(table));
}

void str_table_check_shrink(lua_State *L)
{
    const struct string_table *table = &GLOBAL(L)->strings;
    if (table->string_count < (uint32_t)table->slot_count / 4 &&
        table->slot_count > 2 * STR_SLOTS_MIN)
        str_table_resize(L, table->slot_count / 2);
}

// ---- strings ----

static struct string *make(lua_State *L, const char *text, size_t bytes, uint32_t hash,
                           unsigned probes, unsigned origin)
{
    struct string_table *table = &GLOBAL(L)->strings;
    (void)probes;
    (void)origin;
    if (bytes > (size_t)STRING_BYTES_LIMIT)
        mem_raise_too_big(L);
    if (table->string_count >= (uint32_t)table->slot_count && table->slot_count <= INT32_MAX / 2)
        str_table_resize(L, table->slot_count * 2);
    struct string *s = mem_new(L, sizeof(struct string) + bytes + 1, KIND_STRING);
    s->bytes = (uint32_t)bytes;
    s->hash = hash;
    s->tag_ = LUA_TSTRING;
    s->marked_ = GC_CURRENT_WHITE(GLOBAL(L));
    s->flags = 0;
    memcpy(STRING_TEXT(s), text, bytes);
    STRING_TEXT(s)[bytes] = '\0';
    chain_put(table, slot_index(table, hash), s);
    table->string_count++;
    PROBE_STRING_NEW(L, STRING_TEXT(s), text, probes, origin);
    return s;
}

#ifdef FROST_PROBED
// The firmware compares a text with all strings in flash that it meets and that are as long, up to
// the one that is it: `found`, or NULL.
static void report_comparisons(lua_State *L, const char *text, uint32_t bytes, uint32_t hash,
                               const struct string *found)
{
    for (uint32_t i = 0; i < flash_regions.count; i++) {
        const struct flash_region *region = &flash_regions.items[i];
        if (region->id == REGION_FREEZER)
            return;
        const struct string *s = DEREF(region_slots(region)[hash & (region->slot_count - 1u)]);
        for (; s != NULL; s = (const struct string *)DEREF(s->next)) {
            if (s == found)
                return;
            if (s->bytes == bytes)
                PROBE_TEXTS_DIFFER(L, STRING_TEXT(s), text, bytes);
        }
    }
}
#else
#define report_comparisons(L, text, bytes, hash, found) ((void)0)
#endif

static inline struct string *intern(lua_State *L, const char *text, size_t bytes, unsigned origin)
{
    struct global_state *g = GLOBAL(L);
    unsigned probes = 0;
    uint32_t hash = string_hash(text, (uint32_t)bytes);
    struct string *s = chain_find(chain_of(&g->strings, hash), text, (uint32_t)bytes, hash,
                                  &probes);
    if (__builtin_expect(s != NULL, 1)) {
        if (GC_IS_DEAD(g, s))
            s->marked_ ^= MARK_WHITES; // it was to be swept: alive again
        PROBE_STRING_FOUND(L, STRING_TEXT(s), text, probes, PLACE_RAM, origin);
        return s;
    }
    s = str_find_flash(text, (uint32_t)bytes, hash, &probes);
    report_comparisons(L, text, (uint32_t)bytes, hash, s);
    if (s != NULL) {
        PROBE_STRING_FOUND(L, STRING_TEXT(s), text, probes, PLACE_FLASH, origin);
        return s;
    }
    return make(L, text, bytes, hash, probes, origin);
}

struct string *str_new(lua_State *L, const char *text, size_t bytes)
{
    return intern(L, text, bytes, PROBE_ORIGIN_OF(text));
}

struct string *str_new_z(lua_State *L, const char *text)
{
    size_t bytes = strlen(text);
    PROBE_TEXT_HASHED(L, text, bytes);
    return intern(L, text, bytes, PROBE_ORIGIN_OF(text));
}

struct string *str_new_constant(lua_State *L, const char *text, size_t bytes)
{
    return intern(L, text, bytes, TRACE_ORIGIN_DEVICE);
}

#ifdef FROST_PROBED
struct string *str_new_from(lua_State *L, const char *text, size_t bytes, unsigned origin)
{
    return intern(L, text, bytes, origin);
}
#endif

struct string *str_find(lua_State *L, const char *text, size_t bytes)
{
    const struct global_state *g = GLOBAL(L);
    unsigned probes = 0;
    uint32_t hash = string_hash(text, (uint32_t)bytes);
    struct string *s = chain_find(chain_of(&g->strings, hash), text, (uint32_t)bytes, hash,
                                  &probes);
    return s != NULL ? s : str_find_flash(text, (uint32_t)bytes, hash, &probes);
}

void str_fix(struct string *s)
{
    if (!IN_WINDOW(s))
        s->marked_ |= MARK_FIXED;
}

void str_free(lua_State *L, struct string *s)
{
    GLOBAL(L)->strings.string_count--;
    MEM_FREE(L, s, sizeof(struct string) + s->bytes + 1, KIND_STRING);
}

// ---- userdata ----

struct userdata *userdata_new(lua_State *L, size_t bytes, struct table *environment)
{
    if (bytes > (size_t)INT32_MAX - sizeof(struct userdata))
        mem_raise_too_big(L);
    struct userdata *u = mem_new(L, sizeof(struct userdata) + bytes, KIND_USERDATA);
    u->pad_ = 0;
    u->pad2_ = 0;
    u->bytes = (uint32_t)bytes;
    REF_NULL(u->metatable);
    REF_SET(u->environment, environment);
    gc_link_userdata(L, u);
    return u;
}
