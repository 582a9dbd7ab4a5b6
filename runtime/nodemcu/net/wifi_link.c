// wifi_link.c: the station's link, the mode and the own access point: what the SDK does behind the
// module.
//
// Reads and writes: the world (WORLD_WIFI), the queue of events. Memory: static.
// Source: facts on the firmware's module wifi.

#include "runtime/nodemcu/net/wifi.h"

#include <string.h>

#include "runtime/nodemcu/net/wifi_parts.h"
#include "runtime/world/world.h"

#define OWN_IP 0xC0A80401u // 192.168.4.1
#define OWN_MASK 0xFFFFFF00u

struct wifi_state wifi;
struct wifi_client wifi_clients[WIFI_CLIENTS_MAX];

// ---- telling the world ----

static void tell(struct world_wifi *what, const char *ssid, const char *password)
{
    char data[sizeof *what + WIFI_SSID_BYTES + 1 + WIFI_PASSWORD_BYTES];
    size_t bytes = sizeof *what;
    if (ssid) {
        size_t length = strnlen(ssid, WIFI_SSID_BYTES);
        memcpy(data + bytes, ssid, length);
        data[bytes + length] = '\0';
        bytes += length + 1;
        length = strnlen(password, WIFI_PASSWORD_BYTES);
        memcpy(data + bytes, password, length);
        bytes += length;
    }
    memcpy(data, what, sizeof *what);
    world_tell(WORLD_WIFI, 0, data, bytes);
}

void wifi_tell(int op, int value, const struct wifi_address *address)
{
    struct world_wifi what = {.op = (uint8_t)op, .value = (uint8_t)value};
    if (address) {
        what.ip = address->ip;
        what.mask = address->mask;
        what.gateway = address->gateway;
    }
    tell(&what, NULL, NULL);
}

static void tell_ap(void)
{
    const struct wifi_ap_config *ap = wifi_current_ap();
    struct world_wifi what = {.op = WORLD_WIFI_AP, .value = ap->channel};
    tell(&what, ap->ssid, ap->password);
}

// ---- the link ----

void wifi_connect(void)
{
    struct world_wifi what = {.op = WORLD_WIFI_STATION};
    if (!wifi_has(WIFI_STATION) || wifi.station.ssid[0] == '\0' || wifi.is_trying)
        return;
    wifi.is_trying = 1;
    wifi.status = WIFI_STATUS_CONNECTING;
    wifi.failures = 0;
    if (wifi.station.has_bssid)
        memcpy(what.bssid, wifi.station.bssid, sizeof what.bssid);
    tell(&what, wifi.station.ssid, wifi.station.password);
    wifi_tell(WORLD_WIFI_CONNECT, wifi.is_static,
              wifi.is_static ? &wifi.address[WIFI_STATION] : NULL);
}

void wifi_drop(void)
{
    wifi.is_linked = 0;
    if (!wifi.is_static)
        wifi.address[WIFI_STATION] = (struct wifi_address){0};
}

void wifi_disconnect(void)
{
    if (!wifi_has(WIFI_STATION))
        return;
    if (wifi.is_trying)
        wifi_tell(WORLD_WIFI_DISCONNECT, 0, NULL);
    wifi.is_trying = 0;
    wifi.status = WIFI_STATUS_IDLE;
    wifi_drop();
}

static void leave_station(void)
{
    wifi.is_trying = 0;
    wifi.is_static = 0;
    wifi.status = WIFI_STATUS_IDLE;
    wifi_drop();
}

// ---- modes and configurations ----

int wifi_has(enum wifi_interface which)
{
    return wifi.mode & (which == WIFI_STATION ? WIFI_MODE_STATION : WIFI_MODE_ACCESS_POINT);
}

