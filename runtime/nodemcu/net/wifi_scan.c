// wifi_scan.c: wifi.sta.getap: which access points there are.
//
// Reads and writes: the world (WORLD_WIFI). Memory: what is looked for, until the result is there;
// the callback's reference, which is free before it is called; the table that it gets.
// Source: facts on the firmware's module wifi.

#include <string.h>

#include "runtime/nodemcu/net/wifi_parts.h"
#include "runtime/probe/probe.h"
#include "runtime/world/world.h"

static struct {
    int32_t callback_ref;
    uint8_t is_running, format;
    uint8_t channel; // 0: all
    uint8_t is_with_hidden;
    uint8_t has_ssid, has_bssid;
    uint8_t bssid[MAC_BYTES];
    char ssid[WIFI_SSID_BYTES];
} scan;

void wifi_scan_reset(void)
{
    memset(&scan, 0, sizeof scan);
    scan.callback_ref = LUA_NOREF;
}

// ---- the result ----

struct result {
    const char *points; // struct world_access_point each
    size_t bytes;
};

static int is_wanted(const struct world_access_point *point)
{
    return (point->ssid[0] || scan.is_with_hidden) &&
           (!scan.channel || scan.channel == point->channel) &&
           (!scan.has_bssid || memcmp(scan.bssid, point->bssid, MAC_BYTES) == 0) &&
           (!scan.has_ssid || strncmp(scan.ssid, point->ssid, sizeof scan.ssid) == 0);
}

// Sets the entry of an access point in the table on top of the stack.
static void set_point(lua_State *L, const struct world_access_point *point)
{
    address_push_mac(L, point->bssid);
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_INPUT);
    if (scan.format == 0) {
        lua_pushstring(L, point->ssid);
        lua_pushfstring(L, "%d,%d,%s,%d", point->auth, point->rssi, lua_tostring(L, -2),
                        point->channel);
        lua_remove(L, -3);
    } else {
        lua_pushfstring(L, "%s,%d,%d,%d", point->ssid, point->rssi, point->auth, point->channel);
    }
    PROBE_SOURCE_END();
    lua_rawset(L, -3);
}

static int prepare_result(lua_State *L)
{
    const struct result *result = lua_touserdata(L, 1);
    struct world_access_point point;
    lua_rawgeti(L, LUA_REGISTRYINDEX, scan.callback_ref);
    lua_newtable(L);
    for (size_t at = 0; at + sizeof point <= result->bytes; at += sizeof point) {
        memcpy(&point, result->points + at, sizeof point);
        point.ssid[sizeof point.ssid - 1] = '\0';
        if (is_wanted(&point))
            set_point(L, &point);
    }
    luaL_unref2(L, LUA_REGISTRYINDEX, scan.callback_ref);
    return 2;
}

void wifi_scan_arrived(lua_State *L, const char *tail, size_t bytes)
{
    const struct result result = {tail, bytes};
    scan.is_running = 0;
    if (scan.callback_ref != LUA_NOREF)
        wifi_callback(L, prepare_result, &result);
}

// ---- asking ----

// A field of the table at argument 1; false: it is nil.
static int get_field(lua_State *L, const char *key, int is_type(lua_State *, int))
{
    lua_getfield(L, 1, key);
    if (lua_isnil(L, -1))
        return 0;
    if (!is_type(L, -1))
        luaL_error(L, "wrong arg type");
    return 1;
}

static int number_field(lua_State *L, const char *key, int most, const char *fault)
{
    if (!get_field(L, key, lua_isnumber))
        return 0;
    lua_Integer number = lua_tointeger(L, -1);
    if (number < 0 || number > most)
        luaL_error(L, "%s", fault);
    return (int)number;
}

static void read_wishes(lua_State *L)
{
    size_t bytes;
    scan.has_ssid = (uint8_t)get_field(L, "ssid", lua_isstring);
    if (scan.has_ssid) {
        const char *ssid = lua_tolstring(L, -1, &bytes);
        if (bytes > sizeof scan.ssid)
            luaL_error(L, "ssid:<32");
        memset(scan.ssid, 0, sizeof scan.ssid);
        memcpy(scan.ssid, ssid, bytes);
    }
    scan.has_bssid = (uint8_t)get_field(L, "bssid", lua_isstring);
    if (scan.has_bssid) {
        const char *mac = lua_tolstring(L, -1, &bytes);
        luaL_argcheck(L, bytes == MAC_TEXT_BYTES, 1, "MAC:FF:FF:FF:FF:FF:FF");
        address_parse_mac(mac, scan.bssid);
    }
    scan.channel = (uint8_t)number_field(L, "channel", 13, "channel: 0 or 1-13");
    scan.is_with_hidden = (uint8_t)number_field(L, "show_hidden", 1, "show_hidden: 0 or 1");
}

static void start(lua_State *L, int function)
{
    lua_pushvalue(L, function);
    luaL_unref2(L, LUA_REGISTRYINDEX, scan.callback_ref);
    scan.callback_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (scan.is_running || !wifi_has(WIFI_STATION))
        return;
    scan.is_running = 1;
    wifi_tell(WORLD_WIFI_SCAN, scan.format, NULL);
}

// wifi.sta.getap([table,] [format,] function): without a function a result that is on its way is
// not called for any more.
int wifi_getap(lua_State *L)
{
    int at = 2;
    if (wifi.mode == WIFI_MODE_ACCESS_POINT)
        return luaL_error(L, "Can't list ap in SOFTAP mode");
    if (lua_isnone(L, 1))
        return luaL_error(L, "wrong arg type");
    lua_settop(L, 3);
    scan.format = 0;
    scan.has_ssid = scan.has_bssid = scan.channel = scan.is_with_hidden = 0;
    if (lua_istable(L, 1))
        read_wishes(L);
    else if (lua_type(L, 1) == LUA_TNUMBER || lua_isfunction(L, 1))
        at = 1;
    else if (!lua_isnil(L, 1))
        return luaL_error(L, "wrong arg type");
    if (lua_type(L, at) == LUA_TNUMBER) {
        lua_Integer format = lua_tointeger(L, at++);
        if (format != 0 && format != 1)
            return luaL_error(L, "wrong arg type");
        scan.format = (uint8_t)format;
    }
    if (lua_isfunction(L, at))
        start(L, at);
    else
        luaL_unref2(L, LUA_REGISTRYINDEX, scan.callback_ref);
    return 0;
}
