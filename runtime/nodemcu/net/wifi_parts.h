// wifi_parts.h: what the files of the module wifi share: its state, events, fields of tables.
//
// Memory: static. Functions and events are
// references in the registry. Context: the interpreter's thread.
// Source: facts on the firmware's module wifi (3.0) and its SDK.

#ifndef FROST_NODEMCU_NET_WIFI_PARTS_H
#define FROST_NODEMCU_NET_WIFI_PARTS_H

#include "runtime/core/api/lauxlib.h"
#include "runtime/nodemcu/net/address_text.h"
#include "runtime/nodemcu/net/wifi.h"

#define WIFI_SSID_BYTES 32
#define WIFI_PASSWORD_BYTES 64
#define WIFI_CLIENTS_MAX 4 // stations at the own access point
#define WIFI_HOSTNAME_BYTES 32
#define WIFI_SAVED_MAX 5 // configurations of the station that the SDK keeps

enum wifi_mode { WIFI_MODE_NONE, WIFI_MODE_STATION, WIFI_MODE_ACCESS_POINT, WIFI_MODE_BOTH };
enum wifi_status {
    WIFI_STATUS_IDLE,
    WIFI_STATUS_CONNECTING,
    WIFI_STATUS_WRONG_PASSWORD,
    WIFI_STATUS_NOT_FOUND,
    WIFI_STATUS_FAILED,
    WIFI_STATUS_GOT_IP,
};
enum wifi_auth { WIFI_AUTH_OPEN, WIFI_AUTH_WPA_WPA2 = 4 };

// Texts fill up their room with zeros, and may have no NUL.
struct wifi_station_config {
    char ssid[WIFI_SSID_BYTES], password[WIFI_PASSWORD_BYTES];
    uint8_t bssid[MAC_BYTES];
    uint8_t has_bssid;
};

struct wifi_ap_config {
    char ssid[WIFI_SSID_BYTES], password[WIFI_PASSWORD_BYTES];
    uint8_t auth, channel, is_hidden, clients_max;
    uint16_t beacon_ms;
};

// ---- wifi_link.c: the link and the mode; wifi_saved.c: what is kept in flash ----

// Since the boot.
struct wifi_state {
    uint8_t mode;
    uint8_t status;     // enum wifi_status
    uint8_t is_trying;  // from connect to disconnect
    uint8_t is_linked;  // associated
    uint8_t is_static;  // the program has set the station's address
    uint8_t channel;    // of the link
    uint8_t failures;   // that tell of a wrong password, since the last link
    uint8_t has_mac[2]; // the program has set it
    uint8_t mac[2][MAC_BYTES];
    struct wifi_address address[2];
    struct wifi_station_config station;
    struct wifi_ap_config ap;
};
extern struct wifi_state wifi;

// What the SDK keeps in flash. Here it lasts over restarts of one run.
struct wifi_flash {
    uint8_t is_set, mode, is_auto, phy_mode;
    uint8_t limit, count, current; // of the stations
    uint8_t asks;                  // what was there before the run is not known yet
    struct wifi_station_config stations[WIFI_SAVED_MAX];
    struct wifi_ap_config ap;
};
extern struct wifi_flash wifi_flash;

// Is the interface part of the mode now?
int wifi_has(enum wifi_interface which);
void wifi_tell(int op, int value, const struct wifi_address *address);
// Changes the mode, with the event; what it takes away and starts follows.
void wifi_set_mode(lua_State *L, int mode, int is_saved);
void wifi_connect(void);
void wifi_disconnect(void);
// The link is down; an address that DHCP gave goes with it.
void wifi_drop(void);
// 0: the mode has no such interface, nothing changed.
int wifi_set_station(const struct wifi_station_config *config, int is_saved);
int wifi_set_ap(const struct wifi_ap_config *config, int is_saved);
// The access point's configuration now; what is in flash of both.
const struct wifi_ap_config *wifi_current_ap(void);
const struct wifi_station_config *wifi_saved_station(void);
const struct wifi_ap_config *wifi_saved_ap(void);
void wifi_save_station(const struct wifi_station_config *config);
void wifi_save_ap(const struct wifi_ap_config *config);
// At a boot: what is in flash is in force.
void wifi_load(void);
// The first boot of a run: what the world has of earlier ones is in flash, and in force.
void wifi_take_saved(void);

// A station at the own access point.
struct wifi_client {
    uint8_t mac[MAC_BYTES];
    uint8_t is_used;
    uint32_t ip;
};
extern struct wifi_client wifi_clients[WIFI_CLIENTS_MAX];

// ---- wifi_eventmon.c: events and their callbacks ----

