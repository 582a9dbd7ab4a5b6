// net_server.c: TCP servers: listening, and taking connections.
//
// Reads and writes: the object, its listener; tells the world.
// Memory: a listener of 36 bytes, for which a connection's block is needed for a moment; for each
// connection a block, and an object that the registry holds.
// Source: facts on the firmware's module net: what is beyond the limit of established connections
// is not answered, and its peer tries again; nor is who comes before there is an address.

#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/net/net_socket.h"
#include "runtime/nodemcu/net/wifi.h"

#define TIMEOUT_S_MAX 65535

// ---- listening ----

// Why no listener can have this address; NET_OK.
static int find_conflict(uint16_t port, uint32_t ip)
{
    for (struct net_endpoint *end = net_endpoint_next(NULL); end; end = net_endpoint_next(end)) {
        const struct net_connection *connection = net_connection_of(end);
        if (end->local_port != port)
            continue;
        if (end->kind == NET_SERVER && end->local_ip == ip)
            return NET_NO_MEMORY; // that is what the firmware says
        if (connection && !connection->is_accepted && connection->state != NET_TIME_WAIT &&
            (ip == 0 || end->local_ip == ip))
            return NET_IN_USE;
    }
    return NET_OK;
}

static int open_listener(lua_State *L, struct net_socket *socket, uint16_t port, uint32_t ip)
{
    struct net_endpoint *connection = net_endpoint_new(NET_TCP, NULL);
    if (!connection) {
        net_release_self(L, socket);
        return luaL_error(L, "cannot allocate PCB");
    }
    if (port == 0)
        port = net_free_port(NET_SERVER);
    int error = find_conflict(port, ip);
    struct net_endpoint *end = error == NET_OK ? net_endpoint_new(NET_SERVER, socket) : NULL;
    net_endpoint_free(connection);
    if (!end) {
        net_release_self(L, socket);
        return net_raise(L, error == NET_OK ? NET_NO_MEMORY : error);
    }
    end->local_port = port;
    end->local_ip = ip;
    end->object = world_object();
    REF_SET(socket->end, end);
    net_tell(end, WORLD_LISTEN, ip, port, 0);
    return 0;
}

int net_server_listen(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_SERVER);
    uint16_t port;
    uint32_t ip;
    if (!REF_IS_NULL(socket->end))
        return luaL_error(L, "already listening");
    int arg = net_check_address(L, &port, &ip);
    if (!lua_isfunction(L, arg))
        return luaL_error(L, "need callback");
    net_set_callback(L, socket, NET_ON_ACCEPT, arg);
    net_hold_self(L, socket, 1);
    return open_listener(L, socket, port, ip);
}

static void close_listener(struct net_socket *socket)
{
    struct net_endpoint *end = DEREF(socket->end);
    if (end)
        net_endpoint_free(end);
    REF_NULL(socket->end);
}

int net_server_close(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_SERVER);
    if (REF_IS_NULL(socket->end))
        return luaL_error(L, "not connected");
    close_listener(socket);
    net_release_self(L, socket);
    return 0;
}

int net_server_gc(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_SERVER);
    close_listener(socket);
    net_release_all(L, socket);
    return 0;
}

// ---- connections ----

// The object of a new connection, which the registry holds.
static int make_socket(lua_State *L)
{
    struct net_connection *connection = lua_touserdata(L, 1);
    struct net_socket *socket = net_socket_new(L, NET_TCP);
    net_hold_self(L, socket, -1);
    REF_SET(socket->end, &connection->end);
    REF_SET(connection->end.owner, socket);
    return 1;
}

// Calls the server's function, then "connection" if that has registered one. 1: one failed.
static int accept(lua_State *L, struct net_socket *server, struct net_connection *connection)
{
    if (server->self_ref == LUA_NOREF)
        return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, server->on[NET_ON_ACCEPT]);
    if (!net_push_made(L, make_socket, connection) || callback_call(L, 1, CALLBACK_PANICS))
        return 1;
    return net_input_connection() == connection ? net_tcp_connected(L, connection) : 0;
}

static struct net_connection *take_offer(const struct net_endpoint *listener,
                                         const struct world_connection *message)
{
    uint32_t own_ip = wifi_route_in(message->ip);
    if (!own_ip || net_established_count() >= net_tcp_max())
        return NULL;
    struct net_connection *connection = net_connection_of(net_endpoint_new(NET_TCP, NULL));
    if (!connection)
        return NULL;
    connection->state = NET_ESTABLISHED;
    connection->is_accepted = 1;
    connection->window = WORLD_WINDOW_BYTES;
    connection->remote_ip = message->ip;
    connection->remote_port = message->port;
    connection->end.local_ip = listener->local_ip ? listener->local_ip : own_ip;
    connection->end.local_port = listener->local_port;
    connection->end.object = world_object();
    return connection;
}

void net_server_offered(lua_State *L, struct net_endpoint *listener,
                        const struct world_connection *message)
{
    struct net_socket *server = DEREF(listener->owner);
    uint32_t peer = message->count;
    struct net_connection *connection = take_offer(listener, message);
    if (!connection) {
        net_tell(listener, WORLD_IGNORE, 0, 0, peer);
        return;
    }
    int32_t timeout_s = server->timeout_s;
    net_tell(&connection->end, WORLD_ACCEPT, 0,
             (uint16_t)(timeout_s < 0 || timeout_s > TIMEOUT_S_MAX ? TIMEOUT_S_MAX : timeout_s),
             peer);
    net_input_begin(connection);
    if (accept(L, server, connection))
        net_input_begin(NULL);
    else
        net_input_end();
}
