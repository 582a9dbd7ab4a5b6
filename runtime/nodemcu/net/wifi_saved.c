// wifi_saved.c: what the SDK keeps in flash of the Wi-Fi: mode, autoconnect, configurations.
//
// Memory: static: it lasts over restarts of a program, but not from one run to the next, unless the
// world says what was there before.
// Source: the SDK's defaults; facts on the firmware's module wifi.

#include <string.h>

#include "runtime/nodemcu/net/wifi_parts.h"
#include "runtime/port/port.h"

PORT_KEPT struct wifi_flash wifi_flash;

// The name is that of the access point's address, which only who asks needs.
static struct wifi_ap_config *with_default(struct wifi_ap_config *config)
{
    static const char digits[] = "0123456789ABCDEF";
    uint8_t mac[MAC_BYTES];
    if (config->ssid[0])
        return config;
    *config = (struct wifi_ap_config){.channel = 1, .clients_max = 4, .beacon_ms = 100};
    wifi_get_mac(WIFI_ACCESS_POINT, mac);
    memcpy(config->ssid, "ESP_", 4);
    for (int i = 0; i < 3; i++) {
        config->ssid[4 + 2 * i] = digits[mac[3 + i] >> 4];
        config->ssid[5 + 2 * i] = digits[mac[3 + i] & 15];
    }
    return config;
}

const struct wifi_ap_config *wifi_current_ap(void)
{
    return with_default(&wifi.ap);
}

static void set_default_flash(void)
{
    wifi_flash = (struct wifi_flash){0};
    wifi_flash.is_set = 1;
    wifi_flash.mode = WIFI_MODE_ACCESS_POINT;
    wifi_flash.is_auto = 1;
    wifi_flash.phy_mode = 3;
    wifi_flash.limit = 1;
}

const struct wifi_station_config *wifi_saved_station(void)
{
    return &wifi_flash.stations[wifi_flash.current];
}

const struct wifi_ap_config *wifi_saved_ap(void)
{
    return with_default(&wifi_flash.ap);
}

static void forget_station(void)
{
    if (wifi_flash.count == 0)
        return;
    wifi_flash.count--;
    for (int i = wifi_flash.current; i < wifi_flash.count; i++)
        wifi_flash.stations[i] = wifi_flash.stations[i + 1];
    wifi_flash.current = wifi_flash.count;
    wifi_flash.stations[wifi_flash.current] = (struct wifi_station_config){0};
}

// In the place of the same name, in a new place, or, when all are taken, in the one after the
// current.
void wifi_save_station(const struct wifi_station_config *config)
{
    int place = 0;
    if (config->ssid[0] == '\0') {
        forget_station();
        return;
    }
    while (place < wifi_flash.count &&
           memcmp(wifi_flash.stations[place].ssid, config->ssid, sizeof config->ssid) != 0)
        place++;
    if (place == wifi_flash.limit)
        place = (wifi_flash.current + 1) % wifi_flash.limit;
    else if (place == wifi_flash.count)
        wifi_flash.count++;
    wifi_flash.stations[place] = *config;
    wifi_flash.current = (uint8_t)place;
}

void wifi_save_ap(const struct wifi_ap_config *config)
{
    wifi_flash.ap = *config;
}

void wifi_erase(int asks)
{
    set_default_flash();
    wifi_flash.asks = (uint8_t)asks;
}

void wifi_take_saved(void)
{
    struct world_wifi_saved saved;
    struct wifi_station_config config = {0};
    int asks = wifi_flash.asks;
    wifi_flash.asks = 0;
    if (!asks ||
        world_ask_saved(WORLD_WIFI, WORLD_WIFI_SAVED, &saved, sizeof saved) != sizeof saved)
        return;
    _Static_assert(sizeof config.ssid == sizeof saved.ssid, "the SDK's");
    _Static_assert(sizeof config.password == sizeof saved.password, "the SDK's");
    memcpy(config.ssid, saved.ssid, sizeof config.ssid);
    memcpy(config.password, saved.password, sizeof config.password);
    wifi_flash.mode = saved.mode & WIFI_MODE_BOTH;
    wifi_save_station(&config);
    wifi_load();
}

void wifi_load(void)
{
    if (!wifi_flash.is_set)
        set_default_flash();
    wifi.mode = wifi_flash.mode;
    wifi.ap = wifi_flash.ap;
    wifi.station = *wifi_saved_station();
}
