// net_interface.c: routes, and what the module net shows of the interfaces.
//
// Reads and writes: asks the module wifi. Memory: tables that are pushed.
// Source: facts on the firmware's module net.

#include "runtime/nodemcu/net/net_socket.h"
#include "runtime/nodemcu/net/wifi.h"

// The access point alone is the way to everywhere, though nobody answers from afar.
uint32_t net_route(uint32_t ip)
{
    struct wifi_address address;
    uint32_t own = wifi_route(ip);
    if (own)
        return own;
    wifi_get_address(WIFI_ACCESS_POINT, &address);
    return address.ip;
}

// ---- net.ifinfo ----

// Field `name` of the table on top, unless the address is none.
static void set_ip(lua_State *L, const char *name, uint32_t ip)
{
    if (!ip)
        return;
    address_push_ip(L, ip);
    lua_setfield(L, -2, name);
}

int net_ifinfo(lua_State *L)
{
    lua_Integer which = luaL_optinteger(L, 1, WIFI_STATION);
    struct wifi_address address;
    uint8_t mac[MAC_BYTES];
    if (which != WIFI_STATION && which != WIFI_ACCESS_POINT)
        return 0;
    wifi_get_address((enum wifi_interface)which, &address);
    wifi_get_mac((enum wifi_interface)which, mac);
    int has_dhcp = which == WIFI_STATION && wifi_has_dhcp();
    lua_createtable(L, 0, has_dhcp ? 5 : 4);
    lua_pushlstring(L, (const char *)mac, sizeof mac);
    lua_setfield(L, -2, "hwaddr");
    set_ip(L, "ip", address.ip);
    set_ip(L, "netmask", address.mask);
    set_ip(L, "gateway", address.gateway);
    if (has_dhcp) {
        lua_createtable(L, 0, 3);
        set_ip(L, "server_ip", address.gateway);
        set_ip(L, "client_ip", address.ip);
        lua_setfield(L, -2, "dhcp");
    }
    return 1;
}

// ---- multicast ----

// Datagrams to groups do not reach the world's sockets here; the arguments are checked.
static int check_group(lua_State *L)
{
    size_t bytes;
    if (!lua_isstring(L, 1))
        return luaL_error(L, "wrong arg type");
    const char *interface = lua_tolstring(L, 1, &bytes);
    int is_any = bytes == 0 || (bytes == 3 && (interface[0] | 0x20) == 'a' &&
                                (interface[1] | 0x20) == 'n' && (interface[2] | 0x20) == 'y');
    if (!is_any && (bytes < 7 || bytes > 15))
        return luaL_error(L, "invalid if ip");
    if (!lua_isstring(L, 2))
        return luaL_error(L, "wrong arg type");
    lua_tolstring(L, 2, &bytes);
    if (bytes < 7 || bytes > 15)
        return luaL_error(L, "invalid multicast ip");
    return 0;
}

int net_multicast_join(lua_State *L)
{
    return check_group(L);
}

int net_multicast_leave(lua_State *L)
{
    return check_group(L);
}
