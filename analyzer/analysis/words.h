// words.h: figures in sentences.

#ifndef FROST_ANALYSIS_WORDS_H
#define FROST_ANALYSIS_WORDS_H

#include "analyzer/base/arena.h"

// "1,234,567": rounded to a whole number, with separators, in the arena.
const char *words_number(double figure, struct arena *arena);

#endif
