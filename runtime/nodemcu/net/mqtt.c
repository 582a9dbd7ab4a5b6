// mqtt.c: the module mqtt as Lua sees it; see mqtt.h.

#include "runtime/nodemcu/net/mqtt.h"

#include <stdio.h>
#include <string.h>

#include "runtime/nodemcu/firmware.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"
#include "runtime/world/world.h"

#define META "mqtt.socket"
#define KEEPALIVE_S 60
#define MESSAGE_BYTES_MAX 1024
#define PORT 1883
#define ID_BYTES 17 // "NodeMCU_", 8 digits, NUL

static struct mqtt_socket *check_socket(lua_State *L)
{
    return luaL_checkudata(L, 1, META);
}

// The same, with a connection.
static struct mqtt_socket *check_connected(lua_State *L)
{
    struct mqtt_socket *socket = check_socket(L);
    if (!mqtt_is_connected(socket))
        luaL_error(L, "not connected");
    return socket;
}

// ---- references ----

static int32_t *refs_of(struct mqtt_socket *socket, size_t *count)
{
    _Static_assert(offsetof(struct mqtt_socket, message_bytes_max) -
                           offsetof(struct mqtt_socket, self_ref) ==
                       (1 + MQTT_CALLBACKS + 5) * sizeof(int32_t),
                   "the references stand together");
    *count = 1 + MQTT_CALLBACKS + 5;
    return &socket->self_ref;
}

// Takes the value at a stack position in place of the last.
static void keep(lua_State *L, int32_t *ref, int position)
{
    lua_pushvalue(L, position);
    if (*ref == LUA_NOREF)
        *ref = luaL_ref(L, LUA_REGISTRYINDEX);
    else
        lua_rawseti(L, LUA_REGISTRYINDEX, *ref);
}

// Takes the function at a stack position, if there is one.
static void keep_callback(lua_State *L, struct mqtt_socket *socket, enum mqtt_callback which,
                          int position)
{
    if (lua_isfunction(L, position))
        keep(L, &socket->on[which], position);
}

// ---- mqtt.Client ----

static void push_default_id(lua_State *L)
{
    uint32_t chip = 0;
    char id[ID_BYTES];
    if (world_ask(WORLD_IDENTITY, WORLD_ID_CHIP, NULL, 0, &chip, sizeof chip) != sizeof chip)
        chip = 0;
    snprintf(id, sizeof id, "NodeMCU_%x", (unsigned)chip);
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_INPUT);
    lua_pushstring(L, id);
    PROBE_SOURCE_END();
}

// The argument at *arg if it is a text, which may be a number; then *arg is the next one.
static void take_text(lua_State *L, int32_t *ref, int *arg)
{
    if (!lua_isstring(L, *arg))
        return;
    lua_tostring(L, *arg);
    keep(L, ref, (*arg)++);
}

static lua_Integer take_number(lua_State *L, lua_Integer otherwise, int *arg)
{
    return lua_isnumber(L, *arg) ? lua_tointeger(L, (*arg)++) : otherwise;
}

ROTABLE_EXTERN(mqtt_socket_meta);

// mqtt.Client([id [, keepalive [, user [, password [, cleansession [, max_length]]]]]])
static int mqtt_client(lua_State *L)
{
    int arg = 1;
    lua_settop(L, 6);
    struct mqtt_socket *socket = lua_newuserdata(L, sizeof *socket);
    size_t count;
    memset(socket, 0, sizeof *socket);
    int32_t *refs = refs_of(socket, &count);
    for (size_t i = 0; i < count; i++)
        refs[i] = LUA_NOREF;
    luaL_rometatable(L, META, &mqtt_socket_meta);
    lua_setmetatable(L, -2);
    take_text(L, &socket->id_ref, &arg);
    if (socket->id_ref == LUA_NOREF) {
        push_default_id(L);
        keep(L, &socket->id_ref, -1);
        lua_pop(L, 1);
    }
    socket->keepalive_s = (uint16_t)take_number(L, KEEPALIVE_S, &arg);
    take_text(L, &socket->user_ref, &arg);
    if (lua_type(L, arg) == LUA_TSTRING)
        PROBE_CREDENTIAL(L, lua_tostring(L, arg));
    take_text(L, &socket->password_ref, &arg);
    socket->cleans = take_number(L, 0, &arg) != 0;
    socket->message_bytes_max = (uint32_t)take_number(L, MESSAGE_BYTES_MAX, &arg);
    return 1;
}

static int socket_gc(lua_State *L)
{
    struct mqtt_socket *socket = check_socket(L);
    size_t count;
    int32_t *refs = refs_of(socket, &count);
    mqtt_free(socket);
    for (size_t i = 0; i < count; i++)
        luaL_unref2(L, LUA_REGISTRYINDEX, refs[i]);
    return 0;
}

// ---- before and after ----

