// completion.h: completion scripts of shells, from the command list and its option tables.

#ifndef FROST_CMD_COMPLETION_H
#define FROST_CMD_COMPLETION_H

#include <stdbool.h>
#include <stdio.h>

// Writes the script of a shell: "bash", "zsh" or "fish". False: no such shell is known.
bool completion_print(const char *shell, FILE *out);

#endif
