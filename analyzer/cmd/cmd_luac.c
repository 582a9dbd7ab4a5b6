// cmd_luac.c: `frost luac`: the drop-in for luac.cross, a program of its own.

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cmd/command.h"

static int run(struct call *call)
{
    struct problem problem = {0};
    const char *program;
    const char *name = "frostluac-float";
    char **argv = arena_alloc(call->perm, (call->operand_count + 2) * sizeof *argv);
    size_t count = 0;
    argv[count++] = (char *)"frost luac";
    for (size_t i = 0; i < call->operand_count; i++) {
        if (strcmp(call->operands[i], "--integer") == 0)
            name = "frostluac-integer";
        else
            argv[count++] = call->operands[i];
    }
    argv[count] = NULL;
    if (command_find_program(call->perm, name, &program, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    execv(program, argv);
    problem_set(&problem, STATUS_IO, (struct text){0}, PROBLEM_NO_OFF, "cannot start %s: %s",
                program, strerror(errno));
    return command_fail(call, &problem);
}

const struct command command_luac = {
    .name = "luac",
    .summary = "Compiles Lua to .lc files and LFS images, as luac.cross does.",
    .usage = "[OPTION]... [FILE | NAME=FILE]...",
    .examples = {"frost luac -o app.lc app.lua", "frost luac -f -o lfs.img *.lua"},
    .flags = COMMAND_OWN_OPTIONS,
    .run = run,
};
