// main.c: the frost program: finds the command, parses its options, runs it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cmd/command.h"
#include "analyzer/cmd/help.h"
#include "analyzer/cmd/manual.h"

const struct command *const command_list[] = {
    &command_profile, &command_luac,    &command_run,    &command_record,
    &command_report,  &command_strings, &command_hot,    &command_gc,
    &command_size,    &command_lfs,     &command_trace,  &command_export,
    NULL,
};

#define COMMANDS_MAX 32

static int unknown_command(const char *name)
{
    const char *names[COMMANDS_MAX] = {"help"};
    size_t count = 1;
    for (size_t i = 0; command_list[i] && count < COMMANDS_MAX; i++)
        names[count++] = command_list[i]->name;
    const char *nearest = options_nearest(name, names, count);
    fprintf(stderr, "frost: unknown %s '%s'", *name == '-' ? "option" : "command", name);
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

// `frost help --man [NAME]`, `--completion`, `--names`: for the installation. 0: none of them.
static int print_for_installation(int argc, char **argv)
{
    const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;
    if (!strcmp(argv[0], "--man") && argc == 1)
        manual_print_main(stdout);
    else if (!strcmp(argv[0], "--man") && command)
        manual_print_command(command, stdout);
    else if (!strcmp(argv[0], "--completion"))
        manual_print_completion(stdout);
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
    arena_deinit(&perm);
    return finish(command->name, result);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help_print_all(stderr);
        return EXIT_STATUS_USAGE;
    }
    if (!strcmp(argv[1], "--version")) {
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
