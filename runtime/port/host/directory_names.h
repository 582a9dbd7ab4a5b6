// directory_names.h: flat names as paths below a directory of the host, and back.
//
// Reads and writes: memory of the caller. Nothing is allocated.
//
// A name has two spellings. As a tree each '/' parts directories: `http/a.txt` lies where a person
// would put it. Where that cannot be, since `a` and `a/b` both exist, the second comer is one entry
// of the topmost directory: `a%2Fb`, or `a%00`. Four codes begin with '%', all else is itself:
//
//     %00  nothing: the whole of an empty part (`a//b` is a/%00/b), the end of `a%00`
//     %25  a '%' that would begin a code
//     %2E  a '.' at the start of a part: what begins with '.' on the host is not the program's, and
//          `.` and `..` are names like others
//     %2F  a '/' of a name that is one entry

#ifndef FROST_PORT_HOST_DIRECTORY_NAMES_H
#define FROST_PORT_HOST_DIRECTORY_NAMES_H

#include <stddef.h>

#include "runtime/format/spiffs.h"

enum directory_spelling { DIRECTORY_TREE, DIRECTORY_ENTRY, DIRECTORY_SPELLINGS };

// Bytes that any spelling needs with its NUL: each byte may be a '/', each part empty.
#define DIRECTORY_PATH_BYTES (6 * SPIFFS_NAME_BYTES_MAX + 8)

// Spells a name of 1 to SPIFFS_NAME_BYTES_MAX bytes as a path that begins with no '/'.
void directory_spell(const char *name, enum directory_spelling spelling,
                     char path[DIRECTORY_PATH_BYTES]);

// The name that a path says. Result: its bytes, or -1 if these would be more than
// SPIFFS_NAME_BYTES_MAX. What is no spelling says a name, too: compare with directory_spell.
int directory_read_name(const char *path, char name[SPIFFS_NAME_BYTES_MAX + 1]);

#endif
