// record_chip.h: `frost record --esp8266`: the probed firmware under QEMU.
//
// Memory: the arena of the call.

#ifndef FROST_CMD_RECORD_CHIP_H
#define FROST_CMD_RECORD_CHIP_H

#include "analyzer/cmd/command.h"
#include "analyzer/cmd/vm_options.h"
#include "collectors/host/recorder.h"

struct record_chip_settings {
    bool is_chip;
    const char *model; // whose flash cache is used
};

// Rows of the option table; `S` has a record_chip_settings as member `chip`.
#define RECORD_CHIP_OPTIONS(S)                                                                    \
    {OPTION_FLAG, 0, "esp8266", NULL, NULL,                                                       \
     "on the emulated chip, every load of flash, too (make esp8266)",                             \
     offsetof(S, chip.is_chip), 0, 0, NULL, 0},                                                   \
    {OPTION_STRING, 0, "model", "NAME", "esp8266",                                                \
     "with --esp8266: whose flash cache; built in or a .json file", offsetof(S, chip.model), 0,   \
     0, NULL, 0}

// Records one run. `setup` has everything but argv and build. Result: an exit status.
int record_chip(struct call *call, const struct record_chip_settings *settings,
                struct vm_settings *vm, const struct recorder_setup *setup);

#endif