// m:lwt(topic, message [, qos [, retain]])
static int socket_lwt(lua_State *L)
{
    struct mqtt_socket *socket = check_socket(L);
    if (!lua_isstring(L, 2))
        return luaL_error(L, "need lwt topic");
    if (!lua_isstring(L, 3))
        return luaL_error(L, "need lwt message");
    socket->will_qos = (uint8_t)luaL_optinteger(L, 4, 0) & 3;
    socket->will_retain = luaL_optinteger(L, 5, 0) != 0;
    lua_tostring(L, 2);
    lua_tostring(L, 3);
    keep(L, &socket->will_topic_ref, 2);
    keep(L, &socket->will_message_ref, 3);
    return 0;
}

// m:on(event, fn)
static int socket_on(lua_State *L)
{
    static const char *const names[MQTT_CALLBACKS + 1] = {
        [MQTT_ON_CONNECT] = "connect",   [MQTT_ON_CONNFAIL] = "connfail",
        [MQTT_ON_OFFLINE] = "offline",   [MQTT_ON_MESSAGE] = "message",
        [MQTT_ON_OVERFLOW] = "overflow", [MQTT_ON_PUBACK] = "puback",
        [MQTT_ON_SUBACK] = "suback",     [MQTT_ON_UNSUBACK] = "unsuback",
    };
    struct mqtt_socket *socket = check_socket(L);
    int which = luaL_checkoption(L, 2, NULL, names);
    luaL_checkfunction(L, 3);
    keep(L, &socket->on[which], 3);
    return 0;
}

// The argument "secure" at *arg, if it is there.
static void take_secure(lua_State *L, int *arg)
{
    static const char note[] =
        "Warning, deprecated API! mqtt.connect secure parameter as integer. It will be removed in "
        "the future. See documentation for details.\n";
    int is_secure = lua_toboolean(L, *arg);
    if (lua_isnumber(L, *arg)) {
        port_console_write(note, sizeof note - 1);
        is_secure = lua_tointeger(L, *arg) != 0;
    } else if (!lua_isboolean(L, *arg)) {
        return;
    }
    (*arg)++;
    if (is_secure)
        luaL_error(L, "ssl not available");
}

// The number after it.
static void take_reconnect(int *arg)
{
    if (firmware_is_legacy())
        (*arg)++;
    else
        firmware_form_tell(firmware_form_find("mqtt.socket", "connect"));
}

// m:connect(host [, port [, secure]] [, connected [, failed]]); firmware before 3.0 has a number,
// whether to connect again by itself, after `secure`.
static int socket_connect(lua_State *L)
{
    struct mqtt_socket *socket = check_socket(L);
    int arg = 3;
    if (socket->state != MQTT_IDLE)
        return luaL_error(L, "already connected");
    const char *host = luaL_checkstring(L, 2);
    lua_settop(L, 8);
    socket->port = (uint16_t)take_number(L, PORT, &arg);
    take_secure(L, &arg);
    // In 3.0 the number takes the place of a function, and the first one is called for failures.
    if (lua_isnumber(L, arg))
        take_reconnect(&arg);
    keep_callback(L, socket, MQTT_ON_CONNECT, arg);
    keep_callback(L, socket, MQTT_ON_CONNFAIL, arg + 1);
    mqtt_open(L, socket, host);
    return 0;
}

// m:close()
static int socket_close(lua_State *L)
{
    struct mqtt_socket *socket = check_socket(L);
    if (!mqtt_is_connected(socket))
        return 0;
    struct mqtt_message *message = mqtt_message_new(MQTT_DISCONNECT, 0, 0);
    if (message)
        mqtt_post(socket, message);
    else
        mqtt_close(socket);
    return 0;
}

// ---- messages ----

// The number of a packet that is acknowledged: never 0.
static uint16_t new_id(struct mqtt_socket *socket)
{
    struct mqtt_session *session = DEREF(socket->session);
    if (++session->last_id == 0)
        session->last_id = 1;
    return session->last_id;
}

// Queues a message and pushes true; false: there is none, since it is too long or for want of
// memory.
static int push_posted(lua_State *L, struct mqtt_socket *socket, struct mqtt_message *message)
{
    lua_pushboolean(L, message != NULL);
    if (message)
        mqtt_post(socket, message);
    return 1;
}

// m:publish(topic, payload, qos, retain [, fn])
static int socket_publish(lua_State *L)
{
    struct mqtt_socket *socket = check_connected(L);
    size_t topic_bytes, bytes;
    const char *topic = luaL_checklstring(L, 2, &topic_bytes);
    const char *payload = luaL_checklstring(L, 3, &bytes);
    int qos = luaL_checkint(L, 4) & 3, retain = luaL_checkint(L, 5) & 1;
    keep_callback(L, socket, MQTT_ON_PUBACK, 6);
    size_t body_bytes = 2 + topic_bytes + (qos ? 2 : 0) + bytes;
    struct mqtt_message *message = topic_bytes + bytes > MQTT_BODY_BYTES_MAX ||
                                           body_bytes > MQTT_BODY_BYTES_MAX
                                       ? NULL
                                       : mqtt_message_new(MQTT_PUBLISH, qos << 1 | retain,
                                                          body_bytes);
    if (!message)
        return push_posted(L, socket, NULL);
    message->qos = (uint8_t)qos;
    mqtt_put_text(message, topic, topic_bytes);
    if (qos) {
        message->id = new_id(socket);
        mqtt_put_word(message, message->id);
    }
    mqtt_put(message, payload, bytes);
    PROBE_CONTENT_READ(L, payload, 0, bytes, CONTENT_OTHER);
    return push_posted(L, socket, message);
}

