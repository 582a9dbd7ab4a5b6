// vm_settings.c: from settings to the command line of the VM.

#include "analyzer/job/vm_settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/problem.h"
#include "runtime/format/status.h"

#define FIXED_ARGS_MAX 30

const char *const vm_profile_names[] = {"nodemcu", "pc", NULL};
const char *const vm_on_error_names[] = {"default", "stop", "restart", NULL};
const char *const vm_watchdog_names[] = {"report", "reset", "off", NULL};
const char *const vm_firmware_names[] = {"3.0", "legacy", "stock", "stock-2018", NULL};
const char *const vm_uart_names[] = {"output", "pty", NULL};
const char *const vm_egc_modes[] = {"none", "failure", "always", "limit:", NULL};

// NAME=FILE: a name of Lua, and a file that can be read.
static int check_given(const char *given, struct problem *problem)
{
    static const char letters[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *equals = strchr(given, '=');
    size_t bytes = equals ? (size_t)(equals - given) : 0, i = 0;
    while (i < bytes && (strchr(letters, given[i]) || (i > 0 && strchr("0123456789", given[i]))))
        i++;
    if (bytes == 0 || i < bytes || equals[1] == '\0')
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "--module: '%s' is not NAME=FILE", given);
    struct stat about;
    int is_read = access(equals + 1, R_OK) == 0 && stat(equals + 1, &about) == 0;
    if (is_read && !S_ISDIR(about.st_mode))
        return STATUS_OK;
    return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                       "--module: %s cannot be read: %s", equals + 1,
                       strerror(is_read ? EISDIR : errno));
}

int vm_settings_check(const struct vm_settings *vm, struct problem *problem)
{
    for (size_t i = 0; i < vm->chunks.count; i++)
        if (vm->chunks.presets[i] == VM_CHUNK_GIVEN &&
            check_given(vm->chunks.items[i], problem) != STATUS_OK)
            return STATUS_USAGE;
    if (vm->world && (vm->is_live || vm->ports.count || vm->hosts.count || vm->is_interactive))
        return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                           "--world is a world without --live, --port, --host and -i");
    if (!vm->egc)
        return STATUS_OK;
    bool is_limit = strncmp(vm->egc, "limit:", 6) == 0;
    for (size_t i = 0; vm_egc_modes[i] && !is_limit; i++)
        if (strcmp(vm->egc, vm_egc_modes[i]) == 0)
            return STATUS_OK;
    if (is_limit) {
        char *end;
        long limit = strtol(vm->egc + 6, &end, 0);
        if (end != vm->egc + 6 && *end == 0 && limit != 0)
            return STATUS_OK;
    }
    return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                       "--egc: '%s' is not one of none, failure, always, limit:N", vm->egc);
}

const char *vm_program_name(const struct vm_settings *vm, const char *probes)
{
    static char name[64];
    snprintf(name, sizeof name, "frostvm-%s-%s", vm->is_integer ? "integer" : "float", probes);
    return name;
}

const char *vm_chip_build(const struct vm_settings *vm, const char *probes)
{
    return vm_program_name(vm, probes) + sizeof "frostvm-" - 1;
}

static char *text_option(struct arena *arena, const char *key, const char *value)
{
    size_t bytes = strlen(key) + strlen(value) + 4;
    char *out = arena_alloc(arena, bytes);
    snprintf(out, bytes, "--%s=%s", key, value);
    return out;
}

static char *number_option(struct arena *arena, const char *key, uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    return text_option(arena, key, digits);
}

// The VM's files are those of the program, so a given one is named from the root of the host.
static char *chunk_option(struct arena *arena, int kind, const char *text)
{
    if (kind != VM_CHUNK_GIVEN)
        return text_option(arena, kind == VM_CHUNK_CODE ? "execute" : "library", text);
    const char *file = strchr(text, '=') + 1;
    char *path = realpath(file, NULL);
    char *given = arena_format(arena, "%.*s%s", (int)(file - text), text, path ? path : file);
    free(path);
    return text_option(arena, "module", given);
}

void vm_settings_take_words(struct vm_settings *vm, char *const *words, char *const *operands)
{
    vm->words = words;
    vm->word_count = 0;
    // The parser gives the operands as pointers to the words themselves.
    while (words[vm->word_count] && words[vm->word_count] != operands[0])
        vm->word_count++;
}

