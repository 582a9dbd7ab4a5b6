// clib_test.c: the chip's string functions against the host's library.
//
// Texts lie at every alignment in buffers with room before and after, whose content is random.

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "tests/support/tap.h"

static int host_toupper(int c)
{
    return toupper(c);
}

static int host_tolower(int c)
{
    return tolower(c);
}

static int sign(int a)
{
    return (a > 0) - (a < 0);
}

#define HOST(type, name, parameters, arguments)                                                    \
    static type host_##name parameters                                                             \
    {                                                                                              \
        return name arguments;                                                                     \
    }
HOST(int, memcmp, (const void *a, const void *b, size_t n), (a, b, n))
HOST(int, strcmp, (const char *a, const char *b), (a, b))
HOST(int, strncmp, (const char *a, const char *b, size_t n), (a, b, n))
HOST(int, strcasecmp, (const char *a, const char *b), (a, b))
HOST(int, strncasecmp, (const char *a, const char *b, size_t n), (a, b, n))
HOST(const void *, memchr, (const void *a, int c, size_t n), (a, c, n))
HOST(size_t, strlen, (const char *a), (a))
HOST(size_t, strnlen, (const char *a, size_t n), (a, n))
HOST(size_t, strspn, (const char *a, const char *b), (a, b))
HOST(size_t, strcspn, (const char *a, const char *b), (a, b))
HOST(const char *, strchr, (const char *a, int c), (a, c))
HOST(const char *, strrchr, (const char *a, int c), (a, c))
HOST(const char *, strpbrk, (const char *a, const char *b), (a, b))
HOST(const char *, strstr, (const char *a, const char *b), (a, b))
HOST(void *, memmove, (void *a, const void *b, size_t n), (a, b, n))

static char want[64], got[64];
static int print_host(size_t bytes, const char *format, const char *a, const char *b)
    __attribute__((format(printf, 2, 0)));
static int print_host(size_t bytes, const char *format, const char *a, const char *b)
{
    memset(want, '#', sizeof want);
    return snprintf(want, bytes, format, a, b);
}

HOST(double, strtod, (const char *a, char **end), (a, end))
HOST(long, strtol, (const char *a, char **end, int base), (a, end, base))
HOST(unsigned long, strtoul, (const char *a, char **end, int base), (a, end, base))

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static int print_double(char *out, size_t bytes, const char *format, double number)
{
    return snprintf(out, bytes, format, number);
}

static int print_long(char *out, size_t bytes, const char *format, long long number)
{
    return snprintf(out, bytes, format, number);
}

static int print_number(char *out, size_t bytes, unsigned number)
{
    return snprintf(out, bytes, "%u", number);
}

#undef tolower
#undef toupper
#define CLIB_TEST
// the functions under test
#include "runtime/port/esp8266/clib.c"
#include "runtime/port/esp8266/decimal.c"
#include "runtime/port/esp8266/print.c"
#include "runtime/port/esp8266/scan.c"

#define ROUNDS 100000
#define TEXT_BYTES 48

struct texts {
    uint64_t state;
    _Alignas(4) char a[TEXT_BYTES + 8], b[TEXT_BYTES + 8];
    const char *x, *y; // NUL-terminated, at any alignment
};

// Few different characters, so that texts have parts in common.
static void make_texts(struct texts *t)
{
    for (int i = 0; i < TEXT_BYTES + 8; i++) {
        t->a[i] = (char)("ab%\xE4"
                         "A")[test_random(&t->state) % 5];
        t->b[i] = test_random(&t->state) % 4 ? t->a[i] : 'b';
    }
    unsigned x = test_random(&t->state) % 8, y = test_random(&t->state) % 8;
    t->a[x + test_random(&t->state) % TEXT_BYTES] = 0;
    t->b[y + test_random(&t->state) % TEXT_BYTES] = 0;
    t->a[TEXT_BYTES + 7] = t->b[TEXT_BYTES + 7] = 0;
    t->x = t->a + x;
    t->y = t->b + y;
}

TEST(strings)
{
    struct texts t = {.state = test_seed() * 2 + 1};
    for (int i = 0; i < ROUNDS; i++) {
        make_texts(&t);
        size_t n = test_random(&t.state) % TEXT_BYTES;
        int c = t.x[n % (host_strlen(t.x) + 1)];
        CHECK(clib_strlen(t.x) == host_strlen(t.x));
        CHECK(clib_strnlen(t.x, n) == host_strnlen(t.x, n));
        CHECK(sign(clib_strcmp(t.x, t.y)) == sign(host_strcmp(t.x, t.y)));
        CHECK(sign(clib_strncmp(t.x, t.y, n)) == sign(host_strncmp(t.x, t.y, n)));
        CHECK(sign(clib_strcasecmp(t.x, t.y)) == sign(host_strcasecmp(t.x, t.y)));
        CHECK(sign(clib_strncasecmp(t.x, t.y, n)) == sign(host_strncasecmp(t.x, t.y, n)));
        char copy[TEXT_BYTES + 1];
        CHECK(clib_copy_text(copy, t.x) == copy && host_strcmp(copy, t.x) == 0);
        CHECK(clib_strchr(t.x, c) == host_strchr(t.x, c));
        CHECK(clib_strchr(t.x, 'A') == host_strchr(t.x, 'A'));
        CHECK(clib_strrchr(t.x, c) == host_strrchr(t.x, c));
        CHECK(clib_strspn(t.x, "ab") == host_strspn(t.x, "ab"));
        CHECK(clib_strcspn(t.x, "%A") == host_strcspn(t.x, "%A"));
        CHECK(clib_strpbrk(t.x, "%A") == host_strpbrk(t.x, "%A"));
        char part[4] = {t.y[0], 0, 0, 0};
        if (part[0])
            part[1] = t.y[1];
        CHECK(clib_strstr(t.x, part) == host_strstr(t.x, part));
    }
    CHECK_TEXT(clib_strstr("abc", ""), "abc");
}

