// net_socket.h: what the files of the module net share: objects of Lua, and what the network stack
// has for each that is open.
//
// Context: the interpreter's thread.

#ifndef FROST_NODEMCU_NET_SOCKET_H
#define FROST_NODEMCU_NET_SOCKET_H

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/rotable.h"
#include "runtime/format/ref.h"
#include "runtime/nodemcu/byte_source.h"
#include "runtime/nodemcu/net/address_text.h"
#include "runtime/nodemcu/net/net.h"
#include "runtime/nodemcu/timers.h"

// lwIP's numbers, which callbacks get and messages are made of.
enum net_error {
    NET_OK = 0,
    NET_NO_MEMORY = -1,
    NET_NO_ROUTE = -4,
    NET_IN_PROGRESS = -5,
    NET_ABORTED = -8,
    NET_RESET = -9,
    NET_NOT_CONNECTED = -11,
    NET_BAD_ARGUMENT = -12,
    NET_IN_USE = -13,
};

// ---- what the stack has of an open object ----

enum net_kind { NET_SERVER, NET_TCP, NET_UDP };

#define NET_LISTENER_BYTES 36u
#define NET_UDP_BYTES 36u
#define NET_TCP_BYTES 176u

struct net_socket;

// A listener or a UDP socket; a connection begins with it.
struct net_endpoint {
    REF(struct net_endpoint) next;
    REF(struct net_socket) owner; // the object of Lua; none: the program is done with it
    uint32_t object;              // its number in the world, 0: the world does not know it
    uint32_t local_ip;
    uint16_t local_port;
    uint8_t kind; // enum net_kind
    uint8_t ttl;
};
_Static_assert(sizeof(struct net_endpoint) <= NET_UDP_BYTES, "it is the firmware's block");

// The states of TCP in their usual names.
enum net_state {
    NET_CLOSED, // made, but no SYN was sent
    NET_SYN_SENT,
    NET_ESTABLISHED,
    NET_CLOSE_WAIT,
    NET_FIN_WAIT_1,
    NET_FIN_WAIT_2,
    NET_CLOSING,
    NET_LAST_ACK,
    NET_TIME_WAIT,
};

struct net_segment;

struct net_connection {
    struct net_endpoint end;
    struct event_timer timer; // of the states that end by themselves
    REF(struct net_segment) unsent, unacked;
    uint32_t remote_ip;
    uint16_t remote_port;
    uint16_t queued_bytes; // of both queues, less what was acknowledged
    uint16_t window;       // bytes that the peer may send
    uint8_t queued_count;  // segments of both queues
    uint8_t state;         // enum net_state
    uint8_t is_accepted;   // the peer opened it
    uint8_t has_fin;       // it ends after what is queued
    uint8_t is_shut;       // the world was told so
    uint8_t is_pushed;     // memory ran out: what waits to be joined goes out
    uint32_t client;       // address of a struct net_client, 0: it is of an object of Lua
    uint32_t context;      // of that
};
_Static_assert(sizeof(struct net_connection) <= NET_TCP_BYTES, "it is the firmware's block");

// ---- objects of Lua ----

enum net_callback {
    NET_ON_DNS,
    NET_ON_RECEIVE,
    NET_ON_SENT,
    NET_ON_CONNECTION, // from here on of TCP alone
    NET_ON_DISCONNECTION,
    NET_ON_RECONNECTION,
    NET_CALLBACKS
};
#define NET_ON_ACCEPT NET_ON_DNS // of a server

struct net_socket {
    int32_t kind;     // enum net_kind
    int32_t self_ref; // while something is open or awaited
    REF(struct net_endpoint) end;
    int16_t dns_count;         // look-ups that are under way
    uint8_t is_held, pad_;     // the window stays as it is
    int32_t timeout_s;         // of a server: keep-alive of its connections
    int32_t on[NET_CALLBACKS]; // references in the registry
};
_Static_assert(sizeof(struct net_socket) == 44, "the firmware's size");

