// vm_options.c: from the options of run and record to the command line of the VM.

#include "analyzer/cmd/vm_options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/problem.h"
#include "runtime/format/status.h"

#define FIXED_ARGS_MAX 16

const char *const vm_profile_names[] = {"nodemcu", "pc", NULL};

int vm_settings_check(const struct vm_settings *vm, struct problem *problem)
{
    static const char *const modes[] = {"none", "failure", "always", NULL};
    if (!vm->egc)
        return STATUS_OK;
    for (size_t i = 0; modes[i]; i++)
        if (strcmp(vm->egc, modes[i]) == 0)
            return STATUS_OK;
    if (strncmp(vm->egc, "limit:", 6) == 0) {
        char *end;
        long limit = strtol(vm->egc + 6, &end, 0);
        if (end != vm->egc + 6 && *end == 0 && limit != 0)
            return STATUS_OK;
    }
    return problem_set(problem, STATUS_USAGE, (struct text){0}, PROBLEM_NO_OFF,
                       "--egc: '%s' is none of none, failure, always, limit:N", vm->egc);
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
    size_t room = FIXED_ARGS_MAX + vm->chunks.count + vm->word_count + operand_count + 1;
    char **argv = arena_alloc(arena, room * sizeof *argv);
    size_t n = 0;
    argv[n++] = (char *)program;
    if (vm->chip_build)
        argv[n++] = text_option(arena, "build", vm->chip_build);
    argv[n++] = text_option(arena, "profile", vm_profile_names[vm->profile]);
    const struct {
        const char *key, *value;
    } texts[] = {{"lfs", vm->lfs}, {"flash", vm->flash}, {"fs", vm->fs}, {"egc", vm->egc}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].value)
            argv[n++] = text_option(arena, texts[i].key, texts[i].value);
    if (vm->heap_bytes)
        argv[n++] = number_option(arena, "heap", vm->heap_bytes);
    argv[n++] = number_option(arena, "stack", vm->stack_bytes);
    argv[n++] = number_option(arena, "max-boots", vm->boots_max);
    if (vm->duration_ms)
        argv[n++] = number_option(arena, "duration", vm->duration_ms);
    if (vm->is_interactive)
        argv[n++] = number_option(arena, "interactive", 1);
    if (vm->shows_version)
        argv[n++] = number_option(arena, "version", 1);
    for (size_t i = 0; i < vm->chunks.count; i++)
        argv[n++] = text_option(
            arena, vm->chunks.presets[i] == VM_CHUNK_CODE ? "execute" : "library",
            vm->chunks.items[i]);
    for (size_t i = 0; i < vm->word_count; i++)
        argv[n++] = text_option(arena, "word", vm->words[i]);
    argv[n++] = (char *)"--";
    for (size_t i = 0; i < operand_count; i++)
        argv[n++] = operands[i];
    argv[n] = NULL;
    return argv;
}
