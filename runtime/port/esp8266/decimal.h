// decimal.h: doubles to decimal digits and back, exact: rounded once, to nearest, ties to even.
//
// For print.c and strtod. Memory: about 1 KB of stack. Reads flash by words only.
// Source: arithmetic on long integers; nothing is approximated, so nothing has to be proved.

#ifndef FROST_PORT_ESP8266_DECIMAL_H
#define FROST_PORT_ESP8266_DECIMAL_H

#include <stdint.h>

#define DECIMAL_DIGITS_MAX 520 // that are written: 309 before the point and 210 after it

struct decimal_text {
    int count;                           // of digits
    int exponent;                        // the first digit counts 10^exponent
    char digits[DECIMAL_DIGITS_MAX + 1]; // '0' to '9'; [count] is 0
};

// The first `count` digits of a finite number that is not negative, the last one rounded. Zero has
// zeros and exponent 0. count: 1 to DECIMAL_DIGITS_MAX.
void decimal_significant(double number, int count, struct decimal_text *text);
// All digits down to the one that counts 10^-places, which is rounded; at least one before the
// point. places: 0 to 210.
void decimal_fixed(double number, int places, struct decimal_text *text);

// The double next to DIGITS * 10^exponent, `count` characters '0' to '9', at most
// DECIMAL_READ_DIGITS_MAX; infinity if it is too large.
double decimal_read(const char *digits, int count, int exponent);
#define DECIMAL_READ_DIGITS_MAX 820

// The double next to mantissa * 2^exponent, and a little more if `is_more`.
double decimal_round(uint64_t mantissa, int exponent, int is_more);

#endif
