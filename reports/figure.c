// figure.c: values as text.

#include "reports/figure.h"

#include <inttypes.h>
#include <math.h>

#include "analyzer/base/lua_literal.h"

#define NUMBER_BYTES 32u
#define REAL_WHOLE_MAX 9e15 // beyond, a double is not exact to 1

// Writes digits with separators; `number` and the ending NUL fit NUMBER_BYTES.
static size_t group_digits(int64_t number, char *out)
{
    char digits[24];
    uint64_t size = number < 0 ? (uint64_t)0 - (uint64_t)number : (uint64_t)number;
    int count = snprintf(digits, sizeof digits, "%" PRIu64, size);
    size_t used = 0;
    if (number < 0)
        out[used++] = '-';
    for (int i = 0; i < count; i++) {
        if (i && (count - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
    return used;
}

void figure_put_number(FILE *out, int64_t number)
{
    char digits[NUMBER_BYTES];
    fwrite(digits, 1, group_digits(number, digits), out);
}

static struct text real_text(struct arena *arena, double real, unsigned decimals)
{
    if (decimals > 0 || fabs(real) > REAL_WHOLE_MAX)
        return text_of(arena_format(arena, "%.*f", (int)decimals, real));
    char *digits = arena_alloc(arena, NUMBER_BYTES);
    return (struct text){digits, group_digits(llround(real), digits)};
}

static struct text cut(struct arena *arena, struct text text, size_t cut_bytes)
{
    if (cut_bytes == 0 || text.bytes <= cut_bytes)
        return text;
    return text_of(arena_format(arena, "%.*s...", (int)cut_bytes - 3, text.data));
}

struct text figure_text(struct arena *arena, enum report_kind kind, unsigned decimals,
                        const struct report_value *value, size_t cut_bytes)
{
    if (!value->is_present)
        return (struct text){0};
    switch (kind) {
    case REPORT_NUMBER: {
        char *digits = arena_alloc(arena, NUMBER_BYTES);
        return (struct text){digits, group_digits(value->number, digits)};
    }
    case REPORT_REAL:
        return real_text(arena, value->real, decimals);
    case REPORT_TEXT:
        return cut(arena, value->text, cut_bytes);
    case REPORT_STRING:
        return cut(arena, lua_literal_quote(arena, value->text), cut_bytes);
    case REPORT_FLAG:
        return text_of(value->flag ? "yes" : "");
    case REPORT_HEX:
        return text_of(arena_format(arena, "0x%" PRIx64, value->hex));
    }
    return (struct text){0};
}

size_t figure_character_bytes(struct text text)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    if (text.bytes == 0 || bytes[0] < 32 || bytes[0] == 127)
        return 0;
    if (bytes[0] < 128)
        return 1;
    size_t count = bytes[0] >= 0xF0 && bytes[0] < 0xF5   ? 4
                   : bytes[0] >= 0xE0 && bytes[0] < 0xF0 ? 3
                   : bytes[0] >= 0xC2 && bytes[0] < 0xE0 ? 2
                                                         : 0;
    if (count == 0 || count > text.bytes)
        return 0;
    for (size_t i = 1; i < count; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    // Overlong forms, surrogates, and what lies beyond Unicode.
    bool is_wrong = (bytes[0] == 0xE0 && bytes[1] < 0xA0) ||
                    (bytes[0] == 0xED && bytes[1] > 0x9F) ||
                    (bytes[0] == 0xF0 && bytes[1] < 0x90) || (bytes[0] == 0xF4 && bytes[1] > 0x8F);
    return is_wrong ? 0 : count;
}

struct text figure_loss(struct arena *arena, const struct report_loss *loss)
{
    return text_of(arena_format(
        arena,
        "Not everything was recorded: %" PRIu64 " events discarded, %" PRIu64
        " packets and %" PRIu64 " allocations lost, %" PRIu64 " bytes cut off, %" PRIu64
        " runs without an end.",
        loss->events_discarded, loss->packets_lost, loss->blocks_lost, loss->bytes_cut,
        loss->runs_unfinished));
}

bool figure_is_label(const struct report_table *table, const struct report_value *cells,
                     size_t column)
{
    return cells == table->sum && table->columns[column].kind == REPORT_STRING;
}
