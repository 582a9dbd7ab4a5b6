// options.c: the command line of the compiler; see options.h.

#include "runtime/luac/options.h"

#include "runtime/luac/say.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/core/api/lua.h"
#include "runtime/format/lfs_image.h"
#include "runtime/format/version.h"

#define LOCALS_MAX 200 // Lua 5.1's

#ifdef FROST_INTEGER
#define NUMBERS "integer"
#define BUILD_TIME_MAX INT32_MAX
#else
#define NUMBERS "float"
#define BUILD_TIME_MAX UINT32_MAX
#endif

static void print_usage(FILE *to, const char *program)
{
    fprintf(to,
            "usage: %s [options] [filenames]\n"
            "A filename is a Lua source or a .lc file; NAME=FILE gives a module its name.\n"
            "Options:\n"
            "  -        read standard input (module 'stdin')\n"
            "  -l       list the bytecode; -l -l also constants, locals and upvalues\n"
            "  -o name  write to 'name' (default '%s'; '-' is standard output)\n"
            "  -e name  run a Lua file; a function it returns is the first input\n"
            "  -f       make an LFS image to be loaded by the firmware\n"
            "  -a addr  make an absolute LFS image for this address\n"
            "  -i       main function finds modules by name (always so in images)\n"
            "  -m size  make an LFS image of at most 'size' bytes, a multiple of 4096\n"
            "  -p       parse only\n"
            "  -s       leave out debug information (.lc only)\n"
            "  -v       show version\n"
            "  --build-time=T  time in the image, seconds since 1970 (default: the\n"
            "           variable SOURCE_DATE_EPOCH, else the clock)\n"
            "  --core=IMAGE  make a devs image for the device that has this core image: texts\n"
            "           that IMAGE has are used from there (with -f)\n"
            "  --resource=FILE  put the file into the image as a text (with -f; NAME=FILE\n"
            "           names it; may be repeated): node.LFS.resource('NAME'), or on stock\n"
            "           firmware node.LFS._resource('NAME')\n"
            "  --locals=N  local variables that a function may have, 1 to 200 (default: the\n"
            "           firmware's 50, which its own compiler keeps to)\n"
            "  --hash-slots=N  slots of an image's string table, a power of two (default:\n"
            "           auto, the rule of luac.cross); stock firmware takes any: fewer take\n"
            "           less flash, 4 bytes each, and make look-ups longer\n"
            "  --first-wins  of modules with one name take the first; the others are never\n"
            "           found, and otherwise an error\n"
            "  --names  keep the names of locals and upvalues, which the firmware's\n"
            "           compiler drops\n"
            "  --plain-image  lay the image out and pack it as luac.cross does, for\n"
            "           comparison: nothing shared, nothing left out\n"
            "  --help   show this text\n"
            "  --       end of options\n"
            "Exit status: 0 done, 1 anything else.\n",
            program, OPTIONS_OUTPUT_DEFAULT);
}

_Noreturn void options_fail_usage(const struct luac_options *o, const char *message)
{
    luac_say("%s: %s", o->program, message);
    print_usage(stderr, o->program);
    exit(EXIT_FAILURE);
}

static _Noreturn void fail_option(const struct luac_options *o, const char *option)
{
    luac_say("%s: unrecognized option '%s'", o->program, option);
    print_usage(stderr, o->program);
    exit(EXIT_FAILURE);
}

// A whole number (decimal, or hexadecimal with 0x) up to `max`; false if the text is anything else.
static bool read_number(const char *text, unsigned long max, unsigned long *result)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *result = strtoul(text, &end, 0);
    return *end == 0 && errno == 0 && *result <= max;
}

static void set_build_time(struct luac_options *o, const char *text, const char *message)
{
    unsigned long n;
    if (!read_number(text, BUILD_TIME_MAX, &n))
        options_fail_usage(o, message);
    o->build_time = (uint32_t)n;
}

static void set_address(struct luac_options *o, const char *text)
{
    unsigned long n;
    if (!read_number(text, UINT32_MAX, &n) || (uint32_t)n - LFS_ADDR_MIN > LFS_ADDR_SPAN ||
        n % 4 != 0)
        options_fail_usage(o, "'-e' absolute address must be valid flash address");
    o->base_addr = (uint32_t)n;
    o->is_absolute = o->is_image = o->is_lookup = true;
}

