// trace_ring.h: shared memory between a program that is recorded and its recorder.
//
// Written by runtime/probe/ring.c (the program) and collectors/host (the recorder), which makes it
// and hands its file descriptor to the program. One writer, one reader.
//
//   offset 0                             struct trace_ring
//   offset TRACE_RING_HEAD_BYTES + i*slot_bytes   slot i: one packet (runtime/format/trace.h)
//   after the last slot                 TRACE_RING_IMAGE_BYTES for one image on its way
//
// The program fills slot `filled % slot_count` in place, then adds 1 to `filled`; the recorder
// writes out `packet_size` of each filled slot in order and adds 1 to `drained`. The program waits
// while filled - drained == slot_count, so nothing is dropped. Both counters wrap, both are futex
// words.
//
// If the program dies, slot `filled % slot_count` holds `open_bytes` bytes of whole events, the
// last of them at `open_clock`, under a packet header whose sizes and timestamp_end are not set;
// `open_counters` sums had not been written as events and are lost (events_discarded).
//
// Images: the program waits until image_bytes is 0, puts the image after the slots and its name
// for .frost/ into image_name, then sets image_bytes; the recorder writes the file and sets
// image_bytes to 0.

#ifndef FROST_FORMAT_TRACE_RING_H
#define FROST_FORMAT_TRACE_RING_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/trace.h"

#define TRACE_RING_MAGIC 0x46525232u // "FRR2"
#define TRACE_RING_HEAD_BYTES 4096u
#define TRACE_RING_SLOTS 16u
#define TRACE_RING_IMAGE_BYTES 0x100000u // the whole flash window
#define TRACE_RING_NAME_BYTES 64u

struct trace_ring {
    uint32_t magic;
    uint32_t slot_bytes; // TRACE_PACKET_BYTES
    uint32_t slot_count; // a power of two
    uint8_t uuid[16];    // trace_schema_uuid() of the recorder; a program with another one refuses
    uint32_t filled;     // written by the program
    uint32_t drained;    // written by the recorder
    uint32_t open_bytes; // 0: no packet is open
    uint32_t open_counters;
    uint64_t open_clock;
    uint32_t is_closed;                     // the program has written its last packet
    uint32_t is_cut;                        // its time was over before it had ended
    uint32_t image_bytes;                   // 0: none on its way
    char image_name[TRACE_RING_NAME_BYTES]; // a plain file name, ended by NUL
};

_Static_assert(sizeof(struct trace_ring) == 136, "shared by two programs");
_Static_assert(offsetof(struct trace_ring, filled) == 28, "shared by two programs");
_Static_assert(sizeof(struct trace_ring) <= TRACE_RING_HEAD_BYTES, "head of the ring");

// Bytes of a ring with the usual slots.
#define TRACE_RING_BYTES                                                                           \
    (TRACE_RING_HEAD_BYTES + TRACE_RING_SLOTS * TRACE_PACKET_BYTES + TRACE_RING_IMAGE_BYTES)

static inline uint8_t *trace_ring_slot(struct trace_ring *ring, uint32_t number)
{
    return (uint8_t *)ring + TRACE_RING_HEAD_BYTES +
           (size_t)(number & (ring->slot_count - 1)) * ring->slot_bytes;
}

static inline uint8_t *trace_ring_image(struct trace_ring *ring)
{
    return (uint8_t *)ring + TRACE_RING_HEAD_BYTES + (size_t)ring->slot_count * ring->slot_bytes;
}

#endif
