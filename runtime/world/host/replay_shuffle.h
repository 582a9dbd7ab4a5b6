// replay_shuffle.h: lines that an object sends in another order within one turn, as `pairs` over
// keys that are objects has them where addresses are others.
//
// From the first byte that differs to the end of the turn what is sent is kept; the turn's lines
// must then be those that were recorded, in whatever order. Memory: REPLAY_SHUFFLE_BYTES_MAX for
// each object that does so, from malloc. Context: the interpreter's thread.

#ifndef FROST_WORLD_REPLAY_SHUFFLE_H
#define FROST_WORLD_REPLAY_SHUFFLE_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/world/host/replay_tell.h"

#define REPLAY_SHUFFLE_BYTES_MAX 65536u
#define REPLAY_SHUFFLE_BEFORE_MAX 24u

struct replay_shuffle {
    uint32_t number;    // 1, 2, 3 ... in the order in which they began
    size_t equal_bytes; // of the turn that came before
    size_t call_before; // of the call that differs, in front of that: the last of them
    uint8_t before[REPLAY_SHUFFLE_BEFORE_MAX];
    size_t call_bytes; // of that call, from there on
    size_t bytes;      // in `data`: what was sent from there on
    char where[REPLAY_WHERE_ROOM];
    uint8_t data[REPLAY_SHUFFLE_BYTES_MAX];
};

// Keeps what is sent. Result: 0: there is no room for it.
int replay_shuffle_add(struct replay_shuffle *shuffle, const void *data, size_t bytes);

// Are the turn's lines the recorded ones? They are `equal_bytes` of these, then the shuffle's. No
// memory: they are not.
int replay_shuffle_is_equal(const struct replay_shuffle *shuffle, const uint8_t *recorded,
                            size_t bytes);

#endif
