// wifi_model.h: the Wi-Fi around the device: access points, how long joining them takes, what
// fails.
//
// For fillings that have no Wi-Fi of their own. By default there are two access points, every name
// and password is accepted, and nobody joins the device's own access point.
// Reads and writes: later.h, where what happens next waits. Memory: static; a table of networks is
// its owner's. Context: the interpreter's thread.
// Source: times are experience values for an ESP8266 (association 0.5 to 4 s, DHCP 0.05 to 3 s, a
// scan 2 to 3 s, a failure every few seconds); reasons are the SDK's.

#ifndef FROST_WORLD_WIFI_MODEL_H
#define FROST_WORLD_WIFI_MODEL_H

#include "runtime/world/world.h"

#define WIFI_MODEL_JOIN_US 1500000u         // from asking to being associated
#define WIFI_MODEL_DHCP_US 500000u          // from there to an address
#define WIFI_MODEL_SCAN_US 2100000u         // 13 channels; also a search that finds nothing
#define WIFI_MODEL_REFUSE_US 3000000u       // until a wrong password is noticed
#define WIFI_MODEL_RETRY_US 900000u         // from a failure to the next attempt
#define WIFI_MODEL_DHCP_SILENT_US 10000000u // until the device says that DHCP does not answer

// Reasons of a disconnection, the SDK's numbers.
enum wifi_model_reason {
    WIFI_MODEL_LEFT = 8, // the device itself
    WIFI_MODEL_WRONG_PASSWORD = 15,
    WIFI_MODEL_BEACON_LOST = 200,
    WIFI_MODEL_NOT_FOUND = 201,
};

// An access point.
struct wifi_network {
    struct world_access_point point;
    uint8_t is_hidden;          // scans do not show its name
    const char *password;       // NULL: any is right
    uint8_t refusal;            // reason after a wrong password, 0: WIFI_MODEL_WRONG_PASSWORD
    uint8_t is_silent;          // its DHCP does not answer
    uint32_t ip, mask, gateway; // what its DHCP gives; ip 0: the model's own network
};

// ---- for worlds ----

// The networks from now on, which stay the caller's; no other name is found. NULL: the default. A
// link whose network is not there any more is lost.
void wifi_model_set_networks(const struct wifi_network *networks, unsigned count);
// The access point is lost to the device, which tries again. No link: nothing happens.
void wifi_model_lose(int reason);
// What the device has in flash when it is switched on, which stays the caller's; NULL: nothing.
void wifi_model_set_saved(const struct world_wifi_saved *saved);
// A station joins or leaves the device's access point, which takes four. -1: that is off, there is
// no room, or the station is not there.
int wifi_model_join(const uint8_t mac[6], uint32_t ip, uint8_t association);
int wifi_model_leave(const uint8_t mac[6], uint8_t association);

// ---- for fillings ----

// Before a boot, with the same networks.
void wifi_model_reset(void);
// What the program tells of kind WORLD_WIFI.
void wifi_model_tell(const void *data, size_t bytes);
// Has the device an address at which others reach it: the station's, or, while that is not about to
// come, the access point's?
int wifi_model_is_reached(void);
// Copies what is in flash; its bytes, 0: it is erased.
size_t wifi_model_saved(void *answer, size_t room);
// The RSSI of the link, 31: there is none.
int wifi_model_rssi(void);
// Of each arrival of kind WORLD_WIFI that later_take gives, before the program has it: what follows
// from it is put into later.h.
void wifi_model_taken(const struct world_arrival *arrival);

#endif
