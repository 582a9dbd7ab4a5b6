// replay_log.c: see replay_log.h.

#include "analyzer/job/replay_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/trace/trace_pieces.h"
#include "runtime/format/replay_log.h"

struct writer {
    FILE *file; // NULL: none
    uint64_t bytes;
    struct trace_pieces pieces;
    bool has_turns;
    bool has_ended;
    int exit_status;
    const char *directory;
    struct problem *problem;
};

#define KEPT                                                                                       \
    (1ull << TRACE_ID_boot | 1ull << TRACE_ID_turn | 1ull << TRACE_ID_input |                      \
     1ull << TRACE_ID_output | 1ull << TRACE_ID_console | 1ull << TRACE_ID_mark |                  \
     1ull << TRACE_ID_end)

static int refuse(const struct writer *writer, int status, const char *why)
{
    return problem_set(writer->problem, status, text_of(writer->directory), PROBLEM_NO_OFF, "%s",
                       why);
}

// ---- the file ----

// A file that nobody else can open, and that goes when the last program has closed it.
static int open_nameless(struct writer *writer, int *descriptor)
{
    const char *directory = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/frost-replay.XXXXXX",
             directory && *directory ? directory : "/tmp");
    *descriptor = mkstemp(path);
    if (*descriptor >= 0)
        unlink(path);
    writer->file = *descriptor < 0 ? NULL : fdopen(dup(*descriptor), "w");
    if (!writer->file)
        return problem_set(writer->problem, STATUS_IO, (struct text){0}, PROBLEM_NO_OFF,
                           "no file for the replay log below '%.60s': %s",
                           directory && *directory ? directory : "/tmp", strerror(errno));
    return STATUS_OK;
}

static void put(struct writer *writer, const void *data, size_t bytes)
{
    if (bytes > 0) // `data` may be NULL otherwise
        fwrite(data, 1, bytes, writer->file);
    writer->bytes += bytes;
}

static void put_record(struct writer *writer, int type, int kind, uint32_t object, const void *data,
                       size_t bytes)
{
    static const char zeros[REPLAY_LOG_ALIGN];
    struct replay_record record = {
        .type = (uint8_t)type, .kind = (uint8_t)kind, .object = object, .bytes = (uint32_t)bytes};
    put(writer, &record, sizeof record);
    put(writer, data, bytes);
    put(writer, zeros, -bytes % REPLAY_LOG_ALIGN);
}

static void put_header(struct writer *writer, uint64_t bytes)
{
    struct replay_log_header header = {REPLAY_LOG_MAGIC, REPLAY_LOG_VERSION, bytes};
    rewind(writer->file);
    fwrite(&header, 1, sizeof header, writer->file);
}

static int close_file(struct writer *writer)
{
    bool is_bad = ferror(writer->file);
    is_bad |= fclose(writer->file) != 0;
    writer->file = NULL;
    if (!is_bad)
        return STATUS_OK;
    return problem_set(writer->problem, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO,
                       (struct text){0}, PROBLEM_NO_OFF, "cannot write the replay log: %s",
                       strerror(errno));
}

// ---- events ----

static int take_whole(struct writer *writer, const struct trace_event *event)
{
    struct trace_whole whole;
    if (event->id == TRACE_ID_input && event->input.kind == WORLD_FILE)
        return STATUS_OK; // a note for people
    if (trace_pieces_add(&writer->pieces, event, &whole))
        put_record(writer, whole.id == TRACE_ID_input ? REPLAY_INPUT : REPLAY_OUTPUT, whole.kind,
                   whole.object, whole.data.data, whole.data.bytes);
    return STATUS_OK;
}

