// live_udp.c: datagrams that the program sends and takes, over the real sockets of this computer.

#include <stdlib.h>
#include <string.h>

#include "runtime/world/host/live_parts.h"

#define DATAGRAM_BYTES_MAX 1472
#define ANSWER_US 3000000u // device time that an answer may take; programs wait for less or longer

static char received[DATAGRAM_BYTES_MAX + 1];

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)handle, (void)suggested;
    *buffer = uv_buf_init(received, sizeof received);
}

void live_udp_wait_over(struct live_socket *socket)
{
    if (socket->retry_us)
        live_release(socket);
    socket->retry_us = 0;
}

// One that is too large for the device is lost, as there.
static void got(uv_udp_t *udp, ssize_t bytes, const uv_buf_t *buffer,
                const struct sockaddr *address, unsigned flags)
{
    struct live_socket *socket = (struct live_socket *)udp;
    if (bytes < 0 || !address || flags & UV_UDP_PARTIAL || bytes > DATAGRAM_BYTES_MAX)
        return;
    const struct world_datagram head = {live_ip(address), live_port(address)};
    live_arrives(WORLD_SOCKET, socket->number, &head, sizeof head, buffer->base, (size_t)bytes);
    live_udp_wait_over(socket);
}

static struct live_socket *opening;

// The port is this device's alone: with the option to share it, a datagram for one device would
// reach another one that happens to have the same port.
static int bind_to(uint16_t port)
{
    const struct sockaddr_in address = live_address(0x7F000001, port);
    return uv_udp_bind(&opening->udp, (const struct sockaddr *)&address, 0);
}

void live_udp_bind(uint32_t number, uint16_t device_port)
{
    struct live_socket *socket = live_new(LIVE_UDP, number);
    uv_udp_init(&live_loop, &socket->udp);
    opening = socket;
    live_port_open(LIVE_PORT_UDP, device_port, bind_to);
    uv_udp_recv_start(&socket->udp, give_room, got);
    if (live_settings.holds_clock)
        live_hold(socket);
    struct sockaddr_storage address;
    int bytes = sizeof address;
    uv_udp_getsockname(&socket->udp, (struct sockaddr *)&address, &bytes);
    live_port_tell(LIVE_PORT_UDP, device_port, live_port((struct sockaddr *)&address));
}

struct sending {
    uv_udp_send_t request;
    char data[];
};

static void sent(uv_udp_send_t *request, int error)
{
    (void)error;
    free(request);
}

void live_udp_send(uint32_t number, const struct world_datagram *head, const void *data,
                   size_t bytes)
{
    struct live_socket *socket = live_find(number);
    if (!socket || socket->kind != LIVE_UDP || !live_may_reach(head->ip))
        return;
    struct sending *sending = live_alloc(sizeof *sending + bytes);
    memcpy(sending->data, data, bytes);
    uv_buf_t buffer = uv_buf_init(sending->data, (unsigned)bytes);
    const struct sockaddr_in address = live_address(head->ip, head->port);
    if (uv_udp_send(&sending->request, &socket->udp, &buffer, 1, (const struct sockaddr *)&address,
                    sent) != 0) {
        free(sending);
        return;
    }
    if (socket->is_held && !socket->retry_us)
        return; // as long as it is there
    live_hold(socket);
    socket->retry_us = world_now_us() + ANSWER_US;
}
