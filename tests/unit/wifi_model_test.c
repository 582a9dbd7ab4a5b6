// wifi_model_test.c: what arrives from the modelled Wi-Fi, and when, for what a program tells.

#include "runtime/world/wifi_model.h"

#include <string.h>

#include "runtime/world/virtual.h"
#include "tests/support/tap.h"

_Noreturn void port_restart(void)
{
    abort();
}

static uint64_t now_us;
static char lines[2000];

static uint64_t clock_us(void)
{
    return now_us;
}

static void boot(void)
{
    now_us = 0;
    wifi_model_set_networks(NULL, 0);
    world_boot(clock_us);
}

static void tell(int op, int value, const char *tail, size_t bytes)
{
    char data[200];
    struct world_wifi what = {.op = (uint8_t)op, .value = (uint8_t)value};
    memcpy(data, &what, sizeof what);
    memcpy(data + sizeof what, tail, bytes);
    world_tell(WORLD_WIFI, 0, data, sizeof what + bytes);
}

static void connect(const char *ssid, const char *password)
{
    char tail[100];
    int bytes = snprintf(tail, sizeof tail, "%s%c%s", ssid, 0, password);
    tell(WORLD_WIFI_MODE, 1, "", 0);
    tell(WORLD_WIFI_STATION, 0, tail, (size_t)bytes);
    tell(WORLD_WIFI_CONNECT, 0, "", 0);
}

static const char *const names[] = {
    [WORLD_WIFI_CONNECTED] = "on",     [WORLD_WIFI_DISCONNECTED] = "off",
    [WORLD_WIFI_GOT_IP] = "ip",        [WORLD_WIFI_DHCP_TIMEOUT] = "no-ip",
    [WORLD_WIFI_AP_JOINED] = "joined", [WORLD_WIFI_AP_LEFT] = "left",
    [WORLD_WIFI_SCANNED] = "scanned",
};

// What arrives until then, each as "MS WHAT VALUE BSSID'S-END IP'S-END TAIL;".
static const char *until(uint64_t ms)
{
    struct world_arrival arrival;
    size_t at = 0;
    lines[0] = '\0';
    while (world_next_us() <= 1000 * ms) {
        struct world_wifi what;
        now_us = world_next_us();
        if (!world_take(now_us, &arrival))
            break;
        memcpy(&what, arrival.data, sizeof what);
        int tail = what.op == WORLD_WIFI_SCANNED ? 0 : (int)(arrival.bytes - sizeof what);
        at += (size_t)snprintf(lines + at, sizeof lines - at, "%llu %s %d %d %d %.*s;",
                               (unsigned long long)now_us / 1000, names[what.op], what.value,
                               what.bssid[5], (int)(what.ip & 0xFF), tail,
                               (const char *)arrival.data + sizeof what);
    }
    now_us = 1000 * ms;
    return lines;
}

TEST(any_name_is_joined_by_default)
{
    boot();
    CHECK_EQUAL(wifi_model_rssi(), 31);
    connect("anything", "any");
    CHECK_TEXT(until(10000), "1500 on 6 1 0 anything;2000 ip 0 0 50 ;");
    CHECK_EQUAL(wifi_model_rssi(), -58);
    boot();
    connect("neighbour", "");
    CHECK_TEXT(until(10000), "1500 on 11 2 0 neighbour;2000 ip 0 0 50 ;");
    CHECK_EQUAL(wifi_model_rssi(), -81);
}

TEST(a_program_leaves_at_any_time)
{
    boot();
    connect("a", "");
    CHECK_TEXT(until(1000), "");
    tell(WORLD_WIFI_DISCONNECT, 0, "", 0);
    CHECK_TEXT(until(5000), "");
    connect("a", "");
    CHECK_TEXT(until(6600), "6500 on 6 1 0 a;");
    tell(WORLD_WIFI_DISCONNECT, 0, "", 0);
    CHECK_TEXT(until(20000), "6600 off 8 1 0 a;");
    connect("a", "");
    until(30000);
    tell(WORLD_WIFI_MODE, 2, "", 0);
    CHECK_TEXT(until(40000), "30000 off 8 1 0 a;");
    CHECK_EQUAL(wifi_model_rssi(), 31);
}

static struct wifi_network mine[] = {
    {.point = {{2, 0, 0, 0, 0, 7}, -70, 3, 3, "mine"}, .password = "right", .refusal = 204},
    {.point = {{2, 0, 0, 0, 0, 8}, -60, 3, 4, "silent"}, .is_silent = 1},
    {.point = {{2, 0, 0, 0, 0, 9}, -50, 3, 5, "own"}, .ip = 0x0A000005},
    {.point = {{2, 0, 0, 0, 0, 10}, -50, 3, 5, "hidden"}, .is_hidden = 1},
};

TEST(a_failure_comes_again_until_it_is_mended)
{
    boot();
    wifi_model_set_networks(mine, 1);
    connect("mine", "wrong");
    CHECK_TEXT(until(8000), "3000 off 204 7 0 mine;6900 off 204 7 0 mine;");
    boot();
    wifi_model_set_networks(mine, 1);
    connect("other", "");
    CHECK_TEXT(until(6000), "2100 off 201 0 0 other;5100 off 201 0 0 other;");
    wifi_model_set_networks(NULL, 0);
    CHECK_TEXT(until(12000), "8100 off 201 0 0 other;10500 on 6 1 0 other;11000 ip 0 0 50 ;");
}

