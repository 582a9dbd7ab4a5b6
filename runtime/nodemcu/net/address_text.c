// address_text.c: see address_text.h.

#include "runtime/nodemcu/net/address_text.h"

#include "runtime/probe/probe.h"

#define MAC_DIGITS 3 // characters per byte, with the separator

size_t address_format_ip(char text[IP_TEXT_BYTES_MAX], uint32_t ip)
{
    char *at = text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned part = ip >> shift & 255;
        if (part >= 100)
            *at++ = (char)('0' + part / 100);
        if (part >= 10)
            *at++ = (char)('0' + part / 10 % 10);
        *at++ = (char)('0' + part % 10);
        if (shift > 0)
            *at++ = '.';
    }
    return (size_t)(at - text);
}

void address_push_ip(lua_State *L, uint32_t ip)
{
    char text[IP_TEXT_BYTES_MAX];
    size_t bytes = address_format_ip(text, ip);
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_ENVIRONMENT);
    lua_pushlstring(L, text, bytes);
    PROBE_SOURCE_END();
}

void address_push_mac(lua_State *L, const uint8_t mac[MAC_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char text[MAC_BYTES * MAC_DIGITS];
    for (int i = 0; i < MAC_BYTES; i++) {
        text[MAC_DIGITS * i] = digits[mac[i] >> 4];
        text[MAC_DIGITS * i + 1] = digits[mac[i] & 15];
        text[MAC_DIGITS * i + 2] = ':';
    }
    PROBE_SOURCE_BEGIN(TRACE_ORIGIN_ENVIRONMENT);
    lua_pushlstring(L, text, MAC_TEXT_BYTES);
    PROBE_SOURCE_END();
}

int address_parse_ip(const char *text, uint32_t *ip)
{
    uint32_t parsed = 0;
    for (int part = 0; part < 4; part++) {
        unsigned number = 0, digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++)
            number = 10 * number + (unsigned)(*text - '0');
        if (digits == 0 || number > 255 || *text != (part < 3 ? '.' : '\0'))
            return -1;
        text++;
        parsed = parsed << 8 | number;
    }
    *ip = parsed;
    return 0;
}

static unsigned digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 0;
}

void address_parse_mac(const char *text, uint8_t mac[MAC_BYTES])
{
    for (int i = 0; i < MAC_BYTES; i++, text += MAC_DIGITS)
        mac[i] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
}
