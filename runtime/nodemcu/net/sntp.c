// sntp.c: the module sntp: the time of day from servers on the network.
//
// Reads and writes: names and datagrams by way of net; sets the clock of rtctime.
// Memory: while it asks, a block of 104 bytes and 4 for each server beside Lua (heap_take), a UDP
// endpoint, and references: servers, callbacks.
// Source: facts on NodeMCU 3.0; RFC 5905. Each server is asked in turn, one a second; the round in
// which one has answered is the last, and the answer with the smallest uncertainty is taken.

#include "runtime/nodemcu/net/sntp.h"

#include <stddef.h>
#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/net/net_socket.h"
#include "runtime/nodemcu/system/rtc.h"
#include "runtime/nodemcu/tasks.h"

#define SYNC_BYTES 104u
#define SERVER_BYTES 4u
#define NAME_BYTES_MAX 128
#define PORT 123
#define TRY_US 1000000u
#define REPEAT_US 1000000000u
#define ROUNDS_MAX 5
#define PACKETS_MAX 8
#define SECOND_US 1000000
#define NTP_TO_UNIX_S 2208988800u
#define PACKET_BYTES 48u
#define CLIENT_REQUEST 0x23 // version 4, mode 3
#define MODE_SERVER 4
#define PRIORITY 2 // of the result's task

// What err gets.
enum { FAILED_DNS = 1, FAILED_MEMORY, FAILED_SEND, FAILED_TIMEOUT };

struct answer {
    uint32_t ip; // 0: none
    uint32_t root_delay_us, root_dispersion_us, delay_us;
    uint32_t time_us[2], at_us[2]; // of 1970; of the device; low words first
    uint8_t stratum, leap, pad_[2];
};

struct sntp_round {
    struct event_timer timer;
    struct answer best;
    uint32_t object; // of the endpoint
    uint32_t asked_ip, asked_us;
    uint8_t count, server, rounds, packets;
    uint8_t failure, is_done, pad_[2];
};
_Static_assert(sizeof(struct sntp_round) <= SYNC_BYTES, "it is the firmware's block");

// What a program wants: servers (a table of names) and callbacks, as references.
struct wish {
    int servers, ok, err;
};
static const struct wish no_wish = {LUA_NOREF, LUA_NOREF, LUA_NOREF};

static struct sntp_round *current;
static struct wish wish, again; // of this time; of a repetition
static struct event_timer repeat;
static int32_t offset_s; // of the clock to that of the servers

void sntp_reset(void)
{
    current = NULL;
    wish = again = no_wish;
    offset_s = 0;
}

static void put_wide(uint32_t words[2], uint64_t value)
{
    words[0] = (uint32_t)value;
    words[1] = (uint32_t)(value >> 32);
}

static uint64_t wide(const uint32_t words[2])
{
    return words[0] | (uint64_t)words[1] << 32;
}

static void release_wish(lua_State *L, struct wish *w)
{
    luaL_unref2(L, LUA_REGISTRYINDEX, w->servers);
    luaL_unref2(L, LUA_REGISTRYINDEX, w->ok);
    luaL_unref2(L, LUA_REGISTRYINDEX, w->err);
}

static void end_sync(void)
{
    struct net_endpoint *end = net_endpoint_find(current->object);
    timers_disarm(&current->timer);
    if (end)
        net_endpoint_free(end);
    heap_give(current, SYNC_BYTES + SERVER_BYTES * current->count);
    current = NULL;
}

// ---- the result ----

static void set_field(lua_State *L, const char *name, lua_Number value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, name);
}

