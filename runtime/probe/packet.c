// packet.c: packets in the ring: begin, room for events, end.
//
// Writes: slots of the ring. Memory: none of its own.

#include "runtime/probe/writer.h"

#include <assert.h>
#include <string.h>

#include "runtime/probe/doorbell.h"
#include "runtime/probe/probe.h"

struct probe_writer probe_writer;

static void begin_packet(uint64_t clock)
{
    struct probe_writer *w = &probe_writer;
    w->packet = ring_begin(w->ring, &w->port);
    struct trace_packet_header header = {
        .magic = TRACE_MAGIC,
        .stream_id = TRACE_STREAM_ID,
        .timestamp_begin = clock,
        .events_discarded = w->discarded,
        .packet_seq_num = w->sequence,
        .serial_first = w->serial + 1,
        .real_ns = w->now_ns(),
    };
    memcpy(header.uuid, w->ring->uuid, sizeof header.uuid);
    memcpy(w->packet, &header, sizeof header);
    w->used = TRACE_PACKET_HEADER_BYTES;
    w->begin_clock = w->last_clock = clock;
    w->definition_count = 0;
    w->redefined_before = w->texts_redefined;
}

void packet_end(void)
{
    struct probe_writer *w = &probe_writer;
    if (!w->packet)
        return;
    counters_flush();
    assert(w->used <= w->ring->slot_bytes);
    assert(w->last_clock - w->begin_clock < TRACE_STAMP_RANGE);
    uint32_t bytes = (w->used + 7u) & ~7u;
    memset(w->packet + w->used, 0, bytes - w->used);
    struct trace_packet_header *header = (struct trace_packet_header *)(void *)w->packet;
    header->packet_size = bytes * 8;
    header->content_size = w->used * 8;
    header->timestamp_end = w->last_clock;
    header->events_discarded = w->discarded;
    w->packet = NULL;
    doorbell_packet(0);
    if (ring_commit(w->ring, &w->port)) {
        w->sequence++;
    } else {
        w->discarded += w->event_count;
        if (w->definition_count)
            w->forget = FORGET_AFTER_LOSS;
    }
    w->event_count = 0;
}

void packet_abandon(void)
{
    struct probe_writer *w = &probe_writer;
    assert(w->packet);
    w->discarded += w->event_count + counters_drop();
    w->event_count = 0;
    w->packet = NULL;
    w->ring->open_bytes = 0;
}

void probe_packet_facts(struct probe_packet_facts *facts)
{
    const struct probe_writer *w = &probe_writer;
    facts->events = w->event_count;
    facts->generation = w->generation;
    facts->texts_redefined = w->redefined_before;
}

// A packet is open afterwards in which `bytes` more fit, at the present time.
static void make_room(uint32_t bytes)
{
    struct probe_writer *w = &probe_writer;
    uint64_t clock = probe_clock;
    assert(clock >= w->last_clock);
    if (w->packet && (clock - w->begin_clock >= TRACE_STAMP_RANGE ||
                      w->used + w->counters.bytes + bytes > w->ring->slot_bytes))
        packet_end();
    if (!w->packet)
        begin_packet(clock);
    else
        ring_publish(w->ring, w->used, w->last_clock, w->counters.count);
    w->last_clock = clock;
}

void packet_reserve(uint32_t bytes)
{
    make_room(bytes);
}

static inline __attribute__((always_inline)) uint8_t *room_for_event(uint32_t bytes)
{
    struct probe_writer *w = &probe_writer;
    assert(TRACE_PACKET_HEADER_BYTES + bytes <= w->ring->slot_bytes);
    make_room(bytes);
    uint8_t *event = w->packet + w->used;
    w->used += bytes;
    w->event_count++;
    return event;
}

void *packet_event(int id, uint32_t bytes)
{
    uint8_t *event = room_for_event(bytes);
    uint32_t header = (uint32_t)id | (uint32_t)probe_writer.last_clock << TRACE_ID_BITS;
    memcpy(event, &header, sizeof header);
    return event;
}

void *packet_event_extended(int id, uint32_t bytes)
{
    uint8_t *event = room_for_event(bytes);
    struct trace_extended_header header = {TRACE_ID_EXTENDED, (uint32_t)id,
                                           probe_writer.last_clock};
    memcpy(event, &header, sizeof header);
    return event;
}
