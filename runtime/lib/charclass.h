// charclass.h: the classes of characters, their capital and small letters, from tables.
//
// Reads and writes: tables in static storage, filled from <ctype.h> when the libraries are opened
// and when the locale changes. The chip has no locale and no room: it asks <ctype.h> each time.
#ifndef RUNTIME_LIB_CHARCLASS_H
#define RUNTIME_LIB_CHARCLASS_H

#include <ctype.h>
#include <stdint.h>

#ifndef FROST_CHIP

// Bits by the letter of a class in patterns.
#define CHAR_ALPHA 0x01
#define CHAR_CONTROL 0x02
#define CHAR_DIGIT 0x04
#define CHAR_LOWER 0x08
#define CHAR_PUNCTUATION 0x10
#define CHAR_SPACE 0x20
#define CHAR_UPPER 0x40
#define CHAR_HEX 0x80

extern uint8_t char_bits[256];
extern uint8_t char_small[256];
extern uint8_t char_capital[256];
extern int char_point_is_dot; // of numbers

// Fills the tables for the current locale.
void char_tables_update(void);

#define CHAR_SMALL(c) char_small[(unsigned char)(c)]
#define CHAR_CAPITAL(c) char_capital[(unsigned char)(c)]

#else

#define char_tables_update() ((void)0)
#define CHAR_SMALL(c) tolower((unsigned char)(c))
#define CHAR_CAPITAL(c) toupper((unsigned char)(c))

#endif

#endif
