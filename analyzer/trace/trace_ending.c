// trace_ending.c: how a run ended.

#include "analyzer/trace/trace_ending.h"

#include <signal.h>
#include <string.h>

#define STREAM_ERROR 2 // of `console`
#define SIGNALS_MAX 64

// Heads of the lines in which the runtime says why a program has ended.
static const char lua_head[] = "lua: ", runtime_head[] = "frost: ";

static void take_piece(struct trace_ending_line *line, struct text piece)
{
    if (line->is_over)
        line->bytes = 0;
    line->is_over = false;
    for (size_t i = 0; i < piece.bytes && line->bytes < sizeof line->data; i++)
        line->data[line->bytes++] = piece.data[i];
}

static void keep(struct trace_ending_line *to, const struct trace_ending_line *line, size_t head)
{
    to->bytes = line->bytes - head;
    memcpy(to->data, line->data + head, to->bytes);
}

static void end_error_line(struct trace_ending *ending)
{
    struct text line = {ending->line.data, ending->line.bytes};
    if (text_begins_with(line, lua_head)) {
        keep(&ending->said, &ending->line, strlen(lua_head));
        ending->is_from_lua = true;
    } else if (text_begins_with(line, runtime_head) && !ending->is_from_lua) {
        keep(&ending->said, &ending->line, strlen(runtime_head));
    }
}

static void note_console(struct trace_ending *ending, const struct trace_event_console *console)
{
    bool is_error = console->stream == STREAM_ERROR;
    struct trace_ending_line *line = is_error ? &ending->line : &ending->printed;
    struct text rest = console->text;
    while (rest.bytes > 0) {
        const char *end = memchr(rest.data, '\n', rest.bytes);
        size_t bytes = end ? (size_t)(end - rest.data) : rest.bytes;
        // An empty line leaves the last one that had something in it.
        if (is_error || bytes > 0)
            take_piece(line, (struct text){rest.data, bytes});
        if (end && is_error)
            end_error_line(ending);
        line->is_over |= end != NULL;
        bytes += end != NULL;
        rest = (struct text){rest.data + bytes, rest.bytes - bytes};
    }
}

void trace_ending_note(struct trace_ending *ending, const struct trace_event *event)
{
    if (event->id == TRACE_ID_console)
        note_console(ending, &event->console);
    if (event->id == TRACE_ID_end) {
        ending->has_end = true;
        ending->status = event->end.status;
    }
    if (event->id == TRACE_ID_boot) // what an earlier boot said is history
        *ending = (struct trace_ending){.exclude = ending->exclude};
}

static bool is_stopping(int number)
{
    return number == SIGHUP || number == SIGINT || number == SIGTERM || number == SIGKILL ||
           number == SIGPIPE; // frost record ... | head
}

void trace_ending_finish(struct trace_ending *ending, const struct trace *trace)
{
    const struct trace_run *run = trace_run(trace);
    const char *by = run->ended_by;
    bool is_stopped = !strcmp(by, "signal") || !strcmp(by, "user");
    ending->duration_ms = run->duration_ms;
    if (!ending->has_end && run->has_exited)
        ending->status = run->exit_status;
    if (is_stopped)
        ending->status = 0; // of the signal that the recorder sent, not of the one that it got
    if (!strcmp(by, "duration"))
        ending->kind = TRACE_CUT;
    else if (is_stopped)
        ending->kind = TRACE_STOPPED;
    else if (!ending->has_end && !run->has_exited)
        ending->kind = TRACE_ENDING_UNSAID;
    else if (is_stopping(ending->status - 128))
        ending->kind = TRACE_STOPPED;
    else if (ending->status != 0)
        ending->kind = TRACE_FAILED;
    else
        ending->kind = ending->has_end ? TRACE_ENDED : TRACE_ENDING_UNSAID;
}

// "signal 11 (Segmentation fault)"; NULL if the status is none of a signal.
static const char *signal_text(int status, struct arena *arena)
{
    int number = status - 128;
    if (number <= 0 || number > SIGNALS_MAX)
        return NULL;
    return arena_format(arena, "signal %d (%s)", number, strsignal(number));
}

static const char *shown_line(const struct trace_ending *ending,
                              const struct trace_ending_line *line, struct arena *arena)
{
    struct text text = arena_copy_text(arena, (struct text){line->data, line->bytes});
    return exclude_text(ending->exclude, arena, text).data;
}

static struct text failure_text(const struct trace_ending *ending, struct arena *arena)
{
    const char *by_signal = signal_text(ending->status, arena);
    const struct trace_ending_line *printed = &ending->printed;
    const char *why = ending->said.bytes ? shown_line(ending, &ending->said, arena)
                      : by_signal        ? by_signal
                                         : arena_format(arena, "status %d", ending->status);
    if (printed->bytes == 0)
        return text_of(arena_format(arena, "The program failed: %s", why));
    return text_of(arena_format(arena, "The program failed: %s (it printed last: %s)", why,
                                shown_line(ending, printed, arena)));
}

struct text trace_ending_text(const struct trace_ending *ending, struct arena *arena)
{
    const char *by_signal = signal_text(ending->status, arena);
    switch (ending->kind) {
    case TRACE_FAILED:
        return failure_text(ending, arena);
    case TRACE_CUT:
        if (ending->duration_ms == 0)
            return text_of("The run was ended by --duration");
        return text_of(arena_format(arena,
                                    "The run was ended after %g s of device time (--duration)",
                                    (double)ending->duration_ms / 1000));
    case TRACE_STOPPED:
        return text_of(
            arena_format(arena, "The run was ended by %s", by_signal ? by_signal : "a signal"));
    case TRACE_ENDED:
    case TRACE_ENDING_UNSAID:
        break;
    }
    return (struct text){0};
}
