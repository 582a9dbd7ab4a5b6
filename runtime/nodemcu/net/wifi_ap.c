// wifi_ap.c: wifi.ap: the device as an access point.
//
// Reads and writes: the module's state, the world. Memory: texts and tables that are returned.
// Source: facts on the firmware's module wifi.

#include <string.h>

#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/net/wifi_parts.h"
#include "runtime/world/world.h"

// ---- configuration ----

static const struct wifi_field field_ssid = {"ssid", "ssid: not string", "ssid: length:1-32"};
static const struct wifi_field field_password = {"pwd", "pwd: not string", "pwd: length:0 or 8-64"};
static const struct wifi_field field_auth = {"auth", "auth: not number", "auth: Range:0-4"};
static const struct wifi_field field_channel = {"channel", "channel: not number",
                                                "channel: Range:1-13"};
static const struct wifi_field field_hidden = {"hidden", "hidden: not boolean", "hidden: 0 or 1"};
static const struct wifi_field field_max = {"max", "max: not number", "max: 1-4"};
static const struct wifi_field field_beacon = {"beacon", "beacon: not number", "beacon: 100-60000"};
static const struct wifi_field field_save = {"save", "save: not boolean", NULL};
static const struct wifi_field field_callbacks[] = {
    {"staconnected_cb", "staconnected_cb:not function", NULL},
    {"stadisconnected_cb", "stadisconnected_cb:not function", NULL},
    {"probereq_cb", "probereq_cb:not function", NULL},
};

// A boolean, or 0 or 1.
static int read_hidden(lua_State *L)
{
    lua_getfield(L, 1, field_hidden.key);
    int type = lua_type(L, -1), is_hidden = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (type == LUA_TBOOLEAN)
        return is_hidden;
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TNUMBER, 1, field_hidden.wrong_type);
    return wifi_field_integer(L, &field_hidden, 0, 0, 1);
}

static void read_config(lua_State *L, struct wifi_ap_config *config)
{
    memset(config, 0, sizeof *config);
    if (!wifi_field_text(L, &field_ssid, config->ssid, 1, sizeof config->ssid))
        luaL_argerror(L, 1, "ssid: required");
    int auth = WIFI_AUTH_OPEN;
    if (wifi_field_text(L, &field_password, config->password, 8, sizeof config->password))
        auth = WIFI_AUTH_WPA_WPA2;
    config->auth = (uint8_t)wifi_field_integer(L, &field_auth, auth, 0, 4);
    config->channel = (uint8_t)wifi_field_integer(L, &field_channel, 6, 1, 13);
    config->is_hidden = (uint8_t)read_hidden(L);
    config->clients_max = (uint8_t)wifi_field_integer(L, &field_max, WIFI_CLIENTS_MAX, 1, 4);
    config->beacon_ms = (uint16_t)wifi_field_integer(L, &field_beacon, 100, 100, 60000);
}

static int ap_config(lua_State *L)
{
    struct wifi_ap_config config;
    if (!lua_istable(L, 1))
        luaL_typerror(L, 1, "table");
    read_config(L, &config);
    int is_saved = wifi_field_boolean(L, &field_save, 1);
    for (int i = 0; i < 3; i++)
        wifi_field_callback(L, &field_callbacks[i], WIFI_EVENT_AP_JOINED + i);
    lua_pushboolean(L, wifi_set_ap(&config, is_saved));
    return 1;
}

static int push_config(lua_State *L, const struct wifi_ap_config *config)
{
    int has_password = config->auth != WIFI_AUTH_OPEN;
    if (!lua_isboolean(L, 1) || !lua_toboolean(L, 1)) {
        wifi_push_text(L, config->ssid, sizeof config->ssid);
        if (has_password)
            wifi_push_text(L, config->password, sizeof config->password);
        else
            lua_pushnil(L);
        return 2;
    }
    lua_newtable(L);
    wifi_set_text(L, "ssid", config->ssid, sizeof config->ssid);
    if (has_password)
        wifi_set_text(L, "pwd", config->password, sizeof config->password);
    wifi_set_integer(L, "auth", config->auth);
    wifi_set_integer(L, "channel", config->channel);
    wifi_set_boolean(L, "hidden", config->is_hidden);
    wifi_set_integer(L, "max", config->clients_max);
    wifi_set_integer(L, "beacon", config->beacon_ms);
    return 1;
}

