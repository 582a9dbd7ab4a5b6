// json_text.c: escapes of JSON; what is UTF-8 stays as it is.

#include "reports/json_text.h"

#include "analyzer/base/safe_text.h"

bool json_text_is_exact(struct text text)
{
    while (text.bytes > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(text, &code);
        if (bytes == 0)
            return false;
        text = (struct text){text.data + bytes, text.bytes - bytes};
    }
    return true;
}

static void put_character(FILE *out, struct text character, uint32_t code)
{
    static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = code && code < 0x80 ? strchr(escaped, (int)code) : NULL;
    if (found)
        fprintf(out, "\\%c", letters[found - escaped]);
    else if (utf8_is_control(code) && code != 0x7F)
        fprintf(out, "\\u%04X", (unsigned)code);
    else
        fwrite(character.data, 1, character.bytes, out);
}

void json_text_put(FILE *out, struct text text)
{
    fputc('"', out);
    while (text.bytes > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(text, &code);
        if (bytes > 0)
            put_character(out, (struct text){text.data, bytes}, code);
        else
            fprintf(out, "\\u%04X", (unsigned char)*text.data);
        bytes += bytes == 0;
        text = (struct text){text.data + bytes, text.bytes - bytes};
    }
    fputc('"', out);
}
