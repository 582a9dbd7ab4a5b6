// pipe.h: messages between a device and its world script (runtime/format/world_pipe.h), in batches.
//
// Reads and writes: a socket. What is sent is kept until a message is waited for or the buffer is
// full. Memory: in struct world_pipe. Both processes use this; each checks what it gets: lengths,
// types and kinds are within their limits, everything else is the receiver's affair.
// Context: one thread.

#ifndef FROST_WORLD_HOST_PIPE_H
#define FROST_WORLD_HOST_PIPE_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/world_pipe.h"

enum pipe_state {
    PIPE_GOOD,
    PIPE_ENDED,   // the other side is gone
    PIPE_DAMAGED, // what it has sent is no message; `fault` says why
    PIPE_FAILED,  // errno
};

#define PIPE_BUFFER_BYTES 16384u

struct world_pipe {
    int fd;
    int state;         // enum pipe_state; once it is not good it stays so
    const char *fault; // static text
    size_t in_first, in_end, out_bytes;
    char in[PIPE_BUFFER_BYTES], out[PIPE_BUFFER_BYTES];
    char data[WORLD_PIPE_DATA_BYTES_MAX]; // of the message that was read last
};

void world_pipe_init(struct world_pipe *pipe, int fd);
// Adds a message; `bytes` is at most WORLD_PIPE_DATA_BYTES_MAX. Returns the state.
int world_pipe_send(struct world_pipe *pipe, const struct world_message *message, const void *data);
// Sends what is kept. Returns the state.
int world_pipe_flush(struct world_pipe *pipe);
// Sends what is kept and waits for a message, whose data is in pipe->data. Returns the state.
int world_pipe_receive(struct world_pipe *pipe, struct world_message *message);
// Is a message, or a part of one, there already?
int world_pipe_has_input(const struct world_pipe *pipe);

#endif
