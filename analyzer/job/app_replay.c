// app_replay.c: see app_replay.h.

#include "analyzer/job/app_replay.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "analyzer/job/program_facts.h"
#include "analyzer/job/replay.h"
#include "analyzer/trace/trace_reader.h"

#define JUDGED                                                                                     \
    (1ull << TRACE_ID_output | 1ull << TRACE_ID_console | 1ull << TRACE_ID_replay_difference)

int app_replay_prepare(const struct job_context *context, const char *recording,
                       struct vm_settings *vm, char *const *operands, struct recorder_setup *setup,
                       struct problem *problem)
{
    struct job_context silent = *context; // that files and init.lua are others is the variant
    silent.is_quiet = true;
    vm->world = vm->saved_wifi = NULL; // the recording is the world
    vm->replay = (struct vm_replay){.trace = recording, .is_quiet = true};
    setup->facts = program_facts(context->arena, vm, operands, 1);
    int status = replay_prepare(&silent, vm, setup->facts, problem);
    struct text name = text_base_name(text_of(recording)); // the recording is moved with the result
    json_object_set_new(setup->facts, "replay_of", json_stringn(name.data, name.bytes));
    setup->duration_ms = vm->duration_ms;
    return status;
}

// The text of the event without what was recorded and what came.
static struct text without_bytes(struct text text)
{
    for (size_t i = 0; i < text.bytes; i++)
        if (text.data[i] == ';')
            return (struct text){text.data, i};
    return text;
}

static const char *describe(const struct trace_event_replay_difference *event, struct arena *arena)
{
    struct text what = without_bytes(event->text);
    const char *of = event->kind ? arena_format(arena, " (%s)", trace_world_name(event->kind)) : "";
    return arena_format(arena, "turn %" PRIu32 "%s: %.*s", event->turn, of, TEXT_ARGS(what));
}

int app_replay_judge(struct arena *arena, const char *path, struct app_replay *replay,
                     struct problem *problem)
{
    struct trace *trace;
    struct trace_event event;
    *replay = (struct app_replay){.is_replay = true};
    int more, status = trace_open(arena, path, &trace, problem);
    if (status != STATUS_OK)
        return status;
    while ((more = trace_next_of(trace, JUDGED, &event, 1)) > 0) {
        if (event.id == TRACE_ID_output)
            replay->output_bytes += event.output.data.bytes;
        else if (event.id == TRACE_ID_console)
            replay->output_bytes += event.console.text.bytes;
        else if (event.id == TRACE_ID_replay_difference &&
                 event.replay_difference.difference == DIFFERENCE_ORDER)
            replay->order_count++;
        else if (event.id == TRACE_ID_replay_difference && !replay->difference)
            replay->difference = describe(&event.replay_difference, arena);
    }
    if (more < 0)
        *problem = *trace_problem(trace);
    trace_close(trace);
    return more;
}
