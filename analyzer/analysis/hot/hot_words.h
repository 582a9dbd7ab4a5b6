// hot_words.h: how reports name what a cell is about: objects, their kinds, lines, functions.
//
// Memory: texts in the arena given, or of the analysis.

#ifndef FROST_ANALYSIS_HOT_WORDS_H
#define FROST_ANALYSIS_HOT_WORDS_H

#include "analyzer/analysis/hot/hot.h"

// The words for an object in a line: a quoted string, cut if it is long, or a name.
struct text hot_object_words(const struct hot *hot, uint32_t object, bool hides_text,
                             struct arena *arena);

// True if the text of a string is known.
bool hot_object_is_named_string(const struct hot_object *object);

// "12 bytes, hash 0x..." of a string whose text is not known or not to be shown.
struct text hot_object_hash_words(const struct hot_object *object, struct arena *arena);

// "string", "function", "C text" ... Static storage.
const char *hot_object_kind_name(const struct hot_object *object);

// Name of a cell's line; "(collector)" for visits.
struct text hot_cell_line(const struct hot *hot, const struct hot_cell *cell, struct arena *arena);

// Name of the C function of a cell; "(VM)" and "(collector)" where there is none.
struct text hot_cell_function(const struct hot *hot, const struct hot_cell *cell);

#endif
