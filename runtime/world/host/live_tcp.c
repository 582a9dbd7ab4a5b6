// live_tcp.c: connections: bytes both ways, windows, and their ends.
//
// A write is acknowledged when the system has taken it; its buffer is made small, so that a reader
// that is slow is felt.

#include <stdlib.h>
#include <string.h>

#include "runtime/world/host/live_parts.h"
#include "runtime/world/later.h"

#define SEND_BUFFER_BYTES 4096
#define OFFER_AGAIN_US 1000000u  // a SYN comes again after a second
#define UNREACHABLE_US 30000000u // until lwIP gives up
#define ERROR_ABORTED (-8)
#define ERROR_RESET (-9)

static void set_send_buffer(struct live_socket *socket)
{
    int bytes = SEND_BUFFER_BYTES;
    uv_send_buffer_size(&socket->handle, &bytes); // a wish
}

// ---- from the peer ----

static char received[WORLD_SEGMENT_BYTES_MAX];

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    const struct live_socket *socket = (struct live_socket *)handle;
    (void)suggested;
    *buffer = uv_buf_init(received,
                          socket->window < sizeof received ? socket->window : sizeof received);
}

static void finish(struct live_socket *socket)
{
    if (socket->is_forgotten && socket->writing == 0)
        live_close(socket, 0);
}

static void got(uv_stream_t *stream, ssize_t bytes, const uv_buf_t *buffer)
{
    struct live_socket *socket = (struct live_socket *)stream;
    if (bytes > 0) {
        socket->window -= (uint32_t)bytes;
        live_arrives(WORLD_SOCKET, socket->number, NULL, 0, buffer->base, (size_t)bytes);
        if (socket->window == 0)
            uv_read_stop(stream);
        return;
    }
    if (bytes == 0 || bytes == UV_ENOBUFS)
        return;
    uv_read_stop(stream);
    socket->has_ended = 1;
    if (bytes == UV_EOF) {
        live_arrives_op(socket, WORLD_ENDED, 0, NULL, 0);
        return;
    }
    live_arrives_op(socket, WORLD_BROKEN, ERROR_RESET, NULL, 0);
    live_close(socket, 0);
}

void live_tcp_read(struct live_socket *socket)
{
    if (socket->is_connected && !socket->has_ended && socket->window > 0 && socket->number)
        uv_read_start(&socket->stream, give_room, got);
}

// ---- to the peer ----

struct writing {
    uv_write_t request;
    uint32_t bytes;
    char data[];
};

static void written(uv_write_t *request, int error)
{
    struct live_socket *socket = (struct live_socket *)request->handle;
    struct writing *writing = (struct writing *)request;
    socket->writing--;
    if (!error && !uv_is_closing(&socket->handle))
        live_arrives_op(socket, WORLD_ACKED, 0, NULL, writing->bytes);
    else if (error != UV_ECANCELED && !uv_is_closing(&socket->handle) && !socket->has_ended) {
        live_arrives_op(socket, WORLD_BROKEN, ERROR_RESET, NULL, 0);
        live_close(socket, 0);
    }
    free(writing);
    if (!uv_is_closing(&socket->handle))
        finish(socket);
}

void live_tcp_send(struct live_socket *socket, const void *data, size_t bytes)
{
    if (!socket->is_connected || socket->is_shut)
        return;
    struct writing *writing = live_alloc(sizeof *writing + bytes);
    writing->bytes = (uint32_t)bytes;
    memcpy(writing->data, data, bytes);
    uv_buf_t buffer = uv_buf_init(writing->data, (unsigned)bytes);
    socket->writing++;
    int error = uv_write(&writing->request, &socket->stream, &buffer, 1, written);
    if (error) {
        socket->writing--;
        free(writing);
        live_arrives_op(socket, WORLD_BROKEN, ERROR_RESET, NULL, 0);
        live_close(socket, 0);
    }
}

static void shut_down(uv_shutdown_t *request, int error)
{
    struct live_socket *socket = (struct live_socket *)request->handle;
    (void)error;
    free(request);
    socket->writing--;
    if (!uv_is_closing(&socket->handle))
        finish(socket);
}

