// live_listen.c: ports that the program listens at, and peers that come to them.

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/port/host/say.h"
#include "runtime/world/host/live_parts.h"
#include "runtime/world/wifi_model.h"

#define BACKLOG 128
#define LINE_BYTES_MAX 24 // "TCP 65535 65535"
#define SAME_PORT_MIN 1024
// Below those that Linux gives to connections by itself: one that a restart leaves for a moment is
// not taken meanwhile by somebody's connection.
#define FREE_PORT_MIN 20000u
#define FREE_PORT_COUNT 12000u

// What the user has said, for both protocols.
static struct wish {
    uint16_t device_port, port;
} wishes[LIVE_PORTS_MAX];
static unsigned wish_count;

static struct mapping {
    enum live_protocol protocol;
    uint16_t device_port, port;
    char is_due; // it is open, but the device has no address yet
} mappings[UINT8_MAX];
static unsigned mapping_count;
static const char *const names[] = {[LIVE_PORT_TCP] = "TCP", [LIVE_PORT_UDP] = "UDP"};
static uint32_t offer_count;

// ---- which port ----

static struct mapping *find_mapping(enum live_protocol protocol, uint16_t device_port)
{
    for (unsigned i = 0; i < mapping_count; i++)
        if (mappings[i].device_port == device_port && mappings[i].protocol == protocol)
            return &mappings[i];
    return NULL;
}

static const struct wish *find_wish(uint16_t device_port)
{
    for (unsigned i = 0; i < wish_count; i++)
        if (wishes[i].device_port == device_port)
            return &wishes[i];
    return NULL;
}

// "80=8080"
static int parse_wish(const char *text, struct wish *wish)
{
    char *end;
    unsigned long device_port = strtoul(text, &end, 10);
    if (end == text || *end != '=')
        return -1;
    const char *after = end + 1;
    unsigned long port = strtoul(after, &end, 10);
    if (end == after || *end || device_port - 1 >= UINT16_MAX || port - 1 >= UINT16_MAX)
        return -1;
    *wish = (struct wish){(uint16_t)device_port, (uint16_t)port};
    return 0;
}

int live_ports_parse(void)
{
    for (wish_count = 0; wish_count < live_settings.port_count; wish_count++)
        if (parse_wish(live_settings.ports[wish_count], &wishes[wish_count]) != 0) {
            host_say("--port: '%s' is not DEVICE=PORT, such as 80=8080",
                     live_settings.ports[wish_count]);
            return -1;
        }
    return 0;
}

// The one that was told, that the user has said, or the same.
static uint16_t wanted_port(enum live_protocol protocol, uint16_t device_port)
{
    const struct mapping *mapping = find_mapping(protocol, device_port);
    if (mapping)
        return mapping->port;
    const struct wish *wish = find_wish(device_port);
    if (wish)
        return wish->port;
    return device_port >= SAME_PORT_MIN ? device_port : 0;
}

_Noreturn static void fail(uint16_t device_port, int error)
{
    const struct wish *wish = find_wish(device_port);
    char what[64] = "no free port";
    if (wish)
        snprintf(what, sizeof what, "port %u of this computer (for %u of the device)", wish->port,
                 device_port);
    live_fail(what, error);
}

void live_port_open(enum live_protocol protocol, uint16_t device_port, int (*open)(uint16_t port))
{
    uint16_t port = wanted_port(protocol, device_port);
    int error = port ? open(port) : UV_EADDRINUSE;
    if (error && find_wish(device_port))
        fail(device_port, error);
    unsigned first = (unsigned)getpid() * 37 + device_port;
    for (unsigned i = 0; error == UV_EADDRINUSE && i < FREE_PORT_COUNT; i++)
        error = open((uint16_t)(FREE_PORT_MIN + (first + i) % FREE_PORT_COUNT));
    if (error == UV_EADDRINUSE)
        error = open(0);
    if (error)
        fail(device_port, error);
}

static void tell_no_address(void)
{
    static char is_told;
    if (!is_told && !wifi_model_is_reached())
        host_say("the device has no address yet: it is reached when it has one");
    is_told |= !wifi_model_is_reached();
}

