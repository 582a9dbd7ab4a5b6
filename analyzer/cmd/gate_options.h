// gate_options.h: the options of budgets for sizes, and what commands with them do at their end.

#ifndef FROST_CMD_GATE_OPTIONS_H
#define FROST_CMD_GATE_OPTIONS_H

#include "analyzer/cmd/report_options.h"

struct gate_settings {
    uint64_t max_ram, max_flash;
    const char *max_growth, *budget;
};

// One row of the option table per field; `S` is the settings struct that holds a gate_settings as
// member `gate`.
// clang-format off
#define GATE_OPTIONS(S)                                                                           \
    {OPTION_BYTES, 0, "max-ram", "BYTES", NULL,                                                   \
     "exit with status 1 if a program has more RAM taken at its start, or a run at its highest "  \
     "point",                                                                                     \
     offsetof(S, gate.max_ram), 1, 0, NULL, 0},                                                   \
    {OPTION_BYTES, 0, "max-flash", "BYTES", NULL, "the same for flash",                           \
     offsetof(S, gate.max_flash), 1, 0, NULL, 0},                                                 \
    {OPTION_STRING, 0, "max-growth", "BYTES", NULL,                                               \
     "the same if RAM or flash has grown by more since the base: bytes, or percent (1%)",         \
     offsetof(S, gate.max_growth), 0, 0, NULL, 0},                                                \
    {OPTION_STRING, 0, "budget", "FILE", NULL,                                                    \
     "the same for each budget of a file of schema frost/budget/1",                               \
     offsetof(S, gate.budget), 0, 0, NULL, 0}
// clang-format on

// Judges a report of sizes and writes it, or what has changed since `base` (NULL: none). Result: an
// exit status: EXIT_STATUS_NO over a budget, EXIT_STATUS_ENVIRONMENT if one could not be measured.
int gate_finish(struct call *call, const struct report_settings *settings,
                const struct gate_settings *gate, const struct report *base, struct report *now);

#endif
