// record_console.h: `frost record --console`: a trace from the console log of stock firmware.
//
// Memory: the arena of the call.

#ifndef FROST_CMD_RECORD_CONSOLE_H
#define FROST_CMD_RECORD_CONSOLE_H

#include "analyzer/cmd/command.h"
#include "analyzer/cmd/vm_options.h"

struct record_console_settings {
    const char *input; // NULL: not asked for
};

// A row of the option table; `S` has a record_console_settings as member `console`.
#define RECORD_CONSOLE_OPTIONS(S)                                                                 \
    {OPTION_STRING, 0, "console", "FILE", NULL,                                                   \
     "no program: read a console log with lines of frostline.lua; -: stdin",                      \
     offsetof(S, console.input), 0, 0, NULL, 0}

// Reads the log into the trace `output`; of `vm` --lfs counts. Result: an exit status.
int record_console(struct call *call, const struct record_console_settings *settings,
                   const struct vm_settings *vm, const char *output, bool has_text);

// Says on standard error what came and what did not.
struct device_counts;
void record_console_say(const struct call *call, const struct device_counts *counts,
                        const char *output);

#endif
