// scan.c: numbers out of texts, for the C library's names; exact, flash read by words.
//
// Memory: 2.5 KB of stack for a number that needs long arithmetic.

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "runtime/port/esp8266/clib.h"
#include "runtime/port/esp8266/decimal.h"

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// 0 to 35, or 36: no digit of any base.
static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 36;
}

// ---- whole numbers ----

// The number without its sign; *is_beyond if it does not fit. *end: after it, NULL: there is none.
static unsigned long read_whole(const char *at, int base, const char **end, int *is_beyond)
{
    unsigned long sum = 0;
    *end = NULL;
    *is_beyond = 0;
    if ((base == 0 || base == 16) && at[0] == '0' && (at[1] | 0x20) == 'x' &&
        digit_of(at[2]) < 16) {
        at += 2;
        base = 16;
    } else if (base == 0) {
        base = at[0] == '0' ? 8 : 10;
    }
    for (unsigned digit; (digit = digit_of(*at)) < (unsigned)base; *end = ++at) {
        *is_beyond |= sum > (ULONG_MAX - digit) / (unsigned)base;
        sum = sum * (unsigned)base + digit;
    }
    return sum;
}

static const char *skip_sign(const char *at, int *is_negative)
{
    while (is_space(*at))
        at++;
    *is_negative = *at == '-';
    return *at == '-' || *at == '+' ? at + 1 : at;
}

unsigned long strtoul(const char *text, char **end, int base)
{
    const char *behind;
    int is_negative, is_beyond;
    unsigned long sum = read_whole(skip_sign(text, &is_negative), base, &behind, &is_beyond);
    if (end)
        *end = (char *)(behind ? behind : text);
    if (is_beyond) {
        errno = ERANGE;
        return ULONG_MAX;
    }
    return is_negative ? 0 - sum : sum;
}

long strtol(const char *text, char **end, int base)
{
    const char *behind;
    int is_negative, is_beyond;
    unsigned long sum = read_whole(skip_sign(text, &is_negative), base, &behind, &is_beyond);
    if (end)
        *end = (char *)(behind ? behind : text);
    if (is_beyond || sum > (unsigned long)LONG_MAX + (unsigned)is_negative) {
        errno = ERANGE;
        return is_negative ? LONG_MIN : LONG_MAX;
    }
    return is_negative ? (long)(0 - sum) : (long)sum;
}

// ---- doubles ----

#ifndef FROST_INTEGER

static double infinity(void)
{
    return __builtin_inf();
}

// Does the text begin with the word, which is in small letters?
static int has_word(const char *at, const char *word)
{
    for (; *word; word++, at++)
        if ((*at | 0x20) != *word)
            return 0;
    return 1;
}

// "e+12" after a number; what is no exponent is not read.
static const char *read_exponent(const char *at, char letter, int *exponent)
{
    int sum = 0, is_negative = 0;
    if ((*at | 0x20) != letter)
        return at;
    const char *digit = at + 1;
    if (*digit == '-' || *digit == '+')
        is_negative = *digit++ == '-';
    if (digit_of(*digit) > 9)
        return at;
    for (; digit_of(*digit) < 10; digit++)
        sum = sum < 100000 ? sum * 10 + (int)digit_of(*digit) : sum;
    *exponent += is_negative ? -sum : sum;
    return digit;
}

static const char *read_hexadecimal(const char *at, double *number)
{
    uint64_t sum = 0;
    int exponent = 0, has_point = 0, is_more = 0;
    for (;; at++) {
        unsigned digit = digit_of(*at);
        if (*at == '.' && !has_point) {
            has_point = 1;
        } else if (digit > 15) {
            break;
        } else if (sum >> 60 == 0) {
            sum = sum * 16 + digit;
            exponent -= 4 * has_point;
        } else {
            is_more |= digit != 0;
            exponent += 4 * !has_point;
        }
    }
    at = read_exponent(at, 'p', &exponent);
    *number = decimal_round(sum, exponent, is_more);
    return at;
}

static const char *read_decimal(const char *at, double *number)
{
    char digits[DECIMAL_READ_DIGITS_MAX];
    int count = 0, exponent = 0, has_point = 0, is_more = 0;
    for (;; at++) {
        unsigned digit = digit_of(*at);
        if (*at == '.' && !has_point) {
            has_point = 1;
        } else if (digit > 9) {
            break;
        } else if (count == 0 && digit == 0) {
            exponent -= has_point;
        } else if (count < DECIMAL_READ_DIGITS_MAX - 1) {
            digits[count++] = *at;
            exponent -= has_point;
        } else {
            is_more |= digit != 0;
            exponent += !has_point;
        }
    }
    at = read_exponent(at, 'e', &exponent);
    if (is_more) { // not just half way between two numbers, whatever the digits say
        digits[count++] = '1';
        exponent--;
    }
    *number = decimal_read(digits, count, exponent);
    return at;
}

static int has_digit(const char *at, unsigned base)
{
    return digit_of(at[0]) < base || (at[0] == '.' && digit_of(at[1]) < base);
}

double strtod(const char *text, char **end)
{
    int is_negative;
    double number = 0;
    const char *at = skip_sign(text, &is_negative);
    if (at[0] == '0' && (at[1] | 0x20) == 'x' && has_digit(at + 2, 16)) {
        at = read_hexadecimal(at + 2, &number);
    } else if (has_digit(at, 10)) {
        at = read_decimal(at, &number);
    } else if (has_word(at, "inf")) {
        number = infinity();
        at += has_word(at, "infinity") ? 8 : 3;
    } else if (has_word(at, "nan")) {
        number = __builtin_nan("");
        at += 3;
    } else {
        at = text;
        is_negative = 0;
    }
    if (end)
        *end = (char *)at;
    return is_negative ? -number : number;
}

#endif
