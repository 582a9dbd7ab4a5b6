// rotable.c: looking up in read-only tables, and traversing them.
//
// Reads and writes: entries (read only); a look-aside cache of its own, outside the heap and both
// ledgers. Memory: 768 bytes of static storage, and the string of each key that a traversal gives.
// Source: order of entries and meaning: runtime/core/rotable.h; 32 x 4 cache lines as in the
// firmware.

#include "runtime/core/debug.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"

#define CACHE_LINES 32
#define CACHE_WAYS 4

// Where a key was found. Strings come and go, so a hit is checked against the entry's key.
struct cache_slot {
    uint32_t table; // address
    uint16_t hash;  // high half
    uint8_t idx;
};

static struct cache_slot cache[CACHE_LINES][CACHE_WAYS];
static uint8_t cache_turn[CACHE_LINES]; // the way to use next

// Keys of programs may hold NULs, keys of entries end with one.
static int is_key(const char *key, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (text_char(key, i) != text_char(text, i) || text_char(key, i) == '\0')
            return 0;
    return text_char(key, bytes) == '\0';
}

static const struct rotable_entry *find_in_entries(const struct rotable *t, const char *text,
                                                   size_t bytes)
{
    const struct rotable_entry *e = t->entries;
    char first = text_char(text, 0);
    for (; e->key != NULL; e++) {
        if (text_char(e->key, 0) != first) {
            if (first == '_')
                return NULL; // such keys come first
            continue;
        }
        if (is_key(e->key, text, bytes))
            return e;
    }
    return NULL;
}

static const struct rotable_entry *find(const struct rotable *t, const struct string *key)
{
    const char *text = STRING_TEXT(key);
    if (key->bytes > ROTABLE_KEY_CHARS_MAX || key->bytes == 0)
        return NULL;
    uint32_t line = (key->hash ^ ADDR32(t) >> 4) % CACHE_LINES;
    for (int way = 0; way < CACHE_WAYS; way++) {
        const struct cache_slot *slot = &cache[line][way];
        if (slot->table == ADDR32(t) && slot->hash == key->hash >> 16 &&
            is_key(t->entries[slot->idx].key, text, key->bytes))
            return &t->entries[slot->idx];
    }
    const struct rotable_entry *e = find_in_entries(t, text, key->bytes);
    if (e == NULL)
        return NULL;
    struct cache_slot *slot = &cache[line][cache_turn[line]++ % CACHE_WAYS];
    slot->table = ADDR32(t);
    slot->hash = (uint16_t)(key->hash >> 16);
    slot->idx = (uint8_t)(e - t->entries);
    return e;
}

static void to_value(const struct rotable_value *from, struct value *to)
{
    to->tag = from->tag;
    switch (from->tag) {
    case ROTABLE_TAG_NUMBER:
        to->as.number = from->as.number;
        break;
    case ROTABLE_TAG_FUNCTION:
        to->as.pointer = ADDR32(from->as.function);
        break;
    case ROTABLE_TAG_TABLE:
        to->as.pointer = ADDR32(from->as.table);
        break;
    default:
        to->as.pointer = ADDR32(from->as.pointer);
        break;
    }
}

const struct value *rotable_place(const struct rotable *t, const struct string *key)
{
#ifdef FROST_INTEGER
    (void)t;
    (void)key;
    return NULL; // values of entries are laid out for the machine's pointers
#else
    _Static_assert(sizeof(struct rotable_value) == sizeof(struct value) &&
                       offsetof(struct rotable_value, tag) == offsetof(struct value, tag),
                   "an entry's value is one of Lua's, little-endian");
    const struct rotable_entry *e = find(t, key);
    return e ? (const struct value *)(const void *)&e->value : NULL;
#endif
}

int rotable_get_string(const struct rotable *t, const struct string *key, struct value *result)
{
    const struct rotable_entry *e = find(t, key);
    if (e == NULL)
        return 0;
    to_value(&e->value, result);
    return 1;
}

int rotable_get(const struct rotable *t, const struct value *key, struct value *result)
{
    return VALUE_IS_STRING(key) && rotable_get_string(t, VALUE_STRING(key), result);
}

int rotable_next(lua_State *L, const struct rotable *t, struct value *key)
{
    const struct rotable_entry *e = t->entries;
    if (!VALUE_IS_NIL(key)) {
        e = VALUE_IS_STRING(key) ? find(t, VALUE_STRING(key)) : NULL;
        if (e == NULL)
            debug_run_error(L, "invalid key to 'next'");
        e++;
    }
    if (e->key == NULL)
        return 0;
    GLOBAL(L)->stack_fixed++; // `key` is a slot of a stack
    struct string *s = str_new_z(L, e->key);
    GLOBAL(L)->stack_fixed--;
    value_set_pointer(&key[0], s, LUA_TSTRING);
    to_value(&e->value, &key[1]);
    return 1;
}
