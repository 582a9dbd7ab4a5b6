// wifi_legacy.c: forms of wifi.sta that firmware before 3.0 had (--firmware=legacy): the arguments
// of config one by one, and callbacks of the station's status.
//
// Reads and writes: the module's state, a timer. Memory: static, and a reference for each callback.
// Source: behaviour of NodeMCU 1.5.4 and 2.x.

#include <string.h>

#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/net/wifi_parts.h"
#include "runtime/nodemcu/timers.h"
#include "runtime/probe/probe.h"

#define STATUS_COUNT (WIFI_STATUS_GOT_IP + 1)
#define INTERVAL_MS 150

// ---- config(ssid, password [, auto [, bssid]]) ----

static void take_text(lua_State *L, int arg, char *to, size_t least, size_t most, const char *fault)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, arg, &bytes);
    luaL_argcheck(L, bytes >= least && bytes <= most, arg, fault);
    memcpy(to, text, bytes);
}

// 0, 1 or not there at all.
static int take_auto(lua_State *L)
{
    if (lua_isnone(L, 3))
        return 1;
    lua_Integer is_auto = lua_isnumber(L, 3) ? lua_tointeger(L, 3) : -1;
    if (is_auto != 0 && is_auto != 1)
        luaL_error(L, "wrong arg type");
    return (int)is_auto;
}

int wifi_legacy_config(lua_State *L, struct wifi_station_config *config)
{
    size_t bytes;
    memset(config, 0, sizeof *config);
    take_text(L, 1, config->ssid, 1, sizeof config->ssid, "length:1-32");
    if (lua_type(L, 2) == LUA_TSTRING)
        PROBE_CREDENTIAL(L, lua_tostring(L, 2));
    take_text(L, 2, config->password, 0, sizeof config->password, "length:0 or 8-64");
    bytes = strnlen(config->password, sizeof config->password);
    luaL_argcheck(L, bytes == 0 || bytes >= 8, 2, "length:0 or 8-64");
    int at = 4, is_auto = 1;
    if (lua_type(L, 3) == LUA_TSTRING && !lua_isnumber(L, 3))
        at = 3;
    else
        is_auto = take_auto(L);
    if (lua_type(L, at) == LUA_TSTRING && !lua_isnumber(L, at)) {
        const char *mac = lua_tolstring(L, at, &bytes);
        luaL_argcheck(L, bytes == MAC_TEXT_BYTES, at, "MAC:FF:FF:FF:FF:FF:FF");
        address_parse_mac(mac, config->bssid);
        config->has_bssid = 1;
    }
    return is_auto;
}

// ---- callbacks of the status, which a timer looks at ----

static int32_t callbacks[STATUS_COUNT];
static struct event_timer timer;
static uint32_t interval_ms;
static uint8_t last_status;

void wifi_legacy_reset(void)
{
    for (int i = 0; i < STATUS_COUNT; i++)
        callbacks[i] = LUA_NOREF;
    timer = (struct event_timer){0};
    last_status = WIFI_STATUS_IDLE;
}

static int look(lua_State *L, struct event_timer *event)
{
    uint8_t before = last_status;
    if (wifi.mode == WIFI_MODE_ACCESS_POINT)
        return -1;
    timers_arm_again(event, 1000 * (uint64_t)interval_ms, look);
    last_status = wifi.status;
    if (wifi.status == before || callbacks[wifi.status] == LUA_NOREF)
        return -1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, callbacks[wifi.status]);
    lua_pushinteger(L, before);
    return 1;
}

// wifi.sta.eventMonReg(status [, function(status before)]): without a function it unregisters.
static int event_mon_reg(lua_State *L)
{
    lua_Integer status = luaL_checkinteger(L, 1) & 0xFF;
    if (status >= STATUS_COUNT)
        return luaL_error(L, "valid wifi status:0-5");
    lua_settop(L, 2);
    luaL_unref2(L, LUA_REGISTRYINDEX, callbacks[status]);
    if (lua_isfunction(L, 2))
        callbacks[status] = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

// wifi.sta.eventMonStart([ms]): looks at the status that often.
static int event_mon_start(lua_State *L)
{
    int count = 0;
    if (wifi.mode == WIFI_MODE_ACCESS_POINT)
        return luaL_error(L, "Can't monitor in SOFTAP mode");
    for (int i = 0; i < STATUS_COUNT; i++)
        count += callbacks[i] != LUA_NOREF;
    if (count == 0)
        return luaL_error(L, "No callbacks defined");
    lua_Integer ms = lua_isnumber(L, 1) ? lua_tointeger(L, 1) : INTERVAL_MS;
    interval_ms = ms > 0 ? (uint32_t)ms : 1;
    timers_arm(&timer, 1000 * (uint64_t)interval_ms, look);
    return 0;
}

// wifi.sta.eventMonStop([text]): with an argument the callbacks go too.
static int event_mon_stop(lua_State *L)
{
    timers_disarm(&timer);
    for (int i = 0; i < STATUS_COUNT && lua_isstring(L, 1); i++)
        luaL_unref2(L, LUA_REGISTRYINDEX, callbacks[i]);
    return 0;
}

ROTABLE_BEGIN(wifi_sta_legacy_lib)
    ROTABLE_FUNC("eventMonReg", event_mon_reg)
    ROTABLE_FUNC("eventMonStart", event_mon_start)
    ROTABLE_FUNC("eventMonStop", event_mon_stop)
ROTABLE_END(wifi_sta_legacy_lib, NULL, 0)
