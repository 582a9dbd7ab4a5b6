// net_tcp.c: TCP connections: what arrives, what the program does to them, and how they end.
//
// Reads and writes: the connection and its object; tells the world.
// Memory: texts that arrive; otherwise none.
// Source: facts on the firmware's module net: a local close calls nothing; the peer's end and
// errors find the object closed already; "sent" is called once for each acknowledgement; what the
// peer sends is acknowledged when "receive" has returned, so a close in it resets the connection.

#include <stddef.h>
#include <string.h>

#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/net/net_client.h"
#include "runtime/nodemcu/net/net_socket.h"
#include "runtime/probe/probe.h"

#define SYN_US 30000000u // six retransmissions
#define LAST_ACK_US 10000000u

// The module that the firmware made a connection for; NULL: it is one of net's own.
static const struct net_client *client_of(const struct net_connection *connection)
{
    return (const struct net_client *)(uintptr_t)connection->client;
}

// ---- closing ----

static int free_after_time(lua_State *L, struct event_timer *timer)
{
    (void)L;
    net_connection_free(
        (struct net_connection *)((char *)timer - offsetof(struct net_connection, timer)));
    return -1;
}

static void abort_connection(struct net_connection *connection)
{
    if (connection->end.object)
        net_tell(&connection->end, WORLD_ABORT, 0, 0, 0);
}

void net_tcp_close(struct net_connection *connection)
{
    REF_NULL(connection->end.owner);
    if (connection->state == NET_CLOSED || connection->state == NET_SYN_SENT) {
        abort_connection(connection);
        net_connection_free(connection);
        return;
    }
    if (connection->window != WORLD_WINDOW_BYTES) {
        abort_connection(connection);
        net_time_wait(connection);
        return;
    }
    connection->has_fin = 1;
    if (connection->state == NET_CLOSE_WAIT) {
        connection->state = NET_LAST_ACK;
        timers_arm(&connection->timer, LAST_ACK_US, free_after_time);
    } else {
        connection->state = NET_FIN_WAIT_1;
    }
    net_output(connection);
}

// Does the object of a connection still get to know what happens to it?
static struct net_socket *listening_owner(const struct net_connection *connection)
{
    struct net_socket *socket = DEREF(connection->end.owner);
    return socket && socket->self_ref != LUA_NOREF ? socket : NULL;
}

// The object is not connected any more, and learns why. 1: a callback failed.
static int report_end(lua_State *L, struct net_connection *connection, int error)
{
    const struct net_client *client = client_of(connection);
    if (client) {
        connection->client = 0;
        return client->ended(L, connection->context, error);
    }
    struct net_socket *socket = listening_owner(connection);
    if (!socket)
        return 0;
    enum net_callback which = error != NET_OK && net_has_callback(socket, NET_ON_RECONNECTION)
                                  ? NET_ON_RECONNECTION
                                  : NET_ON_DISCONNECTION;
    REF_NULL(socket->end);
    REF_NULL(connection->end.owner);
    if (net_has_callback(socket, which)) {
        net_push_callback(L, socket, which);
        lua_pushinteger(L, error);
        if (callback_call(L, 2, CALLBACK_PANICS))
            return 1;
    }
    net_release_self(L, socket);
    return 0;
}

void net_tcp_lost(lua_State *L, struct net_connection *connection, int error)
{
    struct net_socket *socket = DEREF(connection->end.owner);
    report_end(L, connection, error);
    if (socket && DEREF(connection->end.owner) == socket) // it had lost its self reference
        REF_NULL(socket->end);
    net_connection_free(connection);
}

// ---- opening ----

static int no_answer(lua_State *L, struct event_timer *timer)
{
    int top = lua_gettop(L);
    net_tcp_lost(L,
                 (struct net_connection *)((char *)timer - offsetof(struct net_connection, timer)),
                 NET_ABORTED);
    lua_settop(L, top);
    return -1;
}

int net_tcp_open(struct net_connection *connection, uint32_t ip)
{
    uint32_t own_ip = net_route(ip);
    if (!own_ip)
        return 0;
    connection->remote_ip = ip;
    connection->end.local_ip = own_ip;
    connection->end.local_port = net_free_port(NET_TCP);
    connection->window = WORLD_WINDOW_BYTES;
    connection->state = NET_SYN_SENT;
    timers_arm(&connection->timer, SYN_US, no_answer);
    if (ip == NET_NO_IP)
        return 1; // nobody answers there
    connection->end.object = world_object();
    net_tell(&connection->end, WORLD_CONNECT, ip, connection->remote_port, 0);
    return 1;
}

