// command_list.h: all commands of frost.

#ifndef FROST_CMD_COMMAND_LIST_H
#define FROST_CMD_COMMAND_LIST_H

#include "analyzer/cmd/command.h"

// All commands, NULL at the end, in the order of `frost help`.
extern const struct command *const command_list[];

// The command of that name, NULL if there is none.
const struct command *command_find(const char *name);

extern const struct command command_calls;
extern const struct command command_compare;
extern const struct command command_export;
extern const struct command command_flash;
extern const struct command command_freeze;
extern const struct command command_gc;
extern const struct command command_heap;
extern const struct command command_history;
extern const struct command command_hot;
extern const struct command command_lfs;
extern const struct command command_lint;
extern const struct command command_luac;
extern const struct command command_mark;
extern const struct command command_profile;
extern const struct command command_record;
extern const struct command command_report;
extern const struct command command_run;
extern const struct command command_size;
extern const struct command command_strings;
extern const struct command command_trace;

#endif
