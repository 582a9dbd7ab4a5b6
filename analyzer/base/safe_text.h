// safe_text.h: texts of programs, traces and files as they may be shown to a person.
//
// A terminal obeys escape sequences and carriage returns, and a page shows bytes of another
// direction in an order that hides what they are. Whatever is printed and came from outside goes
// through here, in all forms of output.

#ifndef FROST_BASE_SAFE_TEXT_H
#define FROST_BASE_SAFE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/text.h"

// Bytes of the character that `text` begins with, 0 if it is none or a control character.
size_t utf8_character_bytes(struct text text);

// The text itself if it is safe, else a copy in the arena in which a newline is a blank and every
// other byte that is no character is \xHH.
struct text safe_text(struct arena *arena, struct text text);

// Prints a line whose words may come from outside. Ends the line.
void safe_line(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));
void safe_line_of(FILE *file, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

// The same in place, with '?' for every such byte. Ended by NUL.
void safe_text_in_place(char *text);

#endif
