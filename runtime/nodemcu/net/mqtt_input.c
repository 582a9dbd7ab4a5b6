// mqtt_input.c: what an MQTT server sends: bytes to messages, and what they do.
//
// Reads and writes: the queue of what is sent (mqtt_link.c).
// Memory: a message that does not come at once has a block of its length until it is whole.
// Source: facts on the firmware's module mqtt; MQTT 3.1.1, chapters 3 and 4.3.

#include <stddef.h>
#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/net/mqtt.h"
#include "runtime/nodemcu/net/net_socket.h"

#define PUBREL_FLAGS 2

// A message: the first byte, and what stands behind the header.
struct input {
    uint8_t first;
    const uint8_t *body;
    size_t bytes;
};

static int word_at(const uint8_t *at)
{
    return at[0] << 8 | at[1];
}

// The number of the packet that a reply is about; 0: none.
static int id_of(const struct input *input)
{
    return input->bytes >= 2 ? word_at(input->body) : 0;
}

// ---- replies ----

static void reply(struct mqtt_socket *socket, enum mqtt_type type, int id)
{
    struct mqtt_message *message = mqtt_message_new(type, 0, type == MQTT_PINGRESP ? 0 : 2);
    if (!message)
        return; // the server asks again
    if (type != MQTT_PINGRESP)
        mqtt_put_word(message, id);
    message->id = (uint16_t)id;
    mqtt_post(socket, message);
}

// The message under way is the one with this type and number?
static int is_awaited(const struct mqtt_socket *socket, enum mqtt_type type, int id)
{
    const struct mqtt_message *message = DEREF(socket->queue);
    return message && DEREF(socket->session)->is_sent && message->type == type && message->id == id;
}

static int acknowledged(lua_State *L, struct mqtt_socket *socket, enum mqtt_type type, int id,
                        enum mqtt_callback which)
{
    if (!is_awaited(socket, type, id))
        return 0;
    mqtt_message_done(socket);
    return mqtt_call(L, socket, which);
}

// The server has a message of quality 2 and is told to let it go; before anything else.
static void release(struct mqtt_socket *socket, int id)
{
    struct mqtt_message *publish = DEREF(socket->queue), *message;
    if (!is_awaited(socket, MQTT_PUBLISH, id) || publish->qos != 2)
        return;
    message = mqtt_message_new(MQTT_PUBREL, PUBREL_FLAGS, 2);
    if (!message)
        return;
    mqtt_put_word(message, id);
    message->id = (uint16_t)id;
    REF_COPY(message->next, publish->next);
    REF_SET(publish->next, message);
    mqtt_message_done(socket);
}

// ---- PUBLISH ----

// Calls "message" or "overflow" with what is here of a message's data.
static int deliver(lua_State *L, struct mqtt_socket *socket, enum mqtt_callback which,
                   const struct input *input, size_t data_at)
{
    if (socket->on[which] == LUA_NOREF)
        return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, socket->on[which]);
    lua_rawgeti(L, LUA_REGISTRYINDEX, socket->self_ref);
    if (!net_push_received(L, input->body + 2, (size_t)word_at(input->body)))
        return 1;
    if (input->bytes == data_at)
        return callback_call(L, 2, CALLBACK_PANICS);
    if (!net_push_received(L, input->body + data_at, input->bytes - data_at))
        return 1;
    return callback_call(L, 3, CALLBACK_PANICS);
}

static int published(lua_State *L, struct mqtt_socket *socket, const struct input *input,
                     enum mqtt_callback which)
{
    int qos = input->first >> 1 & 3;
    if (input->bytes < 2)
        return 0;
    size_t data_at = 2 + (size_t)word_at(input->body);
    size_t id_at = data_at;
    data_at += qos ? 2 : 0;
    if (input->bytes < data_at)
        return 0;
    if (qos)
        reply(socket, qos == 1 ? MQTT_PUBACK : MQTT_PUBREC, word_at(input->body + id_at));
    return deliver(L, socket, which, input, data_at);
}

// ---- messages ----

// The first message must be CONNACK.
static int greeted(lua_State *L, struct mqtt_socket *socket, const struct input *input)
{
    int failure = MQTT_NO_CONNACK;
    socket->wait_s = 0;
    if (input->first >> 4 == MQTT_CONNACK && input->bytes >= 2)
        failure = input->body[1];
    if (failure == 0) {
        socket->state = MQTT_RUNNING;
        mqtt_go_on(socket);
        return mqtt_call(L, socket, MQTT_ON_CONNECT);
    }
    if (mqtt_fail(L, socket, failure))
        return 1;
    mqtt_close(socket);
    return 0;
}