static void push_info(lua_State *L, const struct answer *a, int64_t delta_us)
{
    lua_createtable(L, 0, 8);
    if (delta_us > INT32_MIN && delta_us < INT32_MAX)
        set_field(L, "offset_us", (lua_Number)delta_us);
    else
        set_field(L, "offset_s", (lua_Number)(delta_us / SECOND_US));
    set_field(L, "delay_us", (lua_Number)a->delay_us);
    set_field(L, "root_delay_us", (lua_Number)a->root_delay_us);
    set_field(L, "root_dispersion_us", (lua_Number)a->root_dispersion_us);
    set_field(L, "root_maxerr_us",
              (lua_Number)(a->root_dispersion_us + (a->root_delay_us + a->delay_us) / 2));
    set_field(L, "stratum", a->stratum);
    set_field(L, "leap", a->leap);
    set_field(L, "pending_leap", 0);
}

static void call_ok(lua_State *L, const struct answer *a)
{
    uint64_t now_us = device_time_us(), passed_us = now_us - wide(a->at_us);
    int64_t time_us = (int64_t)(wide(a->time_us) + passed_us) + (int64_t)offset_s * SECOND_US;
    int64_t delta_us = time_us - (int64_t)rtctime_us();
    rtctime_set_us((uint64_t)time_us);
    if (!lua_isfunction(L, 1))
        return;
    lua_pushvalue(L, 1);
    lua_pushinteger(L, (int32_t)(uint32_t)(time_us / SECOND_US));
    lua_pushinteger(L, (lua_Integer)(time_us % SECOND_US));
    address_push_ip(L, a->ip);
    push_info(L, a, delta_us);
    lua_call(L, 4, 0);
}

static void call_err(lua_State *L, int failure, unsigned server, int servers)
{
    if (!lua_isfunction(L, 2))
        return;
    lua_pushvalue(L, 2);
    lua_pushinteger(L, failure);
    if (failure == FAILED_DNS)
        lua_rawgeti(L, servers, (int)server + 1);
    else
        lua_pushnil(L);
    lua_call(L, 2, 0);
}

// Body of the result's callback: gives all up, then calls.
static int report(lua_State *L)
{
    struct sntp_round was = *current;
    lua_rawgeti(L, LUA_REGISTRYINDEX, wish.ok);
    lua_rawgeti(L, LUA_REGISTRYINDEX, wish.err);
    lua_rawgeti(L, LUA_REGISTRYINDEX, wish.servers);
    end_sync();
    luaL_unref2(L, LUA_REGISTRYINDEX, wish.ok);
    luaL_unref2(L, LUA_REGISTRYINDEX, wish.err);
    if (was.best.ip)
        call_ok(L, &was.best);
    else
        call_err(L, was.failure, was.server, 3);
    return 0;
}

static void run_report(lua_State *L, int ref)
{
    (void)ref;
    if (!current)
        return;
    lua_pushcfunction(L, report);
    callback_call(L, 0, CALLBACK_PROTECTED);
}

// ---- asking ----

static int next_try(lua_State *L, struct event_timer *timer);

static void finish(int failure)
{
    current->failure = (uint8_t)failure;
    current->is_done = 1;
    if (tasks_post_c(run_report, LUA_NOREF, PRIORITY) != 0)
        timers_arm(&current->timer, TRY_US, next_try); // the queue is full
    else
        timers_disarm(&current->timer);
}

static void send_request(uint32_t ip)
{
    char packet[sizeof(struct world_datagram) + PACKET_BYTES] = {0};
    struct world_datagram head = {.ip = ip, .port = PORT};
    current->asked_ip = ip;
    current->asked_us = (uint32_t)device_time_us();
    memcpy(packet, &head, sizeof head);
    packet[sizeof head] = CLIENT_REQUEST;
    // The last 8 bytes come back: by them an answer is known.
    memcpy(packet + sizeof packet - 8, &ip, sizeof ip);
    memcpy(packet + sizeof packet - 4, &current->asked_us, 4);
    if (net_route(ip))
        world_tell(WORLD_SOCKET, current->object, packet, sizeof packet);
}

static void found(lua_State *L, uint32_t ip, uint32_t serial)
{
    (void)L;
    if (!current || current->is_done || serial != current->object)
        return;
    if (ip != NET_NO_IP)
        send_request(ip);
    else if (current->count == 1)
        finish(FAILED_DNS);
}

