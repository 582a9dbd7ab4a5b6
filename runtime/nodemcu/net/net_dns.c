// net_dns.c: names, and the table net.dns.
//
// Reads and writes: asks the world (WORLD_DNS) once a second until it answers, four times.
// Memory: four entries; a name that waits is a block beside Lua (heap_take), which its entry keeps
// for the next one.
// Source: facts on the firmware: no cache, every name is asked for; an address as text needs none;
// what DHCP tells is in the place of the first server.

#include <stddef.h>
#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/net/net_socket.h"

#define QUERIES_MAX 4
#define TRIES_MAX 4
#define TRY_US 1000000u
#define NAME_BYTES_MAX 255
#define SERVERS 2
#define SERVER_AT_START 0xD043DEDEu // 208.67.222.222

struct query {
    struct event_timer timer; // to the next try
    REF(char) name;           // kept when the query has ended
    uint16_t name_bytes;      // of that block
    uint8_t tries;            // 0: the entry is free
    uint8_t pad_;
    uint32_t object;
    uint32_t context;
    uint32_t found; // address of a net_found
};

static struct query queries[QUERIES_MAX];
static uint32_t servers[SERVERS];

void net_dns_reset(void)
{
    memset(queries, 0, sizeof queries);
    servers[0] = SERVER_AT_START;
    servers[1] = 0;
}

void net_dns_offered(uint32_t ip)
{
    servers[0] = ip;
}

// ---- a query ----

static int try_again(lua_State *L, struct event_timer *timer);

static void ask(struct query *query)
{
    query->tries++;
    timers_arm(&query->timer, TRY_US, try_again);
    if (net_route(servers[0]))
        world_tell(WORLD_DNS, query->object, DEREF(query->name), strlen(DEREF(query->name)));
}

static void end(lua_State *L, struct query *query, uint32_t ip)
{
    net_found found = (net_found)(uintptr_t)query->found;
    query->tries = 0;
    timers_disarm(&query->timer);
    found(L, ip, query->context);
}

static int try_again(lua_State *L, struct event_timer *timer)
{
    struct query *query = (struct query *)((char *)timer - offsetof(struct query, timer));
    int top = lua_gettop(L);
    if (query->tries < TRIES_MAX)
        ask(query);
    else
        end(L, query, NET_NO_IP);
    lua_settop(L, top);
    return -1;
}

void net_dns_arrival(lua_State *L, const struct world_arrival *arrival)
{
    uint32_t ip = 0;
    if (arrival->bytes == sizeof ip)
        memcpy(&ip, arrival->data, sizeof ip);
    for (struct query *query = queries; query < queries + QUERIES_MAX; query++) {
        if (query->tries == 0 || query->object != arrival->object)
            continue;
        end(L, query, ip ? ip : NET_NO_IP);
        return;
    }
}

// The block for a name in an entry; NULL: out of memory.
static char *take_name(struct query *query, size_t bytes)
{
    if (query->name_bytes >= bytes)
        return DEREF(query->name);
    if (query->name_bytes)
        heap_give(DEREF(query->name), query->name_bytes);
    char *name = heap_take(bytes);
    REF_SET(query->name, name);
    query->name_bytes = (uint16_t)(name ? bytes : 0);
    return name;
}

int net_lookup(const char *name, uint32_t *ip, net_found found, uint32_t context)
{
    size_t bytes = strlen(name) + 1;
    struct query *query = queries;
    if (bytes == 1 || bytes > NAME_BYTES_MAX + 1)
        return NET_BAD_ARGUMENT;
    if (net_parse_ip(name, ip) && *ip != NET_NO_IP)
        return NET_OK;
    while (query < queries + QUERIES_MAX && query->tries)
        query++;
    if (query == queries + QUERIES_MAX)
        return NET_NO_MEMORY;
    char *block = take_name(query, bytes);
    if (!block)
        return NET_NO_MEMORY;
    memcpy(block, name, bytes);
    query->object = world_object();
    query->found = ADDR32(found);
    query->context = context;
    ask(query);
    return NET_IN_PROGRESS;
}

void net_lookup_forget(uint32_t context)
{
    for (struct query *query = queries; query < queries + QUERIES_MAX; query++) {
        if (query->tries == 0 || query->context != context)
            continue;
        query->tries = 0;
        timers_disarm(&query->timer);
    }
}

// ---- net.dns ----

static void resolved(lua_State *L, uint32_t ip, uint32_t ref)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, (int)ref);
    luaL_unref(L, LUA_REGISTRYINDEX, (int)ref);
    lua_pushnil(L);
    if (net_push_address(L, ip))
        callback_call(L, 2, CALLBACK_PANICS);
}

static int dns_resolve(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    uint32_t ip;
    luaL_checkfunction(L, 2);
    lua_settop(L, 2);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    int error = net_lookup(name, &ip, resolved, (uint32_t)ref);
    if (error == NET_IN_PROGRESS)
        return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
    if (error != NET_OK)
        return net_raise(L, error);
    lua_pushnil(L);
    net_push_answer(L, ip);
    lua_call(L, 2, 0);
    return 0;
}

static lua_Integer check_index(lua_State *L, int arg)
{
    lua_Integer index = luaL_optinteger(L, arg, 0);
    if (index < 0 || index >= SERVERS)
        luaL_error(L, "server index out of range [0-%d]", SERVERS - 1);
    return index;
}

static int dns_set_server(lua_State *L)
{
    const char *text = luaL_checkstring(L, 1);
    uint32_t ip;
    if (!net_parse_ip(text, &ip) || ip == 0 || ip == NET_NO_IP)
        return luaL_error(L, "invalid dns server ip");
    servers[check_index(L, 2)] = ip;
    return 0;
}

static int dns_get_server(lua_State *L)
{
    uint32_t ip = servers[check_index(L, 1)];
    if (ip)
        address_push_ip(L, ip);
    else
        lua_pushnil(L);
    return 1;
}

ROTABLE_BEGIN(net_dns_lib)
    ROTABLE_FUNC("resolve", dns_resolve)
    ROTABLE_FUNC("getdnsserver", dns_get_server)
    ROTABLE_FUNC("setdnsserver", dns_set_server)
ROTABLE_END(net_dns_lib, NULL, 0)
