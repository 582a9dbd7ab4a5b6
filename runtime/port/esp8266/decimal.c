// decimal.c: doubles to decimal digits and back, by long integers of 32-bit limbs.

#include "runtime/port/esp8266/decimal.h"

#include <assert.h>
#include <string.h>

#define GROUP 1000000000u // nine digits
#define GROUP_DIGITS 9
#define WHOLE_LIMBS 33 // 1024 bits before the point
#define WHOLE_GROUPS 35
#define FRACTION_LIMBS 35 // 1074 bits after it
#define LONG_LIMBS 94

static const uint32_t powers[GROUP_DIGITS] = {1,      10,      100,      1000,     10000,
                                              100000, 1000000, 10000000, 100000000};

static uint64_t bits_of(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

// ---- digits of a number, one after another ----

struct source {
    uint32_t groups[WHOLE_GROUPS]; // of nine digits, the last one comes first
    int group_count;
    uint32_t fraction[FRACTION_LIMBS]; // little-endian, below the point
    int low, high;                     // limbs [low, high) are not zero below and above
    uint32_t group;                    // what is left of the present one
    int group_left;                    // its digits
};

// Divides by GROUP; result: the remainder.
static uint32_t divide_by_group(uint32_t *limbs, int *count)
{
    uint64_t rest = 0;
    for (int i = *count - 1; i >= 0; i--) {
        uint64_t part = rest << 32 | limbs[i];
        limbs[i] = (uint32_t)(part / GROUP);
        rest = part % GROUP;
    }
    while (*count > 0 && limbs[*count - 1] == 0)
        --*count;
    return (uint32_t)rest;
}

static void split_whole(struct source *s, uint64_t mantissa, int shift)
{
    uint32_t limbs[WHOLE_LIMBS + 1] = {0};
    int at = shift / 32, bits = shift % 32;
    limbs[at] = (uint32_t)(mantissa << bits);
    limbs[at + 1] = (uint32_t)(mantissa >> (32 - bits));
    if (bits)
        limbs[at + 2] = (uint32_t)(mantissa >> 32 >> (32 - bits));
    int count = at + 3 < WHOLE_LIMBS ? at + 3 : WHOLE_LIMBS;
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    while (count > 0)
        s->groups[s->group_count++] = divide_by_group(limbs, &count);
}

// The fraction is mantissa / 2^bits.
static void take_fraction(struct source *s, uint64_t mantissa, int bits)
{
    int limbs = (bits + 31) / 32, shift = 32 * limbs - bits;
    uint64_t low = mantissa << shift;
    uint32_t high = shift ? (uint32_t)(mantissa >> (64 - shift)) : 0;
    s->fraction[0] = (uint32_t)low;
    if (limbs > 1)
        s->fraction[1] = (uint32_t)(low >> 32);
    if (limbs > 2)
        s->fraction[2] = high;
    s->high = limbs;
}

static void source_init(struct source *s, double number)
{
    uint64_t bits = bits_of(number), mantissa = bits & 0xFFFFFFFFFFFFFu;
    int exponent = (int)(bits >> 52 & 0x7FF);
    mantissa |= exponent ? 1ull << 52 : 0;
    exponent = (exponent ? exponent : 1) - 1075;
    memset(s, 0, sizeof *s);
    if (exponent >= 0) {
        split_whole(s, mantissa, exponent);
    } else {
        if (exponent > -64)
            split_whole(s, mantissa >> -exponent, 0);
        if (exponent > -53)
            mantissa &= (1ull << -exponent) - 1;
        take_fraction(s, mantissa, -exponent);
    }
}

// The next nine digits of the fraction.
static uint32_t multiply_fraction(struct source *s)
{
    uint32_t carry = 0;
    while (s->low < s->high && s->fraction[s->low] == 0)
        s->low++;
    for (int i = s->low; i < s->high; i++) {
        uint64_t product = (uint64_t)s->fraction[i] * GROUP + carry;
        s->fraction[i] = (uint32_t)product;
        carry = (uint32_t)(product >> 32);
    }
    return carry;
}

static int source_next(struct source *s)
{
    if (s->group_left == 0) {
        s->group = s->group_count > 0 ? s->groups[--s->group_count] : multiply_fraction(s);
        s->group_left = GROUP_DIGITS;
    }
    uint32_t power = powers[--s->group_left];
    int digit = 0;
    for (; s->group >= power; digit++)
        s->group -= power;
    return digit;
}

static int source_has_more(const struct source *s)
{
    for (int i = 0; i < s->group_count; i++)
        if (s->groups[i])
            return 1;
    for (int i = s->low; i < s->high; i++)
        if (s->fraction[i])
            return 1;
    return s->group != 0;
}

// Rounds up where what follows is more than half, or half after an odd digit.
static void round_text(struct source *s, struct decimal_text *text)
{
    int next = source_next(s);
    int is_odd = text->count > 0 && (text->digits[text->count - 1] & 1);
    if (next < 5 || (next == 5 && !is_odd && !source_has_more(s)))
        return;
    int at = text->count - 1;
    for (; at >= 0 && text->digits[at] == '9'; at--)
        text->digits[at] = '0';
    if (at >= 0) {
        text->digits[at]++;
        return;
    }
    // 9.99 is 10.0: one digit more in front
    memmove(text->digits + 1, text->digits, (size_t)text->count);
    text->digits[0] = '1';
    text->count++;
    text->exponent++;
}

static void finish(struct decimal_text *text)
{
    assert(text->count <= DECIMAL_DIGITS_MAX);
    text->digits[text->count] = 0;
}

void decimal_significant(double number, int count, struct decimal_text *text)
{
    struct source s;
    assert(count >= 1 && count < DECIMAL_DIGITS_MAX);
    source_init(&s, number);
    text->count = 0;
    text->exponent = s.group_count > 0 ? s.group_count * GROUP_DIGITS - 1 : -1;
    if (number == 0) {
        memset(text->digits, '0', (size_t)count);
        text->count = count;
        text->exponent = 0;
        return finish(text);
    }
    int digit;
    while ((digit = source_next(&s)) == 0)
        text->exponent--;
    text->digits[text->count++] = (char)('0' + digit);
    while (text->count < count)
        text->digits[text->count++] = (char)('0' + source_next(&s));
    round_text(&s, text);
    text->count = count; // a digit more in front is a zero less at the end
    finish(text);
}

void decimal_fixed(double number, int places, struct decimal_text *text)
{
    struct source s;
    assert(places >= 0 && places <= 210);
    source_init(&s, number);
    text->count = 0;
    text->exponent = s.group_count > 0 ? s.group_count * GROUP_DIGITS - 1 : 0;
    int whole = s.group_count * GROUP_DIGITS;
    if (whole == 0)
        text->digits[text->count++] = '0';
    for (; whole > 0; whole--) {
        int digit = source_next(&s);
        if (digit == 0 && text->count == 0 && whole > 1)
            text->exponent--;
        else
            text->digits[text->count++] = (char)('0' + digit);
    }
    for (; places > 0; places--)
        text->digits[text->count++] = (char)('0' + source_next(&s));
    round_text(&s, text);
    finish(text);
}

// ---- from digits to a number ----

struct long_number {
    int count; // limbs in use, the highest one is not zero
    uint32_t limbs[LONG_LIMBS];
};

static void multiply_add(struct long_number *n, uint32_t factor, uint32_t carry)
{
    for (int i = 0; i < n->count; i++) {
        uint64_t product = (uint64_t)n->limbs[i] * factor + carry;
        n->limbs[i] = (uint32_t)product;
        carry = (uint32_t)(product >> 32);
    }
    assert(n->count < LONG_LIMBS);
    if (carry)
        n->limbs[n->count++] = carry;
}

// Multiplies by 5^times.
static void multiply_fives(struct long_number *n, int times)
{
    const uint32_t fives_13 = 1220703125;
    for (; times >= 13; times -= 13)
        multiply_add(n, fives_13, 0);
    for (; times > 0; times--)
        multiply_add(n, 5, 0);
}

static int bit_length(const struct long_number *n)
{
    return n->count == 0 ? 0 : n->count * 32 - __builtin_clz(n->limbs[n->count - 1]);
}

static void shift_left(struct long_number *n, int bits)
{
    int limbs = bits / 32;
    bits %= 32;
    assert(n->count + limbs < LONG_LIMBS);
    memmove(n->limbs + limbs, n->limbs, (size_t)n->count * sizeof *n->limbs);
    memset(n->limbs, 0, (size_t)limbs * sizeof *n->limbs);
    n->count += limbs;
    uint32_t carry = 0;
    for (int i = limbs; bits && i < n->count; i++) {
        uint32_t limb = n->limbs[i];
        n->limbs[i] = limb << bits | carry;
        carry = limb >> (32 - bits);
    }
    if (carry)
        n->limbs[n->count++] = carry;
}

// a -= b if a is not less. Result: whether it was done.
static int subtract(struct long_number *a, const struct long_number *b)
{
    int at = a->count > b->count ? a->count : b->count;
    for (at--; at >= 0; at--) {
        uint32_t x = at < a->count ? a->limbs[at] : 0, y = at < b->count ? b->limbs[at] : 0;
        if (x < y)
            return 0;
        if (x > y)
            break;
    }
    uint32_t borrow = 0;
    for (int i = 0; i < a->count; i++) {
        uint64_t y = (uint64_t)(i < b->count ? b->limbs[i] : 0) + borrow;
        borrow = a->limbs[i] < y;
        a->limbs[i] -= (uint32_t)y;
    }
    while (a->count > 0 && a->limbs[a->count - 1] == 0)
        a->count--;
    return 1;
}

static double from_bits(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

double decimal_round(uint64_t mantissa, int exponent, int is_more)
{
    if (mantissa == 0)
        return 0;
    int shift = __builtin_clzll(mantissa);
    mantissa <<= shift;
    exponent += 63 - shift; // of the highest bit
    int kept = exponent >= -1022 ? 53 : 53 - (-1022 - exponent);
    if (kept < 0)
        return 0;
    uint64_t result = kept ? mantissa >> (64 - kept) : 0;
    uint64_t rest = mantissa << kept;
    uint64_t half = 1ull << 63;
    if (rest > half || (rest == half && (is_more || (result & 1))))
        result++;
    // The hidden bit of a normal number adds one to the exponent, and so does a carry.
    uint64_t biased = exponent >= -1022 ? (uint64_t)(exponent + 1022) : 0;
    if (exponent > 1023 || biased + (result >> 52) >= 2047)
        return from_bits(2047ull << 52);
    return from_bits((biased << 52) + result);
}

// The highest 64 bits of a whole number; *exponent is of the lowest of them, *is_more whether bits
// were left behind.
static uint64_t highest_bits(const struct long_number *n, int *exponent, int *is_more)
{
    uint64_t bits = 0;
    int length = bit_length(n), from = length > 64 ? length - 64 : 0;
    *exponent = from;
    *is_more = 0;
    for (int i = n->count - 1; i >= 0; i--) {
        int at = i * 32 - from; // place of the limb's lowest bit
        if (at >= 0) {
            bits |= (uint64_t)n->limbs[i] << at;
        } else if (at > -32) {
            bits |= n->limbs[i] >> -at;
            *is_more |= n->limbs[i] << (32 + at) != 0;
        } else {
            *is_more |= n->limbs[i] != 0;
        }
    }
    return bits;
}

double decimal_read(const char *digits, int count, int exponent)
{
    struct long_number number = {0};
    assert(count <= DECIMAL_READ_DIGITS_MAX);
    for (; count > 0 && *digits == '0'; count--)
        digits++;
    if (count == 0 || count + exponent < -330)
        return 0;
    if (count + exponent > 310)
        return from_bits(2047ull << 52);
    for (int i = 0; i < count;) {
        uint32_t group = 0, power = 1;
        for (; i < count && power < GROUP; power *= 10)
            group = group * 10 + (uint32_t)(digits[i++] - '0');
        multiply_add(&number, power, group);
    }
    int is_more, low;
    if (exponent >= 0) {
        multiply_fives(&number, exponent);
        uint64_t bits = highest_bits(&number, &low, &is_more);
        return decimal_round(bits, low + exponent, is_more);
    }
    // number / (5^k * 2^k): 64 bits of the quotient, one by one
    struct long_number divisor = {1, {1}};
    multiply_fives(&divisor, -exponent);
    int shift = bit_length(&divisor) - bit_length(&number);
    if (shift > 0)
        shift_left(&number, shift);
    else
        shift_left(&divisor, -shift);
    uint64_t quotient = 0;
    for (int i = 0; i < 64; i++) {
        quotient = quotient << 1 | (uint64_t)subtract(&number, &divisor);
        shift_left(&number, 1);
    }
    return decimal_round(quotient, exponent - shift - 63, number.count > 0);
}
