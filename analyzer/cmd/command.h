// command.h: what a subcommand of frost is.
//
// A command lives in analyzer/cmd/cmd_NAME.c, which defines `const struct command command_NAME`
// and nothing else that is public, and stands in the list of analyzer/cmd/main.c. main.c parses
// the options, answers --help and then calls run(). The file of a command does options, analysis
// and output; shared work lives in the layers below.

#ifndef FROST_CMD_COMMAND_H
#define FROST_CMD_COMMAND_H

#include <stdbool.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/options.h"
#include "analyzer/base/problem.h"
#include "analyzer/base/terminal.h"
#include "runtime/format/status.h"

// Flags of a command.
#define COMMAND_STOP_AT_OPERAND 1u // options end at the first operand: run, record
#define COMMAND_OWN_OPTIONS 2u     // gets its argv unparsed, --help included: luac

// Options that every command has (all but those with COMMAND_OWN_OPTIONS).
struct common_settings {
    bool help;
    bool quiet;
    bool verbose;
    int color; // enum terminal_color
    uint64_t max_memory_bytes;
};

// One call of a command.
struct call {
    const struct command *command;
    void *settings; // of command->settings_bytes, filled from its option table; NULL if none
    struct common_settings common;
    // Operands, NULL at the end. With COMMAND_OWN_OPTIONS: everything behind the command's name.
    char **operands;
    size_t operand_count;
    char *const *words;       // the whole command line, "frost" first
    struct arena *perm;       // lives as long as the process
    struct terminal *out;     // stdout
    struct terminal *err;     // stderr
};

struct command {
    const char *name;
    const char *summary;        // one sentence with its full stop, at most 66 characters
    const char *usage;          // what follows "frost NAME " in the usage line
    const char *description;    // paragraph for --help, lines of at most 80; NULL: none
    const char *examples[4];    // complete command lines, NULL at the end; the README shows two
    const char *statuses;       // when 1 is returned, "a string of the list is not used"; NULL
    const struct option *options; // NULL: none
    size_t settings_bytes;
    unsigned flags;
    int (*run)(struct call *call); // result: an exit status
};

// Prints "frost NAME: message" to stderr and gives the exit status that belongs to it: 2 for
// STATUS_USAGE, 3 for damaged or unknown input, 4 for the environment.
int command_fail(const struct call *call, const struct problem *problem);

// The same for wrong use that is found after parsing ("needs a trace"); adds the hint that points
// at --help. Result: EXIT_STATUS_USAGE.
int command_misused(const struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Path of a program that frost starts, "frostvm-float-probed" or "frostluac-float":
// DIR/libexec/frost/NAME (build tree) or DIR/../libexec/frost/NAME (installed), where DIR is the
// folder of the running frost. Errors: STATUS_NOT_FOUND with the places that were tried.
int command_find_program(struct arena *arena, const char *name, const char **path,
                         struct problem *problem) __attribute__((warn_unused_result));

// All commands, NULL at the end, in the order of `frost help`.
extern const struct command *const command_list[];

// The command of that name, NULL if there is none.
const struct command *command_find(const char *name);

extern const struct command command_export;
extern const struct command command_gc;
extern const struct command command_hot;
extern const struct command command_lfs;
extern const struct command command_luac;
extern const struct command command_profile;
extern const struct command command_record;
extern const struct command command_report;
extern const struct command command_run;
extern const struct command command_size;
extern const struct command command_strings;
extern const struct command command_trace;

#endif
