// places.c: when marking reached the objects of the heap, and what else a prediction needs to tell
// modes of the emergency collector from each other.
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

void probe_gc_control(int order, uint32_t value)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_gc_control)) {
        struct trace_wire_gc_control *event = packet_event_extended(TRACE_ID_gc_control,
                                                                    sizeof *event);
        event->order = (uint8_t)order;
        event->value = value;
    }
    writer_leave();
}

void probe_firmware_alloc(const void *block, size_t bytes)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_firmware_alloc)) {
        struct trace_wire_firmware_alloc *event = packet_event_extended(TRACE_ID_firmware_alloc,
                                                                        sizeof *event);
        event->addr = (uint32_t)(uintptr_t)block;
        event->bytes = (uint32_t)bytes;
    }
    writer_leave();
}

void probe_firmware_free(const void *block)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_firmware_free)) {
        struct trace_wire_firmware_free *event = packet_event_extended(TRACE_ID_firmware_free,
                                                                       sizeof *event);
        event->addr = (uint32_t)(uintptr_t)block;
    }
    writer_leave();
}

#ifndef FROST_CHIP

struct probe_places probe_places;

// What the trace says so far.
static uint16_t told_place, told_stack, told_end, told_visited[TRACE_VISITED_STEPS_MAX + 1];
// By steps: the object that was traversed last, in the newest marking and in the one that gc_marked
// told of.
static const void *ends[TRACE_VISITED_STEPS_MAX + 1], *told_ends[TRACE_VISITED_STEPS_MAX + 1];
static unsigned end_count, told_end_count;

size_t places_bytes(size_t heap_bytes)
{
    return (heap_bytes / GRANULE_BYTES + 1) * (sizeof(uint16_t) + sizeof(uint32_t)) + 32;
}

int places_init(struct probe_pool *pool, size_t heap_bytes)
{
    probe_places.count = (uint32_t)(heap_bytes / GRANULE_BYTES + 1);
    probe_places.items = probe_take(pool, probe_places.count * sizeof *probe_places.items);
    probe_places.passed = probe_take(pool, probe_places.count * sizeof *probe_places.passed);
    return probe_places.items != NULL && probe_places.passed != NULL;
}

void places_boot(uint32_t heap_addr)
{
    for (uint32_t i = 0; i < probe_places.end; i++)
        probe_places.items[i] = 0;
    probe_places.end = 0;
    probe_places.heap_addr = heap_addr;
    told_place = told_stack = told_end = 0;
    memset(told_visited, 0, sizeof told_visited);
    end_count = told_end_count = 0;
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

void probe_gc_held(const void *object, const void *array, const void *nodes)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_gc_held)) {
        struct trace_wire_gc_held *event = packet_event_extended(TRACE_ID_gc_held, sizeof *event);
        event->addr = (uint32_t)(uintptr_t)object;
        event->array_addr = (uint32_t)(uintptr_t)array;
        event->nodes_addr = (uint32_t)(uintptr_t)nodes;
    }
    writer_leave();
}

#define VISITED_TOLERANCE 6u // objects more or less are not told
#define PLACES_OF_STEP (TRACE_STEP_WORK / TRACE_PLACE_WORK)

// How much later than it was told marking is through with the object that ended a step, in *shift;
// 0 if it was not traversed.
static int shift_of(unsigned step, int *shift)
{
    uint32_t idx = step < told_end_count ? probe_place_of(told_ends[step]) : UINT32_MAX;
    if (idx >= probe_places.count || probe_places.passed[idx] >> 16 != probe_places.marking)
        return 0;
    *shift = (int)(probe_places.passed[idx] & 0xffffu) - (int)(1 + step * PLACES_OF_STEP);
    return 1;
}

// The step, from 1, in which most has changed on the way to the main thread's stack, which was
// reached `shift_end` later than told.
static unsigned most_changed_step(int shift_end)
{
    unsigned steps = told_stack / PLACES_OF_STEP, most = 1;
    int before = 0, change_max = 0, shift;
    for (unsigned step = 1; step <= steps + 1; step++) {
        if (step > steps)
            shift = shift_end;
        else if (!shift_of(step, &shift))
            continue;
        int change = shift > before ? shift - before : before - shift;
        if (change > change_max) {
            change_max = change;
            most = step;
        }
        before = shift;
    }
    return most;
}

void probe_gc_marked(unsigned stack, unsigned end)
{
    if ((is_near(stack, told_stack) && is_near(end, told_end)) || !writer_enter())
        return;
    if (writer_wants(TRACE_ID_gc_marked)) {
        struct trace_wire_gc_marked *event = packet_event(TRACE_ID_gc_marked, sizeof *event);
        event->from = (uint16_t)most_changed_step((int)stack - told_stack);
        event->stack = told_stack = (uint16_t)stack;
        event->end = told_end = (uint16_t)end;
        memcpy(told_ends, ends, end_count * sizeof *ends);
        told_end_count = end_count;
    }
    writer_leave();
}

void probe_gc_visited(unsigned steps, uint32_t objects, const void *last)
{
    if (steps == 0)
        probe_places.marking++;
    if (steps > TRACE_VISITED_STEPS_MAX)
        return;
    ends[steps] = last;
    end_count = steps + 1;
    uint32_t told = told_visited[steps];
    uint32_t change = objects > told ? objects - told : told - objects;
    if (8 * change <= told || (told > 0 && change <= VISITED_TOLERANCE) || !writer_enter())
        return;
    if (writer_wants(TRACE_ID_gc_visited)) {
        struct trace_wire_gc_visited *event = packet_event_extended(TRACE_ID_gc_visited,
                                                                    sizeof *event);
        event->steps = (uint16_t)steps;
        event->objects = told_visited[steps] = (uint16_t)(objects < UINT16_MAX ? objects
                                                                               : UINT16_MAX);
    }
    writer_leave();
}

#endif
