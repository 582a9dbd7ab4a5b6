// device_record.c: reads a log line by line and keeps what it tells.

#include "collectors/device/device_record.h"
#include "collectors/device/device_encoding.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/trace/trace_writer.h"
#include "collectors/host/recorder_private.h"

#define LINE_BYTES_MAX 4096u // a longer line is taken in pieces
#define LOOK_MS 200          // whether a signal has come right before a wait

struct job {
    const struct device_record_setup *setup;
    struct device_record_result *result;
    struct device_trace *trace;
    struct trace_writer *writer;
    struct problem *problem;
    struct device_image image; // of setup->lfs
    int fd;
    struct device_encoding encoding;
    char line[LINE_BYTES_MAX];
    size_t line_bytes;
    bool is_piece; // the line goes on from a piece that was taken before
};

static volatile sig_atomic_t is_asked_to_end;

static void on_signal(int number)
{
    (void)number;
    is_asked_to_end = 1;
}

// ---- the sink ----

static int put_event(void *context, const struct trace_event *event, struct problem *problem)
{
    struct job *job = context;
    int status = trace_writer_event(job->writer, event);
    job->result->event_count++;
    if (status != STATUS_OK)
        return problem_set(problem, status, text_of(job->setup->directory), PROBLEM_NO_OFF,
                           "event '%s' cannot be written", trace_event_name(event->id));
    return STATUS_OK;
}

static void put_lost(void *context, uint64_t events)
{
    trace_writer_lost(((struct job *)context)->writer, events);
}

// ---- lines ----

static int take_line(struct job *job, bool is_whole)
{
    struct text line = {job->line, job->line_bytes};
    if (is_whole && line.bytes > 0 && line.data[line.bytes - 1] == '\r')
        line.bytes--;
    int records = device_trace_line(job->trace, line, job->problem);
    bool is_blank = line.bytes == 0 && !job->is_piece;
    if (records == 0 && job->setup->shows_rest && !is_blank) {
        fwrite(job->line, 1, job->line_bytes, stdout);
        if (is_whole)
            putchar('\n');
        fflush(stdout);
    }
    job->line_bytes = 0;
    job->is_piece = !is_whole;
    return records < 0 ? records : STATUS_OK;
}

static int take_bytes(struct job *job, const char *bytes, size_t count)
{
    int status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        if (bytes[i] == '\n') {
            status = take_line(job, true);
            continue;
        }
        job->line[job->line_bytes++] = bytes[i];
        if (job->line_bytes == LINE_BYTES_MAX)
            status = take_line(job, false);
    }
    return status;
}

static int read_all(struct job *job)
{
    char bytes[16384], narrow[sizeof bytes + 1];
    int status = STATUS_OK;
    while (status == STATUS_OK && !is_asked_to_end) {
        struct pollfd wait = {.fd = job->fd, .events = POLLIN};
        if (poll(&wait, 1, LOOK_MS) <= 0) // or a signal has come
            continue;
        ssize_t count = read(job->fd, bytes, sizeof bytes);
        if (count == 0)
            break;
        if (count > 0)
            status = take_bytes(
                job, narrow, device_encoding_narrow(&job->encoding, bytes, (size_t)count, narrow));
        else if (errno != EINTR)
            return problem_set(job->problem, STATUS_IO, text_of(job->setup->input), PROBLEM_NO_OFF,
                               "cannot be read: %s", strerror(errno));
    }
    if (status == STATUS_OK && job->line_bytes > 0)
        status = take_line(job, false);
    return status;
}

static int check_counts(struct job *job)
{
    const struct device_counts *counts = &job->result->counts;
    struct text file = text_of(job->setup->input);
    if (counts->lines > 0)
        return STATUS_OK;
    if (counts->foreign > 0)
        return problem_set(job->problem, STATUS_VERSION, file, PROBLEM_NO_OFF,
                           "its lines are of another version of frostline.lua; this frost reads "
                           "version %d",
                           DEVICE_VERSION);
    if (counts->damaged > 0)
        return problem_set(job->problem, STATUS_DAMAGED, file, PROBLEM_NO_OFF,
                           "all %llu lines of frostline.lua in it are damaged; is the speed of the "
                           "line right?",
                           (unsigned long long)counts->damaged);
    return problem_set(job->problem, STATUS_DAMAGED, file, PROBLEM_NO_OFF,
                       "has no line of frostline.lua; load the module on the device and call its "
                       "start()");
}

static int read_log(struct job *job)
{
    struct sigaction action = {.sa_handler = on_signal}, before_int, before_term;
    is_asked_to_end = 0;
    sigaction(SIGINT, &action, &before_int);
    sigaction(SIGTERM, &action, &before_term);
    int status = read_all(job);
    sigaction(SIGINT, &before_int, NULL);
    sigaction(SIGTERM, &before_term, NULL);
    if (status == STATUS_OK)
        status = device_trace_finish(job->trace, job->problem);
    job->result->counts = *device_trace_counts(job->trace);
    return status == STATUS_OK ? check_counts(job) : status;
}

