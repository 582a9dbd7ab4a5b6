// wrap.c: sentences broken at blanks.

#include "analyzer/base/wrap.h"

#define LINE_BYTES_MIN 64u // of a line of prose that goes on in the next one

// Characters of UTF-8: bytes that do not go on with one.
static unsigned width_of(struct text text)
{
    unsigned width = 0;
    for (size_t i = 0; i < text.bytes; i++)
        width += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return width;
}

static size_t word_bytes(struct text text)
{
    size_t bytes = 0;
    while (bytes < text.bytes && text.data[bytes] != ' ' && text.data[bytes] != '\n')
        bytes++;
    return bytes;
}

// A newline in the middle of a paragraph, whose line was as long as lines of sources are.
static bool is_soft(struct text text, size_t at)
{
    size_t begin = at;
    while (begin > 0 && text.data[begin - 1] != '\n')
        begin--;
    return at - begin >= LINE_BYTES_MIN && at + 1 < text.bytes && text.data[at + 1] != '\n' &&
           text.data[at + 1] != ' ';
}

static unsigned print(FILE *out, struct text text, unsigned columns, unsigned column,
                      unsigned indent, bool is_prose)
{
    unsigned blanks = 0; // written when a word follows on the line
    bool has_word = false;
    if (columns == WRAP_NEVER) {
        fwrite(text.data, 1, text.bytes, out);
        return column + width_of(text);
    }
    for (size_t at = 0; at < text.bytes;) {
        struct text rest = {text.data + at, text.bytes - at};
        struct text word = {rest.data, word_bytes(rest)};
        at += word.bytes;
        if (word.bytes == 0) {
            bool is_blank = *rest.data == ' ' || (is_prose && is_soft(text, at));
            at++;
            blanks = is_blank ? blanks + 1 : 0;
            if (!is_blank) {
                fprintf(out, "\n%*s", (int)indent, "");
                column = indent;
                has_word = false;
            }
            continue;
        }
        if (has_word && column + blanks + width_of(word) > columns) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            blanks = 0;
        }
        fprintf(out, "%*s%.*s", (int)blanks, "", TEXT_ARGS(word));
        column += blanks + width_of(word);
        blanks = 0;
        has_word = true;
    }
    return column;
}

unsigned wrap_print(FILE *out, struct text text, unsigned columns, unsigned column, unsigned indent)
{
    return print(out, text, columns, column, indent, false);
}

void wrap_print_prose(FILE *out, struct text text, unsigned columns)
{
    (void)print(out, text, columns, 0, 0, true);
}
