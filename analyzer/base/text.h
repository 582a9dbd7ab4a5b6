// text.h: a run of bytes by pointer and length; no NUL needed, none counted.
//
// Memory: never owned; the function that hands out a text says how long it lives.

#ifndef FROST_BASE_TEXT_H
#define FROST_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *data; // may be NULL if bytes is 0
    size_t bytes;
};

// A text over a string literal, for static initialisers.
#define TEXT_INIT(literal)                                                                         \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

// The two arguments that "%.*s" takes.
#define TEXT_ARGS(text) (int)(text).bytes, (text).data

// The text of a C string; NULL gives the empty text.
static inline struct text text_of(const char *string)
{
    struct text text = {string, string ? strlen(string) : 0};
    return text;
}

static inline bool text_is_equal(struct text a, struct text b)
{
    return a.bytes == b.bytes && (a.bytes == 0 || memcmp(a.data, b.data, a.bytes) == 0);
}

// Order by unsigned bytes, a prefix before what it begins: negative, 0 or positive.
static inline int text_compare(struct text a, struct text b)
{
    size_t shared = a.bytes < b.bytes ? a.bytes : b.bytes;
    int order = shared ? memcmp(a.data, b.data, shared) : 0;
    if (order)
        return order;
    return (a.bytes > b.bytes) - (a.bytes < b.bytes);
}

static inline bool text_begins_with(struct text text, const char *head)
{
    size_t bytes = strlen(head);
    return text.bytes >= bytes && (bytes == 0 || memcmp(text.data, head, bytes) == 0);
}

static inline bool text_ends_with(struct text text, const char *tail)
{
    size_t bytes = strlen(tail);
    return text.bytes >= bytes &&
           (bytes == 0 || memcmp(text.data + text.bytes - bytes, tail, bytes) == 0);
}

// What follows the last '/' of a path.
static inline struct text text_base_name(struct text path)
{
    size_t begin = path.bytes;
    while (begin > 0 && path.data[begin - 1] != '/')
        begin--;
    return (struct text){path.data + begin, path.bytes - begin};
}

#endif
