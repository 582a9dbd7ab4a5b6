// credentials.h: names that look like those of credentials.
//
// Reads: names and texts that it is given. Memory: constants, and the addresses of the words that
// the user has added (probe_add_credential). Context: any.

#ifndef FROST_PROBE_CREDENTIALS_H
#define FROST_PROBE_CREDENTIALS_H

#include <stdint.h>

// Does the name of a key, a file or a module look like that of credentials? `password` and the like
// count anywhere in it, `key` and `token` as words: "apiKey", "keys", "db_key", not "keyboard".
int credentials_is_name(const char *name, uint32_t bytes);

// Does a text have such a name, of at most 32 characters, in front of a ':' or '='?
int credentials_are_in(const char *text, uint32_t bytes);

#endif
