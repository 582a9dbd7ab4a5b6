// json_text.h: text as JSON strings, for every file that is JSON.

#ifndef FROST_REPORTS_JSON_TEXT_H
#define FROST_REPORTS_JSON_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/text.h"

// True if all of the text is UTF-8, so that it reads back as it was.
bool json_text_is_exact(struct text text);

// Writes a string, quotes included. A byte that belongs to no UTF-8 character is written as the
// character of its number (U+0080 to U+00FF).
void json_text_put(FILE *out, struct text text);

#endif
