// net.h: the module net: TCP and UDP sockets, names, as the firmware's network stack has them.
//
// For the port and for other modules, see below; what stands after "inside the module" is for
// net/*.c alone.
// Reads and writes: the world gate (runtime/format/world.h: WORLD_CONNECTION, WORLD_SOCKET,
// WORLD_DNS).
// Memory: an object of Lua is a userdata of 44 bytes; connections, packets and names that wait are
// blocks that the firmware allocates beside Lua in the same heap (heap_take).
// Context: the interpreter's thread.
// Source: facts on the firmware's module net (3.0) and on lwIP 1.4 as it is built there.

#ifndef FROST_NODEMCU_NET_H
#define FROST_NODEMCU_NET_H

#include <stdint.h>

#include "runtime/core/api/lua.h"
#include "runtime/world/world.h"

#define NET_TCP_MAX 5 // established connections of the firmware

// ---- for the port ----

// Before a boot: nothing is open.
void net_reset(void);
// So many connections may be established at a time.
void net_set_tcp_max(unsigned count);

// ---- for the module wifi ----

// A DHCP server has told the address of a server of names, which is the first from now on.
void net_dns_offered(uint32_t ip);

// ---- for arrivals.c: as arrivals_deliver ----

void net_connection_arrival(lua_State *L, const struct world_arrival *arrival);
void net_socket_arrival(lua_State *L, const struct world_arrival *arrival);
void net_dns_arrival(lua_State *L, const struct world_arrival *arrival);

#endif
