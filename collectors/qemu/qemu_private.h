// qemu_private.h: what the files of the recorder share.

#ifndef FROST_QEMU_PRIVATE_H
#define FROST_QEMU_PRIVATE_H

#include "collectors/host/recorder_private.h"
#include "collectors/qemu/qemu_recorder.h"
#include "collectors/qemu/wire.h"

struct qemu_recorder {
    struct recorder host; // the directory of the trace
    const struct qemu_setup *setup;
    struct wire_totals totals;
    pid_t emulator; // 0: not known yet

    int stop_pipe;      // by which the program is told to end; -1: none
    int64_t stopped_ms; // when it was told; 0: not
    bool is_given_up;   // it did not end: the emulator was told

    // What came through the pipe and is not used yet.
    uint8_t *queue;
    size_t queue_bytes, queue_room;

    // Sums that wait for their packet.
    struct wire_record *records;
    size_t record_count, record_room;

    uint8_t *packet;                 // TRACE_PACKET_BYTES_MAX, being made
    struct trace_packet_header last; // of the last one written
    uint64_t serial_next;            // of the next block of the heap
    uint64_t packets_added;          // to those of the firmware
    uint32_t site_max;               // the last site that is defined
    bool is_more_site;               // TRACE_SITE_MORE is
};

// ---- qemu_merge.c ----

// Takes bytes from the pipe. Errors: STATUS_DAMAGED, STATUS_NO_MEMORY, those of writing.
int qemu_merge(struct qemu_recorder *recorder, const uint8_t *data, size_t bytes)
    __attribute__((warn_unused_result));
// The emulator is gone: writes the sums that no packet came for.
int qemu_merge_rest(struct qemu_recorder *recorder) __attribute__((warn_unused_result));

#endif
