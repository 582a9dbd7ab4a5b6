// options.h: one table of options per command, from which parsing, --help, shell completion and
// the manual page are made.
//
// A table is a static const array of struct option that ends with OPTION_TABLE_END. Values go into
// a settings struct of the command, by offset; options_parse() first fills in the defaults.
//
// Conventions: -abc groups flags; -ovalue and -o value; --key=value and --key value; --no-key
// clears a flag; `--` ends options; a lone `-` is an operand. No abbreviations. A repeated
// single-valued option is an error, and so is one given together with another that sets the same
// target (--json with --format=text).
// Memory: values point into argv or into the arena given to options_parse().

#ifndef FROST_BASE_OPTIONS_H
#define FROST_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/base/arena.h"
#include "analyzer/base/problem.h"

enum option_kind {
    OPTION_END,     // ends a table
    OPTION_FLAG,    // bool; --name sets, --no-name clears, may be repeated
    OPTION_STRING,  // const char *; NULL if not given and without default
    OPTION_COUNT,   // uint64_t; decimal or 0x hexadecimal
    OPTION_BYTES,   // uint64_t; as OPTION_COUNT, with K, M or G after it (powers of 1024)
    OPTION_PERCENT, // double; a decimal number, '%' may follow; default "-": -1, not given
    OPTION_CHOICE,  // int; index of the word in `choices`
    OPTION_PRESET,  // int; no argument, stores `preset` (--json is --format=json)
    OPTION_LIST,    // struct option_list; may be repeated, keeps the order
};

// Values of a repeatable option, or of several that share a target.
struct option_list {
    const char **items;
    int *presets; // of the option that gave each item
    size_t count;
};

struct option {
    enum option_kind kind;
    char letter;                // 0: none
    const char *name;           // long name without dashes; NULL: none
    const char *argument;       // word for the value in the help, "FILE"; NULL for flags
    const char *initial;        // default, in the form a user would write it; NULL: 0, NULL, empty
    const char *help;           // one sentence without its full stop
    size_t target_off;          // offset in the settings
    uint64_t min, max;          // of numbers and bytes; max 0: no upper limit
    const char *const *choices; // words of OPTION_CHOICE, usual ones of OPTION_STRING; NULL ends
    int preset;                 // of OPTION_PRESET; of OPTION_LIST: marks its items
};

#define OPTION_TABLE_END                                                                           \
    {                                                                                              \
        .kind = OPTION_END                                                                         \
    }

// A table and where its values go. A NULL table is an empty one.
struct option_group {
    const struct option *table;
    void *settings;
};

// What is left after the options, and which of them were given, each once. Behind the last one both
// lists have a NULL, so that the operands serve as an argv.
struct operands {
    char **items;
    size_t count;
    const struct option **given;
};

// OPTIONS_STOP: the first operand ends the options (what follows belongs to a Lua program).
#define OPTIONS_STOP 1u

// Fills in the defaults of all groups, then parses argv[0..argc-1] (without program and command
// name). Groups must not share names or letters (asserted).
//
// Result: STATUS_OK, or STATUS_USAGE with a problem that names the option, the bad value and, for
//         an unknown option, the nearest name.
int options_parse(const struct option_group *groups, size_t group_count, unsigned flags, int argc,
                  char *const *argv, struct arena *arena, struct operands *operands,
                  struct problem *problem) __attribute__((warn_unused_result));

// Writes the options of one table as help text: two columns, together `columns` wide at most,
// defaults in brackets.
#define OPTIONS_HELP_COLUMNS 80u // where no terminal is narrower
void options_print_help(const struct option *table, unsigned columns, FILE *out);

// The entry of `names` (count items, NULL skipped) that is nearest to `word` by edit distance, if
// it is near enough to be a slip of the pen, else NULL.
const char *options_nearest(const char *word, const char *const *names, size_t count);

// Parses "44K", "0x1000", "45056". Result: STATUS_OK or STATUS_USAGE.
int options_parse_bytes(const char *word, uint64_t *bytes) __attribute__((warn_unused_result));

#endif