static void shut(struct live_socket *socket)
{
    if (socket->is_shut || !socket->is_connected)
        return;
    uv_shutdown_t *request = live_alloc(sizeof *request);
    socket->is_shut = 1;
    socket->writing++;
    if (uv_shutdown(request, &socket->stream, shut_down) != 0) {
        socket->writing--;
        free(request);
    }
}

// ---- beginnings ----

static void connected(uv_connect_t *request, int error)
{
    struct live_socket *socket = (struct live_socket *)request->handle;
    free(request);
    if (uv_is_closing(&socket->handle))
        return;
    if (error) {
        live_arrives_op(socket, WORLD_FAILED,
                        error == UV_ECONNREFUSED ? ERROR_RESET : ERROR_ABORTED, NULL, 0);
        live_close(socket, 0);
        return;
    }
    struct sockaddr_storage address;
    int bytes = sizeof address;
    socket->is_connected = 1;
    uv_tcp_getsockname(&socket->tcp, (struct sockaddr *)&address, &bytes);
    live_arrives_op(socket, WORLD_CONNECTED, 0, (struct sockaddr *)&address, 0);
    live_tcp_read(socket);
}

static void connect_to(uint32_t number, uint32_t ip, uint16_t port)
{
    if (!live_may_reach(ip)) {
        const struct world_connection failed = {.op = WORLD_FAILED, .error = ERROR_ABORTED};
        later_add(world_now_us() + UNREACHABLE_US, WORLD_CONNECTION, number, &failed,
                  sizeof failed);
        return;
    }
    struct live_socket *socket = live_new(LIVE_PEER, number);
    const struct sockaddr_in address = live_address(ip, port);
    uv_tcp_init(&live_loop, &socket->tcp);
    set_send_buffer(socket);
    live_hold(socket);
    uv_connect_t *request = live_alloc(sizeof *request);
    int error = uv_tcp_connect(request, &socket->tcp, (const struct sockaddr *)&address, connected);
    if (!error) {
        set_send_buffer(socket);
        uv_tcp_nodelay(&socket->tcp, 1);
        return;
    }
    free(request);
    live_arrives_op(socket, WORLD_FAILED, ERROR_ABORTED, NULL, 0);
    live_close(socket, 0);
}

static void accept_offer(uint32_t number, uint32_t offer)
{
    struct live_socket *peer = live_find_offer(offer);
    if (!peer)
        return;
    peer->number = number;
    peer->offer = 0;
    peer->is_connected = 1;
    set_send_buffer(peer);
    live_tcp_read(peer);
}

static void ignore_offer(uint32_t offer)
{
    struct live_socket *peer = live_find_offer(offer);
    if (peer)
        peer->retry_us = world_now_us() + OFFER_AGAIN_US;
}

// ---- what the program tells ----

static void told_socket(struct live_socket *socket, const struct world_connection *told)
{
    switch (told->op) {
    case WORLD_SHUT:
        shut(socket);
        break;
    case WORLD_ABORT:
        live_close(socket, 1);
        break;
    case WORLD_WINDOW:
        socket->window += told->count;
        live_tcp_read(socket);
        break;
    case WORLD_FORGET:
        socket->is_forgotten = 1;
        if (socket->kind == LIVE_PEER)
            finish(socket);
        else if (socket->kind == LIVE_LISTENER)
            live_listen_close(socket);
        else
            live_close(socket, 0);
        break;
    default:
        break;
    }
}

void live_tcp_told(uint32_t number, const struct world_connection *told)
{
    if (told->op == WORLD_CONNECT) {
        connect_to(number, told->ip, told->port);
    } else if (told->op == WORLD_ACCEPT) {
        accept_offer(number, told->count);
    } else if (told->op == WORLD_IGNORE) {
        ignore_offer(told->count);
    } else {
        struct live_socket *socket = live_find(number);
        if (socket)
            told_socket(socket, told);
    }
}
