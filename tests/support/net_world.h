// net_world.h: a world for unit tests of the module net: what the program tells it becomes lines of
// text, and the test says what arrives.
//
//     NET_TEST(a_server_takes_a_peer)
//     {
//         run(L, "net.createServer():listen(80, function(s) say('here', s:getpeer()) end)");
//         WANT("1 listen 0.0.0.0:80\n");
//         offer(1, 7, "10.0.0.9", 5000);
//         settle(L);
//         WANT("2 accept 7\nhere 5000 10.0.0.9\n");
//     }
//
// The numbers of objects are those of the gate: 1, 2, 3 ... as the program makes them. Waits jump.

#ifndef FROST_TESTS_NET_WORLD_H
#define FROST_TESTS_NET_WORLD_H

#include <stdarg.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/heap.h"
#include "runtime/core/profile.h"
#include "runtime/lib/libs.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/device_time.h"
#include "runtime/nodemcu/events.h"
#include "runtime/nodemcu/net/net.h"
#include "runtime/nodemcu/net/wifi.h"
#include "runtime/nodemcu/tasks.h"
#include "runtime/nodemcu/timers.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"
#include "tests/support/tap.h"

#define NET_HEAP_BYTES 45056u
#define NET_STACK_BYTES (8u << 20)
#define NET_ARRIVALS_MAX 64

_Noreturn void port_restart(void)
{
    printf("# restart\n");
    port_exit(1);
}

// ---- the log ----

static char net_log[1 << 16];
static size_t net_log_bytes;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    net_log_bytes += (size_t)vsnprintf(net_log + net_log_bytes, sizeof net_log - net_log_bytes,
                                       format, arguments);
    va_end(arguments);
}

// What was said since the last time.
#define WANT(text) (CHECK_TEXT(net_log, text), net_log[net_log_bytes = 0] = 0)

