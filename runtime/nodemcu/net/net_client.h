// net_client.h: connections that the firmware itself makes for a module (mqtt, http): no object of
// the module net owns one.
//
// Reads and writes: connections by way of net.
// Memory: a connection's block and what waits to be sent, as of net's own (heap_take).
// Context: the interpreter's thread.
// Source: the SDK's espconn: what is sent goes out at once; what came was taken from the peer
// before the module sees it, so a close in it is no reset.

#ifndef FROST_NODEMCU_NET_CLIENT_H
#define FROST_NODEMCU_NET_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/api/lua.h"

struct net_connection;

// What a module learns of its connection; `context` is the module's. Each calls Lua by
// callback_call alone, and its result is that of the last such call: 1, a callback has failed.
struct net_client {
    int (*opened)(lua_State *L, uint32_t context);
    int (*received)(lua_State *L, uint32_t context, const void *data, size_t bytes);
    int (*sent)(lua_State *L, uint32_t context); // all that was sent is acknowledged
    // It is gone. NET_OK: the peer has ended it; NET_ABORTED: nobody answered; NET_RESET.
    int (*ended)(lua_State *L, uint32_t context, int error);
};

// Opens one to an address; NULL: no memory, or no way there. `client` lasts as long as it.
struct net_connection *net_client_open(const struct net_client *client, uint32_t context,
                                       uint32_t ip, uint16_t port);
// Sends: all of it, or nothing and NET_NO_MEMORY.
int net_client_send(struct net_connection *connection, const void *data, size_t bytes);
// Ends it after what is queued; `client` learns no more of it.
void net_client_close(struct net_connection *connection);

#endif
