// say.h: messages on standard error.
//
// Names of files, modules and what stands in a source can have what a terminal obeys, or bytes that
// are no UTF-8; each such byte is shown as '?'.

#ifndef FROST_LUAC_SAY_H
#define FROST_LUAC_SAY_H

// Writes one message and a newline.
void luac_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
