// print.c: formatted output of the C library: texts and numbers, exact, flash read by words.
//
// All conversions of C but %a and %n. Precisions end at PRECISION_MAX, which is more than Lua has.
// Memory: 1.3 KB of stack for a double, 100 bytes for the rest.

#include <stdint.h>
#include <string.h>

#include "runtime/port/esp8266/clib.h"
#include "runtime/port/esp8266/decimal.h"

#define PRECISION_MAX 200
#define WHOLE_DIGITS_MAX 24 // of 64 bits, octal
#define NO_PRECISION (-1)

enum { FLAG_LEFT = 1, FLAG_PLUS = 2, FLAG_SPACE = 4, FLAG_OTHER = 8, FLAG_ZERO = 16 };

struct output {
    char *out;
    size_t room, bytes; // of `out`; that were written or would have been
};

struct item {
    unsigned flags;
    size_t width;
    int precision;
    char length; // h, l, q for ll, z, 0
    char letter;
};

static void put(struct output *to, const char *text, size_t bytes)
{
    size_t left = to->bytes + 1 < to->room ? to->room - to->bytes - 1 : 0;
    memcpy(to->out + (left ? to->bytes : 0), text, bytes < left ? bytes : left);
    to->bytes += bytes;
}

static void put_many(struct output *to, char c, size_t count)
{
    for (; count > 0; count--)
        put(to, &c, 1);
}

// ---- a field: sign or prefix, zeros, body ----

struct field {
    char prefix[3];
    size_t prefix_bytes;
    size_t zeros; // in front of the body
    const char *body;
    size_t body_bytes;
    size_t zeros_behind; // after the body ...
    const char *tail;    // ... and then this
    size_t tail_bytes;
};

static void add_prefix(struct field *field, char c)
{
    field->prefix[field->prefix_bytes++] = c;
}

static void put_field(struct output *to, const struct item *item, struct field *field)
{
    size_t bytes = field->prefix_bytes + field->zeros + field->body_bytes + field->zeros_behind +
                   field->tail_bytes;
    size_t fill = item->width > bytes ? item->width - bytes : 0;
    if (item->flags & FLAG_ZERO) {
        field->zeros += fill;
        fill = 0;
    }
    if (!(item->flags & FLAG_LEFT))
        put_many(to, ' ', fill);
    put(to, field->prefix, field->prefix_bytes);
    put_many(to, '0', field->zeros);
    put(to, field->body, field->body_bytes);
    put_many(to, '0', field->zeros_behind);
    put(to, field->tail, field->tail_bytes);
    if (item->flags & FLAG_LEFT)
        put_many(to, ' ', fill);
}

static void put_text(struct output *to, struct item *item, const char *text, size_t bytes)
{
    struct field field = {.body = text, .body_bytes = bytes};
    item->flags &= ~(unsigned)FLAG_ZERO;
    put_field(to, item, &field);
}

static void add_sign(struct field *field, const struct item *item, int is_negative)
{
    if (is_negative)
        add_prefix(field, '-');
    else if (item->flags & (FLAG_PLUS | FLAG_SPACE))
        add_prefix(field, item->flags & FLAG_PLUS ? '+' : ' ');
}

// ---- whole numbers ----

// Writes digits in front of `end`; result: where they begin.
static char *digits_of(uint64_t number, unsigned base, char letter, char *end)
{
    for (; number > UINT32_MAX; number /= base) {
        unsigned digit = (unsigned)(number % base);
        *--end = (char)(digit < 10 ? '0' + digit : letter - 'X' + 'A' + digit - 10);
    }
    for (uint32_t low = (uint32_t)number; low > 0; low /= base) {
        unsigned digit = low % base;
        *--end = (char)(digit < 10 ? '0' + digit : letter - 'X' + 'A' + digit - 10);
    }
    return end;
}