void live_port_tell(enum live_protocol protocol, uint16_t device_port, uint16_t port)
{
    struct mapping *mapping = find_mapping(protocol, device_port);
    if (mapping && mapping->port == port)
        return;
    if (!mapping) {
        if (mapping_count == sizeof mappings / sizeof *mappings)
            return;
        mapping = &mappings[mapping_count++];
    }
    *mapping = (struct mapping){protocol, device_port, port, 1};
    fflush(stdout);
    host_say("%s port %u of the device is 127.0.0.1:%u", names[protocol], device_port, port);
    tell_no_address();
}

// A session begins when somebody can be reached, and soon after the first port: so all that a turn
// has opened is told at once.
void live_ports_tell_ready(void)
{
    char lines[PIPE_BUF];
    size_t bytes = 0;
    if (!wifi_model_is_reached())
        return;
    for (struct mapping *at = mappings; at < mappings + mapping_count; at++) {
        if (at->is_due && bytes < sizeof lines - LINE_BYTES_MAX)
            bytes += (size_t)snprintf(lines + bytes, LINE_BYTES_MAX, "%s %u %u\n",
                                      names[at->protocol], at->device_port, at->port);
        at->is_due = 0;
    }
    if (bytes && live_settings.ready_fd > 0)
        (void)!write(live_settings.ready_fd, lines, bytes); // nobody may be left to be told
}

// ---- peers ----

static void offer(struct live_socket *peer)
{
    struct sockaddr_storage address;
    int bytes = sizeof address;
    peer->retry_us = 0;
    if (uv_tcp_getpeername(&peer->tcp, (struct sockaddr *)&address, &bytes) != 0) {
        live_close(peer, 0);
        return;
    }
    live_arrives_op(peer, WORLD_OFFERED, 0, (struct sockaddr *)&address, peer->offer);
}

static void accept_peer(uv_stream_t *stream, int status)
{
    const struct live_socket *listener = (struct live_socket *)stream;
    if (status != 0)
        return;
    struct live_socket *peer = live_new(LIVE_PEER, 0);
    uv_tcp_init(&live_loop, &peer->tcp);
    peer->offer = ++offer_count;
    peer->listener = listener->number;
    if (uv_accept(stream, &peer->stream) != 0) {
        live_close(peer, 0);
        return;
    }
    uv_tcp_nodelay(&peer->tcp, 1);
    live_hold(peer);
    offer(peer);
}

static uint64_t now;

static void retry(struct live_socket *socket)
{
    if (!socket->retry_us || socket->retry_us > now)
        return;
    if (socket->kind == LIVE_UDP)
        live_udp_wait_over(socket);
    else
        offer(socket);
}

void live_listen_retry(uint64_t now_us)
{
    now = now_us;
    live_each(retry);
}

static uint64_t next;

static void note_retry(struct live_socket *socket)
{
    if (socket->retry_us && socket->retry_us < next)
        next = socket->retry_us;
}

uint64_t live_listen_next_us(void)
{
    next = WORLD_NEVER;
    live_each(note_retry);
    return next;
}

static uint32_t closing;

static void turn_away(struct live_socket *socket)
{
    if (socket->offer && socket->listener == closing)
        live_close(socket, 1);
}

void live_listen_close(struct live_socket *listener)
{
    closing = listener->number;
    live_each(turn_away);
    live_close(listener, 0);
}

// ---- listeners ----

static uint32_t opening;

static int open_listener(uint16_t port)
{
    const struct sockaddr_in address = live_address(0x7F000001, port);
    struct live_socket *socket = live_new(LIVE_LISTENER, opening);
    uv_tcp_init(&live_loop, &socket->tcp);
    int error = uv_tcp_bind(&socket->tcp, (const struct sockaddr *)&address, 0);
    if (!error)
        error = uv_listen(&socket->stream, BACKLOG, accept_peer);
    if (error)
        live_close(socket, 0);
    return error;
}

void live_listen(uint32_t number, uint16_t device_port)
{
    opening = number;
    live_port_open(LIVE_PORT_TCP, device_port, open_listener);
    struct live_socket *socket = live_find(number);
    if (live_settings.holds_clock)
        live_hold(socket);
    struct sockaddr_storage address;
    int bytes = sizeof address;
    uv_tcp_getsockname(&socket->tcp, (struct sockaddr *)&address, &bytes);
    live_port_tell(LIVE_PORT_TCP, device_port, live_port((struct sockaddr *)&address));
}
