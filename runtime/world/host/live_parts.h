// live_parts.h: what the files of the live world share.
//
// Memory: a struct live_socket per number that the program or an offer has, in a list.

#ifndef FROST_WORLD_LIVE_PARTS_H
#define FROST_WORLD_LIVE_PARTS_H

#include <uv.h>

#include "runtime/world/host/live.h"

enum live_kind { LIVE_LISTENER, LIVE_PEER, LIVE_UDP };
enum live_protocol { LIVE_PORT_TCP, LIVE_PORT_UDP };

struct live_socket {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_udp_t udp;
    };
    struct live_socket *next;
    enum live_kind kind;
    uint32_t number;   // of the program's socket; 0: a peer that has not been accepted
    uint32_t offer;    // number of a peer that came by itself
    uint32_t listener; // where it came, by its number
    uint32_t window;   // bytes that may still be read
    uint64_t retry_us; // device time, 0: none: an offer that was not taken comes again then; no
                       // answer to a datagram is waited for any more
    char is_held;      // it holds the clock
    char is_connected; // a peer can be written to
    char is_shut;      // the program sends no more
    char has_ended;    // the peer sends no more
    char is_forgotten; // to be closed when all has been written
    unsigned writing;  // requests under way
};

extern struct live_settings live_settings;
extern uv_loop_t live_loop;

// ---- live.c ----

// Ends the program, without memory or for want of the system's means.
_Noreturn void live_fail(const char *what, int error);
void *live_alloc(size_t bytes);
// Queues an arrival; the data are copied.
void live_arrives(int kind, uint32_t object, const void *head, size_t head_bytes, const void *data,
                  size_t bytes);
void live_arrives_op(struct live_socket *socket, int op, int error, const struct sockaddr *address,
                     uint32_t count);
// A socket of that kind, in the list. Its handle is not yet made.
struct live_socket *live_new(enum live_kind kind, uint32_t number);
struct live_socket *live_find(uint32_t number);
struct live_socket *live_find_offer(uint32_t offer);
// Calls `visit` for each socket, which may close it.
void live_each(void (*visit)(struct live_socket *socket));
// Closes the handle; the socket is freed when the loop has done so.
void live_close(struct live_socket *socket, int resets);
// The clock goes with the computer's as long as this socket is there.
void live_hold(struct live_socket *socket);
void live_release(struct live_socket *socket);
// Address and port of a system's address, and the other way.
struct sockaddr_in live_address(uint32_t ip, uint16_t port);
uint32_t live_ip(const struct sockaddr *address);
uint16_t live_port(const struct sockaddr *address);
// May the program reach this address?
int live_may_reach(uint32_t ip);

// ---- live_listen.c ----

// The user's ports. 0, or -1 with the reason on standard error.
int live_ports_parse(void);
// Opens a port of this computer for one of the device: the one that it had, that the user has said,
// the same one, or a free one. `open` gives 0 or an error of libuv. Ends the program if there is
// none, or the user's is taken.
void live_port_open(enum live_protocol protocol, uint16_t device_port, int (*open)(uint16_t port));
// What has been opened. Told when it is another one than before: the user at once, a session when
// the device has an address.
void live_port_tell(enum live_protocol protocol, uint16_t device_port, uint16_t port);
// Between turns: ports that the program has opened, if it has an address.
void live_ports_tell_ready(void);
void live_listen(uint32_t number, uint16_t port);
// Who has come and was not accepted is turned away.
void live_listen_close(struct live_socket *listener);
// Sockets whose `retry_us` has come.
void live_listen_retry(uint64_t now_us);
uint64_t live_listen_next_us(void);

// ---- live_tcp.c ----

void live_tcp_told(uint32_t number, const struct world_connection *told);
void live_tcp_send(struct live_socket *socket, const void *data, size_t bytes);
// Reads as much as the window allows.
void live_tcp_read(struct live_socket *socket);

// ---- live_udp.c ----

void live_udp_bind(uint32_t number, uint16_t port);
// Holds the clock until an answer comes, for some seconds at most.
void live_udp_send(uint32_t number, const struct world_datagram *head, const void *data,
                   size_t bytes);
void live_udp_wait_over(struct live_socket *socket);

// ---- live_dns.c ----

// The user's hosts. 0, or -1 with the reason on standard error.
int live_hosts_parse(void);
void live_dns_ask(uint32_t query, const char *name, size_t bytes);
int live_is_host(uint32_t ip);

#endif
