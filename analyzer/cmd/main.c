// main.c: the frost program: finds the command, parses its options, runs it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/safe_text.h"
#include "analyzer/cmd/command.h"
#include "analyzer/cmd/command_list.h"
#include "analyzer/cmd/completion.h"
#include "analyzer/cmd/help.h"
#include "analyzer/cmd/lua_program.h"
#include "analyzer/cmd/manual.h"
#include "analyzer/trace/trace_reader.h"
#include "runtime/format/version.h"

#define COMMANDS_MAX 32

static int unknown_command(const char *name)
{
    const char *names[COMMANDS_MAX] = {"help"};
    size_t count = 1;
    for (size_t i = 0; command_list[i] && count < COMMANDS_MAX; i++)
        names[count++] = command_list[i]->name;
    const char *nearest = options_nearest(name, names, count);
    char shown[80];
    snprintf(shown, sizeof shown, "%s", name);
    safe_text_in_place(shown);
    fprintf(stderr, "frost: unknown %s '%s'", *name == '-' ? "option" : "command", shown);
    if (nearest)
        fprintf(stderr, ", did you mean '%s'?", nearest);
    fputs("\nTry 'frost help'.\n", stderr);
    return EXIT_STATUS_USAGE;
}

// Standard output may be a full disk: a result that could not be written is no result.
static int finish(const char *name, int status)
{
    bool has_failed = fflush(stdout) != 0 || ferror(stdout);
    if (!has_failed || status == EXIT_STATUS_ENVIRONMENT) // a command that failed has said why
        return status;
    fprintf(stderr, "frost%s%s: standard output cannot be written\n", name ? " " : "",
            name ? name : "");
    return EXIT_STATUS_ENVIRONMENT;
}

static void print_names(FILE *out)
{
    for (size_t i = 0; command_list[i]; i++)
        fprintf(out, "%s\n", command_list[i]->name);
}

// `frost help --man [NAME]`, `--completion [SHELL]`, `--names`: for the installation. 0: none of
// them.
static int print_for_installation(int argc, char **argv)
{
    const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;
    if (!strcmp(argv[0], "--man") && argc == 1)
        manual_print_main(stdout);
    else if (!strcmp(argv[0], "--man") && command)
        manual_print_command(command, stdout);
    else if (!strcmp(argv[0], "--completion"))
        return completion_print(argc > 1 ? argv[1] : "bash", stdout);
    else if (!strcmp(argv[0], "--names"))
        print_names(stdout);
    else
        return 0;
    return 1;
}

static int help(int argc, char **argv)
{
    if (argc > 0 && print_for_installation(argc, argv))
        return finish(NULL, EXIT_STATUS_DONE);
    if (argc == 0) {
        help_print_all(stdout);
        return finish(NULL, EXIT_STATUS_DONE);
    }
    const struct command *command = command_find(argv[0]);
    if (!command)
        return unknown_command(argv[0]);
    help_print_command(command, stdout);
    return finish(NULL, EXIT_STATUS_DONE);
}

static int parse(struct call *call, int argc, char **argv, struct problem *problem)
{
    const struct command *command = call->command;
    struct option_group groups[] = {{command->options, call->settings},
                                    {common_options, &call->common}};
    struct operands operands;
    unsigned flags = command->flags & COMMAND_STOP_AT_OPERAND ? OPTIONS_STOP : 0;
    int status = options_parse(groups, 2, flags, argc, argv, call->perm, &operands, problem);
    call->operands = operands.items;
    call->operand_count = operands.count;
    call->given = operands.given;
    return status;
}

// argv[-2] is "frost", argv[-1] the command.
static int run_command(const struct command *command, int argc, char **argv)
{
    struct arena perm;
    struct terminal out, err;
    struct problem problem = {.off = PROBLEM_NO_OFF};
    struct call call = {
        .command = command, .words = argv - 2, .perm = &perm, .out = &out, .err = &err};
    arena_init(&perm);
    if (command->settings_bytes)
        call.settings = arena_alloc(&perm, command->settings_bytes);
    int status = STATUS_OK;
    if (command->flags & COMMAND_OWN_OPTIONS) {
        call.operands = argv;
        call.operand_count = (size_t)argc;
    } else {
        status = parse(&call, argc, argv, &problem);
    }
    terminal_init(&out, stdout, call.common.color);
    terminal_init(&err, stderr, call.common.color);
    arena_set_memory_limit(call.common.max_memory_bytes);
    int result;
    if (status != STATUS_OK) {
        result = command_fail(&call, &problem);
    } else if (call.common.help) {
        help_print_command(command, stdout);
        result = EXIT_STATUS_DONE;
    } else {
        result = command->run(&call);
    }
    if (call.common.verbose && trace_passes() > 0)
        fprintf(stderr, "frost %s: read traces from their beginning %u times\n", command->name,
                trace_passes());
    exclude_release(call.exclude);
    arena_deinit(&perm);
    return finish(command->name, result);
}

int main(int argc, char **argv)
{
    if (argc > 0 && lua_program_is_named(argv[0]))
        return lua_program_run(argv);
    if (argc < 2) {
        help_print_all(stderr);
        return EXIT_STATUS_USAGE;
    }
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V") || !strcmp(argv[1], "version")) {
        printf("frost %s\n", FROST_VERSION);
        return finish(NULL, EXIT_STATUS_DONE);
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return help(0, argv);
    if (!strcmp(argv[1], "help"))
        return help(argc - 2, argv + 2);
    const struct command *command = command_find(argv[1]);
    return command ? run_command(command, argc - 2, argv + 2) : unknown_command(argv[1]);
}
