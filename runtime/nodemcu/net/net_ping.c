// net_ping.c: net.ping.
//
// Reads and writes: asks the world once for each packet: WORLD_SENSOR, "ping A.B.C.D"; the answer
// is the time to and fro in milliseconds, 4 bytes; none: the packet is lost.
// Memory: a userdata of 28 bytes and a closure of both callbacks over it, which the registry holds
// until the last packet; the firmware's block beside Lua.
// Source: facts on the firmware's module net; lwIP's ping: 32 bytes, one packet each second; a lost
// one has the number 0.

#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/net/net_socket.h"

#define PERIOD_MS 1000u
#define NUMBER_MAX 0x7FFE
#define PACKET_BYTES 32
#define COUNT_DEFAULT 4
#define MESSAGE_BYTES 40u // of the firmware's block

struct ping;

// What is under way.
struct ping_message {
    struct event_timer timer;
    REF(struct ping) ping;
    uint32_t start_ms;
    uint16_t left, lost_count; // packets
    uint16_t rtt_ms;           // of the last one; PERIOD_MS: it is lost
    uint16_t is_awaited;       // its answer is
};
_Static_assert(sizeof(struct ping_message) <= MESSAGE_BYTES, "it is the firmware's block");

struct ping {
    REF(struct ping_message) message;
    uint32_t ip;
    int32_t closure_ref;
    uint16_t count;
    uint16_t pad_;
    uint32_t unused_[3];
};
_Static_assert(sizeof(struct ping) == 28, "the firmware's size");

static uint16_t packet_number; // of the last packet

void net_ping_reset(void)
{
    packet_number = 0;
}

// Upvalues of the closure that calls the program's functions.
enum { UP_RECEIVED = 1, UP_SENT, UP_PING };

// ---- callbacks ----

// The closure. Arguments: those for "received" or, if there are four, "sent", but the address,
// which comes before the second; one: the name is not known.
static int call_back(lua_State *L)
{
    const struct ping *ping = lua_touserdata(L, lua_upvalueindex(UP_PING));
    int count = lua_gettop(L), is_sent = count == 4;
    lua_pushvalue(L, lua_upvalueindex(is_sent ? UP_SENT : UP_RECEIVED));
    lua_insert(L, 1);
    if (count > 1) {
        address_push_ip(L, ping->ip);
        lua_insert(L, is_sent ? 2 : 3);
        count++;
    }
    if (lua_isfunction(L, 1))
        lua_call(L, count, 0);
    return 0;
}

static void report_packet(lua_State *L, const struct ping *ping, int bytes, int rtt_ms)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ping->closure_ref);
    lua_pushinteger(L, bytes);
    lua_pushinteger(L, bytes ? packet_number : 0);
    lua_pushinteger(L, rtt_ms);
    callback_call(L, 3, CALLBACK_PROTECTED);
}

static void release(lua_State *L, struct ping *ping)
{
    luaL_unref2(L, LUA_REGISTRYINDEX, ping->closure_ref);
}

static uint32_t now_ms(void)
{
    return (uint32_t)(device_time_us() / 1000);
}

// The last packet is done.
static void report_all(lua_State *L, struct ping *ping)
{
    struct ping_message *message = DEREF(ping->message);
    int lost = message->lost_count;
    uint32_t time_ms = now_ms() - message->start_ms;
    heap_give(message, MESSAGE_BYTES);
    REF_NULL(ping->message);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ping->closure_ref);
    lua_pushinteger(L, ping->count);
    lua_pushinteger(L, lost);
    lua_pushinteger(L, PACKET_BYTES * (ping->count - lost));
    lua_pushinteger(L, (lua_Integer)time_ms);
    release(L, ping);
    callback_call(L, 4, CALLBACK_PROTECTED);
}

// ---- packets ----

static int step(lua_State *L, struct event_timer *timer);

