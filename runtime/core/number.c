// number.c: numbers as text, powers, remainders, the size bytes of constructors.
//
// Reads and writes: its arguments. Memory: a small buffer on the C stack.
// Source: the Lua 5.1 manual; the integer build counts as the firmware's (facts, part h).

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/profile.h"
#include "runtime/core/vm.h"

// ---- reading ----

static int is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

#ifdef FROST_INTEGER

int number_wraps, number_was_beyond;

// Digits as strtol reads them: beyond the range of a long the result is the limit. On the chip a
// long has 32 bits, on a computer 64, of which 32 are kept.
static int parse(const char *at, const char *end, lua_Number *result)
{
    int is_negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    int is_hex = end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'x';
    int base = is_hex ? 16 : 10;
    uint64_t range = is_hex ? UINT32_MAX : is_negative ? 0x80000000u : 0x7FFFFFFFu;
    uint64_t limit = number_wraps ? INT64_MAX + (uint64_t)is_negative : range, sum = 0;
    number_was_beyond = 0;
    if (is_hex)
        at += 2;
    if (at == end)
        return 0;
    for (; at < end; at++) {
        int digit = digit_of(*at);
        if (digit >= base)
            return 0;
        int is_full = sum > (limit - (uint64_t)digit) / (uint64_t)base;
        sum = is_full ? limit : sum * (uint64_t)base + (uint64_t)digit;
        number_was_beyond |= is_full || sum > range;
    }
    *result = (lua_Number)(uint32_t)(is_negative ? 0 - sum : sum);
    return 1;
}

#else

#define DIGITS_MAX 120 // that count; what follows is only told from zero

struct decimal {
    char digits[DIGITS_MAX + 2]; // significant ones, without the point
    int count;
    int64_t exponent; // of the last digit
    uint64_t whole;   // the first 19 digits as a number
};

// Reads digits with at most one point; the place after them, or NULL if there is no digit.
static const char *scan_digits(const char *at, const char *end, struct decimal *d)
{
    int has_digit = 0, has_point = 0, is_cut = 0;
    for (; at < end && ((*at >= '0' && *at <= '9') || (*at == '.' && !has_point)); at++) {
        if (*at == '.') {
            has_point = 1;
            continue;
        }
        has_digit = 1;
        if (d->count == 0 && *at == '0') {
            d->exponent -= has_point; // leading zeros do not count
            continue;
        }
        if (d->count < 19)
            d->whole = d->whole * 10 + (uint64_t)(*at - '0');
        if (d->count < DIGITS_MAX) {
            d->digits[d->count++] = *at;
            d->exponent -= has_point;
        } else {
            is_cut |= *at != '0';
            d->exponent += !has_point;
        }
    }
    if (is_cut) { // a little more than the digits say
        d->digits[d->count++] = '1';
        d->exponent--;
    }
    return has_digit ? at : NULL;
}

static int scan_exponent(const char *at, const char *end, struct decimal *d)
{
    int is_negative = at < end && *at == '-';
    int64_t exponent = 0;
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return 0;
        if (exponent < 100000)
            exponent = exponent * 10 + (*at - '0');
    }
    d->exponent += is_negative ? -exponent : exponent;
    return 1;
}

static lua_Number decimal_value(struct decimal *d)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->count == 0)
        return 0;
    // Both factors exact: one rounding, so the result is right.
    if (d->count <= 19 && d->whole < 1ull << 53 && d->exponent >= -22 && d->exponent <= 22)
        return d->exponent < 0 ? (double)d->whole / powers[-d->exponent]
                               : (double)d->whole * powers[d->exponent];
    if (d->exponent > 400 || d->exponent < -1000)
        return d->exponent > 0 ? HUGE_VAL : 0;
    char text[DIGITS_MAX + 16];
    snprintf(text, sizeof text, "%.*se%d", d->count, d->digits, (int)d->exponent);
    return strtod(text, NULL);
}

// Hexadecimal digits: an integer of any size, rounded once; in the firmware at most 2^32 - 1.
static int parse_hex(const char *at, const char *end, lua_Number *result)
{
    uint64_t sum = 0;
    int beyond = 0; // bits after those in sum
    if (at == end)
        return 0;
    for (; at < end; at++) {
        int digit = digit_of(*at);
        if (digit > 15)
            return 0;
        if (sum >> 60 == 0) {
            sum = sum * 16 + (uint64_t)digit;
        } else {
            sum |= digit != 0;
            beyond += beyond < 2000 ? 4 : 0;
        }
    }
    *result = ldexp((double)sum, beyond);
    if (!lua_profile->has_wide_hex && *result > UINT32_MAX)
        *result = UINT32_MAX;
    return 1;
}

