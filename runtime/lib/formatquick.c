// formatquick.c: see formatquick.h.
//
// Reads and writes: its arguments. Memory: small buffers on the C stack.
// Source: the C standard, fprintf. Digits of fractions are exact: the number times a power of ten
//         is an integer of at most 127 bits over a power of two, rounded to nearest, ties to even.
#include "runtime/lib/formatquick.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "runtime/core/fast_path.h"

#if HAS_FAST_PATHS

#define DIGITS_MAX 128
#define FIXED_PRECISION_MAX 15
#define PRECISION_DEFAULT 6

static const char *read_number(const char *at, const char *end, int *number)
{
    for (*number = 0; at < end && *at >= '0' && *at <= '9'; at++)
        *number = *number * 10 + (*at - '0');
    return at;
}

int format_item_read(const char *text, size_t bytes, struct format_item *item)
{
    const char *at = text, *end = text + bytes;
    memset(item, 0, sizeof(*item));
    item->precision = FORMAT_PRECISION_NONE;
    for (;; at++) {
        char c = at < end ? *at : '\0';
        if (c == '-')
            item->is_left = 1;
        else if (c == '+')
            item->has_plus = 1;
        else if (c == ' ')
            item->has_blank = 1;
        else if (c == '0')
            item->has_zero = 1;
        else
            break;
    }
    at = read_number(at, end, &item->width);
    if (at < end && *at == '.')
        at = read_number(at + 1, end, &item->precision);
    return at == end;
}

// Blanks or zeros up to the width, around sign and body.
static size_t put_padded(const struct format_item *item, char sign, int may_have_zeros,
                         const char *body, size_t bytes, char *to)
{
    size_t length = bytes + (sign != '\0');
    size_t pad = (size_t)item->width > length ? (size_t)item->width - length : 0;
    int has_zeros = may_have_zeros && item->has_zero && !item->is_left;
    char *at = to;
    if (!item->is_left && !has_zeros) {
        memset(at, ' ', pad);
        at += pad;
    }
    if (sign != '\0')
        *at++ = sign;
    if (has_zeros) {
        memset(at, '0', pad);
        at += pad;
    }
    memcpy(at, body, bytes);
    at += bytes;
    if (item->is_left) {
        memset(at, ' ', pad);
        at += pad;
    }
    return (size_t)(at - to);
}

// Digits of n that end at `end`, at least `least`; the first one.
static char *put_digits(uint64_t n, unsigned base, int is_capital, int least, char *end)
{
    const char *digits = is_capital ? "0123456789ABCDEF" : "0123456789abcdef";
    char *at = end;
    if (base == 10)
        for (; n > 0; n /= 10)
            *--at = (char)('0' + n % 10);
    else
        for (unsigned bits = base == 16 ? 4 : 3; n > 0; n >>= bits)
            *--at = digits[n & (base - 1)];
    while (end - at < least)
        *--at = '0';
    return at;
}

static size_t put_integer(const struct format_item *item, char sign, uint64_t n, unsigned base,
                          int is_capital, char *to)
{
    char digits[DIGITS_MAX];
    int has_precision = item->precision != FORMAT_PRECISION_NONE;
    const char *first = put_digits(n, base, is_capital, has_precision ? item->precision : 1,
                                   digits + DIGITS_MAX);
    return put_padded(item, sign, !has_precision, first, (size_t)(digits + DIGITS_MAX - first), to);
}

static char sign_of(const struct format_item *item, int is_negative)
{
    return is_negative ? '-' : item->has_plus ? '+' : item->has_blank ? ' ' : '\0';
}

size_t format_signed(const struct format_item *item, int64_t n, char *to)
{
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    return put_integer(item, sign_of(item, n < 0), size, 10, 0, to);
}

size_t format_unsigned(const struct format_item *item, uint64_t n, unsigned base, int is_capital,
                       char *to)
{
    assert(base == 8 || base == 10 || base == 16);
    return put_integer(item, '\0', n, base, is_capital, to);
}

size_t format_text(const struct format_item *item, const char *text, size_t bytes, char *to)
{
    if (item->precision != FORMAT_PRECISION_NONE && bytes > (size_t)item->precision)
        bytes = (size_t)item->precision;
    return put_padded(item, '\0', 0, text, bytes, to);
}

// |n| * 10^precision, rounded; 0 if that is not within reach.
static int scale(double n, int precision, uint64_t *scaled)
{
    static const uint64_t powers[FIXED_PRECISION_MAX + 1] = {1ull,
                                                             10ull,
                                                             100ull,
                                                             1000ull,
                                                             10000ull,
                                                             100000ull,
                                                             1000000ull,
                                                             10000000ull,
                                                             100000000ull,
                                                             1000000000ull,
                                                             10000000000ull,
                                                             100000000000ull,
                                                             1000000000000ull,
                                                             10000000000000ull,
                                                             100000000000000ull,
                                                             1000000000000000ull};
    uint64_t bits;
    memcpy(&bits, &n, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7FF) - 1075;
    uint64_t mantissa = bits & ((1ull << 52) - 1);
    if (exponent < -1074 || exponent > 0) { // subnormal, zero; 2^53 and more
        *scaled = 0;
        return n == 0;
    }
    unsigned __int128 product = (unsigned __int128)(mantissa | 1ull << 52) * powers[precision];
    int shift = -exponent;
    if (shift >= 127)
        return 0;
    unsigned __int128 whole = product >> shift;
    if (shift > 0) {
        unsigned __int128 rest = product - (whole << shift);
        unsigned __int128 half = (unsigned __int128)1 << (shift - 1);
        whole += rest > half || (rest == half && (whole & 1));
    }
    *scaled = (uint64_t)whole;
    return whole >> 63 == 0;
}

size_t format_fixed(const struct format_item *item, double n, char *to)
{
    int precision = item->precision == FORMAT_PRECISION_NONE ? PRECISION_DEFAULT : item->precision;
    uint64_t scaled;
    if (precision > FIXED_PRECISION_MAX || !scale(n, precision, &scaled))
        return 0;
    char digits[DIGITS_MAX], *end = digits + DIGITS_MAX;
    char *first = put_digits(scaled, 10, 0, precision + 1, end);
    if (precision > 0) { // the whole part moves one to the left
        size_t whole = (size_t)(end - first) - (size_t)precision;
        memmove(first - 1, first, whole);
        first--;
        first[whole] = '.';
    }
    return put_padded(item, sign_of(item, signbit(n) != 0), 1, first, (size_t)(end - first), to);
}

#endif
