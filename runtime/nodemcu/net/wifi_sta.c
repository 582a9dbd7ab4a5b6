// wifi_sta.c: wifi.sta: the station, but for its configurations (wifi_sta_config.c) and scans.
//
// Reads and writes: the module's state, the world. Memory: the host name, until the next boot.
// Source: facts on the firmware's module wifi.

#include <string.h>

#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/net/wifi_parts.h"
#include "runtime/world/world.h"

#define RSSI_NONE 31 // the SDK's, without a link
#define RSSI_MAX 10  // none is as large

// ---- the link ----

// Argument 1, a function, becomes the callback of an event.
static void take_callback(lua_State *L, int kind)
{
    lua_settop(L, 1);
    if (lua_isfunction(L, 1))
        wifi_event_register(L, kind);
}

// wifi.sta.connect([function]): the function is the callback of STA_CONNECTED from now on.
static int sta_connect(lua_State *L)
{
    take_callback(L, WIFI_EVENT_CONNECTED);
    wifi_connect();
    return 0;
}

static int sta_disconnect(lua_State *L)
{
    take_callback(L, WIFI_EVENT_DISCONNECTED);
    wifi_disconnect();
    return 0;
}

static int sta_autoconnect(lua_State *L)
{
    lua_Integer is_auto = luaL_checkinteger(L, 1);
    luaL_argcheck(L, is_auto == 0 || is_auto == 1, 1, "0 or 1");
    wifi_flash.is_auto = (uint8_t)is_auto;
    return 0;
}

static int sta_status(lua_State *L)
{
    lua_pushinteger(L, wifi.status);
    return 1;
}

static int sta_getrssi(lua_State *L)
{
    int8_t rssi = RSSI_NONE;
    if (wifi.is_linked)
        world_ask(WORLD_WIFI, 0, NULL, 0, &rssi, sizeof rssi);
    if (rssi < RSSI_MAX)
        lua_pushinteger(L, rssi);
    else
        lua_pushnil(L);
    return 1;
}

// ---- host name ----

static char hostname[WIFI_HOSTNAME_BYTES + 1];

void wifi_sta_reset(void)
{
    hostname[0] = '\0';
}

static int is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_hostname(const char *name, size_t bytes)
{
    if (bytes == 0 || bytes > WIFI_HOSTNAME_BYTES || !is_alphanumeric(name[0]) ||
        !is_alphanumeric(name[bytes - 1]))
        return 0;
    for (size_t i = 1; i + 1 < bytes; i++)
        if (!is_alphanumeric(name[i]) && name[i] != '-')
            return 0;
    return 1;
}

// By default the last three bytes of the chip's own address; a byte below 16 has one digit.
static int sta_gethostname(lua_State *L)
{
    static const char digits[] = "0123456789ABCDEF";
    char name[] = "NODE-......";
    uint8_t mac[MAC_BYTES] = {0};
    size_t bytes = 5;
    if (hostname[0]) {
        lua_pushstring(L, hostname);
        return 1;
    }
    world_ask(WORLD_IDENTITY, WORLD_ID_MAC_STA, NULL, 0, mac, sizeof mac);
    for (int i = 3; i < MAC_BYTES; i++) {
        if (mac[i] >= 16)
            name[bytes++] = digits[mac[i] >> 4];
        name[bytes++] = digits[mac[i] & 15];
    }
    lua_pushlstring(L, name, bytes);
    return 1;
}

static int sta_sethostname(lua_State *L)
{
    size_t bytes;
    const char *name = luaL_checklstring(L, 1, &bytes);
    luaL_argcheck(L, is_hostname(name, bytes), 1, "Invalid hostname");
    memcpy(hostname, name, bytes);
    hostname[bytes] = '\0';
    lua_pushboolean(L, 1);
    return 1;
}

// ---- addresses ----

static int sta_getip(lua_State *L)
{
    return wifi_push_address(L, WIFI_STATION);
}

static int sta_setip(lua_State *L)
{
    return wifi_take_address(L, WIFI_STATION);
}

static int sta_getbroadcast(lua_State *L)
{
    return wifi_push_broadcast(L, WIFI_STATION);
}

static int sta_getmac(lua_State *L)
{
    return wifi_push_mac(L, WIFI_STATION);
}

static int sta_setmac(lua_State *L)
{
    return wifi_take_mac(L, WIFI_STATION);
}

ROTABLE_BEGIN(wifi_sta_lib)
    ROTABLE_FUNC("autoconnect", sta_autoconnect)
    ROTABLE_FUNC("changeap", wifi_sta_changeap)
    ROTABLE_FUNC("clearconfig", wifi_sta_clearconfig)
    ROTABLE_FUNC("config", wifi_sta_config)
    ROTABLE_FUNC("connect", sta_connect)
    ROTABLE_FUNC("disconnect", sta_disconnect)
    ROTABLE_FUNC("getap", wifi_getap)
    ROTABLE_FUNC("getapindex", wifi_sta_getapindex)
    ROTABLE_FUNC("getapinfo", wifi_sta_getapinfo)
    ROTABLE_FUNC("getbroadcast", sta_getbroadcast)
    ROTABLE_FUNC("getconfig", wifi_sta_getconfig)
    ROTABLE_FUNC("getdefaultconfig", wifi_sta_getdefaultconfig)
    ROTABLE_FUNC("gethostname", sta_gethostname)
    ROTABLE_FUNC("getip", sta_getip)
    ROTABLE_FUNC("getmac", sta_getmac)
    ROTABLE_FUNC("getrssi", sta_getrssi)
    ROTABLE_FUNC("setaplimit", wifi_sta_setaplimit)
    ROTABLE_FUNC("sethostname", sta_sethostname)
    ROTABLE_FUNC("setip", sta_setip)
    ROTABLE_FUNC("setmac", sta_setmac)
    ROTABLE_FUNC("sleeptype", wifi_sleeptype)
    ROTABLE_FUNC("status", sta_status)
ROTABLE_END(wifi_sta_lib, NULL, 0)
