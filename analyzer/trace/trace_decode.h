// trace_decode.h: one event from bytes: the innermost step of the reader and of collectors.
//
// Reads: bytes of a packet. Memory: none; tails point into those bytes.

#ifndef FROST_TRACE_DECODE_H
#define FROST_TRACE_DECODE_H

#include "analyzer/trace/trace_reader.h"

// What trace_decode says if it is not the size of an event.
#define TRACE_DECODE_SHORT 0    // the event ends behind `left`
#define TRACE_DECODE_BAD_ID (-1)
#define TRACE_DECODE_BAD_VALUE (-2) // a value outside its enum

static inline int trace_is_over(uint32_t value, uint32_t limit)
{
    return limit != 0 && value >= limit;
}

// Decodes the event at `at`, of which at most `left` bytes exist, into all members of `event` but
// `serial`. `event->clock` holds the time of the event before and is moved on.
//
// Result: bytes of the event, or one of TRACE_DECODE_*.
static inline int32_t trace_decode(const uint8_t *at, size_t left, struct trace_event *event)
{
    uint32_t header;
    if (left < sizeof header)
        return TRACE_DECODE_SHORT;
    memcpy(&header, at, sizeof header);
    event->id = header & TRACE_ID_MASK;
    event->clock += ((header >> TRACE_ID_BITS) - (uint32_t)event->clock) & TRACE_STAMP_MASK;
    size_t bytes;
    int is_bad = 0;
#define DECODE_FIELD(type, field)                                                                 \
    out->field = in->field;                                                                       \
    is_bad |= trace_is_over((uint32_t)in->field, TRACE_LIMIT_##type);
#define DECODE_TAIL(field)                                                                        \
    out->field.data = (const char *)(in + 1);                                                     \
    out->field.bytes = in->field##_bytes;                                                         \
    bytes += in->field##_bytes;                                                                   \
    if (left < bytes)                                                                             \
        return TRACE_DECODE_SHORT;
#define DECODE_EVENT(number, name, fields)                                                        \
    case number: {                                                                                \
        const struct trace_wire_##name *in = (const void *)at;                                    \
        struct trace_event_##name *out = &event->name;                                            \
        bytes = sizeof *in;                                                                       \
        if (left < bytes)                                                                         \
            return TRACE_DECODE_SHORT;                                                            \
        fields break;                                                                             \
    }
    switch (event->id) {
        TRACE_EVENTS(DECODE_EVENT, DECODE_FIELD, DECODE_TAIL)
    default:
        return TRACE_DECODE_BAD_ID;
    }
#undef DECODE_FIELD
#undef DECODE_TAIL
#undef DECODE_EVENT
    return is_bad ? TRACE_DECODE_BAD_VALUE : (int32_t)bytes;
}

#endif
