// clib.c: functions of the C library in a form that reads flash by words.
//
// picolibc's read bytes, each of which is a trap if it lies in the flash window. This file is
// compiled with -mforce-l32, so that every read of a byte here loads its word; copies, comparisons
// and lengths go on by whole words where they can. Meaning: the C standard's.

#include <stdint.h>
#include <string.h>

#include "runtime/port/esp8266/clib.h"

#define WORD_OF(p) ((const uint32_t *)(const void *)(p))
#define IS_ALIGNED(p) (((uintptr_t)(p)&3) == 0)
// A word may reach beyond the end of an object, never into another word.
#define WHOLE_WORDS __attribute__((no_sanitize("address")))
// Non-zero if a byte of the word is 0.
#define HAS_ZERO(word) (((word)-0x01010101u) & ~(word)&0x80808080u)

// ---- memory ----

// Copies words to an aligned place from any place; each word is loaded once.
WHOLE_WORDS static void copy_shifted(uint32_t *to, const uint8_t *from, size_t words)
{
    unsigned shift = ((uintptr_t)from & 3) * 8;
    const uint32_t *at = WORD_OF((uintptr_t)from & ~(uintptr_t)3);
    if (shift == 0) {
        while (words--)
            *to++ = *at++;
        return;
    }
    uint32_t word = *at++;
    while (words--) {
        uint32_t next = *at++;
        *to++ = word >> shift | next << (32 - shift);
        word = next;
    }
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    for (; bytes > 0 && !IS_ALIGNED(out); bytes--)
        *out++ = *in++;
    size_t whole = bytes & ~(size_t)3;
    if (whole > 0)
        copy_shifted((uint32_t *)(void *)out, in, whole / 4);
    for (size_t i = whole; i < bytes; i++)
        out[i] = in[i];
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if (out <= in || out >= in + bytes)
        return memcpy(to, from, bytes);
    while (bytes-- > 0)
        out[bytes] = in[bytes];
    return to;
}

WHOLE_WORDS int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *x = a, *y = b;
    if (IS_ALIGNED(x) && IS_ALIGNED(y))
        for (; bytes >= 4 && *WORD_OF(x) == *WORD_OF(y); bytes -= 4, x += 4, y += 4)
            continue;
    for (; bytes > 0; bytes--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

void *memchr(const void *text, int wanted, size_t bytes)
{
    const uint8_t *at = text;
    for (; bytes > 0; bytes--, at++)
        if (*at == (uint8_t)wanted)
            return (void *)at;
    return NULL;
}

// ---- strings ----

size_t strnlen(const char *text, size_t bytes_max)
{
    const char *end = memchr(text, 0, bytes_max);
    return end ? (size_t)(end - text) : bytes_max;
}

WHOLE_WORDS size_t strlen(const char *text)
{
    const char *at = text;
    for (; !IS_ALIGNED(at); at++)
        if (*at == 0)
            return (size_t)(at - text);
    while (!HAS_ZERO(*WORD_OF(at)))
        at += 4;
    while (*at)
        at++;
    return (size_t)(at - text);
}

int strncmp(const char *a, const char *b, size_t bytes)
{
    const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;
    for (; bytes > 0; bytes--, x++, y++) {
        if (*x != *y)
            return *x - *y;
        if (*x == 0)
            return 0;
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

int strncasecmp(const char *a, const char *b, size_t bytes)
{
    for (; bytes > 0; bytes--, a++, b++) {
        int x = tolower((uint8_t)*a), y = tolower((uint8_t)*b);
        if (x != y || x == 0)
            return x - y;
    }
    return 0;
}

int strcasecmp(const char *a, const char *b)
{
    return strncasecmp(a, b, SIZE_MAX);
}

// What the compiler makes of some calls of snprintf.
char *clib_copy_text(char *to, const char *from)
{
    return memcpy(to, from, strlen(from) + 1);
}

char *strchr(const char *text, int wanted)
{
    for (;; text++) {
        if (*text == (char)wanted)
            return (char *)text;
        if (*text == 0)
            return NULL;
    }
}

char *strrchr(const char *text, int wanted)
{
    const char *last = NULL;
    for (;; text++) {
        if (*text == (char)wanted)
            last = text;
        if (*text == 0)
            return (char *)last;
    }
}

// Leading characters that are in `set` (is_in 1) or not in it (0).
static size_t span(const char *text, const char *set, int is_in)
{
    size_t count = 0;
    while (text[count] && (strchr(set, text[count]) != NULL) == is_in)
        count++;
    return count;
}

size_t strspn(const char *text, const char *set)
{
    return span(text, set, 1);
}

size_t strcspn(const char *text, const char *set)
{
    return span(text, set, 0);
}

char *strpbrk(const char *text, const char *set)
{
    text += span(text, set, 0);
    return *text ? (char *)text : NULL;
}

char *strstr(const char *text, const char *wanted)
{
    size_t bytes = strlen(wanted);
    for (; strncmp(text, wanted, bytes) != 0; text++)
        if (*text == 0)
            return NULL;
    return (char *)text;
}

int tolower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

int toupper(int c)
{
    return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c;
}

// ---- the rest ----

// There is no environment.
char *getenv(const char *name)
{
    (void)name;
    return NULL;
}
