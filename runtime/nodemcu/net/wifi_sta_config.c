// wifi_sta_config.c: configurations of the station: which access point it joins.
//
// Reads and writes: the module's state; what the SDK keeps in flash.
// Memory: texts and tables that are returned. Source: facts on the firmware's module wifi.

#include <string.h>

#include "runtime/nodemcu/firmware.h"
#include "runtime/nodemcu/net/wifi_parts.h"

static void read_config(lua_State *L, struct wifi_station_config *config)
{
    static const struct wifi_field ssid = {"ssid", "ssid:not string", "ssid: length:0-32"};
    static const struct wifi_field password = {"pwd", "pwd:not string", "pwd: length:0-64"};
    static const struct wifi_field bssid = {"bssid", "bssid:not string",
                                            "bssid: FF:FF:FF:FF:FF:FF"};
    if (!wifi_field_text(L, &ssid, config->ssid, 0, sizeof config->ssid))
        luaL_argerror(L, 1, "ssid required");
    wifi_field_text(L, &password, config->password, 0, sizeof config->password);
    config->has_bssid = (uint8_t)wifi_field_mac(L, &bssid, config->bssid);
}

static void take_callbacks(lua_State *L)
{
    static const struct wifi_field fields[] = {
        [WIFI_EVENT_CONNECTED] = {"connect_cb", "connect_cb:not function", NULL},
        [WIFI_EVENT_DISCONNECTED] = {"disconnect_cb", "disconnect_cb:not function", NULL},
        [WIFI_EVENT_AUTH_CHANGED] = {"authmode_change_cb", "authmode_change_cb:not function", NULL},
        [WIFI_EVENT_GOT_IP] = {"got_ip_cb", "gotip_cb:not function", NULL},
        [WIFI_EVENT_DHCP_TIMEOUT] = {"dhcp_timeout_cb", "dhcp_timeout_cb:not function", NULL},
    };
    for (int kind = 0; kind <= WIFI_EVENT_DHCP_TIMEOUT; kind++)
        wifi_field_callback(L, &fields[kind], kind);
}

static int apply(lua_State *L, const struct wifi_station_config *config, int is_auto, int is_saved)
{
    wifi_disconnect();
    int is_set = wifi_set_station(config, is_saved);
    wifi_flash.is_auto = (uint8_t)is_auto;
    if (is_auto)
        wifi_connect();
    lua_pushboolean(L, is_set);
    return 1;
}

// What firmware before 3.0 took: a name and a password. Without --firmware=legacy it is an error,
// which is explained first.
static int config_by_texts(lua_State *L)
{
    struct wifi_station_config config;
    if (firmware_is_legacy())
        return apply(L, &config, wifi_legacy_config(L, &config), 1);
    if (lua_isstring(L, 1))
        firmware_form_tell(firmware_form_find("wifi.sta", "config"));
    return luaL_argerror(L, 1, "config table not found!");
}

// wifi.sta.config{ssid=, pwd=, bssid=, auto=, save=, connect_cb= ...}
int wifi_sta_config(lua_State *L)
{
    static const struct wifi_field is_auto = {"auto", "auto:not boolean", NULL};
    static const struct wifi_field save = {"save", "save:not boolean", NULL};
    struct wifi_station_config config;
    if (!lua_istable(L, 1))
        return config_by_texts(L);
    read_config(L, &config);
    int connects = wifi_field_boolean(L, &is_auto, 1);
    int is_saved = wifi_field_boolean(L, &save, 1);
    take_callbacks(L);
    return apply(L, &config, connects, is_saved);
}

int wifi_sta_clearconfig(lua_State *L)
{
    const struct wifi_station_config none = {0};
    return apply(L, &none, 0, 1);
}

// ---- asking ----

static void set_mac(lua_State *L, const struct wifi_station_config *config)
{
    address_push_mac(L, config->bssid);
    lua_setfield(L, -2, "bssid");
}

static void set_texts(lua_State *L, const struct wifi_station_config *config)
{
    wifi_set_text(L, "ssid", config->ssid, sizeof config->ssid);
    if (config->password[0])
        wifi_set_text(L, "pwd", config->password, sizeof config->password);
}

static int push_config(lua_State *L, const struct wifi_station_config *config)
{
    if (lua_isboolean(L, 1) && lua_toboolean(L, 1)) {
        lua_newtable(L);
        set_texts(L, config);
        wifi_set_boolean(L, "bssid_set", config->has_bssid);
        set_mac(L, config);
        return 1;
    }
    wifi_push_text(L, config->ssid, sizeof config->ssid);
    wifi_push_text(L, config->password, sizeof config->password);
    lua_pushinteger(L, config->has_bssid);
    address_push_mac(L, config->bssid);
    return 4;
}

int wifi_sta_getconfig(lua_State *L)
{
    return push_config(L, &wifi.station);
}

int wifi_sta_getdefaultconfig(lua_State *L)
{
    return push_config(L, wifi_saved_station());
}

// ---- the list that the SDK keeps ----

// wifi.sta.getapinfo(): {qty = N, {ssid =, pwd =, bssid =}, ...}
int wifi_sta_getapinfo(lua_State *L)
{
    lua_newtable(L);
    wifi_set_integer(L, "qty", wifi_flash.count);
    for (int i = 0; i < wifi_flash.count; i++) {
        const struct wifi_station_config *config = &wifi_flash.stations[i];
        lua_newtable(L);
        set_texts(L, config);
        if (config->has_bssid)
            set_mac(L, config);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

int wifi_sta_getapindex(lua_State *L)
{
    lua_pushinteger(L, wifi_flash.current + 1);
    return 1;
}

static int check_index(lua_State *L)
{
    lua_Integer index = luaL_checkinteger(L, 1);
    luaL_argcheck(L, index >= 1 && index <= 5, 1, "Valid range: 1-5");
    return (int)index;
}

// wifi.sta.changeap(index): joins another one of the list; false: there is none.
int wifi_sta_changeap(lua_State *L)
{
    int index = check_index(L);
    if (index > wifi_flash.count || !wifi_has(WIFI_STATION)) {
        lua_pushboolean(L, 0);
        return 1;
    }
    wifi_disconnect();
    wifi_flash.current = (uint8_t)(index - 1);
    wifi.station = wifi_flash.stations[index - 1];
    wifi_connect();
    lua_pushboolean(L, 1);
    return 1;
}

// wifi.sta.setaplimit(count): how many the list holds; false: there is no room.
int wifi_sta_setaplimit(lua_State *L)
{
    int limit = check_index(L);
    int has_room = limit <= WIFI_SAVED_MAX;
    if (has_room) {
        wifi_flash.limit = (uint8_t)limit;
        if (wifi_flash.count > limit)
            wifi_flash.count = (uint8_t)limit;
        if (wifi_flash.current >= limit)
            wifi_flash.current = (uint8_t)(limit - 1);
    }
    lua_pushboolean(L, has_room);
    return 1;
}
