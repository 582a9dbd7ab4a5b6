// wifi_arrivals.c: what arrives from the world's Wi-Fi: changes of the link, stations, results.
//
// Reads and writes: the module's state, the queue of events. Memory: static.
// Source: facts on the firmware's module wifi: states and reasons of the SDK.

#include <string.h>

#include "runtime/nodemcu/net/net.h"
#include "runtime/nodemcu/net/wifi_parts.h"
#include "runtime/world/world.h"

#define REASON_ASSOC_LEAVE 8
#define WRONG_PASSWORD_TRIES 2 // failures until the status says so

static struct wifi_event link_event(int kind, const struct world_wifi *what, const char *ssid,
                                    size_t bytes)
{
    struct wifi_event event = {.kind = (uint32_t)kind};
    bytes = bytes < WIFI_SSID_BYTES ? bytes : WIFI_SSID_BYTES;
    memcpy(event.as.link.ssid, ssid, bytes);
    memcpy(event.as.link.bssid, what->bssid, MAC_BYTES);
    event.as.link.ssid_bytes = (uint8_t)bytes;
    event.as.link.number = what->value;
    return event;
}

static struct wifi_event client_event(int kind, const struct world_wifi *what)
{
    struct wifi_event event = {.kind = (uint32_t)kind};
    memcpy(event.as.client.mac, what->bssid, MAC_BYTES);
    event.as.client.number = (int8_t)what->value;
    return event;
}

static int status_after(int reason)
{
    switch (reason) {
    case 201:
        return WIFI_STATUS_NOT_FOUND;
    case 203:
        return WIFI_STATUS_FAILED;
    case 2:
    case 15:
    case 202:
    case 204:
        return ++wifi.failures < WRONG_PASSWORD_TRIES ? WIFI_STATUS_CONNECTING
                                                      : WIFI_STATUS_WRONG_PASSWORD;
    default:
        return WIFI_STATUS_CONNECTING;
    }
}

// The SDK tries again by itself, unless it was the program that left.
static void on_disconnected(const struct world_wifi *what)
{
    if (!wifi.is_linked && what->value == REASON_ASSOC_LEAVE)
        return;
    wifi.status = (uint8_t)(wifi.is_linked ? WIFI_STATUS_CONNECTING : status_after(what->value));
    wifi_drop();
}

// An access point that has a DHCP server answers for names, too.
static void on_got_ip(const struct world_wifi *what)
{
    wifi.status = WIFI_STATUS_GOT_IP;
    wifi.address[WIFI_STATION] = (struct wifi_address){what->ip, what->mask, what->gateway};
    if (!wifi.is_static && what->gateway)
        net_dns_offered(what->gateway);
}

static void on_client(const struct world_wifi *what, int is_there)
{
    struct wifi_client *place = NULL;
    for (struct wifi_client *at = wifi_clients; at < wifi_clients + WIFI_CLIENTS_MAX; at++) {
        if (at->is_used && memcmp(at->mac, what->bssid, MAC_BYTES) == 0)
            at->is_used = 0;
        if (!at->is_used && !place)
            place = at;
    }
    if (!place || !is_there)
        return;
    memcpy(place->mac, what->bssid, MAC_BYTES);
    place->ip = what->ip;
    place->is_used = 1;
}

static void station_arrived(lua_State *L, const struct world_wifi *what, const char *tail,
                            size_t bytes)
{
    struct wifi_event event = {0};
    switch (what->op) {
    case WORLD_WIFI_CONNECTED:
        wifi.is_linked = 1;
        wifi.status = WIFI_STATUS_CONNECTING;
        wifi.channel = what->value;
        wifi.failures = 0;
        event = link_event(WIFI_EVENT_CONNECTED, what, tail, bytes);
        break;
    case WORLD_WIFI_DISCONNECTED:
        on_disconnected(what);
        event = link_event(WIFI_EVENT_DISCONNECTED, what, tail, bytes);
        break;
    case WORLD_WIFI_GOT_IP:
        on_got_ip(what);
        event.kind = WIFI_EVENT_GOT_IP;
        event.as.address = wifi.address[WIFI_STATION];
        break;
    case WORLD_WIFI_DHCP_TIMEOUT:
        event.kind = WIFI_EVENT_DHCP_TIMEOUT;
        break;
    case WORLD_WIFI_AUTH_CHANGED:
        event.kind = WIFI_EVENT_AUTH_CHANGED;
        event.as.change.before = (uint8_t)what->ip;
        event.as.change.after = what->value;
        break;
    default:
        return;
    }
    wifi_event_arrived(L, &event);
}

static void ap_arrived(lua_State *L, const struct world_wifi *what)
{
    static const uint8_t kinds[] = {[WORLD_WIFI_AP_JOINED] = WIFI_EVENT_AP_JOINED,
                                    [WORLD_WIFI_AP_LEFT] = WIFI_EVENT_AP_LEFT,
                                    [WORLD_WIFI_AP_PROBED] = WIFI_EVENT_AP_PROBED};
    struct wifi_event event = client_event(kinds[what->op], what);
    if (what->op != WORLD_WIFI_AP_PROBED)
        on_client(what, what->op == WORLD_WIFI_AP_JOINED);
    wifi_event_arrived(L, &event);
    event.kind = WIFI_EVENT_IP_GIVEN;
    if (what->op == WORLD_WIFI_AP_JOINED && what->ip)
        wifi_event_arrived(L, &event);
}

void wifi_arrival(lua_State *L, const struct world_arrival *arrival)
{
    struct world_wifi what;
    if (arrival->bytes < sizeof what)
        return;
    memcpy(&what, arrival->data, sizeof what);
    const char *tail = (const char *)arrival->data + sizeof what;
    size_t bytes = arrival->bytes - sizeof what;
    switch (what.op) {
    case WORLD_WIFI_SCANNED:
        wifi_scan_arrived(L, tail, bytes);
        break;
    case WORLD_WIFI_AP_JOINED:
    case WORLD_WIFI_AP_LEFT:
    case WORLD_WIFI_AP_PROBED:
        if (wifi_has(WIFI_ACCESS_POINT))
            ap_arrived(L, &what);
        break;
    default:
        station_arrived(L, &what, tail, bytes);
    }
}
