// safe_text.c: texts of programs, traces and files as they may be shown to a person.

#include "analyzer/base/safe_text.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/format/utf8.h"

size_t utf8_character_bytes(struct text text)
{
    return utf8_shown_bytes(text.data, text.bytes);
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
    utf8_make_safe(text, "");
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
