// manual.h: man pages, made from the commands' option tables.

#ifndef FROST_CMD_MANUAL_H
#define FROST_CMD_MANUAL_H

#include <stdio.h>

#include "analyzer/cmd/command.h"

// The man page frost(1), or frost-NAME(1) of a command.
void manual_print_main(FILE *out);
void manual_print_command(const struct command *command, FILE *out);

#endif
