// live.c: the filling: what the program tells, what has arrived; see live.h.

#include "runtime/world/host/live.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/format/status.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/say.h"
#include "runtime/world/host/link_loss.h"
#include "runtime/world/host/live_parts.h"
#include "runtime/world/host/marks.h"
#include "runtime/world/later.h"
#include "runtime/world/time_server.h"
#include "runtime/world/virtual.h"

struct live_settings live_settings;
uv_loop_t live_loop;

static struct live_socket *sockets;

// What has arrived and was not taken yet; `taken` lasts until the next one is.
struct queued {
    struct queued *next;
    struct world_arrival arrival;
    char data[];
};
static struct queued *first, **last = &first, *taken;

_Noreturn void live_fail(const char *what, int error)
{
    host_say("%s: %s", what, uv_strerror(error));
    host_exit(EXIT_STATUS_ENVIRONMENT);
}

void *live_alloc(size_t bytes)
{
    void *block = calloc(1, bytes);
    if (!block)
        live_fail("sockets", UV_ENOMEM);
    return block;
}

// ---- arrivals ----

void live_arrives(int kind, uint32_t object, const void *head, size_t head_bytes, const void *data,
                  size_t bytes)
{
    struct queued *queued = live_alloc(sizeof *queued + head_bytes + bytes);
    if (head_bytes)
        memcpy(queued->data, head, head_bytes);
    if (bytes)
        memcpy(queued->data + head_bytes, data, bytes);
    queued->arrival = (struct world_arrival){object, (uint8_t)kind, (uint32_t)(head_bytes + bytes),
                                             queued->data};
    *last = queued;
    last = &queued->next;
}

void live_arrives_op(struct live_socket *socket, int op, int error, const struct sockaddr *address,
                     uint32_t count)
{
    struct world_connection message = {.op = (uint8_t)op, .error = (int8_t)error, .count = count};
    if (address) {
        message.ip = live_ip(address);
        message.port = live_port(address);
    }
    uint32_t object = op == WORLD_OFFERED ? socket->listener : socket->number;
    live_arrives(WORLD_CONNECTION, object, &message, sizeof message, NULL, 0);
}

static int take(uint64_t now_us, struct world_arrival *arrival)
{
    marks_take();
    live_ports_tell_ready();
    if (!first) {
        live_listen_retry(now_us);
        uv_run(&live_loop, UV_RUN_NOWAIT);
    }
    if (!first) {
        int has_come = world_virtual.take(now_us, arrival);
        live_ports_tell_ready();
        return has_come;
    }
    free(taken);
    taken = first;
    first = first->next;
    if (!first)
        last = &first;
    *arrival = taken->arrival;
    return 1;
}

static uint64_t next_us(void)
{
    uint64_t retry_us = live_listen_next_us(), later_us = later_next_us();
    if (first)
        return 0;
    return retry_us < later_us ? retry_us : later_us;
}

// For the port's waits: looks at the sockets. True: something has arrived.
static int look(void)
{
    uv_run(&live_loop, UV_RUN_NOWAIT);
    return first != NULL;
}

// ---- sockets ----

struct live_socket *live_new(enum live_kind kind, uint32_t number)
{
    struct live_socket *socket = live_alloc(sizeof *socket);
    socket->kind = kind;
    socket->number = number;
    socket->window = WORLD_WINDOW_BYTES;
    socket->next = sockets;
    sockets = socket;
    host_wait_sources(1);
    return socket;
}

struct live_socket *live_find(uint32_t number)
{
    struct live_socket *socket = sockets;
    while (socket && (socket->number != number || uv_is_closing(&socket->handle)))
        socket = socket->next;
    return socket;
}

struct live_socket *live_find_offer(uint32_t offer)
{
    struct live_socket *socket = sockets;
    while (socket && (socket->offer != offer || uv_is_closing(&socket->handle)))
        socket = socket->next;
    return socket;
}

void live_each(void (*visit)(struct live_socket *socket))
{
    for (struct live_socket *socket = sockets, *next; socket; socket = next) {
        next = socket->next;
        if (!uv_is_closing(&socket->handle))
            visit(socket);
    }
}

