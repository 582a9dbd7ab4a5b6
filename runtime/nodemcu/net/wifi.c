// wifi.c: the module wifi: the mode, the radio, sleep; its parts are in tables of their own.
//
// Reads and writes: the module's state. Memory: static settings, until the next boot.
// Source: facts on the firmware's module wifi. Sleep and power change nothing here.

#include <string.h>

#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/net/wifi_parts.h"
#include "runtime/port/port.h"

#define SLEEP_MODEM 2

static struct {
    char country[2];
    uint8_t channel_first, channel_last, policy;
    uint8_t sleep_type, sleeps_in_null_mode;
} settings;

void wifi_module_reset(void)
{
    settings.country[0] = 'C';
    settings.country[1] = 'N';
    settings.channel_first = 1;
    settings.channel_last = 13;
    settings.policy = 0;
    settings.sleep_type = SLEEP_MODEM;
    settings.sleeps_in_null_mode = 1;
    wifi_sta_reset();
    wifi_legacy_reset();
}

// ---- mode ----

static int push_integer(lua_State *L, int number)
{
    lua_pushinteger(L, number);
    return 1;
}

// wifi.setmode(mode [, save]): the mode from now on.
static int setmode(lua_State *L)
{
    lua_Integer mode = luaL_checkinteger(L, 1);
    luaL_argcheck(L, mode >= WIFI_MODE_NONE && mode <= WIFI_MODE_BOTH, 1, "Invalid mode");
    if (!lua_isnoneornil(L, 2) && !lua_isboolean(L, 2))
        luaL_typerror(L, 2, "boolean");
    wifi_set_mode(L, (int)mode, lua_isnoneornil(L, 2) || lua_toboolean(L, 2));
    return push_integer(L, wifi.mode);
}

static int getmode(lua_State *L)
{
    return push_integer(L, wifi.mode);
}

static int getdefaultmode(lua_State *L)
{
    return push_integer(L, wifi_flash.mode);
}

// ---- radio ----

static int getchannel(lua_State *L)
{
    if (wifi.is_linked)
        return push_integer(L, wifi.channel);
    return push_integer(L, wifi_has(WIFI_ACCESS_POINT) ? wifi_current_ap()->channel : 1);
}

static int getphymode(lua_State *L)
{
    return push_integer(L, wifi_flash.phy_mode);
}

static int setphymode(lua_State *L)
{
    lua_Integer mode = luaL_checkinteger(L, 1);
    if (mode < 1 || mode > 3)
        return luaL_error(L, "wrong arg type");
    wifi_flash.phy_mode = (uint8_t)mode;
    return getphymode(L);
}

static int setmaxtxpower(lua_State *L)
{
    lua_Integer power = luaL_checkinteger(L, 1);
    luaL_argcheck(L, power > 0 && power <= 82, 1, "tx power out of range (0->82)");
    return 0;
}

