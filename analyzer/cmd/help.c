// help.c: prints the help of frost and of its commands.

#include "analyzer/cmd/help.h"

#include <stdio.h>

#include "analyzer/base/terminal.h"
#include "analyzer/base/wrap.h"
#include "analyzer/cmd/command_list.h"

const struct option common_options[] = {
    {OPTION_CHOICE, 0, "color", "WHEN", "auto", "colour: auto, always or never",
     offsetof(struct common_settings, color), 0, 0, terminal_color_words, 0},
    {OPTION_BYTES, 0, "max-memory", "BYTES", NULL, "exit with status 4 rather than allocate more",
     offsetof(struct common_settings, max_memory_bytes), 1024 * 1024, 0, NULL, 0},
    {OPTION_FLAG, 'q', "quiet", NULL, NULL, "no progress line, no notes",
     offsetof(struct common_settings, quiet), 0, 0, NULL, 0},
    {OPTION_FLAG, 'v', "verbose", NULL, NULL, "more columns, more notes",
     offsetof(struct common_settings, verbose), 0, 0, NULL, 0},
    {OPTION_FLAG, 'h', "help", NULL, NULL, "show this help", offsetof(struct common_settings, help),
     0, 0, NULL, 0},
    OPTION_TABLE_END,
};

void help_print_all(FILE *out)
{
    fputs("frost: where RAM and flash go in Lua programs that live in flash.\n\n"
          "usage: frost COMMAND [OPTION]... [ARGUMENT]...\n\ncommands:\n",
          out);
    for (size_t i = 0; command_list[i]; i++)
        fprintf(out, "  %-9s %s\n", command_list[i]->name, command_list[i]->summary);
    fputs("\n'frost help COMMAND' gives details, 'frost --version' the version.\n", out);
}

static void print_statuses(const struct command *command, unsigned columns, FILE *out)
{
    static const char head[] = "exit status: 0 done;";
    static const char tail[] =
        " 2 wrong usage; 3 damaged input; 4 environment (files, memory, programs); 128+n ended by "
        "signal n";
    unsigned column = wrap_print(out, text_of("\n"), columns, 0, 0);
    column = wrap_print(out, text_of(head), columns, column, 2);
    if (command->statuses) {
        char why[200];
        snprintf(why, sizeof why, " 1 %s;%s", command->statuses, tail);
        wrap_print(out, text_of(why), columns, column, 2);
    } else {
        wrap_print(out, text_of(tail), columns, column, 2);
    }
    fputc('\n', out);
}

// A terminal may be narrower than the help.
static unsigned columns_of(FILE *out)
{
    struct terminal terminal;
    terminal_init(&terminal, out, TERMINAL_COLOR_NEVER);
    return terminal.columns < OPTIONS_HELP_COLUMNS ? terminal.columns : OPTIONS_HELP_COLUMNS;
}

void help_print_command(const struct command *command, FILE *out)
{
    unsigned columns = columns_of(out);
    wrap_print(out, text_of(command->summary), columns, 0, 0);
    unsigned column = (unsigned)fprintf(out, "\n\nusage: frost %s ", command->name) - 2;
    wrap_print(out, text_of(command->usage), columns, column, 2);
    fputc('\n', out);
    if (command->description) {
        fputc('\n', out);
        wrap_print_prose(out, text_of(command->description), columns);
    }
    bool has_own_options = command->flags & COMMAND_OWN_OPTIONS;
    fputs("\noptions:\n", out);
    options_print_help(command->options, columns, out);
    if (!has_own_options)
        options_print_help(common_options, columns, out);
    if (command->examples[0])
        fputs("\nexamples:\n", out);
    for (size_t i = 0; i < sizeof command->examples / sizeof *command->examples; i++)
        if (command->examples[i])
            fprintf(out, "  %s\n", command->examples[i]);
    if (!has_own_options)
        print_statuses(command, columns, out);
}
