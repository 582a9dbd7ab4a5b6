// arena.h: memory of analyses, given back all at once or down to a mark.
//
// An arena is a list of chunks of 1 MiB (objects of more than half of that get a chunk of their
// own), whose pages are taken from the system by and by, several at once. In sanitizer builds each
// object is a malloc() of its own, so that overruns are seen. Every arena counts against the
// process-wide limit of --max-memory; when that or the system's memory is used up the program ends
// with status 4 and says how much was asked for, so callers need no check.
// Memory: objects belong to the arena and are not freed one by one, but for arena_give_back().

#ifndef FROST_BASE_ARENA_H
#define FROST_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/text.h"

#define ARENA_CHUNK_BYTES ((size_t)1 << 20)

struct arena_chunk;

struct arena {
    struct arena_chunk *newest;
    struct arena_chunk *spare; // kept by a rewind for the next chunk, zeroed; or NULL
    uint64_t used_bytes;       // sum of the sizes asked for, rounded up to 16
};

// A position to go back to.
struct arena_mark {
    struct arena_chunk *chunk;
    size_t chunk_used;
    uint64_t used_bytes;
};

// Starts an empty arena; nothing is allocated yet.
void arena_init(struct arena *arena);

// Gives everything back; the arena is empty and usable afterwards.
void arena_deinit(struct arena *arena);

// `bytes` of zeroed memory, aligned to 16. 0 bytes give a valid pointer. Never returns NULL.
void *arena_alloc(struct arena *arena, size_t bytes) __attribute__((returns_nonnull, malloc));

// `count` zeroed items of `item_bytes`; the product is checked.
void *arena_alloc_array(struct arena *arena, size_t count, size_t item_bytes)
    __attribute__((returns_nonnull, malloc));

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_NEW_ARRAY(arena, type, count)                                                        \
    ((type *)arena_alloc_array((arena), (count), sizeof(type)))

// A larger copy of an array that lives in the arena; the old one stays where it is. Doubling keeps
// the waste below the size of the result.
void *arena_grow_array(struct arena *arena, const void *items, size_t count, size_t new_count,
                       size_t item_bytes) __attribute__((returns_nonnull));

// The same where nobody points into the old array, which is gone: a large one grows without a copy
// and without waste. `items` must not be older than a mark that is still to be rewound to.
void *arena_regrow_array(struct arena *arena, void *items, size_t count, size_t new_count,
                         size_t item_bytes) __attribute__((returns_nonnull));

// Gives back an object that nobody needs any more, if it is a large one.
void arena_give_back(struct arena *arena, void *object);

// Copies with a NUL after the last byte.
struct text arena_copy_text(struct arena *arena, struct text text);
char *arena_copy_string(struct arena *arena, const char *string);

// printf into the arena.
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));

// Marks the present state, and gives back everything allocated since.
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

// Limit over all arenas together, in bytes; 0 for none (the default).
void arena_set_memory_limit(uint64_t bytes);

// Bytes that all arenas together hold now.
uint64_t arena_total_bytes(void);

#endif
