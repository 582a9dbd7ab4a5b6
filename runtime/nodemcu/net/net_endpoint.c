// net_endpoint.c: what the network stack has of each listener, connection and UDP socket.
//
// Reads and writes: the list of endpoints; tells the world when one is gone.
// Memory: blocks of the firmware's sizes beside Lua (heap_take).
// Source: lwIP: a port is drawn at random from its range; a new connection may take the place of
// one that only waits out its time; 5 established ones.

#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/nodemcu/net/net_socket.h"

#define PORT_FIRST_TCP 1024u
#define PORT_FIRST_UDP 4096u
#define PORT_END 0x7FFFu
#define TTL 255

static REF(struct net_endpoint) first;
static struct net_connection *input; // the one whose input is being worked on
static unsigned tcp_max = NET_TCP_MAX;

void net_set_tcp_max(unsigned count)
{
    tcp_max = count;
}

unsigned net_tcp_max(void)
{
    return tcp_max;
}

void net_endpoints_reset(void)
{
    REF_NULL(first);
    input = NULL;
}

void net_tell(const struct net_endpoint *end, enum world_connection_op op, uint32_t ip,
              uint16_t port, uint32_t count)
{
    struct world_connection message = {.op = (uint8_t)op, .ip = ip, .port = port, .count = count};
    world_tell(WORLD_CONNECTION, end->object, &message, sizeof message);
}

// ---- the list ----

struct net_endpoint *net_endpoint_next(const struct net_endpoint *before)
{
    return before ? DEREF(before->next) : DEREF(first);
}

struct net_endpoint *net_endpoint_find(uint32_t object)
{
    for (struct net_endpoint *end = DEREF(first); end; end = DEREF(end->next))
        if (end->object == object)
            return end;
    return NULL;
}

unsigned net_established_count(void)
{
    unsigned count = 0;
    for (struct net_endpoint *end = DEREF(first); end; end = DEREF(end->next)) {
        const struct net_connection *connection = net_connection_of(end);
        count += connection && connection->state == NET_ESTABLISHED;
    }
    return count;
}

static size_t bytes_of(enum net_kind kind)
{
    return kind == NET_TCP ? NET_TCP_BYTES : kind == NET_UDP ? NET_UDP_BYTES : NET_LISTENER_BYTES;
}

// New ones stand in front, so the last that waits is the oldest.
static int free_oldest_waiting(void)
{
    struct net_endpoint *oldest = NULL;
    for (struct net_endpoint *end = DEREF(first); end; end = DEREF(end->next)) {
        const struct net_connection *connection = net_connection_of(end);
        if (connection && connection->state == NET_TIME_WAIT)
            oldest = end;
    }
    if (oldest)
        net_endpoint_free(oldest);
    return oldest != NULL;
}

struct net_endpoint *net_endpoint_new(enum net_kind kind, struct net_socket *owner)
{
    size_t bytes = bytes_of(kind);
    struct net_endpoint *end = heap_take(bytes);
    if (!end && kind == NET_TCP && free_oldest_waiting())
        end = heap_take(bytes);
    if (!end)
        return NULL;
    memset(end, 0, bytes);
    end->kind = (uint8_t)kind;
    end->ttl = TTL;
    REF_SET(end->owner, owner);
    REF_COPY(end->next, first);
    REF_SET(first, end);
    return end;
}

static void unlink_endpoint(struct net_endpoint *gone)
{
    struct net_endpoint *before = NULL;
    for (struct net_endpoint *end = DEREF(first); end != gone; end = DEREF(end->next))
        before = end;
    if (before)
        REF_COPY(before->next, gone->next);
    else
        REF_COPY(first, gone->next);
}

void net_endpoint_free(struct net_endpoint *end)
{
    struct net_connection *connection = net_connection_of(end);
    unlink_endpoint(end);
    if (connection) {
        timers_disarm(&connection->timer);
        if (input == connection)
            input = NULL;
    }
    if (end->object)
        net_tell(end, WORLD_FORGET, 0, 0, 0);
    heap_give(end, bytes_of(end->kind));
}

// ---- ports ----

static int is_used(enum net_kind kind, uint16_t port)
{
    for (struct net_endpoint *end = DEREF(first); end; end = DEREF(end->next))
        if (end->local_port == port && (end->kind == NET_UDP) == (kind == NET_UDP))
            return 1;
    return 0;
}

uint16_t net_free_port(enum net_kind kind)
{
    uint16_t start = kind == NET_UDP ? PORT_FIRST_UDP : PORT_FIRST_TCP;
    uint32_t random = 0;
    if (world_ask(WORLD_RANDOM, 0, NULL, 0, &random, sizeof random) != sizeof random)
        random = 0;
    uint16_t port = (uint16_t)(start + random % (PORT_END - start));
    while (is_used(kind, port))
        port = port + 1u < PORT_END ? port + 1u : start;
    return port;
}

// ---- whose input is worked on ----

void net_input_begin(struct net_connection *connection)
{
    input = connection;
}

struct net_connection *net_input_connection(void)
{
    return input;
}
