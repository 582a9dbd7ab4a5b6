// trace_decode.c: events with an extended header.
//
// Reads: bytes of a packet. Memory: none.

#include "analyzer/trace/trace_decode.h"

int32_t trace_decode_extended(const uint8_t *at, size_t left, struct trace_event *event)
{
    struct trace_extended_header header;
    const size_t header_bytes = sizeof header;
    if (left < header_bytes)
        return TRACE_DECODE_SHORT;
    memcpy(&header, at, header_bytes);
    event->id = header.id;
    if (header.clock < event->clock)
        return TRACE_DECODE_BAD_CLOCK;
    event->clock = header.clock;
    size_t bytes;
    int is_bad = 0;
    switch (event->id) {
        TRACE_EVENTS(DECODE_EVENT, DECODE_FIELD, DECODE_TAIL)
    default:
        return TRACE_DECODE_BAD_ID;
    }
    return is_bad ? TRACE_DECODE_BAD_VALUE : (int32_t)bytes;
}
