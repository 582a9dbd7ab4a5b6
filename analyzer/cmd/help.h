// help.h: what frost says about itself, made from the commands' own tables.

#ifndef FROST_CMD_HELP_H
#define FROST_CMD_HELP_H

#include <stdio.h>

#include "analyzer/cmd/command.h"

// Options that every command understands; targets are members of struct common_settings.
extern const struct option common_options[];

// The list of commands.
void help_print_all(FILE *out);

// One command: sentence, usage, options with defaults, examples, exit statuses. At most 80 columns.
void help_print_command(const struct command *command, FILE *out);

#endif