// ---- arriving ----

static void open_window(struct net_connection *connection)
{
    uint32_t more = WORLD_WINDOW_BYTES - connection->window;
    connection->window = WORLD_WINDOW_BYTES;
    if (more)
        net_tell(&connection->end, WORLD_WINDOW, 0, 0, more);
}

// Calls "receive". 1: it failed.
static int deliver(lua_State *L, struct net_socket *socket, const void *data, size_t bytes)
{
    net_push_callback(L, socket, NET_ON_RECEIVE);
    return !net_push_received(L, data, bytes) || callback_call(L, 2, CALLBACK_PANICS);
}

// Gives a module what has come, which it may answer, though the data lasts no longer than the gate
// is at rest. 1: a callback failed.
static int deliver_to_client(lua_State *L, struct net_connection *connection, const void *data,
                             size_t bytes)
{
    char copy[WORLD_SEGMENT_BYTES_MAX];
    size_t count = bytes < sizeof copy ? bytes : sizeof copy;
    memcpy(copy, data, count);
    open_window(connection);
    return client_of(connection)->received(L, connection->context, copy, count);
}

// Ends the work on an input, after which the connection sends; not after an error.
static void end_input(int has_failed)
{
    if (has_failed)
        net_input_begin(NULL);
    else
        net_input_end();
}

void net_tcp_receive(lua_State *L, struct net_connection *connection, const void *data,
                     size_t bytes)
{
    const struct net_client *client = client_of(connection);
    struct net_socket *socket = listening_owner(connection);
    int has_failed = 0;
    if (connection->state == NET_FIN_WAIT_1 || connection->state == NET_FIN_WAIT_2) {
        abort_connection(connection); // it has been closed: nobody reads this
        net_connection_free(connection);
        return;
    }
    if (connection->state != NET_ESTABLISHED || (!socket && !client))
        return;
    net_input_begin(connection);
    connection->window = (uint16_t)(bytes < connection->window ? connection->window - bytes : 0);
    if (client) {
        end_input(deliver_to_client(L, connection, data, bytes));
        return;
    }
    if (net_has_callback(socket, NET_ON_RECEIVE))
        has_failed = deliver(L, socket, data, bytes);
    if (!has_failed && net_input_connection() == connection &&
        DEREF(connection->end.owner) == socket && !socket->is_held)
        open_window(connection);
    end_input(has_failed);
}

int net_tcp_connected(lua_State *L, struct net_connection *connection)
{
    if (client_of(connection))
        return client_of(connection)->opened(L, connection->context);
    struct net_socket *socket = listening_owner(connection);
    if (!socket || !net_has_callback(socket, NET_ON_CONNECTION))
        return 0;
    net_push_callback(L, socket, NET_ON_CONNECTION);
    return callback_call(L, 1, CALLBACK_PANICS);
}

static int connected(lua_State *L, struct net_connection *connection,
                     const struct world_connection *message)
{
    if (connection->state != NET_SYN_SENT)
        return 0;
    timers_disarm(&connection->timer);
    connection->state = NET_ESTABLISHED;
    if (message->ip)
        connection->end.local_ip = message->ip;
    if (message->port)
        connection->end.local_port = message->port;
    return net_tcp_connected(L, connection);
}

static int acknowledged(lua_State *L, struct net_connection *connection, uint32_t bytes)
{
    net_acknowledge(connection, bytes);
    if (net_input_connection() != connection)
        return 0;
    if (client_of(connection)) // which sends no more before all is acknowledged
        return connection->queued_bytes ? 0 : client_of(connection)->sent(L, connection->context);
    struct net_socket *socket = listening_owner(connection);
    if (!socket || !net_has_callback(socket, NET_ON_SENT))
        return 0;
    net_push_callback(L, socket, NET_ON_SENT);
    return callback_call(L, 1, CALLBACK_PANICS);
}

// The peer sends no more.
static int ended(lua_State *L, struct net_connection *connection)
{
    if (connection->state == NET_FIN_WAIT_1) {
        connection->state = NET_CLOSING;
    } else if (connection->state == NET_FIN_WAIT_2) {
        net_time_wait(connection);
    } else if (connection->state == NET_ESTABLISHED) {
        connection->state = NET_CLOSE_WAIT;
        if (!client_of(connection) && !listening_owner(connection))
            return 0;
        if (report_end(L, connection, NET_OK))
            return 1;
        net_tcp_close(connection);
    }
    return 0;
}

