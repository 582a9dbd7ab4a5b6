// record_serial.h: `frost record --serial`: a trace from a device on a serial line.
//
// Memory: the arena of the call.

#ifndef FROST_CMD_RECORD_SERIAL_H
#define FROST_CMD_RECORD_SERIAL_H

#include "analyzer/cmd/command.h"
#include "analyzer/cmd/vm_options.h"

struct record_serial_settings {
    const char *device; // NULL: not asked for
    uint64_t baud;
    struct option_list filters;
};

// Rows of the option table; `S` has a record_serial_settings as member `serial`.
#define RECORD_SERIAL_OPTIONS(S)                                                                  \
    {OPTION_STRING, 0, "serial", "DEV", NULL,                                                     \
     "no program: record the device on this serial line",                                         \
     offsetof(S, serial.device), 0, 0, NULL, 0},                                                  \
    {OPTION_COUNT, 0, "baud", "N", "115200", "speed of the serial line",                          \
     offsetof(S, serial.baud), 50, 10000000, NULL, 0},                                            \
    {OPTION_LIST, 0, "filter", "COMMAND", NULL,                                                   \
     "tell the device what to leave out: 'only alloc free', 'min 64' ...",                        \
     offsetof(S, serial.filters), 0, 0, NULL, 0}

// Records into the trace `output`; of `vm` --lfs and --duration count. Result: an exit status.
int record_serial(struct call *call, const struct record_serial_settings *settings,
                  const struct vm_settings *vm, const char *output, bool has_text);

#endif
