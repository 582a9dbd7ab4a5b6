// pipe.c: see pipe.h.

#include "runtime/world/host/pipe.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/format/trace_events.h"

void world_pipe_init(struct world_pipe *pipe, int fd)
{
    pipe->fd = fd;
    pipe->state = PIPE_GOOD;
    pipe->fault = NULL;
    pipe->in_first = pipe->in_end = pipe->out_bytes = 0;
}

// ---- sending ----

static void write_all(struct world_pipe *pipe, const char *data, size_t bytes)
{
    while (bytes > 0 && pipe->state == PIPE_GOOD) {
        ssize_t n = send(pipe->fd, data, bytes, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            pipe->state = errno == EPIPE || errno == ECONNRESET ? PIPE_ENDED : PIPE_FAILED;
            return;
        }
        data += n;
        bytes -= (size_t)n;
    }
}

int world_pipe_flush(struct world_pipe *pipe)
{
    size_t bytes = pipe->out_bytes;
    pipe->out_bytes = 0;
    write_all(pipe, pipe->out, bytes);
    return pipe->state;
}

static void add(struct world_pipe *pipe, const void *data, size_t bytes)
{
    if (bytes)
        memcpy(pipe->out + pipe->out_bytes, data, bytes);
    pipe->out_bytes += bytes;
}

int world_pipe_send(struct world_pipe *pipe, const struct world_message *message, const void *data)
{
    assert(message->bytes <= WORLD_PIPE_DATA_BYTES_MAX);
    if (pipe->out_bytes + sizeof *message + message->bytes > PIPE_BUFFER_BYTES)
        (void)world_pipe_flush(pipe);
    if (pipe->state != PIPE_GOOD)
        return pipe->state;
    add(pipe, message, sizeof *message);
    add(pipe, data, message->bytes);
    return pipe->state;
}

// ---- receiving ----

static ssize_t read_some(const struct world_pipe *pipe, void *data, size_t room)
{
    ssize_t n;
    do
        n = read(pipe->fd, data, room);
    while (n < 0 && errno == EINTR);
    return n;
}

// Waits until `bytes` of input are in the buffer, in one piece.
static int want_input(struct world_pipe *pipe, size_t bytes)
{
    assert(bytes <= PIPE_BUFFER_BYTES);
    if (pipe->in_first + bytes > PIPE_BUFFER_BYTES || pipe->in_first == pipe->in_end) {
        pipe->in_end -= pipe->in_first;
        memmove(pipe->in, pipe->in + pipe->in_first, pipe->in_end);
        pipe->in_first = 0;
    }
    while (pipe->in_end - pipe->in_first < bytes) {
        ssize_t n = read_some(pipe, pipe->in + pipe->in_end, PIPE_BUFFER_BYTES - pipe->in_end);
        if (n <= 0) {
            pipe->state = n == 0 || errno == ECONNRESET ? PIPE_ENDED : PIPE_FAILED;
            return pipe->state;
        }
        pipe->in_end += (size_t)n;
    }
    return pipe->state;
}

static void take_input(struct world_pipe *pipe, void *data, size_t bytes)
{
    memcpy(data, pipe->in + pipe->in_first, bytes);
    pipe->in_first += bytes;
}

static const char *find_fault(const struct world_message *message)
{
    if (message->bytes > WORLD_PIPE_DATA_BYTES_MAX)
        return "a message is too long";
    if (message->type >= WORLD_PIPE_TYPE_COUNT)
        return "a message of unknown type";
    if (message->kind >= WORLD_COUNT && message->type != WORLD_PIPE_DONE)
        return "a message of unknown kind";
    return message->zero ? "a message with bytes that are not zero" : NULL;
}

int world_pipe_receive(struct world_pipe *pipe, struct world_message *message)
{
    if (world_pipe_flush(pipe) != PIPE_GOOD || want_input(pipe, sizeof *message) != PIPE_GOOD)
        return pipe->state;
    take_input(pipe, message, sizeof *message);
    pipe->fault = find_fault(message);
    if (pipe->fault)
        return pipe->state = PIPE_DAMAGED;
    if (want_input(pipe, message->bytes) == PIPE_GOOD)
        take_input(pipe, pipe->data, message->bytes);
    return pipe->state;
}

int world_pipe_has_input(const struct world_pipe *pipe)
{
    return pipe->in_end > pipe->in_first;
}