// Asks the next server.
static void ask(lua_State *L)
{
    uint32_t ip;
    timers_arm(&current->timer, TRY_US, next_try);
    lua_rawgeti(L, LUA_REGISTRYINDEX, wish.servers);
    lua_rawgeti(L, -1, current->server + 1);
    const char *name = lua_tostring(L, -1);
    current->packets++;
    int error = name ? net_lookup(name, &ip, found, current->object) : NET_BAD_ARGUMENT;
    lua_pop(L, 2);
    if (error == NET_OK)
        send_request(ip);
    else if (error == NET_NO_MEMORY)
        current->failure = FAILED_MEMORY;
}

static int next_try(lua_State *L, struct event_timer *timer)
{
    (void)timer;
    if (current->is_done) {
        finish(current->failure);
        return -1;
    }
    if (++current->server == current->count) {
        current->server = 0;
        current->rounds++;
    }
    int is_over = current->rounds == ROUNDS_MAX || current->packets == PACKETS_MAX;
    if (is_over || (current->server == 0 && current->best.ip))
        finish(FAILED_TIMEOUT);
    else
        ask(L);
    return -1;
}

// ---- answers ----

static uint32_t word(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

// Seconds with 16 bits behind the point.
static uint32_t short_us(const uint8_t *at)
{
    return (uint32_t)((uint64_t)word(at) * SECOND_US >> 16);
}

static int is_worse(const struct answer *a, const struct answer *than)
{
    return a->root_dispersion_us + (a->root_delay_us + a->delay_us) / 2 >=
           than->root_dispersion_us + (than->root_delay_us + than->delay_us) / 2;
}

int sntp_receive(uint32_t object, const void *data, size_t bytes)
{
    uint8_t packet[PACKET_BYTES];
    struct world_datagram head;
    if (!current || object != current->object)
        return 0;
    if (current->is_done || bytes < sizeof head + sizeof packet)
        return 1;
    memcpy(&head, data, sizeof head);
    memcpy(packet, (const char *)data + sizeof head, sizeof packet);
    if ((packet[0] & 7) != MODE_SERVER || head.ip != current->asked_ip || packet[1] == 0 ||
        memcmp(packet + 24, &current->asked_ip, 4) != 0 ||
        memcmp(packet + 28, &current->asked_us, 4))
        return 1;
    uint64_t now_us = device_time_us();
    struct answer a = {.ip = head.ip,
                       .root_delay_us = short_us(packet + 4),
                       .root_dispersion_us = short_us(packet + 8),
                       .delay_us = (uint32_t)now_us - current->asked_us,
                       .stratum = packet[1],
                       .leap = packet[0] >> 6};
    uint64_t time_us = (uint64_t)(word(packet + 40) - NTP_TO_UNIX_S) * SECOND_US +
                       ((uint64_t)word(packet + 44) * SECOND_US >> 32);
    put_wide(a.time_us, time_us + a.delay_us / 2);
    put_wide(a.at_us, now_us);
    if (!current->best.ip || !is_worse(&a, &current->best))
        current->best = a;
    return 1;
}

// ---- sntp.sync ----

// Begins with what the wish says.
static void begin(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, wish.servers);
    size_t count = lua_objlen(L, -1);
    lua_pop(L, 1);
    size_t bytes = SYNC_BYTES + SERVER_BYTES * count;
    struct sntp_round *made = heap_take(bytes);
    struct net_endpoint *end = made ? net_endpoint_new(NET_UDP, NULL) : NULL;
    if (!end) {
        if (made)
            heap_give(made, bytes);
        luaL_error(L, "out of memory");
        return;
    }
    memset(made, 0, sizeof *made);
    made->count = (uint8_t)count;
    made->object = end->object = world_object();
    end->local_port = net_free_port(NET_UDP);
    net_tell(end, WORLD_BIND, 0, end->local_port, 0);
    current = made;
    ask(L);
}