TEST(memory)
{
    struct texts t = {.state = test_seed() * 2 + 1};
    for (int i = 0; i < ROUNDS; i++) {
        make_texts(&t);
        unsigned from = test_random(&t.state) % 12, to = test_random(&t.state) % 12;
        size_t n = test_random(&t.state) % (TEXT_BYTES - 12);
        CHECK(sign(clib_memcmp(t.x, t.y, n / 2)) == sign(host_memcmp(t.x, t.y, n / 2)));
        CHECK(clib_memchr(t.a, 'b', n) == host_memchr(t.a, 'b', n));
        char copy[sizeof t.a], copy2[sizeof t.a];
        host_memmove(copy, t.a, sizeof copy);
        host_memmove(copy2, t.a, sizeof copy);
        clib_memmove(copy + to, copy + from, n);
        host_memmove(copy2 + to, copy2 + from, n);
        CHECK(host_memcmp(copy, copy2, sizeof copy) == 0);
        clib_memcpy(copy + to, t.b + from, n);
        host_memmove(copy2 + to, t.b + from, n);
        CHECK(host_memcmp(copy, copy2, sizeof copy) == 0);
    }
}

TEST(characters)
{
    for (int c = 0; c < 256; c++) {
        CHECK_EQUAL(clib_toupper(c), host_toupper(c));
        CHECK_EQUAL(clib_tolower(c), host_tolower(c));
    }
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void check_print(size_t bytes, const char *format, const char *a, const char *b)
{
    int wanted = print_host(bytes, format, a, b);
    for (size_t i = 0; i < sizeof got; i++)
        got[i] = '#';
    CHECK_EQUAL(clib_snprintf(got, bytes, format, a, b), wanted);
    CHECK(host_memcmp(got, want, sizeof got) == 0);
}

TEST(formats_of_texts)
{
    static const char *const formats[] = {"%s%s",     "[%5s|%-7s]", "%.2s,%10.1s",
                                          "%-3.0s%s", "none",       "%-0s%.s"};
    for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++)
        for (size_t bytes = 0; bytes < sizeof got; bytes += 3)
            check_print(bytes, formats[i], "first", "a longer one");
}

TEST(formats_of_characters)
{
    CHECK_EQUAL(clib_snprintf(got, sizeof got, "%s%c|%3c|%-3c|", "ll", 'd', 'x', 0), 12);
    CHECK(host_memcmp(got, "lld|  x|\0  |", 12) == 0);
}

TEST(formats_of_numbers)
{
    clib_snprintf(got, sizeof got, "%d %s %.3g%%", 42, "x", 0.125);
    CHECK(host_strcmp(got, "42 x 0.125%") == 0);
    clib_snprintf(got, sizeof got, "%*d|%-*u|%.*s|%lu|%zu", 5, -42, 4, 7u, 2, "text", 9ul,
                  sizeof got);
    CHECK(host_strcmp(got, "  -42|7   |te|9|64") == 0);
}

// A number of any size; often one with few digits or few bits.
static double random_double(uint64_t *state)
{
    uint64_t bits = (uint64_t)test_random(state) << 32 | test_random(state);
    double number;
    switch (test_random(state) % 4) {
    case 0:
        return (double)(int32_t)test_random(state) / 1000;
    case 1:
        return (double)(int32_t)test_random(state) / (double)(1u << test_random(state) % 30);
    default:
        host_memmove(&number, &bits, sizeof number);
        return number - number == 0 ? number : 0;
    }
}

// "%", flags, width, precision, and what follows.
static void random_format(uint64_t *state, char *format, const char *length, const char *letters)
{
    unsigned used = 0;
    format[used++] = '%';
    for (unsigned i = 0; i < 5; i++)
        if (test_random(state) % 4 == 0)
            format[used++] = "-+ #0"[i];
    if (test_random(state) % 2)
        used += (unsigned)print_number(format + used, 12, test_random(state) % 30);
    if (test_random(state) % 2) {
        format[used++] = '.';
        used += (unsigned)print_number(format + used, 12, test_random(state) % 99);
    }
    while (*length)
        format[used++] = *length++;
    format[used++] = letters[test_random(state) % (unsigned)host_strlen(letters)];
    format[used] = 0;
}