// Topics of (un)subscribe: a text, or the keys of a table. Their bytes with lengths; `each`: more
// bytes for each.
static size_t topics_bytes(lua_State *L, size_t each)
{
    size_t bytes = 0, count = 0;
    if (!lua_istable(L, 2))
        return 2 + lua_objlen(L, 2) + each;
    for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
        luaL_argcheck(L, lua_type(L, -2) == LUA_TSTRING, 2, "topic must be a string");
        bytes += 2 + lua_objlen(L, -2) + each;
        count++;
    }
    if (count == 0)
        luaL_error(L, "no topics found");
    return bytes;
}

static void put_topic(lua_State *L, struct mqtt_message *message, int at, int qos)
{
    size_t bytes;
    const char *topic = lua_tolstring(L, at, &bytes);
    mqtt_put_text(message, topic, bytes);
    if (message->type == MQTT_SUBSCRIBE)
        mqtt_put_byte(message, qos & 3);
}

// m:subscribe(topic, qos [, fn]), m:subscribe({[topic] = qos, ...} [, fn]); m:unsubscribe without
// qos.
static int post_topics(lua_State *L, enum mqtt_type type, enum mqtt_callback which)
{
    struct mqtt_socket *socket = check_connected(L);
    int is_table = lua_istable(L, 2), qos = 0, arg = 3;
    if (!is_table) {
        luaL_checkstring(L, 2);
        if (type == MQTT_SUBSCRIBE)
            qos = luaL_checkint(L, arg++);
    }
    size_t bytes = 2 + topics_bytes(L, type == MQTT_SUBSCRIBE);
    if (is_table && bytes > MQTT_BODY_BYTES_MAX)
        return luaL_error(L, "buffer overflow, can't enqueue all %s",
                          type == MQTT_SUBSCRIBE ? "subscriptions" : "unsubscriptions");
    keep_callback(L, socket, which, arg);
    struct mqtt_message *message = bytes > MQTT_BODY_BYTES_MAX ? NULL
                                                               : mqtt_message_new(type, 2, bytes);
    if (!message)
        return push_posted(L, socket, NULL);
    message->id = new_id(socket);
    mqtt_put_word(message, message->id);
    if (!is_table) {
        put_topic(L, message, 2, qos);
        return push_posted(L, socket, message);
    }
    for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1))
        put_topic(L, message, -2, (int)lua_tointeger(L, -1));
    return push_posted(L, socket, message);
}

static int socket_subscribe(lua_State *L)
{
    return post_topics(L, MQTT_SUBSCRIBE, MQTT_ON_SUBACK);
}

static int socket_unsubscribe(lua_State *L)
{
    return post_topics(L, MQTT_UNSUBSCRIBE, MQTT_ON_UNSUBACK);
}

// ---- tables ----

ROTABLE_BEGIN(mqtt_socket_meta)
    ROTABLE_FUNC("__gc", socket_gc)
    ROTABLE_TABLE("__index", mqtt_socket_meta)
    ROTABLE_FUNC("connect", socket_connect)
    ROTABLE_FUNC("close", socket_close)
    ROTABLE_FUNC("publish", socket_publish)
    ROTABLE_FUNC("subscribe", socket_subscribe)
    ROTABLE_FUNC("unsubscribe", socket_unsubscribe)
    ROTABLE_FUNC("lwt", socket_lwt)
    ROTABLE_FUNC("on", socket_on)
ROTABLE_END(mqtt_socket_meta, NULL, ROTABLE_EVENT_INDEX | ROTABLE_EVENT_GC)

ROTABLE_BEGIN(mqtt_lib)
    ROTABLE_FUNC("Client", mqtt_client)
    ROTABLE_NUM("CONN_FAIL_SERVER_NOT_FOUND", MQTT_NO_SERVER)
    ROTABLE_NUM("CONN_FAIL_NOT_A_CONNACK_MSG", MQTT_NO_CONNACK)
    ROTABLE_NUM("CONN_FAIL_DNS", MQTT_NO_NAME)
    ROTABLE_NUM("CONN_FAIL_TIMEOUT_RECEIVING", MQTT_NO_ANSWER)
    ROTABLE_NUM("CONN_FAIL_TIMEOUT_SENDING", MQTT_NOT_SENT)
    ROTABLE_NUM("CONNACK_ACCEPTED", 0)
    ROTABLE_NUM("CONNACK_REFUSED_PROTOCOL_VER", 1)
    ROTABLE_NUM("CONNACK_REFUSED_ID_REJECTED", 2)
    // CONNACK_REFUSED_SERVER_UNAVAILABLE, 3, is longer than the keys that ROM tables find.
    ROTABLE_NUM("CONNACK_REFUSED_BAD_USER_OR_PASS", 4)
    ROTABLE_NUM("CONNACK_REFUSED_NOT_AUTHORIZED", 5)
ROTABLE_END(mqtt_lib, NULL, 0)
