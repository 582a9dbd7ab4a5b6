// net_udp.c: UDP sockets.
//
// Reads and writes: the object, its endpoint; tells the world.
// Memory: 36 bytes for a socket that is bound; a datagram that is sent has a block for the time of
// the call.
// Source: facts on the firmware's module net: "sent" is called inside send, even if that then
// raises; nothing is cut in pieces, so what is too long for one packet is lost.

#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/firmware.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/net/net_socket.h"
#include "runtime/nodemcu/net/wifi.h"
#include "runtime/probe/probe.h"

#define DATA_BYTES_MAX 1472u
#define HEADERS_BYTES (20u + 42u) // the packet's own, and those of Ethernet, IP and UDP

// What the stack has of a bound socket.
struct net_binding {
    struct net_endpoint end;
    // With --firmware=legacy: who gets a datagram that is sent without an address. 0: nobody yet.
    uint32_t peer_ip;
    uint16_t peer_port, pad_;
};
_Static_assert(sizeof(struct net_binding) <= NET_UDP_BYTES, "it is the firmware's block");

static struct net_binding *binding_of(const struct net_socket *socket)
{
    return (struct net_binding *)DEREF(socket->end);
}

// ---- binding ----

static int is_bound(uint16_t port, uint32_t ip)
{
    for (struct net_endpoint *end = net_endpoint_next(NULL); end; end = net_endpoint_next(end))
        if (end->kind == NET_UDP && end->local_port == port &&
            (end->local_ip == 0 || ip == 0 || end->local_ip == ip))
            return 1;
    return 0;
}

static void bind_socket(lua_State *L, struct net_socket *socket, uint16_t port, uint32_t ip)
{
    if (port && is_bound(port, ip)) // no block is made of which nothing would be left
        net_raise(L, NET_IN_USE);
    net_hold_self(L, socket, 1);
    struct net_endpoint *end = net_endpoint_new(NET_UDP, socket);
    if (!end) {
        net_release_self(L, socket);
        luaL_error(L, "cannot allocate PCB");
        return;
    }
    end->local_port = port ? port : net_free_port(NET_UDP);
    end->local_ip = ip;
    end->object = world_object();
    REF_SET(socket->end, end);
    net_tell(end, WORLD_BIND, ip, end->local_port, 0);
}

int net_udp_listen(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_UDP);
    uint16_t port;
    uint32_t ip;
    if (!REF_IS_NULL(socket->end))
        return luaL_error(L, "already listening");
    net_check_address(L, &port, &ip);
    bind_socket(L, socket, port, ip);
    return 0;
}

static void unbind(struct net_socket *socket)
{
    struct net_endpoint *end = DEREF(socket->end);
    if (end)
        net_endpoint_free(end);
    REF_NULL(socket->end);
}

int net_udp_close(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_UDP);
    if (REF_IS_NULL(socket->end))
        return luaL_error(L, "not connected");
    unbind(socket);
    net_release_self(L, socket);
    return 0;
}

int net_udp_gc(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_UDP);
    unbind(socket);
    net_release_all(L, socket);
    return 0;
}

// ---- datagrams ----

// NET_OK, or NET_NO_MEMORY, NET_NO_ROUTE.
static int send_datagram(lua_State *L, const struct net_endpoint *end, uint16_t port, uint32_t ip,
                         const char *data, size_t bytes)
{
    char *block = heap_take(HEADERS_BYTES + bytes);
    if (!block)
        return luaL_error(L, "cannot allocate message buffer");
    struct world_datagram head = {.ip = ip, .port = port};
    memcpy(block, &head, sizeof head);
    memcpy(block + sizeof head, data, bytes);
    PROBE_CONTENT_READ(L, data, 0, bytes, CONTENT_OTHER);
    int is_up = net_route(ip) != 0;
    if (is_up && bytes <= DATA_BYTES_MAX)
        world_tell(WORLD_SOCKET, end->object, block, sizeof head + bytes);
    heap_give(block, HEADERS_BYTES + bytes);
    return is_up ? NET_OK : NET_NO_ROUTE;
}

