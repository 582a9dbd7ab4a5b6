// http_response.c: responses of web servers.
//
// Reads and writes: the text of a response, in place. Memory: what is pushed.
// Source: facts on the firmware's module http; RFC 9112.

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "runtime/nodemcu/net/http.h"

// ---- headers ----

// The next line without its end; *rest is what follows.
static struct http_text take_line(struct http_text *rest)
{
    const char *end = memchr(rest->at, '\n', rest->bytes);
    struct http_text line = {rest->at, end ? (size_t)(end - rest->at) : rest->bytes};
    size_t taken = line.bytes + (end != NULL);
    rest->at += taken;
    rest->bytes -= taken;
    if (line.bytes > 0 && line.at[line.bytes - 1] == '\r')
        line.bytes--;
    return line;
}

// "Name: value" in two. False: it is not of that form.
static int split(struct http_text line, struct http_text *name, struct http_text *value)
{
    const char *colon = memchr(line.at, ':', line.bytes);
    if (!colon)
        return 0;
    const char *at = colon + 1, *end = line.at + line.bytes;
    while (at < end && *at == ' ')
        at++;
    *name = (struct http_text){line.at, (size_t)(colon - line.at)};
    *value = (struct http_text){at, (size_t)(end - at)};
    return 1;
}

int http_header_find(struct http_text headers, const char *name, struct http_text *value)
{
    struct http_text found, of;
    while (headers.bytes > 0)
        if (split(take_line(&headers), &found, &of) && found.bytes == strlen(name) &&
            strncasecmp(found.at, name, found.bytes) == 0) {
            *value = of;
            return 1;
        }
    return 0;
}

static void push_lower(lua_State *L, struct http_text text)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < text.bytes; i++)
        luaL_addchar(&b, (char)tolower((unsigned char)text.at[i]));
    luaL_pushresult(&b);
}

void http_push_headers(lua_State *L, struct http_text headers)
{
    struct http_text name, value;
    lua_newtable(L);
    while (headers.bytes > 0) {
        if (!split(take_line(&headers), &name, &value))
            continue;
        push_lower(L, name);
        lua_pushlstring(L, value.at, value.bytes);
        lua_rawset(L, -3);
    }
}

// ---- chunks ----

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Joins chunks in place, and what there is of one that was cut off; the bytes of all.
static size_t join_chunks(char *text, size_t bytes)
{
    struct http_text rest = {text, bytes};
    size_t total = 0;
    while (rest.bytes > 0) {
        struct http_text line = take_line(&rest);
        size_t count = 0, at = 0;
        for (; at < line.bytes && digit_of(line.at[at]) >= 0 && count < bytes; at++)
            count = 16 * count + (size_t)digit_of(line.at[at]);
        if (at == 0 || count == 0)
            break;
        if (count > rest.bytes)
            count = rest.bytes;
        memmove(text + total, rest.at, count);
        total += count;
        rest.at += count;
        rest.bytes -= count;
        (void)take_line(&rest);
    }
    return total;
}

// ---- a response ----

static int parse_status(struct http_text line)
{
    int status = 0;
    if (line.bytes < 12 || (memcmp(line.at, "HTTP/1.0 ", 9) && memcmp(line.at, "HTTP/1.1 ", 9)))
        return -1;
    for (int i = 9; i < 12; i++) {
        if (!isdigit((unsigned char)line.at[i]))
            return -1;
        status = 10 * status + (line.at[i] - '0');
    }
    return status;
}

int http_response_parse(char *text, size_t bytes, struct http_response *response)
{
    struct http_text rest = {text, bytes}, value;
    response->status = parse_status(take_line(&rest));
    if (response->status < 0)
        return 0;
    const char *headers = rest.at;
    const char *headers_end = headers;
    for (;;) {
        if (rest.bytes == 0)
            return 0; // the empty line is missing
        if (take_line(&rest).bytes == 0)
            break;
        headers_end = rest.at;
    }
    response->headers = (struct http_text){headers, (size_t)(headers_end - headers)};
    response->body = text + (rest.at - text);
    response->body_bytes = rest.bytes;
    if (http_header_find(response->headers, "transfer-encoding", &value) && value.bytes == 7 &&
        strncasecmp(value.at, "chunked", 7) == 0)
        response->body_bytes = join_chunks(response->body, rest.bytes);
    return 1;
}
