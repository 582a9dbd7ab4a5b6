// lua_program.c: frost under the name of a Lua interpreter.

#include "analyzer/cmd/lua_program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cmd/vm_options.h"
#include "analyzer/job/program.h"

#define EXIT_STATUS_LUA_USAGE 1
#define OPTIONS_VARIABLE "FROST_LUA_OPTIONS"
#define OPTIONS_MAX 64
#define CHUNKS_MAX 64 // what the VM takes

struct lua_settings {
    struct vm_settings vm;
};

static const struct option lua_options[] = {
    VM_OPTIONS(struct lua_settings),
    OPTION_TABLE_END,
};

// What the command line asks for.
struct lua_line {
    char **script; // the script's place in argv; its end if there is none
    const char *texts[CHUNKS_MAX];
    int kinds[CHUNKS_MAX]; // enum vm_chunk
    size_t chunk_count;
    bool is_interactive, shows_version;
};

bool lua_program_is_named(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    return !strncmp(base, "lua", 3) || !strncmp(base, "frost-lua", 9);
}

static int print_usage(const char *name)
{
    fprintf(stderr,
            "usage: %s [options] [script [args]].\n"
            "Available options are:\n"
            "  -e stat  execute string 'stat'\n"
            "  -l name  require library 'name'\n"
            "  -i       enter interactive mode after executing 'script'\n"
            "  -v       show version information\n"
            "  --       stop handling options\n"
            "  -        execute stdin and stop handling options\n",
            name);
    return EXIT_STATUS_LUA_USAGE;
}

// -e and -l: the text after the letter or in the next word. NULL: there is none.
static const char *take_text(char ***word)
{
    if ((**word)[2])
        return **word + 2;
    return (*word)[1] ? *++*word : NULL;
}

static bool take_chunk(struct lua_line *line, char ***word)
{
    bool is_code = (**word)[1] == 'e';
    const char *text = take_text(word);
    if (!text || line->chunk_count == CHUNKS_MAX)
        return false;
    line->kinds[line->chunk_count] = is_code ? VM_CHUNK_CODE : VM_CHUNK_MODULE;
    line->texts[line->chunk_count++] = text;
    return true;
}

// False: used wrongly.
static bool parse_line(struct lua_line *line, char **argv)
{
    char **word = argv + 1;
    for (; *word && (*word)[0] == '-' && (*word)[1]; word++) {
        char letter = (*word)[1];
        bool has_tail = (*word)[2] != '\0';
        if (letter == '-') {
            word += !has_tail;
            line->script = word;
            return !has_tail;
        }
        if (letter == 'e' || letter == 'l') {
            if (!take_chunk(line, &word))
                return false;
        } else if ((letter == 'i' || letter == 'v') && !has_tail) {
            line->is_interactive |= letter == 'i';
            line->shows_version = true;
        } else {
            return false;
        }
    }
    line->script = word;
    return true;
}

static int parse_variable(struct vm_settings *vm, struct arena *arena, struct problem *problem)
{
    const char *value = getenv(OPTIONS_VARIABLE);
    char *words[OPTIONS_MAX];
    int count = 0;
    char *rest = arena_format(arena, "%s", value ? value : "");
    for (char *word; (word = strsep(&rest, " \t")) && count < OPTIONS_MAX;)
        if (*word)
            words[count++] = word;
    struct lua_settings settings = {0};
    struct option_group group = {lua_options, &settings};
    struct operands operands;
    int status = options_parse(&group, 1, 0, count, words, arena, &operands, problem);
    if (status == STATUS_OK && operands.count)
        status = problem_set(problem, STATUS_USAGE, text_of(OPTIONS_VARIABLE), PROBLEM_NO_OFF,
                             "'%s' is not an option", operands.items[0]);
    if (status == STATUS_OK)
        status = vm_settings_check(&settings.vm, problem);
    *vm = settings.vm;
    return status;
}

static int start(char **argv, const struct lua_line *line, struct arena *arena,
                 struct problem *problem)
{
    struct vm_settings vm;
    const char *program;
    int status = parse_variable(&vm, arena, problem);
    if (status != STATUS_OK)
        return status;
    size_t count = 0;
    while (line->script[count])
        count++;
    vm.profile = VM_PROFILE_PC;
    vm.name = argv[0];
    vm.is_interactive = line->is_interactive;
    vm.shows_version = line->shows_version;
    vm.chunks = (struct option_list){(const char **)line->texts, (int *)line->kinds,
                                     line->chunk_count};
    vm.words = argv;
    vm.word_count = (size_t)(line->script - argv);
    status = program_find(arena, vm_program_name(&vm, "plain"), &program, problem);
    if (status != STATUS_OK)
        return status;
    execv(program, vm_make_argv(arena, program, &vm, line->script, count));
    return problem_set(problem, STATUS_IO, text_of(program), PROBLEM_NO_OFF,
                       "cannot be started: %s", strerror(errno));
}

int lua_program_run(char **argv)
{
    struct lua_line line = {0};
    struct arena arena;
    struct problem problem = {.off = PROBLEM_NO_OFF};
    char text[4600];
    if (!parse_line(&line, argv))
        return print_usage(argv[0]);
    arena_init(&arena);
    int status = start(argv, &line, &arena, &problem);
    problem_print(&problem, text, sizeof text);
    fprintf(stderr, "%s: %s\n", argv[0], text);
    arena_deinit(&arena);
    return status == STATUS_USAGE ? EXIT_STATUS_USAGE : EXIT_STATUS_ENVIRONMENT;
}
