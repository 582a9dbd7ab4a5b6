// text.h: bytes with a length, the form in which the analysis side passes strings around.
//
// Memory: a text points at bytes that somebody else owns; it never frees. No NUL is needed behind
// it, and NULs may be inside.

#ifndef FROST_BASE_TEXT_H
#define FROST_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *at;
    size_t bytes;
};

// A text over a string literal, also in static initialisers.
#define TEXT(literal) {(literal), sizeof(literal) - 1}

// The two arguments that "%.*s" takes.
#define TEXT_ARGS(text) (int)(text).bytes, (text).at

// The text over a C string; NULL gives the empty text.
static inline struct text text_from(const char *string)
{
    return (struct text){string, string ? strlen(string) : 0};
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.bytes == b.bytes && (a.bytes == 0 || memcmp(a.at, b.at, a.bytes) == 0);
}

// Order by unsigned bytes, a prefix before what it begins: negative, 0 or positive.
static inline int text_compare(struct text a, struct text b)
{
    size_t shared = a.bytes < b.bytes ? a.bytes : b.bytes;
    int order = shared ? memcmp(a.at, b.at, shared) : 0;
    if (order)
        return order;
    return (a.bytes > b.bytes) - (a.bytes < b.bytes);
}

static inline bool text_begins(struct text text, struct text head)
{
    return text.bytes >= head.bytes && (head.bytes == 0 || !memcmp(text.at, head.at, head.bytes));
}

static inline bool text_ends(struct text text, struct text tail)
{
    return text.bytes >= tail.bytes &&
           (tail.bytes == 0 || !memcmp(text.at + text.bytes - tail.bytes, tail.at, tail.bytes));
}

// What follows the last '/' of a path.
static inline struct text text_base_name(struct text path)
{
    for (size_t i = path.bytes; i > 0; i--)
        if (path.at[i - 1] == '/')
            return (struct text){path.at + i, path.bytes - i};
    return path;
}

// The Lua 5.1 string hash, which decides the slot in the RAM and flash string tables.
static inline uint32_t text_lua_hash(struct text text)
{
    uint32_t hash = (uint32_t)text.bytes;
    size_t step = (text.bytes >> 5) + 1;
    for (size_t i = text.bytes; i >= step; i -= step)
        hash ^= (hash << 5) + (hash >> 2) + (uint8_t)text.at[i - 1];
    return hash;
}

#endif
