// cmd_luac.c: `frost luac`: the drop-in for luac.cross, a program of its own.

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cmd/command_list.h"
#include "analyzer/job/program.h"

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
    if (program_find(call->perm, name, &program, &problem) != STATUS_OK)
        return command_fail(call, &problem);
    execv(program, argv);
    problem_set(&problem, STATUS_IO, (struct text){0}, PROBLEM_NO_OFF, "cannot start %s: %s",
                program, strerror(errno));
    return command_fail(call, &problem);
}

// For help, man page and completion alone: the compiler reads its command line itself.
static const struct option options[] = {
    {OPTION_FLAG, 'l', NULL, NULL, NULL,
     "list the bytecode; twice: also constants, locals and upvalues", 0, 0, 0, NULL, 0},
    {OPTION_STRING, 'o', NULL, "FILE", "luac.out", "write to FILE; '-' is standard output", 0, 0, 0,
     NULL, 0},
    {OPTION_STRING, 'e', NULL, "FILE", NULL,
     "run a Lua file; a function that it returns is the first input", 0, 0, 0, NULL, 0},
    {OPTION_FLAG, 'f', NULL, NULL, NULL, "make an LFS image to be loaded by the firmware", 0, 0, 0,
     NULL, 0},
    {OPTION_STRING, 'a', NULL, "ADDRESS", NULL, "make an absolute LFS image for this address", 0, 0,
     0, NULL, 0},
    {OPTION_FLAG, 'i', NULL, NULL, NULL,
     "main function finds modules by name (always so in images)", 0, 0, 0, NULL, 0},
    {OPTION_STRING, 'm', NULL, "SIZE", NULL,
     "make an LFS image of at most SIZE bytes, a multiple of 4096", 0, 0, 0, NULL, 0},
    {OPTION_FLAG, 'p', NULL, NULL, NULL, "parse only", 0, 0, 0, NULL, 0},
    {OPTION_FLAG, 's', NULL, NULL, NULL, "leave out debug information (.lc only)", 0, 0, 0, NULL,
     0},
    {OPTION_FLAG, 'v', NULL, NULL, NULL, "show the version", 0, 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "integer", NULL, NULL, "compile for firmware with integer numbers", 0, 0, 0,
     NULL, 0},
    {OPTION_STRING, 0, "build-time", "SECONDS", NULL,
     "time in the image, since 1970 (SOURCE_DATE_EPOCH, else the clock)", 0, 0, 0, NULL, 0},
    {OPTION_STRING, 0, "core", "IMAGE", NULL,
     "make a devs image (-f) that uses the texts of this core image", 0, 0, 0, NULL, 0},
    {OPTION_LIST, 0, "resource", "FILE", NULL,
     "put a file into the image as a text, for node.LFS.resource; NAME=FILE names it", 0, 0, 0,
     NULL, 0},
    {OPTION_STRING, 0, "locals", "COUNT", NULL,
     "local variables that a function may have, 1 to 200 (the firmware's 50)", 0, 0, 0, NULL, 0},
    {OPTION_STRING, 0, "hash-slots", "N", "auto",
     "slots of an image's string table, a power of two: fewer take less flash and make look-ups "
     "longer (stock firmware takes any; luac.cross has one rule)",
     0, 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "first-wins", NULL, NULL,
     "of modules with one name take the first, rather than fail", 0, 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "names", NULL, NULL,
     "keep the names of locals and upvalues, which the firmware drops", 0, 0, 0, NULL, 0},
    {OPTION_FLAG, 0, "plain-image", NULL, NULL,
     "lay the image out and pack it as luac.cross does, for comparison", 0, 0, 0, NULL, 0},
    OPTION_TABLE_END,
};

const struct command command_luac = {
    .name = "luac",
    .summary = "Compiles Lua to .lc files and LFS images, as luac.cross does.",
    .usage = "[OPTION]... [FILE | NAME=FILE]...",
    .examples = {"frost luac -o app.lc app.lua", "frost luac -f -o lfs.img *.lua",
                 "frost luac --core lfs.img -f -o devs.img app.lua"},
    .description =
        "A FILE is a Lua source or a .lc file; '-' is standard input; NAME=FILE gives a\n"
        "module any name, also with dots. Options, messages and exit statuses (0, or\n"
        "1 for anything else) are those of luac.cross; long options are frost's.\n",
    .options = options,
    .flags = COMMAND_OWN_OPTIONS,
    .run = run,
};
