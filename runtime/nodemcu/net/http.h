// http.h: the module http: requests of a client, and what its files share.
//
// http.c has what Lua sees and the way of a request, http_url.c addresses, http_response.c what
// comes back.
// Memory: beside Lua in the same heap (heap_take): 64 bytes and copies of its texts for each
// request, 60 for its connection, what has come of the response (twice while it grows).
// Context: the interpreter's thread.
// Source: facts on the firmware's module http (3.0); RFC 9112.

#ifndef FROST_NODEMCU_HTTP_H
#define FROST_NODEMCU_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/core/api/lauxlib.h"

#define HTTP_RESPONSE_BYTES_MAX 8192u // with its headers

// Before a boot: nothing is under way.
void http_reset(void);

// ---- addresses (http_url.c) ----

struct http_text {
    const char *at;
    size_t bytes;
};

struct http_url {
    struct http_text host, path; // path: "": "/"
    uint16_t port;
    uint8_t is_secure;
};

enum http_url_fault { HTTP_URL_GOOD, HTTP_URL_NOT_HTTP, HTTP_URL_HOST };

// Takes an address apart; the parts last as long as it.
enum http_url_fault http_url_parse(const char *text, size_t bytes, struct http_url *url);

// ---- responses (http_response.c) ----

struct http_response {
    int status;
    struct http_text headers; // lines, each with its end
    char *body;
    size_t body_bytes;
};

// Takes a response apart; chunks of its body are joined in place. False: it is none.
int http_response_parse(char *text, size_t bytes, struct http_response *response);
// The value of a header; `name` is lower case. False: it is not there.
int http_header_find(struct http_text headers, const char *name, struct http_text *value);
// Pushes a table of the headers, with names in lower case; of equal ones the last stays.
void http_push_headers(lua_State *L, struct http_text headers);

#endif
