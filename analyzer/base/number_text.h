// number_text.h: numbers as people read them, with separators: "1,234,567"; and without, for output
// of so many that printf would take most of its time.

#ifndef FROST_BASE_NUMBER_TEXT_H
#define FROST_BASE_NUMBER_TEXT_H

#include "analyzer/base/arena.h"

#define NUMBER_TEXT_BYTES 32u // of any int64_t with separators and NUL

#define NUMBER_DIGITS_BYTES 21u // of any uint64_t, with NUL

// Writes a number without separators, ended by NUL. Result: its bytes without the NUL.
size_t number_digits(uint64_t number, char out[NUMBER_DIGITS_BYTES]);

// Writes a whole number with them, ended by NUL. Result: its bytes without the NUL.
size_t number_text(int64_t number, char out[NUMBER_TEXT_BYTES]);

// A number rounded to a whole one (halves to even), however large; in the arena.
const char *number_text_rounded(double number, struct arena *arena);

#endif
