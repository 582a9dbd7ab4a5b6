// safe_text.c: texts of programs, traces and files as they may be shown to a person.

#include "analyzer/base/safe_text.h"

#include <stdlib.h>
#include <string.h>

size_t utf8_decode(struct text text, uint32_t *code)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    if (text.bytes == 0)
        return 0;
    *code = bytes[0];
    if (bytes[0] < 0x80)
        return 1;
    size_t count = bytes[0] >= 0xF0 && bytes[0] < 0xF5   ? 4
                   : bytes[0] >= 0xE0 && bytes[0] < 0xF0 ? 3
                   : bytes[0] >= 0xC2 && bytes[0] < 0xE0 ? 2
                                                         : 0;
    if (count == 0 || count > text.bytes)
        return 0;
    *code = bytes[0] & (0x7Fu >> count);
    for (size_t i = 1; i < count; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (bytes[i] & 0x3F);
    }
    // Overlong forms, surrogates, and what lies beyond Unicode.
    bool is_wrong = (count == 3 && *code < 0x800) || (count == 4 && *code < 0x10000) ||
                    (*code >= 0xD800 && *code < 0xE000) || *code > 0x10FFFF;
    return is_wrong ? 0 : count;
}

bool utf8_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E ||
           code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

size_t utf8_character_bytes(struct text text)
{
    uint32_t code;
    size_t bytes = utf8_decode(text, &code);
    return bytes && utf8_is_control(code) ? 0 : bytes;
}

static bool is_safe(struct text text)
{
    while (text.bytes > 0) {
        size_t bytes = utf8_character_bytes(text);
        if (bytes == 0)
            return false;
        text = (struct text){text.data + bytes, text.bytes - bytes};
    }
    return true;
}

struct text safe_text(struct arena *arena, struct text text)
{
    static const char digits[] = "0123456789abcdef";
    if (is_safe(text))
        return text;
    char *out = arena_alloc(arena, 4 * text.bytes + 1);
    size_t used = 0;
    while (text.bytes > 0) {
        size_t bytes = utf8_character_bytes(text);
        unsigned char c = (unsigned char)*text.data;
        if (bytes > 0) {
            memcpy(out + used, text.data, bytes);
            used += bytes;
        } else if (c == '\n') {
            out[used++] = ' ';
        } else {
            memcpy(out + used, (char[]){'\\', 'x', digits[c >> 4], digits[c & 15]}, 4);
            used += 4;
        }
        bytes += bytes == 0;
        text = (struct text){text.data + bytes, text.bytes - bytes};
    }
    out[used] = '\0';
    return (struct text){out, used};
}

void safe_text_in_place(char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        size_t bytes = utf8_character_bytes((struct text){text, left});
        if (bytes == 0) {
            *text = '?';
            bytes = 1;
        }
        text += bytes;
        left -= bytes;
    }
}

void safe_line_of(FILE *file, const char *format, va_list args)
{
    char *line;
    if (vasprintf(&line, format, args) < 0)
        return;
    safe_text_in_place(line);
    fprintf(file, "%s\n", line);
    free(line);
}

void safe_line(FILE *file, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    safe_line_of(file, format, args);
    va_end(args);
}
