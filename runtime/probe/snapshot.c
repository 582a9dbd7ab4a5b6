// snapshot.c: edges of the heap as events.

#include "runtime/probe/snapshot.h"

#include "runtime/probe/writer.h"

#define NEVER UINT32_MAX
#define FAILURES_MAX 8u // that are kept of a boot: a program can try and fail for ever

uint32_t probe_snapshot_bytes = NEVER;

static struct {
    unsigned moments;  // wanted
    uint32_t peak;     // wanted height, NEVER: none
    uint32_t number;   // of the last one of this boot
    uint32_t edges;    // of the one that is being made
    uint32_t failures; // of this boot
} snapshot = {.peak = NEVER};

void probe_snapshot_at(unsigned moments, uint32_t bytes)
{
    snapshot.moments = moments;
    snapshot.peak = bytes ? bytes : NEVER;
    probe_snapshot_bytes = snapshot.peak;
}

void snapshot_boot(void)
{
    snapshot.number = snapshot.failures = 0;
    probe_snapshot_bytes = snapshot.peak;
}

void probe_edge(const void *from, const void *to, enum trace_edge edge, uint32_t index,
                const char *key)
{
    const struct text_table *texts = &probe_writer.texts;
    uint32_t addr = (uint32_t)(uintptr_t)to;
    if (addr - texts->heap_addr >= texts->granule_count * GRANULE_BYTES) {
        if (edge != EDGE_SOURCE && edge != EDGE_NTH) // which tell more than what they refer to
            return;
        addr = 0;
    }
    uint32_t text = key ? texts_id_of_string(key) : 0;
    struct trace_wire_heap_edge *event = packet_event_extended(TRACE_ID_heap_edge, sizeof *event);
    event->from = (uint32_t)(uintptr_t)from;
    event->to = addr;
    event->edge = (uint8_t)edge;
    event->index = index;
    event->text = text;
    snapshot.edges++;
}

static void make_snapshot(struct lua_State *L, enum trace_moment moment, uint32_t lua_bytes)
{
    snapshot.edges = 0;
    probe_writer.is_busy++;
    probe_walk_heap(L);
    probe_writer.is_busy--;
    struct trace_wire_heap_snapshot *event = packet_event_extended(TRACE_ID_heap_snapshot,
                                                                   sizeof *event);
    event->number = ++snapshot.number;
    event->moment = (uint8_t)moment;
    event->edges = snapshot.edges;
    event->lua_bytes = lua_bytes;
}

void probe_snapshot(struct lua_State *L, enum trace_moment moment, uint32_t lua_bytes)
{
    if (moment == MOMENT_PEAK)
        probe_snapshot_bytes = NEVER;
    else if (!(snapshot.moments >> moment & 1))
        return;
    if (moment == MOMENT_FAILURE && ++snapshot.failures > FAILURES_MAX)
        return;
    if (!L || !writer_enter())
        return;
    make_snapshot(L, moment, lua_bytes);
    writer_leave();
}
