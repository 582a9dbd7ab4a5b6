// serial_recorder.c: one recording over a serial line, from opening the line to the finished trace.

#include "collectors/serial/serial_recorder.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collectors/serial/serial_private.h"

#define READ_BYTES 4096
#define IDLE_MS 250
#define AFTER_END_NS 400000000u // console text that comes after an end frame

static volatile sig_atomic_t is_stopped;

static uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// What the user types.
static int pass_input(struct serial_recorder *recorder, int *input_fd)
{
    char typed[256];
    ssize_t n = read(*input_fd, typed, sizeof typed);
    if (n <= 0) {
        *input_fd = -1;
        return STATUS_OK;
    }
    struct text text = {typed, (size_t)n};
    return serial_recorder_send(recorder, text, recorder->problem);
}

// ---- from the device ----

static int on_frame(void *context, const struct serial_frame *frame)
{
    return serial_take_frame(context, frame);
}

static int on_text(void *context, struct text text)
{
    return serial_console_text(context, text);
}

// Reads what is there. *is_over: nothing will come any more.
static int read_line(struct serial_recorder *recorder, bool *is_over)
{
    uint8_t bytes[READ_BYTES];
    ssize_t n = read(recorder->line.fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return STATUS_OK;
    if (n <= 0) {
        *is_over = true; // unplugged (EIO, ENXIO), or the file's end
        return STATUS_OK;
    }
    struct serial_sink sink = {recorder, on_frame, on_text};
    return serial_decode(&recorder->decoder, bytes, (size_t)n, &sink);
}

static int idle(struct serial_recorder *recorder)
{
    const struct console_consumer *consumer = recorder->setup->consumer;
    int status = serial_console_flush(recorder, false);
    if (status == STATUS_OK && consumer && consumer->idle)
        status = consumer->idle(consumer->context, recorder, recorder->now_ns, recorder->problem);
    return status;
}

static void say_nothing_came(struct serial_recorder *recorder)
{
    const struct serial_setup *setup = recorder->setup;
    if (recorder->has_console_text)
        serial_say(recorder,
                   "%s sends text, but no trace; is the probed firmware on the device, "
                   "and %u baud the right speed? Going on",
                   setup->device, setup->baud);
    else
        serial_say(recorder, "nothing has come from %s at %u baud; is the device on? Going on",
                   setup->device, setup->baud);
}

// Waits for bytes and takes them in, once. *is_over as above.
static int step(struct serial_recorder *recorder, int *input_fd, bool *is_over)
{
    struct pollfd wait[2] = {{.fd = recorder->line.fd, .events = POLLIN},
                             {.fd = *input_fd, .events = POLLIN}};
    int count = poll(wait, 2, IDLE_MS);
    recorder->now_ns = clock_ns() - recorder->begin_ns;
    if (count == 0)
        return idle(recorder);
    if (count < 0)
        return STATUS_OK; // a signal
    int status = STATUS_OK;
    if (wait[1].revents)
        status = pass_input(recorder, input_fd);
    if (status == STATUS_OK && wait[0].revents)
        status = read_line(recorder, is_over);
    return status;
}

static int record_line(struct serial_recorder *recorder)
{
    const struct serial_setup *setup = recorder->setup;
    enum serial_ending *ending = &recorder->result->ending;
    int input_fd = setup->input_fd;
    bool is_over = false, has_said = false;
    for (;;) {
        int status = step(recorder, &input_fd, &is_over);
        if (status != STATUS_OK)
            return status;
        uint64_t now = recorder->now_ns;
        *ending = recorder->end_ns ? SERIAL_ENDED_BY_PROGRAM : SERIAL_ENDED_BY_LINE;
        if (is_over)
            return STATUS_OK;
        *ending = SERIAL_ENDED_BY_USER;
        if (is_stopped)
            return STATUS_OK;
        *ending = SERIAL_ENDED_BY_PROGRAM;
        if (recorder->end_ns && now - recorder->end_ns > AFTER_END_NS)
            return STATUS_OK;
        *ending = SERIAL_ENDED_BY_DURATION;
        if (setup->duration_ms && now / 1000000u >= setup->duration_ms)
            return STATUS_OK;
        bool has_any = recorder->result->has_hello || recorder->consumer_events;
        if (!has_said && !has_any && now / 1000000u >= setup->hello_wait_ms) {
            say_nothing_came(recorder);
            has_said = true;
        }
    }
}

// ---- the whole ----

static void fill_result(struct serial_recorder *recorder)
{
    struct serial_result *result = recorder->result;
    const struct recorder_result *written = &recorder->directory_result;
    result->boots = written->boots;
    result->event_count = written->event_count;
    result->packet_count = written->packet_count;
    result->bytes = written->bytes;
    result->frames = recorder->decoder.frames;
    result->frames_damaged = recorder->decoder.frames_damaged;
    result->events_dropped = recorder->boot.discarded_base + recorder->boot.discarded;
    result->events_discarded = serial_out_discarded(recorder);
    result->is_complete = recorder->directory.last_id == TRACE_ID_end &&
                          result->packets_lost == 0 && result->events_discarded == 0;
    recorder->directory_result.is_complete = result->is_complete;
    recorder->directory_result.exit_status = result->exit_status;
    recorder->directory.has_exited = recorder->end_ns != 0;
}

// What is lost after the last packet is told by an empty one, whose number is the one that the
// next would have had.
static int end_trace(struct serial_recorder *recorder)
{
    struct serial_out *out = &recorder->out;
    uint64_t next = recorder->boot.sequence_base + recorder->boot.packet_next;
    int status = serial_out_end(recorder, out->clock);
    if (status != STATUS_OK ||
        (next <= out->sequence && serial_out_discarded(recorder) == out->discarded_written))
        return status;
    struct trace_packet_header header = {
        .timestamp_begin = out->clock_end,
        .packet_seq_num = next > out->sequence ? next : out->sequence,
        .serial_first = out->serial + 1,
        .real_ns = out->real_ns,
    };
    serial_out_begin(recorder, &header);
    return serial_out_end(recorder, out->clock_end);
}

static int finish(struct serial_recorder *recorder)
{
    const struct console_consumer *consumer = recorder->setup->consumer;
    int status = serial_console_flush(recorder, true);
    if (status == STATUS_OK && consumer && consumer->end)
        status = consumer->end(consumer->context, recorder, recorder->problem);
    if (recorder->boot.piece_total) {
        recorder->result->packets_lost++; // the line was closed in the middle of it
        recorder->boot.packet_next++;
    }
    if (status == STATUS_OK && !recorder->result->has_hello && !recorder->consumer_events)
        return problem_set(recorder->problem, STATUS_NOT_FOUND, text_of(recorder->setup->device),
                           PROBLEM_NO_OFF, "no trace came over the line%s",
                           recorder->has_console_text ? ", only text" : "");
    if (status == STATUS_OK)
        status = end_trace(recorder);
    fill_result(recorder);
    serial_facts_line(recorder);
    return status != STATUS_OK ? status : recorder_directory_run(&recorder->directory);
}

static void on_signal(int number)
{
    (void)number;
    is_stopped = 1;
}

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define STOP_COUNT (sizeof stop_signals / sizeof *stop_signals)

static int record(struct serial_recorder *recorder)
{
    const struct console_consumer *consumer = recorder->setup->consumer;
    struct sigaction action = {.sa_handler = on_signal}, before[STOP_COUNT], pipe_before;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    is_stopped = 0;
    for (size_t i = 0; i < STOP_COUNT; i++)
        sigaction(stop_signals[i], &action, &before[i]);
    sigaction(SIGPIPE, &ignore, &pipe_before);
    int status = recorder_directory_run(&recorder->directory);
    if (status == STATUS_OK)
        status = serial_command(recorder, "hello");
    if (status == STATUS_OK && consumer && consumer->begin)
        status = consumer->begin(consumer->context, recorder, recorder->problem);
    if (status == STATUS_OK)
        status = record_line(recorder);
    if (status == STATUS_OK)
        status = finish(recorder);
    for (size_t i = 0; i < STOP_COUNT; i++)
        sigaction(stop_signals[i], &before[i], NULL);
    sigaction(SIGPIPE, &pipe_before, NULL);
    return status;
}

static void prepare(struct serial_recorder *recorder)
{
    const struct serial_setup *setup = recorder->setup;
    struct arena *arena = recorder->arena;
    recorder->directory_setup = (struct recorder_setup){
        .directory = setup->directory,
        .command = setup->command,
        .profile = "nodemcu",
        .number = "float",
        .build = "probed",
        .version = setup->version,
        .facts = recorder->facts,
    };
    recorder->directory = (struct recorder){
        .arena = arena,
        .setup = &recorder->directory_setup,
        .result = &recorder->directory_result,
        .problem = recorder->problem,
        .directory = setup->directory,
        .events_fd = -1,
        .ring_fd = -1,
        .last_id = TRACE_ID_LIMIT,
    };
    recorder->out.packet = arena_alloc(arena, SERIAL_OUT_BYTES);
    recorder->assembly = arena_alloc(arena, SERIAL_ASSEMBLY_BYTES);
    recorder->begin_ns = clock_ns();
}

int serial_record(struct arena *arena, const struct serial_setup *setup,
                  struct serial_result *result, struct problem *problem)
{
    *result = (struct serial_result){0};
    struct serial_recorder *recorder = ARENA_NEW(arena, struct serial_recorder);
    *recorder = (struct serial_recorder){
        .arena = arena,
        .setup = setup,
        .result = result,
        .problem = problem,
        .facts = json_object(),
    };
    prepare(recorder);
    int status = serial_line_open(setup->device, setup->baud, &recorder->line, problem);
    if (status == STATUS_OK)
        status = recorder_directory_begin(&recorder->directory);
    bool has_directory = status == STATUS_OK;
    if (has_directory)
        status = record(recorder);
    if (status == STATUS_OK)
        status = recorder_directory_finish(&recorder->directory);
    if (has_directory && status != STATUS_OK)
        recorder_directory_abandon(&recorder->directory);
    serial_line_close(&recorder->line);
    json_decref(recorder->facts);
    return status;
}
