// wifi_model.c: see wifi_model.h.

#include "runtime/world/wifi_model.h"

#include <string.h>

#include "runtime/world/later.h"
#include "runtime/world/vary.h"

#define SSID_BYTES 33
#ifdef FROST_CHIP
#define PASSWORD_BYTES 1 // nobody looks at it
#define GUESTS_MAX 1     // nobody comes
#else
#define PASSWORD_BYTES 65
#define GUESTS_MAX 4
#endif
#define RSSI_NONE 31
#define MODE_STATION 1
#define MODE_ACCESS_POINT 2
#define OWN_IP 0xC0A80132u // 192.168.1.50
#define OWN_MASK 0xFFFFFF00u
#define OWN_GATEWAY 0xC0A80101u

// Arrivals that are taken back together have one number as their object.
enum { OF_STATION, OF_LEAVING, OF_SCAN, OF_ACCESS_POINT };

enum stage { STAGE_IDLE, STAGE_JOINING, STAGE_ASSOCIATED };

static const struct wifi_network defaults[] = {
    {.point = {{0x02, 0x1A, 0x11, 0x00, 0x00, 0x01}, -58, 3, 6, "frostline"}},
    {.point = {{0x02, 0x1A, 0x11, 0x00, 0x00, 0x02}, -81, 4, 11, "neighbour"}},
};

_Static_assert(sizeof(struct world_wifi) + 2 * sizeof(struct world_access_point) <= LATER_BYTES_MAX,
               "a scan of the default networks");

static struct {
    const struct wifi_network *networks; // NULL: the default, where every name is found
    unsigned count;
} world;

static struct {
    uint8_t mode, stage;
    uint8_t is_static; // the program has set the address
    uint8_t is_scanning;
    uint8_t has_ip, has_failed; // the latter: since it was told to join, or since the last link
    uint8_t bssid[6];           // zeros: any
    char ssid[SSID_BYTES], password[PASSWORD_BYTES];
    uint32_t ip, mask, gateway;
    const struct wifi_network *network; // that it is associated with
} station;

// Stations at the device's access point.
static struct guest {
    uint8_t mac[6], association, is_there;
} guests[GUESTS_MAX];

void wifi_model_reset(void)
{
    memset(guests, 0, sizeof guests);
    memset(&station, 0, sizeof station);
    station.mode = MODE_ACCESS_POINT;
}

static const struct wifi_network *networks(unsigned *count)
{
    *count = world.networks ? world.count : sizeof defaults / sizeof *defaults;
    return world.networks ? world.networks : defaults;
}

static const struct world_wifi_saved *in_flash;

void wifi_model_set_saved(const struct world_wifi_saved *saved)
{
    in_flash = saved;
}

size_t wifi_model_saved(void *answer, size_t room)
{
    if (!in_flash || room < sizeof *in_flash)
        return 0;
    memcpy(answer, in_flash, sizeof *in_flash);
    return sizeof *in_flash;
}

// ---- what will arrive ----

static int arrive(uint64_t us, uint32_t object, const struct world_wifi *what, const char *ssid)
{
    char data[sizeof *what + SSID_BYTES];
    size_t bytes = strnlen(ssid, SSID_BYTES - 1);
    memcpy(data, what, sizeof *what);
    memcpy(data + sizeof *what, ssid, bytes);
    return later_add(world_now_us() + us, WORLD_WIFI, object, data, sizeof *what + bytes);
}

static void arrive_disconnected(uint64_t us, uint32_t object, int reason)
{
    struct world_wifi what = {.op = WORLD_WIFI_DISCONNECTED, .value = (uint8_t)reason};
    if (station.network)
        memcpy(what.bssid, station.network->point.bssid, sizeof what.bssid);
    arrive(us, object, &what, station.ssid);
}

// ---- joining ----

static int is_wanted(const struct wifi_network *network)
{
    static const uint8_t any[6];
    if (memcmp(station.bssid, any, sizeof any) != 0 &&
        memcmp(station.bssid, network->point.bssid, sizeof station.bssid) != 0)
        return 0;
    return strcmp(network->point.ssid, station.ssid) == 0;
}

static const struct wifi_network *find_network(void)
{
    unsigned count;
    const struct wifi_network *all = networks(&count);
    for (unsigned i = 0; i < count; i++)
        if (is_wanted(&all[i]))
            return &all[i];
    return world.networks ? NULL : &defaults[0];
}

