// trace_tsdl.h: the description of the trace format that babeltrace2 and Trace Compass read.

#ifndef FROST_TRACE_TSDL_H
#define FROST_TRACE_TSDL_H

#include <stdint.h>
#include <stdio.h>

// A uuid in its usual form, 36 characters and NUL.
#define TRACE_UUID_CHARS 37
void trace_uuid_text(const uint8_t uuid[16], char text[TRACE_UUID_CHARS]);

// What stands after the uuid in the block `trace`, and in the block `stream`: with event headers
// of one kind, as it was at first, and with extended ones, as it is written now.
extern const char trace_tsdl_packet_header[];
extern const char *const trace_tsdl_stream[2];

// Writes the `metadata` of a trace (TSDL, CTF 1.8) from the event table. `version` is Frostline's.
// The same version writes the same bytes. Errors: those of the stream, tested by the caller.
void trace_tsdl_write(FILE *out, const char *version);

#endif
