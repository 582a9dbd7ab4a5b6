// wifi.h: what the module wifi tells the rest of runtime/nodemcu.
//
// Context: the interpreter's thread.

#ifndef FROST_NODEMCU_NET_WIFI_H
#define FROST_NODEMCU_NET_WIFI_H

#include <stdint.h>

#include "runtime/core/api/lua.h"
#include "runtime/world/world.h"

// ---- for the boot and the event loop ----

// Before a boot: no link, no callbacks; what the SDK keeps in flash is as it was.
void wifi_reset(void);
// What the SDK has in flash becomes its defaults; what is in force stays until the next boot. With
// `asks` that is the first one, which takes what the world has from earlier runs.
void wifi_erase(int asks);
// The SDK's own start, before the program's: it connects if that was configured.
void wifi_start(void);
// Takes what has arrived of kind WORLD_WIFI.
void wifi_arrival(lua_State *L, const struct world_arrival *arrival);

// ---- for the module net ----

enum wifi_interface { WIFI_STATION, WIFI_ACCESS_POINT };

struct wifi_address {
    uint32_t ip, mask, gateway; // 10.0.0.1 is 0x0A000001; 0: none
};

// The station's address while its link is up, 0: it is not. Sockets survive a link that goes down
// and comes back: their peers hear nothing meanwhile, and a TCP connection ends by its own
// retransmissions.
uint32_t wifi_station_ip(void);
// Does a packet come in and go out at all, by the station's link or the own access point?
int wifi_is_up(void);
// The address of the interface over which `ip` is reached, 0: no interface has a route.
uint32_t wifi_route(uint32_t ip);
// The own address at which what `ip` sends comes in, 0: nothing does.
uint32_t wifi_route_in(uint32_t ip);
// Has the station an address that a DHCP server gave?
int wifi_has_dhcp(void);
// An interface that is off has the ip 0.
void wifi_get_address(enum wifi_interface which, struct wifi_address *address);
void wifi_get_mac(enum wifi_interface which, uint8_t mac[6]);

#endif
