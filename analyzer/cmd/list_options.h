// list_options.h: the options that say which strings a preload list takes: strings, profile.
//
// Memory: none of its own.

#ifndef FROST_CMD_LIST_OPTIONS_H
#define FROST_CMD_LIST_OPTIONS_H

#include "analyzer/analysis/cost_model.h"
#include "analyzer/analysis/strings/strings.h"
#include "analyzer/base/options.h"

struct list_settings {
    const char *model;
    uint64_t budget_bytes; // 0: no limit
    double clocks_percent;
    double return_percent; // negative: not given
    bool includes_input;
    const char *origins;
    int hash_slots; // of enum list_hash_slots
};

enum list_hash_slots { LIST_SLOTS_AUTO, LIST_SLOTS_KEEP };
static const char *const list_hash_slots_names[] = {"auto", "keep", NULL};

// One row of the option table per field; `S` is the settings struct that holds a list_settings as
// member `list`.
// clang-format off
#define LIST_OPTIONS(S)                                                                           \
    {OPTION_BYTES, 0, "budget", "BYTES", NULL, "flash that the list may take (no limit)",         \
     offsetof(S, list.budget_bytes), 0, 0, NULL, 0},                                              \
    {OPTION_STRING, 0, "origin", "LIST", NULL,                                                    \
     "take texts of these sources, too: number, environment, input, secret, or all",              \
     offsetof(S, list.origins), 0, 0, NULL, 0},                                                   \
    {OPTION_FLAG, 0, "include-input", NULL, NULL,                                                 \
     "the same as --origin=all",                                                                  \
     offsetof(S, list.includes_input), 0, 0, NULL, 0},                                            \
    {OPTION_PERCENT, 0, "max-read-cost", "PERCENT", "1",                                          \
     "leave out strings whose byte-wise reads from flash would cost more of the run's clocks",    \
     offsetof(S, list.clocks_percent), 0, 0, NULL, 0},                                            \
    {OPTION_PERCENT, 0, "min-return", "PERCENT", "-",                                             \
     "RAM that each byte of flash must save at least (40, with --budget 0)",                      \
     offsetof(S, list.return_percent), 0, 0, NULL, 0},                                            \
    {OPTION_CHOICE, 0, "hash-slots", "WHICH", "auto",                                             \
     "of the image with the list: auto, by the rule of luac.cross, or keep, as many as without "  \
     "it (frost luac --hash-slots)",                                                              \
     offsetof(S, list.hash_slots), 0, 0, list_hash_slots_names, 0},                               \
    {OPTION_STRING, 0, "model", "NAME", "nodemcu-3.0", "cost model: its name, or a file",         \
     offsetof(S, list.model), 0, 0, cost_model_names, 0}
// clang-format on

#define LIST_ORIGINS_MISUSED                                                                       \
    "--origin takes number, environment, input, secret or all, with commas between"

// The defaults of the table, for a command that has a list and not these options.
static inline struct list_settings list_settings_default(const char *model)
{
    return (struct list_settings){.model = model, .clocks_percent = 1, .return_percent = -1};
}

// What the analysis is to do; traces, names and progress are the caller's to fill in.
static inline struct strings_settings list_settings_wanted(const struct list_settings *list)
{
    return (struct strings_settings){
        .budget_bytes = list->budget_bytes ? list->budget_bytes : UINT64_MAX,
        .origins = list->includes_input ? STRINGS_ORIGINS_ALL : 0,
        .clocks_percent_max = list->clocks_percent,
        .return_min = strings_return_min(list->return_percent, list->budget_bytes),
        .keeps_slots = list->hash_slots == LIST_SLOTS_KEEP,
        .model = list->model,
    };
}

#endif
