// mqtt_link.c: the connection of an MQTT client: how it begins and ends, the queue of messages,
// seconds.
//
// Reads and writes: names and a connection by way of net.
// Memory: as mqtt.h. Source: facts on the firmware's module mqtt: one message is under way at a
// time, and the next one goes when it is acknowledged, by the network alone if it asks for no more.

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/net/mqtt.h"
#include "runtime/nodemcu/net/net_client.h"
#include "runtime/nodemcu/net/net_socket.h"

#define SECOND_US 1000000u
#define WAIT_S 5
#define PROTOCOL_LEVEL 4 // 3.1.1
#define FLAG_CLEAN 0x02
#define FLAG_WILL 0x04
#define FLAG_WILL_RETAIN 0x20
#define FLAG_PASSWORD 0x40
#define FLAG_USER 0x80

static struct mqtt_socket *socket_at(uint32_t context)
{
    return (struct mqtt_socket *)(uintptr_t)context;
}

static struct mqtt_socket *socket_of(struct event_timer *timer)
{
    return (struct mqtt_socket *)((char *)timer - offsetof(struct mqtt_socket, timer));
}

int mqtt_is_connected(const struct mqtt_socket *socket)
{
    return socket->state >= MQTT_SENDING && socket->state <= MQTT_RUNNING;
}

// ---- callbacks ----

int mqtt_call(lua_State *L, struct mqtt_socket *socket, enum mqtt_callback which)
{
    if (socket->on[which] == LUA_NOREF)
        return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, socket->on[which]);
    lua_rawgeti(L, LUA_REGISTRYINDEX, socket->self_ref);
    return callback_call(L, 1, CALLBACK_PANICS);
}

static int call_fail(lua_State *L, struct mqtt_socket *socket, int failure, int is_last)
{
    int ref = socket->on[MQTT_ON_CONNFAIL];
    if (ref != LUA_NOREF) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
        lua_rawgeti(L, LUA_REGISTRYINDEX, socket->self_ref);
        lua_pushinteger(L, failure);
    }
    if (is_last)
        luaL_unref2(L, LUA_REGISTRYINDEX, socket->self_ref);
    return ref != LUA_NOREF && callback_call(L, 2, CALLBACK_PANICS);
}

int mqtt_fail(lua_State *L, struct mqtt_socket *socket, int failure)
{
    return call_fail(L, socket, failure, 0);
}

// ---- the end ----

static void end_session(struct mqtt_socket *socket)
{
    struct mqtt_session *session = DEREF(socket->session);
    timers_disarm(&socket->timer);
    while (!REF_IS_NULL(socket->queue)) {
        struct mqtt_message *message = DEREF(socket->queue);
        REF_COPY(socket->queue, message->next);
        mqtt_message_free(message);
    }
    if (session && !REF_IS_NULL(session->partial))
        heap_give(DEREF(session->partial), session->message_bytes);
    if (session)
        heap_give(session, sizeof *session);
    REF_NULL(socket->session);
    socket->state = MQTT_IDLE;
    socket->wait_s = 0;
}

void mqtt_free(struct mqtt_socket *socket)
{
    struct mqtt_session *session = DEREF(socket->session);
    if (socket->state == MQTT_LOOKING_UP)
        net_lookup_forget(ADDR32(socket)); // a program may call __gc itself
    if (session && !REF_IS_NULL(session->connection))
        net_client_close(DEREF(session->connection));
    end_session(socket);
}

// The object may be collected, or connected again, from the last callback on.
static int go_offline(lua_State *L, struct mqtt_socket *socket)
{
    int ref = socket->on[MQTT_ON_OFFLINE];
    end_session(socket);
    if (ref != LUA_NOREF) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
        lua_rawgeti(L, LUA_REGISTRYINDEX, socket->self_ref);
    }
    luaL_unref2(L, LUA_REGISTRYINDEX, socket->self_ref);
    return ref != LUA_NOREF && callback_call(L, 1, CALLBACK_PANICS);
}

static int offline_now(lua_State *L, struct event_timer *timer)
{
    (void)go_offline(L, socket_of(timer));
    return -1;
}

void mqtt_close(struct mqtt_socket *socket)
{
    struct mqtt_session *session = DEREF(socket->session);
    if (!mqtt_is_connected(socket))
        return;
    net_client_close(DEREF(session->connection));
    REF_NULL(session->connection);
    socket->state = MQTT_ENDING;
    timers_arm(&socket->timer, 0, offline_now);
}

