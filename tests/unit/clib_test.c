// clib_test.c: the chip's string functions against the host's library.
//
// Texts lie at every alignment in buffers with room before and behind, whose content is random.

#include <ctype.h>

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

#define HOST(type, name, parameters, arguments)                                                   \
    static type host_##name parameters                                                            \
    {                                                                                             \
        return name arguments;                                                                    \
    }
HOST(int, memcmp, (const void *a, const void *b, size_t n), (a, b, n))
HOST(int, strcmp, (const char *a, const char *b), (a, b))
HOST(int, strncmp, (const char *a, const char *b, size_t n), (a, b, n))
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

#undef tolower
#undef toupper
#define CLIB_TEST
#include "runtime/port/esp8266/clib.c" // the functions under test

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
        t->a[i] = (char)("ab%\xE4" "A")[test_random(&t->state) % 5];
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
    static const char *const formats[] = {"%s%s", "[%5s|%-7s]", "%.2s,%10.1s", "%-3.0s%s", "none",
                                          "%-0s%.s"};
    for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++)
        for (size_t bytes = 0; bytes < sizeof got; bytes += 3)
            check_print(bytes, formats[i], "first", "a longer one");
}

TEST(formats_of_characters)
{
    CHECK_EQUAL(clib_snprintf(got, sizeof got, "%s%c|%3c|%-3c|", "ll", 'd', 'x', 0), 12);
    CHECK(host_memcmp(got, "lld|  x|\0  |", 12) == 0);
}

TEST(formats_of_numbers_go_to_the_library)
{
    clib_snprintf(got, sizeof got, "%d %s %.3g%%", 42, "x", 0.125);
    CHECK(host_strcmp(got, "42 x 0.125%") == 0);
}

TEST_MAIN