static void set_bytes_max(struct luac_options *o, const char *text)
{
    unsigned long n;
    if (!read_number(text, UINT32_MAX, &n) || n % 4096 != 0)
        options_fail_usage(o, "'-e' maximum size must be a multiple of 4,096");
    o->bytes_max = (uint32_t)n;
    o->is_image = o->is_lookup = true;
}

// Options with an argument: takes it. True if the option is one of them.
static bool read_with_argument(struct luac_options *o, const char *option, const char *argument)
{
    static const char letters[] = "oeam";
    char message[] = "'-x' needs argument";
    if (option[1] == 0 || !strchr(letters, option[1]) || option[2] != 0)
        return false;
    message[2] = option[1];
    if (!argument || *argument == 0)
        options_fail_usage(o, message);
    switch (option[1]) {
    case 'o':
        o->output = strcmp(argument, "-") == 0 ? NULL : argument;
        break;
    case 'e':
        o->execute = argument;
        break;
    case 'a':
        set_address(o, argument);
        break;
    default:
        set_bytes_max(o, argument);
        break;
    }
    return true;
}

static void read_flag(struct luac_options *o, const char *option, int *versions)
{
    switch (option[2] == 0 ? option[1] : 0) {
    case 'f':
        o->is_image = o->is_lookup = true;
        break;
    case 'i':
        o->is_lookup = true;
        break;
    case 'l':
        o->listing++;
        break;
    case 'p':
        o->is_dumping = false;
        break;
    case 's':
        o->is_stripped = true;
        break;
    case 'v':
        ++*versions;
        break;
    default:
        fail_option(o, option);
    }
}

// `--locals=N`: a limit of compilers only; what was compiled runs everywhere.
static void set_locals_max(struct luac_options *o, const char *text)
{
    unsigned long n;
    if (!read_number(text, LOCALS_MAX, &n) || n == 0)
        options_fail_usage(o, "'--locals' needs a number from 1 to 200");
    o->locals_max = (uint8_t)n;
}

// `--hash-slots=N`: the firmware takes the number in the header for a mask.
static void set_hash_slots(struct luac_options *o, const char *text)
{
    unsigned long n = 0;
    if (strcmp(text, "auto") != 0 &&
        (!read_number(text, OPTIONS_HASH_SLOTS_MAX, &n) || n == 0 || (n & (n - 1)) != 0))
        options_fail_usage(o, "'--hash-slots' needs a power of two from 1 to 32768, or auto");
    o->hash_slots = (uint32_t)n;
    o->has_hash_slots = true;
}

// `NAME ARGUMENT` or `NAME=ARGUMENT`: the argument, and in *used how many words that are. NULL: it
// is another option.
static char *argument_of(struct luac_options *o, char **argv, const char *name, const char *message,
                         int *used)
{
    size_t bytes = strlen(name);
    if (strncmp(argv[0], name, bytes) != 0 || (argv[0][bytes] != '=' && argv[0][bytes] != 0))
        return NULL;
    *used = argv[0][bytes] == '=' ? 1 : 2;
    char *argument = *used == 1 ? argv[0] + bytes + 1 : argv[1];
    if (!argument || *argument == 0)
        options_fail_usage(o, message);
    return argument;
}

// --core, --resource and --hash-slots. Returns how many words were used, 0: it is another option.
static int read_arguments(struct luac_options *o, char **argv)
{
    int used = 0;
    char *file = argument_of(o, argv, "--core", "'--core' needs the file of a core image", &used);
    if (file) {
        o->core = file;
        return used;
    }
    char *slots = argument_of(o, argv, "--hash-slots", "'--hash-slots' needs a number of slots",
                              &used);
    if (slots) {
        set_hash_slots(o, slots);
        return used;
    }
    file = argument_of(o, argv, "--resource", "'--resource' needs a file", &used);
    if (!file)
        return 0;
    if (o->resource_count == OPTIONS_RESOURCES_MAX)
        options_fail_usage(o, "'--resource': more than 200 files");
    o->resources[o->resource_count++] = file;
    return used;
}