static int take(struct writer *writer, const struct trace_event *event)
{
    struct replay_turn turn;
    switch (event->id) {
    case TRACE_ID_boot:
        if (event->boot.flags & TRACE_BOOT_STOCK)
            return refuse(writer, STATUS_USAGE,
                          "is of stock firmware, which does not tell what it receives");
        put_record(writer, REPLAY_BOOT, 0, event->boot.number, NULL, 0);
        return STATUS_OK;
    case TRACE_ID_turn:
        writer->has_turns = true;
        turn = (struct replay_turn){event->turn.device_ns / 1000, event->turn.number, 0};
        put_record(writer, REPLAY_TURN, event->turn.kind, event->turn.object, &turn, sizeof turn);
        return STATUS_OK;
    case TRACE_ID_console:
        put_record(writer, REPLAY_OUTPUT, WORLD_CONSOLE, event->console.stream,
                   event->console.text.data, event->console.text.bytes);
        return STATUS_OK;
    case TRACE_ID_mark:
        put_record(writer, REPLAY_MARK, 0, 0, event->mark.text.data, event->mark.text.bytes);
        return STATUS_OK;
    case TRACE_ID_end:
        writer->has_ended = true;
        writer->exit_status = event->end.status;
        return STATUS_OK;
    default:
        return take_whole(writer, event);
    }
}

// ---- the trace ----

static bool is_false(const struct trace_run *run, const char *key)
{
    return run->json && json_is_false(json_object_get(run->json, key));
}

static int check_run(const struct writer *writer, const struct trace_run *run)
{
    if (is_false(run, "text"))
        return refuse(writer, STATUS_USAGE, "holds no inputs: it was recorded with --no-text");
    if (is_false(run, "inputs"))
        return refuse(writer, STATUS_USAGE, "holds no inputs: it was recorded with --no-inputs");
    return STATUS_OK;
}

static int check_loss(const struct writer *writer, const struct trace_loss *loss)
{
    if (loss->is_cut)
        return refuse(writer, STATUS_DAMAGED, "is cut off: its end is missing");
    if (loss->events_discarded || loss->packets_lost || loss->blocks_lost ||
        writer->pieces.incomplete)
        return refuse(writer, STATUS_DAMAGED, "lacks events that were lost when it was recorded");
    if (!writer->has_turns)
        return refuse(writer, STATUS_USAGE, "holds no inputs: it was recorded by an older version");
    return STATUS_OK;
}

// How it ended: the program's status, or why that is not known.
static uint32_t ending_of(const struct writer *writer, const struct trace_run *run)
{
    if (!strcmp(run->ended_by, "duration"))
        return REPLAY_OVER;
    bool is_own = !*run->ended_by || !strcmp(run->ended_by, "program");
    return writer->has_ended && is_own ? (uint32_t)writer->exit_status : REPLAY_CUT;
}

static int write_records(struct writer *writer, struct trace *trace)
{
    struct trace_event event;
    int more, status = STATUS_OK;
    bool has_booted = false;
    put_header(writer, 0);
    writer->bytes = sizeof(struct replay_log_header);
    while (status == STATUS_OK && (more = trace_next_of(trace, KEPT, &event, 1)) > 0) {
        if (!has_booted && event.id != TRACE_ID_boot)
            return refuse(writer, STATUS_DAMAGED, "does not begin with a boot");
        has_booted = true;
        status = take(writer, &event);
        if (writer->bytes > REPLAY_LOG_BYTES_MAX / 2)
            status = refuse(writer, STATUS_LIMIT, "holds too many inputs");
    }
    if (status == STATUS_OK && more < 0) {
        *writer->problem = *trace_problem(trace);
        return more;
    }
    trace_pieces_end(&writer->pieces);
    return status == STATUS_OK ? check_loss(writer, trace_loss(trace)) : status;
}

int replay_log_write(struct arena *arena, struct trace *trace, const char *directory,
                     int *descriptor, struct problem *problem)
{
    struct writer writer = {.directory = directory, .problem = problem};
    const struct trace_run *run = trace_run(trace);
    int status = check_run(&writer, run);
    if (status != STATUS_OK)
        return status;
    trace_pieces_init(&writer.pieces, arena);
    *descriptor = -1;
    status = open_nameless(&writer, descriptor);
    if (status == STATUS_OK)
        status = write_records(&writer, trace);
    if (status == STATUS_OK) {
        put_record(&writer, REPLAY_END, 0, ending_of(&writer, run), NULL, 0);
        put_header(&writer, writer.bytes);
        status = close_file(&writer);
    }
    if (writer.file)
        fclose(writer.file);
    if (status != STATUS_OK && *descriptor >= 0)
        close(*descriptor);
    return status;
}
