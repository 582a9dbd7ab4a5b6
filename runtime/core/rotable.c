// rotable.c: looking up in read-only tables, and traversing them.
//
// Reads and writes: entries (read only); a look-aside cache of its own, outside the heap and both
// ledgers. Memory: 0.9 KB of static storage, and the string of each key that a traversal gives.
// Source: order of entries and meaning: runtime/core/rotable.h; 32 x 4 cache lines as in the
// firmware.

#include <assert.h>
#include <string.h>

#include "runtime/core/debug.h"
#include "runtime/core/str.h"
#include "runtime/core/table.h"

#define CACHE_LINES 32
#define CACHE_WAYS 4

// Where keys were found. Strings come and go, so a hit is checked against the entry's key. Arrays,
// because records would have padding.
static struct {
    uint32_t table[CACHE_LINES][CACHE_WAYS]; // address
    uint16_t hash[CACHE_LINES][CACHE_WAYS];  // high half
    uint8_t idx[CACHE_LINES][CACHE_WAYS];
    uint8_t turn[CACHE_LINES]; // the way to use next
} cache;

static struct {
    const struct rotable *table, *more;
} extensions[ROTABLE_EXTENSIONS_MAX];
static unsigned extension_count;

static const struct rotable_entry *hidden[ROTABLE_HIDDEN_MAX];
static unsigned hidden_count;

const struct rotable_observer *rotable_observer;

void rotable_extend(const struct rotable *t, const struct rotable *more)
{
    assert(extension_count < ROTABLE_EXTENSIONS_MAX);
    extensions[extension_count].table = t;
    extensions[extension_count++].more = more;
}

void rotable_hide(const struct rotable *t, const char *key)
{
    const struct rotable_entry *e = t->entries;
    while (e->key && strcmp(e->key, key) != 0)
        e++;
    assert(e->key && hidden_count < ROTABLE_HIDDEN_MAX);
    hidden[hidden_count++] = e;
}

static int is_hidden(const struct rotable_entry *e)
{
    for (unsigned i = 0; i < hidden_count; i++)
        if (hidden[i] == e)
            return 1;
    return 0;
}

static const struct rotable *extension_of(const struct rotable *t)
{
    for (unsigned i = 0; i < extension_count; i++)
        if (extensions[i].table == t)
            return extensions[i].more;
    return NULL;
}

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
            return is_hidden(e) ? NULL : e;
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
        const struct rotable_entry *kept = &t->entries[cache.idx[line][way]];
        if (cache.table[line][way] == ADDR32(t) && cache.hash[line][way] == key->hash >> 16 &&
            is_key(kept->key, text, key->bytes))
            return kept;
    }
    const struct rotable_entry *e = find_in_entries(t, text, key->bytes);
    if (e == NULL) {
        const struct rotable *more = extension_of(t);
        return more ? find_in_entries(more, text, key->bytes) : NULL;
    }
    int way = cache.turn[line]++ % CACHE_WAYS;
    cache.table[line][way] = ADDR32(t);
    cache.hash[line][way] = (uint16_t)(key->hash >> 16);
    cache.idx[line][way] = (uint8_t)(e - t->entries);
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
    while (e->key && is_hidden(e))
        e++;
    const struct rotable *more = e == t->entries + t->entry_count ? extension_of(t) : NULL;
    if (more)
        e = more->entries;
    if (e->key == NULL)
        return 0;
    GLOBAL(L)->stack_fixed++; // `key` is a slot of a stack
    struct string *s = str_new_z(L, e->key);
    GLOBAL(L)->stack_fixed--;
    value_set_pointer(&key[0], s, LUA_TSTRING);
    to_value(&e->value, &key[1]);
    return 1;
}
