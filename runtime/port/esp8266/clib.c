// clib.c: functions of the C library in a form that reads flash by words.
//
// picolibc's read bytes, each of which is a trap if it lies in the flash window. This file is
// compiled with -mforce-l32, so that every read of a byte here loads its word; copies, comparisons
// and lengths go on by whole words where they can. Meaning: the C standard's.

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/port/esp8266/clib.h"

#define FORMAT_BYTES 192
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

// ---- formats ----

// Reads digits of a format.
static const char *read_count(const char *at, size_t *count)
{
    for (*count = 0; *at >= '0' && *at <= '9'; at++)
        *count = *count * 10 + (size_t)(*at - '0');
    return at;
}

struct text_item {
    size_t width;
    size_t bytes_max;
    int is_left;
    int is_character;
};

// The item of a text (%-12.3s) or a character behind a '%'; NULL if it is something else.
static const char *read_text_item(const char *at, struct text_item *item)
{
    item->is_left = 0;
    item->bytes_max = SIZE_MAX;
    for (; *at == '-'; at++)
        item->is_left = 1;
    at = read_count(at, &item->width);
    if (*at == '.')
        at = read_count(at + 1, &item->bytes_max);
    item->is_character = *at == 'c';
    return *at == 's' || *at == 'c' ? at + 1 : NULL;
}

struct text_output {
    char *out;
    size_t room; // with the NUL
    size_t bytes;
};

static void put(struct text_output *to, const char *text, size_t bytes)
{
    size_t left = to->bytes + 1 < to->room ? to->room - to->bytes - 1 : 0;
    memcpy(to->out + (left ? to->bytes : 0), text, bytes < left ? bytes : left);
    to->bytes += bytes;
}

static void put_item(struct text_output *to, const struct text_item *item, const char *text)
{
    size_t bytes = item->is_character ? 1 : strnlen(text, item->bytes_max);
    size_t fill = item->width > bytes ? item->width - bytes : 0;
    if (item->is_left)
        put(to, text, bytes);
    for (; fill > 0; fill--)
        put(to, " ", 1);
    if (!item->is_left)
        put(to, text, bytes);
}

// A format of texts, which may lie in flash, and characters: -1 if it has others.
static int print_texts(char *out, size_t out_bytes, const char *format, va_list arguments)
{
    struct text_output to = {out, out_bytes, 0};
    struct text_item item;
    for (const char *at = strchr(format, '%'); at; at = strchr(at, '%'))
        if ((at = read_text_item(at + 1, &item)) == NULL)
            return -1;
    while (*format) {
        size_t plain = strcspn(format, "%");
        put(&to, format, plain);
        format += plain;
        if (*format) {
            format = read_text_item(format + 1, &item);
            char character = (char)(item.is_character ? va_arg(arguments, int) : 0);
            put_item(&to, &item,
                     item.is_character ? &character : va_arg(arguments, const char *));
        }
    }
    if (out_bytes > 0)
        out[to.bytes < out_bytes ? to.bytes : out_bytes - 1] = 0;
    return (int)to.bytes;
}

// Texts are printed above; what has numbers by the library, with its format copied to RAM. A longer
// format is cut off, and nothing here has one.
int snprintf(char *out, size_t out_bytes, const char *format, ...)
{
    char copy[FORMAT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int result = print_texts(out, out_bytes, format, arguments);
    if (result < 0) {
        size_t bytes = strnlen(format, sizeof copy - 1);
        memcpy(copy, format, bytes);
        copy[bytes] = 0;
        result = vsnprintf(out, out_bytes, copy, arguments);
    }
    va_end(arguments);
    return result;
}