// Asks the world how long a packet is under way; PERIOD_MS: it is lost.
static uint32_t ask(uint32_t ip)
{
    char question[sizeof "ping " + IP_TEXT_BYTES_MAX] = "ping ";
    uint32_t rtt_ms;
    size_t bytes = 5 + address_format_ip(question + 5, ip);
    if (!net_route(ip) ||
        world_ask(WORLD_SENSOR, 0, question, bytes, &rtt_ms, sizeof rtt_ms) != sizeof rtt_ms)
        return PERIOD_MS;
    return rtt_ms < PERIOD_MS ? rtt_ms : PERIOD_MS;
}

static void send_packet(struct ping_message *message)
{
    packet_number = packet_number == NUMBER_MAX ? 1 : packet_number + 1u;
    message->rtt_ms = (uint16_t)ask(DEREF(message->ping)->ip);
    message->is_awaited = 1;
    timers_arm(&message->timer, 1000 * (uint64_t)message->rtt_ms, step);
}

// Of one packet: its answer or that it is lost, then, in a turn of its own, what comes after it.
static int step(lua_State *L, struct event_timer *timer)
{
    struct ping_message *message = (struct ping_message *)timer;
    struct ping *ping = DEREF(message->ping);
    if (message->is_awaited) {
        int is_lost = message->rtt_ms == PERIOD_MS;
        message->is_awaited = 0;
        message->lost_count = (uint16_t)(message->lost_count + is_lost);
        timers_arm_again(timer, 1000 * (uint64_t)(PERIOD_MS - message->rtt_ms), step);
        report_packet(L, ping, is_lost ? 0 : PACKET_BYTES, is_lost ? -1 : message->rtt_ms);
    } else if (--message->left > 0) {
        send_packet(message);
    } else {
        report_all(L, ping);
    }
    return -1;
}

// ---- beginning ----

// False: out of memory.
static int start(struct ping *ping, uint32_t ip)
{
    struct ping_message *message = heap_take(MESSAGE_BYTES);
    if (!message)
        return 0;
    memset(message, 0, MESSAGE_BYTES);
    REF_SET(message->ping, ping);
    REF_SET(ping->message, message);
    ping->ip = ip;
    message->start_ms = now_ms();
    message->left = ping->count;
    send_packet(message);
    return 1;
}

static int raise_no_memory(lua_State *L)
{
    return luaL_error(L, "memory allocation error: cannot start ping");
}

static void found(lua_State *L, uint32_t ip, uint32_t ping_addr)
{
    struct ping *ping = (struct ping *)(uintptr_t)ping_addr;
    if (ip != NET_NO_IP && start(ping, ip))
        return;
    if (ip == NET_NO_IP) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, ping->closure_ref);
        lua_pushinteger(L, 0);
        release(L, ping);
        callback_call(L, 1, CALLBACK_PROTECTED);
    } else {
        release(L, ping);
        lua_pushcfunction(L, raise_no_memory);
        callback_call(L, 0, CALLBACK_PANICS);
    }
}

int net_ping(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    int has_count = !lua_isfunction(L, 2);
    lua_Integer count = has_count ? luaL_optinteger(L, 2, 0) : 0;
    uint32_t ip;
    lua_settop(L, has_count ? 4 : 3);
    luaL_argcheck(L, lua_isfunction(L, -2), -2, "no received callback specified");
    luaL_argcheck(L, lua_isfunction(L, -1) || lua_isnil(L, -1), -1,
                  "invalid sent callback, function expected");
    struct ping *ping = lua_newuserdata(L, sizeof *ping);
    *ping = (struct ping){.count = (uint16_t)(count ? count : COUNT_DEFAULT)};
    lua_pushcclosure(L, call_back, 3);
    ping->closure_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    int error = net_lookup(name, &ip, found, ADDR32(ping));
    if (error == NET_IN_PROGRESS || (error == NET_OK && start(ping, ip)))
        return 0;
    release(L, ping);
    if (error == NET_OK)
        return raise_no_memory(L);
    return luaL_error(L, "lwip error %d", error);
}
