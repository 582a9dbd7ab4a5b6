// counters.c: sums of what is too frequent to be written one by one.
//
// Equal events of a packet interval share one entry of a fixed table; the entries are written as
// events, in the order in which they first came, when the packet ends or the table is full.
// Invariant: the open packet has room for the events of all entries (counter_table.bytes).

#include "runtime/probe/writer.h"

#include <assert.h>
#include <string.h>

int counters_init(struct probe_pool *pool)
{
    struct counter_table *t = &probe_writer.counters;
    const struct probe_sizes *sizes = &probe_writer.sizes;
    t->items = probe_take(pool, sizes->counter_room * sizeof *t->items);
    t->heads = probe_take(pool, sizes->counter_heads * sizeof *t->heads);
    return t->items && t->heads;
}

size_t counters_bytes(void)
{
    return probe_sizes_usual.counter_room * sizeof(struct counter) +
           probe_sizes_usual.counter_heads * sizeof(uint16_t) + 32;
}

static uint32_t event_bytes(const struct counter *counter)
{
    switch (counter->id) {
    case TRACE_ID_content_read:
        return sizeof(struct trace_wire_content_read);
    case TRACE_ID_vm_event:
        return sizeof(struct trace_wire_vm_event);
    default:
        assert(counter->id == TRACE_ID_flash_load);
        return sizeof(struct trace_wire_flash_load);
    }
}

// Fills in the fields after the header.
static void fill_event(void *event, const struct counter *counter)
{
    if (counter->id == TRACE_ID_content_read) {
        struct trace_wire_content_read *read = event;
        read->text = counter->a;
        read->first = counter->b;
        read->bytes = counter->c;
        read->site = counter->site;
        read->function = counter->what;
        read->times = counter->times;
    } else if (counter->id == TRACE_ID_vm_event) {
        struct trace_wire_vm_event *vm = event;
        vm->what = counter->what;
        vm->site = counter->site;
        vm->addr = counter->a;
        vm->times = counter->times;
    } else {
        struct trace_wire_flash_load *load = event;
        load->addr = counter->a;
        load->width = counter->what;
        load->pc = counter->b;
        load->site = counter->site;
        load->times = counter->times;
    }
}

uint32_t counters_drop(void)
{
    struct probe_writer *w = &probe_writer;
    struct counter_table *t = &w->counters;
    uint32_t count = t->count;
    if (count)
        memset(t->heads, 0, w->sizes.counter_heads * sizeof *t->heads);
    t->count = 0;
    t->bytes = 0;
    w->texts.epoch++;
    return count;
}

void counters_flush(void)
{
    struct probe_writer *w = &probe_writer;
    struct counter_table *t = &w->counters;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct counter *counter = &t->items[i];
        uint32_t bytes = event_bytes(counter);
        assert(w->used + bytes <= w->ring->slot_bytes);
        uint32_t header = counter->id | (uint32_t)w->last_clock << TRACE_ID_BITS;
        memcpy(w->packet + w->used, &header, sizeof header);
        fill_event(w->packet + w->used, counter);
        w->used += bytes;
    }
    w->event_count += counters_drop();
}

static int is_same(const struct counter *x, const struct counter *y)
{
    return x->a == y->a && x->b == y->b && x->c == y->c && x->site == y->site && x->id == y->id &&
           x->what == y->what;
}

static uint32_t hash_of(const struct counter *c)
{
    uint32_t hash = c->a * 0x9e3779b1u ^ c->b * 0x85ebca77u ^ c->c * 0xc2b2ae3du;
    hash ^= (uint32_t)c->site << 13 ^ (uint32_t)c->id << 5 ^ c->what;
    hash *= 0x27d4eb2fu;
    return (hash ^ hash >> 15) & (probe_writer.sizes.counter_heads - 1);
}

void counters_add(const struct counter *counter)
{
    struct probe_writer *w = &probe_writer;
    struct counter_table *t = &w->counters;
    uint32_t bytes = event_bytes(counter);
    if (w->flags & PROBE_START_RAW) {
        fill_event(packet_event(counter->id, bytes), counter);
        return;
    }
    packet_reserve(bytes); // may end the packet, so look only now
    uint32_t at = hash_of(counter);
    while (t->heads[at]) {
        struct counter *item = &t->items[t->heads[at] - 1u];
        if (is_same(item, counter) && item->times <= UINT32_MAX - counter->times) {
            item->times += counter->times;
            return;
        }
        at = (at + 1) & (w->sizes.counter_heads - 1);
    }
    if (t->count == w->sizes.counter_room) {
        counters_flush();
        packet_reserve(bytes);
        at = hash_of(counter);
    }
    t->items[t->count] = *counter;
    t->heads[at] = (uint16_t)++t->count;
    t->bytes += bytes;
}