TEST(numbers_are_printed_as_the_host_does)
{
    static char wanted[600], ours[600];
    char format[40];
    uint64_t state = test_seed() * 2 + 1;
    for (int i = 0; i < 60000; i++) {
        double number = random_double(&state);
        random_format(&state, format, "", "eEfgG");
        int bytes = print_double(wanted, sizeof wanted, format, number);
        CHECK_EQUAL(clib_snprintf(ours, sizeof ours, format, number), bytes);
        CHECK(host_strcmp(ours, wanted) == 0);
        long long whole = (long long)((uint64_t)test_random(&state) << 32 | test_random(&state)) >>
                          test_random(&state) % 64;
        random_format(&state, format, "ll", "dioxXu");
        bytes = print_long(wanted, sizeof wanted, format, whole);
        CHECK_EQUAL(clib_snprintf(ours, sizeof ours, format, whole), bytes);
        CHECK(host_strcmp(ours, wanted) == 0);
    }
}

TEST(numbers_that_are_none_are_printed_as_the_host_does)
{
    static const double odd[] = {HUGE_VAL, -HUGE_VAL, 0.0, -0.0, 5e-324, 1.7976931348623157e308};
    static char wanted[600], ours[600];
    char format[40];
    uint64_t state = test_seed() * 2 + 1;
    for (int i = 0; i < 6000; i++) {
        double number = odd[test_random(&state) % (sizeof odd / sizeof *odd)];
        random_format(&state, format, "", "eEfFgG");
        print_double(wanted, sizeof wanted, format, number);
        clib_snprintf(ours, sizeof ours, format, number);
        CHECK(host_strcmp(ours, wanted) == 0);
    }
}

// Texts of numbers: digits of a double and of the middle between two, cut off anywhere, and noise.
TEST(numbers_are_read_as_the_host_does)
{
    static char text[900];
    uint64_t state = test_seed() * 2 + 1;
    for (int i = 0; i < 60000; i++) {
        char format[16] = "%.";
        unsigned digits = test_random(&state) % (i % 100 ? 25 : 790);
        print_number(format + 2, 8, digits);
        unsigned used = (unsigned)host_strlen(format);
        format[used] = "eg"[test_random(&state) % 2];
        format[used + 1] = 0;
        print_double(text, sizeof text, format, random_double(&state));
        size_t at = test_random(&state) % (host_strlen(text) + 1);
        if (i % 5 == 0)
            text[at] = "5.e-+x0 "[test_random(&state) % 8];
        char *wanted_end, *our_end;
        double wanted = host_strtod(text, &wanted_end), ours = clib_strtod(text, &our_end);
        CHECK(host_memcmp(&wanted, &ours, sizeof ours) == 0);
        CHECK(wanted_end == our_end);
    }
}

TEST(texts_that_are_odd_numbers)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "-",
                                        "+.",
                                        ".",
                                        "1e",
                                        "1e+",
                                        "1e5x",
                                        " \t-2.5e-3",
                                        "0x",
                                        "0x.",
                                        "0x.8",
                                        "0x1p4",
                                        "0x1.8p-1075",
                                        "0x1.fffffffffffff8p1023",
                                        "0x1.fffffffffffff7ffp1023",
                                        "inf",
                                        "-Infinity",
                                        "infinit",
                                        "1e400",
                                        "-1e400",
                                        "1e-400",
                                        "2.4703282292062327e-324",
                                        "2.4703282292062328e-324",
                                        "4.9e-324",
                                        "0e999999999",
                                        "1e99999999999",
                                        "000000000000000000000000.1",
                                        "9007199254740993",
                                        "9007199254740992.99999999999999999999",
                                        "0x1.00000000000008p0",
                                        "0x1.000000000000080000000000001p0",
                                        "1.7976931348623158e308",
                                        "1.7976931348623159e308"};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *wanted_end, *our_end;
        double wanted = host_strtod(texts[i], &wanted_end), ours = clib_strtod(texts[i], &our_end);
        CHECK(host_memcmp(&wanted, &ours, sizeof ours) == 0);
        CHECK(wanted_end == our_end);
    }
    static const char *const wholes[] = {"",
                                         "-",
                                         "0",
                                         "0x",
                                         "0x1F",
                                         "-0x1fg",
                                         "077",
                                         "08",
                                         " 42z",
                                         "99999999999999999999",
                                         "-9223372036854775808",
                                         "+7",
                                         "zz"};
    static const int bases[] = {0, 2, 8, 10, 16, 36};
    for (unsigned i = 0; i < sizeof wholes / sizeof *wholes; i++) {
        for (unsigned k = 0; k < sizeof bases / sizeof *bases; k++) {
            char *wanted_end, *our_end;
            CHECK(host_strtol(wholes[i], &wanted_end, bases[k]) ==
                  clib_strtol(wholes[i], &our_end, bases[k]));
            CHECK(wanted_end == our_end);
            CHECK(host_strtoul(wholes[i], &wanted_end, bases[k]) ==
                  clib_strtoul(wholes[i], &our_end, bases[k]));
            CHECK(wanted_end == our_end);
        }
    }
}

TEST_MAIN
