// completion.c: completion scripts of bash, zsh and fish.
//
// Reads: the command list and its option tables, so that scripts and programs cannot drift.

#include "analyzer/cmd/completion.h"

#include <string.h>

#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/help.h"

static bool takes_value(const struct option *option)
{
    return option->argument != NULL;
}

// Flags that can also be cleared: --no-NAME.
static bool can_be_cleared(const struct option *option)
{
    return option->kind == OPTION_FLAG && option->name && strcmp(option->name, "help") != 0;
}

// Calls `put` for each option that a command takes.
static void each_option(const struct command *command,
                        void (*put)(const struct command *command, const struct option *option,
                                    FILE *out),
                        FILE *out)
{
    bool is_own = command->flags & COMMAND_OWN_OPTIONS;
    const struct option *tables[] = {command->options, is_own ? NULL : common_options};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct option *o = tables[i]; o && o->kind != OPTION_END; o++)
            put(command, o, out);
}

static void put_words(const char *const *words, FILE *out)
{
    for (size_t i = 0; words && words[i]; i++)
        fprintf(out, " %s", words[i]);
}

static void put_commands(FILE *out)
{
    for (size_t i = 0; command_list[i]; i++)
        fprintf(out, " %s", command_list[i]->name);
}

// ---- bash ----

static void put_bash_option(const struct command *command, const struct option *option, FILE *out)
{
    (void)command;
    if (!option->name) {
        fprintf(out, " -%c", option->letter);
        return;
    }
    fprintf(out, " --%s%s", option->name, takes_value(option) ? "=" : "");
    if (can_be_cleared(option))
        fprintf(out, " --no-%s", option->name);
    for (size_t i = 0; option->choices && option->choices[i]; i++)
        fprintf(out, " --%s=%s", option->name, option->choices[i]);
}

static void print_bash(FILE *out)
{
    fputs("# bash completion for frost\n_frost()\n{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} words verbs\n"
          "    COMP_WORDBREAKS=${COMP_WORDBREAKS//=}\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words=\"help --help --version",
          out);
    put_commands(out);
    fputs("\"\n    else\n        case ${COMP_WORDS[1]} in\n        help) verbs=\"", out);
    put_commands(out);
    fputs("\" ;;\n", out);
    for (size_t i = 0; command_list[i]; i++) {
        fprintf(out, "        %s) verbs=\"", command_list[i]->name);
        put_words(command_list[i]->verbs, out);
        fputs("\" words=\"", out);
        each_option(command_list[i], put_bash_option, out);
        fputs("\" ;;\n", out);
    }
    fputs("        esac\n"
          "        [ \"$COMP_CWORD\" -eq 2 ] && words=\"$verbs $words\"\n    fi\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n    return 0\n}\n"
          "complete -o default -F _frost frost\n",
          out);
}

// ---- zsh ----