// There was no connection.
static int never_opened(lua_State *L, struct mqtt_socket *socket, int failure)
{
    end_session(socket);
    return call_fail(L, socket, failure, 1);
}

static int fail_now(lua_State *L, struct event_timer *timer)
{
    (void)never_opened(L, socket_of(timer), MQTT_NO_SERVER);
    return -1;
}

// ---- the queue ----

void mqtt_go_on(struct mqtt_socket *socket)
{
    struct mqtt_session *session = DEREF(socket->session);
    struct mqtt_message *message = DEREF(socket->queue);
    if (socket->state != MQTT_RUNNING || !message || session->is_sent)
        return;
    // Without memory it goes with the next second.
    if (net_client_send(DEREF(session->connection), message->packet, message->bytes) != NET_OK)
        return;
    session->is_sent = 1;
    session->silent_s = 0;
}

void mqtt_post(struct mqtt_socket *socket, struct mqtt_message *message)
{
    struct mqtt_message *last = DEREF(socket->queue);
    while (last && !REF_IS_NULL(last->next))
        last = DEREF(last->next);
    if (last)
        REF_SET(last->next, message);
    else
        REF_SET(socket->queue, message);
    mqtt_go_on(socket);
}

void mqtt_message_done(struct mqtt_socket *socket)
{
    struct mqtt_message *message = DEREF(socket->queue);
    assert(message);
    REF_COPY(socket->queue, message->next);
    mqtt_message_free(message);
    DEREF(socket->session)->is_sent = 0;
    mqtt_go_on(socket);
}

// ---- CONNECT ----

static size_t text_bytes(lua_State *L, int ref)
{
    if (ref == LUA_NOREF)
        return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    size_t bytes = lua_objlen(L, -1);
    lua_pop(L, 1);
    return 2 + bytes;
}

static void put_text_of(lua_State *L, struct mqtt_message *message, int ref)
{
    size_t bytes;
    if (ref == LUA_NOREF)
        return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    const char *text = lua_tolstring(L, -1, &bytes);
    mqtt_put_text(message, text, bytes);
    lua_pop(L, 1);
}

static int connect_flags(const struct mqtt_socket *socket)
{
    int flags = socket->cleans ? FLAG_CLEAN : 0;
    if (socket->will_topic_ref != LUA_NOREF)
        flags |= FLAG_WILL | (socket->will_qos & 3) << 3 |
                 (socket->will_retain ? FLAG_WILL_RETAIN : 0);
    if (socket->user_ref != LUA_NOREF)
        flags |= FLAG_USER;
    if (socket->password_ref != LUA_NOREF)
        flags |= FLAG_PASSWORD;
    return flags;
}

// NULL: it is too long, or there is no memory.
static struct mqtt_message *connect_message(lua_State *L, const struct mqtt_socket *socket)
{
    static const char protocol[] = "MQTT";
    const int refs[] = {socket->id_ref, socket->will_topic_ref, socket->will_message_ref,
                        socket->user_ref, socket->password_ref};
    size_t bytes = 2 + sizeof protocol - 1 + 4;
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++)
        bytes += text_bytes(L, refs[i]);
    if (bytes > MQTT_BODY_BYTES_MAX)
        return NULL;
    struct mqtt_message *message = mqtt_message_new(MQTT_CONNECT, 0, bytes);
    if (!message)
        return NULL;
    mqtt_put_text(message, protocol, sizeof protocol - 1);
    mqtt_put_byte(message, PROTOCOL_LEVEL);
    mqtt_put_byte(message, connect_flags(socket));
    mqtt_put_word(message, socket->keepalive_s);
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++)
        put_text_of(L, message, refs[i]);
    return message;
}

// ---- seconds ----

static int tick(lua_State *L, struct event_timer *timer);

// Something was awaited too long.
static void fail_waiting(lua_State *L, struct mqtt_socket *socket)
{
    if (socket->state == MQTT_RUNNING)
        return;
    if (mqtt_fail(L, socket, socket->state == MQTT_SENDING ? MQTT_NOT_SENT : MQTT_NO_ANSWER) == 0)
        mqtt_close(socket);
}

// Asks the server whether it is there, or gives it up. Nothing is asked while messages wait.
static void keep_alive(struct mqtt_socket *socket, struct mqtt_session *session)
{
    if (socket->keepalive_s == 0 || !REF_IS_NULL(socket->queue) ||
        ++session->silent_s < socket->keepalive_s)
        return;
    session->silent_s = 0;
    struct mqtt_message *ping = session->has_pinged ? NULL : mqtt_message_new(MQTT_PINGREQ, 0, 0);
    if (ping) {
        session->has_pinged = 1;
        mqtt_post(socket, ping);
    } else if (session->has_pinged) {
        mqtt_close(socket);
    }
}