static void attempt(uint64_t pause_us)
{
    const struct wifi_network *network = find_network();
    station.stage = STAGE_JOINING;
    station.network = network;
    if (!network) {
        arrive_disconnected(pause_us + WIFI_MODEL_SCAN_US, OF_STATION, WIFI_MODEL_NOT_FOUND);
    } else if (network->password && strcmp(network->password, station.password) != 0) {
        arrive_disconnected(pause_us + WIFI_MODEL_REFUSE_US, OF_STATION,
                            network->refusal ? network->refusal : WIFI_MODEL_WRONG_PASSWORD);
    } else {
        struct world_wifi what = {.op = WORLD_WIFI_CONNECTED, .value = network->point.channel};
        memcpy(what.bssid, network->point.bssid, sizeof what.bssid);
        arrive(pause_us + WIFI_MODEL_JOIN_US, OF_STATION, &what, station.ssid);
    }
}

static void get_address(void)
{
    const struct wifi_network *network = station.network;
    struct world_wifi what = {WORLD_WIFI_GOT_IP, 0, {0}, vary_ip(OWN_IP), OWN_MASK, OWN_GATEWAY};
    if (station.is_static) {
        what.ip = station.ip;
        what.mask = station.mask;
        what.gateway = station.gateway;
    } else if (network->ip) {
        what.ip = network->ip;
        what.mask = network->mask;
        what.gateway = network->gateway;
    }
    if (!station.is_static && network->is_silent) {
        what = (struct world_wifi){.op = WORLD_WIFI_DHCP_TIMEOUT};
        arrive(WIFI_MODEL_DHCP_SILENT_US, OF_STATION, &what, "");
        return;
    }
    arrive(station.is_static ? 0 : WIFI_MODEL_DHCP_US, OF_STATION, &what, "");
}

static void leave(void)
{
    later_remove(WORLD_WIFI, OF_STATION);
    if (station.stage == STAGE_ASSOCIATED)
        arrive_disconnected(0, OF_LEAVING, WIFI_MODEL_LEFT);
    station.stage = STAGE_IDLE;
    station.has_ip = 0;
    station.network = NULL;
}

void wifi_model_lose(int reason)
{
    if (station.stage != STAGE_ASSOCIATED)
        return;
    later_remove(WORLD_WIFI, OF_STATION);
    station.stage = STAGE_JOINING;
    arrive_disconnected(0, OF_STATION, reason);
}

void wifi_model_set_networks(const struct wifi_network *all, unsigned count)
{
    world.networks = all;
    world.count = count;
    const struct wifi_network *found = find_network();
    if (!found && station.stage == STAGE_JOINING) { // what it was about to join is gone
        later_remove(WORLD_WIFI, OF_STATION);
        attempt(0);
        return;
    }
    if (!found)
        wifi_model_lose(WIFI_MODEL_BEACON_LOST);
    if (station.stage != STAGE_IDLE)
        station.network = found;
}

int wifi_model_is_reached(void)
{
    int waits = station.stage != STAGE_IDLE && !station.has_failed;
    return station.has_ip || ((station.mode & MODE_ACCESS_POINT) && !waits);
}

int wifi_model_rssi(void)
{
    return station.stage == STAGE_ASSOCIATED ? station.network->point.rssi : RSSI_NONE;
}

void wifi_model_taken(const struct world_arrival *arrival)
{
    struct world_wifi what;
    if (arrival->object == OF_SCAN)
        station.is_scanning = 0;
    if (arrival->object != OF_STATION || arrival->bytes < sizeof what)
        return;
    memcpy(&what, arrival->data, sizeof what);
    if (what.op == WORLD_WIFI_CONNECTED) {
        station.stage = STAGE_ASSOCIATED;
        station.has_failed = 0;
        get_address();
    } else if (what.op == WORLD_WIFI_GOT_IP) {
        station.has_ip = 1;
    } else if (what.op == WORLD_WIFI_DISCONNECTED) {
        station.has_failed = !station.has_ip;
        station.has_ip = 0;
        attempt(WIFI_MODEL_RETRY_US);
    }
}

// ---- scans ----

