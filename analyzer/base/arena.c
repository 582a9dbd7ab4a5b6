// arena.c: chunks of memory that are given back together.
//
// A chunk is a header followed by its bytes. In sanitizer builds a chunk holds exactly one object,
// so that a read after its end meets a red zone.

#include "analyzer/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/format/status.h"

#define ALIGNMENT ((size_t)16)

#if defined(__SANITIZE_ADDRESS__)
#define ONE_OBJECT_PER_CHUNK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ONE_OBJECT_PER_CHUNK 1
#endif
#endif
#ifndef ONE_OBJECT_PER_CHUNK
#define ONE_OBJECT_PER_CHUNK 0
#endif

struct arena_chunk {
    struct arena_chunk *older;
    size_t bytes; // of `data`
    size_t used;
    size_t unused; // keeps `data` aligned
    char data[];
};

_Static_assert(sizeof(struct arena_chunk) % ALIGNMENT == 0, "data of a chunk is aligned");

// Shared by all arenas, so that --max-memory bounds the process.
static atomic_uint_fast64_t total_bytes, limit_bytes;

void arena_set_memory_limit(uint64_t bytes)
{
    atomic_store(&limit_bytes, bytes);
}

uint64_t arena_total_bytes(void)
{
    return atomic_load(&total_bytes);
}

static void end_without_memory(size_t bytes, const char *reason)
{
    fprintf(stderr, "frost: out of memory: cannot allocate %zu bytes on top of %llu, %s\n", bytes,
            (unsigned long long)arena_total_bytes(), reason);
    exit(EXIT_STATUS_ENVIRONMENT);
}

static struct arena_chunk *create_chunk(struct arena *arena, size_t bytes)
{
    uint64_t limit = atomic_load(&limit_bytes);
    uint64_t total = atomic_load(&total_bytes);
    if (limit && (bytes > limit || total > limit - bytes))
        end_without_memory(bytes, "the limit is --max-memory");
    struct arena_chunk *chunk = calloc(1, sizeof *chunk + bytes);
    if (!chunk)
        end_without_memory(bytes, "the system has no more");
    chunk->bytes = bytes;
    chunk->older = arena->newest;
    arena->newest = chunk;
    atomic_fetch_add(&total_bytes, bytes);
    return chunk;
}

static void drop_newest(struct arena *arena)
{
    struct arena_chunk *chunk = arena->newest;
    arena->newest = chunk->older;
    atomic_fetch_sub(&total_bytes, chunk->bytes);
    free(chunk);
}

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void arena_deinit(struct arena *arena)
{
    while (arena->newest)
        drop_newest(arena);
    arena->used_bytes = 0;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        end_without_memory(bytes, "which no computer has");
    size_t rounded = bytes ? (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1) : ALIGNMENT;
    struct arena_chunk *chunk = arena->newest;
    arena->used_bytes += rounded;
    if (ONE_OBJECT_PER_CHUNK) {
        chunk = create_chunk(arena, bytes ? bytes : 1);
        chunk->used = chunk->bytes;
        return chunk->data;
    }
    if (!chunk || chunk->bytes - chunk->used < rounded)
        chunk = create_chunk(arena, rounded > ARENA_CHUNK_BYTES / 2 ? rounded : ARENA_CHUNK_BYTES);
    void *object = chunk->data + chunk->used;
    chunk->used += rounded;
    assert(chunk->used <= chunk->bytes);
    return object;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t item_bytes)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, item_bytes, &bytes))
        end_without_memory(SIZE_MAX, "which no computer has");
    return arena_alloc(arena, bytes);
}

void *arena_grow_array(struct arena *arena, const void *items, size_t count, size_t new_count,
                       size_t item_bytes)
{
    assert(new_count >= count);
    void *copy = arena_alloc_array(arena, new_count, item_bytes);
    if (count)
        memcpy(copy, items, count * item_bytes);
    return copy;
}

struct text arena_copy_text(struct arena *arena, struct text text)
{
    char *copy = arena_alloc(arena, text.bytes + 1);
    if (text.bytes)
        memcpy(copy, text.data, text.bytes);
    return (struct text){copy, text.bytes};
}

char *arena_copy_string(struct arena *arena, const char *string)
{
    return (char *)arena_copy_text(arena, text_of(string)).data;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    char *result = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(result, (size_t)length + 1, format, again);
    va_end(again);
    return result;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->newest, arena->newest ? arena->newest->used : 0,
                               arena->used_bytes};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->newest != mark.chunk) {
        assert(arena->newest);
        drop_newest(arena);
    }
    struct arena_chunk *chunk = arena->newest;
    if (chunk && chunk->used > mark.chunk_used) {
        // Objects come zeroed, also those that reuse this memory.
        memset(chunk->data + mark.chunk_used, 0, chunk->used - mark.chunk_used);
        chunk->used = mark.chunk_used;
    }
    arena->used_bytes = mark.used_bytes;
}
