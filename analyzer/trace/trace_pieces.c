// trace_pieces.c: puts inputs and outputs together.
//
// Memory: buffers in the arena that double.

#include "analyzer/trace/trace_pieces.h"

void trace_pieces_init(struct trace_pieces *pieces, struct arena *arena)
{
    *pieces = (struct trace_pieces){.arena = arena};
}

static void give_up(struct trace_pieces *pieces, struct trace_piece_buffer *buffer)
{
    pieces->incomplete += buffer->piece_next != 0;
    buffer->piece_next = 0;
}

void trace_pieces_end(struct trace_pieces *pieces)
{
    give_up(pieces, &pieces->buffers[0]);
    give_up(pieces, &pieces->buffers[1]);
}

// Does the piece go on what has begun?
static bool continues(const struct trace_piece_buffer *buffer,
                      const struct trace_event_input *piece)
{
    const struct trace_whole *whole = &buffer->whole;
    return piece->piece == buffer->piece_next && piece->turn == whole->turn &&
           piece->object == whole->object && piece->kind == whole->kind;
}

static void append(struct trace_pieces *pieces, struct trace_piece_buffer *buffer,
                   struct text piece)
{
    struct text *data = &buffer->whole.data;
    size_t wanted = data->bytes + piece.bytes;
    if (wanted > buffer->room_bytes) {
        size_t room = buffer->room_bytes ? buffer->room_bytes : 4096;
        while (room < wanted)
            room *= 2;
        buffer->room = arena_grow_array(pieces->arena, buffer->room, buffer->room_bytes, room, 1);
        buffer->room_bytes = room;
    }
    if (piece.bytes)
        memcpy(buffer->room + data->bytes, piece.data, piece.bytes);
    *data = (struct text){buffer->room, wanted};
}

// What comes of it is not wanted any more.
static bool skip(struct trace_pieces *pieces, struct trace_piece_buffer *buffer,
                 const struct trace_event_input *piece)
{
    if (!buffer->is_skipping)
        pieces->incomplete++;
    buffer->piece_next = 0;
    buffer->is_skipping = !piece->is_last;
    return false;
}

static bool add(struct trace_pieces *pieces, struct trace_piece_buffer *buffer, uint32_t id,
                const struct trace_event_input *piece)
{
    if (piece->piece == 0) {
        give_up(pieces, buffer);
        buffer->is_skipping = false;
        buffer->whole = (struct trace_whole){
            .id = id, .turn = piece->turn, .object = piece->object, .kind = piece->kind};
    } else if (buffer->piece_next == 0 || !continues(buffer, piece)) {
        return skip(pieces, buffer, piece);
    }
    if (buffer->whole.data.bytes + piece->data.bytes > TRACE_PIECES_BYTES_MAX)
        return skip(pieces, buffer, piece);
    append(pieces, buffer, piece->data);
    buffer->piece_next = piece->is_last ? 0 : piece->piece + 1;
    return piece->is_last;
}

bool trace_pieces_add(struct trace_pieces *pieces, const struct trace_event *event,
                      struct trace_whole *whole)
{
    struct trace_event_input piece;
    if (event->id == TRACE_ID_input) {
        piece = event->input;
    } else if (event->id == TRACE_ID_output) {
        const struct trace_event_output *o = &event->output;
        piece = (struct trace_event_input){o->turn,  o->kind,    o->object,
                                           o->piece, o->is_last, o->data};
    } else {
        return false;
    }
    struct trace_piece_buffer *buffer = &pieces->buffers[event->id == TRACE_ID_output];
    if (!add(pieces, buffer, event->id, &piece))
        return false;
    *whole = buffer->whole;
    return true;
}
