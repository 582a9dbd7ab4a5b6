// remake.h: the options of a command line as a file that it makes can name them.
//
// Memory: the arena of the call.

#ifndef FROST_CMD_REMAKE_H
#define FROST_CMD_REMAKE_H

#include "analyzer/cmd/command.h"

// Those of the command's own options that change what is in its list, each with a space before it,
// for a shell: " --budget=2K --session=clients.sh". Of an absolute path the name alone, since the
// file is for others, too; what --exclude names is not told.
const char *remake_options(const struct call *call);

#endif
