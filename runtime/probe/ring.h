// ring.h: the program's end of the shared ring of packets (runtime/format/trace_ring.h).
//
// ring.c for hosts; the chip has no shared memory and hands packets on one by one
// (runtime/port/esp8266/trace.c). Memory: the ring's, given by the port.
// Context: the interpreter's thread.

#ifndef FROST_PROBE_RING_H
#define FROST_PROBE_RING_H

#include <stdint.h>

#include "runtime/format/trace_ring.h"

// What the port does for the ring; each may return early.
struct ring_port {
    // Waits until *word, which the recorder changes, is no longer `value`. If the recorder is gone
    // the port ends the process.
    void (*wait)(uint32_t *word, uint32_t value);
    // Tells the recorder that there is something to do.
    void (*wake)(struct trace_ring *ring);
};

// 1 if the ring is one that this program can write, else 0.
int ring_is_ours(const struct trace_ring *ring);

// Is what the two programs share consistent, as the writer sees it? NULL if so, else what is not.
// What gives packets and images to the recorder asserts it.
const char *ring_check(const struct trace_ring *ring);

// The slot for the next packet, ring->slot_bytes long; waits until there is one.
uint8_t *ring_begin(struct trace_ring *ring, const struct ring_port *port);

// Says how much of the open packet is whole, should the program die: `bytes` from its start, last
// event at `clock`, `counters` sums not yet written.
static inline void ring_publish(struct trace_ring *ring, uint32_t bytes, uint64_t clock,
                                uint32_t counters)
{
    ring->open_clock = clock;
    ring->open_counters = counters;
    __atomic_store_n(&ring->open_bytes, bytes, __ATOMIC_RELEASE);
}

// Gives the finished packet in the slot to the recorder. 0: it was dropped (the next packet has its
// number, its events count as discarded), else 1.
int ring_commit(struct trace_ring *ring, const struct ring_port *port);

// Gives the recorder an image of at most TRACE_RING_IMAGE_BYTES to keep as .frost/NAME.
void ring_send_image(struct trace_ring *ring, const struct ring_port *port, const char *name,
                     const void *image, uint32_t bytes);

// Nothing more will come.
void ring_close(struct trace_ring *ring, const struct ring_port *port);

#endif
