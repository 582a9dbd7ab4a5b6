// trace_layout.h: how events lie in a trace, from its own metadata.
//
// Reads: TSDL as trace_tsdl.c writes it or wrote it: integers, enums, one tail at the end of an
// event. Anything else is refused; packets and event headers must be as ours are or were.
// Memory: tables in the arena; names point into the metadata.

#ifndef FROST_TRACE_LAYOUT_H
#define FROST_TRACE_LAYOUT_H

#include "analyzer/base/arena.h"
#include "analyzer/base/text.h"

#define TRACE_LAYOUT_ID_MAX 4095u // of events

struct trace_layout_enum {
    struct text *words; // by value
    uint32_t count;     // at most 256
};

struct trace_layout_field {
    struct text name;                      // without the underscore in front
    const struct trace_layout_enum *words; // NULL: a plain integer
    uint32_t bit_off;                      // from the end of the header
    uint8_t bits;                          // in one byte, or 8, 16, 32, 64 at a byte's start
    bool is_tail;                          // these are its length; its bytes follow all fields
};

struct trace_layout_event {
    uint32_t id;
    struct text name;
    struct trace_layout_field *fields;
    uint32_t field_count;
    uint32_t body_bytes; // of all fields, without what is in a tail
};

struct trace_layout {
    uint8_t uuid[16];
    bool has_extended; // event headers may be extended ones
    struct trace_layout_event *events;
    uint32_t event_count;
};

// Takes metadata apart.
//
// *line   where it stopped, from 1.
// Errors: STATUS_VERSION it says something that is not known here.
int trace_layout_read(struct arena *arena, struct text metadata, struct trace_layout *layout,
                      unsigned *line) __attribute__((warn_unused_result));

#endif
