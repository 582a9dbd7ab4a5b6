// wrap.h: sentences broken at blanks, so that lines fit a terminal.
//
// Memory: none.

#ifndef FROST_BASE_WRAP_H
#define FROST_BASE_WRAP_H

#include <stdio.h>

#include "analyzer/base/text.h"

#define WRAP_NEVER 0u

// Writes a text whose first character comes to `column` (from 0), in lines of at most `columns`
// characters; lines after the first begin at `indent`. A word that is too long has a line of its
// own; newlines of the text stay. WRAP_NEVER: the text as it is. Result: the column behind it.
unsigned wrap_print(FILE *out, struct text text, unsigned columns, unsigned column,
                    unsigned indent);

// Prose as it stands in a source: a newline behind a long line is a blank, unless a blank or
// another newline follows.
void wrap_print_prose(FILE *out, struct text text, unsigned columns);

#endif
