// soft.c: integer division, wide products and IEEE 754 arithmetic without hardware for them.
//
// Reads and writes: nothing. Memory: the stack. No operation of a function is one that the compiler
// would turn into a call of that same function.
//
// A finite number on its way is sign, exponent and a 64-bit mantissa whose leading bit, once
// normal, is bit 62; the lowest bit is sticky (it stands for everything that was shifted out).

#include "runtime/port/esp8266/soft.h"

#define MANTISSA_BITS 52
#define MANTISSA_MASK ((1ull << MANTISSA_BITS) - 1)
#define IMPLICIT_BIT (1ull << MANTISSA_BITS)
#define SIGN_BIT (1ull << 63)
#define EXPONENT_MAX 0x7FF
#define INFINITY_BITS ((uint64_t)EXPONENT_MAX << MANTISSA_BITS)
#define QUIET_BIT (1ull << 51)
#define NAN_BITS (SIGN_BIT | INFINITY_BITS | QUIET_BIT) // with the sign that x86 gives it
#define GUARD_BITS 10                                   // below the mantissa while rounding is due

#define SINGLE_INFINITY_BITS 0x7F800000u
#define SINGLE_NAN_BITS 0x7FC00000u

union double_bits {
    double number;
    uint64_t bits;
};

union single_bits {
    float number;
    uint32_t bits;
};

static inline uint64_t bits_of(double a)
{
    return ((union double_bits){.number = a}).bits;
}

static inline double double_of(uint64_t bits)
{
    return ((union double_bits){.bits = bits}).number;
}

static inline uint32_t single_bits_of(float a)
{
    return ((union single_bits){.number = a}).bits;
}

static inline float single_of(uint32_t bits)
{
    return ((union single_bits){.bits = bits}).number;
}

// Leading zeros of a value that is not 0.
static inline int leading_zeros(uint64_t a)
{
    uint32_t high = (uint32_t)(a >> 32);
    return high ? __builtin_clz(high) : 32 + __builtin_clz((uint32_t)a);
}

// ---- integers ----

