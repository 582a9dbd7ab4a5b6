// trace_fields.h: the fields of events as data, for code that treats all events alike (text form,
// comparison of traces). The fast way is struct trace_event itself.
//
// Memory: static tables made from runtime/format/trace_events.h.

#ifndef FROST_TRACE_FIELDS_H
#define FROST_TRACE_FIELDS_H

#include <stdio.h>

#include "analyzer/trace/trace_reader.h"

struct trace_field {
    const char *name;
    const char *type;         // of trace_events.h: "u32", "kind" ...; "tail"
    const char *const *words; // of an enum, by value; else NULL
    uint32_t limit;           // values are below; of an enum the number of words; 0: none
    uint16_t event_off;       // in struct trace_event
    uint8_t bytes;            // of the member: 1, 2, 4, 8; 0: a tail, a struct text
    uint8_t bits;             // that the value may have
};

// The enums, ended by a row without a name.
struct trace_enum {
    const char *type;
    const char *const *words;
    uint32_t count;
    uint32_t bits;
};
extern const struct trace_enum trace_enums[];

// The fields of event `id` in their order; *count 0 for an unknown id.
const struct trace_field *trace_fields(uint32_t id, size_t *count);

// The id of an event by name, -1 if there is none.
int trace_event_find(struct text name);

// The field of that name, or of that name in an older schema; NULL if there is none.
const struct trace_field *trace_field_find(uint32_t id, struct text name);

// Value of a field that is no tail.
uint64_t trace_field_get(const struct trace_event *event, const struct trace_field *field);
// Stores the low bytes of `value`.
void trace_field_set(struct trace_event *event, const struct trace_field *field, uint64_t value);

// The tail of a tail field.
struct text *trace_field_tail(struct trace_event *event, const struct trace_field *field);

// Is the field a set of TRACE_ORIGINS? As text: its words with commas, in quotes.
bool trace_field_is_set(const struct trace_field *field);
void trace_set_print(uint64_t set, FILE *out);
// Errors: STATUS_DAMAGED an unknown word.
int trace_set_parse(struct text words, uint64_t *set) __attribute__((warn_unused_result));

// True if the field holds an address or hash and is best shown in hexadecimal.
bool trace_field_is_hex(const struct trace_field *field);

#endif
