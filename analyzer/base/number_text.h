// number_text.h: numbers as people read them, with separators: "1,234,567".

#ifndef FROST_BASE_NUMBER_TEXT_H
#define FROST_BASE_NUMBER_TEXT_H

#include "analyzer/base/arena.h"

#define NUMBER_TEXT_BYTES 32u // of any int64_t with separators and NUL

// Writes a whole number, ended by NUL. Result: its bytes without the NUL.
size_t number_text(int64_t number, char out[NUMBER_TEXT_BYTES]);

// A number rounded to a whole one (halves to even), however large; in the arena.
const char *number_text_rounded(double number, struct arena *arena);

#endif
