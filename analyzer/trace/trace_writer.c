// trace_writer.c: encodes events into packets.
//
// Writes: a trace directory. Memory: one packet in the arena. Source: runtime/format/trace.h.

#include "analyzer/trace/trace_writer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/base/result.h"
#include "analyzer/trace/trace_tsdl.h"

struct trace_writer {
    struct arena *arena;
    const char *directory;
    const char *place;    // where it is made
    struct result result; // begun, unless the files are somebody else's
    FILE *events;
    struct problem problem; // sticks
    uint8_t *packet;        // TRACE_PACKET_BYTES_MAX
    size_t used;            // bytes of it, header included
    size_t bytes_min;       // least packet_size
    bool is_open;           // a packet is being filled
    struct trace_packet_header header;
    uint64_t end;   // asked for by trace_writer_packet, or TRACE_WRITER_AUTO
    uint64_t clock; // of the last event
    uint64_t serial, sequence, discarded;
};

static int fail(struct trace_writer *writer, const char *name)
{
    return problem_set(&writer->problem, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO,
                       text_of(writer->directory), PROBLEM_NO_OFF, "cannot write '%s': %s", name,
                       strerror(errno));
}

// Writes what is there before the first event; errno says why not.
static int begin_files(struct trace_writer *writer, const char *version)
{
    const char *path = arena_format(writer->arena, "%s/metadata", writer->place);
    result_note_file(path);
    FILE *metadata = fopen(path, "wxe");
    if (!metadata)
        return STATUS_IO;
    trace_tsdl_write(metadata, version);
    bool is_bad = ferror(metadata);
    path = arena_format(writer->arena, "%s/events", writer->place);
    result_note_file(path);
    if (fclose(metadata) == 0 && !is_bad)
        writer->events = fopen(path, "wxe");
    return writer->events ? STATUS_OK : STATUS_IO;
}

int trace_writer_open(struct arena *arena, const char *directory, const char *version,
                      struct trace_writer **result, struct problem *problem)
{
    struct trace_writer *writer = ARENA_NEW(arena, struct trace_writer);
    *writer = (struct trace_writer){.arena = arena, .directory = directory};
    int status = result_begin(arena, directory, &writer->result, problem);
    if (status != STATUS_OK)
        return status;
    writer->place = writer->result.scratch;
    if (begin_files(writer, version) != STATUS_OK) {
        problem_set(problem, STATUS_IO, text_of(directory), PROBLEM_NO_OFF,
                    "cannot write a trace here: %s", strerror(errno));
        result_abandon(&writer->result);
        return STATUS_IO;
    }
    writer->packet = arena_alloc(arena, TRACE_PACKET_BYTES_MAX);
    *result = writer;
    return STATUS_OK;
}

int trace_writer_attach(struct arena *arena, const char *directory, int events_fd,
                        struct trace_writer **result, struct problem *problem)
{
    struct trace_writer *writer = ARENA_NEW(arena, struct trace_writer);
    *writer = (struct trace_writer){.arena = arena, .directory = directory, .place = directory};
    writer->events = fdopen(events_fd, "we");
    if (!writer->events)
        return problem_set(problem, STATUS_IO, text_of(directory), PROBLEM_NO_OFF,
                           "cannot write 'events': %s", strerror(errno));
    writer->packet = arena_alloc(arena, TRACE_PACKET_BYTES_MAX);
    *result = writer;
    return STATUS_OK;
}

static void begin_packet(struct trace_writer *writer, uint64_t clock)
{
    writer->header = (struct trace_packet_header){
        .magic = TRACE_MAGIC,
        .stream_id = TRACE_STREAM_ID,
        .timestamp_begin = clock,
        .events_discarded = writer->discarded,
        .packet_seq_num = writer->sequence,
        .serial_first = writer->serial + 1,
    };
    trace_schema_uuid(writer->header.uuid);
    writer->used = TRACE_PACKET_HEADER_BYTES;
    writer->bytes_min = 0;
    writer->end = TRACE_WRITER_AUTO;
    writer->clock = clock;
    writer->is_open = true;
}

static void end_packet(struct trace_writer *writer)
{
    if (!writer->is_open || writer->problem.status)
        return;
    size_t bytes = writer->used > writer->bytes_min ? writer->used : writer->bytes_min;
    bytes = (bytes + 7) & ~(size_t)7;
    memset(writer->packet + writer->used, 0, bytes - writer->used);
    writer->header.packet_size = (uint32_t)bytes * 8;
    writer->header.content_size = (uint32_t)writer->used * 8;
    bool is_auto = writer->end == TRACE_WRITER_AUTO || writer->end < writer->clock;
    writer->header.timestamp_end = is_auto ? writer->clock : writer->end;
    memcpy(writer->packet, &writer->header, sizeof writer->header);
    if (fwrite(writer->packet, 1, bytes, writer->events) != bytes)
        fail(writer, "events");
    writer->clock = writer->header.timestamp_end;
    writer->sequence = writer->header.packet_seq_num + 1;
    writer->discarded = writer->header.events_discarded;
    writer->is_open = false;
}

