// replay_shuffle.c: see replay_shuffle.h.

#include "runtime/world/host/replay_shuffle.h"

#include <stdlib.h>
#include <string.h>

struct line {
    const uint8_t *data;
    size_t bytes;
};

int replay_shuffle_add(struct replay_shuffle *shuffle, const void *data, size_t bytes)
{
    if (bytes > sizeof shuffle->data - shuffle->bytes)
        return 0;
    memcpy(shuffle->data + shuffle->bytes, data, bytes);
    shuffle->bytes += bytes;
    return 1;
}

static int compare_lines(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int order = memcmp(x->data, y->data, x->bytes < y->bytes ? x->bytes : y->bytes);
    return order ? order : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

// The lines of a text, sorted. Result: how many; `lines` has room for one a byte.
static size_t sort_lines(const uint8_t *text, size_t bytes, struct line *lines)
{
    size_t count = 0;
    for (size_t at = 0; at < bytes;) {
        const uint8_t *end = memchr(text + at, '\n', bytes - at);
        size_t length = end ? (size_t)(end - text) + 1 - at : bytes - at;
        lines[count++] = (struct line){text + at, length};
        at += length;
    }
    qsort(lines, count, sizeof *lines, compare_lines);
    return count;
}

static int are_equal(const struct line *a, const struct line *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (compare_lines(&a[i], &b[i]) != 0)
            return 0;
    return 1;
}

int replay_shuffle_is_equal(const struct replay_shuffle *shuffle, const uint8_t *recorded,
                            size_t bytes)
{
    if (bytes != shuffle->equal_bytes + shuffle->bytes)
        return 0;
    uint8_t *now = malloc(bytes);
    struct line *lines = malloc(2 * bytes * sizeof *lines);
    int is_equal = 0;
    if (now && lines) {
        memcpy(now, recorded, shuffle->equal_bytes);
        memcpy(now + shuffle->equal_bytes, shuffle->data, shuffle->bytes);
        size_t count = sort_lines(now, bytes, lines);
        is_equal = count == sort_lines(recorded, bytes, lines + bytes) &&
                   are_equal(lines, lines + bytes, count);
    }
    free(now);
    free(lines);
    return is_equal;
}
