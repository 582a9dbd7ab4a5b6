// say.c: messages on standard error.

#include "runtime/luac/say.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_BYTES 2048

// Bytes of the character of UTF-8 at the beginning of `text`, 0 if there is none; its code.
static int decode(const unsigned char *text, uint32_t *code)
{
    int more = text[0] < 0x80                      ? 0
               : text[0] >= 0xC2 && text[0] < 0xE0 ? 1
               : text[0] >= 0xE0 && text[0] < 0xF0 ? 2
               : text[0] >= 0xF0 && text[0] < 0xF5 ? 3
                                                   : -1;
    *code = more <= 0 ? text[0] : text[0] & (0x3Fu >> more);
    for (int i = 1; i <= more; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (text[i] & 0x3Fu);
    }
    return more + 1;
}

// Control characters of ASCII and Latin 1, separators of lines, marks of direction.
static int is_obeyed(uint32_t code)
{
    return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code <= 0x9F) ||
           code == 0x61C || code == 0x200E || code == 0x200F ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

void luac_say(const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    for (char *at = message; *at;) {
        uint32_t code;
        int bytes = decode((const unsigned char *)at, &code);
        if (bytes == 0 || is_obeyed(code)) {
            bytes += bytes == 0;
            memset(at, '?', (size_t)bytes);
        }
        at += bytes;
    }
    fprintf(stderr, "%s\n", message);
}
