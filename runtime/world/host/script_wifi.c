// script_wifi.c: see script_wifi.h.

#include "runtime/world/host/script_wifi.h"

#include <string.h>

#include "runtime/format/world_pipe.h"
#include "runtime/world/wifi_model.h"

// The model may still look at the networks that were there before.
static struct wifi_network networks[2][WORLD_PIPE_NETWORKS_MAX];
static char passwords[2][WORLD_PIPE_NETWORKS_MAX][sizeof((struct world_pipe_network *)0)->password];
static unsigned current;

static void take_network(unsigned i, const struct world_pipe_network *from)
{
    struct wifi_network *network = &networks[current][i];
    char *password = passwords[current][i];
    *network = (struct wifi_network){.point = from->point,
                                     .is_hidden = from->is_hidden,
                                     .is_silent = from->is_silent,
                                     .refusal = from->refusal,
                                     .ip = from->ip,
                                     .mask = from->mask,
                                     .gateway = from->gateway};
    network->point.ssid[sizeof network->point.ssid - 1] = '\0';
    memcpy(password, from->password, sizeof from->password);
    password[sizeof from->password - 1] = '\0';
    network->password = password[0] ? password : NULL;
}

static const char *take_networks(const char *data, size_t bytes)
{
    struct world_pipe_network one;
    size_t count = bytes / sizeof one;
    if (bytes % sizeof one || count > WORLD_PIPE_NETWORKS_MAX)
        return "networks of the wrong size";
    current = !current;
    for (unsigned i = 0; i < count; i++) {
        memcpy(&one, data + i * sizeof one, sizeof one);
        take_network(i, &one);
    }
    wifi_model_set_networks(networks[current], (unsigned)count);
    return NULL;
}

const char *script_wifi_change(uint32_t what, const void *data, size_t bytes)
{
    struct world_pipe_station station;
    if (what == WORLD_PIPE_NETWORKS)
        return take_networks(data, bytes);
    if (what == WORLD_PIPE_LOSE && bytes == 1) {
        wifi_model_lose(*(const uint8_t *)data);
        return NULL;
    }
    if (what > WORLD_PIPE_LEAVE || bytes != sizeof station)
        return "Wi-Fi of the wrong size";
    memcpy(&station, data, sizeof station);
    if (what == WORLD_PIPE_JOIN)
        (void)wifi_model_join(station.mac, station.ip, station.association);
    else
        (void)wifi_model_leave(station.mac, station.association);
    return NULL;
}