// A new object of a kind, pushed. Its metatable is in the registry since the first one was made.
struct net_socket *net_socket_new(lua_State *L, enum net_kind kind);
// The object at stack position 1, which must be of a kind; "invalid user data".
struct net_socket *net_check(lua_State *L, enum net_kind kind);
// The same of TCP or UDP, and of any kind.
struct net_socket *net_check_peer(lua_State *L);
struct net_socket *net_check_any(lua_State *L);

// The registry holds the object at a stack position from now on.
void net_hold_self(lua_State *L, struct net_socket *socket, int position);
// It does not any more, unless a look-up is under way.
void net_release_self(lua_State *L, struct net_socket *socket);
// Takes the function at a stack position as a callback in place of the last.
void net_set_callback(lua_State *L, struct net_socket *socket, enum net_callback which,
                      int position);
int net_has_callback(const struct net_socket *socket, enum net_callback which);
// Pushes the callback and the object.
void net_push_callback(lua_State *L, const struct net_socket *socket, enum net_callback which);
// Frees all references: the object is collected.
void net_release_all(lua_State *L, struct net_socket *socket);

// Raises the message of an error; of NET_OK it returns 0.
int net_raise(lua_State *L, int error);
// Calls `make` with `context` so that it may allocate; what it pushed is pushed. False: it failed,
// and that is dealt with as an error of a callback.
int net_push_made(lua_State *L, lua_CFunction make, void *context);
// The same of bytes that have come, which count as input, and of an address, NET_NO_IP: nil.
int net_push_received(lua_State *L, const void *data, size_t bytes);
int net_push_address(lua_State *L, uint32_t ip);
// Pushes an address or nil, where a caller takes the error.
void net_push_answer(lua_State *L, uint32_t ip);

// Methods of several kinds.
int net_on(lua_State *L);
int net_ttl(lua_State *L);
int net_getaddr(lua_State *L);

// ---- endpoints (net_endpoint.c) ----

// A new endpoint of a kind with no address, in the list; NULL: out of memory. For a connection the
// oldest that only waits out its time is given up if need be.
struct net_endpoint *net_endpoint_new(enum net_kind kind, struct net_socket *owner);
// Takes it out of its list, tells the world and frees it; the queues of a connection are empty.
void net_endpoint_free(struct net_endpoint *end);
struct net_endpoint *net_endpoint_find(uint32_t object);
// The first one, or the one after; NULL.
struct net_endpoint *net_endpoint_next(const struct net_endpoint *before);
unsigned net_established_count(void);
unsigned net_tcp_max(void);
// A port that nothing of this protocol uses, at random.
uint16_t net_free_port(enum net_kind kind);
void net_endpoints_reset(void);
// Tells the world what happens to an endpoint.
void net_tell(const struct net_endpoint *end, enum world_connection_op op, uint32_t ip,
              uint16_t port, uint32_t count);

static inline struct net_connection *net_connection_of(struct net_endpoint *end)
{
    return end && end->kind == NET_TCP ? (struct net_connection *)end : NULL;
}

// ---- the queue of a connection (net_send.c) ----

// Queues a copy: all of it, or NET_NO_MEMORY and nothing.
int net_queue(struct net_connection *connection, const char *data, size_t bytes);
// Queues as much of a source from place `from` on as there is room for, without a text of it.
// Result: bytes, 0: there is no room, NET_NO_MEMORY, NET_NO_DATA: it cannot be read.
int net_queue_source(struct net_connection *connection, struct byte_source *source, uint32_t from);
#define NET_NO_DATA (-1000) // no error of the SDK
// Sends what may go now, and the end if it is due. The connection may be gone afterwards.
void net_output(struct net_connection *connection);
// So many bytes were acknowledged.
void net_acknowledge(struct net_connection *connection, uint32_t bytes);
void net_queue_free(struct net_connection *connection);
// Marks the connection whose input is being worked on: what it sends waits until that ends.
void net_input_begin(struct net_connection *connection);
// Sends then, if it is still there.
void net_input_end(void);
// The connection whose input is worked on, NULL: none is, or it is gone.
struct net_connection *net_input_connection(void);
// It sends with the next tick unless its input is worked on.
void net_output_later(struct net_connection *connection);
// Waits out its time in which late packets may come, or frees it if the peer has closed, too.
void net_time_wait(struct net_connection *connection);
// Frees a connection with its queues.
void net_connection_free(struct net_connection *connection);
void net_send_reset(void);

