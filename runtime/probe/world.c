// world.c: events of the gate to the world: turns of the event loop, what came in, what went out.
//
// Writes: packets in the ring. Memory: none of its own. Context: the interpreter's thread.

#include <assert.h>
#include <string.h>

#include "runtime/probe/probe.h"
#include "runtime/probe/start.h"
#include "runtime/probe/writer.h"

_Static_assert(sizeof(struct trace_wire_input) == sizeof(struct trace_wire_output),
               "written by one function");

void probe_turn(uint32_t number, int kind, uint32_t object, uint64_t device_ns)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_turn)) {
        struct trace_wire_turn *event = packet_event(TRACE_ID_turn, sizeof *event);
        event->number = number;
        event->kind = (uint8_t)kind;
        event->object = object;
        event->device_ns = device_ns;
    }
    writer_leave();
}

void probe_device_time(uint32_t turn, uint64_t device_ns)
{
#ifdef PROBE_HAS_DOORBELL
    probe_watch_soon(); // the end of the run may be near now
#endif
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_device_time)) {
        struct trace_wire_device_time *event = packet_event_extended(TRACE_ID_device_time,
                                                                     sizeof *event);
        event->turn = turn;
        event->device_ns = device_ns;
    }
    writer_leave();
}

// As many events as it takes, at least one.
static void write_pieces(int id, const struct trace_body_input *head, const char *data,
                         size_t bytes)
{
    const size_t most = probe_writer.sizes.tail_bytes_max;
    int is_last;
    uint32_t piece = 0;
    do {
        size_t tail = bytes < most ? bytes : most;
        is_last = tail == bytes;
        struct trace_wire_input *event = packet_event(id, (uint32_t)(sizeof *event + tail));
        event->turn = head->turn;
        event->kind = head->kind;
        event->object = head->object;
        event->piece = piece++;
        event->is_last = (uint8_t)is_last;
        event->data_bytes = (uint16_t)tail;
        if (tail)
            memcpy(event + 1, data, tail);
        data += tail;
        bytes -= tail;
    } while (!is_last);
}

// Is it kept? Inputs are as private as texts, and may be left out by themselves.
static int keeps(int id)
{
    unsigned without = id == TRACE_ID_input ? PROBE_START_NO_TEXT | PROBE_START_NO_INPUTS
                                            : PROBE_START_NO_TEXT;
    return !(probe_writer.flags & without) && writer_wants(id);
}

static void probe_world(int id, uint32_t turn, int kind, uint32_t object, const void *data,
                        size_t bytes)
{
    if (!writer_enter())
        return;
    if (keeps(id)) {
        struct trace_body_input head = {.turn = turn, .kind = (uint8_t)kind, .object = object};
        write_pieces(id, &head, data, bytes);
    }
    writer_leave();
}

void probe_input(uint32_t turn, int kind, uint32_t object, const void *data, size_t bytes)
{
    probe_world(TRACE_ID_input, turn, kind, object, data, bytes);
}

void probe_output(uint32_t turn, int kind, uint32_t object, const void *data, size_t bytes)
{
    probe_world(TRACE_ID_output, turn, kind, object, data, bytes);
}

void probe_replay_difference(struct lua_State *L, int difference, uint32_t turn, int kind,
                             uint32_t object, uint64_t off, const char *text)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_replay_difference)) {
        uint16_t site = writer_site(L);
        size_t bytes = probe_writer.flags & PROBE_START_NO_TEXT ? 0 : strlen(text);
        bytes = bytes < probe_writer.sizes.tail_bytes_max ? bytes
                                                          : probe_writer.sizes.tail_bytes_max;
        struct trace_wire_replay_difference *event = packet_event_extended(
            TRACE_ID_replay_difference, (uint32_t)(sizeof *event + bytes));
        event->difference = (uint8_t)difference;
        event->turn = turn;
        event->kind = (uint8_t)kind;
        event->object = object;
        event->off = off;
        event->site = site;
        event->text_bytes = (uint16_t)bytes;
        memcpy(event + 1, text, bytes);
    }
    writer_leave();
}
