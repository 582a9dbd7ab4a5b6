// net_connect.c: connecting, and looking names up for an object.
//
// Reads and writes: the object and its connection.
// Memory: as net_endpoint.c and net_dns.c.
// Source: facts on the firmware's module net: an address as text needs no look-up, and "dns" is
// called before the method returns; a name that nobody knows is connected to as 255.255.255.255.

#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/net/net_socket.h"

// ---- an answer ----

static int wants_answer(const struct net_socket *socket)
{
    return socket->self_ref != LUA_NOREF && net_has_callback(socket, NET_ON_DNS);
}

// After "dns" was called.
static void go_on(lua_State *L, struct net_socket *socket, uint32_t ip)
{
    struct net_endpoint *end = DEREF(socket->end);
    struct net_connection *connection = net_connection_of(end);
    socket->dns_count--;
    if (connection && connection->state == NET_CLOSED)
        net_tcp_open(connection, ip); // without a route nothing happens, and nobody is told
    else if (!end)
        net_release_self(L, socket);
}

// From the event loop.
static void found(lua_State *L, uint32_t ip, uint32_t socket_addr)
{
    struct net_socket *socket = (struct net_socket *)(uintptr_t)socket_addr;
    if (wants_answer(socket)) {
        net_push_callback(L, socket, NET_ON_DNS);
        if (!net_push_address(L, ip) || callback_call(L, 2, CALLBACK_PANICS))
            return;
    }
    go_on(L, socket, ip);
}

// Looks a name up for the object at position 1; `ended` is the connection that is given up on an
// error.
static int look_up(lua_State *L, struct net_socket *socket, const char *name, int was_held,
                   struct net_connection *ended)
{
    uint32_t ip;
    socket->dns_count++;
    int error = net_lookup(name, &ip, found, ADDR32(socket));
    if (error == NET_IN_PROGRESS)
        return 0;
    if (error != NET_OK) {
        socket->dns_count--;
        if (!was_held)
            luaL_unref2(L, LUA_REGISTRYINDEX, socket->self_ref);
        if (ended) {
            REF_NULL(socket->end);
            net_connection_free(ended);
        }
        return net_raise(L, error);
    }
    if (wants_answer(socket)) {
        net_push_callback(L, socket, NET_ON_DNS);
        net_push_answer(L, ip);
        lua_call(L, 2, 0);
    }
    go_on(L, socket, ip);
    return 0;
}

// ---- methods ----

int net_connect(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_TCP);
    if (!REF_IS_NULL(socket->end))
        return luaL_error(L, "already connected");
    uint16_t port = (uint16_t)luaL_checkinteger(L, 2);
    if (port == 0)
        return luaL_error(L, "specify port");
    const char *name = lua_isstring(L, 3) ? lua_tostring(L, 3) : "127.0.0.1";
    if (lua_gettop(L) > 3) {
        luaL_argcheck(L, lua_isfunction(L, 4), 4, "not a function");
        net_set_callback(L, socket, NET_ON_CONNECTION, 4);
    }
    int was_held = socket->self_ref != LUA_NOREF;
    net_hold_self(L, socket, 1);
    struct net_endpoint *end = net_endpoint_new(NET_TCP, socket);
    if (!end) {
        if (!was_held)
            luaL_unref2(L, LUA_REGISTRYINDEX, socket->self_ref);
        return luaL_error(L, "cannot allocate PCB");
    }
    struct net_connection *connection = net_connection_of(end);
    connection->remote_port = port;
    REF_SET(socket->end, end);
    return look_up(L, socket, name, was_held, connection);
}

int net_dns(lua_State *L)
{
    struct net_socket *socket = net_check_peer(L);
    const char *name = luaL_checkstring(L, 2);
    if (lua_isfunction(L, 3))
        net_set_callback(L, socket, NET_ON_DNS, 3);
    if (!net_has_callback(socket, NET_ON_DNS))
        return luaL_error(L, "no callback specified");
    int was_held = socket->self_ref != LUA_NOREF;
    net_hold_self(L, socket, 1);
    return look_up(L, socket, name, was_held, NULL);
}
