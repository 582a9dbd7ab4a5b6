// http.c: the module http as Lua sees it, and the way of a request; see http.h.

#include "runtime/nodemcu/net/http.h"

#include <stdio.h>
#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/format/ref.h"
#include "runtime/nodemcu/callbacks.h"
#include "runtime/nodemcu/modules.h"
#include "runtime/nodemcu/net/net_client.h"
#include "runtime/nodemcu/net/net_socket.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

#define TIMEOUT_US 60000000u
#define REDIRECTS_MAX 20
#define HEAD_BYTES 160u   // of a request, besides the program's texts
#define PIECE_BYTES 2920u // that a connection takes at a time
#define FAILED (-1)

// Texts of a request, one after another in one block.
enum { TEXT_METHOD, TEXT_HOST, TEXT_PATH, TEXT_HEADERS, TEXT_BODY, TEXT_COUNT };

// What the SDK has of the connection.
struct http_link {
    REF(struct net_connection) connection;
    REF(char) head; // of the request, until it is sent
    uint32_t head_bytes, sent_bytes;
    REF(char) response;
    uint32_t response_bytes;
    uint32_t pad_[9];
};
_Static_assert(sizeof(struct http_link) == 60, "espconn with its description of TCP");

struct http_request {
    struct event_timer timer;
    REF(struct http_request) next;
    REF(struct http_link) link;
    REF(char) texts;
    uint16_t text_bytes[TEXT_COUNT];
    uint16_t port;
    uint8_t is_secure, redirects;
    uint8_t has_body, has_failed;
    uint32_t pad_[4];
};
_Static_assert(sizeof(struct http_request) == 64, "the firmware's size");

static REF(struct http_request) first; // that are under way
static int callback_ref = LUA_NOREF;   // there is one for all of them

void http_reset(void)
{
    REF_NULL(first);
    callback_ref = LUA_NOREF;
}

// ---- memory ----

static size_t texts_bytes(const struct http_request *request)
{
    size_t bytes = 0;
    for (int i = 0; i < TEXT_COUNT; i++)
        bytes += request->text_bytes[i];
    return bytes;
}

static struct http_text text_of(const struct http_request *request, int which)
{
    const char *at = DEREF(request->texts);
    for (int i = 0; i < which; i++)
        at += request->text_bytes[i];
    return (struct http_text){at, request->text_bytes[which]};
}

static void unlink_request(const struct http_request *gone)
{
    struct http_request *before = NULL;
    for (struct http_request *at = DEREF(first); at && at != gone; at = DEREF(at->next))
        before = at;
    if (before)
        REF_COPY(before->next, gone->next);
    else
        REF_COPY(first, gone->next);
}

static void give_head(struct http_link *link)
{
    if (!REF_IS_NULL(link->head))
        heap_give(DEREF(link->head), link->head_bytes);
    REF_NULL(link->head);
}

static void free_link(struct http_request *request)
{
    struct http_link *link = DEREF(request->link);
    if (!link)
        return;
    if (!REF_IS_NULL(link->connection))
        net_client_close(DEREF(link->connection));
    give_head(link);
    if (!REF_IS_NULL(link->response))
        heap_give(DEREF(link->response), link->response_bytes);
    heap_give(link, sizeof *link);
    REF_NULL(request->link);
}

static void free_request(struct http_request *request)
{
    timers_disarm(&request->timer);
    free_link(request);
    heap_give(DEREF(request->texts), texts_bytes(request));
    heap_give(request, sizeof *request);
}

// A request with copies of its texts; NULL: no memory.
static struct http_request *new_request(const struct http_text texts[TEXT_COUNT])
{
    struct http_request *request = heap_take(sizeof *request);
    if (!request)
        return NULL;
    memset(request, 0, sizeof *request);
    for (int i = 0; i < TEXT_COUNT; i++)
        request->text_bytes[i] = (uint16_t)texts[i].bytes;
    char *block = heap_take(texts_bytes(request));
    if (!block) {
        heap_give(request, sizeof *request);
        return NULL;
    }
    REF_SET(request->texts, block);
    for (int i = 0; i < TEXT_COUNT; i++) {
        if (texts[i].bytes)
            memcpy(block, texts[i].at, texts[i].bytes);
        block += texts[i].bytes;
    }
    REF_COPY(request->next, first);
    REF_SET(first, request);
    return request;
}

