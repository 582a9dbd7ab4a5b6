// vm_args.c: reads the command line of the VM program.

#include "runtime/port/host/vm_args.h"
#include "runtime/nodemcu/net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/state.h"
#include "runtime/format/path_below.h"
#include "runtime/format/status.h"
#include "runtime/world/host/marks.h"
#include "runtime/world/vary.h"

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

static enum host_clock parse_clock(const char *name)
{
    if (strcmp(name, "real") == 0)
        return HOST_CLOCK_REAL;
    if (strcmp(name, "virtual") != 0)
        misuse("no such clock:", name);
    return HOST_CLOCK_VIRTUAL;
}

static void add_word(const char **words, unsigned *count, unsigned most, const char *key,
                     const char *word)
{
    if (*count == most)
        misuse("too many of", key);
    words[(*count)++] = word;
}

// A device restarts after an error in a callback; its recording ends there, as does a program that
// runs on a computer.
static void parse_on_error(struct vm_args *args, const char *what)
{
    int restarts = what ? strcmp(what, "restart") == 0
                        : args->profile->is_firmware && args->trace_fd < 0;
    if (what && !restarts && strcmp(what, "stop") != 0)
        misuse("no such answer to an error:", what);
    args->on_error = restarts ? CALLBACK_RESTARTS : CALLBACK_STOPS;
}

static enum firmware_edition parse_firmware(const char *name)
{
    int edition = firmware_edition_of(name);
    if (edition < 0)
        misuse("no such firmware:", name);
    return (enum firmware_edition)edition;
}

static enum watchdog_policy parse_watchdog(const char *what)
{
    if (strcmp(what, "reset") == 0)
        return WATCHDOG_RESETS;
    if (strcmp(what, "report") != 0 && strcmp(what, "off") != 0)
        misuse("no such watchdog:", what);
    return what[0] == 'o' ? WATCHDOG_OFF : WATCHDOG_REPORTS;
}

// Each of these: 0 if the option is none of its group.
static int parse_memory_option(struct vm_args *args, const char *key, const char *value)
{
    if (strcmp(key, "lfs") == 0) {
        args->lfs = value;
    } else if (strcmp(key, "devs") == 0) {
        args->devs = value;
    } else if (strcmp(key, "flash") == 0) {
        args->flash = value;
    } else if (strcmp(key, "fs") == 0) {
        args->fs = value;
    } else if (strcmp(key, "heap") == 0) {
        args->heap_bytes = parse_number(value);
    } else if (strcmp(key, "stack") == 0) {
        args->stack_bytes = parse_number(value);
    } else if (strcmp(key, "fail-allocation") == 0) {
        args->failing_allocation = parse_number(value);
    } else if (strcmp(key, "freeze") == 0) {
        args->is_freezing = parse_number(value) != 0;
    } else if (strcmp(key, "freezer-size") == 0) {
        args->freezer_bytes = (uint32_t)parse_number(value);
    } else if (strcmp(key, "compact") == 0) {
        args->is_compacting = parse_number(value) != 0;
    } else if (strcmp(key, "heap-dump") == 0) {
        args->heap_dump = value;
    } else {
        return 0;
    }
    return 1;
}

static int parse_world_option(struct vm_args *args, const char *key, const char *value)
{
    if (strcmp(key, "clock") == 0) {
        args->clock = parse_clock(value);
    } else if (strcmp(key, "live") == 0) {
        args->live.reaches_out = args->live.holds_clock = 1;
        args->clock = HOST_CLOCK_REAL;
    } else if (strcmp(key, "ready-fd") == 0) {
        args->live.ready_fd = (int)parse_number(value);
        args->live.holds_clock = 1; // somebody will come
    } else if (strcmp(key, "mark-fd") == 0) {
        marks_open((int)parse_number(value));
    } else if (strcmp(key, "console") == 0) {
        args->has_console = 1;
        args->has_pseudo_terminal = strcmp(value, "pty") == 0;
    } else if (strcmp(key, "tcp-max") == 0) {
        net_set_tcp_max((unsigned)parse_number(value));
    } else if (strcmp(key, "port") == 0) {
        add_word(args->live.ports, &args->live.port_count, LIVE_PORTS_MAX, key, value);
    } else if (strcmp(key, "host") == 0) {
        add_word(args->live.hosts, &args->live.host_count, LIVE_HOSTS_MAX, key, value);
    } else if (strcmp(key, "saved-wifi") == 0) {
        args->saved_wifi = value;
    } else if (strcmp(key, "world") == 0) {
        args->world = value;
    } else if (strcmp(key, "world-number") == 0) {
        uint64_t number = parse_number(value);
        if (number < 1 || number > VARY_WORLDS_MAX)
            misuse("there is no such world", value);
        vary_set_world((unsigned)number);
    } else if (strcmp(key, "world-fd") == 0) {
        args->world_fd = (int)parse_number(value);
    } else {
        return 0;
    }
    return 1;
}

