// time_server.c: see time_server.h.
//
// Source: RFC 5905.

#include "runtime/world/time_server.h"

#include <string.h>

#include "runtime/world/later.h"

#define TIME_SERVER_IP 0xC000027Bu // 192.0.2.123
#define TIME_PORT 123
#define TIME_DELAY_US 15000u     // of either way
#define TIME_START_S 1767225600u // the first of January 2026
#define NTP_TO_UNIX_S 2208988800u
#define NTP_BYTES 48u

static int has_word(const char *name, size_t bytes, const char *word)
{
    size_t word_bytes = strlen(word);
    for (size_t i = 0; i + word_bytes <= bytes; i++)
        if (memcmp(name + i, word, word_bytes) == 0)
            return 1;
    return 0;
}

static int answer_name(uint32_t object, const char *name, size_t bytes)
{
    static const uint32_t ip = TIME_SERVER_IP;
    if (!has_word(name, bytes, "ntp") && !has_word(name, bytes, "time"))
        return 0;
    return later_add(world_now_us() + 2 * TIME_DELAY_US, WORLD_DNS, object, &ip, sizeof ip) == 0;
}

static void put_word(uint8_t *at, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(word >> (24 - 8 * i));
}

static int answer_time(uint32_t object, const uint8_t *data, size_t bytes)
{
    struct world_datagram head;
    uint8_t packet[sizeof head + NTP_BYTES] = {0}, *ntp = packet + sizeof head;
    if (bytes != sizeof packet)
        return 0;
    memcpy(&head, data, sizeof head);
    if (head.port != TIME_PORT || (data[sizeof head] & 7) != 3)
        return 0;
    uint64_t us = world_now_us() + TIME_DELAY_US;
    memcpy(packet, &head, sizeof head);
    ntp[0] = 0x24;                                 // version 4, server
    ntp[1] = 1;                                    // stratum
    memcpy(ntp + 24, data + sizeof packet - 8, 8); // when it was sent, as it was told
    put_word(ntp + 40, TIME_START_S + NTP_TO_UNIX_S + (uint32_t)(us / 1000000));
    put_word(ntp + 44, (uint32_t)((us % 1000000 << 32) / 1000000));
    memcpy(ntp + 32, ntp + 40, 8);
    return later_add(us + TIME_DELAY_US, WORLD_SOCKET, object, packet, sizeof packet) == 0;
}

int time_server_tell(int kind, uint32_t object, const void *data, size_t bytes)
{
    if (kind == WORLD_DNS)
        return answer_name(object, data, bytes);
    return kind == WORLD_SOCKET && answer_time(object, data, bytes);
}
