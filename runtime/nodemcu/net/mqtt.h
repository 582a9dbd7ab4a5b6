// mqtt.h: the module mqtt: a client of MQTT 3.1.1, and what its files share.
//
// mqtt.c has what Lua sees, mqtt_link.c the connection, mqtt_input.c what comes from it,
// mqtt_packet.c messages as bytes.
// Memory: an object is a userdata of 148 bytes. Beside Lua in the same heap (heap_take): 32 bytes
// for a connection besides net's own, 28 and the packet for each message that waits, a message that
// has come in part.
// Context: the interpreter's thread.
// Source: facts on the firmware's module mqtt (3.0); the standard, MQTT 3.1.1.

#ifndef FROST_NODEMCU_MQTT_H
#define FROST_NODEMCU_MQTT_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/format/ref.h"
#include "runtime/nodemcu/timers.h"

#define MQTT_PACKET_BYTES_MAX 1460u // that is sent, with a header of 3
#define MQTT_BODY_BYTES_MAX (MQTT_PACKET_BYTES_MAX - 3)
#define MQTT_HEADER_BYTES_MAX 5u

// Types of packets.
enum mqtt_type {
    MQTT_CONNECT = 1,
    MQTT_CONNACK,
    MQTT_PUBLISH,
    MQTT_PUBACK,
    MQTT_PUBREC,
    MQTT_PUBREL,
    MQTT_PUBCOMP,
    MQTT_SUBSCRIBE,
    MQTT_SUBACK,
    MQTT_UNSUBSCRIBE,
    MQTT_UNSUBACK,
    MQTT_PINGREQ,
    MQTT_PINGRESP,
    MQTT_DISCONNECT,
};

// Why there is no session; above 0: what the server has answered.
enum mqtt_failure {
    MQTT_NO_SERVER = -5,
    MQTT_NO_CONNACK = -4,
    MQTT_NO_NAME = -3,
    MQTT_NO_ANSWER = -2,
    MQTT_NOT_SENT = -1,
};

enum mqtt_callback {
    MQTT_ON_CONNECT,
    MQTT_ON_CONNFAIL,
    MQTT_ON_OFFLINE,
    MQTT_ON_MESSAGE,
    MQTT_ON_OVERFLOW,
    MQTT_ON_PUBACK,
    MQTT_ON_SUBACK,
    MQTT_ON_UNSUBACK,
    MQTT_CALLBACKS
};

enum mqtt_state {
    MQTT_IDLE,
    MQTT_LOOKING_UP,
    MQTT_OPENING, // the SYN was sent
    MQTT_SENDING, // CONNECT is under way
    MQTT_WAITING, // for CONNACK
    MQTT_RUNNING, // a session
    MQTT_ENDING,  // it is closed; "offline" is to be called
};

// A message that waits to be sent, or for its acknowledgement.
struct mqtt_message {
    REF(struct mqtt_message) next;
    uint16_t id;
    uint8_t type; // enum mqtt_type
    uint8_t qos;
    uint32_t room_bytes, bytes; // of the packet: what it will have, what it has
    uint32_t pad_[3];
    uint8_t packet[];
};
_Static_assert(sizeof(struct mqtt_message) == 28, "the firmware's size");

struct net_connection;

// What there is while the object has a connection, or waits for one.
struct mqtt_session {
    REF(struct net_connection) connection;
    REF(uint8_t) partial;   // a message that has come in part
    uint32_t message_bytes; // of the message that comes, with its header; 0: not known yet
    uint32_t got_bytes;     // of it
    uint8_t header[MQTT_HEADER_BYTES_MAX];
    uint8_t header_bytes; // that have come
    uint8_t skips;        // the rest of the message is thrown away
    uint8_t is_sent;      // the first message of the queue is
    uint8_t has_pinged;   // and there was no answer
    uint8_t pad_[3];
    uint16_t silent_s, last_id;
};
_Static_assert(sizeof(struct mqtt_session) == 32, "the SDK's descriptor of a connection");

struct mqtt_socket {
    struct event_timer timer; // seconds, or what comes in a turn of its own
    REF(struct mqtt_session) session;
    REF(struct mqtt_message) queue;
    int32_t self_ref;           // while there is a session
    int32_t on[MQTT_CALLBACKS]; // references in the registry
    int32_t id_ref, user_ref, password_ref;
    int32_t will_topic_ref, will_message_ref;
    uint32_t message_bytes_max; // of what is handed over whole
    int32_t wait_s;             // until what is awaited has failed; 0: nothing is
    uint16_t keepalive_s, port;
    uint8_t state;                         // enum mqtt_state
    uint8_t will_qos, will_retain, cleans; // of CONNECT
    uint32_t pad_[12];
};
_Static_assert(sizeof(struct mqtt_socket) == 148, "the firmware's size");

// ---- messages (mqtt_packet.c) ----

// A message whose packet will have `body_bytes` behind its header; NULL: no memory. `flags`: the
// low bits of the first byte.
struct mqtt_message *mqtt_message_new(enum mqtt_type type, int flags, size_t body_bytes);
void mqtt_message_free(struct mqtt_message *message);
void mqtt_put(struct mqtt_message *message, const void *data, size_t bytes);
void mqtt_put_byte(struct mqtt_message *message, int value);
void mqtt_put_word(struct mqtt_message *message, int value);
// A text with its length before it.
void mqtt_put_text(struct mqtt_message *message, const char *text, size_t bytes);
// Of the fixed header at `header`: its bytes and those of the whole message. 0: more is needed, -1:
// it is none.
int mqtt_read_header(const uint8_t *header, size_t bytes, uint32_t *message_bytes);

// ---- the connection (mqtt_link.c) ----

// Has the object a connection, so that messages can be queued?
int mqtt_is_connected(const struct mqtt_socket *socket);
// Begins to connect to a name or address, for the object at stack position 1; raises what a look-up
// raises.
void mqtt_open(lua_State *L, struct mqtt_socket *socket, const char *host);
// Queues a message, which it takes over, and sends it if none is under way.
void mqtt_post(struct mqtt_socket *socket, struct mqtt_message *message);
// The first message is done with: it is freed, and the next one goes.
void mqtt_message_done(struct mqtt_socket *socket);
// Sends the first message unless it is under way.
void mqtt_go_on(struct mqtt_socket *socket);
// Closes the connection; "offline" follows in a turn of its own.
void mqtt_close(struct mqtt_socket *socket);
// Calls a callback with the object; 1: it failed. mqtt_fail: "connfail".
int mqtt_call(lua_State *L, struct mqtt_socket *socket, enum mqtt_callback which);
int mqtt_fail(lua_State *L, struct mqtt_socket *socket, int failure);
// The object is collected.
void mqtt_free(struct mqtt_socket *socket);

// ---- what comes (mqtt_input.c) ----

// Takes bytes that have come. 1: a callback has failed.
int mqtt_receive(lua_State *L, struct mqtt_socket *socket, const uint8_t *data, size_t bytes);

#endif