// ---- the end ----

// Body of the callback's call: what the program gets of a response, or of none.
static int report(lua_State *L)
{
    const struct http_response *response = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, callback_ref);
    luaL_unref2(L, LUA_REGISTRYINDEX, callback_ref);
    lua_pushinteger(L, response->status);
    if (response->status == FAILED) {
        lua_pushnil(L);
        lua_pushnil(L);
        lua_call(L, 3, 0);
        return 0;
    }
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_INPUT);
    lua_pushlstring(L, response->body, response->body_bytes);
    http_push_headers(L, response->headers);
    PROBE_SOURCE_END();
    lua_call(L, 3, 0);
    return 0;
}

// Calls the callback, if another request has not taken it. 1: it failed.
static int call_back(lua_State *L, const struct http_response *response)
{
    if (callback_ref == LUA_NOREF)
        return 0;
    lua_pushcfunction(L, report);
    lua_pushlightuserdata(L, (void *)response);
    return callback_call(L, 1, CALLBACK_PROTECTED);
}

static int go_elsewhere(struct http_request *request, const struct http_response *response);

// The request is over; `is_good`: with what has come. 1: the callback has failed.
static int finish(lua_State *L, struct http_request *request, int is_good)
{
    struct http_response response = {.status = FAILED};
    struct http_link *link = DEREF(request->link);
    int has_failed = 0;
    unlink_request(request);
    timers_disarm(&request->timer);
    if (!is_good || request->has_failed || !link || REF_IS_NULL(link->response) ||
        !http_response_parse(DEREF(link->response), link->response_bytes, &response))
        response.status = FAILED;
    if (!go_elsewhere(request, &response))
        has_failed = call_back(L, &response);
    free_request(request);
    return has_failed;
}

static int fail_now(lua_State *L, struct event_timer *timer)
{
    (void)finish(L, (struct http_request *)timer, 0);
    return -1;
}

// Fails in a turn of its own.
static void fail_soon(struct http_request *request)
{
    request->has_failed = 1;
    timers_arm(&request->timer, 0, fail_now);
}

// ---- sending ----

static int has_header(struct http_text headers, const char *name)
{
    struct http_text value;
    return http_header_find(headers, name, &value);
}

// Writes the head of a request; its bytes.
static size_t write_head(const struct http_request *request, char *text, size_t room)
{
    struct http_text method = text_of(request, TEXT_METHOD), host = text_of(request, TEXT_HOST),
                     path = text_of(request, TEXT_PATH), headers = text_of(request, TEXT_HEADERS);
    char port[8] = "", length[32] = "";
    int is_default = request->port == (request->is_secure ? 443 : 80);
    if (!is_default)
        snprintf(port, sizeof port, ":%u", (unsigned)request->port);
    if (request->has_body)
        snprintf(length, sizeof length, "Content-Length: %u\r\n",
                 (unsigned)request->text_bytes[TEXT_BODY]);
    int bytes = snprintf(text, room,
                         "%.*s %s%.*s HTTP/1.1\r\nHost: %.*s%s\r\nConnection: close\r\n%s%.*s%s"
                         "\r\n",
                         (int)method.bytes, method.at,
                         path.bytes == 0 || path.at[0] != '/' ? "/" : "", (int)path.bytes, path.at,
                         (int)host.bytes, host.at, port,
                         has_header(headers, "user-agent") ? "" : "User-Agent: ESP8266\r\n",
                         (int)headers.bytes, headers.at, length);
    return bytes > 0 && (size_t)bytes < room ? (size_t)bytes : 0;
}

// Sends the next piece of the head, then of the body.
static void send_next(struct http_request *request)
{
    struct http_link *link = DEREF(request->link);
    struct http_text out = text_of(request, TEXT_BODY);
    if (!REF_IS_NULL(link->head) && link->sent_bytes == link->head_bytes) {
        give_head(link);
        link->sent_bytes = 0;
    }
    if (!REF_IS_NULL(link->head))
        out = (struct http_text){DEREF(link->head), link->head_bytes};
    size_t left = out.bytes - link->sent_bytes;
    size_t count = left < PIECE_BYTES ? left : PIECE_BYTES;
    if (count == 0)
        return;
    if (net_client_send(DEREF(link->connection), out.at + link->sent_bytes, count) == NET_OK)
        link->sent_bytes += (uint32_t)count;
    else
        fail_soon(request);
}