static int getcountry(lua_State *L)
{
    lua_newtable(L);
    wifi_set_text(L, "country", settings.country, sizeof settings.country);
    wifi_set_integer(L, "start_ch", settings.channel_first);
    wifi_set_integer(L, "end_ch", settings.channel_last);
    wifi_set_integer(L, "policy", settings.policy);
    return 1;
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// wifi.setcountry{country=, start_ch=, end_ch=, policy=}
static int setcountry(lua_State *L)
{
    static const char fault[] = "country: country code must be 2 chars";
    static const struct wifi_field country = {"country", "country: must be string", fault};
    static const struct wifi_field first = {"start_ch", "start_ch: must be a number",
                                            "start_ch: Range:1-14"};
    static const struct wifi_field last = {"end_ch", "end_ch: must be a number",
                                           "end_ch: Range:1-14"};
    static const struct wifi_field policy = {"policy", "policy: must be a number",
                                             "policy: must be 0 or 1"};
    char code[2];
    luaL_argcheck(L, lua_istable(L, 1), 1, "Table not found!");
    if (!wifi_field_text(L, &country, code, sizeof code, sizeof code))
        memcpy(code, "CN", sizeof code);
    luaL_argcheck(L, is_letter(code[0]) && is_letter(code[1]), 1, fault);
    int channel_first = wifi_field_integer(L, &first, 1, 1, 14);
    int channel_last = wifi_field_integer(L, &last, 0, 1, 14);
    luaL_argcheck(L, channel_last == 0 || channel_last >= channel_first, 1,
                  "end_ch: can't be less than start_ch");
    int what = wifi_field_integer(L, &policy, 0, 0, 1);
    if (channel_last == 0 && channel_first > 13)
        return luaL_error(L, "Unable to set country info");
    settings.country[0] = (char)(code[0] & ~0x20);
    settings.country[1] = (char)(code[1] & ~0x20);
    settings.channel_first = (uint8_t)channel_first;
    settings.channel_last = (uint8_t)(channel_last ? channel_last : 13);
    settings.policy = (uint8_t)what;
    lua_pushboolean(L, 1);
    return 1;
}

// ---- sleep ----

int wifi_sleeptype(lua_State *L)
{
    if (lua_isnumber(L, 1)) {
        lua_Integer type = lua_tointeger(L, 1);
        luaL_argcheck(L, type >= 0 && type <= SLEEP_MODEM, 1, "range:0-2");
        settings.sleep_type = (uint8_t)type;
    }
    return push_integer(L, settings.sleep_type);
}

static int nullmodesleep(lua_State *L)
{
    if (!lua_isnone(L, 1))
        settings.sleeps_in_null_mode = (uint8_t)lua_toboolean(L, 1);
    lua_pushboolean(L, settings.sleeps_in_null_mode);
    return 1;
}

// The firmware has no suspend unless it is built with PMSLEEP_ENABLE.
static int suspend(lua_State *L)
{
    static const char note[] = "\n The option \"PMSLEEP_ENABLE\" in \"app/include/user_config.h\""
                               " was disabled during FW build!\n";
    port_console_write(note, sizeof note - 1);
    return luaL_error(L, "wifi.suspend is unavailable");
}

// Frequent names first.
ROTABLE_BEGIN(wifi_lib)
    ROTABLE_TABLE("sta", wifi_sta_lib)
    ROTABLE_TABLE("ap", wifi_ap_lib)
    ROTABLE_TABLE("eventmon", wifi_eventmon_lib)
    ROTABLE_FUNC("setmode", setmode)
    ROTABLE_FUNC("getmode", getmode)
    ROTABLE_FUNC("getdefaultmode", getdefaultmode)
    ROTABLE_FUNC("getchannel", getchannel)
    ROTABLE_FUNC("setphymode", setphymode)
    ROTABLE_FUNC("getphymode", getphymode)
    ROTABLE_FUNC("setmaxtxpower", setmaxtxpower)
    ROTABLE_FUNC("getcountry", getcountry)
    ROTABLE_FUNC("setcountry", setcountry)
    ROTABLE_FUNC("nullmodesleep", nullmodesleep)
    ROTABLE_FUNC("sleeptype", wifi_sleeptype)
    ROTABLE_FUNC("suspend", suspend)
    ROTABLE_FUNC("resume", suspend)
    ROTABLE_NUM("NULLMODE", WIFI_MODE_NONE)
    ROTABLE_NUM("STATION", WIFI_MODE_STATION)
    ROTABLE_NUM("SOFTAP", WIFI_MODE_ACCESS_POINT)
    ROTABLE_NUM("STATIONAP", WIFI_MODE_BOTH)
    ROTABLE_NUM("STA_IDLE", WIFI_STATUS_IDLE)
    ROTABLE_NUM("STA_CONNECTING", WIFI_STATUS_CONNECTING)
    ROTABLE_NUM("STA_WRONGPWD", WIFI_STATUS_WRONG_PASSWORD)
    ROTABLE_NUM("STA_APNOTFOUND", WIFI_STATUS_NOT_FOUND)
    ROTABLE_NUM("STA_FAIL", WIFI_STATUS_FAILED)
    ROTABLE_NUM("STA_GOTIP", WIFI_STATUS_GOT_IP)
    ROTABLE_NUM("OPEN", WIFI_AUTH_OPEN)
    ROTABLE_NUM("WPA_PSK", 2)
    ROTABLE_NUM("WPA2_PSK", 3)
    ROTABLE_NUM("WPA_WPA2_PSK", WIFI_AUTH_WPA_WPA2)
    ROTABLE_NUM("PHYMODE_B", 1)
    ROTABLE_NUM("PHYMODE_G", 2)
    ROTABLE_NUM("PHYMODE_N", 3)
    ROTABLE_NUM("NONE_SLEEP", 0)
    ROTABLE_NUM("LIGHT_SLEEP", 1)
    ROTABLE_NUM("MODEM_SLEEP", SLEEP_MODEM)
    ROTABLE_NUM("COUNTRY_AUTO", 0)
    ROTABLE_NUM("COUNTRY_MANUAL", 1)
ROTABLE_END(wifi_lib, NULL, 0)
