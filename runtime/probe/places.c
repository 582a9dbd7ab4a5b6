// places.c: when marking reached the objects of the heap, and what the next collection may need of
// that to tell modes of the emergency collector from each other.
//
// While a collection of mode ALWAYS marks, the collector writes down for each object how much had
// been traversed before it was reached (gc_mark.c); of what that collection, or a later one, frees
// the last such place is told. What only the main thread's stack holds has none.
// Memory: that of probe_start. Not on the chip, whose memory has no room for it.

#include "runtime/probe/writer.h"

#include <string.h>

#include "runtime/probe/probe.h"

void probe_gc_finalizer(const void *userdata)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_gc_finalizer)) {
        struct trace_wire_gc_finalizer *event = packet_event_extended(TRACE_ID_gc_finalizer,
                                                                      sizeof *event);
        event->addr = (uint32_t)(uintptr_t)userdata;
    }
    writer_leave();
}

#ifndef FROST_CHIP

struct probe_places probe_places;

// What the trace says so far.
static uint16_t told_place, told_stack, told_end;

size_t places_bytes(size_t heap_bytes)
{
    return (heap_bytes / GRANULE_BYTES + 1) * sizeof(uint16_t) + 16;
}

int places_init(struct probe_pool *pool, size_t heap_bytes)
{
    probe_places.count = (uint32_t)(heap_bytes / GRANULE_BYTES + 1);
    probe_places.items = probe_take(pool, probe_places.count * sizeof *probe_places.items);
    return probe_places.items != NULL;
}

void places_boot(uint32_t heap_addr)
{
    for (uint32_t i = 0; i < probe_places.end; i++)
        probe_places.items[i] = 0;
    probe_places.end = 0;
    probe_places.heap_addr = heap_addr;
    told_place = told_stack = told_end = 0;
}

void places_begin(void)
{
    told_place = 0;
}

void probe_gc_checks(uint32_t times)
{
    if (times == TRACE_GC_CHECKS_USUAL || !writer_enter())
        return;
    if (writer_wants(TRACE_ID_gc_checks)) {
        struct trace_wire_gc_checks *event = packet_event(TRACE_ID_gc_checks, sizeof *event);
        event->times = (uint16_t)(times < UINT16_MAX ? times : UINT16_MAX);
    }
    writer_leave();
}

void probe_gc_freed(const void *object)
{
    uint32_t idx = probe_place_of(object);
    uint16_t at = idx < probe_places.count ? probe_places.items[idx] : 0;
    if (idx < probe_places.count)
        probe_places.items[idx] = 0;
    if (at == told_place || !writer_enter())
        return;
    if (writer_wants(TRACE_ID_gc_place)) {
        struct trace_wire_gc_place *event = packet_event(TRACE_ID_gc_place, sizeof *event);
        event->at = at;
        told_place = at;
    }
    writer_leave();
}

static int is_near(unsigned at, unsigned told)
{
    return at <= told + PROBE_PLACE_TOLERANCE && told <= at + PROBE_PLACE_TOLERANCE;
}

void probe_gc_marked(unsigned stack, unsigned end)
{
    if ((is_near(stack, told_stack) && is_near(end, told_end)) || !writer_enter())
        return;
    if (writer_wants(TRACE_ID_gc_marked)) {
        struct trace_wire_gc_marked *event = packet_event(TRACE_ID_gc_marked, sizeof *event);
        event->stack = told_stack = (uint16_t)stack;
        event->end = told_end = (uint16_t)end;
    }
    writer_leave();
}

#endif
