// stream.c: buffered input from a lua_Reader; growing buffers.
//
// Reads and writes: the reader's pieces. Memory: buffers on the Lua heap, of exactly the size
// asked for (allocation policy of NodeMCU 3.0).

#include "runtime/core/stream.h"

#include <string.h>

#include "runtime/core/mem.h"

void stream_init(lua_State *L, struct stream *s, lua_Reader reader, void *data)
{
    s->L = L;
    s->reader = reader;
    s->data = data;
    s->at = NULL;
    s->left = 0;
    s->offset = 0;
}

// Gets the next piece; 0 at the end.
static int next_piece(struct stream *s)
{
    size_t bytes = 0;
    const char *piece = s->reader(s->L, s->data, &bytes);
    if (piece == NULL || bytes == 0)
        return 0;
    s->at = piece;
    s->left = bytes;
    s->offset += bytes;
    return 1;
}

int stream_fill(struct stream *s)
{
    if (!next_piece(s))
        return STREAM_END;
    s->left--;
    return (unsigned char)*s->at++;
}

int stream_peek(struct stream *s)
{
    if (s->left == 0 && !next_piece(s))
        return STREAM_END;
    return (unsigned char)*s->at;
}

size_t stream_read(struct stream *s, void *to, size_t n)
{
    char *at = to;
    while (n > 0) {
        if (s->left == 0 && !next_piece(s))
            return n;
        size_t some = n < s->left ? n : s->left;
        memcpy(at, s->at, some);
        s->at += some;
        s->left -= some;
        at += some;
        n -= some;
    }
    return 0;
}

void buffer_resize(lua_State *L, struct text_buffer *b, size_t bytes)
{
    char *text = mem_vector(L, DEREF(b->text), b->bytes, bytes, 1, KIND_BUFFER);
    REF_SET(b->text, text);
    b->bytes = (uint32_t)bytes;
}

char *buffer_room(lua_State *L, struct text_buffer *b, size_t n)
{
    b->used = (uint32_t)n; // from now on the collector leaves the buffer alone
    if (n > b->bytes)
        buffer_resize(L, b, n < BUFFER_BYTES_MIN ? BUFFER_BYTES_MIN : n);
    return DEREF(b->text);
}
