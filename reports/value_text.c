// value_text.c: values as text.

#include "reports/value_text.h"

#include <inttypes.h>
#include <math.h>

#include "analyzer/base/lua_literal.h"
#include "analyzer/base/number_text.h"
#include "analyzer/base/safe_text.h"

#define REAL_WHOLE_MAX 9e15 // beyond, a double is not exact to 1

void value_put_number(FILE *out, int64_t number)
{
    char digits[NUMBER_TEXT_BYTES];
    fwrite(digits, 1, number_text(number, digits), out);
}

void value_put_digits(FILE *out, uint64_t number)
{
    char digits[NUMBER_DIGITS_BYTES];
    fwrite_unlocked(digits, 1, number_digits(number, digits), out);
}

static struct text real_text(struct arena *arena, double real, unsigned decimals)
{
    if (decimals > 0 || fabs(real) > REAL_WHOLE_MAX)
        return text_of(arena_format(arena, "%.*f", (int)decimals, real));
    char *digits = arena_alloc(arena, NUMBER_TEXT_BYTES);
    return (struct text){digits, number_text(llround(real), digits)};
}

static struct text cut(struct arena *arena, struct text text, size_t cut_bytes)
{
    if (cut_bytes == 0 || text.bytes <= cut_bytes)
        return text;
    return text_of(arena_format(arena, "%.*s...", (int)cut_bytes - 3, text.data));
}

struct text value_text(struct arena *arena, enum report_kind kind, unsigned decimals,
                       const struct report_value *value, size_t cut_bytes)
{
    if (!value->is_present)
        return (struct text){0};
    switch (kind) {
    case REPORT_NUMBER: {
        char *digits = arena_alloc(arena, NUMBER_TEXT_BYTES);
        return (struct text){digits, number_text(value->number, digits)};
    }
    case REPORT_REAL:
        return real_text(arena, value->real, decimals);
    case REPORT_TEXT:
        return cut(arena, safe_text(arena, value->text), cut_bytes);
    case REPORT_STRING:
        return cut(arena, lua_literal_quote(arena, value->text), cut_bytes);
    case REPORT_FLAG:
        return text_of(value->flag ? "yes" : "");
    case REPORT_HEX:
        return text_of(arena_format(arena, "0x%" PRIx64, value->hex));
    }
    return (struct text){0};
}

struct text report_loss_text(struct arena *arena, const struct report_loss *loss)
{
    const struct {
        uint64_t count;
        const char *what;
        const char *one;
    } parts[] = {
        {loss->events_discarded, "events lost by the recorder", "event lost by the recorder"},
        {loss->packets_lost, "packets missing", "packet missing"},
        {loss->blocks_lost, "allocations missing", "allocation missing"},
        {loss->bytes_cut, "bytes at the end not read", "byte at the end not read"},
        {loss->runs_unfinished, "runs without an end", "run without an end"}};
    const char *text = "Incomplete input:";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].count)
            text = arena_format(arena, "%s %" PRIu64 " %s;", text, parts[i].count,
                                parts[i].count == 1 ? parts[i].one : parts[i].what);
    return text_of(arena_format(arena, "%s figures cover what was read", text));
}

bool value_is_label(const struct report_table *table, const struct report_value *cells,
                    size_t column)
{
    return cells == table->sum && table->columns[column].kind == REPORT_STRING;
}