// What strtod knows beyond that: "inf", "nan", hexadecimal fractions and exponents.
static int parse_as_strtod(const char *at, const char *end, lua_Number *result)
{
    char text[64], *text_end;
    size_t bytes = (size_t)(end - at);
    if (bytes == 0 || bytes >= sizeof text || is_blank(*at))
        return 0;
    memcpy(text, at, bytes);
    text[bytes] = '\0';
    // picolibc takes "0x" without a digit for 0.
    const char *digits = text + (text[0] == '-' || text[0] == '+');
    if (digits[0] == '0' && (digits[1] | 0x20) == 'x' && digit_of(digits[2]) > 15 &&
        (digits[2] != '.' || digit_of(digits[3]) > 15))
        return 0;
    *result = strtod(text, &text_end);
    return text_end == text + bytes;
}

#define DIGITS_EXACT 15 // so many digits are a whole number below 2^53

// Nothing but a few digits.
static int parse_short(const char *at, const char *end, lua_Number *result)
{
    uint64_t sum = 0;
    if (at == end || end - at > DIGITS_EXACT)
        return 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return 0;
        sum = sum * 10 + (uint64_t)(*at - '0');
    }
    *result = (lua_Number)sum;
    return 1;
}

static int parse_plain(const char *at, const char *end, lua_Number *result)
{
    struct decimal d;
    int is_negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'x') {
        if (!parse_hex(at + 2, end, result))
            return 0;
    } else if (!parse_short(at, end, result)) {
        d.count = 0;
        d.exponent = 0;
        d.whole = 0;
        at = scan_digits(at, end, &d);
        if (at == NULL)
            return 0;
        if (at < end && ((*at | 0x20) != 'e' || !scan_exponent(at + 1, end, &d)))
            return 0;
        *result = decimal_value(&d);
    }
    if (is_negative)
        *result = -*result;
    return 1;
}

static int parse(const char *at, const char *end, lua_Number *result)
{
    return parse_plain(at, end, result) || parse_as_strtod(at, end, result);
}

#endif

int number_parse(const char *text, size_t bytes, lua_Number *result)
{
    const char *end = text + bytes;
    while (text < end && is_blank(*text))
        text++;
    while (text < end && is_blank(end[-1]))
        end--;
    return parse(text, end, result);
}

// ---- writing ----

// A whole number; the length.
static int format_whole(int64_t n, char *text)
{
    char digits[24];
    int count = 0, length = 0;
    uint64_t left = n < 0 ? 0u - (uint64_t)n : (uint64_t)n;
    do {
        digits[count++] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (n < 0)
        text[length++] = '-';
    while (count > 0)
        text[length++] = digits[--count];
    text[length] = '\0';
    return length;
}

int number_format(lua_Number n, char *text)
{
#ifdef FROST_INTEGER
    return format_whole(n, text);
#else
    // Up to 14 digits "%.14g" writes whole numbers as they are.
    if (n > -1e14 && n < 1e14 && (lua_Number)(int64_t)n == n && (n != 0 || !signbit(n)))
        return format_whole((int64_t)n, text);
    return snprintf(text, LUAI_NUMBER_CHARS, LUA_NUMBER_FMT, n);
#endif
}

// ---- arithmetic ----

lua_Number number_power(lua_Number a, lua_Number b)
{
#ifdef FROST_INTEGER
    if (b < 0)
        return 0;
    uint32_t result = 1, factor = (uint32_t)a;
    for (uint32_t left = (uint32_t)b; left > 0; left >>= 1) {
        if (left & 1)
            result *= factor;
        factor *= factor;
    }
    return (lua_Number)result;
#else
    return b == 2 ? a * a : pow(a, b);
#endif
}

lua_Number number_modulo(lua_Number a, lua_Number b)
{
#ifdef FROST_INTEGER
    if (b == -1)
        return 0;
    lua_Number rest = a % b;
    return rest != 0 && (rest ^ b) < 0 ? rest + b : rest;
#else
    return a - floor(a / b) * b;
#endif
}

// ---- size bytes ----

int number_to_fb(uint32_t n)
{
    uint32_t exponent = 0;
    while (n >= 16) {
        n = (n + 1) >> 1;
        exponent++;
    }
    return n < 8 ? (int)n : (int)((exponent + 1) << 3 | (n - 8));
}

uint32_t number_from_fb(int fb)
{
    int exponent = fb >> 3 & 31;
    if (exponent > 28) // from damaged code only; no table is that large
        return INT32_MAX;
    return exponent == 0 ? (uint32_t)fb : (uint32_t)((fb & 7) + 8) << (exponent - 1);
}
