// ring.c: the program's end of the shared ring.
//
// Writes: shared memory. Memory: none of its own.

#include "runtime/probe/ring.h"

#include <assert.h>
#include <string.h>

int ring_is_ours(const struct trace_ring *ring)
{
    uint8_t uuid[16];
    trace_schema_uuid(uuid);
    return ring->magic == TRACE_RING_MAGIC && ring->slot_bytes == TRACE_PACKET_BYTES &&
           ring->slot_count != 0 && (ring->slot_count & (ring->slot_count - 1)) == 0 &&
           memcmp(ring->uuid, uuid, sizeof uuid) == 0;
}

uint8_t *ring_begin(struct trace_ring *ring, const struct ring_port *port)
{
    assert(ring->open_bytes == 0);
    for (;;) {
        uint32_t drained = __atomic_load_n(&ring->drained, __ATOMIC_ACQUIRE);
        assert(ring->filled - drained <= ring->slot_count);
        if (ring->filled - drained < ring->slot_count)
            return trace_ring_slot(ring, ring->filled);
        port->wait(&ring->drained, drained);
    }
}

int ring_commit(struct trace_ring *ring, const struct ring_port *port)
{
    // The packet stops being open before it counts as filled; dying in between would lose it, but
    // never have it written twice.
    __atomic_store_n(&ring->open_bytes, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&ring->filled, ring->filled + 1, __ATOMIC_RELEASE);
    port->wake(ring);
    return 1;
}

void ring_send_image(struct trace_ring *ring, const struct ring_port *port, const char *name,
                     const void *image, uint32_t bytes)
{
    assert(bytes > 0 && bytes <= TRACE_RING_IMAGE_BYTES);
    assert(strlen(name) < TRACE_RING_NAME_BYTES);
    uint32_t before;
    while ((before = __atomic_load_n(&ring->image_bytes, __ATOMIC_ACQUIRE)) != 0)
        port->wait(&ring->image_bytes, before);
    memcpy(trace_ring_image(ring), image, bytes);
    memcpy(ring->image_name, name, strlen(name) + 1);
    __atomic_store_n(&ring->image_bytes, bytes, __ATOMIC_RELEASE);
    port->wake(ring);
}

void ring_close(struct trace_ring *ring, const struct ring_port *port)
{
    __atomic_store_n(&ring->is_closed, 1, __ATOMIC_RELEASE);
    port->wake(ring);
}