enum wifi_event_kind {
    WIFI_EVENT_CONNECTED,
    WIFI_EVENT_DISCONNECTED,
    WIFI_EVENT_AUTH_CHANGED,
    WIFI_EVENT_GOT_IP,
    WIFI_EVENT_DHCP_TIMEOUT,
    WIFI_EVENT_AP_JOINED,
    WIFI_EVENT_AP_LEFT,
    WIFI_EVENT_AP_PROBED,
    WIFI_EVENT_MODE_CHANGED,
    WIFI_EVENT_IP_GIVEN,
    WIFI_EVENT_MAX,
};

struct wifi_event {
    uint32_t kind;
    union {
        struct {
            char ssid[WIFI_SSID_BYTES];
            uint8_t ssid_bytes;
            uint8_t bssid[MAC_BYTES];
            uint8_t number; // channel or reason
        } link;
        struct {
            uint8_t before, after;
        } change; // of the mode, of the authentication
        struct wifi_address address;
        struct {
            uint8_t mac[MAC_BYTES];
            int8_t number; // association id or RSSI
        } client;
    } as;
};
_Static_assert(sizeof(struct wifi_event) == 44, "the SDK's size of an event");

void wifi_eventmon_reset(void);
// Queues an event if anybody waits for it: in a function of Lua, and in an arrival.
void wifi_event_raise(lua_State *L, const struct wifi_event *event);
void wifi_event_arrived(lua_State *L, const struct wifi_event *event);
// Takes the function on top of the stack as the callback of a kind; nil: none.
void wifi_event_register(lua_State *L, int kind);
// Calls, protected, the function and the argument that `prepare` gives for `data`; nil: nothing. An
// error of `prepare` itself is the firmware's: it panics.
void wifi_callback(lua_State *L, lua_CFunction prepare, const void *data);

// ---- wifi.c ----

void wifi_module_reset(void);
void wifi_sta_reset(void);        // wifi_sta.c
int wifi_sleeptype(lua_State *L); // also in wifi.sta

// ---- wifi_scan.c ----

void wifi_scan_reset(void);
// Of the access points in `tail`, struct world_access_point each.
void wifi_scan_arrived(lua_State *L, const char *tail, size_t bytes);
int wifi_getap(lua_State *L);

// ---- wifi_fields.c: fields of the table at argument 1 ----

// Faults of a field, as texts of an argument error.
struct wifi_field {
    const char *key, *wrong_type, *out_of_range;
};
// The text, filled up to `most` bytes with zeros. False: the field is nil.
int wifi_field_text(lua_State *L, const struct wifi_field *field, char *to, size_t least,
                    size_t most);
int wifi_field_mac(lua_State *L, const struct wifi_field *field, uint8_t mac[MAC_BYTES]);
int wifi_field_boolean(lua_State *L, const struct wifi_field *field, int otherwise);
int wifi_field_integer(lua_State *L, const struct wifi_field *field, int otherwise, int least,
                       int most);
// Registers the function at `key` for an event, as wifi.eventmon.register does.
void wifi_field_callback(lua_State *L, const struct wifi_field *field, int kind);
// Pushes a text of a configuration.
void wifi_push_text(lua_State *L, const char *text, size_t room);
void wifi_set_text(lua_State *L, const char *key, const char *text, size_t room);
void wifi_set_integer(lua_State *L, const char *key, int number);
void wifi_set_boolean(lua_State *L, const char *key, int is_true);

// ---- functions of both interfaces, by files; the tables are in wifi_sta.c and wifi_ap.c ----

int wifi_push_address(lua_State *L, enum wifi_interface which);   // wifi_address.c
int wifi_push_broadcast(lua_State *L, enum wifi_interface which); // wifi_address.c
int wifi_push_mac(lua_State *L, enum wifi_interface which);       // wifi_address.c
int wifi_take_address(lua_State *L, enum wifi_interface which);   // wifi_address.c
int wifi_take_mac(lua_State *L, enum wifi_interface which);       // wifi_address.c
// wifi_legacy.c: the arguments of wifi.sta.config as before 3.0; result: does it connect?
int wifi_legacy_config(lua_State *L, struct wifi_station_config *config);
void wifi_legacy_reset(void);
// wifi_sta_config.c
int wifi_sta_config(lua_State *L);
int wifi_sta_clearconfig(lua_State *L);
int wifi_sta_getconfig(lua_State *L);
int wifi_sta_getdefaultconfig(lua_State *L);
int wifi_sta_getapinfo(lua_State *L);
int wifi_sta_getapindex(lua_State *L);
int wifi_sta_changeap(lua_State *L);
int wifi_sta_setaplimit(lua_State *L);

#endif