void trace_writer_packet(struct trace_writer *writer, const struct trace_packet *packet)
{
    end_packet(writer);
    bool is_auto = packet->clock_begin == TRACE_WRITER_AUTO || packet->clock_begin < writer->clock;
    begin_packet(writer, is_auto ? writer->clock : packet->clock_begin);
    writer->end = packet->clock_end;
    if (packet->events_discarded != TRACE_WRITER_AUTO)
        writer->header.events_discarded = packet->events_discarded;
    if (packet->sequence != TRACE_WRITER_AUTO)
        writer->header.packet_seq_num = packet->sequence;
    if (packet->real_ns != TRACE_WRITER_AUTO)
        writer->header.real_ns = packet->real_ns;
    if (packet->serial_first != TRACE_WRITER_AUTO && packet->serial_first > 0) {
        writer->header.serial_first = packet->serial_first;
        writer->serial = packet->serial_first - 1;
    }
    writer->bytes_min = packet->bytes <= TRACE_PACKET_BYTES_MAX ? packet->bytes : 0;
}

static size_t encode_header(uint8_t *at, const struct trace_event *event)
{
    if (event->id >= TRACE_ID_EXTENDED) {
        struct trace_extended_header header = {TRACE_ID_EXTENDED, event->id, event->clock};
        memcpy(at, &header, sizeof header);
        return sizeof header;
    }
    uint32_t header = event->id | (uint32_t)event->clock << TRACE_ID_BITS;
    memcpy(at, &header, sizeof header);
    return sizeof header;
}

size_t trace_encode(uint8_t *at, const struct trace_event *event)
{
    size_t bytes = encode_header(at, event);
    bool is_long = false;
#define ENCODE_FIELD(type, field) wire->field = out->field;
#define ENCODE_TAIL(field)                                                                         \
    is_long = out->field.bytes > UINT16_MAX;                                                       \
    wire->field##_bytes = (uint16_t)out->field.bytes;                                              \
    if (!is_long && out->field.bytes)                                                              \
        memcpy(at + bytes, out->field.data, out->field.bytes);                                     \
    bytes += out->field.bytes;
#define ENCODE_EVENT(number, name, fields)                                                         \
    case number: {                                                                                 \
        struct trace_body_##name *wire = (void *)(at + bytes);                                     \
        const struct trace_event_##name *out = &event->name;                                       \
        bytes += sizeof *wire;                                                                     \
        fields break;                                                                              \
    }
    switch (event->id) {
        TRACE_EVENTS(ENCODE_EVENT, ENCODE_FIELD, ENCODE_TAIL)
    }
#undef ENCODE_FIELD
#undef ENCODE_TAIL
#undef ENCODE_EVENT
    return is_long ? 0 : bytes;
}

int trace_writer_event(struct trace_writer *writer, const struct trace_event *event)
{
    assert(trace_event_is_known(event->id));
    if (writer->problem.status)
        return writer->problem.status;
    if (event->clock < writer->clock)
        return problem_set(&writer->problem, STATUS_LIMIT, text_of(writer->directory),
                           PROBLEM_NO_OFF, "event '%s' at %llu comes before the one at %llu",
                           trace_event_name(event->id), (unsigned long long)event->clock,
                           (unsigned long long)writer->clock);
    if (writer->is_open && event->clock - writer->header.timestamp_begin >= TRACE_STAMP_RANGE)
        end_packet(writer);
    if (!writer->is_open)
        begin_packet(writer, event->clock);
    assert(writer->used + TRACE_ENCODE_BYTES_MAX <= TRACE_PACKET_BYTES_MAX);
    size_t bytes = trace_encode(writer->packet + writer->used, event);
    if (bytes == 0)
        return problem_set(&writer->problem, STATUS_LIMIT, text_of(writer->directory),
                           PROBLEM_NO_OFF, "the tail of an event '%s' is too long",
                           trace_event_name(event->id));
    if (writer->used + bytes > TRACE_PACKET_BYTES && writer->used > TRACE_PACKET_HEADER_BYTES) {
        end_packet(writer);
        begin_packet(writer, event->clock);
        bytes = trace_encode(writer->packet + writer->used, event);
    }
    writer->used += bytes;
    writer->clock = event->clock;
    writer->serial += event->id == TRACE_ID_alloc || event->id == TRACE_ID_string_new;
    return writer->problem.status;
}

void trace_writer_lost(struct trace_writer *writer, uint64_t events)
{
    if (writer->is_open)
        writer->header.events_discarded += events;
    else
        writer->discarded += events;
}

int trace_writer_file(struct trace_writer *writer, const char *name, struct text content)
{
    if (writer->problem.status)
        return writer->problem.status;
    const char *path = arena_format(writer->arena, "%s/.frost/%s", writer->place, name);
    result_note_file(path);
    FILE *file = fopen(path, "we");
    if (!file)
        return fail(writer, name);
    if (content.bytes)
        fwrite(content.data, 1, content.bytes, file);
    bool is_bad = ferror(file);
    if (fclose(file) != 0 || is_bad)
        return fail(writer, name);
    return STATUS_OK;
}

int trace_writer_close(struct trace_writer *writer, struct problem *problem)
{
    end_packet(writer);
    bool is_bad = ferror(writer->events);
    if (fclose(writer->events) != 0 || is_bad)
        fail(writer, "events");
    writer->events = NULL;
    if (writer->problem.status)
        return problem_set(problem, writer->problem.status, writer->problem.file,
                           writer->problem.off, "%s", writer->problem.message);
    return writer->result.target ? result_finish(&writer->result, problem) : STATUS_OK;
}

void trace_writer_abandon(struct trace_writer *writer)
{
    if (writer->events)
        fclose(writer->events);
    writer->events = NULL;
    result_abandon(&writer->result);
}