// ---- the trace ----

void device_record_facts(const struct device_counts *counts, struct json_t *facts)
{
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"device_lines", counts->lines},
        {"device_lines_lost", counts->lost},
        {"device_lines_damaged", counts->damaged},
        {"device_snapshots", counts->snapshots},
        {"device_snapshots_incomplete", counts->snapshots_incomplete},
        {"device_snapshots_refused", counts->refused},
    };
    json_object_set_new(facts, "source", json_string("stock device"));
    json_object_set_new(facts, "profile", json_string("nodemcu"));
    json_object_set_new(facts, "number", json_string(counts->is_integer ? "integer" : "float"));
    json_object_set_new(facts, "build", json_string("stock"));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(facts, numbers[i].name, json_integer((json_int_t)numbers[i].value));
}

static int keep_image(struct job *job, struct recorder *recorder)
{
    const struct device_image *image = &job->image;
    struct recorder_image noted = {.addr = image->addr, .bytes = image->bytes, .crc = image->crc};
    snprintf(noted.file, sizeof noted.file, "%s", image->file);
    device_trace_set_image(job->trace, image);
    if (job->setup->is_without_text) // an image is full of texts
        return STATUS_OK;
    recorder->images[recorder->image_count++] = noted;
    return recorder_directory_image(recorder, image->file, image->content.data,
                                    image->content.bytes);
}

static int keep(struct job *job, struct recorder *recorder, struct recorder_setup *setup)
{
    struct device_sink sink = {job, put_event, put_lost};
    int fd = fcntl(recorder->events_fd, F_DUPFD_CLOEXEC, 0);
    int status = fd < 0 ? recorder_write_failed(recorder, "events")
                        : trace_writer_attach(recorder->arena, recorder->part, fd, &job->writer,
                                              job->problem);
    if (status != STATUS_OK)
        return status;
    job->trace = device_trace_create(recorder->arena, &sink, job->setup->is_without_text);
    status = job->setup->lfs ? keep_image(job, recorder) : STATUS_OK;
    if (status == STATUS_OK)
        status = read_log(job);
    struct problem closing = {0};
    int closed = trace_writer_close(job->writer, &closing);
    if (status == STATUS_OK && closed != STATUS_OK) {
        *job->problem = closing;
        return closed;
    }
    if (status != STATUS_OK)
        return status;
    off_t bytes = lseek(recorder->events_fd, 0, SEEK_END);
    job->result->bytes = bytes > 0 ? (uint64_t)bytes : 0;
    recorder->discarded = job->result->counts.lost;
    *recorder->result = (struct recorder_result){.is_complete = true,
                                                 .boots = job->result->counts.boots,
                                                 .event_count = job->result->event_count,
                                                 .bytes = job->result->bytes};
    setup->facts = json_object();
    device_record_facts(&job->result->counts, setup->facts);
    status = recorder_directory_run(recorder);
    json_decref(setup->facts);
    setup->facts = NULL;
    return status == STATUS_OK ? recorder_directory_finish(recorder) : status;
}

static int open_input(struct job *job)
{
    const char *path = job->setup->input;
    if (!strcmp(path, "-")) {
        job->fd = STDIN_FILENO;
        return STATUS_OK;
    }
    job->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (job->fd < 0)
        return problem_set(job->problem, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO,
                           text_of(path), PROBLEM_NO_OFF, "%s", strerror(errno));
    return STATUS_OK;
}

int device_record_run(struct arena *arena, const struct device_record_setup *setup,
                      struct device_record_result *result, struct problem *problem)
{
    struct job *job = ARENA_NEW(arena, struct job);
    struct recorder *recorder = ARENA_NEW(arena, struct recorder);
    struct recorder_result recorded = {0};
    struct recorder_setup recording = {.directory = setup->directory,
                                       .output_fd = -1,
                                       .error_fd = -1,
                                       .is_without_text = setup->is_without_text,
                                       .command = setup->command,
                                       .profile = "nodemcu",
                                       .number = "float",
                                       .build = "stock",
                                       .version = setup->version};
    *result = (struct device_record_result){0};
    *job = (struct job){.setup = setup, .result = result, .problem = problem, .fd = -1};
    *recorder = (struct recorder){.arena = arena,
                                  .setup = &recording,
                                  .result = &recorded,
                                  .problem = problem,
                                  .directory = setup->directory,
                                  .events_fd = -1,
                                  .ring_fd = -1,
                                  .last_id = TRACE_ID_LIMIT};
    int status = STATUS_OK;
    if (setup->lfs)
        status = device_image_read(arena, setup->lfs, &job->image, problem);
    if (status == STATUS_OK)
        status = open_input(job);
    if (status != STATUS_OK)
        return status;
    status = recorder_directory_begin(recorder);
    if (status == STATUS_OK)
        status = keep(job, recorder, &recording);
    if (status != STATUS_OK)
        recorder_directory_abandon(recorder);
    if (job->fd > STDERR_FILENO)
        close(job->fd);
    return status;
}
