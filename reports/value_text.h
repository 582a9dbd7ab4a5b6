// value_text.h: what text-like renderers share: figures with separators, bytes made safe to show.
//
// Memory: none of its own.

#ifndef FROST_REPORTS_VALUE_TEXT_H
#define FROST_REPORTS_VALUE_TEXT_H

#include <stdio.h>

#include "reports/report.h"

// "1,234,567".
void value_put_number(FILE *out, int64_t number);

// "1234567".
void value_put_digits(FILE *out, uint64_t number);

// A value as text: numbers with separators, a string as a Lua literal, other texts as they are safe
// to show, nothing if it is absent.
// `cut_bytes` shortens texts, 0 never. In the arena.
struct text value_text(struct arena *arena, enum report_kind kind, unsigned decimals,
                       const struct report_value *value, size_t cut_bytes);

static inline bool value_is_number(enum report_kind kind)
{
    return kind == REPORT_NUMBER || kind == REPORT_REAL;
}

// True if something is missing in the inputs of the report.
static inline bool report_has_loss(const struct report_loss *loss)
{
    return loss->events_discarded || loss->packets_lost || loss->blocks_lost || loss->bytes_cut ||
           loss->runs_unfinished;
}

// What is missing, as a sentence.
struct text report_loss_text(struct arena *arena, const struct report_loss *loss);

// The first value of a row that is present: what the row is about, in a sum row its label.
bool value_is_label(const struct report_table *table, const struct report_value *cells,
                    size_t column);

#endif
