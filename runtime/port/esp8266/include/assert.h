// assert.h: the C library's <assert.h> for the chip, in less flash.
//
// A failed assertion says its file and line. The texts of the expressions and the names of their
// functions, which the C library's keeps in flash, are in the sources.

// As of the standard's: every inclusion defines assert anew.
#undef assert
#define assert(condition) ((condition) ? (void)0 : chip_assert_failed(__FILE__, __LINE__))

#ifndef FROST_ESP8266_ASSERT_H
#define FROST_ESP8266_ASSERT_H

_Noreturn void chip_assert_failed(const char *file, int line);

#endif
