// live.h: a world of real sockets, on this computer's loopback.
//
// What the program listens at is a port of 127.0.0.1: the same one if it is free and above 1023,
// else any free one, or what the user has said; it is told on standard error. A peer that comes
// before the device has an address waits until then, a datagram is lost. The program's own
// connections reach 127.0.0.1 and the hosts that the user names; with `reaches_out` all others.
// Everything else is that of the virtual world.
// While a peer is there the device's clock goes with the computer's (host_wait_hold).
// Memory: the C library's, given back when a boot begins. Context: the interpreter's thread.

#ifndef FROST_WORLD_LIVE_H
#define FROST_WORLD_LIVE_H

#include "runtime/world/world.h"

#define LIVE_PORTS_MAX 32
#define LIVE_HOSTS_MAX 32

struct live_settings {
    int holds_clock; // as long as something may arrive, also without a peer
    int reaches_out;
    int ready_fd;                      // gets a line for each port, "TCP 80 40123"; 0: none
    const char *ports[LIVE_PORTS_MAX]; // DEVICE=PORT, "80=8080"
    unsigned port_count;
    const char *hosts[LIVE_HOSTS_MAX]; // NAME=ADDRESS, "broker.example.org=127.0.0.1"
    unsigned host_count;
};

// Puts it behind the gate. 0, or -1 with the reason on standard error (status 2).
int live_start(const struct live_settings *settings);

#endif
