// command_list.c: the list of commands; a new one stands here and in the header.

#include "analyzer/cmd/command_list.h"

#include <string.h>

// One a line.
// clang-format off
const struct command *const command_list[] = {
    &command_profile,
    &command_luac,
    &command_run,
    &command_record,
    &command_mark,
    &command_report,
    &command_strings,
    &command_hot,
    &command_gc,
    &command_size,
    &command_calls,
    &command_heap,
    &command_compare,
    &command_lfs,
    &command_lint,
    &command_flash,
    &command_freeze,
    &command_history,
    &command_trace,
    &command_export,
    NULL,
};
// clang-format on

const struct command *command_find(const char *name)
{
    for (size_t i = 0; command_list[i]; i++)
        if (!strcmp(command_list[i]->name, name))
            return command_list[i];
    return NULL;
}
