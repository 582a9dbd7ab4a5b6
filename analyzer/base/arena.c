// arena.c: chunks of memory that are given back together.
//
// A chunk is a header and, elsewhere, its bytes, pages of the system's, so that an array with a
// chunk of its own grows without being copied. In sanitizer builds a chunk holds exactly one object
// of malloc(), so that a read after its end meets a red zone.

#include "analyzer/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

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

#define READY_BYTES_MIN ((size_t)16 << 10)     // asked of the system at once: as much as is ready,
#define READY_BYTES_MAX ((size_t)256 << 10)    // within these
#define HUGE_PAGES_BYTES_MIN ((size_t)4 << 20) // of an object that may have them

struct arena_chunk {
    struct arena_chunk *older;
    size_t bytes; // of `data`
    size_t used;
    size_t ready; // of `data`, from its beginning: has pages, or is to get them one by one
    bool is_own;  // of one object
    char *data;
};

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

// Address space for what the program does at its end: to remove its scratch directories takes some.
#define RESERVE_BYTES ((size_t)256 << 10)
static _Atomic(void *) reserve;

static void take_reserve(void)
{
    void *none = NULL, *pages;
    if (atomic_load(&reserve))
        return;
    pages = mmap(NULL, RESERVE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages != MAP_FAILED && !atomic_compare_exchange_strong(&reserve, &none, pages))
        munmap(pages, RESERVE_BYTES);
}

static void give_reserve(void)
{
    void *pages = atomic_exchange(&reserve, NULL);
    if (pages)
        munmap(pages, RESERVE_BYTES);
}

static void end_without_memory(size_t bytes, const char *reason)
{
    give_reserve();
    fprintf(stderr, "frost: out of memory: cannot allocate %zu bytes on top of %llu, %s\n", bytes,
            (unsigned long long)arena_total_bytes(), reason);
    exit(EXIT_STATUS_ENVIRONMENT);
}

static void check_limit(size_t bytes)
{
    uint64_t limit = atomic_load(&limit_bytes);
    uint64_t total = atomic_load(&total_bytes);
    if (limit && (bytes > limit || total > limit - bytes))
        end_without_memory(bytes, "the limit is --max-memory");
}

// ---- pages ----

// Zeroed memory; NULL if there is none.
static char *take_pages(size_t bytes)
{
    if (ONE_OBJECT_PER_CHUNK)
        return calloc(1, bytes);
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return NULL;
    if (bytes >= HUGE_PAGES_BYTES_MIN)
        (void)madvise(pages, bytes, MADV_HUGEPAGE);
    return pages;
}

static void give_pages(char *pages, size_t bytes)
{
    if (ONE_OBJECT_PER_CHUNK)
        free(pages);
    else
        munmap(pages, bytes);
}

// Lets the system give the next pages of a chunk at once: a page fault for each costs more than
// what is done with it.
static void make_ready(struct arena_chunk *chunk)
{
    while (chunk->ready < chunk->used) {
        size_t rest = chunk->bytes - chunk->ready, bytes = chunk->ready;
        bytes = bytes < READY_BYTES_MIN ? READY_BYTES_MIN : bytes;
        bytes = bytes > READY_BYTES_MAX ? READY_BYTES_MAX : bytes;
        bytes = bytes > rest ? rest : bytes;
        (void)madvise(chunk->data + chunk->ready, bytes, MADV_POPULATE_WRITE);
        chunk->ready += bytes;
    }
}

// ---- chunks ----

static struct arena_chunk *create_chunk(struct arena *arena, size_t bytes, bool is_own)
{
    check_limit(bytes);
    take_reserve();
    struct arena_chunk *chunk = calloc(1, sizeof *chunk);
    if (chunk)
        chunk->data = take_pages(bytes);
    if (!chunk || !chunk->data)
        end_without_memory(bytes, "the system has no more");
    chunk->bytes = bytes;
    chunk->ready = is_own ? bytes : 0;
    chunk->is_own = is_own;
    chunk->older = arena->newest;
    arena->newest = chunk;
    atomic_fetch_add(&total_bytes, bytes);
    return chunk;
}

// A chunk for objects that share one.
static struct arena_chunk *next_chunk(struct arena *arena)
{
    struct arena_chunk *chunk = arena->spare;
    if (!chunk)
        return create_chunk(arena, ARENA_CHUNK_BYTES, false);
    arena->spare = NULL;
    chunk->older = arena->newest;
    arena->newest = chunk;
    return chunk;
}