void live_hold(struct live_socket *socket)
{
    if (socket->is_held)
        return;
    socket->is_held = 1;
    host_wait_hold(1, world_now_us());
}

void live_release(struct live_socket *socket)
{
    if (socket->is_held)
        host_wait_hold(-1, world_now_us());
    socket->is_held = 0;
}

static void closed(uv_handle_t *handle)
{
    struct live_socket *socket = (struct live_socket *)handle;
    struct live_socket **link = &sockets;
    while (*link != socket)
        link = &(*link)->next;
    *link = socket->next;
    free(socket);
}

void live_close(struct live_socket *socket, int resets)
{
    if (uv_is_closing(&socket->handle))
        return;
    host_wait_sources(-1);
    live_release(socket);
    if (!resets || uv_tcp_close_reset(&socket->tcp, closed) != 0)
        uv_close(&socket->handle, closed);
}

// ---- addresses ----

struct sockaddr_in live_address(uint32_t ip, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(ip);
    return address;
}

uint32_t live_ip(const struct sockaddr *address)
{
    return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr);
}

uint16_t live_port(const struct sockaddr *address)
{
    return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

int live_may_reach(uint32_t ip)
{
    return live_settings.reaches_out || ip >> 24 == 127 || live_is_host(ip);
}

// ---- the filling ----

static void told_connection(uint32_t number, const struct world_connection *told)
{
    switch (told->op) {
    case WORLD_LISTEN:
        live_listen(number, told->port);
        break;
    case WORLD_BIND:
        live_udp_bind(number, told->port);
        break;
    default:
        live_tcp_told(number, told);
        break;
    }
}

static void told_bytes(uint32_t number, const void *data, size_t bytes)
{
    struct live_socket *socket = live_find(number);
    if (socket && socket->kind == LIVE_PEER) {
        live_tcp_send(socket, data, bytes);
    } else if (bytes >= sizeof(struct world_datagram)) {
        const struct world_datagram *head = data;
        if (!live_may_reach(head->ip) && time_server_tell(WORLD_SOCKET, number, data, bytes))
            return;
        live_udp_send(number, head, head + 1, bytes - sizeof *head);
    }
}

static void tell(int kind, uint32_t object, const void *data, size_t bytes)
{
    if (kind == WORLD_CONNECTION && bytes == sizeof(struct world_connection))
        told_connection(object, data);
    else if (kind == WORLD_SOCKET)
        told_bytes(object, data, bytes);
    else if (kind == WORLD_DNS)
        live_dns_ask(object, data, bytes);
    else
        world_virtual.tell(kind, object, data, bytes);
}

static size_t ask(int kind, uint32_t object, const void *question, size_t question_bytes,
                  void *answer, size_t room)
{
    return world_virtual.ask(kind, object, question, question_bytes, answer, room);
}

static void close_hard(struct live_socket *socket)
{
    live_close(socket, socket->kind == LIVE_PEER);
}

// The device starts again: who was connected is cut off, what had arrived is lost.
static void boot(void)
{
    live_each(close_hard);
    uv_run(&live_loop, UV_RUN_NOWAIT);
    while (first) {
        struct queued *queued = first;
        first = queued->next;
        free(queued);
    }
    last = &first;
    world_virtual.boot();
}

static const struct world_filling world_live = {
    .ask = ask,
    .tell = tell,
    .take = take,
    .next_us = next_us,
    .boot = boot,
};

int live_start(const struct live_settings *settings)
{
    live_settings = *settings;
    if (live_ports_parse() != 0 || live_hosts_parse() != 0)
        return -1;
    int error = uv_loop_init(&live_loop);
    if (error)
        live_fail("sockets", error);
    struct sigaction pipes;
    if (sigaction(SIGPIPE, NULL, &pipes) == 0 && pipes.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN); // a peer that has gone is an error of the write
    host_wait_poll(uv_backend_fd(&live_loop), look);
    world_use(link_loss_over(&world_live));
    return 0;
}
