// net_address.c: IP addresses as text, in the forms that the firmware's network stack takes.
//
// Reads and writes: nothing. Source: lwIP: one to four parts, of which the last fills the bytes
// that are left; decimal, 0x and octal; white space may follow; 255.255.255.255 is what says that
// there is none.

#include "runtime/nodemcu/net/net_socket.h"

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// The value of a digit in any base; 16 and more: none.
static unsigned digit_of(char c)
{
    if (is_digit(c))
        return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 99;
}

// One part; where it ends, NULL: it does not begin with a digit.
static const char *parse_part(const char *at, uint32_t *value)
{
    unsigned base = 10;
    if (!is_digit(*at))
        return NULL;
    if (*at == '0') {
        at++;
        base = 8;
        if (*at == 'x' || *at == 'X') {
            at++;
            base = 16;
        }
    }
    *value = 0;
    for (; digit_of(*at) < base; at++)
        *value = *value * base + digit_of(*at);
    return at;
}

int net_parse_ip(const char *text, uint32_t *ip)
{
    uint32_t parts[4];
    int count = 0;
    for (;; text++) {
        text = count < 4 ? parse_part(text, &parts[count]) : NULL;
        if (!text)
            return 0;
        count++;
        if (*text != '.')
            break;
    }
    if (*text && *text != ' ' && (*text < '\t' || *text > '\r'))
        return 0;
    int rest_bits = 8 * (5 - count); // of the last part
    if (rest_bits < 32 && parts[count - 1] >> rest_bits)
        return 0;
    *ip = parts[count - 1];
    for (int i = 0; i < count - 1; i++) {
        if (parts[i] > 255)
            return 0;
        *ip |= parts[i] << (24 - 8 * i);
    }
    return 1;
}

int net_check_address(lua_State *L, uint16_t *port, uint32_t *ip)
{
    int arg = 2;
    const char *text = "0.0.0.0";
    *port = 0;
    if (lua_isnumber(L, arg))
        *port = (uint16_t)lua_tointeger(L, arg++);
    if (lua_isstring(L, arg))
        text = lua_tostring(L, arg++);
    if (!net_parse_ip(text, ip))
        luaL_error(L, "invalid IP address");
    return arg;
}