// Division by shifts, once per width: quotient (all bits set for a divisor of 0), *rest the
// remainder; then the four functions that the compiler calls. SMALLER is tried first.
#define DIVISION(BITS, MODE, LEADING_ZEROS, SMALLER)                                               \
    static uint##BITS##_t divide##BITS(uint##BITS##_t a, uint##BITS##_t b, uint##BITS##_t *rest)   \
    {                                                                                              \
        uint##BITS##_t quotient = 0;                                                               \
        *rest = a;                                                                                 \
        if (b == 0)                                                                                \
            return UINT##BITS##_MAX;                                                               \
        if (a < b)                                                                                 \
            return 0;                                                                              \
        SMALLER                                                                                    \
        int shift = LEADING_ZEROS(b) - LEADING_ZEROS(a);                                           \
        b <<= shift;                                                                               \
        for (; shift >= 0; shift--, b >>= 1) {                                                     \
            quotient <<= 1;                                                                        \
            if (a >= b) {                                                                          \
                a -= b;                                                                            \
                quotient |= 1;                                                                     \
            }                                                                                      \
        }                                                                                          \
        *rest = a;                                                                                 \
        return quotient;                                                                           \
    }                                                                                              \
                                                                                                   \
    uint##BITS##_t SOFT(udiv##MODE##3)(uint##BITS##_t a, uint##BITS##_t b)                         \
    {                                                                                              \
        uint##BITS##_t rest;                                                                       \
        return divide##BITS(a, b, &rest);                                                          \
    }                                                                                              \
                                                                                                   \
    uint##BITS##_t SOFT(umod##MODE##3)(uint##BITS##_t a, uint##BITS##_t b)                         \
    {                                                                                              \
        uint##BITS##_t rest;                                                                       \
        divide##BITS(a, b, &rest);                                                                 \
        return rest;                                                                               \
    }                                                                                              \
                                                                                                   \
    int##BITS##_t SOFT(div##MODE##3)(int##BITS##_t a, int##BITS##_t b)                             \
    {                                                                                              \
        uint##BITS##_t rest;                                                                       \
        uint##BITS##_t a_abs = a < 0 ? 0u - (uint##BITS##_t)a : (uint##BITS##_t)a;                 \
        uint##BITS##_t b_abs = b < 0 ? 0u - (uint##BITS##_t)b : (uint##BITS##_t)b;                 \
        uint##BITS##_t quotient = divide##BITS(a_abs, b_abs, &rest);                               \
        return (int##BITS##_t)((a < 0) != (b < 0) ? 0u - quotient : quotient);                     \
    }

// A dividend of one word has a quotient of one word.
#define DIVIDE_AS_32                                                                               \
    if (a >> 32 == 0) {                                                                            \
        uint32_t rest32;                                                                           \
        quotient = divide32((uint32_t)a, (uint32_t)b, &rest32);                                    \
        *rest = rest32;                                                                            \
        return quotient;                                                                           \
    }

DIVISION(32, si, __builtin_clz, )
DIVISION(64, di, leading_zeros, DIVIDE_AS_32)

// Products of halves, since the multiplier gives 32 bits.
static inline uint64_t product(uint32_t a, uint32_t b)
{
    uint32_t a_low = a & 0xFFFF, a_high = a >> 16;
    uint32_t b_low = b & 0xFFFF, b_high = b >> 16;
    uint32_t low = a_low * b_low;
    uint32_t middle = a_low * b_high;
    uint32_t middle2 = a_high * b_low;
    uint32_t high = a_high * b_high;
    uint32_t carry = (low >> 16) + (middle & 0xFFFF) + (middle2 & 0xFFFF);
    high += (middle >> 16) + (middle2 >> 16) + (carry >> 16);
    return (uint64_t)high << 32 | (carry << 16 | (low & 0xFFFF));
}

uint64_t SOFT(umulsidi3)(uint32_t a, uint32_t b)
{
    return product(a, b);
}

int64_t SOFT(muldi3)(int64_t a, int64_t b)
{
    uint32_t a_low = (uint32_t)a, a_high = (uint32_t)((uint64_t)a >> 32);
    uint32_t b_low = (uint32_t)b, b_high = (uint32_t)((uint64_t)b >> 32);
    uint64_t low = product(a_low, b_low);
    uint32_t high = (uint32_t)(low >> 32) + a_low * b_high + a_high * b_low;
    return (int64_t)((uint64_t)high << 32 | (uint32_t)low);
}

// ---- numbers on their way ----

static inline uint64_t shift_right_sticky(uint64_t a, int by)
{
    if (by <= 0)
        return a;
    if (by > 63)
        return a != 0;
    return a >> by | ((a << (64 - by)) != 0);
}

static inline int exponent_of(uint64_t bits)
{
    return (int)(bits >> MANTISSA_BITS) & EXPONENT_MAX;
}

static inline int is_nan(uint64_t bits)
{
    return (bits & ~SIGN_BIT) > INFINITY_BITS;
}

// Mantissa of a finite number, unshifted; *exponent is that of its lowest binade for subnormals.
static inline uint64_t mantissa_of(uint64_t bits, int *exponent)
{
    uint64_t mantissa = bits & MANTISSA_MASK;
    *exponent = exponent_of(bits);
    if (*exponent == 0)
        *exponent = 1;
    else
        mantissa |= IMPLICIT_BIT;
    return mantissa;
}

// Makes the leading bit bit 62. `mantissa` is not 0.
static inline uint64_t normalize(uint64_t mantissa, int *exponent)
{
    int shift = leading_zeros(mantissa) - 1;
    *exponent -= shift;
    return shift < 0 ? shift_right_sticky(mantissa, 1) : mantissa << shift;
}

// The double of that sign (bit 63) whose mantissa with leading bit 62 has that exponent.
static uint64_t round_double(uint64_t sign, int exponent, uint64_t mantissa)
{
    if (mantissa == 0)
        return sign;
    mantissa = normalize(mantissa, &exponent);
    if (exponent >= EXPONENT_MAX)
        return sign | INFINITY_BITS;
    if (exponent < 1) {
        mantissa = shift_right_sticky(mantissa, 1 - exponent);
        exponent = 1;
    }
    uint64_t is_odd = mantissa >> GUARD_BITS & 1;
    mantissa = (mantissa + (1u << (GUARD_BITS - 1)) - 1 + is_odd) >> GUARD_BITS;
    // The implicit bit adds one to the exponent; so does a carry out of the mantissa.
    return sign | (((uint64_t)(uint32_t)(exponent - 1) << MANTISSA_BITS) + mantissa);
}

// ---- double ----

// The result of an operation on a NaN: the first one.
static double nan_of(uint64_t a, uint64_t b)
{
    return double_of((is_nan(a) ? a : b) | QUIET_BIT);
}

static uint64_t add_bits(uint64_t a, uint64_t b)
{
    int a_exponent, b_exponent;
    if ((a & ~SIGN_BIT) < (b & ~SIGN_BIT)) {
        uint64_t swapped = a;
        a = b;
        b = swapped;
    }
    uint64_t sign = a & SIGN_BIT;
    int is_difference = (a ^ b) >> 63 != 0;
    if (exponent_of(a) == EXPONENT_MAX) // infinite; so may b be
        return is_difference && (b & ~SIGN_BIT) == INFINITY_BITS ? NAN_BITS : a;
    uint64_t x = mantissa_of(a, &a_exponent) << GUARD_BITS;
    uint64_t y = mantissa_of(b, &b_exponent) << GUARD_BITS;
    y = shift_right_sticky(y, a_exponent - b_exponent);
    if (is_difference) {
        x -= y;
        if (x == 0)
            return 0;
    } else {
        x += y;
    }
    return round_double(sign, a_exponent, x);
}

double SOFT(adddf3)(double a, double b)
{
    if (is_nan(bits_of(a)) || is_nan(bits_of(b)))
        return nan_of(bits_of(a), bits_of(b));
    return double_of(add_bits(bits_of(a), bits_of(b)));
}

double SOFT(subdf3)(double a, double b)
{
    if (is_nan(bits_of(a)) || is_nan(bits_of(b)))
        return nan_of(bits_of(a), bits_of(b));
    return double_of(add_bits(bits_of(a), bits_of(b) ^ SIGN_BIT));
}

// Upper 64 bits of the product, with a sticky lowest bit.
static uint64_t multiply_high(uint64_t a, uint64_t b)
{
    uint32_t a_low = (uint32_t)a, a_high = (uint32_t)(a >> 32);
    uint32_t b_low = (uint32_t)b, b_high = (uint32_t)(b >> 32);
    uint64_t low = product(a_low, b_low);
    uint64_t middle = product(a_low, b_high);
    uint64_t middle2 = product(a_high, b_low);
    uint64_t carry = (low >> 32) + (uint32_t)middle + (uint32_t)middle2;
    uint64_t high = product(a_high, b_high) + (middle >> 32) + (middle2 >> 32) + (carry >> 32);
    return high | ((uint32_t)low != 0 || (uint32_t)carry != 0);
}

double SOFT(muldf3)(double x, double y)
{
    uint64_t a = bits_of(x), b = bits_of(y);
    uint64_t sign = (a ^ b) & SIGN_BIT;
    a &= ~SIGN_BIT;
    b &= ~SIGN_BIT;
    if (a > INFINITY_BITS || b > INFINITY_BITS)
        return nan_of(bits_of(x), bits_of(y));
    if (a == INFINITY_BITS || b == INFINITY_BITS)
        return double_of(a == 0 || b == 0 ? NAN_BITS : sign | INFINITY_BITS);
    if (a == 0 || b == 0)
        return double_of(sign);
    int a_exponent, b_exponent;
    uint64_t a_mantissa = normalize(mantissa_of(a, &a_exponent), &a_exponent);
    uint64_t b_mantissa = normalize(mantissa_of(b, &b_exponent), &b_exponent);
    // Leading bits 62: the product's is 124 or 125, in the upper half 60 or 61. normalize() counted
    // the shift by GUARD_BITS as part of the exponents.
    uint64_t mantissa = multiply_high(a_mantissa, b_mantissa);
    int exponent = a_exponent + b_exponent + 2 * GUARD_BITS - 1023 + 2;
    return double_of(round_double(sign, exponent, mantissa));
}

// Quotient of two mantissas with leading bit 62: leading bit 61 or 62, sticky lowest bit.
static uint64_t divide_mantissas(uint64_t a, uint64_t b)
{
    uint64_t quotient = 0;
    for (int i = 0; i < 63; i++) {
        quotient <<= 1;
        if (a >= b) {
            a -= b;
            quotient |= 1;
        }
        a <<= 1;
    }
    return quotient | (a != 0);
}

double SOFT(divdf3)(double x, double y)
{
    uint64_t a = bits_of(x), b = bits_of(y);
    uint64_t sign = (a ^ b) & SIGN_BIT;
    a &= ~SIGN_BIT;
    b &= ~SIGN_BIT;
    if (a > INFINITY_BITS || b > INFINITY_BITS)
        return nan_of(bits_of(x), bits_of(y));
    if (a == INFINITY_BITS || b == 0)
        return double_of(a == b ? NAN_BITS : sign | INFINITY_BITS);
    if (a == 0 || b == INFINITY_BITS)
        return double_of(sign);
    int a_exponent, b_exponent;
    uint64_t a_mantissa = normalize(mantissa_of(a, &a_exponent), &a_exponent);
    uint64_t b_mantissa = normalize(mantissa_of(b, &b_exponent), &b_exponent);
    uint64_t mantissa = divide_mantissas(a_mantissa, b_mantissa);
    return double_of(round_double(sign, a_exponent - b_exponent + 1023, mantissa));
}

// ---- single: through double, which is exact enough to be rounded twice ----

double SOFT(extendsfdf2)(float x)
{
    uint32_t a = single_bits_of(x);
    uint64_t sign = (uint64_t)(a & 0x80000000u) << 32;
    uint32_t mantissa = a & 0x7FFFFF;
    int exponent = (int)(a >> 23 & 0xFF);
    if (exponent == 0xFF)
        return double_of(sign | INFINITY_BITS |
                         (mantissa ? QUIET_BIT | (uint64_t)mantissa << 29 : 0));
    if (exponent == 0)
        exponent = 1;
    else
        mantissa |= 0x800000;
    return double_of(round_double(sign, exponent + 1023 - 127, (uint64_t)mantissa << 39));
}

float SOFT(truncdfsf2)(double x)
{
    uint64_t a = bits_of(x);
    uint32_t sign = (uint32_t)(a >> 32) & 0x80000000u;
    if (is_nan(a))
        return single_of(sign | SINGLE_NAN_BITS | (uint32_t)(a >> 29 & 0x3FFFFF));
    int exponent;
    uint64_t wide = mantissa_of(a, &exponent);
    exponent -= 1023 - 127;
    if (exponent >= 0xFF)
        return single_of(sign | SINGLE_INFINITY_BITS);
    // 29 bits fewer, of which 7 stay for rounding.
    uint32_t mantissa = (uint32_t)shift_right_sticky(wide, 22);
    if (exponent < 1) {
        mantissa = (uint32_t)shift_right_sticky(mantissa, 1 - exponent);
        exponent = 1;
    }
    uint32_t is_odd = mantissa >> 7 & 1;
    mantissa = (mantissa + 63 + is_odd) >> 7;
    return single_of(sign | (((uint32_t)(exponent - 1) << 23) + mantissa));
}

float SOFT(addsf3)(float a, float b)
{
    return SOFT(truncdfsf2)(SOFT(adddf3)(SOFT(extendsfdf2)(a), SOFT(extendsfdf2)(b)));
}

float SOFT(subsf3)(float a, float b)
{
    return SOFT(truncdfsf2)(SOFT(subdf3)(SOFT(extendsfdf2)(a), SOFT(extendsfdf2)(b)));
}

float SOFT(mulsf3)(float a, float b)
{
    return SOFT(truncdfsf2)(SOFT(muldf3)(SOFT(extendsfdf2)(a), SOFT(extendsfdf2)(b)));
}

// ---- conversions to and from integers ----

// The integer part of |a|, at most `limit`.
static uint32_t integer_part(uint64_t bits, uint32_t limit)
{
    int exponent;
    uint64_t mantissa = mantissa_of(bits, &exponent);
    exponent -= 1023;
    if (exponent < 0)
        return 0;
    if (exponent >= 32)
        return limit;
    uint64_t value = mantissa >> (MANTISSA_BITS - exponent);
    return value < limit ? (uint32_t)value : limit;
}

int32_t SOFT(fixdfsi)(double a)
{
    uint64_t bits = bits_of(a);
    if (is_nan(bits))
        return 0;
    if (bits & SIGN_BIT)
        return (int32_t)(0u - integer_part(bits, 0x80000000u));
    return (int32_t)integer_part(bits, 0x7FFFFFFFu);
}

uint32_t SOFT(fixunsdfsi)(double a)
{
    uint64_t bits = bits_of(a);
    return is_nan(bits) || bits & SIGN_BIT ? 0 : integer_part(bits, UINT32_MAX);
}

uint32_t SOFT(fixunssfsi)(float a)
{
    return SOFT(fixunsdfsi)(SOFT(extendsfdf2)(a));
}

double SOFT(floatunsidf)(uint32_t a)
{
    return double_of(round_double(0, 1023 + 62, a));
}

double SOFT(floatsidf)(int32_t a)
{
    uint64_t sign = a < 0 ? SIGN_BIT : 0;
    return double_of(round_double(sign, 1023 + 62, a < 0 ? 0u - (uint32_t)a : (uint32_t)a));
}

float SOFT(floatsisf)(int32_t a)
{
    return SOFT(truncdfsf2)(SOFT(floatsidf)(a));
}

float SOFT(floatunsisf)(uint32_t a)
{
    return SOFT(truncdfsf2)(SOFT(floatunsidf)(a));
}