// `--build-time T`, `--build-time=T`, `--locals=N`, and options without argument. Returns how many
// arguments were used.
static int read_long(struct luac_options *o, char **argv)
{
    static const char name[] = "--build-time", locals[] = "--locals=";
    static const char message[] = "'--build-time' needs a number of seconds since 1970";
    size_t bytes = sizeof(name) - 1;
    int used = read_arguments(o, argv);
    if (used)
        return used;
    if (strcmp(argv[0], "--help") == 0) {
        print_usage(stdout, o->program);
        exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    if (strcmp(argv[0], "--names") == 0) {
        o->has_names = true;
        return 1;
    }
    if (strcmp(argv[0], "--serve") == 0) { // between frost and this program: no part of the usage
        o->is_serving = true;
        return 1;
    }
    if (strcmp(argv[0], "--first-wins") == 0) {
        o->first_wins = true;
        return 1;
    }
    if (strcmp(argv[0], "--plain-image") == 0) {
        o->is_plain_image = true;
        return 1;
    }
    if (strncmp(argv[0], locals, sizeof locals - 1) == 0) {
        set_locals_max(o, argv[0] + sizeof locals - 1);
        return 1;
    }
    if (strncmp(argv[0], name, bytes) != 0)
        fail_option(o, argv[0]);
    if (argv[0][bytes] == '=') {
        set_build_time(o, argv[0] + bytes + 1, message);
        return 1;
    }
    if (argv[0][bytes] != 0)
        fail_option(o, argv[0]);
    set_build_time(o, argv[1] ? argv[1] : "", message);
    return 2;
}

static void print_version(void)
{
    printf("Frostline %s, %s numbers: %s, .lc and LFS images of NodeMCU 3.0\n", FROST_VERSION,
           NUMBERS, LUA_RELEASE);
}

// Under its own name the program is called by `frost luac`.
static const char *program_name(const char *path)
{
    if (!path || *path == 0)
        return "luac.cross";
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return strncmp(name, "frostluac", strlen("frostluac")) == 0 ? "frost luac" : path;
}

static void init(struct luac_options *o, const char *path)
{
    *o = (struct luac_options){
        .program = program_name(path),
        .output = OPTIONS_OUTPUT_DEFAULT,
        .is_dumping = true,
        .bytes_max = LFS_IMAGE_BYTES_MAX,
    };
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    if (epoch && *epoch)
        set_build_time(o, epoch, "SOURCE_DATE_EPOCH is not a number of seconds since 1970");
    else
        o->build_time = (uint32_t)time(NULL);
}

void options_read(struct luac_options *o, int argc, char **argv)
{
    static char *default_input[] = {(char *)(uintptr_t)OPTIONS_OUTPUT_DEFAULT, NULL};
    int versions = 0;
    int i = 1;
    init(o, argc > 0 ? argv[0] : NULL);
    while (i < argc && argv[i][0] == '-' && argv[i][1] != 0) {
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        if (argv[i][1] == '-') {
            i += read_long(o, argv + i);
        } else if (read_with_argument(o, argv[i], argv[i + 1])) {
            i += 2;
        } else {
            read_flag(o, argv[i], &versions);
            i++;
        }
    }
    if (o->core && (!o->is_image || o->is_absolute))
        options_fail_usage(o, "'--core' is for devs images, which are relocatable: it needs '-f'");
    if (o->resource_count > 0 && !o->is_image)
        options_fail_usage(o, "'--resource' is for images: it needs '-f'");
    if (o->has_hash_slots && !o->is_image)
        options_fail_usage(o, "'--hash-slots' is for images: it needs '-f'");
    o->inputs = argv + i;
    o->input_count = argc > i ? argc - i : 0;
    if (versions > 0)
        print_version();
    if (versions > 0 && versions == argc - 1)
        exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    if (o->input_count == 0 && !o->execute && o->resource_count == 0 && !o->is_serving) {
        if (o->listing == 0 && o->is_dumping)
            options_fail_usage(o, "no input files given");
        // Nothing to compile: look at what was compiled last.
        o->inputs = default_input;
        o->input_count = 1;
        o->is_dumping = false;
    }
}
