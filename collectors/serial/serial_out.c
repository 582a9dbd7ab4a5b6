// serial_out.c: packets of the trace, and events of consumers into them.
//
// Writes: `events` of the directory. Memory: one packet. Source: runtime/format/trace.h.

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/trace/trace_writer.h"
#include "collectors/serial/serial_private.h"

uint64_t serial_out_discarded(const struct serial_recorder *recorder)
{
    return recorder->boot.discarded_base + recorder->boot.discarded + recorder->line_events_lost +
           recorder->consumer_lost;
}

void serial_out_begin(struct serial_recorder *recorder, const struct trace_packet_header *header)
{
    struct serial_out *out = &recorder->out;
    assert(out->used == 0);
    assert(header->timestamp_begin >= out->clock_end);
    assert(header->packet_seq_num >= out->sequence);
    out->header = *header;
    out->header.magic = TRACE_MAGIC;
    trace_schema_uuid(out->header.uuid);
    out->header.stream_id = TRACE_STREAM_ID;
    out->used = TRACE_PACKET_HEADER_BYTES;
    out->clock = header->timestamp_begin;
}

// A packet of ours, where the device has sent none.
static void begin_own(struct serial_recorder *recorder, uint64_t clock)
{
    struct trace_packet_header header = {
        .timestamp_begin = clock,
        .packet_seq_num = recorder->out.sequence,
        .serial_first = recorder->out.serial + 1,
        .real_ns = recorder->now_ns > recorder->out.real_ns ? recorder->now_ns
                                                            : recorder->out.real_ns,
    };
    serial_out_begin(recorder, &header);
}

static int write_all(struct serial_recorder *recorder, const uint8_t *data, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = write(recorder->directory.events_fd, data, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return recorder_write_failed(&recorder->directory, "events");
        data += n;
        bytes -= (size_t)n;
    }
    return STATUS_OK;
}

int serial_out_end(struct serial_recorder *recorder, uint64_t clock_end)
{
    struct serial_out *out = &recorder->out;
    if (out->used == 0)
        return STATUS_OK;
    size_t bytes = (out->used + 7u) & ~(size_t)7;
    assert(bytes <= SERIAL_OUT_BYTES);
    memset(out->packet + out->used, 0, bytes - out->used);
    struct trace_packet_header *header = &out->header;
    header->packet_size = (uint32_t)bytes * 8;
    header->content_size = (uint32_t)out->used * 8;
    header->timestamp_end = clock_end > out->clock ? clock_end : out->clock;
    header->events_discarded = serial_out_discarded(recorder);
    memcpy(out->packet, header, sizeof *header);
    out->used = 0;
    out->clock_end = header->timestamp_end;
    out->sequence = header->packet_seq_num + 1;
    out->real_ns = header->real_ns;
    out->discarded_written = header->events_discarded;
    recorder->directory.discarded = header->events_discarded;
    recorder->directory_result.packet_count++;
    recorder->directory_result.bytes += bytes;
    return write_all(recorder, out->packet, bytes);
}

int serial_out_event(struct serial_recorder *recorder, const struct trace_event *event)
{
    struct serial_out *out = &recorder->out;
    int status = STATUS_OK;
    if (out->used && (event->clock - out->header.timestamp_begin >= TRACE_STAMP_RANGE ||
                      out->used + TRACE_ENCODE_BYTES_MAX > SERIAL_OUT_BYTES))
        status = serial_out_end(recorder, out->clock);
    if (status != STATUS_OK)
        return status;
    if (out->used == 0)
        begin_own(recorder, event->clock);
    assert(event->clock >= out->clock);
    size_t bytes = trace_encode(out->packet + out->used, event);
    if (bytes == 0)
        return problem_set(recorder->problem, STATUS_LIMIT, text_of(recorder->setup->directory),
                           PROBLEM_NO_OFF, "the tail of an event '%s' is too long",
                           trace_event_name(event->id));
    if (event->id == TRACE_ID_alloc || event->id == TRACE_ID_string_new)
        out->serial++;
    out->used += bytes;
    out->clock = event->clock;
    recorder->directory.last_id = event->id;
    recorder->directory_result.event_count++;
    recorder->directory_result.boots += event->id == TRACE_ID_boot;
    return STATUS_OK;
}

// ---- for consumers of console text ----

#define OWN_PACKET_BYTES 32768u

int serial_recorder_event(struct serial_recorder *recorder, const struct trace_event *event,
                          struct problem *problem)
{
    struct serial_out *out = &recorder->out;
    struct trace_event late = *event;
    uint64_t least = out->used ? out->clock : out->clock_end;
    if (late.clock < least)
        late.clock = least;
    if (recorder->result->has_hello)
        return STATUS_OK; // the device has probes and tells all this better
    recorder->consumer_events++;
    int status = serial_out_event(recorder, &late);
    if (status == STATUS_OK && out->used >= OWN_PACKET_BYTES)
        status = serial_out_end(recorder, out->clock);
    if (status != STATUS_OK && problem != recorder->problem)
        problem_set(problem, status, recorder->problem->file, recorder->problem->off, "%s",
                    recorder->problem->message);
    return status;
}

void serial_recorder_lost(struct serial_recorder *recorder, uint64_t events)
{
    recorder->consumer_lost += events;
}
