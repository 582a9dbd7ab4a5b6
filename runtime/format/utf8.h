// utf8.h: which bytes of a text a terminal may be shown.
//
// A terminal obeys escape sequences and carriage returns, and shows bytes of another direction in
// an order that hides what they are.

#ifndef FROST_FORMAT_UTF8_H
#define FROST_FORMAT_UTF8_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Bytes of the character that the text of that many bytes begins with, and its code; 0 if it is
// none.
static inline size_t utf8_decode(const char *text, size_t text_bytes, uint32_t *code)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (text_bytes == 0)
        return 0;
    *code = bytes[0];
    if (bytes[0] < 0x80)
        return 1;
    size_t count = bytes[0] >= 0xF0 && bytes[0] < 0xF5   ? 4
                   : bytes[0] >= 0xE0 && bytes[0] < 0xF0 ? 3
                   : bytes[0] >= 0xC2 && bytes[0] < 0xE0 ? 2
                                                         : 0;
    if (count == 0 || count > text_bytes)
        return 0;
    *code = bytes[0] & (0x7Fu >> count);
    for (size_t i = 1; i < count; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (bytes[i] & 0x3F);
    }
    // Overlong forms, surrogates, and what lies beyond Unicode.
    int is_wrong = (count == 3 && *code < 0x800) || (count == 4 && *code < 0x10000) ||
                   (*code >= 0xD800 && *code < 0xE000) || *code > 0x10FFFF;
    return is_wrong ? 0 : count;
}

// Is the character one that a terminal or a page obeys: control characters of ASCII and Latin 1,
// separators of lines, marks and overrides of direction?
static inline int utf8_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E ||
           code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

// Bytes of the character that the text begins with, 0 if it is none or a control character.
static inline size_t utf8_shown_bytes(const char *text, size_t text_bytes)
{
    uint32_t code;
    size_t bytes = utf8_decode(text, text_bytes, &code);
    return bytes && utf8_is_control(code) ? 0 : bytes;
}

// Puts '?' in place of every byte that is not to be shown, but for the characters in `kept`, such
// as "\n\t". Both end with NUL.
static inline void utf8_make_safe(char *text, const char *kept)
{
    for (size_t left = strlen(text); left > 0;) {
        size_t bytes = utf8_shown_bytes(text, left);
        if (bytes == 0) {
            bytes = 1;
            if (!strchr(kept, *text))
                *text = '?';
        }
        text += bytes;
        left -= bytes;
    }
}

#endif
