// stream.h: buffered input from a lua_Reader, and the growing buffer of lexer and loader.

#ifndef FROST_CORE_STREAM_H
#define FROST_CORE_STREAM_H

#include "runtime/core/state.h"

#define STREAM_END (-1)

struct stream {
    lua_State *L;
    lua_Reader reader;
    void *data;
    const char *at;
    size_t left;
    size_t offset; // bytes of all pieces so far, the current one included
};

// Bytes taken so far: for messages and for alignment.
static inline size_t stream_position(const struct stream *s)
{
    return s->offset - s->left;
}

void stream_init(lua_State *L, struct stream *s, lua_Reader reader, void *data);
// Next piece from the reader: its first character (consumed) or STREAM_END.
int stream_fill(struct stream *s);
// Looks at the next character without taking it.
int stream_peek(struct stream *s);
// Copies n bytes; returns how many are missing.
size_t stream_read(struct stream *s, void *to, size_t n);

static inline int stream_get(struct stream *s)
{
    if (s->left == 0)
        return stream_fill(s);
    s->left--;
    return (unsigned char)*s->at++;
}

// A buffer of the Lua heap (ledger: KIND_BUFFER).
#define BUFFER_BYTES_MIN 32
// Resizes to exactly `bytes` (0 frees).
void buffer_resize(lua_State *L, struct text_buffer *b, size_t bytes);
// Room for n bytes, at least BUFFER_BYTES_MIN; grows to exactly n; never shrinks. Returns the text.
// Sets `used` to n, which keeps the collector from halving the shared buffer (global_state.buffer);
// the caller sets `used` to 0 when the text is not needed any more (after the string is made).
char *buffer_room(lua_State *L, struct text_buffer *b, size_t n);

#endif