static int tick(lua_State *L, struct event_timer *timer)
{
    struct mqtt_socket *socket = socket_of(timer);
    int top = lua_gettop(L);
    timers_arm_again(timer, SECOND_US, tick);
    if (socket->wait_s > 0 && --socket->wait_s == 0)
        fail_waiting(L, socket);
    if (socket->state == MQTT_RUNNING) {
        keep_alive(socket, DEREF(socket->session));
        mqtt_go_on(socket);
    }
    lua_settop(L, top);
    return -1;
}

// ---- what happens to the connection ----

static int opened(lua_State *L, uint32_t context)
{
    struct mqtt_socket *socket = socket_at(context);
    struct mqtt_session *session = DEREF(socket->session);
    socket->state = MQTT_SENDING;
    socket->wait_s = WAIT_S;
    timers_arm(&socket->timer, SECOND_US, tick);
    struct mqtt_message *message = connect_message(L, socket);
    if (!message)
        return 0; // which fails, since it is not sent in time
    (void)net_client_send(DEREF(session->connection), message->packet, message->bytes);
    mqtt_message_free(message);
    return 0;
}

static int received(lua_State *L, uint32_t context, const void *data, size_t bytes)
{
    DEREF(socket_at(context)->session)->silent_s = 0;
    return mqtt_receive(L, socket_at(context), data, bytes);
}

// Is a message done with as soon as the network has it?
static int ends_when_sent(const struct mqtt_message *message)
{
    return (message->type == MQTT_PUBLISH && message->qos == 0) || message->type == MQTT_PUBACK ||
           message->type == MQTT_PUBCOMP || message->type == MQTT_PINGREQ ||
           message->type == MQTT_PINGRESP;
}

static int sent(lua_State *L, uint32_t context)
{
    struct mqtt_socket *socket = socket_at(context);
    struct mqtt_session *session = DEREF(socket->session);
    struct mqtt_message *message = DEREF(socket->queue);
    if (socket->state == MQTT_SENDING) {
        socket->state = MQTT_WAITING;
        socket->wait_s = WAIT_S;
    }
    if (!message || !session->is_sent)
        return 0;
    if (message->type == MQTT_DISCONNECT) {
        mqtt_close(socket);
    } else if (ends_when_sent(message)) {
        int type = message->type;
        mqtt_message_done(socket);
        if (type == MQTT_PUBLISH)
            return mqtt_call(L, socket, MQTT_ON_PUBACK);
    }
    return 0;
}

static int ended(lua_State *L, uint32_t context, int error)
{
    struct mqtt_socket *socket = socket_at(context);
    (void)error;
    REF_NULL(DEREF(socket->session)->connection);
    return socket->state == MQTT_OPENING ? never_opened(L, socket, MQTT_NO_SERVER)
                                         : go_offline(L, socket);
}

static const struct net_client client = {opened, received, sent, ended};

// ---- the beginning ----

static void open_connection(struct mqtt_socket *socket, uint32_t ip)
{
    struct net_connection *connection = net_client_open(&client, ADDR32(socket), ip, socket->port);
    socket->state = MQTT_OPENING;
    REF_SET(DEREF(socket->session)->connection, connection);
    if (!connection)
        timers_arm(&socket->timer, 0, fail_now);
}

static void found(lua_State *L, uint32_t ip, uint32_t context)
{
    struct mqtt_socket *socket = socket_at(context);
    if (ip == NET_NO_IP)
        (void)never_opened(L, socket, MQTT_NO_NAME);
    else
        open_connection(socket, ip);
}

void mqtt_open(lua_State *L, struct mqtt_socket *socket, const char *host)
{
    uint32_t ip;
    lua_pushvalue(L, 1);
    socket->self_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    struct mqtt_session *session = heap_take(sizeof *session);
    if (!session) {
        luaL_unref2(L, LUA_REGISTRYINDEX, socket->self_ref);
        luaL_error(L, "not enough memory");
        return;
    }
    memset(session, 0, sizeof *session);
    REF_SET(socket->session, session);
    socket->state = MQTT_LOOKING_UP;
    int error = net_lookup(host, &ip, found, ADDR32(socket));
    if (error == NET_OK) {
        open_connection(socket, ip);
    } else if (error != NET_IN_PROGRESS) {
        end_session(socket);
        luaL_unref2(L, LUA_REGISTRYINDEX, socket->self_ref);
        net_raise(L, error);
    }
}
