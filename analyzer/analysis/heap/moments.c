// moments.c: see moments.h.

#include "analyzer/analysis/heap/moments.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/format/world.h"

#define METHOD_BYTES_MAX 10u

// ---- requests ----

// Bytes of the line "GET /path HTTP/1.1" up to its end; 0: it is no such line.
static size_t request_line(struct text data)
{
    size_t method = 0, end = 0;
    while (method < data.bytes && data.data[method] >= 'A' && data.data[method] <= 'Z')
        method++;
    if (method < 2 || method > METHOD_BYTES_MAX || method + 1 >= data.bytes ||
        data.data[method] != ' ' || (data.data[method + 1] != '/' && data.data[method + 1] != '*'))
        return 0;
    while (end < data.bytes && data.data[end] != '\r' && data.data[end] != '\n')
        end++;
    return end;
}

// A request begins: what arrives at a connection, as its first piece.
static bool is_request(const struct trace_event_input *input)
{
    return input->kind == WORLD_SOCKET && input->piece == 0 && request_line(input->data) > 0;
}

static struct text request_name(struct moments *moments, struct text data)
{
    moments->request_number++;
    if (!moments->includes_input)
        return text_of(arena_format(moments->arena, "request %" PRIu32, moments->request_number));
    return arena_copy_text(moments->arena, (struct text){data.data, request_line(data)});
}

// ---- moments ----

static void close_last(struct moments *moments, uint64_t lua_bytes)
{
    if (moments->count && !moments->more && !moments->is_over)
        moments->items[moments->count - 1].end_bytes = lua_bytes;
}

static void add(struct moments *moments, const struct replay *replay, bool is_mark,
                struct text name)
{
    const struct heap_replay *heap = replay->heap;
    close_last(moments, heap->lua_bytes);
    moments->is_over = false;
    if (moments->count == MOMENTS_MAX) {
        moments->more++;
        return;
    }
    moments->items[moments->count++] = (struct moment){
        .name = name,
        .is_mark = is_mark,
        .boot = heap->boot_count,
        .device_ms = moments->device_ns / 1000000,
        .clock = heap->clock,
        .begin_bytes = heap->lua_bytes,
        .peak_bytes = heap->lua_bytes,
        .end_bytes = heap->lua_bytes,
    };
}

static void note_block(struct moments *moments, const struct heap_step *step, uint64_t lua_bytes)
{
    if (!moments->count || moments->more || moments->is_over)
        return;
    struct moment *moment = &moments->items[moments->count - 1];
    moment->allocations += step->born && !step->is_resize;
    if (lua_bytes > moment->peak_bytes)
        moment->peak_bytes = lua_bytes;
}

// ---- the observer ----

struct pass {
    struct moments *moments;
    const struct replay *replay;
};

static int begin(void *context, const struct replay *replay, struct problem *problem)
{
    (void)problem;
    ((struct pass *)context)->replay = replay;
    return STATUS_OK;
}

static void step(void *context, struct heap_step *heap_step)
{
    struct pass *pass = context;
    struct moments *moments = pass->moments;
    const struct trace_event *event = heap_step->event;
    switch (event->id) {
    case TRACE_ID_boot:
        moments->is_over = true;
        moments->device_ns = 0;
        break;
    case TRACE_ID_turn:
        moments->device_ns = event->turn.device_ns;
        break;
    case TRACE_ID_mark:
        add(moments, pass->replay, true, arena_copy_text(moments->arena, event->mark.text));
        break;
    case TRACE_ID_input:
        if (is_request(&event->input))
            add(moments, pass->replay, false, request_name(moments, event->input.data));
        break;
    default:
        note_block(moments, heap_step, pass->replay->heap->lua_bytes);
        break;
    }
}

static int end(void *context, const struct replay *replay, struct problem *problem)
{
    struct pass *pass = context;
    (void)problem;
    close_last(pass->moments, replay->heap->lua_bytes);
    pass->moments->is_over = true;
    return STATUS_OK;
}

struct replay_observer moments_observer(struct moments *moments, struct arena *arena,
                                        bool includes_input)
{
    struct pass *pass = ARENA_NEW(arena, struct pass);
    *moments = (struct moments){.includes_input = includes_input,
                                .arena = arena,
                                .items = ARENA_NEW_ARRAY(arena, struct moment, MOMENTS_MAX),
                                .is_over = true};
    *pass = (struct pass){.moments = moments};
    return (struct replay_observer){
        .context = pass,
        .events = REPLAY_EVENT(boot) | REPLAY_EVENT(turn) | REPLAY_EVENT(mark) |
                  REPLAY_EVENT(input) | REPLAY_BLOCKS,
        .wants_heap = true,
        .begin = begin,
        .step = step,
        .end = end,
    };
}
