// trace_private.h: the inside of an open trace, shared by trace_reader.c and trace_run.c.

#ifndef FROST_TRACE_PRIVATE_H
#define FROST_TRACE_PRIVATE_H

#include "analyzer/trace/trace_reader.h"

struct trace {
    struct arena *arena;
    const char *directory; // the caller's
    int fd;                // of `events`
    bool sums;             // trace_sum() was called
    uint32_t crc;          // of the bytes that were read, if it was
    uint64_t crc_bytes;    // how many
    uint64_t file_bytes;
    struct problem problem;      // the first failure of trace_next
    uint8_t uuid[16];            // of its packets
    struct trace_schema *schema; // NULL: ours

    // The buffer holds bytes [buffer_off, buffer_off + buffer_used) of `events`.
    uint8_t *buffer;
    uint64_t buffer_off;
    size_t buffer_used;
    bool is_at_file_end;

    // The current packet, inside the buffer.
    const uint8_t *at;
    const uint8_t *content_end; // end of the content, or of the file in a packet that is cut off
    const uint8_t *fast_end;    // trace_next decodes up to here by itself: content_end, or nothing
    bool is_cut;                // the packet goes on after the end of the file
    bool has_ended;
    uint64_t next_off; // of the packet after it

    uint64_t event_count; // so far
    uint64_t clock;       // of the last one
    uint64_t serial;      // of the last block
    uint64_t packet_next; // expected sequence number
    uint32_t last_id;     // of the last event; TRACE_ID_LIMIT before the first
    struct trace_packet packet;
    struct trace_loss loss;
    const struct exclude *exclude;             // texts that are left out, NULL: none
    char stand_in[1 + EXCLUDE_STAND_IN_BYTES]; // of a tail, until the next event
    struct trace_run run;
};

// Reads .frost/run.json into trace->run. Errors: STATUS_DAMAGED, STATUS_IO; absent is no error.
int trace_run_read(struct trace *trace, struct problem *problem)
    __attribute__((warn_unused_result));
// Releases what jansson holds.
void trace_run_release(struct trace *trace);

#endif