// ---- what happens to the connection ----

static struct http_request *request_at(uint32_t context)
{
    return (struct http_request *)(uintptr_t)context;
}

static int opened(lua_State *L, uint32_t context)
{
    struct http_request *request = request_at(context);
    struct http_link *link = DEREF(request->link);
    size_t room = HEAD_BYTES + texts_bytes(request) - request->text_bytes[TEXT_BODY];
    char *text = heap_take(room);
    size_t bytes = text ? write_head(request, text, room) : 0;
    char *head = bytes ? heap_take(bytes) : NULL;
    (void)L;
    if (head)
        memcpy(head, text, bytes);
    if (text)
        heap_give(text, room);
    if (!head) {
        fail_soon(request);
        return 0;
    }
    REF_SET(link->head, head);
    link->head_bytes = (uint32_t)bytes;
    send_next(request);
    return 0;
}

static int sent(lua_State *L, uint32_t context)
{
    (void)L;
    send_next(request_at(context));
    return 0;
}

static int received(lua_State *L, uint32_t context, const void *data, size_t bytes)
{
    struct http_request *request = request_at(context);
    struct http_link *link = DEREF(request->link);
    size_t before = link->response_bytes, total = before + bytes;
    char *block = total > HTTP_RESPONSE_BYTES_MAX ? NULL : heap_take(total);
    (void)L;
    if (!block) {
        fail_soon(request);
        return 0;
    }
    if (before) {
        memcpy(block, DEREF(link->response), before);
        heap_give(DEREF(link->response), before);
    }
    memcpy(block + before, data, bytes);
    REF_SET(link->response, block);
    link->response_bytes = (uint32_t)total;
    return 0;
}

// What has come counts, however the connection ended.
static int ended(lua_State *L, uint32_t context, int error)
{
    struct http_request *request = request_at(context);
    (void)error;
    REF_NULL(DEREF(request->link)->connection);
    return finish(L, request, 1);
}

static const struct net_client client = {opened, received, sent, ended};

static void connect_to(struct http_request *request, uint32_t ip)
{
    struct http_link *link = heap_take(sizeof *link);
    if (!link) {
        fail_soon(request);
        return;
    }
    memset(link, 0, sizeof *link);
    REF_SET(request->link, link);
    struct net_connection *connection = net_client_open(&client, ADDR32(request), ip,
                                                        request->port);
    REF_SET(link->connection, connection);
    if (!connection)
        fail_soon(request);
}

static void found(lua_State *L, uint32_t ip, uint32_t context)
{
    struct http_request *request = request_at(context);
    if (ip == NET_NO_IP)
        (void)finish(L, request, 0);
    else
        connect_to(request, ip);
}

// ---- the beginning ----

// Longer names are refused before.
#define HOST_BYTES 128

static void begin(struct http_request *request)
{
    char host[HOST_BYTES];
    uint32_t ip;
    struct http_text name = text_of(request, TEXT_HOST);
    memcpy(host, name.at, name.bytes);
    host[name.bytes] = '\0';
    timers_arm(&request->timer, TIMEOUT_US, fail_now);
    int error = net_lookup(host, &ip, found, ADDR32(request));
    if (error == NET_OK)
        connect_to(request, ip);
    else if (error != NET_IN_PROGRESS)
        fail_soon(request);
}

static struct http_request *new_for_url(struct http_text texts[TEXT_COUNT],
                                        const struct http_url *url)
{
    texts[TEXT_HOST] = url->host;
    texts[TEXT_PATH] = url->path;
    struct http_request *request = new_request(texts);
    if (!request)
        return NULL;
    request->port = url->port;
    request->is_secure = url->is_secure;
    return request;
}

