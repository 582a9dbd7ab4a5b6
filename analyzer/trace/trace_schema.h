// trace_schema.h: reads events of other tables than ours: of older versions, and of newer ones as
// far as their metadata explains them.
//
// Memory: tables in the arena.

#ifndef FROST_TRACE_SCHEMA_H
#define FROST_TRACE_SCHEMA_H

#include "analyzer/trace/trace_reader.h"

struct trace_schema;

// Finds out from the metadata of a trace how its events are to be read.
//
// uuid     that of its packets.
// *schema  NULL if they are ours.
// Errors:  STATUS_VERSION the metadata does not explain them, or a field of ours is of another kind
//          there.
int trace_schema_open(struct arena *arena, struct text metadata, struct text file,
                      struct trace_schema **schema, uint8_t uuid[16], struct problem *problem)
    __attribute__((warn_unused_result));

// As trace_decode, for events of that schema. Fields that it does not have are 0. The id is
// TRACE_ID_LIMIT if the event is of a kind, or has a value, that is not known here: to be skipped.
int32_t trace_schema_decode(const struct trace_schema *schema, const uint8_t *at, size_t left,
                            struct trace_event *event);

// What our table has more than that of the uuid, for people; NULL if the uuid is not known here.
const char *trace_schema_known(const uint8_t uuid[16]);

#endif