static void scan(uint64_t us, int is_empty)
{
    char data[LATER_BYTES_MAX];
    struct world_wifi what = {.op = WORLD_WIFI_SCANNED};
    unsigned count;
    const struct wifi_network *all = networks(&count);
    size_t bytes = sizeof what;
    memcpy(data, &what, sizeof what);
    for (unsigned i = 0; i < count && !is_empty; i++) {
        if (bytes + sizeof all[i].point > sizeof data)
            break;
        struct world_access_point point = all[i].point;
        if (all[i].is_hidden)
            memset(point.ssid, 0, sizeof point.ssid);
        memcpy(data + bytes, &point, sizeof point);
        bytes += sizeof all[i].point;
    }
    later_remove(WORLD_WIFI, OF_SCAN);
    later_add(world_now_us() + us, WORLD_WIFI, OF_SCAN, data, bytes);
    station.is_scanning = !is_empty;
}

// ---- the device's access point ----

static int arrive_station(int op, const uint8_t mac[6], uint32_t ip, uint8_t association)
{
    struct world_wifi what = {.op = (uint8_t)op, .value = association, .ip = ip};
    memcpy(what.bssid, mac, sizeof what.bssid);
    return arrive(0, OF_ACCESS_POINT, &what, "");
}

static struct guest *find_guest(const uint8_t mac[6])
{
    struct guest *at = guests;
    while (at < guests + GUESTS_MAX && (!at->is_there || memcmp(at->mac, mac, sizeof at->mac) != 0))
        at++;
    return at < guests + GUESTS_MAX ? at : NULL;
}

int wifi_model_join(const uint8_t mac[6], uint32_t ip, uint8_t association)
{
    struct guest *at = find_guest(mac);
    for (struct guest *other = guests; !at && other < guests + GUESTS_MAX; other++)
        if (!other->is_there)
            at = other;
    if (!(station.mode & MODE_ACCESS_POINT) || !at)
        return -1;
    memcpy(at->mac, mac, sizeof at->mac);
    at->association = association;
    at->is_there = 1;
    return arrive_station(WORLD_WIFI_AP_JOINED, mac, ip, association);
}

int wifi_model_leave(const uint8_t mac[6], uint8_t association)
{
    struct guest *at = find_guest(mac);
    if (!at)
        return -1;
    at->is_there = 0;
    return arrive_station(WORLD_WIFI_AP_LEFT, mac, 0, association);
}

// The program sends a station away, or all.
static void send_away(const uint8_t mac[6])
{
    static const uint8_t all[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    int is_all = memcmp(mac, all, sizeof all) == 0;
    for (struct guest *at = guests; at < guests + GUESTS_MAX; at++)
        if (at->is_there && (is_all || memcmp(mac, at->mac, sizeof at->mac) == 0))
            wifi_model_leave(at->mac, at->association);
}

// ---- what the program tells ----

static void set_mode(int mode)
{
    station.mode = (uint8_t)mode;
    if (!(mode & MODE_ACCESS_POINT))
        memset(guests, 0, sizeof guests);
    if (mode & MODE_STATION)
        return;
    leave();
    if (station.is_scanning)
        scan(0, 1);
}

// The text that begins at `tail`, cut to `room` bytes with its end. The bytes after it.
static size_t take_text(const char *tail, size_t bytes, char *text, size_t room)
{
    size_t length = strnlen(tail, bytes);
    size_t kept = length < room ? length : room - 1;
    memcpy(text, tail, kept);
    text[kept] = '\0';
    return length < bytes ? bytes - length - 1 : 0;
}

void wifi_model_tell(const void *data, size_t bytes)
{
    struct world_wifi what;
    if (bytes < sizeof what)
        return;
    memcpy(&what, data, sizeof what);
    const char *tail = (const char *)data + sizeof what;
    size_t tail_bytes = bytes - sizeof what, rest;
    switch (what.op) {
    case WORLD_WIFI_MODE:
        set_mode(what.value);
        break;
    case WORLD_WIFI_STATION:
        rest = take_text(tail, tail_bytes, station.ssid, sizeof station.ssid);
        take_text(tail + tail_bytes - rest, rest, station.password, sizeof station.password);
        memcpy(station.bssid, what.bssid, sizeof station.bssid);
        break;
    case WORLD_WIFI_CONNECT:
        station.is_static = what.value;
        station.ip = what.ip;
        station.mask = what.mask;
        station.gateway = what.gateway;
        later_remove(WORLD_WIFI, OF_STATION);
        station.has_ip = station.has_failed = 0;
        attempt(0);
        break;
    case WORLD_WIFI_DISCONNECT:
        leave();
        break;
    case WORLD_WIFI_AP_DEAUTH:
        send_away(what.bssid);
        break;
    case WORLD_WIFI_SCAN:
        scan(WIFI_MODEL_SCAN_US, 0);
        break;
    default:
        break;
    }
}