// Text inside a quoted specification of _arguments.
static void put_zsh_text(const char *text, FILE *out)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\'", out);
        else if (strchr("[]:\\", *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void put_zsh_value(const struct option *option, FILE *out)
{
    if (!takes_value(option))
        return;
    fprintf(out, ":%s:", option->argument);
    if (!option->choices) {
        fputs("_files", out);
        return;
    }
    fputs("(", out);
    for (size_t i = 0; option->choices[i]; i++) {
        fputs(i ? " " : "", out);
        put_zsh_text(option->choices[i], out);
    }
    fputs(")", out);
}

static void put_zsh_spec(const struct option *option, const char *flag, FILE *out)
{
    fprintf(out, " \\\n            '*%s[", flag);
    put_zsh_text(option->help ? option->help : "", out);
    fputs("]", out);
    put_zsh_value(option, out);
    fputs("'", out);
}

static void put_zsh_option(const struct command *command, const struct option *option, FILE *out)
{
    char flag[80];
    (void)command;
    if (option->name) {
        snprintf(flag, sizeof flag, "--%s%s", option->name, takes_value(option) ? "=" : "");
        put_zsh_spec(option, flag, out);
    }
    if (can_be_cleared(option))
        fprintf(out, " \\\n            '*--no-%s[not --%s]'", option->name, option->name);
    if (option->letter) {
        snprintf(flag, sizeof flag, "-%c%s", option->letter, takes_value(option) ? "+" : "");
        put_zsh_spec(option, flag, out);
    }
}

static void put_zsh_command(const struct command *command, FILE *out)
{
    fprintf(out, "    %s)\n        _arguments -s", command->name);
    each_option(command, put_zsh_option, out);
    if (command->verbs) {
        fputs(" \\\n            '1:what:(", out);
        put_words(command->verbs, out);
        fputs(")'", out);
    }
    fputs(" \\\n            '*:file:_files' ;;\n", out);
}

static void print_zsh(FILE *out)
{
    fputs("#compdef frost\n# zsh completion for frost\n_frost()\n{\n"
          "    if (( CURRENT == 2 )); then\n        local -a names=('help:explains a command'",
          out);
    for (size_t i = 0; command_list[i]; i++) {
        fprintf(out, "\n            '%s:", command_list[i]->name);
        put_zsh_text(command_list[i]->summary, out);
        fputs("'", out);
    }
    fputs(")\n        _describe command names\n        return\n    fi\n"
          "    case $words[2] in\n    help) _values command",
          out);
    put_commands(out);
    fputs(" ;;\n    esac\n    shift words\n    (( CURRENT-- ))\n    case $words[1] in\n", out);
    for (size_t i = 0; command_list[i]; i++)
        put_zsh_command(command_list[i], out);
    fputs("    esac\n}\n"
          "if [[ $funcstack[1] = _frost ]]; then\n    _frost \"$@\"\nelse\n"
          "    compdef _frost frost\nfi\n",
          out);
}

// ---- fish ----

static void put_fish_text(const char *text, FILE *out)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void put_fish_head(const char *command, FILE *out)
{
    fprintf(out, "complete -c frost -n '__fish_seen_subcommand_from %s'", command);
}

static void put_fish_option(const struct command *command, const struct option *option, FILE *out)
{
    put_fish_head(command->name, out);
    if (option->name)
        fprintf(out, " -l %s", option->name);
    if (option->letter)
        fprintf(out, " -s %c", option->letter);
    if (takes_value(option))
        fputs(" -r", out);
    if (option->choices) {
        fputs(" -f -a '", out);
        put_words(option->choices, out);
        fputs("'", out);
    }
    fputs(" -d ", out);
    put_fish_text(option->help ? option->help : "", out);
    fputc('\n', out);
    if (can_be_cleared(option)) {
        put_fish_head(command->name, out);
        fprintf(out, " -l no-%s -d 'not --%s'\n", option->name, option->name);
    }
}

static void print_fish(FILE *out)
{
    fputs("# fish completion for frost\n"
          "complete -c frost -f -n __fish_use_subcommand -a help -d 'Explains a command.'\n",
          out);
    for (size_t i = 0; command_list[i]; i++) {
        const struct command *command = command_list[i];
        fprintf(out, "complete -c frost -f -n __fish_use_subcommand -a %s -d ", command->name);
        put_fish_text(command->summary, out);
        fputc('\n', out);
        each_option(command, put_fish_option, out);
        if (command->verbs) {
            put_fish_head(command->name, out);
            fputs(" -a '", out);
            put_words(command->verbs, out);
            fputs("'\n", out);
        }
    }
    put_fish_head("help", out);
    fputs(" -f -a '", out);
    put_commands(out);
    fputs("'\n", out);
}

bool completion_print(const char *shell, FILE *out)
{
    static const struct {
        const char *name;
        void (*print)(FILE *out);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (!strcmp(shells[i].name, shell)) {
            shells[i].print(out);
            return true;
        }
    return false;
}
