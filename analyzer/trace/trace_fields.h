// trace_fields.h: the fields of events as data, for code that treats all events alike (text form,
// comparison of traces). The fast way is struct trace_event itself.
//
// Memory: static tables made from runtime/format/trace_events.h.

#ifndef FROST_TRACE_FIELDS_H
#define FROST_TRACE_FIELDS_H

#include "analyzer/trace/trace_reader.h"

struct trace_field {
    const char *name;
    const char *const *words; // of an enum, by value; else NULL
    uint32_t word_count;
    uint16_t event_off; // in struct trace_event
    uint8_t bytes;      // 1, 2, 4, 8; 0: a tail, a struct text
};

// The fields of event `id` in their order; *count 0 for an unknown id.
const struct trace_field *trace_fields(uint32_t id, size_t *count);

// The id of an event by name, -1 if there is none.
int trace_event_find(struct text name);

// Value of a field that is no tail.
uint64_t trace_field_get(const struct trace_event *event, const struct trace_field *field);
// Stores the low bytes of `value`.
void trace_field_set(struct trace_event *event, const struct trace_field *field, uint64_t value);

// The tail of a tail field.
struct text *trace_field_tail(struct trace_event *event, const struct trace_field *field);

// True if the field holds an address or hash and is best shown in hexadecimal.
bool trace_field_is_hex(const struct trace_field *field);

#endif
