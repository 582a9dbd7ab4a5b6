// wifi_address.c: addresses of both interfaces: getip, setip, getbroadcast, getmac, setmac.
//
// Reads and writes: the module's state; the world, for the chip's own MAC addresses.
// Memory: texts that are returned. Source: facts on the firmware's module wifi.

#include <string.h>

#include "runtime/nodemcu/net/wifi_parts.h"

int wifi_push_address(lua_State *L, enum wifi_interface which)
{
    struct wifi_address address;
    wifi_get_address(which, &address);
    if (address.ip == 0) {
        lua_pushnil(L);
        return 1;
    }
    address_push_ip(L, address.ip);
    address_push_ip(L, address.mask);
    address_push_ip(L, address.gateway);
    return 3;
}

int wifi_push_broadcast(lua_State *L, enum wifi_interface which)
{
    struct wifi_address address;
    wifi_get_address(which, &address);
    if (address.ip == 0)
        lua_pushnil(L);
    else
        address_push_ip(L, address.ip | ~address.mask);
    return 1;
}

// The field of the table at argument 1; 0: it is missing. lwIP takes a text that is no address as
// 255.255.255.255.
static uint32_t address_field(lua_State *L, const char *key)
{
    uint32_t ip = 0;
    lua_getfield(L, 1, key);
    const char *text = lua_tostring(L, -1);
    if (text && address_parse_ip(text, &ip) != 0)
        ip = UINT32_MAX;
    lua_pop(L, 1);
    return ip;
}

int wifi_take_address(lua_State *L, enum wifi_interface which)
{
    struct wifi_address *address = &wifi.address[which];
    if (!lua_istable(L, 1))
        return luaL_error(L, "wrong arg type");
    uint32_t ip = address_field(L, "ip"), mask = address_field(L, "netmask");
    uint32_t gateway = address_field(L, "gateway");
    if (ip)
        address->ip = ip;
    if (mask)
        address->mask = mask;
    if (gateway || which == WIFI_ACCESS_POINT)
        address->gateway = gateway;
    if (which == WIFI_STATION)
        wifi.is_static = 1;
    lua_pushboolean(L, 1);
    return 1;
}

int wifi_push_mac(lua_State *L, enum wifi_interface which)
{
    uint8_t mac[MAC_BYTES];
    wifi_get_mac(which, mac);
    address_push_mac(L, mac);
    return 1;
}

// The SDK refuses an address of a group, and one of an interface that is off.
int wifi_take_mac(lua_State *L, enum wifi_interface which)
{
    size_t bytes;
    uint8_t mac[MAC_BYTES];
    const char *text = luaL_checklstring(L, 1, &bytes);
    luaL_argcheck(L, bytes == MAC_TEXT_BYTES, 1, "MAC:FF:FF:FF:FF:FF:FF");
    address_parse_mac(text, mac);
    int is_taken = wifi_has(which) && (mac[0] & 1) == 0;
    if (is_taken) {
        memcpy(wifi.mac[which], mac, sizeof mac);
        wifi.has_mac[which] = 1;
    }
    lua_pushboolean(L, is_taken);
    return 1;
}