static void put_whole(struct output *to, struct item *item, uint64_t number, int is_negative)
{
    char digits[WHOLE_DIGITS_MAX], *end = digits + sizeof digits;
    struct field field = {0};
    char letter = item->letter;
    unsigned base = letter == 'o' ? 8 : letter == 'x' || letter == 'X' || letter == 'p' ? 16 : 10;
    char *from = digits_of(number, base, letter == 'X' ? 'X' : 'x', end);
    field.body = from;
    field.body_bytes = (size_t)(end - from);
    size_t least = item->precision == NO_PRECISION ? 1 : (size_t)item->precision;
    if (letter == 'o' && (item->flags & FLAG_OTHER) && least <= field.body_bytes &&
        (number != 0 || least == 0))
        least = field.body_bytes + 1;
    field.zeros = least > field.body_bytes ? least - field.body_bytes : 0;
    if (letter == 'd' || letter == 'i')
        add_sign(&field, item, is_negative);
    if (letter == 'p' || (base == 16 && (item->flags & FLAG_OTHER) && number != 0)) {
        add_prefix(&field, '0');
        add_prefix(&field, letter == 'X' ? 'X' : 'x');
    }
    if (item->precision != NO_PRECISION)
        item->flags &= ~(unsigned)FLAG_ZERO;
    put_field(to, item, &field);
}

// ---- doubles ----

#ifndef FROST_INTEGER

// "e+05" after the digits.
static size_t exponent_text(char text[6], char letter, int exponent)
{
    unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
    text[0] = letter;
    text[1] = exponent < 0 ? '-' : '+';
    if (size < 100) {
        text[2] = (char)('0' + size / 10);
        text[3] = (char)('0' + size % 10);
        return 4;
    }
    text[2] = (char)('0' + size / 100);
    text[3] = (char)('0' + size / 10 % 10);
    text[4] = (char)('0' + size % 10);
    return 5;
}

// Digits with a point after the first `before` of them, without zeros at the end if `is_short`.
static void put_digits(struct output *to, struct item *item, struct field *field,
                       struct decimal_text *text, int before, int is_short)
{
    char body[DECIMAL_DIGITS_MAX + 2];
    int count = text->count;
    while (is_short && count > before && text->digits[count - 1] == '0')
        count--;
    size_t used = (size_t)before;
    memcpy(body, text->digits, used);
    if (count > before || (item->flags & FLAG_OTHER))
        body[used++] = '.';
    memcpy(body + used, text->digits + before, (size_t)(count - before));
    field->body = body;
    field->body_bytes = used + (size_t)(count - before);
    put_field(to, item, field);
}

// %g with a number below 1: 0.000ddd
static void put_below_one(struct output *to, struct item *item, struct field *field,
                          struct decimal_text *text, int is_short)
{
    int zeros = -text->exponent;
    memmove(text->digits + zeros, text->digits, (size_t)text->count + 1);
    memset(text->digits, '0', (size_t)zeros);
    text->count += zeros;
    put_digits(to, item, field, text, 1, is_short);
}

static void put_finite(struct output *to, struct item *item, struct field *field, double number)
{
    struct decimal_text text;
    char small = (char)(item->letter | 0x20), tail[6];
    int precision = item->precision == NO_PRECISION ? 6 : item->precision;
    int is_short = 0;
    if (small == 'f') {
        decimal_fixed(number, precision, &text);
        put_digits(to, item, field, &text, text.exponent + 1, 0);
        return;
    }
    if (small == 'g') {
        precision = precision ? precision : 1;
        is_short = !(item->flags & FLAG_OTHER);
        decimal_significant(number, precision, &text);
        if (text.exponent >= 0 && text.exponent < precision) {
            put_digits(to, item, field, &text, text.exponent + 1, is_short);
            return;
        }
        if (text.exponent < 0 && text.exponent >= -4) {
            put_below_one(to, item, field, &text, is_short);
            return;
        }
    } else {
        decimal_significant(number, precision + 1, &text);
    }
    field->tail = tail;
    field->tail_bytes = exponent_text(tail, item->letter < 'a' ? 'E' : 'e', text.exponent);
    put_digits(to, item, field, &text, 1, is_short);
}

static void put_double(struct output *to, struct item *item, double number)
{
    struct field field = {0};
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    add_sign(&field, item, bits >> 63 != 0);
    if ((bits >> 52 & 0x7FF) == 0x7FF) {
        int is_small = item->letter >= 'a', is_nan = bits << 12 != 0;
        field.body = is_nan ? (is_small ? "nan" : "NAN") : (is_small ? "inf" : "INF");
        field.body_bytes = 3;
        item->flags &= ~(unsigned)FLAG_ZERO;
        put_field(to, item, &field);
        return;
    }
    bits &= ~(1ull << 63);
    memcpy(&number, &bits, sizeof number);
    put_finite(to, item, &field, number);
}

