// ring.c: the program's end of the shared ring.
//
// Writes: shared memory. Memory: none of its own.

#include "runtime/probe/ring.h"

#include <assert.h>
#include <string.h>

static int is_head_sound(const struct trace_ring *ring)
{
    return ring->magic == TRACE_RING_MAGIC && ring->slot_bytes == TRACE_PACKET_BYTES &&
           ring->slot_count != 0 && (ring->slot_count & (ring->slot_count - 1)) == 0;
}

int ring_is_ours(const struct trace_ring *ring)
{
    uint8_t uuid[16];
    trace_schema_uuid(uuid);
    return is_head_sound(ring) && memcmp(ring->uuid, uuid, sizeof uuid) == 0;
}

const char *ring_check(const struct trace_ring *ring)
{
    uint32_t drained = __atomic_load_n(&ring->drained, __ATOMIC_ACQUIRE);
    uint32_t image_bytes = __atomic_load_n(&ring->image_bytes, __ATOMIC_ACQUIRE);
    if (!is_head_sound(ring))
        return "head of the ring";
    if (ring->filled - drained > ring->slot_count)
        return "more packets drained than filled, or more filled than there are slots";
    if (ring->open_bytes > ring->slot_bytes)
        return "open packet longer than its slot";
    if (ring->open_bytes != 0 && ring->filled - drained == ring->slot_count)
        return "open packet in a slot that is not drained";
    if (image_bytes > TRACE_RING_IMAGE_BYTES)
        return "image longer than its place";
    if (memchr(ring->image_name, '\0', sizeof ring->image_name) == NULL ||
        (image_bytes != 0 && ring->image_name[0] == '\0'))
        return "name of an image";
    if (ring->is_closed > 1 || (ring->is_closed && ring->open_bytes != 0))
        return "ring that was closed with an open packet";
    return NULL;
}

uint8_t *ring_begin(struct trace_ring *ring, const struct ring_port *port)
{
    assert(ring_check(ring) == NULL);
    assert(ring->open_bytes == 0);
    assert(!ring->is_closed);
    for (;;) {
        uint32_t drained = __atomic_load_n(&ring->drained, __ATOMIC_ACQUIRE);
        if (ring->filled - drained < ring->slot_count)
            return trace_ring_slot(ring, ring->filled);
        port->wait(&ring->drained, drained);
    }
}

int ring_commit(struct trace_ring *ring, const struct ring_port *port)
{
    assert(ring_check(ring) == NULL);
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
    assert(ring_check(ring) == NULL);
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
