// trace_pieces.h: inputs and outputs of a trace, which come in pieces, put together.
//
// Feed every event to trace_pieces_add(). Memory: one buffer each in the arena, as long as the
// longest input and output, at most TRACE_PIECES_BYTES_MAX.

#ifndef FROST_TRACE_PIECES_H
#define FROST_TRACE_PIECES_H

#include "analyzer/trace/trace_reader.h"

#define TRACE_PIECES_BYTES_MAX (64u << 20)

// An input or output (`id`: TRACE_ID_input, TRACE_ID_output) as a whole.
struct trace_whole {
    uint32_t id;
    uint32_t turn, object;
    uint8_t kind;     // enum trace_world
    struct text data; // until the next one of the same id
};

struct trace_piece_buffer {
    struct trace_whole whole;
    char *room;
    size_t room_bytes;
    uint32_t piece_next; // 0: none has begun
    bool is_skipping;    // a piece was missing: the rest is not wanted
};

struct trace_pieces {
    struct arena *arena;
    struct trace_piece_buffer buffers[2]; // of inputs, of outputs
    uint64_t incomplete;                  // at least so many lack a piece or are too long
};

void trace_pieces_init(struct trace_pieces *pieces, struct arena *arena);

// Takes an event in. Result: true, and *whole, if it ends an input or output.
bool trace_pieces_add(struct trace_pieces *pieces, const struct trace_event *event,
                      struct trace_whole *whole);

// No more comes: what has begun is incomplete.
void trace_pieces_end(struct trace_pieces *pieces);

#endif
