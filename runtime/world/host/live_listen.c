// live_listen.c: ports that the program listens at, and peers that come to them.

#include <stdio.h>
#include <stdlib.h>

#include "runtime/world/host/live_parts.h"
#include "runtime/world/wifi_model.h"

#define BACKLOG 128
#define FREE_PORT_MIN 1024

static struct mapping {
    uint16_t device_port, port;
    char is_told, is_due; // due: it is open, but the device has no address yet
    const char *protocol;
} mappings[UINT8_MAX];
static unsigned mapping_count;
static uint32_t offer_count;

// ---- which port ----

static struct mapping *find_mapping(uint16_t device_port)
{
    for (unsigned i = 0; i < mapping_count; i++)
        if (mappings[i].device_port == device_port)
            return &mappings[i];
    return NULL;
}

static struct mapping *add_mapping(uint16_t device_port, uint16_t port)
{
    if (mapping_count == sizeof mappings / sizeof *mappings)
        return NULL;
    mappings[mapping_count] = (struct mapping){.device_port = device_port, .port = port};
    return &mappings[mapping_count++];
}

// "80=8080"
static int parse_mapping(const char *text)
{
    char *end;
    unsigned long device_port = strtoul(text, &end, 10);
    if (end == text || *end != '=')
        return -1;
    const char *after = end + 1;
    unsigned long port = strtoul(after, &end, 10);
    if (end == after || *end || device_port - 1 >= UINT16_MAX || port - 1 >= UINT16_MAX)
        return -1;
    return add_mapping((uint16_t)device_port, (uint16_t)port) ? 0 : -1;
}

int live_ports_parse(void)
{
    for (unsigned i = 0; i < live_settings.port_count; i++)
        if (parse_mapping(live_settings.ports[i]) != 0) {
            fprintf(stderr, "frost: --port: '%s' is not DEVICE=PORT, such as 80=8080\n",
                    live_settings.ports[i]);
            return -1;
        }
    return 0;
}

uint16_t live_port_of(uint16_t device_port)
{
    const struct mapping *mapping = find_mapping(device_port);
    if (mapping)
        return mapping->port;
    return device_port >= FREE_PORT_MIN ? device_port : 0;
}

static void tell_no_address(void)
{
    static char is_told;
    if (!is_told && !wifi_model_is_reached())
        fprintf(stderr, "frost: the device has no address yet: it is reached when it has one\n");
    is_told |= !wifi_model_is_reached();
}

void live_port_tell(uint16_t device_port, uint16_t port, const char *protocol)
{
    struct mapping *mapping = find_mapping(device_port);
    if (!mapping)
        mapping = add_mapping(device_port, port);
    if (!mapping || mapping->is_told)
        return;
    mapping->is_told = mapping->is_due = 1;
    mapping->port = port;
    mapping->protocol = protocol;
    fflush(stdout);
    fprintf(stderr, "frost: %s port %u of the device is 127.0.0.1:%u\n", protocol, device_port,
            port);
    tell_no_address();
    live_ports_tell_ready();
}

// A session begins when somebody can be reached.
void live_ports_tell_ready(void)
{
    if (!wifi_model_is_reached())
        return;
    for (struct mapping *at = mappings; at < mappings + mapping_count; at++) {
        if (at->is_due && live_settings.ready_fd > 0)
            dprintf(live_settings.ready_fd, "%s %u %u\n", at->protocol, at->device_port, at->port);
        at->is_due = 0;
    }
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

static int bind_to(struct live_socket *socket, uint16_t port)
{
    const struct sockaddr_in address = live_address(0x7F000001, port);
    int error = uv_tcp_bind(&socket->tcp, (const struct sockaddr *)&address, 0);
    return error ? error : uv_listen(&socket->stream, BACKLOG, accept_peer);
}

static struct live_socket *open_listener(uint32_t number, uint16_t port, int *error)
{
    struct live_socket *socket = live_new(LIVE_LISTENER, number);
    uv_tcp_init(&live_loop, &socket->tcp);
    *error = bind_to(socket, port);
    if (*error == 0)
        return socket;
    live_close(socket, 0);
    return NULL;
}

void live_listen(uint32_t number, uint16_t device_port)
{
    int error, is_users = find_mapping(device_port) != NULL;
    uint16_t port = live_port_of(device_port);
    struct live_socket *socket = open_listener(number, port, &error);
    if (!socket && is_users) {
        char what[64];
        snprintf(what, sizeof what, "port %u of this computer (for %u of the device)", port,
                 device_port);
        live_fail(what, error);
    }
    if (!socket)
        socket = open_listener(number, 0, &error);
    if (!socket)
        live_fail("no free port", error);
    if (live_settings.holds_clock)
        live_hold(socket);
    struct sockaddr_storage address;
    int bytes = sizeof address;
    uv_tcp_getsockname(&socket->tcp, (struct sockaddr *)&address, &bytes);
    live_port_tell(device_port, live_port((struct sockaddr *)&address), "TCP");
}
