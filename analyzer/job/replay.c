// replay.c: see replay.h.

#include "analyzer/job/replay.h"

#include <jansson.h>
#include <string.h>

#include "analyzer/job/program_facts.h"
#include "analyzer/job/replay_log.h"
#include "analyzer/trace/trace_reader.h"

static const char *string_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static int refuse(const struct vm_settings *vm, struct problem *problem, const char *what,
                  const char *then, const char *now)
{
    return problem_set(problem, STATUS_USAGE, text_of(vm->replay.trace), PROBLEM_NO_OFF, what, then,
                       now);
}

// ---- is it the same program? ----

static int check_kind(const struct trace_run *run, const struct vm_settings *vm,
                      struct problem *problem)
{
    const char *profile = vm_profile_names[vm->profile];
    const char *number = vm->is_integer ? "integer" : "float";
    if (strcmp(run->profile, profile) != 0)
        return refuse(vm, problem, "was recorded with --profile %s, not %s", run->profile, profile);
    if (strcmp(run->number, number) != 0)
        return refuse(vm, problem, "was recorded by the %s build, not the %s one", run->number,
                      number);
    return STATUS_OK;
}

// Both are there and equal, or neither is.
static bool is_same(const json_t *a, const json_t *b, const char *key)
{
    const json_t *one = json_object_get(a, key), *other = json_object_get(b, key);
    return one || other ? json_equal(one, other) : true;
}

// A script of another name and other contents is another program; one that was changed may be
// compared.
static int check_script(const struct job_context *context, const struct vm_settings *vm,
                        const json_t *then, const json_t *now, struct problem *problem)
{
    const json_t *script = json_object_get(then, "script");
    const json_t *other = json_object_get(now, "script");
    const char *name = string_of(script, "name"), *other_name = string_of(other, "name");
    bool has_name = strcmp(name, other_name) == 0;
    bool is_equal = is_same(script, other, "crc") && is_same(then, now, "code_crc");
    if (!has_name && !is_equal && !vm->replay.is_loose)
        return refuse(vm, problem,
                      "was recorded from '%.50s'; '%.50s' is another program "
                      "(--replay-loose compares them all the same)",
                      *name ? name : "-e", *other_name ? other_name : "-e");
    if (!has_name || !is_equal)
        job_say(context, "the program is not the one that was recorded: %s",
                *other_name ? other_name : "-e");
    return STATUS_OK;
}

static void check_files(const struct job_context *context, const json_t *then, const json_t *now)
{
    const char *changes = program_facts_changed_files(context->arena, then, now);
    if (changes)
        job_say(context, "files that are not as they were when the recording began: %s", changes);
}

// ---- settings ----

static uint64_t number_of(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

// Those that were not given are the recording's.
static void take_settings(const struct job_context *context, struct vm_settings *vm,
                          const json_t *then)
{
    const char *on_error = string_of(then, "on_error"), *egc = string_of(then, "egc");
    if (!vm->heap_bytes)
        vm->heap_bytes = number_of(then, "heap_bytes");
    if (!vm->world_number)
        vm->world_number = number_of(then, "world_number");
    if (!vm->egc && *egc)
        vm->egc = arena_copy_string(context->arena, egc);
    for (int i = 0; vm->on_error == VM_ON_ERROR_DEFAULT && vm_on_error_names[i]; i++)
        if (strcmp(on_error, vm_on_error_names[i]) == 0)
            vm->on_error = i;
    if (vm->on_error == VM_ON_ERROR_DEFAULT) // a recording's own
        vm->on_error = VM_ON_ERROR_STOP;
}

int replay_take_script(struct arena *arena, const struct vm_settings *vm, char ***operands,
                       size_t *operand_count, struct problem *problem)
{
    struct trace *trace;
    if (!vm->replay.trace || *operand_count > 0 || vm->chunks.count > 0)
        return STATUS_OK;
    int status = trace_open(arena, vm->replay.trace, &trace, problem);
    if (status != STATUS_OK)
        return status;
    const json_t *started = json_object_get(trace_run(trace)->json, "started");
    const char *name = string_of(json_object_get(started, "script"), "name");
    if (*name && !strchr(name, '/')) {
        *operands = ARENA_NEW_ARRAY(arena, char *, 2);
        (*operands)[0] = arena_copy_string(arena, name);
        (*operands)[1] = NULL;
        *operand_count = 1;
    } else {
        status = problem_set(problem, STATUS_USAGE, text_of(vm->replay.trace), PROBLEM_NO_OFF,
                             "does not tell its script: name it, or give -e CODE again");
    }
    trace_close(trace);
    return status;
}

int replay_prepare(const struct job_context *context, struct vm_settings *vm, struct json_t *facts,
                   struct problem *problem)
{
    struct trace *trace;
    int status = trace_open(context->arena, vm->replay.trace, &trace, problem);
    if (status != STATUS_OK)
        return status;
    const struct trace_run *run = trace_run(trace);
    const json_t *then = json_object_get(run->json, "started");
    const json_t *now = json_object_get(facts, "started");
    status = replay_log_write(context->arena, trace, vm->replay.trace, &vm->replay.descriptor,
                              problem);
    if (status == STATUS_OK && run->is_present)
        status = check_kind(run, vm, problem);
    if (status == STATUS_OK && then)
        status = check_script(context, vm, then, now, problem);
    if (status == STATUS_OK) {
        check_files(context, run->json, facts);
        take_settings(context, vm, then);
        vm->duration_ms = number_of(run->json, "duration_ms");
        json_object_set_new(facts, "replay_of", json_string(vm->replay.trace));
    }
    trace_close(trace);
    return status;
}
