// script_wifi.h: what a world script does to the Wi-Fi around the device, which is the virtual
// world's (runtime/world/wifi_model.h).

#ifndef FROST_WORLD_HOST_SCRIPT_WIFI_H
#define FROST_WORLD_HOST_SCRIPT_WIFI_H

#include <stddef.h>
#include <stdint.h>

// Does what a message WORLD_PIPE_WIFI says. NULL, or what is wrong with it (static text).
const char *script_wifi_change(uint32_t what, const void *data, size_t bytes);

#endif
