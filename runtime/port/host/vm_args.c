// vm_args.c: reads the command line of the VM program.

#include "runtime/port/host/vm_args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/state.h"
#include "runtime/format/status.h"

#define NODEMCU_HEAP_BYTES (44u << 10)
#define PC_HEAP_BYTES (64u << 20)
#define NODEMCU_EGC_LIMIT 4096
#define STACK_BYTES_DEFAULT (8u << 20)

#define WORD_OPTION "--word="

size_t vm_heap_bytes;

static _Noreturn void misuse(const char *what, const char *value)
{
    fprintf(stderr, "frostvm: %s '%s'\nThis program is started by frost run and frost record.\n",
            what, value);
    exit(EXIT_STATUS_USAGE);
}

static uint64_t parse_number(const char *text)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 0);
    if (end == text || *end != 0)
        misuse("not a number:", text);
    return n;
}

static void parse_egc(struct vm_args *args, const char *mode)
{
    args->egc_limit = 0;
    if (strcmp(mode, "none") == 0) {
        args->egc_mode = EGC_NOT_ACTIVE;
    } else if (strcmp(mode, "failure") == 0) {
        args->egc_mode = EGC_ON_ALLOC_FAILURE;
    } else if (strcmp(mode, "always") == 0) {
        args->egc_mode = EGC_ALWAYS;
        args->egc_limit = NODEMCU_EGC_LIMIT;
    } else if (strncmp(mode, "limit:", 6) == 0) {
        args->egc_mode = EGC_ON_MEM_LIMIT;
        args->egc_limit = (int32_t)strtol(mode + 6, NULL, 0);
    } else {
        misuse("unknown mode of the emergency collector:", mode);
    }
}

static void parse_option(struct vm_args *args, const char *key, const char *value)
{
    if (strcmp(key, "profile") == 0) {
        args->profile = lua_profile_find(value);
        if (!args->profile)
            misuse("unknown profile", value);
    } else if (strcmp(key, "lfs") == 0) {
        args->lfs = value;
    } else if (strcmp(key, "flash") == 0) {
        args->flash = value;
    } else if (strcmp(key, "fs") == 0) {
        args->fs = value;
    } else if (strcmp(key, "heap") == 0) {
        args->heap_bytes = parse_number(value);
    } else if (strcmp(key, "stack") == 0) {
        args->stack_bytes = parse_number(value);
    } else if (strcmp(key, "max-boots") == 0) {
        args->boots_max = (unsigned)parse_number(value);
    } else if (strcmp(key, "duration") == 0) {
        args->duration_ms = parse_number(value);
    } else if (strcmp(key, "fail-allocation") == 0) {
        args->failing_allocation = parse_number(value);
    } else if (strcmp(key, "heap-dump") == 0) {
        args->heap_dump = value;
    } else if (strcmp(key, "trace-fd") == 0) {
        args->trace_fd = (int)parse_number(value);
    } else if (strcmp(key, "trace-raw") == 0) {
        args->trace_raw = parse_number(value) != 0;
    } else if (strcmp(key, "trace-no-text") == 0) {
        args->trace_no_text = parse_number(value) != 0;
    } else if (strcmp(key, "interactive") == 0) {
        args->is_interactive = parse_number(value) != 0;
    } else if (strcmp(key, "version") == 0) {
        args->shows_version = parse_number(value) != 0;
    } else if (strcmp(key, "egc") != 0) {
        misuse("unknown option", key);
    }
}

static void add_chunk(struct vm_args *args, const char *text, int is_library)
{
    if (args->chunk_count == VM_CHUNKS_MAX)
        misuse("too many chunks:", text);
    args->chunks[args->chunk_count++] = (struct vm_chunk){text, is_library};
}

const char *vm_args_word(const struct vm_args *args, int i)
{
    return args->words[i] + strlen(WORD_OPTION);
}

// The folder of the script becomes the file system of a device; the script a file in it. A script
// that is named by its path below --fs is that file too.
static void default_file_system(struct vm_args *args)
{
    static char folder[4096];
    size_t bytes = args->fs ? strlen(args->fs) : 0;
    while (bytes > 1 && args->fs[bytes - 1] == '/')
        bytes--;
    if (bytes && args->script && strncmp(args->script, args->fs, bytes) == 0 &&
        args->script[bytes] == '/')
        args->script += bytes + 1;
    if (args->fs || !args->profile->is_firmware || !args->script ||
        strcmp(args->script, "-") == 0) {
        args->fs = args->fs ? args->fs : "";
        return;
    }
    const char *slash = strrchr(args->script, '/');
    if (!slash) {
        args->fs = "";
        return;
    }
    snprintf(folder, sizeof folder, "%.*s", (int)(slash == args->script ? 1 : slash - args->script),
             args->script);
    args->fs = folder;
    args->script = slash + 1;
}

void vm_args_parse(struct vm_args *args, int argc, char **argv)
{
    const char *egc = NULL;
    *args = (struct vm_args){.profile = &lua_profile_nodemcu, .boots_max = 3, .trace_fd = -1};
    args->stack_bytes = STACK_BYTES_DEFAULT;
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        static char key[32];
        const char *equals = strchr(argv[i], '=');
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        if (!equals || equals - argv[i] - 2 >= (long)sizeof key)
            misuse("unknown option", argv[i]);
        snprintf(key, sizeof key, "%.*s", (int)(equals - argv[i] - 2), argv[i] + 2);
        if (strcmp(key, "egc") == 0)
            egc = equals + 1;
        if (strcmp(key, "execute") == 0 || strcmp(key, "library") == 0) {
            add_chunk(args, equals + 1, key[0] == 'l');
        } else if (strcmp(key, "word") == 0) { // they stand together
            args->words = args->word_count ? args->words : argv + i;
            args->word_count++;
        } else {
            parse_option(args, key, equals + 1);
        }
    }
    if (i < argc)
        args->script = argv[i++];
    args->script_args = argv + i;
    args->script_arg_count = argc > i ? argc - i : 0;
    parse_egc(args, egc ? egc : args->profile->is_firmware ? "always" : "none");
    if (args->heap_bytes == 0)
        args->heap_bytes = args->profile->is_firmware ? NODEMCU_HEAP_BYTES : PC_HEAP_BYTES;
    vm_heap_bytes = args->heap_bytes;
    default_file_system(args);
}
