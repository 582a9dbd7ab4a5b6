// record_peak.c: see record_peak.h.

#include "analyzer/job/record_peak.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/analysis/heap/replay.h"
#include "analyzer/base/result_list.h"

#define TRACE_NAME "first.trace"

struct height {
    const struct replay *replay;
    uint64_t bytes;
};

static int begin_run(void *context, const struct replay *replay, struct problem *problem)
{
    ((struct height *)context)->replay = replay;
    (void)problem;
    return STATUS_OK;
}

static void note_step(void *context, struct heap_step *step)
{
    struct height *height = context;
    (void)step;
    if (height->replay->heap->lua_bytes > height->bytes)
        height->bytes = height->replay->heap->lua_bytes;
}

static int end_run(void *context, const struct replay *replay, struct problem *problem)
{
    (void)context;
    (void)replay;
    (void)problem;
    return STATUS_OK;
}

int record_peak_find(const struct job_context *context, const char *trace, uint32_t *bytes,
                     struct problem *problem)
{
    struct height height = {0};
    struct replay_observer observer = {.context = &height,
                                       .events = REPLAY_BLOCKS,
                                       .wants_heap = true,
                                       .begin = begin_run,
                                       .step = note_step,
                                       .end = end_run};
    struct replay_settings settings = {.traces = &trace, .trace_count = 1};
    (void)context;
    int status = replay_run(&settings, &observer, 1, problem);
    *bytes = height.bytes < UINT32_MAX ? (uint32_t)height.bytes : 0;
    return status;
}

const char *record_peak_scratch(const struct job_context *context)
{
    const char *place = getenv("TMPDIR");
    char *directory = arena_format(context->arena, "%s/frost-record.XXXXXX",
                                   place && *place ? place : "/tmp");
    return mkdtemp(directory) ? arena_format(context->arena, "%s/" TRACE_NAME, directory) : NULL;
}

void record_peak_clear(const struct job_context *context, const char *scratch)
{
    if (!scratch)
        return;
    int trace = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (trace >= 0) {
        result_list_remove(trace, context->arena);
        close(trace);
        rmdir(scratch);
    }
    const char *end = strrchr(scratch, '/');
    rmdir(arena_format(context->arena, "%.*s", (int)(end - scratch), scratch));
}