void net_tcp_arrival(lua_State *L, struct net_connection *connection,
                     const struct world_connection *message)
{
    int has_failed = 0;
    if (message->op == WORLD_FAILED || message->op == WORLD_BROKEN) {
        net_tcp_lost(L, connection, message->error ? message->error : NET_RESET);
        return;
    }
    net_input_begin(connection);
    if (message->op == WORLD_CONNECTED)
        has_failed = connected(L, connection, message);
    else if (message->op == WORLD_ACKED)
        has_failed = acknowledged(L, connection, message->count);
    else if (message->op == WORLD_ENDED)
        has_failed = ended(L, connection);
    end_input(has_failed);
}

// ---- methods ----

int net_tcp_on_close(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_TCP);
    struct net_connection *connection = net_connection_of(DEREF(socket->end));
    if (!connection)
        return luaL_error(L, "not connected");
    REF_NULL(socket->end);
    net_tcp_close(connection);
    net_release_self(L, socket);
    return 0;
}

int net_tcp_on_gc(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_TCP);
    struct net_connection *connection = net_connection_of(DEREF(socket->end));
    if (connection) {
        abort_connection(connection);
        net_connection_free(connection);
        REF_NULL(socket->end);
    }
    net_release_all(L, socket);
    return 0;
}

static struct net_connection *check_connected(lua_State *L, struct net_socket *socket)
{
    struct net_connection *connection = net_connection_of(DEREF(socket->end));
    if (!connection || connection->state == NET_CLOSED || socket->self_ref == LUA_NOREF)
        luaL_error(L, "not connected");
    return connection;
}

// send(source [, place [, function]]), ours: as much of it from the place on (1: the start) as the
// queue takes. Returns the place of what is left, or nil.
static int send_source(lua_State *L, struct net_socket *socket, struct byte_source *source)
{
    int has_place = lua_isnumber(L, 3);
    lua_Integer place = has_place ? lua_tointeger(L, 3) : 1;
    int callback = has_place ? 4 : 3;
    luaL_argcheck(L, place >= 1 && (uint32_t)place <= source->bytes, 3, "no data to send");
    if (lua_isfunction(L, callback))
        net_set_callback(L, socket, NET_ON_SENT, callback);
    struct net_connection *connection = check_connected(L, socket);
    world_will_tell(WORLD_SOCKET, connection->end.object);
    int count = net_queue_source(connection, source, (uint32_t)place - 1);
    if (count == NET_NO_DATA)
        return luaL_error(L, "cannot read the view");
    if (count < 0)
        return net_raise(L, count);
    if (count > 0)
        net_output_later(connection);
    if ((uint32_t)place - 1 + (uint32_t)count == source->bytes)
        return lua_pushnil(L), 1;
    lua_pushinteger(L, place + count);
    return 1;
}

int net_tcp_send(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_TCP);
    struct byte_source *source = byte_source_at(L, 2);
    if (source)
        return send_source(L, socket, source);
    size_t bytes;
    const char *data = luaL_checklstring(L, 2, &bytes);
    if (bytes == 0)
        return luaL_error(L, "no data to send");
    if (lua_isfunction(L, 3))
        net_set_callback(L, socket, NET_ON_SENT, 3);
    struct net_connection *connection = check_connected(L, socket);
    world_will_tell(WORLD_SOCKET, connection->end.object);
    int error = net_queue(connection, data, bytes);
    PROBE_CONTENT_READ(L, data, 0, bytes, CONTENT_OTHER);
    if (error == NET_OK)
        net_output_later(connection);
    return net_raise(L, error);
}

int net_tcp_hold(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_TCP);
    if (!REF_IS_NULL(socket->end))
        socket->is_held = 1;
    return 0;
}

int net_tcp_unhold(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_TCP);
    struct net_connection *connection = net_connection_of(DEREF(socket->end));
    if (!socket->is_held || !connection)
        return 0;
    socket->is_held = 0;
    if (connection->state == NET_ESTABLISHED)
        open_window(connection);
    return 0;
}

int net_tcp_getpeer(lua_State *L)
{
    struct net_socket *socket = net_check(L, NET_TCP);
    struct net_connection *connection = net_connection_of(DEREF(socket->end));
    if (connection) {
        lua_pushinteger(L, connection->remote_port);
        address_push_ip(L, connection->remote_ip);
    } else {
        lua_pushnil(L);
        lua_pushnil(L);
    }
    return 2;
}