static int begin_again(lua_State *L)
{
    if (current)
        return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, again.servers);
    lua_rawgeti(L, LUA_REGISTRYINDEX, again.ok);
    lua_rawgeti(L, LUA_REGISTRYINDEX, again.err);
    luaL_unref2(L, LUA_REGISTRYINDEX, wish.servers);
    wish.err = luaL_ref(L, LUA_REGISTRYINDEX);
    wish.ok = luaL_ref(L, LUA_REGISTRYINDEX);
    wish.servers = luaL_ref(L, LUA_REGISTRYINDEX);
    begin(L);
    return 0;
}

static int fire_again(lua_State *L, struct event_timer *timer)
{
    timers_arm_again(timer, REPEAT_US, fire_again);
    lua_pushcfunction(L, begin_again);
    return 0;
}

static void check_name(lua_State *L, int at)
{
    size_t bytes = 0;
    if (!lua_tolstring(L, at, &bytes) || bytes >= NAME_BYTES_MAX)
        luaL_error(L, "need <%d hostname", NAME_BYTES_MAX);
}

// Pushes a table of the servers that the first argument means; nil: it means the last ones.
static void push_servers(lua_State *L)
{
    static const char *const names[] = {"0.nodemcu.pool.ntp.org", "1.nodemcu.pool.ntp.org",
                                        "2.nodemcu.pool.ntp.org", "3.nodemcu.pool.ntp.org"};
    if (lua_isnoneornil(L, 1) && wish.servers != LUA_NOREF) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, wish.servers);
        return;
    }
    lua_newtable(L);
    int count = lua_istable(L, 1) ? (int)lua_objlen(L, 1) : lua_isnoneornil(L, 1) ? 4 : 1;
    if (count == 0 || count > UINT8_MAX)
        luaL_error(L, "need <%d hostname", NAME_BYTES_MAX);
    for (int i = 1; i <= count; i++) {
        if (lua_istable(L, 1))
            lua_rawgeti(L, 1, i);
        else if (lua_isnoneornil(L, 1))
            lua_pushstring(L, names[i - 1]);
        else
            lua_pushvalue(L, 1);
        check_name(L, -1);
        lua_rawseti(L, -2, i);
    }
}

static void keep(lua_State *L, int *ref, int at)
{
    luaL_unref2(L, LUA_REGISTRYINDEX, *ref);
    if (lua_isnil(L, at))
        return;
    lua_pushvalue(L, at);
    *ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

static void keep_wish(lua_State *L, struct wish *w)
{
    keep(L, &w->servers, 5);
    keep(L, &w->ok, 2);
    keep(L, &w->err, 3);
}

// sntp.sync([server | servers [, ok [, err [, repeat]]]])
static int sntp_sync(lua_State *L)
{
    lua_settop(L, 4);
    for (int arg = 2; arg <= 3; arg++)
        if (!lua_isnil(L, arg))
            luaL_checkfunction(L, arg);
    if (current)
        return luaL_error(L, "sync in progress");
    push_servers(L);
    timers_disarm(&repeat);
    release_wish(L, &again);
    keep_wish(L, &wish);
    if (!lua_isnil(L, 4)) {
        keep_wish(L, &again);
        timers_arm(&repeat, REPEAT_US, fire_again);
    }
    begin(L);
    return 0;
}

// sntp.setoffset(seconds)
static int sntp_setoffset(lua_State *L)
{
    offset_s = (int32_t)luaL_checkinteger(L, 1);
    return 0;
}

// sntp.getoffset()
static int sntp_getoffset(lua_State *L)
{
    lua_pushinteger(L, offset_s);
    return 1;
}

ROTABLE_BEGIN(sntp_lib)
    ROTABLE_FUNC("sync", sntp_sync)
    ROTABLE_FUNC("setoffset", sntp_setoffset)
    ROTABLE_FUNC("getoffset", sntp_getoffset)
ROTABLE_END(sntp_lib, NULL, 0)
