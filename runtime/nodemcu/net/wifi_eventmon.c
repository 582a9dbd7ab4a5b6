// wifi_eventmon.c: wifi.eventmon: events of the Wi-Fi and the callbacks that wait for them.
//
// Reads and writes: the queue of tasks, the registry: an event is a userdata there until its task
// of low priority runs; a table that the first event makes and that stays has their order. Memory:
// per event 68 bytes and its references; then the table that the callback gets. Source: facts on
// the firmware's module wifi: events, their fields and their order.

#include <string.h>

#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/net/wifi_parts.h"
#include "runtime/nodemcu/tasks.h"
#include "runtime/probe/probe.h"

#define PRIORITY 0

static int32_t callbacks[WIFI_EVENT_MAX + 1];
static int32_t queue_ref;

void wifi_eventmon_reset(void)
{
    for (int i = 0; i <= WIFI_EVENT_MAX; i++)
        callbacks[i] = LUA_NOREF;
    queue_ref = LUA_NOREF;
}

// The callback of a kind; that of EVENT_MAX has what has no name.
static int callback_of(uint32_t kind)
{
    if (kind > WIFI_EVENT_MODE_CHANGED && callbacks[kind] == LUA_NOREF)
        return callbacks[WIFI_EVENT_MAX];
    return callbacks[kind];
}

// ---- the queue ----

static void run_event(lua_State *L, int ref);

// As the firmware does, it posts a task for the first event alone, and does not look at the result:
// if the task's queue was full then, no event comes through any more.
void wifi_event_raise(lua_State *L, const struct wifi_event *event)
{
    if (callback_of(event->kind) == LUA_NOREF)
        return;
    luaL_checkstack(L, 4, "wifi.eventmon");
    if (queue_ref == LUA_NOREF) {
        lua_newtable(L);
        queue_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, queue_ref);
    memcpy(lua_newuserdata(L, sizeof *event), event, sizeof *event);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    int count = (int)lua_objlen(L, -1);
    lua_pushinteger(L, ref);
    lua_rawseti(L, -2, count + 1);
    lua_pop(L, 1);
    if (count == 0)
        (void)tasks_post_c(run_event, 0, PRIORITY);
}

static int raise_arrived(lua_State *L)
{
    wifi_event_raise(L, lua_touserdata(L, 1));
    return 0;
}

void wifi_event_arrived(lua_State *L, const struct wifi_event *event)
{
    if (callback_of(event->kind) == LUA_NOREF)
        return;
    lua_pushcfunction(L, raise_arrived);
    lua_pushlightuserdata(L, (void *)(uintptr_t)event);
    callback_call(L, 1, CALLBACK_PANICS);
}

// Takes the first event; another task is posted if it is not the last.
static int take_event(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, queue_ref);
    int count = (int)lua_objlen(L, -1);
    lua_rawgeti(L, -1, 1);
    int ref = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i + 1);
        lua_rawseti(L, -2, i);
    }
    lua_pop(L, 1);
    if (count > 1)
        (void)tasks_post_c(run_event, 0, PRIORITY);
    return ref;
}

// ---- what a callback gets ----

static void set_ip(lua_State *L, const char *key, uint32_t ip)
{
    address_push_ip(L, ip);
    lua_setfield(L, -2, key);
}

static void set_mac(lua_State *L, const char *key, const uint8_t mac[MAC_BYTES])
{
    address_push_mac(L, mac);
    lua_setfield(L, -2, key);
}

static void set_link(lua_State *L, const struct wifi_event *event)
{
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_INPUT);
    wifi_set_text(L, "SSID", event->as.link.ssid, event->as.link.ssid_bytes);
    PROBE_SOURCE_END();
    if (event->kind == WIFI_EVENT_DISCONNECTED)
        wifi_set_integer(L, "reason", event->as.link.number);
    set_mac(L, "BSSID", event->as.link.bssid);
    if (event->kind == WIFI_EVENT_CONNECTED)
        wifi_set_integer(L, "channel", event->as.link.number);
}

static void set_change(lua_State *L, const struct wifi_event *event)
{
    int is_mode = event->kind == WIFI_EVENT_MODE_CHANGED;
    wifi_set_integer(L, is_mode ? "old_mode" : "old_auth_mode", event->as.change.before);
    wifi_set_integer(L, is_mode ? "new_mode" : "new_auth_mode", event->as.change.after);
}

static void set_client(lua_State *L, const struct wifi_event *event)
{
    set_mac(L, "MAC", event->as.client.mac);
    wifi_set_integer(L, event->kind == WIFI_EVENT_AP_PROBED ? "RSSI" : "AID",
                     event->as.client.number);
}

static void set_fields(lua_State *L, const struct wifi_event *event)
{
    switch (event->kind) {
    case WIFI_EVENT_CONNECTED:
    case WIFI_EVENT_DISCONNECTED:
        set_link(L, event);
        break;
    case WIFI_EVENT_AUTH_CHANGED:
    case WIFI_EVENT_MODE_CHANGED:
        set_change(L, event);
        break;
    case WIFI_EVENT_GOT_IP:
        set_ip(L, "IP", event->as.address.ip);
        set_ip(L, "netmask", event->as.address.mask);
        set_ip(L, "gateway", event->as.address.gateway);
        break;
    case WIFI_EVENT_DHCP_TIMEOUT:
        break;
    case WIFI_EVENT_AP_JOINED:
    case WIFI_EVENT_AP_LEFT:
    case WIFI_EVENT_AP_PROBED:
        set_client(L, event);
        break;
    default:
        lua_pushfstring(L, "event %d not implemented", (int)event->kind);
        lua_setfield(L, -2, "info");
    }
}