void wifi_set_mode(lua_State *L, int mode, int is_saved)
{
    struct wifi_event event = {.kind = WIFI_EVENT_MODE_CHANGED};
    int was = wifi.mode;
    if (is_saved)
        wifi_flash.mode = (uint8_t)mode;
    if (mode == was)
        return;
    event.as.change.before = (uint8_t)was;
    event.as.change.after = (uint8_t)mode;
    wifi.mode = (uint8_t)mode;
    wifi_tell(WORLD_WIFI_MODE, mode, NULL);
    if (!wifi_has(WIFI_STATION))
        leave_station();
    if (!wifi_has(WIFI_ACCESS_POINT))
        memset(wifi_clients, 0, sizeof wifi_clients);
    else if (!(was & WIFI_MODE_ACCESS_POINT))
        tell_ap();
    if (!(was & WIFI_MODE_STATION) && wifi_flash.is_auto)
        wifi_connect();
    wifi_event_raise(L, &event);
}

int wifi_set_station(const struct wifi_station_config *config, int is_saved)
{
    if (!wifi_has(WIFI_STATION))
        return 0;
    wifi.station = *config;
    if (is_saved)
        wifi_save_station(config);
    return 1;
}

int wifi_set_ap(const struct wifi_ap_config *config, int is_saved)
{
    if (!wifi_has(WIFI_ACCESS_POINT))
        return 0;
    wifi.ap = *config;
    if (is_saved)
        wifi_save_ap(config);
    tell_ap();
    return 1;
}

// ---- boot ----

void wifi_reset(void)
{
    memset(&wifi, 0, sizeof wifi);
    memset(wifi_clients, 0, sizeof wifi_clients);
    wifi.address[WIFI_ACCESS_POINT] = (struct wifi_address){OWN_IP, OWN_MASK, OWN_IP};
    wifi_load();
    wifi_eventmon_reset();
    wifi_scan_reset();
    wifi_module_reset();
}

// The world begins with the SDK's default mode, an access point.
void wifi_start(void)
{
    wifi_take_saved();
    if (wifi.mode != WIFI_MODE_ACCESS_POINT)
        wifi_tell(WORLD_WIFI_MODE, wifi.mode, NULL);
    if (wifi_flash.is_auto)
        wifi_connect();
}

// ---- for the module net ----

uint32_t wifi_station_ip(void)
{
    return wifi.status == WIFI_STATUS_GOT_IP ? wifi.address[WIFI_STATION].ip : 0;
}

int wifi_is_up(void)
{
    return wifi_station_ip() || wifi_has(WIFI_ACCESS_POINT);
}

// The station's network is the default route, as the SDK has it.
uint32_t wifi_route(uint32_t ip)
{
    const struct wifi_address *own = &wifi.address[WIFI_ACCESS_POINT];
    if (wifi_has(WIFI_ACCESS_POINT) && ((ip ^ own->ip) & own->mask) == 0)
        return own->ip;
    return wifi_station_ip();
}

// What comes from elsewhere than the access point's network comes through the station's, as long as
// that may get an address; after it has failed, the access point is all there is.
uint32_t wifi_route_in(uint32_t ip)
{
    uint32_t own = wifi_route(ip);
    if (own || wifi.status == WIFI_STATUS_CONNECTING || !wifi_has(WIFI_ACCESS_POINT))
        return own;
    return wifi.address[WIFI_ACCESS_POINT].ip;
}

int wifi_has_dhcp(void)
{
    return wifi_station_ip() && !wifi.is_static;
}

void wifi_get_address(enum wifi_interface which, struct wifi_address *address)
{
    *address = wifi_has(which) ? wifi.address[which] : (struct wifi_address){0};
}

void wifi_get_mac(enum wifi_interface which, uint8_t mac[MAC_BYTES])
{
    memset(mac, 0, MAC_BYTES);
    if (wifi.has_mac[which])
        memcpy(mac, wifi.mac[which], MAC_BYTES);
    else
        world_ask(WORLD_IDENTITY, which == WIFI_STATION ? WORLD_ID_MAC_STA : WORLD_ID_MAC_AP, NULL,
                  0, mac, MAC_BYTES);
}