char **vm_make_argv(struct arena *arena, const char *program, const struct vm_settings *vm,
                    char *const *operands, size_t operand_count)
{
    size_t option_count = 0;
    while (vm->options && vm->options[option_count])
        option_count++;
    size_t room = FIXED_ARGS_MAX + option_count + vm->ports.count + vm->hosts.count +
                  vm->secrets.count + vm->chunks.count + vm->word_count + operand_count + 1;
    char **argv = arena_alloc(arena, room * sizeof *argv);
    size_t n = 0;
    argv[n++] = (char *)program;
    if (vm->chip_build)
        argv[n++] = text_option(arena, "build", vm->chip_build);
    argv[n++] = text_option(arena, "profile", vm_profile_names[vm->profile]);
    const struct {
        const char *key, *value;
    } texts[] = {{"lfs", vm->lfs},     {"devs", vm->devs},
                 {"flash", vm->flash}, {"fs", vm->fs},
                 {"world", vm->world}, {"egc", vm->egc},
                 {"name", vm->name},   {"saved-wifi", vm->saved_wifi}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].value)
            argv[n++] = text_option(arena, texts[i].key, texts[i].value);
    if (vm->heap_bytes)
        argv[n++] = number_option(arena, "heap", vm->heap_bytes);
    argv[n++] = number_option(arena, "stack", vm->stack_bytes);
    if (vm->world_number > 1)
        argv[n++] = number_option(arena, "world-number", vm->world_number);
    argv[n++] = number_option(arena, "max-boots", vm->boots_max);
    if (vm->duration_ms)
        argv[n++] = number_option(arena, "duration", vm->duration_ms);
    if (vm->on_error != VM_ON_ERROR_DEFAULT)
        argv[n++] = text_option(arena, "on-error", vm_on_error_names[vm->on_error]);
    if (vm->has_console || vm->uart == VM_UART_PTY)
        argv[n++] = text_option(arena, "console", vm->has_console ? "input" : "pty");
    if (vm->is_live)
        argv[n++] = number_option(arena, "live", 1);
    if (vm->tcp_max)
        argv[n++] = number_option(arena, "tcp-max", vm->tcp_max);
    for (size_t i = 0; i < vm->ports.count; i++)
        argv[n++] = text_option(arena, "port", vm->ports.items[i]);
    for (size_t i = 0; i < vm->hosts.count; i++)
        argv[n++] = text_option(arena, "host", vm->hosts.items[i]);
    for (size_t i = 0; i < vm->secrets.count; i++)
        argv[n++] = text_option(arena, "secret", vm->secrets.items[i]);
    if (vm->watchdog != VM_WATCHDOG_REPORT)
        argv[n++] = text_option(arena, "watchdog", vm_watchdog_names[vm->watchdog]);
    if (vm->firmware != VM_FIRMWARE_3_0)
        argv[n++] = text_option(arena, "firmware", vm_firmware_names[vm->firmware]);
    if (vm->is_freezing)
        argv[n++] = number_option(arena, "freeze", 1);
    if (vm->freezer_bytes)
        argv[n++] = number_option(arena, "freezer-size", vm->freezer_bytes);
    if (vm->is_compacting)
        argv[n++] = number_option(arena, "compact", 1);
    if (vm->is_interactive)
        argv[n++] = number_option(arena, "interactive", 1);
    if (vm->shows_version)
        argv[n++] = number_option(arena, "version", 1);
    if (vm->replay.trace) {
        argv[n++] = number_option(arena, "replay-fd", (uint64_t)vm->replay.descriptor);
        argv[n++] = number_option(arena, "replay-loose", vm->replay.is_loose);
        argv[n++] = number_option(arena, "replay-own-heap", vm->replay.has_own_heap);
        argv[n++] = number_option(arena, "replay-quiet", vm->replay.is_quiet);
    }
    for (size_t i = 0; i < option_count; i++)
        argv[n++] = (char *)vm->options[i];
    for (size_t i = 0; i < vm->chunks.count; i++)
        argv[n++] = chunk_option(arena, vm->chunks.presets[i], vm->chunks.items[i]);
    for (size_t i = 0; i < vm->word_count; i++)
        argv[n++] = text_option(arena, "word", vm->words[i]);
    argv[n++] = (char *)"--";
    for (size_t i = 0; i < operand_count; i++)
        argv[n++] = operands[i];
    argv[n] = NULL;
    return argv;
}
