// quoted.c: writes texts between quotes.
//
// Writes: the stream of the caller. Memory: none.

#include "analyzer/base/quoted.h"

void quoted_print(struct text text, enum quoted_style style, FILE *out)
{
    fputc('"', out);
    for (size_t i = 0; i < text.bytes; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c < 0x20 || c >= 0x7F)
            fprintf(out, style == QUOTED_LUA ? "\\%03u" : "\\x%02x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}
