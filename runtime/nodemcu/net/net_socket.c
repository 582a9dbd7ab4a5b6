// net_socket.c: the objects of the module net, their callbacks, and methods of several kinds.
//
// Reads and writes: the registry: a reference to each open object and to each callback.
// Memory: a userdata of 44 bytes. Callbacks are freed when the object is collected, not before.
// Source: facts on the firmware's module net (3.0).

#include "runtime/nodemcu/net/net_socket.h"
#include "runtime/nodemcu/net/address_text.h"
#include "runtime/probe/probe.h"

#include <string.h>

#include "runtime/nodemcu/callbacks.h"

static const char *const metas[] = {"net.tcpserver", "net.tcpsocket", "net.udpsocket"};

struct net_socket *net_socket_new(lua_State *L, enum net_kind kind)
{
    struct net_socket *socket = lua_newuserdata(L, sizeof *socket);
    *socket = (struct net_socket){.kind = kind, .self_ref = LUA_NOREF, .timeout_s = 0};
    for (int i = 0; i < NET_CALLBACKS; i++)
        socket->on[i] = LUA_NOREF;
    luaL_getmetatable(L, metas[kind]);
    lua_setmetatable(L, -2);
    return socket;
}

// ---- the object of a call ----

struct net_socket *net_check_any(lua_State *L)
{
    for (size_t i = 0; i < sizeof metas / sizeof *metas; i++) {
        struct net_socket *socket = luaL_testudata(L, 1, metas[i]);
        if (socket)
            return socket;
    }
    luaL_error(L, "invalid user data");
    return NULL;
}

struct net_socket *net_check(lua_State *L, enum net_kind kind)
{
    struct net_socket *socket = net_check_any(L);
    if (socket->kind != (int32_t)kind)
        luaL_error(L, "invalid user data");
    return socket;
}

struct net_socket *net_check_peer(lua_State *L)
{
    struct net_socket *socket = net_check_any(L);
    if (socket->kind == NET_SERVER)
        luaL_error(L, "invalid user data");
    return socket;
}

// ---- references ----

void net_hold_self(lua_State *L, struct net_socket *socket, int position)
{
    if (socket->self_ref != LUA_NOREF)
        return;
    lua_pushvalue(L, position);
    socket->self_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

void net_release_self(lua_State *L, struct net_socket *socket)
{
    if (socket->dns_count == 0)
        luaL_unref2(L, LUA_REGISTRYINDEX, socket->self_ref);
}

void net_set_callback(lua_State *L, struct net_socket *socket, enum net_callback which,
                      int position)
{
    lua_pushvalue(L, position);
    luaL_unref2(L, LUA_REGISTRYINDEX, socket->on[which]);
    socket->on[which] = luaL_ref(L, LUA_REGISTRYINDEX);
}

int net_has_callback(const struct net_socket *socket, enum net_callback which)
{
    return socket->on[which] != LUA_NOREF;
}

void net_push_callback(lua_State *L, const struct net_socket *socket, enum net_callback which)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, socket->on[which]);
    lua_rawgeti(L, LUA_REGISTRYINDEX, socket->self_ref);
}

void net_release_all(lua_State *L, struct net_socket *socket)
{
    net_lookup_forget(ADDR32(socket)); // a program may call __gc itself
    socket->dns_count = 0;
    for (int i = 0; i < NET_CALLBACKS; i++)
        luaL_unref2(L, LUA_REGISTRYINDEX, socket->on[i]);
    luaL_unref2(L, LUA_REGISTRYINDEX, socket->self_ref);
}

// ---- errors ----

int net_raise(lua_State *L, int error)
{
    switch (error) {
    case NET_OK:
        return 0;
    case NET_NO_MEMORY:
        return luaL_error(L, "out of memory");
    case NET_NO_ROUTE:
        return luaL_error(L, "routing problem");
    case NET_IN_PROGRESS:
        return luaL_error(L, "in progress");
    case NET_NOT_CONNECTED:
        return luaL_error(L, "not connected");
    case NET_BAD_ARGUMENT:
        return luaL_error(L, "illegal argument");
    case NET_IN_USE:
        return luaL_error(L, "address in use");
    default:
        return luaL_error(L, "unknown error");
    }
}

// Raises its argument.
static int raise_again(lua_State *L)
{
    return lua_error(L);
}

int net_push_made(lua_State *L, lua_CFunction make, void *context)
{
    lua_pushcfunction(L, make);
    lua_pushlightuserdata(L, context);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK)
        return 1;
    lua_pushcfunction(L, raise_again);
    lua_insert(L, -2);
    callback_call(L, 1, CALLBACK_PANICS);
    return 0;
}

struct received {
    const void *data;
    size_t bytes;
};

static int make_text(lua_State *L)
{
    const struct received *received = lua_touserdata(L, 1);
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_INPUT);
    lua_pushlstring(L, received->data, received->bytes);
    PROBE_SOURCE_END();
    return 1;
}

int net_push_received(lua_State *L, const void *data, size_t bytes)
{
    struct received received = {data, bytes};
    return net_push_made(L, make_text, &received);
}

void net_push_answer(lua_State *L, uint32_t ip)
{
    if (ip == NET_NO_IP)
        lua_pushnil(L);
    else
        address_push_ip(L, ip);
}

static int make_answer(lua_State *L)
{
    net_push_answer(L, *(const uint32_t *)lua_touserdata(L, 1));
    return 1;
}

int net_push_address(lua_State *L, uint32_t ip)
{
    return net_push_made(L, make_answer, &ip);
}

// ---- methods ----

int net_on(lua_State *L)
{
    static const char *const names[NET_CALLBACKS] = {
        [NET_ON_DNS] = "dns",
        [NET_ON_RECEIVE] = "receive",
        [NET_ON_SENT] = "sent",
        [NET_ON_CONNECTION] = "connection",
        [NET_ON_DISCONNECTION] = "disconnection",
        [NET_ON_RECONNECTION] = "reconnection",
    };
    struct net_socket *socket = net_check_peer(L);
    const char *name = luaL_checkstring(L, 2);
    int which = 0, count = socket->kind == NET_TCP ? NET_CALLBACKS : NET_ON_CONNECTION;
    while (which < count && strcmp(names[which], name) != 0)
        which++;
    if (which == count)
        return luaL_error(L, "invalid callback name");
    if (lua_isfunction(L, 3))
        net_set_callback(L, socket, (enum net_callback)which, 3);
    else if (lua_isnil(L, 3))
        luaL_unref2(L, LUA_REGISTRYINDEX, socket->on[which]);
    else
        return luaL_error(L, "invalid callback function");
    return 0;
}

int net_ttl(lua_State *L)
{
    struct net_socket *socket = net_check_peer(L);
    struct net_endpoint *end = DEREF(socket->end);
    if (!end)
        return luaL_error(L, "socket is not open/bound yet");
    lua_Integer ttl = luaL_optinteger(L, 2, -1);
    if (ttl == -1)
        ttl = end->ttl;
    else
        end->ttl = (uint8_t)ttl;
    lua_pushinteger(L, ttl);
    return 1;
}

int net_getaddr(lua_State *L)
{
    struct net_endpoint *end = DEREF(net_check_any(L)->end);
    if (!end || end->local_port == 0) {
        lua_pushnil(L);
        lua_pushnil(L);
    } else {
        lua_pushinteger(L, end->local_port);
        address_push_ip(L, end->local_ip);
    }
    return 2;
}
