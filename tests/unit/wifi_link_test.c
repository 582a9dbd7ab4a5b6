// wifi_link_test.c: what a program sees of a Wi-Fi that fails: events, states, stations that join.

#include "runtime/core/profile.h"
#include "runtime/lib/libs.h"
#include "runtime/nodemcu/boot.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/events.h"
#include "runtime/nodemcu/net/wifi.h"
#include "runtime/world/wifi_model.h"
#include "tests/support/state.h"

static const struct wifi_network networks[] = {
    {.point = {{2, 0, 0, 0, 0, 7}, -70, 3, 3, "mine"}, .password = "right"},
    {.point = {{2, 0, 0, 0, 0, 8}, -60, 3, 4, "silent"}, .is_silent = 1},
};

static const char prepare[] =
    "log = {}\n"
    "local function ms() return math.floor((tmr.now() + 500) / 1000) end\n"
    "function say(...) log[#log + 1] = table.concat({ms(), ...}, ' ') end\n"
    "for kind = 0, 10 do if kind ~= 9 then wifi.eventmon.register(kind, function(t)\n"
    "    say(kind, t.reason or t.IP or t.AID or t.RSSI or t.info or t.new_auth_mode or t.new_mode\n"
    "        or '-', t.MAC or t.old_auth_mode or '-', wifi.sta.status(), wifi.sta.getip() or '-')\n"
    "end) end end\n"
    "function get() local t = table.concat(log, '; ') log = {} return t end\n";

static int keep_message(lua_State *L)
{
    (void)L;
    return 1;
}

static void start(lua_State *L)
{
    lua_profile = &lua_profile_nodemcu;
    boot_begin();
    libs_open(L);
    events_start();
    CHECK_EQUAL(luaL_dostring(L, prepare), 0);
}

// Runs `source`, then the device until `ms`: what was logged.
static const char *run(lua_State *L, const char *source, uint64_t ms)
{
    if (luaL_dostring(L, source) != 0)
        return lua_tostring(L, -1);
    events_run(L, ms, keep_message);
    return run_text(L, "return get()");
}

STATE_TEST(a_wrong_password_shows_after_some_tries)
{
    start(L);
    wifi_model_set_networks(networks, 2);
    CHECK_TEXT(run(L, "wifi.setmode(1) wifi.sta.config{ssid = 'mine', pwd = 'wrong'}", 7000),
               "0 8 1 - 1 -; 3000 1 15 - 1 -; 6900 1 15 - 2 -");
    CHECK_TEXT(
        run(L, "wifi.sta.config{ssid = 'mine', pwd = 'right'} say(wifi.sta.status())", 10000),
        "6900 1; 8400 0 - - 1 -; 8900 3 192.168.1.50 - 5 192.168.1.50");
}

STATE_TEST(an_access_point_is_missing_then_there_then_lost)
{
    start(L);
    wifi_model_set_networks(networks, 2);
    CHECK_TEXT(run(L, "wifi.setmode(1) wifi.sta.config{ssid = 'home'}", 5000),
               "0 8 1 - 1 -; 2100 1 201 - 3 -");
    wifi_model_set_networks(NULL, 0);
    CHECK_TEXT(run(L, "", 9000),
               "5100 1 201 - 3 -; 7500 0 - - 1 -; 8000 3 192.168.1.50 - 5 192.168.1.50");
    CHECK_EQUAL(wifi_station_ip(), 0xC0A80132);
    wifi_model_lose(200);
    CHECK_TEXT(run(L, "", 9500), "8000 1 200 - 1 -");
    CHECK_EQUAL(wifi_station_ip(), 0);
    CHECK_EQUAL(wifi_is_up(), 0);
    CHECK_TEXT(run(L, "", 12000), "10400 0 - - 1 -; 10900 3 192.168.1.50 - 5 192.168.1.50");
    CHECK_EQUAL(wifi_is_up(), 1);
    CHECK_EQUAL(wifi_route(0x08080808), 0xC0A80132);
}

STATE_TEST(dhcp_may_not_answer)
{
    start(L);
    wifi_model_set_networks(networks, 2);
    CHECK_TEXT(run(L, "wifi.setmode(1) wifi.sta.config{ssid = 'silent'}", 20000),
               "0 8 1 - 1 -; 1500 0 - - 1 -; 11500 4 - - 1 -");
}

STATE_TEST(stations_join_the_own_access_point)
{
    static const uint8_t one[6] = {2, 0, 0, 0, 0, 1}, two[6] = {2, 0, 0, 0, 0, 2};
    struct wifi_address address;
    start(L);
    CHECK_EQUAL(wifi_is_up(), 1);
    CHECK_EQUAL(wifi_route(0xC0A80464), 0xC0A80401);
    CHECK_EQUAL(wifi_route(0x08080808), 0);
    wifi_get_address(WIFI_STATION, &address);
    CHECK_EQUAL(address.ip, 0);
    wifi_model_join(one, 0xC0A80464, 1);
    wifi_model_join(two, 0, 2);
    CHECK_TEXT(run(L, "", 10), "0 5 1 02:00:00:00:00:01 0 -; 0 10 event 9 not implemented - 0 -; "
                               "0 5 2 02:00:00:00:00:02 0 -");
    CHECK_TEXT(run_text(L, "local t = wifi.ap.getclient() return t['02:00:00:00:00:01'] .. "
                           "t['02:00:00:00:00:02']"),
               "192.168.4.1000.0.0.0");
    wifi_model_leave(one, 1);
    CHECK_TEXT(run(L, "wifi.eventmon.unregister(5)", 20), "0 6 1 02:00:00:00:00:01 0 -");
    CHECK_TEXT(run_text(L, "local t = wifi.ap.getclient() return next(t, (next(t)))"), "nil");
    wifi_model_join(one, 0xC0A80464, 1);
    CHECK_TEXT(run(L, "wifi.eventmon.unregister(10)", 30), "");
    CHECK_TEXT(
        run(L, "wifi.ap.deauth('02:00:00:00:00:05') wifi.ap.deauth('02:00:00:00:00:02')", 40),
        "0 6 2 02:00:00:00:00:02 0 -");
    wifi_model_join(two, 0xC0A80465, 2);
    CHECK_TEXT(run(L, "wifi.ap.deauth() wifi.ap.deauth()", 50),
               "0 6 1 02:00:00:00:00:01 0 -; 0 6 2 02:00:00:00:00:02 0 -");
    CHECK_TEXT(run_text(L, "return next(wifi.ap.getclient())"), "nil");
}

TEST_MAIN