// ---- connections (net_tcp.c) ----

// Sends the SYN. False: there is no way to `ip`; NET_NO_IP: nobody answers.
int net_tcp_open(struct net_connection *connection, uint32_t ip);
// Lets the program's side of a connection go as lwIP closes one: queued data, then the end; with
// data that was not taken from it yet, a reset.
void net_tcp_close(struct net_connection *connection);
// The connection has ended without the program: tells it, and frees the connection.
void net_tcp_lost(lua_State *L, struct net_connection *connection, int error);
// What arrives for a connection.
void net_tcp_arrival(lua_State *L, struct net_connection *connection,
                     const struct world_connection *message);
void net_tcp_receive(lua_State *L, struct net_connection *connection, const void *data,
                     size_t bytes);
// Calls "connection"; 1: it failed.
int net_tcp_connected(lua_State *L, struct net_connection *connection);
int net_tcp_on_close(lua_State *L);
int net_tcp_on_gc(lua_State *L);
int net_tcp_send(lua_State *L);
int net_tcp_hold(lua_State *L);
int net_tcp_unhold(lua_State *L);
int net_tcp_getpeer(lua_State *L);

// ---- look-ups of objects (net_connect.c) ----

int net_connect(lua_State *L);
int net_dns(lua_State *L);

// ---- servers (net_server.c) ----

// A peer that wants a connection.
void net_server_offered(lua_State *L, struct net_endpoint *listener,
                        const struct world_connection *message);
int net_server_listen(lua_State *L);
int net_server_close(lua_State *L);
int net_server_gc(lua_State *L);

// ---- UDP (net_udp.c) ----

void net_udp_receive(lua_State *L, struct net_endpoint *end, const void *data, size_t bytes);
int net_udp_listen(lua_State *L);
int net_udp_send(lua_State *L);
int net_udp_close(lua_State *L);
int net_udp_gc(lua_State *L);

// ---- net.ping (net_ping.c) ----

int net_ping(lua_State *L);
void net_ping_reset(void);

// ---- interfaces (net_interface.c) ----

// The device's address towards `ip`, 0: there is no way.
uint32_t net_route(uint32_t ip);
int net_ifinfo(lua_State *L);
int net_multicast_join(lua_State *L);
int net_multicast_leave(lua_State *L);

// ---- addresses (net_address.c) ----

// Takes the arguments [port,] [address] of listen from stack position 2 on; the next position.
int net_check_address(lua_State *L, uint16_t *port, uint32_t *ip);
// Takes "10.0.0.1" and the short forms; false: it is no address.
int net_parse_ip(const char *text, uint32_t *ip);

// ---- names (net_dns.c) ----

#define NET_NO_IP 0xFFFFFFFFu

// A look-up has ended: `ip` or NET_NO_IP.
typedef void (*net_found)(lua_State *L, uint32_t ip, uint32_t context);
// Looks a name up. NET_OK: it is an address; NET_IN_PROGRESS: `found` will be called from the event
// loop; else an error.
int net_lookup(const char *name, uint32_t *ip, net_found found, uint32_t context);
// Who has asked with this context is gone: `found` is not called.
void net_lookup_forget(uint32_t context);
void net_dns_reset(void);
ROTABLE_EXTERN(net_dns_lib);

#endif