static void destroy_chunk(struct arena_chunk *chunk)
{
    atomic_fetch_sub(&total_bytes, chunk->bytes);
    if (chunk->data)
        give_pages(chunk->data, chunk->bytes);
    free(chunk);
}

// Objects come zeroed, also those that reuse memory.
static void shorten_chunk(struct arena_chunk *chunk, size_t used)
{
    memset(chunk->data + used, 0, chunk->used - used);
    chunk->used = used;
}

// Keeps one: taken from and given to the system over and over, a chunk costs more than what is
// done with it.
static void drop_newest(struct arena *arena)
{
    struct arena_chunk *chunk = arena->newest;
    arena->newest = chunk->older;
    if (chunk->is_own || arena->spare) {
        destroy_chunk(chunk);
    } else {
        shorten_chunk(chunk, 0);
        arena->spare = chunk;
    }
}

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void arena_deinit(struct arena *arena)
{
    while (arena->newest) {
        struct arena_chunk *chunk = arena->newest;
        arena->newest = chunk->older;
        destroy_chunk(chunk);
    }
    if (arena->spare)
        destroy_chunk(arena->spare);
    arena_init(arena);
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        end_without_memory(bytes, "which no computer has");
    size_t rounded = bytes ? (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1) : ALIGNMENT;
    struct arena_chunk *chunk = arena->newest;
    arena->used_bytes += rounded;
    bool is_own = ONE_OBJECT_PER_CHUNK || rounded > ARENA_CHUNK_BYTES / 2;
    if (is_own)
        chunk = create_chunk(arena, ONE_OBJECT_PER_CHUNK ? (bytes ? bytes : 1) : rounded, true);
    else if (!chunk || chunk->bytes - chunk->used < rounded)
        chunk = next_chunk(arena);
    void *object = chunk->data + chunk->used;
    chunk->used += is_own ? chunk->bytes : rounded;
    assert(chunk->used <= chunk->bytes);
    if (chunk->used > chunk->ready)
        make_ready(chunk);
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

// The chunk that has that object for itself; NULL if it shares one.
static struct arena_chunk *own_chunk(const struct arena *arena, const void *object)
{
    struct arena_chunk *chunk = arena->newest;
    while (chunk && (!chunk->is_own || chunk->data != object))
        chunk = chunk->older;
    return chunk;
}

// Other pages, with the same in them; NULL if there are none.
static char *change_pages(char *pages, size_t bytes, size_t new_bytes)
{
    if (!ONE_OBJECT_PER_CHUNK) {
        void *moved = mremap(pages, bytes, new_bytes, MREMAP_MAYMOVE);
        return moved == MAP_FAILED ? NULL : moved;
    }
    char *copy = calloc(1, new_bytes);
    if (copy) {
        memcpy(copy, pages, bytes);
        free(pages);
    }
    return copy;
}

void *arena_regrow_array(struct arena *arena, void *items, size_t count, size_t new_count,
                         size_t item_bytes)
{
    struct arena_chunk *chunk = own_chunk(arena, items);
    size_t bytes;
    assert(new_count >= count);
    if (!chunk || __builtin_mul_overflow(new_count, item_bytes, &bytes) || bytes <= chunk->bytes ||
        bytes > SIZE_MAX / 2)
        return arena_grow_array(arena, items, count, new_count, item_bytes);
    size_t more = bytes - chunk->bytes;
    check_limit(more);
    char *data = change_pages(chunk->data, chunk->bytes, bytes);
    if (!data)
        end_without_memory(more, "the system has no more");
    chunk->data = data;
    chunk->bytes = chunk->used = chunk->ready = bytes;
    arena->used_bytes += more;
    atomic_fetch_add(&total_bytes, more);
    return data;
}

void arena_give_back(struct arena *arena, void *object)
{
    struct arena_chunk *chunk = own_chunk(arena, object);
    if (!chunk)
        return;
    arena->used_bytes -= chunk->bytes;
    atomic_fetch_sub(&total_bytes, chunk->bytes);
    give_pages(chunk->data, chunk->bytes);
    chunk->data = NULL;
    chunk->bytes = chunk->used = chunk->ready = 0;
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
    if (chunk && chunk->used > mark.chunk_used)
        shorten_chunk(chunk, mark.chunk_used);
    arena->used_bytes = mark.used_bytes;
}
