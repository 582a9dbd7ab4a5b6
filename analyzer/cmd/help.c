// help.c: prints the help of frost and of its commands.

#include "analyzer/cmd/help.h"

const struct option common_options[] = {
    {OPTION_CHOICE, 0, "color", "WHEN", "auto", "colour: auto, always or never",
     offsetof(struct common_settings, color), 0, 0, terminal_color_words, 0},
    {OPTION_BYTES, 0, "max-memory", "BYTES", NULL, "end with status 4 rather than take more",
     offsetof(struct common_settings, max_memory_bytes), 1024 * 1024, 0, NULL, 0},
    {OPTION_FLAG, 'q', "quiet", NULL, NULL, "no progress, no remarks",
     offsetof(struct common_settings, quiet), 0, 0, NULL, 0},
    {OPTION_FLAG, 'v', "verbose", NULL, NULL, "more columns, more remarks",
     offsetof(struct common_settings, verbose), 0, 0, NULL, 0},
    {OPTION_FLAG, 'h', "help", NULL, NULL, "this text", offsetof(struct common_settings, help), 0,
     0, NULL, 0},
    OPTION_TABLE_END,
};

void help_print_all(FILE *out)
{
    fputs("frost: where RAM and flash go in Lua programs that live in flash.\n\n"
          "usage: frost COMMAND [OPTION]... [ARGUMENT]...\n\ncommands:\n",
          out);
    for (size_t i = 0; command_list[i]; i++)
        fprintf(out, "  %-9s %s\n", command_list[i]->name, command_list[i]->summary);
    fputs("\nfrost help COMMAND tells more; frost --version tells the version.\n", out);
}

static void print_statuses(const struct command *command, FILE *out)
{
    fprintf(out, "\nexit status: 0 done;%s%s%s 2 wrong use; 3 damaged input;\n"
                 "  4 environment (files, memory, programs); 128+n ended by signal n\n",
            command->statuses ? " 1 " : "", command->statuses ? command->statuses : "",
            command->statuses ? ";\n " : "");
}

void help_print_command(const struct command *command, FILE *out)
{
    fprintf(out, "%s\n\nusage: frost %s %s\n", command->summary, command->name, command->usage);
    if (command->description)
        fprintf(out, "\n%s", command->description);
    bool has_own_options = command->flags & COMMAND_OWN_OPTIONS;
    if (!has_own_options) {
        fputs("\noptions:\n", out);
        options_print_help(command->options, out);
        options_print_help(common_options, out);
    }
    if (command->examples[0])
        fputs("\nexamples:\n", out);
    for (size_t i = 0; i < sizeof command->examples / sizeof *command->examples; i++)
        if (command->examples[i])
            fprintf(out, "  %s\n", command->examples[i]);
    if (!has_own_options)
        print_statuses(command, out);
}