// Sends a datagram, calls "sent" and raises what has gone wrong.
static int send_and_tell(lua_State *L, struct net_socket *socket, uint16_t port, uint32_t ip,
                         const char *data, size_t bytes)
{
    int error = send_datagram(L, DEREF(socket->end), port, ip, data, bytes);
    if (net_has_callback(socket, NET_ON_SENT)) {
        net_push_callback(L, socket, NET_ON_SENT);
        lua_call(L, 1, 0);
    }
    return net_raise(L, error);
}

// socket:send(data [, fn]) of older firmware: to the peer of connect or of the last datagram.
static int send_to_peer(lua_State *L, struct net_socket *socket)
{
    size_t bytes;
    const char *data = luaL_checklstring(L, 2, &bytes);
    if (lua_isfunction(L, 3))
        net_set_callback(L, socket, NET_ON_SENT, 3);
    const struct net_binding *binding = binding_of(socket);
    if (!binding || binding->peer_port == 0)
        return luaL_error(L, "not connected");
    return send_and_tell(L, socket, binding->peer_port, binding->peer_ip, data, bytes);
}

int net_udp_send(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_UDP);
    size_t bytes;
    uint32_t ip;
    if (firmware_is_legacy() && lua_gettop(L) < 4)
        return send_to_peer(L, socket);
    uint16_t port = (uint16_t)luaL_checkinteger(L, 2);
    if (port == 0)
        return luaL_error(L, "need port");
    if (!net_parse_ip(luaL_checkstring(L, 3), &ip))
        return luaL_error(L, "invalid IP address");
    const char *data = luaL_checklstring(L, 4, &bytes);
    if (bytes == 0)
        return luaL_error(L, "no data to send");
    if (lua_isfunction(L, 5))
        net_set_callback(L, socket, NET_ON_SENT, 5);
    if (REF_IS_NULL(socket->end))
        bind_socket(L, socket, 0, 0);
    return send_and_tell(L, socket, port, ip, data, bytes);
}

// socket:connect(port, ip) of older firmware: whom send and "receive" are about.
static int udp_connect(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_UDP);
    uint32_t ip;
    uint16_t port = (uint16_t)luaL_checkinteger(L, 2);
    if (port == 0)
        return luaL_error(L, "need port");
    if (!net_parse_ip(luaL_optstring(L, 3, "127.0.0.1"), &ip))
        return luaL_error(L, "invalid IP address");
    if (REF_IS_NULL(socket->end))
        bind_socket(L, socket, 0, 0);
    struct net_binding *binding = binding_of(socket);
    binding->peer_ip = ip;
    binding->peer_port = port;
    return 0;
}

ROTABLE_BEGIN(net_udp_legacy_meta)
    ROTABLE_FUNC("connect", udp_connect)
ROTABLE_END(net_udp_legacy_meta, NULL, 0)

void net_udp_receive(lua_State *L, struct net_endpoint *end, const void *data, size_t bytes)
{
    struct net_socket *socket = DEREF(end->owner);
    struct world_datagram head;
    if (bytes < sizeof head || socket->self_ref == LUA_NOREF ||
        !net_has_callback(socket, NET_ON_RECEIVE))
        return;
    memcpy(&head, data, sizeof head);
    if (!wifi_route_in(head.ip)) // nothing comes before there is an address
        return;
    binding_of(socket)->peer_ip = head.ip;
    binding_of(socket)->peer_port = head.port;
    net_push_callback(L, socket, NET_ON_RECEIVE);
    if (!net_push_received(L, (const char *)data + sizeof head, bytes - sizeof head))
        return;
    lua_pushinteger(L, head.port);
    if (net_push_address(L, head.ip))
        callback_call(L, 4, CALLBACK_PANICS);
}
