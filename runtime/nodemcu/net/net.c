// net.c: the module net: its tables, what it does at a boot, and which part takes what arrives.
//
// Reads and writes: as the parts (net_socket.h). Memory: no constant or function takes any.
// Source: facts on the firmware's module net (3.0).

#include "runtime/nodemcu/net/net.h"

#include <string.h>

#include "runtime/nodemcu/firmware.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/net/http.h"
#include "runtime/nodemcu/net/net_socket.h"
#include "runtime/nodemcu/net/sntp.h"

#define TIMEOUT_S_DEFAULT 30
#define NET_UDP_NUMBER 2 // net.UDP

void net_reset(void)
{
    net_endpoints_reset();
    net_send_reset();
    net_dns_reset();
    net_ping_reset();
    sntp_reset();
    http_reset();
}

// ---- what arrives ----

void net_connection_arrival(lua_State *L, const struct world_arrival *arrival)
{
    struct world_connection message;
    struct net_endpoint *end = arrival->object ? net_endpoint_find(arrival->object) : NULL;
    if (!end || arrival->bytes < sizeof message)
        return;
    memcpy(&message, arrival->data, sizeof message);
    if (end->kind == NET_TCP)
        net_tcp_arrival(L, net_connection_of(end), &message);
    else if (end->kind == NET_SERVER && message.op == WORLD_OFFERED)
        net_server_offered(L, end, &message);
}

void net_socket_arrival(lua_State *L, const struct world_arrival *arrival)
{
    struct net_endpoint *end = arrival->object ? net_endpoint_find(arrival->object) : NULL;
    if (!end || sntp_receive(arrival->object, arrival->data, arrival->bytes))
        return;
    if (end->kind == NET_TCP)
        net_tcp_receive(L, net_connection_of(end), arrival->data, arrival->bytes);
    else if (end->kind == NET_UDP)
        net_udp_receive(L, end, arrival->data, arrival->bytes);
}

// ---- tables ----

ROTABLE_EXTERN(net_server_meta);
ROTABLE_BEGIN(net_server_meta)
    ROTABLE_FUNC("__gc", net_server_gc)
    ROTABLE_TABLE("__index", net_server_meta)
    ROTABLE_FUNC("listen", net_server_listen)
    ROTABLE_FUNC("getaddr", net_getaddr)
    ROTABLE_FUNC("close", net_server_close)
ROTABLE_END(net_server_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)

ROTABLE_EXTERN(net_tcp_meta);
ROTABLE_BEGIN(net_tcp_meta)
    ROTABLE_FUNC("__gc", net_tcp_on_gc)
    ROTABLE_TABLE("__index", net_tcp_meta)
    ROTABLE_FUNC("send", net_tcp_send)
    ROTABLE_FUNC("on", net_on)
    ROTABLE_FUNC("close", net_tcp_on_close)
    ROTABLE_FUNC("connect", net_connect)
    ROTABLE_FUNC("getpeer", net_tcp_getpeer)
    ROTABLE_FUNC("hold", net_tcp_hold)
    ROTABLE_FUNC("unhold", net_tcp_unhold)
    ROTABLE_FUNC("dns", net_dns)
    ROTABLE_FUNC("ttl", net_ttl)
    ROTABLE_FUNC("getaddr", net_getaddr)
ROTABLE_END(net_tcp_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)

ROTABLE_BEGIN(net_udp_meta)
    ROTABLE_FUNC("__gc", net_udp_gc)
    ROTABLE_TABLE("__index", net_udp_meta)
    ROTABLE_FUNC("send", net_udp_send)
    ROTABLE_FUNC("on", net_on)
    ROTABLE_FUNC("listen", net_udp_listen)
    ROTABLE_FUNC("close", net_udp_close)
    ROTABLE_FUNC("dns", net_dns)
    ROTABLE_FUNC("ttl", net_ttl)
    ROTABLE_FUNC("getaddr", net_getaddr)
ROTABLE_END(net_udp_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)

// The registry has the metatables from then on.
static void name_metatables(lua_State *L)
{
    luaL_rometatable(L, "net.tcpserver", &net_server_meta);
    luaL_rometatable(L, "net.tcpsocket", &net_tcp_meta);
    luaL_rometatable(L, "net.udpsocket", &net_udp_meta);
    lua_pop(L, 3);
}

static int net_create_udp_socket(lua_State *L)
{
    name_metatables(L);
    net_socket_new(L, NET_UDP);
    return 1;
}

// Did older firmware make a UDP socket of these arguments? Where it is not the firmware, the form
// is told: 2 is more likely this than a time.
static int wants_udp(lua_State *L, const char *name)
{
    if (lua_type(L, 1) != LUA_TNUMBER || lua_tointeger(L, 1) != NET_UDP_NUMBER)
        return 0;
    if (!firmware_is_legacy())
        firmware_form_tell(firmware_form_find("net", name));
    return firmware_is_legacy();
}

// With --firmware=legacy the protocol stands before the time.
static int net_create_server(lua_State *L)
{
    if (wants_udp(L, "createServer"))
        return net_create_udp_socket(L);
    int timeout_s = luaL_optint(L, firmware_is_legacy() ? 2 : 1, TIMEOUT_S_DEFAULT);
    name_metatables(L);
    net_socket_new(L, NET_SERVER)->timeout_s = timeout_s;
    return 1;
}

static int net_create_connection(lua_State *L)
{
    if (wants_udp(L, "createConnection"))
        return net_create_udp_socket(L);
    name_metatables(L);
    net_socket_new(L, NET_TCP);
    return 1;
}

ROTABLE_BEGIN(net_lib)
    ROTABLE_FUNC("createServer", net_create_server)
    ROTABLE_FUNC("createConnection", net_create_connection)
    ROTABLE_FUNC("createUDPSocket", net_create_udp_socket)
    ROTABLE_FUNC("ifinfo", net_ifinfo)
    ROTABLE_FUNC("multicastJoin", net_multicast_join)
    ROTABLE_FUNC("multicastLeave", net_multicast_leave)
    ROTABLE_TABLE("dns", net_dns_lib)
    ROTABLE_FUNC("ping", net_ping)
    ROTABLE_NUM("TCP", 1)
    ROTABLE_NUM("UDP", NET_UDP_NUMBER)
ROTABLE_END(net_lib, NULL, 0)
