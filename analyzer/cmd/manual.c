// manual.c: writes man pages (man macros of roff).
//
// Reads: the command list and its option tables, so that pages and programs cannot drift.

#include "analyzer/cmd/manual.h"

#include <ctype.h>
#include <string.h>

#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/help.h"
#include "runtime/format/version.h"

// Text for roff: dashes of options and leading dots must not be taken as markup.
static void put_roff(const char *text, FILE *out)
{
    bool is_line_start = true;
    for (; *text; text++) {
        if (is_line_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
        is_line_start = *text == '\n';
    }
}

static void put_title(const char *suffix, const char *summary, FILE *out)
{
    char upper[64];
    size_t n = 0;
    for (const char *at = suffix; *at && n + 1 < sizeof upper; at++)
        upper[n++] = (char)toupper((unsigned char)*at);
    upper[n] = 0;
    fprintf(out,
            ".TH \"FROST%s%s\" 1 \"\" \"Frostline %s\" \"Frostline manual\"\n"
            ".SH NAME\nfrost%s%s \\- ",
            *upper ? "\\-" : "", upper, FROST_VERSION, *suffix ? "\\-" : "", suffix);
    size_t bytes = strlen(summary);
    fprintf(out, "%.*s\n", (int)(bytes && summary[bytes - 1] == '.' ? bytes - 1 : bytes), summary);
}

static void put_option(const struct option *option, FILE *out)
{
    fputs(".TP\n", out);
    if (option->letter)
        fprintf(out, "\\fB\\-%c\\fR%s", option->letter, option->name ? ", " : "");
    if (option->name) {
        fputs("\\fB\\-\\-", out);
        bool is_on = option->kind == OPTION_FLAG && option->initial && *option->initial == 'y';
        fputs(is_on ? "no\\-" : "", out);
        put_roff(option->name, out);
        fputs("\\fR", out);
    }
    if (option->argument)
        fprintf(out, "%s\\fI%s\\fR", option->name ? "=" : " ", option->argument);
    fputc('\n', out);
    put_roff(option->help ? option->help : "", out);
    if (option->kind == OPTION_CHOICE && option->choices) {
        fputs(" (", out);
        for (size_t i = 0; option->choices[i]; i++)
            fprintf(out, "%s%s", i ? ", " : "", option->choices[i]);
        fputc(')', out);
    }
    if (option->initial && option->kind != OPTION_FLAG && *option->initial &&
        strcmp(option->initial, "-") != 0) {
        fputs("; default ", out);
        put_roff(option->initial, out);
    }
    fputs(".\n", out);
}

static void put_options(const struct option *table, FILE *out)
{
    for (; table && table->kind != OPTION_END; table++)
        put_option(table, out);
}

static void put_statuses(const char *when_one, FILE *out)
{
    fputs(".SH \"EXIT STATUS\"\n.TP\n0\ndone\n.TP\n1\n", out);
    put_roff(when_one ? when_one : "the answer is no", out);
    fputs("\n.TP\n2\nwrong usage\n.TP\n3\ndamaged input or unknown version\n"
          ".TP\n4\nenvironment: files, memory, devices, programs\n"
          ".TP\n128+n\nended by signal n\n",
          out);
}

void manual_print_command(const struct command *command, FILE *out)
{
    put_title(command->name, command->summary, out);
    fprintf(out, ".SH SYNOPSIS\n.B frost %s\n", command->name);
    put_roff(command->usage ? command->usage : "", out);
    fputs("\n.SH DESCRIPTION\n", out);
    put_roff(command->description ? command->description : command->summary, out);
    fputs("\n.SH OPTIONS\n", out);
    put_options(command->options, out);
    bool is_own = command->flags & COMMAND_OWN_OPTIONS;
    if (!is_own)
        put_options(common_options, out);
    if (command->examples[0])
        fputs(".SH EXAMPLES\n", out);
    for (size_t i = 0; i < 4 && command->examples[i]; i++) {
        fputs(".PP\n.B ", out);
        put_roff(command->examples[i], out);
        fputc('\n', out);
    }
    if (is_own)
        fputs(".SH \"EXIT STATUS\"\n0 done, 1 anything else.\n", out);
    else
        put_statuses(command->statuses, out);
    fputs(".SH \"SEE ALSO\"\n.BR frost (1)\n", out);
}

void manual_print_main(FILE *out)
{
    put_title("", "analysis and profiling of Lua that lives in flash.", out);
    fputs(".SH SYNOPSIS\n.B frost\n.I COMMAND\n[OPTION]... [OPERAND]...\n.SH COMMANDS\n", out);
    for (size_t i = 0; command_list[i]; i++) {
        fprintf(out, ".TP\n.BR frost\\-%s (1)\n", command_list[i]->name);
        put_roff(command_list[i]->summary, out);
        fputc('\n', out);
    }
    put_statuses(NULL, out);
}
