// replay_streams.h: what each object (socket, pin, console ...) sent in a boot of the recording, as
// one text of bytes each.
//
// Reads: the log, whose outputs it links. Memory: a table of the objects of a boot, from malloc.
// Context: the interpreter's thread.

#ifndef FROST_WORLD_REPLAY_STREAMS_H
#define FROST_WORLD_REPLAY_STREAMS_H

#include "runtime/world/host/replay_log.h"

struct replay_slip;    // replay_compare.c
struct replay_shuffle; // replay_shuffle.h

// What the program has yet to send is from `at` on.
struct replay_stream {
    uint32_t object;
    uint8_t kind; // enum trace_world
    uint8_t is_lost;
    replay_place at, last; // outputs, linked by `next`; at 0: none is left
    replay_place ahead;    // the last output of which bytes have been sent
    uint32_t done;         // bytes of the output at `at`
    uint64_t off;          // bytes so far
    struct replay_slip *slip;
    struct replay_shuffle *shuffle; // of the turn that runs
};

struct replay_streams {
    struct replay_stream *items;
    uint32_t count;
    uint32_t *slots; // index + 1 by hash, 0: free
    uint32_t slot_count;
};

// Takes out of what is told how far into its turn it came: that is another where code is loaded
// another way. `data` has `bytes` bytes.
void replay_streams_forget_time(unsigned kind, void *data, size_t bytes);

// Those of the boot whose records begin at `first`. Result: 0, or -1: no memory.
int replay_streams_fill(struct replay_streams *streams, const struct replay_log *log,
                        replay_place first);
// NULL: it sent nothing.
struct replay_stream *replay_streams_find(const struct replay_streams *streams, unsigned kind,
                                          uint32_t object);

#endif
