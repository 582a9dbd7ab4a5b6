// replay_log.h: from a trace to the log that a replay reads.
//
// Reads: a trace. Writes: a file without a name below TMPDIR (/tmp), in the format of
// runtime/format/replay_log.h. Memory: as analyzer/trace/trace_pieces.h.

#ifndef FROST_JOB_REPLAY_LOG_H
#define FROST_JOB_REPLAY_LOG_H

#include "analyzer/trace/trace_reader.h"

// Makes the log of a trace that has just been opened.
//
// descriptor  the log, open for reading from its start; inherited by programs that are started.
// Errors: STATUS_USAGE the trace holds no inputs, or is of a device without probes; STATUS_DAMAGED
//         it is damaged, or something of it is lost; STATUS_LIMIT; STATUS_NO_SPACE, STATUS_IO.
int replay_log_write(struct arena *arena, struct trace *trace, const char *directory,
                     int *descriptor, struct problem *problem) __attribute__((warn_unused_result));

#endif