// Follows a redirection. False: the response is none, or one too many.
static int go_elsewhere(struct http_request *request, const struct http_response *response)
{
    struct http_text where, texts[TEXT_COUNT];
    struct http_url url;
    if (response->status < 300 || response->status > 308 || request->redirects == REDIRECTS_MAX ||
        !http_header_find(response->headers, "location", &where))
        return 0;
    for (int i = 0; i < TEXT_COUNT; i++)
        texts[i] = text_of(request, i);
    if (where.bytes > 0 && where.at[0] == '/')
        url = (struct http_url){texts[TEXT_HOST], where, request->port, request->is_secure};
    else if (http_url_parse(where.at, where.bytes, &url) != HTTP_URL_GOOD)
        return 0;
    struct http_request *next = new_for_url(texts, &url);
    if (!next)
        return 0;
    next->redirects = (uint8_t)(request->redirects + 1);
    next->has_body = request->has_body;
    begin(next);
    return 1;
}

static void tell_bad_url(lua_State *L, int position)
{
    lua_pushfstring(L, "HTTP client: URL is not HTTP or HTTPS %s\n", lua_tostring(L, position));
    size_t bytes;
    const char *text = lua_tolstring(L, -1, &bytes);
    port_console_write(text, bytes);
    lua_pop(L, 1);
}

// Takes the function at a position, if there is one, in place of the last.
static void keep_callback(lua_State *L, int position)
{
    if (!lua_isfunction(L, position))
        return;
    luaL_unref2(L, LUA_REGISTRYINDEX, callback_ref);
    lua_pushvalue(L, position);
    callback_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

// A text, or an empty one; a request's texts are less than 64 KB.
static struct http_text opt_text(lua_State *L, int position)
{
    size_t bytes = 0;
    const char *text = luaL_optlstring(L, position, "", &bytes);
    luaL_argcheck(L, bytes <= UINT16_MAX, position, "string too long");
    return (struct http_text){text, bytes};
}

// What there is of each at its position of the stack; 0: there is none.
struct positions {
    int url, headers, body, callback;
};

static int start(lua_State *L, const char *method, struct positions at)
{
    struct http_url url;
    struct http_text text = opt_text(L, at.url), texts[TEXT_COUNT] = {0};
    luaL_checkstring(L, at.url);
    texts[TEXT_METHOD] = (struct http_text){method, strlen(method)};
    texts[TEXT_HEADERS] = lua_isstring(L, at.headers) ? opt_text(L, at.headers) : texts[TEXT_HOST];
    if (at.body && lua_isstring(L, at.body)) {
        texts[TEXT_BODY] = opt_text(L, at.body);
        texts[TEXT_BODY].bytes = strlen(texts[TEXT_BODY].at); // the firmware's end of a text
        PROBE_CONTENT_READ(L, texts[TEXT_BODY].at, 0, texts[TEXT_BODY].bytes, CONTENT_OTHER);
    }
    keep_callback(L, at.callback);
    enum http_url_fault fault = http_url_parse(text.at, text.bytes, &url);
    if (fault == HTTP_URL_NOT_HTTP)
        tell_bad_url(L, at.url);
    if (fault != HTTP_URL_GOOD)
        return 0;
    struct http_request *request = new_for_url(texts, &url);
    if (!request)
        return 0; // the firmware says nothing either
    request->has_body = at.body && lua_isstring(L, at.body);
    begin(request);
    return 0;
}

// ---- functions ----

static const struct positions with_body = {1, 2, 3, 4};

// http.get(url [, headers [, fn]])
static int http_get(lua_State *L)
{
    return start(L, "GET", (struct positions){1, 2, 0, 3});
}

// http.post(url [, headers [, body [, fn]]])
static int http_post(lua_State *L)
{
    return start(L, "POST", with_body);
}

static int http_put(lua_State *L)
{
    return start(L, "PUT", with_body);
}

static int http_delete(lua_State *L)
{
    return start(L, "DELETE", with_body);
}

// http.request(url, method, headers, body, fn)
static int http_any(lua_State *L)
{
    return start(L, luaL_checkstring(L, 2), (struct positions){1, 3, 4, 5});
}

ROTABLE_BEGIN(http_lib)
    ROTABLE_FUNC("request", http_any)
    ROTABLE_FUNC("post", http_post)
    ROTABLE_FUNC("put", http_put)
    ROTABLE_FUNC("delete", http_delete)
    ROTABLE_FUNC("get", http_get)
    ROTABLE_NUM("OK", 0)
    ROTABLE_NUM("ERROR", FAILED)
ROTABLE_END(http_lib, NULL, 0)
