// live_dns.c: names: those that the user gives, and the system's if the program may reach out.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/port/host/host.h"
#include "runtime/port/host/say.h"
#include "runtime/world/host/live_parts.h"
#include "runtime/world/later.h"
#include "runtime/world/time_server.h"

#define NAME_BYTES_MAX 256
#define ANSWER_US 20000u      // of a server that knows
#define NO_ANSWER_US 4000000u // four questions, a second apart

static struct host {
    const char *name;
    size_t bytes;
    uint32_t ip;
} hosts[LIVE_HOSTS_MAX];

static int parse_host(const char *text, struct host *host)
{
    const char *equals = strchr(text, '=');
    struct sockaddr_in address;
    if (!equals || equals == text || uv_ip4_addr(equals + 1, 0, &address) != 0)
        return -1;
    *host = (struct host){text, (size_t)(equals - text),
                          live_ip((const struct sockaddr *)&address)};
    return 0;
}

int live_hosts_parse(void)
{
    for (unsigned i = 0; i < live_settings.host_count; i++)
        if (parse_host(live_settings.hosts[i], &hosts[i]) != 0) {
            host_say("--host: '%s' is not NAME=ADDRESS", live_settings.hosts[i]);
            return -1;
        }
    return 0;
}

int live_is_host(uint32_t ip)
{
    for (unsigned i = 0; i < live_settings.host_count; i++)
        if (hosts[i].ip == ip)
            return 1;
    return 0;
}

struct query {
    uv_getaddrinfo_t request;
    uint32_t number;
    char name[NAME_BYTES_MAX];
};

static void answered(uv_getaddrinfo_t *request, int error, struct addrinfo *found)
{
    struct query *query = (struct query *)request;
    uint32_t ip = !error && found ? live_ip(found->ai_addr) : 0;
    live_arrives(WORLD_DNS, query->number, &ip, sizeof ip, NULL, 0);
    uv_freeaddrinfo(found);
    host_wait_sources(-1);
    host_wait_hold(-1, world_now_us());
    free(query);
}

static void ask_system(uint32_t number, const char *name, size_t bytes)
{
    struct query *query = live_alloc(sizeof *query);
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    query->number = number;
    memcpy(query->name, name, bytes);
    host_wait_sources(1);
    host_wait_hold(1, world_now_us());
    if (uv_getaddrinfo(&live_loop, &query->request, answered, query->name, NULL, &hints) != 0)
        answered(&query->request, UV_EAI_FAIL, NULL);
}

void live_dns_ask(uint32_t number, const char *name, size_t bytes)
{
    uint32_t none = 0;
    for (unsigned i = 0; i < live_settings.host_count; i++)
        if (hosts[i].bytes == bytes && memcmp(hosts[i].name, name, bytes) == 0) {
            later_add(world_now_us() + ANSWER_US, WORLD_DNS, number, &hosts[i].ip,
                      sizeof hosts[i].ip);
            return;
        }
    if (live_settings.reaches_out && bytes < NAME_BYTES_MAX)
        ask_system(number, name, bytes);
    else if (!time_server_tell(WORLD_DNS, number, name, bytes))
        later_add(world_now_us() + NO_ANSWER_US, WORLD_DNS, number, &none, sizeof none);
}