static int take(lua_State *L, struct mqtt_socket *socket, const struct input *input)
{
    if (socket->state != MQTT_RUNNING)
        return greeted(L, socket, input);
    switch (input->first >> 4) {
    case MQTT_PUBLISH:
        return published(L, socket, input, MQTT_ON_MESSAGE);
    case MQTT_PUBACK:
        return acknowledged(L, socket, MQTT_PUBLISH, id_of(input), MQTT_ON_PUBACK);
    case MQTT_PUBREC:
        release(socket, id_of(input));
        return 0;
    case MQTT_PUBREL:
        if (is_awaited(socket, MQTT_PUBREC, id_of(input)))
            mqtt_message_done(socket);
        reply(socket, MQTT_PUBCOMP, id_of(input));
        return 0;
    case MQTT_PUBCOMP:
        return acknowledged(L, socket, MQTT_PUBREL, id_of(input), MQTT_ON_PUBACK);
    case MQTT_SUBACK:
        return acknowledged(L, socket, MQTT_SUBSCRIBE, id_of(input), MQTT_ON_SUBACK);
    case MQTT_UNSUBACK:
        return acknowledged(L, socket, MQTT_UNSUBSCRIBE, id_of(input), MQTT_ON_UNSUBACK);
    case MQTT_PINGREQ:
        reply(socket, MQTT_PINGRESP, 0);
        return 0;
    case MQTT_PINGRESP:
        DEREF(socket->session)->has_pinged = 0;
        return 0;
    default:
        return 0;
    }
}

// ---- bytes ----

static void next_message(struct mqtt_session *session)
{
    if (!REF_IS_NULL(session->partial))
        heap_give(DEREF(session->partial), session->message_bytes);
    REF_NULL(session->partial);
    session->message_bytes = session->got_bytes = 0;
    session->header_bytes = session->skips = 0;
}

// Takes bytes of the header; their number. -1: they are none.
static int take_header(struct mqtt_session *session, const uint8_t *data, size_t bytes)
{
    for (size_t taken = 0; taken < bytes;) {
        session->header[session->header_bytes++] = data[taken++];
        int end = mqtt_read_header(session->header, session->header_bytes, &session->message_bytes);
        session->got_bytes = session->header_bytes;
        if (end != 0)
            return end < 0 ? -1 : (int)taken;
    }
    return (int)bytes;
}

// The message is longer than the program wants: it gets what is here.
static int overflow(lua_State *L, struct mqtt_socket *socket, const struct input *input)
{
    DEREF(socket->session)->skips = 1;
    return input->first >> 4 == MQTT_PUBLISH && socket->state == MQTT_RUNNING
               ? published(L, socket, input, MQTT_ON_OVERFLOW)
               : 0;
}

// Keeps what has come of a message; without memory the rest is skipped.
static void keep(struct mqtt_session *session, const uint8_t *data, size_t bytes)
{
    if (REF_IS_NULL(session->partial)) {
        uint8_t *block = heap_take(session->message_bytes);
        REF_SET(session->partial, block);
        session->skips = !block;
    }
    if (!session->skips)
        memcpy(DEREF(session->partial) + session->got_bytes, data, bytes);
}

// Takes bytes behind the header. 1: a callback has failed.
static int take_body(lua_State *L, struct mqtt_socket *socket, const uint8_t *data, size_t bytes)
{
    struct mqtt_session *session = DEREF(socket->session);
    struct input input = {session->header[0], data, bytes};
    size_t header_bytes = session->header_bytes;
    int is_first = session->got_bytes == header_bytes;
    int is_last = session->got_bytes + bytes == session->message_bytes;
    int has_failed = 0;
    if (is_first && session->message_bytes > socket->message_bytes_max) {
        has_failed = overflow(L, socket, &input);
    } else if (is_first && is_last) {
        has_failed = take(L, socket, &input);
    } else if (!session->skips) {
        keep(session, data, bytes);
        if (is_last && !session->skips) {
            input.body = DEREF(session->partial) + header_bytes;
            input.bytes = session->message_bytes - header_bytes;
            has_failed = take(L, socket, &input);
        }
    }
    if (has_failed || DEREF(socket->session) != session)
        return has_failed; // the session has ended
    session->got_bytes += (uint32_t)bytes;
    if (is_last)
        next_message(session);
    return 0;
}

int mqtt_receive(lua_State *L, struct mqtt_socket *socket, const uint8_t *data, size_t bytes)
{
    struct mqtt_session *session = DEREF(socket->session);
    while (bytes > 0 && mqtt_is_connected(socket) && DEREF(socket->session) == session) {
        if (session->message_bytes == 0) {
            int taken = take_header(session, data, bytes);
            if (taken < 0) { // nothing can be made of what follows either
                mqtt_close(socket);
                return 0;
            }
            data += taken;
            bytes -= (size_t)taken;
            if (session->message_bytes == 0 ||
                (bytes == 0 && session->message_bytes > session->header_bytes))
                return 0;
        }
        size_t rest = session->message_bytes - session->got_bytes;
        size_t count = rest < bytes ? rest : bytes;
        if (take_body(L, socket, data, count))
            return 1;
        data += count;
        bytes -= count;
    }
    return 0;
}
