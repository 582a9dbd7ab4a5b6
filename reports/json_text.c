// json_text.c: escapes of JSON; what is UTF-8 stays as it is.

#include "reports/json_text.h"

#include "analyzer/base/safe_text.h"
#include "runtime/format/utf8.h"

bool json_text_is_exact(struct text text)
{
    while (text.bytes > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(text.data, text.bytes, &code);
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
    if (found) {
        fputc_unlocked('\\', out);
        fputc_unlocked(letters[found - escaped], out);
    } else if (utf8_is_control(code) && code != 0x7F) {
        fprintf(out, "\\u%04X", (unsigned)code);
    } else {
        fwrite_unlocked(character.data, 1, character.bytes, out);
    }
}

// How many bytes stand for themselves from the first on: most texts are one such run.
static size_t plain_bytes(struct text text)
{
    size_t i = 0;
    while (i < text.bytes && (uint8_t)(text.data[i] - 0x20) < 0x60 && text.data[i] != '"' &&
           text.data[i] != '\\')
        i++;
    return i;
}

void json_text_put(FILE *out, struct text text)
{
    fputc_unlocked('"', out);
    while (text.bytes > 0) {
        uint32_t code;
        size_t plain = plain_bytes(text);
        fwrite_unlocked(text.data, 1, plain, out);
        text = (struct text){text.data + plain, text.bytes - plain};
        if (text.bytes == 0)
            break;
        size_t bytes = utf8_decode(text.data, text.bytes, &code);
        if (bytes > 0)
            put_character(out, (struct text){text.data, bytes}, code);
        else
            fprintf(out, "\\u%04X", (unsigned char)*text.data);
        bytes += bytes == 0;
        text = (struct text){text.data + bytes, text.bytes - bytes};
    }
    fputc_unlocked('"', out);
}
