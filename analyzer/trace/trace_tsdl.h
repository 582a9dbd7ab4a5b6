// trace_tsdl.h: the description of the trace format that babeltrace2 and Trace Compass read.

#ifndef FROST_TRACE_TSDL_H
#define FROST_TRACE_TSDL_H

#include <stdio.h>

// The uuid of the schema in its usual form, 36 characters and NUL.
#define TRACE_UUID_CHARS 37
void trace_tsdl_uuid(char text[TRACE_UUID_CHARS]);

// Writes the `metadata` of a trace (TSDL, CTF 1.8) from the event table. `version` is Frostline's.
// The same version writes the same bytes. Errors: those of the stream, tested by the caller.
void trace_tsdl_write(FILE *out, const char *version);

#endif
