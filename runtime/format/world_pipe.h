// world_pipe.h: what the VM of a device and the process of its world script tell each other.
//
// Written and read by runtime/world/host (the device's side) and runtime/port/host/world_library.c
// (the script's side), over a socket pair. Each message is a struct world_message and `bytes` of
// data; contents by kind: runtime/format/world.h. The two go in lock step: the script's side says
// something only when it is asked (hello, ask, advance, end), so there is no more than one question
// on its way. Times are the device's, microseconds since its boot.
//
//   device -> world                               world -> device
//   HELLO   object: version                       READY object: version; or DONE
//   BOOT    the device starts (again), at time 0
//   ASK     kind, object, us: now; the question   ANSWER the answer; or NONE: the script has none;
//                                                 us as in IDLE
//   TELL    kind, object, us: now; the data
//   ADVANCE us: now                               ARRIVAL kind, object, us, data; any number of
//                                                 them, then IDLE us: when the world has something
//                                                 to do next, WORLD_PIPE_NEVER; or DONE
//                                                 WIFI object: enum world_pipe_wifi, among the
//                                                 arrivals: what becomes of the Wi-Fi
//   END     object: the program's exit status     DONE kind: exit status that the world asks for
//
// An arrival is due at its time, which has passed already. After more than
// WORLD_PIPE_ARRIVALS_BYTES_MAX of them IDLE says that there is something to do now.

#ifndef FROST_FORMAT_WORLD_PIPE_H
#define FROST_FORMAT_WORLD_PIPE_H

#include <stdint.h>

#include "runtime/format/world.h"

#define WORLD_PIPE_VERSION 1u
#define WORLD_PIPE_NEVER UINT64_MAX
#define WORLD_PIPE_DATA_BYTES_MAX 4096u      // of one message
#define WORLD_PIPE_ARRIVALS_BYTES_MAX 65536u // messages and their data, in answer to one ADVANCE

#define WORLD_PIPE_TYPES(X)                                                                        \
    X(WORLD_PIPE_HELLO, "hello")                                                                   \
    X(WORLD_PIPE_BOOT, "boot")                                                                     \
    X(WORLD_PIPE_ASK, "ask")                                                                       \
    X(WORLD_PIPE_TELL, "tell")                                                                     \
    X(WORLD_PIPE_ADVANCE, "advance")                                                               \
    X(WORLD_PIPE_END, "end")                                                                       \
    X(WORLD_PIPE_READY, "ready")                                                                   \
    X(WORLD_PIPE_ANSWER, "answer")                                                                 \
    X(WORLD_PIPE_NONE, "none")                                                                     \
    X(WORLD_PIPE_ARRIVAL, "arrival")                                                               \
    X(WORLD_PIPE_WIFI, "wifi")                                                                     \
    X(WORLD_PIPE_IDLE, "idle")                                                                     \
    X(WORLD_PIPE_DONE, "done")
#define WORLD_PIPE_ITEM(name, text) name,
enum world_pipe_type { WORLD_PIPE_TYPES(WORLD_PIPE_ITEM) WORLD_PIPE_TYPE_COUNT };
#undef WORLD_PIPE_ITEM

struct world_message {
    uint32_t bytes; // of the data that follows
    uint8_t type;   // enum world_pipe_type
    uint8_t kind;   // enum trace_world
    uint16_t zero;
    uint32_t object;
    uint64_t us;
} __attribute__((packed));
_Static_assert(sizeof(struct world_message) == 20, "message");

// WIFI: what the device's Wi-Fi model is told.
enum world_pipe_wifi {
    WORLD_PIPE_NETWORKS, // struct world_pipe_network, one after another: there are no others
    WORLD_PIPE_LOSE,     // 1 byte: the reason for which the link is lost
    WORLD_PIPE_JOIN,     // struct world_pipe_station: it joins the device's access point
    WORLD_PIPE_LEAVE,    // the same: it leaves
};
#define WORLD_PIPE_NETWORKS_MAX 16u

struct world_pipe_network {
    struct world_access_point point;
    uint8_t is_hidden, is_silent, refusal; // runtime/world/wifi_model.h
    char password[65];                     // ends with NUL; "": any is right
    uint32_t ip, mask, gateway;            // ip 0: the model's own
} __attribute__((packed));
_Static_assert(sizeof(struct world_pipe_network) == 122, "network");

struct world_pipe_station {
    uint8_t mac[6], association;
    uint32_t ip;
} __attribute__((packed));
_Static_assert(sizeof(struct world_pipe_station) == 11, "station");

#endif