// The firmware calls garbage if the callback has gone meanwhile; here the event goes.
static int prepare_event(lua_State *L)
{
    int ref = take_event(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    const struct wifi_event *event = lua_touserdata(L, -1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, callback_of(event->kind));
    lua_newtable(L);
    set_fields(L, event);
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
    return 2;
}

static void run_event(lua_State *L, int ref)
{
    (void)ref;
    wifi_callback(L, prepare_event, NULL);
}

// ---- calling ----

static int raise_error(lua_State *L)
{
    return lua_error(L);
}

void wifi_callback(lua_State *L, lua_CFunction prepare, const void *data)
{
    lua_pushcfunction(L, prepare);
    lua_pushlightuserdata(L, (void *)(uintptr_t)data);
    if (lua_pcall(L, 1, 2, 0) != LUA_OK) {
        lua_pushcfunction(L, raise_error);
        lua_insert(L, -2);
        callback_call(L, 1, CALLBACK_PANICS);
    } else if (lua_isnil(L, -2)) {
        lua_pop(L, 2);
    } else {
        callback_call(L, 1, CALLBACK_PROTECTED);
    }
}

// ---- registering ----

void wifi_event_register(lua_State *L, int kind)
{
    luaL_unref(L, LUA_REGISTRYINDEX, callbacks[kind]);
    callbacks[kind] = LUA_NOREF;
    if (lua_isnil(L, -1))
        lua_pop(L, 1);
    else
        callbacks[kind] = luaL_ref(L, LUA_REGISTRYINDEX);
}

// wifi.eventmon.register(event [, function]), unregister(event): without a function it unregisters.
static int eventmon_register(lua_State *L)
{
    lua_Integer kind = luaL_checkinteger(L, 1) & 0xFF;
    if (kind > WIFI_EVENT_MAX)
        return luaL_error(L, "valid wifi events:0-%d", WIFI_EVENT_MAX);
    lua_settop(L, 2);
    if (!lua_isfunction(L, 2)) {
        lua_pushnil(L);
        lua_replace(L, 2);
    }
    wifi_event_register(L, (int)kind);
    return 0;
}

ROTABLE_BEGIN(wifi_reason_lib)
    ROTABLE_NUM("UNSPECIFIED", 1)
    ROTABLE_NUM("AUTH_EXPIRE", 2)
    ROTABLE_NUM("AUTH_LEAVE", 3)
    ROTABLE_NUM("ASSOC_EXPIRE", 4)
    ROTABLE_NUM("ASSOC_TOOMANY", 5)
    ROTABLE_NUM("NOT_AUTHED", 6)
    ROTABLE_NUM("NOT_ASSOCED", 7)
    ROTABLE_NUM("ASSOC_LEAVE", 8)
    ROTABLE_NUM("ASSOC_NOT_AUTHED", 9)
    ROTABLE_NUM("DISASSOC_PWRCAP_BAD", 10)
    ROTABLE_NUM("DISASSOC_SUPCHAN_BAD", 11)
    ROTABLE_NUM("IE_INVALID", 13)
    ROTABLE_NUM("MIC_FAILURE", 14)
    ROTABLE_NUM("4WAY_HANDSHAKE_TIMEOUT", 15)
    ROTABLE_NUM("GROUP_KEY_UPDATE_TIMEOUT", 16)
    ROTABLE_NUM("IE_IN_4WAY_DIFFERS", 17)
    ROTABLE_NUM("GROUP_CIPHER_INVALID", 18)
    ROTABLE_NUM("PAIRWISE_CIPHER_INVALID", 19)
    ROTABLE_NUM("AKMP_INVALID", 20)
    ROTABLE_NUM("UNSUPP_RSN_IE_VERSION", 21)
    ROTABLE_NUM("INVALID_RSN_IE_CAP", 22)
    ROTABLE_NUM("802_1X_AUTH_FAILED", 23)
    ROTABLE_NUM("CIPHER_SUITE_REJECTED", 24)
    ROTABLE_NUM("BEACON_TIMEOUT", 200)
    ROTABLE_NUM("NO_AP_FOUND", 201)
    ROTABLE_NUM("AUTH_FAIL", 202)
    ROTABLE_NUM("ASSOC_FAIL", 203)
    ROTABLE_NUM("HANDSHAKE_TIMEOUT", 204)
ROTABLE_END(wifi_reason_lib, NULL, 0)

ROTABLE_BEGIN(wifi_eventmon_lib)
    ROTABLE_FUNC("register", eventmon_register)
    ROTABLE_FUNC("unregister", eventmon_register)
    ROTABLE_NUM("STA_CONNECTED", WIFI_EVENT_CONNECTED)
    ROTABLE_NUM("STA_DISCONNECTED", WIFI_EVENT_DISCONNECTED)
    ROTABLE_NUM("STA_AUTHMODE_CHANGE", WIFI_EVENT_AUTH_CHANGED)
    ROTABLE_NUM("STA_GOT_IP", WIFI_EVENT_GOT_IP)
    ROTABLE_NUM("STA_DHCP_TIMEOUT", WIFI_EVENT_DHCP_TIMEOUT)
    ROTABLE_NUM("AP_STACONNECTED", WIFI_EVENT_AP_JOINED)
    ROTABLE_NUM("AP_STADISCONNECTED", WIFI_EVENT_AP_LEFT)
    ROTABLE_NUM("AP_PROBEREQRECVED", WIFI_EVENT_AP_PROBED)
    ROTABLE_NUM("WIFI_MODE_CHANGED", WIFI_EVENT_MODE_CHANGED)
    ROTABLE_NUM("EVENT_MAX", WIFI_EVENT_MAX)
    ROTABLE_TABLE("reason", wifi_reason_lib)
ROTABLE_END(wifi_eventmon_lib, NULL, 0)
