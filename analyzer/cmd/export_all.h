// export_all.h: what commands that export traces share.
//
// Memory: the arena of the call.

#ifndef FROST_CMD_EXPORT_ALL_H
#define FROST_CMD_EXPORT_ALL_H

#include "analyzer/cmd/command.h"
#include "reports/export.h"

// Reads a trace into the profile that exports are made from, with progress on a terminal.
// `model` is the name or path of a cost model.
int export_read(struct call *call, const char *trace, const char *model, bool includes_input,
                struct export_profile *profile, struct problem *problem)
    __attribute__((warn_unused_result));

// Writes a trace into `folder` (which exists) in the formats of all other tools.
int export_all(struct call *call, const char *trace, const char *model, bool includes_input,
               const char *folder, struct problem *problem) __attribute__((warn_unused_result));

#endif