TEST(addresses_come_from_the_network_or_from_the_program)
{
    boot();
    wifi_model_set_networks(mine, 4);
    connect("silent", "");
    CHECK_TEXT(until(20000), "1500 on 4 8 0 silent;11500 no-ip 0 0 0 ;");
    boot();
    wifi_model_set_networks(mine, 4);
    connect("own", "");
    CHECK_TEXT(until(20000), "1500 on 5 9 0 own;2000 ip 0 0 5 ;");
    boot();
    connect("a", "");
    struct world_wifi what = {.op = WORLD_WIFI_CONNECT, .value = 1, .ip = 77};
    world_tell(WORLD_WIFI, 0, &what, sizeof what);
    CHECK_TEXT(until(20000), "1500 on 6 1 0 a;1500 ip 0 0 77 ;");
}

TEST(a_link_is_lost_and_comes_back)
{
    boot();
    wifi_model_lose(200);
    CHECK_TEXT(until(1000), "");
    connect("a", "");
    until(5000);
    wifi_model_lose(200);
    CHECK_EQUAL(wifi_model_rssi(), 31);
    CHECK_TEXT(until(10000), "5000 off 200 1 0 a;7400 on 6 1 0 a;7900 ip 0 0 50 ;");
    wifi_model_set_networks(mine, 4);
    CHECK_TEXT(until(12900), "10000 off 200 1 0 a;");
    CHECK_TEXT(until(13000), "13000 off 201 0 0 a;");
    boot();
    wifi_model_set_networks(mine, 4);
    connect("own", "");
    until(5000);
    wifi_model_set_networks(mine + 1, 3);
    CHECK_TEXT(until(9000), "");
    CHECK_EQUAL(wifi_model_rssi(), -50);
}

TEST(scans_show_what_is_there)
{
    struct world_arrival arrival;
    boot();
    wifi_model_set_networks(mine, 4);
    tell(WORLD_WIFI_MODE, 1, "", 0);
    tell(WORLD_WIFI_SCAN, 0, "", 0);
    CHECK_EQUAL(world_next_us(), 2100000);
    CHECK(world_take(2100000, &arrival));
    CHECK_EQUAL(arrival.bytes, sizeof(struct world_wifi) + 4 * sizeof(struct world_access_point));
    struct world_access_point points[4];
    memcpy(points, (const char *)arrival.data + sizeof(struct world_wifi), sizeof points);
    CHECK_TEXT(points[0].ssid, "mine");
    CHECK_TEXT(points[3].ssid, "");
    CHECK_EQUAL(points[3].bssid[5], 10);
    CHECK_EQUAL(world_next_us(), WORLD_NEVER);
    tell(WORLD_WIFI_SCAN, 0, "", 0);
    tell(WORLD_WIFI_MODE, 0, "", 0);
    CHECK(world_take(now_us, &arrival));
    CHECK_EQUAL(arrival.bytes, sizeof(struct world_wifi));
    CHECK_EQUAL(world_next_us(), WORLD_NEVER);
}

TEST(stations_join_while_the_access_point_is_on)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 99};
    boot();
    CHECK_EQUAL(wifi_model_join(mac, 100, 1), 0);
    CHECK_EQUAL(wifi_model_leave(mac, 1), 0);
    CHECK_TEXT(until(10), "0 joined 1 99 100 ;0 left 1 99 0 ;");
    CHECK_EQUAL(wifi_model_leave(mac, 1), -1);
    tell(WORLD_WIFI_MODE, 1, "", 0);
    CHECK_EQUAL(wifi_model_join(mac, 100, 1), -1);
    tell(WORLD_WIFI_MODE, 3, "", 0);
    for (uint8_t i = 0; i < 6; i++) {
        const uint8_t other[6] = {2, 0, 0, 0, 0, i};
        CHECK_EQUAL(wifi_model_join(other, 0, i), i < 4 ? 0 : -1);
    }
    tell(WORLD_WIFI_MODE, 1, "", 0);
    tell(WORLD_WIFI_MODE, 2, "", 0);
    CHECK_EQUAL(wifi_model_join(mac, 100, 1), 0);
}

TEST(others_reach_the_device_when_it_has_an_address)
{
    boot();
    wifi_model_set_networks(mine, 3);
    CHECK(wifi_model_is_reached()); // an access point
    connect("own", "");
    CHECK(!wifi_model_is_reached());
    until(1999);
    CHECK(!wifi_model_is_reached());
    until(2000);
    CHECK(wifi_model_is_reached());
    tell(WORLD_WIFI_MODE, 3, "", 0);
    wifi_model_lose(2);
    until(2001);
    CHECK(!wifi_model_is_reached()); // the station will have one again
    until(10000);
    CHECK(wifi_model_is_reached());
    tell(WORLD_WIFI_DISCONNECT, 0, "", 0);
    CHECK(wifi_model_is_reached());
    connect("nowhere", "");
    until(20000);
    CHECK(!wifi_model_is_reached());
    tell(WORLD_WIFI_MODE, 3, "", 0);
    CHECK(wifi_model_is_reached()); // the station fails, the access point is there
}

TEST(what_is_told_may_be_cut)
{
    char data[120];
    boot();
    memset(data, 'x', sizeof data);
    tell(WORLD_WIFI_MODE, 1, "", 0);
    world_tell(WORLD_WIFI, 0, data, 3);
    tell(WORLD_WIFI_STATION, 0, data, sizeof data);
    tell(WORLD_WIFI_CONNECT, 0, "", 0);
    CHECK_TEXT(until(1500), "1500 on 6 1 0 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;");
}

TEST_MAIN
