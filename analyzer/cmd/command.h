// command.h: what a subcommand of frost is.
//
// A command lives in analyzer/cmd/cmd_NAME.c, which defines `const struct command command_NAME`
// and nothing else that is public, and stands in the list of command_list.c. main.c parses
// the options, answers --help and then calls run(). The file of a command does options, analysis
// and output; shared work lives in the layers below.

#ifndef FROST_CMD_COMMAND_H
#define FROST_CMD_COMMAND_H

#include <stdbool.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/exclude.h"
#include "analyzer/base/options.h"
#include "analyzer/base/problem.h"
#include "analyzer/base/terminal.h"
#include "analyzer/job/job_context.h"
#include "runtime/format/status.h"

// Flags of a command.
#define COMMAND_STOP_AT_OPERAND 1u // options end at the first operand: run, record
#define COMMAND_OWN_OPTIONS 2u     // gets its argv unparsed, its table serves help alone: luac

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
    // Operands, NULL at the end. With COMMAND_OWN_OPTIONS: everything after the command's name.
    char **operands;
    size_t operand_count;
    const struct option **given; // those of the command line, NULL at the end
    char *const *words;          // the whole command line, "frost" first
    struct arena *perm;          // lives as long as the process
    struct terminal *out;        // stdout
    struct terminal *err;        // stderr
    struct exclude *exclude;     // texts that no output may have; NULL: none
};

struct command {
    const char *name;
    const char *summary;          // one sentence with its full stop, at most 66 characters
    const char *usage;            // what follows "frost NAME " in the usage line
    const char *description;      // paragraph for --help, lines of at most 80; NULL: none
    const char *examples[4];      // complete command lines, NULL at the end; the README shows two
    const char *const *verbs;     // words of which the first operand is one; NULL: no such words
    const char *statuses;         // when 1 is returned, "a string of the list is not used"; NULL
    const struct option *options; // NULL: none
    size_t settings_bytes;
    unsigned flags;
    int (*run)(struct call *call); // result: an exit status
};

// Prints "frost NAME: message" to stderr and gives the exit status that belongs to it: 2 for
// STATUS_USAGE, 3 for damaged or unknown input, 4 for the environment.
int command_fail(const struct call *call, const struct problem *problem);

// The same for wrong usage that is found after parsing ("needs a trace"); adds the hint that points
// at --help. Result: EXIT_STATUS_USAGE.
int command_misused(const struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Takes the expressions of --exclude into call->exclude. Errors: those of exclude_compile().
int command_exclude(struct call *call, const struct option_list *patterns, struct problem *problem)
    __attribute__((warn_unused_result));

// The option, whose list is the member `list` of the settings struct `S`.
#define EXCLUDE_OPTION(S, list)                                                                    \
    {                                                                                              \
        OPTION_LIST, 0, "exclude", "RE", NULL,                                                     \
            "show no text that matches the extended regular expression, nor choose it; may be "    \
            "repeated",                                                                            \
            offsetof(S, list), 0, 0, NULL, 0                                                       \
    }

// What a job of the call is given.
struct job_context command_context(const struct call *call);

#endif