static int lua_say(lua_State *L)
{
    int count = lua_gettop(L);
    for (int i = 1; i <= count; i++) {
        lua_getglobal(L, "tostring");
        lua_pushvalue(L, i);
        lua_call(L, 1, 1);
        say("%s%s", i > 1 ? " " : "", lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    say("\n");
    return 0;
}

// ---- the world ----

static struct {
    struct world_arrival arrival;
    char data[2048];
} net_arrivals[NET_ARRIVALS_MAX];
static unsigned net_first, net_count;
static int32_t ping_rtt_ms = -1; // what a ping is answered, -1: nothing
static uint32_t random_word;

static void arrive(int kind, uint32_t object, const void *data, size_t bytes)
{
    unsigned at = net_count++ % NET_ARRIVALS_MAX;
    CHECK(net_count - net_first <= NET_ARRIVALS_MAX && bytes <= sizeof net_arrivals[at].data);
    memcpy(net_arrivals[at].data, data, bytes);
    net_arrivals[at].arrival = (struct world_arrival){
        .object = object, .kind = (uint8_t)kind, .bytes = (uint32_t)bytes};
}

static uint32_t ip_of(const char *text)
{
    unsigned part[4] = {0};
    CHECK_EQUAL(sscanf(text, "%u.%u.%u.%u", &part[0], &part[1], &part[2], &part[3]), 4);
    return part[0] << 24 | part[1] << 16 | part[2] << 8 | part[3];
}

static inline void arrive_op(uint32_t object, enum world_connection_op op, uint32_t count,
                             int error)
{
    struct world_connection message = {.op = (uint8_t)op, .error = (int8_t)error, .count = count};
    arrive(WORLD_CONNECTION, object, &message, sizeof message);
}

static inline void arrive_text(uint32_t object, const char *text)
{
    arrive(WORLD_SOCKET, object, text, strlen(text));
}

// A peer calls a listener.
static inline void offer(uint32_t listener, uint32_t peer, const char *ip, uint16_t port)
{
    struct world_connection message = {
        .op = WORLD_OFFERED, .ip = ip_of(ip), .port = port, .count = peer};
    arrive(WORLD_CONNECTION, listener, &message, sizeof message);
}

// A client's connection is made, from this address.
static inline void answer_syn(uint32_t object, const char *ip, uint16_t port)
{
    struct world_connection message = {.op = WORLD_CONNECTED, .ip = ip_of(ip), .port = port};
    arrive(WORLD_CONNECTION, object, &message, sizeof message);
}

static inline void answer_dns(uint32_t object, const char *ip)
{
    uint32_t number = ip_of(ip);
    arrive(WORLD_DNS, object, &number, sizeof number);
}

static const char *ip_text(uint32_t ip)
{
    static char text[16];
    snprintf(text, sizeof text, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
    return text;
}

static void say_connection(uint32_t object, const struct world_connection *told)
{
    switch (told->op) {
    case WORLD_LISTEN:
        say("%u listen %s:%u\n", object, ip_text(told->ip), told->port);
        break;
    case WORLD_BIND:
        say("%u bind %s:%u\n", object, ip_text(told->ip), told->port);
        break;
    case WORLD_CONNECT:
        say("%u connect %s:%u\n", object, ip_text(told->ip), told->port);
        break;
    case WORLD_ACCEPT:
        say("%u accept %u\n", object, told->count);
        break;
    case WORLD_IGNORE:
        say("%u ignore %u\n", object, told->count);
        break;
    case WORLD_WINDOW:
        say("%u window %u\n", object, told->count);
        break;
    case WORLD_SHUT:
        say("%u shut\n", object);
        break;
    case WORLD_ABORT:
        say("%u abort\n", object);
        break;
    case WORLD_FORGET:
        say("%u forget\n", object);
        break;
    default:
        say("%u op %u\n", object, told->op);
    }
}

static unsigned is_udp; // bit set: the object takes datagrams

static void net_told(int kind, uint32_t object, const void *data, size_t bytes)
{
    if (kind == WORLD_CONNECTION) {
        const struct world_connection *told = data;
        CHECK_EQUAL(bytes, sizeof *told);
        say_connection(object, told);
        is_udp |= told->op == WORLD_BIND ? 1u << object : 0;
    } else if (kind == WORLD_DNS) {
        say("%u dns %.*s\n", object, (int)bytes, (const char *)data);
    } else if (kind == WORLD_SOCKET && is_udp >> object & 1) {
        const struct world_datagram *head = data;
        say("%u to %s:%u %.*s\n", object, ip_text(head->ip), head->port,
            (int)(bytes - sizeof *head), (const char *)data + sizeof *head);
    } else if (kind == WORLD_SOCKET && bytes > 40) {
        say("%u send %zu bytes\n", object, bytes);
    } else if (kind == WORLD_SOCKET) {
        say("%u send %.*s\n", object, (int)bytes, (const char *)data);
    }
}

static size_t net_asked(int kind, uint32_t object, const void *question, size_t question_bytes,
                        void *answer, size_t room)
{
    (void)object;
    if (kind == WORLD_RANDOM && room >= sizeof random_word) {
        memcpy(answer, &random_word, sizeof random_word);
        return sizeof random_word;
    }
    if (kind == WORLD_SENSOR) {
        say("asked %.*s\n", (int)question_bytes, (const char *)question);
        if (ping_rtt_ms >= 0)
            memcpy(answer, &ping_rtt_ms, sizeof ping_rtt_ms);
        return ping_rtt_ms >= 0 ? sizeof ping_rtt_ms : 0;
    }
    return 0;
}

static int net_take(uint64_t now_us, struct world_arrival *arrival)
{
    (void)now_us;
    if (net_first == net_count)
        return 0;
    unsigned at = net_first++ % NET_ARRIVALS_MAX;
    *arrival = net_arrivals[at].arrival;
    arrival->data = net_arrivals[at].data;
    return 1;
}

static uint64_t net_next_us(void)
{
    return net_first == net_count ? WORLD_NEVER : 0;
}

static const struct world_filling net_filling = {
    .ask = net_asked, .tell = net_told, .take = net_take, .next_us = net_next_us};

// ---- running ----

static int same_message(lua_State *L)
{
    lua_settop(L, 1);
    return 1;
}

// Runs a text as the main program, or as if a task did; an error is said.
static inline void run(lua_State *L, const char *source)
{
    if (luaL_loadbuffer(L, source, strlen(source), "=t") != LUA_OK ||
        lua_pcall(L, 0, 0, 0) != LUA_OK)
        say("error %s\n", lua_tostring(L, -1));
    lua_settop(L, 0);
}

// Lets time pass. What has arrived is delivered; an error of a callback is said.
static inline void pass(lua_State *L, unsigned ms)
{
    uint64_t end_us = device_time_us() + 1000 * (uint64_t)ms;
    if (events_run(L, end_us / 1000, same_message) == EVENTS_FAILED)
        say("failed\n");
    if (device_time_us() < end_us)
        device_time_set(end_us);
    CHECK_EQUAL(lua_gettop(L), 0);
}

// Delivers what has arrived.
static inline void settle(lua_State *L)
{
    pass(L, 1);
}

// Collects all garbage.
static inline void collect(lua_State *L)
{
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);
}

static int net_test_run(void *context)
{
    lua_State *L = lua_newstate(heap_realloc, NULL);
    CHECK(L != NULL);
    libs_open(L);
    events_start();
    lua_pushcfunction(L, lua_say);
    lua_setglobal(L, "say");
    (*(void (**)(lua_State *))context)(L);
    const char *fault = heap_check();
    CHECK_TEXT(fault ? fault : "sound", "sound");
    return 0;
}

static inline void net_test(void (*body)(lua_State *L))
{
    lua_profile = lua_profile_find("nodemcu");
    host_memory_check();
    void *heap = host_heap_map(heap_map_bytes(NET_HEAP_BYTES));
    CHECK(heap != NULL && host_wait_init(HOST_CLOCK_VIRTUAL) == 0);
    heap_init(heap, NET_HEAP_BYTES);
    device_time_reset();
    tasks_reset();
    timers_reset();
    callbacks_reset();
    net_reset();
    wifi_reset();
    world_use(&net_filling);
    world_boot(device_time_us);
    CHECK_EQUAL(host_thread_run(net_test_run, &body, NET_STACK_BYTES), 0);
}

#define NET_TEST(name)                                                                             \
    static void net_body_##name(lua_State *L);                                                     \
    TEST(name)                                                                                     \
    {                                                                                              \
        net_test(net_body_##name);                                                                 \
    }                                                                                              \
    static void net_body_##name(lua_State *L)

#endif