static int parse_trace_option(struct vm_args *args, const char *key, const char *value)
{
    if (strcmp(key, "trace-fd") == 0) {
        args->trace_fd = (int)parse_number(value);
    } else if (strcmp(key, "trace-raw") == 0) {
        args->trace_raw = parse_number(value) != 0;
    } else if (strcmp(key, "snapshots") == 0) {
        args->snapshots = (unsigned)parse_number(value);
    } else if (strcmp(key, "snapshot-bytes") == 0) {
        args->snapshot_bytes = (uint32_t)parse_number(value);
    } else if (strcmp(key, "trace-stacks") == 0) {
        args->trace_stacks = (unsigned)parse_number(value);
    } else if (strcmp(key, "trace-no-text") == 0) {
        args->trace_no_text = parse_number(value) != 0;
    } else if (strcmp(key, "secret") == 0) {
        add_word(args->secrets, &args->secret_count, VM_SECRETS_MAX, key, value);
    } else if (strcmp(key, "trace-no-inputs") == 0) {
        args->trace_no_inputs = parse_number(value) != 0;
    } else if (strcmp(key, "replay-fd") == 0) {
        args->replay_fd = (int)parse_number(value);
    } else if (strcmp(key, "replay-loose") == 0) {
        args->replay_loose = parse_number(value) != 0;
    } else if (strcmp(key, "replay-own-heap") == 0) {
        args->replay_own_heap = parse_number(value) != 0;
    } else if (strcmp(key, "replay-quiet") == 0) {
        args->replay_quiet = parse_number(value) != 0;
    } else {
        return 0;
    }
    return 1;
}

static void parse_option(struct vm_args *args, const char *key, const char *value)
{
    if (parse_memory_option(args, key, value) || parse_world_option(args, key, value) ||
        parse_trace_option(args, key, value))
        return;
    if (strcmp(key, "profile") == 0) {
        args->profile = lua_profile_find(value);
        if (!args->profile)
            misuse("unknown profile", value);
    } else if (strcmp(key, "name") == 0) {
        args->name = value;
        args->is_interpreter = 1;
    } else if (strcmp(key, "max-boots") == 0) {
        args->boots_max = (unsigned)parse_number(value);
    } else if (strcmp(key, "duration") == 0) {
        args->duration_ms = parse_number(value);
    } else if (strcmp(key, "watchdog") == 0) {
        args->watchdog = parse_watchdog(value);
    } else if (strcmp(key, "firmware") == 0) {
        args->firmware = parse_firmware(value);
    } else if (strcmp(key, "absent-list") == 0) {
        args->absent_list = value;
    } else if (strcmp(key, "module-list") == 0) {
        args->module_list = value;
    } else if (strcmp(key, "instructions") == 0) {
        host_instructions_file = value;
    } else if (strcmp(key, "interactive") == 0) {
        args->is_interactive = parse_number(value) != 0;
    } else if (strcmp(key, "version") == 0) {
        args->shows_version = parse_number(value) != 0;
    } else if (strcmp(key, "egc") != 0 && strcmp(key, "on-error") != 0) {
        misuse("unknown option", key);
    }
}

// False: `key` is no option for a chunk.
static int add_chunk(struct vm_args *args, const char *key, const char *text)
{
    static const char *const keys[] = {"execute", "library", "module"}; // kinds of chunks
    int kind = 0;
    while (kind < 3 && strcmp(key, keys[kind]) != 0)
        kind++;
    if (kind == 3)
        return 0;
    if (args->chunk_count == VM_CHUNKS_MAX)
        misuse("too many chunks:", text);
    struct vm_chunk *chunk = &args->chunks[args->chunk_count++];
    chunk->text = text;
    chunk->kind = kind;
    return 1;
}

const char *vm_args_word(const struct vm_args *args, int i)
{
    return args->words[i] + strlen(WORD_OPTION);
}

// The directory of the script becomes the file system of a device; the script a file in it. A
// script that is named by its path below --fs is that file too.
static void default_file_system(struct vm_args *args)
{
    static char directory[4096];
    const char *below = args->fs && args->script ? path_below(args->script, args->fs) : NULL;
    if (below)
        args->script = below;
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
    snprintf(directory, sizeof directory, "%.*s",
             (int)(slash == args->script ? 1 : slash - args->script), args->script);
    args->fs = directory;
    args->script = slash + 1;
}

void vm_args_parse(struct vm_args *args, int argc, char **argv)
{
    const char *egc = NULL, *on_error = NULL;
    *args = (struct vm_args){
        .profile = &lua_profile_nodemcu,
        .boots_max = 3,
        .trace_fd = -1,
        .world_fd = -1,
        .replay_fd = -1,
        .name = "lua",
    };
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
        if (strcmp(key, "on-error") == 0)
            on_error = equals + 1;
        if (strcmp(key, "word") == 0) { // they stand together
            args->words = args->word_count ? args->words : argv + i;
            args->word_count++;
        } else if (!add_chunk(args, key, equals + 1)) {
            parse_option(args, key, equals + 1);
        }
    }
    if (i < argc)
        args->script = argv[i++];
    args->script_args = argv + i;
    args->script_arg_count = argc > i ? argc - i : 0;
    parse_egc(args, egc ? egc : args->profile->is_firmware ? "always" : "none");
    parse_on_error(args, on_error);
    if (args->heap_bytes == 0)
        args->heap_bytes = args->profile->is_firmware ? NODEMCU_HEAP_BYTES : PC_HEAP_BYTES;
    vm_heap_bytes = args->heap_bytes;
    // Without an end, who listens waits for whom may come; otherwise the clock goes on without
    // them.
    if (!args->duration_ms && args->trace_fd < 0)
        args->live.holds_clock = 1;
    if (args->replay_fd >= 0)
        args->clock = HOST_CLOCK_VIRTUAL; // time is the recording's
    args->has_store = args->flash && !args->fs && args->profile->is_firmware;
    default_file_system(args);
}
