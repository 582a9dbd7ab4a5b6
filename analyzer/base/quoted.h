// quoted.h: texts of any bytes between quotes, on one line.
//
// Memory: none.

#ifndef FROST_BASE_QUOTED_H
#define FROST_BASE_QUOTED_H

#include <stdio.h>

#include "analyzer/base/text.h"

// How bytes that are not printable ASCII are written: \ddd as Lua does, \xhh as C does.
enum quoted_style { QUOTED_LUA, QUOTED_C };

// Writes `text` in double quotes; quote, backslash and newline get a backslash. Errors of the
// stream are the caller's to find.
void quoted_print(struct text text, enum quoted_style style, FILE *out);

#endif
