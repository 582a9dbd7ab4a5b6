// http_url.c: addresses of the web: "http://host:port/path".
//
// Memory: none. Source: facts on the firmware's module http.

#include <string.h>
#include <strings.h>

#include "runtime/nodemcu/net/http.h"

#define PORT_HTTP 80
#define PORT_HTTPS 443
#define HOST_BYTES_MAX 127

static int begins_with(const char *text, size_t bytes, const char *with)
{
    size_t with_bytes = strlen(with);
    return bytes >= with_bytes && strncasecmp(text, with, with_bytes) == 0;
}

// The number at `at`; 0: there is none.
static uint16_t parse_port(const char *at, const char *end)
{
    uint32_t port = 0;
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        port = port < 65536 ? 10 * port + (uint32_t)(*at - '0') : port;
    return at == end && port < 65536 ? (uint16_t)port : 0;
}

enum http_url_fault http_url_parse(const char *text, size_t bytes, struct http_url *url)
{
    const char *end = text + bytes;
    url->is_secure = (uint8_t)begins_with(text, bytes, "https://");
    if (!url->is_secure && !begins_with(text, bytes, "http://"))
        return HTTP_URL_NOT_HTTP;
    const char *host = text + (url->is_secure ? 8 : 7), *path = host, *host_end = NULL;
    for (; path < end && *path != '/' && *path != '?' && *path != '#'; path++)
        if (*path == ':' && !host_end)
            host_end = path;
    url->port = url->is_secure ? PORT_HTTPS : PORT_HTTP;
    if (host_end) {
        url->port = parse_port(host_end + 1, path);
        if (url->port == 0)
            return HTTP_URL_HOST;
    }
    url->host = (struct http_text){host, (size_t)((host_end ? host_end : path) - host)};
    url->path = (struct http_text){path, (size_t)(end - path)};
    return url->host.bytes > 0 && url->host.bytes <= HOST_BYTES_MAX ? HTTP_URL_GOOD : HTTP_URL_HOST;
}