static int ap_getconfig(lua_State *L)
{
    return push_config(L, wifi_current_ap());
}

static int ap_getdefaultconfig(lua_State *L)
{
    return push_config(L, wifi_saved_ap());
}

// ---- stations ----

// wifi.ap.getclient(): {[mac] = ip}
static int ap_getclient(lua_State *L)
{
    if (wifi.mode == WIFI_MODE_STATION)
        return luaL_error(L, "Can't list clients in STATION mode");
    lua_newtable(L);
    for (const struct wifi_client *at = wifi_clients; at < wifi_clients + WIFI_CLIENTS_MAX; at++) {
        if (!at->is_used)
            continue;
        address_push_mac(L, at->mac);
        address_push_ip(L, at->ip);
        lua_rawset(L, -3);
    }
    return 1;
}

// wifi.ap.deauth([mac]): without one every station has to go.
static int ap_deauth(lua_State *L)
{
    struct world_wifi what = {.op = WORLD_WIFI_AP_DEAUTH};
    memset(what.bssid, 0xFF, sizeof what.bssid);
    if (lua_isstring(L, 1)) {
        size_t bytes;
        const char *mac = luaL_checklstring(L, 1, &bytes);
        luaL_argcheck(L, bytes == MAC_TEXT_BYTES, 1, "MAC:FF:FF:FF:FF:FF:FF");
        address_parse_mac(mac, what.bssid);
    }
    int has = wifi_has(WIFI_ACCESS_POINT) != 0;
    if (has)
        world_tell(WORLD_WIFI, 0, &what, sizeof what);
    lua_pushboolean(L, has);
    return 1;
}

// ---- addresses ----

static int ap_getip(lua_State *L)
{
    return wifi_push_address(L, WIFI_ACCESS_POINT);
}

static int ap_setip(lua_State *L)
{
    return wifi_take_address(L, WIFI_ACCESS_POINT);
}

static int ap_getbroadcast(lua_State *L)
{
    return wifi_push_broadcast(L, WIFI_ACCESS_POINT);
}

static int ap_getmac(lua_State *L)
{
    return wifi_push_mac(L, WIFI_ACCESS_POINT);
}

static int ap_setmac(lua_State *L)
{
    return wifi_take_mac(L, WIFI_ACCESS_POINT);
}

// wifi.ap.dhcp.config{start = ip}: the first and the last address that stations get. The world
// gives them theirs; here they are told to the program alone.
static int dhcp_config(lua_State *L)
{
    uint32_t start;
    if (!lua_istable(L, 1))
        return luaL_error(L, "wrong arg type");
    lua_getfield(L, 1, "start");
    const char *text = lua_tostring(L, -1);
    if (!text || address_parse_ip(text, &start) != 0 || start == 0)
        return luaL_error(L, "wrong arg type");
    address_push_ip(L, start);
    address_push_ip(L, start + wifi_current_ap()->clients_max - 1);
    return 2;
}

static int dhcp_switch(lua_State *L)
{
    lua_pushboolean(L, wifi_has(WIFI_ACCESS_POINT) != 0);
    return 1;
}

ROTABLE_BEGIN(wifi_dhcp_lib)
    ROTABLE_FUNC("config", dhcp_config)
    ROTABLE_FUNC("start", dhcp_switch)
    ROTABLE_FUNC("stop", dhcp_switch)
ROTABLE_END(wifi_dhcp_lib, NULL, 0)

ROTABLE_BEGIN(wifi_ap_lib)
    ROTABLE_FUNC("config", ap_config)
    ROTABLE_FUNC("deauth", ap_deauth)
    ROTABLE_FUNC("getip", ap_getip)
    ROTABLE_FUNC("setip", ap_setip)
    ROTABLE_FUNC("getbroadcast", ap_getbroadcast)
    ROTABLE_FUNC("getmac", ap_getmac)
    ROTABLE_FUNC("setmac", ap_setmac)
    ROTABLE_FUNC("getclient", ap_getclient)
    ROTABLE_FUNC("getconfig", ap_getconfig)
    ROTABLE_FUNC("getdefaultconfig", ap_getdefaultconfig)
    ROTABLE_TABLE("dhcp", wifi_dhcp_lib)
ROTABLE_END(wifi_ap_lib, NULL, 0)
