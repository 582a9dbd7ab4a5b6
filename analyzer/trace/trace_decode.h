// trace_decode.h: one event from bytes: the innermost step of the reader and of collectors.
//
// Reads: bytes of a packet. Memory: none; tails point into those bytes.

#ifndef FROST_TRACE_DECODE_H
#define FROST_TRACE_DECODE_H

#include "analyzer/trace/trace_reader.h"

// What trace_decode says if it is not the size of an event.
#define TRACE_DECODE_SHORT 0 // the event ends behind `left`
#define TRACE_DECODE_BAD_ID (-1)
#define TRACE_DECODE_BAD_VALUE (-2) // a value outside its enum or over its limit
#define TRACE_DECODE_BAD_CLOCK (-3) // an extended header's clock is before the last event's

static inline int trace_is_over(uint32_t value, uint32_t limit)
{
    return limit != 0 && value >= limit;
}

// Cases of a switch that decode fields and tail of the event at `at`, whose header is
// `header_bytes` long.
#define DECODE_FIELD(type, field)                                                                  \
    out->field = in->field;                                                                        \
    is_bad |= trace_is_over((uint32_t)in->field, TRACE_LIMIT(type));
#define DECODE_TAIL(field)                                                                         \
    out->field.data = (const char *)(in + 1);                                                      \
    out->field.bytes = in->field##_bytes;                                                          \
    bytes += in->field##_bytes;                                                                    \
    if (left < bytes)                                                                              \
        return TRACE_DECODE_SHORT;
#define DECODE_EVENT(number, name, fields)                                                         \
    case number: {                                                                                 \
        const struct trace_body_##name *in = (const void *)(at + header_bytes);                    \
        struct trace_event_##name *out = &event->name;                                             \
        bytes = header_bytes + sizeof *in;                                                         \
        if (left < bytes)                                                                          \
            return TRACE_DECODE_SHORT;                                                             \
        fields break;                                                                              \
    }

// As trace_decode, for an event with an extended header: rare, and kept out of the way of the
// others.
int32_t trace_decode_extended(const uint8_t *at, size_t left, struct trace_event *event);

// Decodes the event at `at`, of which at most `left` bytes exist, into all members of `event` but
// `serial`. `event->clock` holds the time of the event before and is moved on.
//
// Result: bytes of the event, or one of TRACE_DECODE_*.
__attribute__((always_inline)) static inline int32_t trace_decode(const uint8_t *at, size_t left,
                                                                  struct trace_event *event)
{
    uint32_t header;
    const size_t header_bytes = sizeof header;
    if (left < header_bytes)
        return TRACE_DECODE_SHORT;
    memcpy(&header, at, header_bytes);
    event->id = header & TRACE_ID_MASK;
    const uint64_t before = event->clock;
    event->clock += ((header >> TRACE_ID_BITS) - (uint32_t)before) & TRACE_STAMP_MASK;
    size_t bytes;
    int is_bad = 0;
    switch (event->id) {
        TRACE_COMPACT_EVENTS(DECODE_EVENT, DECODE_FIELD, DECODE_TAIL)
    case TRACE_ID_EXTENDED:
        event->clock = before;
        return trace_decode_extended(at, left, event);
    default:
        return TRACE_DECODE_BAD_ID;
    }
    return is_bad ? TRACE_DECODE_BAD_VALUE : (int32_t)bytes;
}

// As trace_decode for who only wants to know that an event is sound, which it is, and where the
// next one begins. The clock of an extended header is not looked at.
static inline int32_t trace_skim(const uint8_t *at, size_t left, uint32_t *id)
{
    uint32_t header;
    const size_t header_bytes = sizeof header;
    size_t bytes;
    int is_bad = 0;
    if (left < header_bytes)
        return TRACE_DECODE_SHORT;
    memcpy(&header, at, header_bytes);
    *id = header & TRACE_ID_MASK;
#define SKIM_FIELD(type, field) is_bad |= trace_is_over((uint32_t)in->field, TRACE_LIMIT(type));
#define SKIM_TAIL(field)                                                                           \
    bytes += in->field##_bytes;                                                                    \
    if (left < bytes)                                                                              \
        return TRACE_DECODE_SHORT;
#define SKIM_EVENT(number, name, fields)                                                           \
    case number: {                                                                                 \
        const struct trace_body_##name *in = (const void *)(at + header_bytes);                    \
        bytes = header_bytes + sizeof *in;                                                         \
        if (left < bytes)                                                                          \
            return TRACE_DECODE_SHORT;                                                             \
        fields break;                                                                              \
    }
    switch (*id) {
        TRACE_COMPACT_EVENTS(SKIM_EVENT, SKIM_FIELD, SKIM_TAIL)
    case TRACE_ID_EXTENDED: {
        struct trace_event event = {.clock = 0};
        int32_t extended_bytes = trace_decode_extended(at, left, &event);
        *id = event.id;
        return extended_bytes;
    }
    default:
        return TRACE_DECODE_BAD_ID;
    }
#undef SKIM_FIELD
#undef SKIM_TAIL
#undef SKIM_EVENT
    return is_bad ? TRACE_DECODE_BAD_VALUE : (int32_t)bytes;
}

// ---- passing over ----

struct trace_pass {
    uint8_t bytes; // of an event without its tail; 0: there is no such event
    uint8_t has_tail;
};

// By the 5 bits of an event's header.
static const struct trace_pass trace_pass[TRACE_ID_MASK + 1] = {
#define PASS_NOTHING(...)
#define PASS_TAIL(...) +1
#define PASS_EVENT(number, name, fields) [number] = {sizeof(struct trace_wire_##name), 0 fields},
    TRACE_COMPACT_EVENTS(PASS_EVENT, PASS_NOTHING, PASS_TAIL)
#undef PASS_NOTHING
#undef PASS_TAIL
#undef PASS_EVENT
};

// That many bytes at an event are enough for trace_pass_bytes(): no event without its tail is
// longer.
#define TRACE_PASS_BYTES_MIN 64u

// Size of the event at `at` with its tail, 0 if the reader has to look itself.
static inline size_t trace_pass_bytes(const uint8_t *at, uint32_t id)
{
    const struct trace_pass *pass = &trace_pass[id];
    uint16_t tail_bytes = 0;
    if (pass->has_tail)
        memcpy(&tail_bytes, at + pass->bytes - sizeof tail_bytes, sizeof tail_bytes);
    return pass->bytes + (size_t)tail_bytes;
}

#endif