#endif

// ---- formats ----

// A number of the format, or an argument for '*'.
static const char *read_count(const char *at, va_list *arguments, int *count)
{
    *count = 0;
    if (*at == '*') {
        *count = va_arg(*arguments, int);
        return at + 1;
    }
    for (; *at >= '0' && *at <= '9'; at++)
        *count = *count * 10 + (*at - '0');
    return at;
}

// The item after a '%'. Result: after it.
static const char *read_item(const char *at, va_list *arguments, struct item *item)
{
    static const char letters[] = "-+ #0";
    int count;
    *item = (struct item){.precision = NO_PRECISION};
    for (const char *found; *at && (found = strchr(letters, *at)) != NULL; at++)
        item->flags |= 1u << (found - letters);
    at = read_count(at, arguments, &count);
    if (count < 0)
        item->flags |= FLAG_LEFT;
    item->width = (size_t)(count < 0 ? -count : count);
    if (item->flags & FLAG_LEFT)
        item->flags &= ~(unsigned)FLAG_ZERO;
    if (*at == '.') {
        at = read_count(at + 1, arguments, &count);
        item->precision = count < 0 ? NO_PRECISION : count < PRECISION_MAX ? count : PRECISION_MAX;
    }
    for (; *at == 'h' || *at == 'l' || *at == 'z' || *at == 't' || *at == 'j'; at++)
        item->length = *at == 'j' || (*at == 'l' && item->length == 'l') ? 'q' : *at;
    item->letter = *at;
    return *at ? at + 1 : at;
}

static uint64_t read_unsigned(const struct item *item, va_list *arguments)
{
    if (item->length == 'q')
        return va_arg(*arguments, unsigned long long);
    if (item->length == 'l')
        return va_arg(*arguments, unsigned long);
    return item->length == 'z' || item->length == 't' ? va_arg(*arguments, size_t)
                                                      : va_arg(*arguments, unsigned);
}

static int64_t read_signed(const struct item *item, va_list *arguments)
{
    if (item->length == 'q')
        return va_arg(*arguments, long long);
    if (item->length == 'l')
        return va_arg(*arguments, long);
    return item->length == 'z' || item->length == 't' ? va_arg(*arguments, ptrdiff_t)
                                                      : va_arg(*arguments, int);
}

static void put_item(struct output *to, struct item *item, va_list *arguments)
{
    const char *text;
    char c;
    int64_t number;
    switch (item->letter) {
    case 's':
        text = va_arg(*arguments, const char *);
        text = text ? text : "(null)";
        put_text(to, item, text,
                 item->precision == NO_PRECISION ? strlen(text)
                                                 : strnlen(text, (size_t)item->precision));
        break;
    case 'c':
        c = (char)va_arg(*arguments, int);
        put_text(to, item, &c, 1);
        break;
    case 'd':
    case 'i':
        number = read_signed(item, arguments);
        put_whole(to, item, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, number < 0);
        break;
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        put_whole(to, item, read_unsigned(item, arguments), 0);
        break;
    case 'p':
        put_whole(to, item, (uintptr_t)va_arg(*arguments, void *), 0);
        break;
#ifndef FROST_INTEGER
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        put_double(to, item, va_arg(*arguments, double));
        break;
#endif
    case '%':
        put(to, "%", 1);
        break;
    default:
        break;
    }
}

int vsnprintf(char *out, size_t out_bytes, const char *format, va_list arguments)
{
    struct output to = {out, out_bytes, 0};
    struct item item;
    va_list copy; // its address can be passed on
    va_copy(copy, arguments);
    while (*format) {
        size_t plain = strcspn(format, "%");
        put(&to, format, plain);
        format += plain;
        if (*format == 0)
            break;
        format = read_item(format + 1, &copy, &item);
        put_item(&to, &item, &copy);
    }
    va_end(copy);
    if (out_bytes > 0)
        out[to.bytes < out_bytes ? to.bytes : out_bytes - 1] = 0;
    return (int)to.bytes;
}

int snprintf(char *out, size_t out_bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int result = vsnprintf(out, out_bytes, format, arguments);
    va_end(arguments);
    return result;
}
