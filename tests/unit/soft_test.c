// soft_test.c: the chip's arithmetic helpers against the host's own arithmetic.
//
// Each case runs ROUNDS random pairs of every kind of number (SEED sets them) and all pairs of a
// list of special values.

#define SOFT_TEST
#include "runtime/port/esp8266/soft.c" // the functions under test

#include "tests/support/tap.h"

#define ROUNDS 400000

static const double special[] = {
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    1.5,
    2.0,
    3.0,
    1e308,
    -1e308,
    1.7976931348623157e308,
    5e-324,
    -5e-324,
    2.2250738585072014e-308,
    2.225073858507201e-308,
    4294967295.0,
    4294967296.0,
    -2147483648.0,
    -2147483649.0,
    2147483647.5,
    9007199254740991.0,
    9007199254740993.0,
    3.4028234663852886e38,
    3.4028235677973366e38,
    1.401298464324817e-45,
    7.006492321624085e-46,
    7.006492321624087e-46,
    1.1754943508222875e-38,
    __builtin_inf(),
    -__builtin_inf(),
    __builtin_nan(""),
};
#define SPECIAL_COUNT ((int)(sizeof special / sizeof *special))

static uint64_t random64(uint64_t *state)
{
    uint64_t high = test_random(state);
    return high << 32 | test_random(state);
}

// Any bits; or a few bits set; or near another number, so that sums cancel.
static double random_double(uint64_t *state, double near)
{
    switch (test_random(state) % 6) {
    case 0:
        return double_of(random64(state));
    case 1:
        return (double)(int32_t)test_random(state);
    case 2:
        return double_of(bits_of(near) ^ (random64(state) >> (40 + test_random(state) % 24)));
    case 3:
        return double_of((random64(state) & ~INFINITY_BITS) |
                         (uint64_t)(1023 - 60 + test_random(state) % 120) << MANTISSA_BITS);
    case 4: // subnormal
        return double_of(random64(state) & (SIGN_BIT | MANTISSA_MASK));
    default:
        return double_of(random64(state) & random64(state) & ~(0xFull << 48) & ~0xFFFFFFFull);
    }
}

static int equal_double(double got, double want)
{
    return bits_of(got) == bits_of(want) || (got != got && want != want);
}

static int equal_single(float got, float want)
{
    return single_bits_of(got) == single_bits_of(want) || (got != got && want != want);
}

static void check_pair(double a, double b)
{
    CHECK(equal_double(soft_adddf3(a, b), a + b));
    CHECK(equal_double(soft_subdf3(a, b), a - b));
    CHECK(equal_double(soft_muldf3(a, b), a * b));
    CHECK(equal_double(soft_divdf3(a, b), a / b));
    float x = (float)a, y = (float)b;
    CHECK(equal_single(soft_truncdfsf2(a), x));
    CHECK(equal_double(soft_extendsfdf2(y), (double)y));
    CHECK(equal_single(soft_addsf3(x, y), x + y));
    CHECK(equal_single(soft_subsf3(x, y), x - y));
    CHECK(equal_single(soft_mulsf3(x, y), x * y));
    if (a > -2147483649.0 && a < 2147483648.0)
        CHECK_EQUAL(soft_fixdfsi(a), (int32_t)a);
    if (a > -1.0 && a < 4294967296.0)
        CHECK_EQUAL(soft_fixunsdfsi(a), (uint32_t)a);
    if (x > -1.0f && x < 4294967296.0f)
        CHECK_EQUAL(soft_fixunssfsi(x), (uint32_t)x);
}

TEST(special_numbers)
{
    for (int i = 0; i < SPECIAL_COUNT; i++)
        for (int k = 0; k < SPECIAL_COUNT; k++)
            check_pair(special[i], special[k]);
}

TEST(random_numbers)
{
    uint64_t state = test_seed() * 2 + 1;
    double last = 1.0;
    for (int i = 0; i < ROUNDS; i++) {
        double a = random_double(&state, last);
        double b = random_double(&state, a);
        check_pair(a, b);
        last = b;
    }
}

TEST(conversions_out_of_range_give_the_nearest_value)
{
    CHECK_EQUAL(soft_fixdfsi(1e10), INT32_MAX);
    CHECK_EQUAL(soft_fixdfsi(-1e10), INT32_MIN);
    CHECK_EQUAL(soft_fixdfsi(__builtin_inf()), INT32_MAX);
    CHECK_EQUAL(soft_fixdfsi(__builtin_nan("")), 0);
    CHECK_EQUAL(soft_fixunsdfsi(-1e10), 0);
    CHECK_EQUAL(soft_fixunsdfsi(1e10), UINT32_MAX);
}

static void check_integers(uint64_t a, uint64_t b)
{
    uint32_t a32 = (uint32_t)a, b32 = (uint32_t)b;
    CHECK(soft_umulsidi3(a32, b32) == (uint64_t)a32 * b32);
    CHECK((uint64_t)soft_muldi3((int64_t)a, (int64_t)b) == a * b);
    CHECK(equal_double(soft_floatsidf((int32_t)a32), (double)(int32_t)a32));
    CHECK(equal_double(soft_floatunsidf(a32), (double)a32));
    CHECK(equal_single(soft_floatsisf((int32_t)a32), (float)(int32_t)a32));
    CHECK(equal_single(soft_floatunsisf(a32), (float)a32));
    if (b32 != 0) {
        CHECK_EQUAL(soft_udivsi3(a32, b32), a32 / b32);
        CHECK_EQUAL(soft_umodsi3(a32, b32), a32 % b32);
        if (a32 != 0x80000000u || b32 != UINT32_MAX)
            CHECK_EQUAL(soft_divsi3((int32_t)a32, (int32_t)b32), (int32_t)a32 / (int32_t)b32);
    }
    if (b != 0) {
        CHECK(soft_udivdi3(a, b) == a / b);
        CHECK(soft_umoddi3(a, b) == a % b);
        if (a != SIGN_BIT || b != UINT64_MAX)
            CHECK_EQUAL(soft_divdi3((int64_t)a, (int64_t)b), (int64_t)a / (int64_t)b);
    }
}

TEST(integers)
{
    uint64_t state = test_seed() * 2 + 1;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t a = random64(&state) >> test_random(&state) % 64;
        uint64_t b = random64(&state) >> test_random(&state) % 64;
        check_integers(a, b);
        check_integers(0 - a, b);
        check_integers(a, 0 - b);
    }
    check_integers(SIGN_BIT, 1);
    check_integers(UINT64_MAX, UINT64_MAX);
    check_integers(0x80000000u, 0x80000000u);
}

TEST(division_by_zero_ends)
{
    CHECK_EQUAL(soft_udivsi3(7, 0), UINT32_MAX);
    CHECK_EQUAL(soft_umodsi3(7, 0), 7);
    CHECK(soft_udivdi3(7, 0) == UINT64_MAX);
}

TEST_MAIN
