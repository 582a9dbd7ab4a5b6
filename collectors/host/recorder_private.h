// recorder_private.h: what the files of the recorder share.

#ifndef FROST_COLLECTORS_HOST_RECORDER_PRIVATE_H
#define FROST_COLLECTORS_HOST_RECORDER_PRIVATE_H

#include <sys/types.h>

#include "analyzer/base/result.h"
#include "collectors/host/recorder.h"
#include "runtime/format/trace_ring.h"

#define RECORDER_IMAGES_MAX 64

struct recorder_image {
    char file[TRACE_RING_NAME_BYTES];
    uint32_t addr, bytes, crc;
};

struct recorder {
    struct arena *arena;
    const struct recorder_setup *setup;
    struct recorder_result *result;
    struct problem *problem;
    struct result made;    // the directory that the trace is made in
    const char *directory; // as it was given; recorder_directory_begin sets these
    const char *part;      // where the trace is made
    int events_fd;
    int ring_fd;
    struct trace_ring *ring;
    pid_t child;         // 0: none
    unsigned over_polls; // how often the program was found to be over
    bool has_exited;
    uint32_t last_id; // of the last event written
    uint64_t discarded;
    struct recorder_image images[RECORDER_IMAGES_MAX];
    size_t image_count;
};

// ---- recorder_directory.c ----

// Checks the final name, begins a result with metadata and an empty `events`. If it fails, nothing
// is left.
int recorder_directory_begin(struct recorder *recorder) __attribute__((warn_unused_result));
// Keeps an image as .frost/NAME.
int recorder_directory_image(struct recorder *recorder, const char *name, const void *image,
                             size_t bytes) __attribute__((warn_unused_result));
// Writes .frost/run.json as things stand.
int recorder_directory_run(struct recorder *recorder) __attribute__((warn_unused_result));
// Gives the trace its final name.
int recorder_directory_finish(struct recorder *recorder) __attribute__((warn_unused_result));
// Removes what was made.
void recorder_directory_abandon(struct recorder *recorder);

// Fills the problem with the system's reason for not writing `name`. Result: its status.
int recorder_write_failed(struct recorder *recorder, const char *name);

// ---- recorder_drain.c ----

// Writes a packet to `events` after a look at its events; `room` bytes can be read of it.
// Errors: STATUS_DAMAGED it is none, or an event in it is none; STATUS_NO_SPACE, STATUS_IO.
int recorder_packet(struct recorder *recorder, const uint8_t *packet, uint32_t room)
    __attribute__((warn_unused_result));
// Writes the packets and images that are waiting. Result: how many, or a failure.
int recorder_drain(struct recorder *recorder) __attribute__((warn_unused_result));
// The program is gone: writes what is left of the packet it was filling.
int recorder_drain_rest(struct recorder *recorder) __attribute__((warn_unused_result));

#endif
