// saved_wifi.h: a file that says what the device has saved of its Wi-Fi when it is switched on.
//
// Lines `mode=station` (or ap, stationap), `ssid=NAME`, `password=TEXT`; the mode is station if
// none is given. Empty lines and those that begin with # are nothing. What follows = is taken as it
// is. A file, since a command line is seen by all and is noted in places.

#ifndef FROST_PORT_HOST_SAVED_WIFI_H
#define FROST_PORT_HOST_SAVED_WIFI_H

// Reads it for the worlds (wifi_model.h). 0, or -1 with the reason on standard error.
int saved_wifi_read(const char *path);

#endif
