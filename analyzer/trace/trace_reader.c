// trace_reader.c: from the packets of a trace to decoded events.
//
// Reads: metadata, events. Memory: one buffer in the arena of the caller.
// Source: runtime/format/trace.h.

#include "analyzer/trace/trace_reader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/trace/trace_decode.h"
#include "analyzer/trace/trace_private.h"
#include "analyzer/trace/trace_tsdl.h"

#define METADATA_BYTES_MAX 262144u
#define READ_BYTES 262144u // asked for at once; a packet may need more
#define BUFFER_BYTES (TRACE_PACKET_BYTES_MAX + READ_BYTES)

// ---- opening ----

static int open_file(const char *folder, const char *name, struct arena *arena, int *fd,
                     uint64_t *bytes, struct problem *problem)
{
    struct text file = text_of(folder);
    const char *path = arena_format(arena, "%s/%s", folder, name);
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened < 0 && (errno == ENOENT || errno == ENOTDIR))
        return problem_set(problem, STATUS_NOT_FOUND, file, PROBLEM_NO_OFF,
                           "is not a trace: it has no file '%s'", name);
    if (opened < 0)
        return problem_set(problem, STATUS_IO, file, PROBLEM_NO_OFF, "cannot open '%s': %s", name,
                           strerror(errno));
    struct stat info;
    if (fstat(opened, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(opened);
        return problem_set(problem, STATUS_IO, file, PROBLEM_NO_OFF, "'%s' is not a plain file",
                           name);
    }
    *fd = opened;
    *bytes = (uint64_t)info.st_size;
    return STATUS_OK;
}

// Reads `bytes` or up to the end of the file. Result: bytes read or -1.
static ssize_t read_fully(int fd, void *data, size_t bytes, uint64_t off)
{
    size_t done = 0;
    while (done < bytes) {
        ssize_t n = pread(fd, (char *)data + done, bytes - done, (off_t)(off + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

// The metadata must be CTF and carry the uuid of our event table.
static int check_metadata(struct trace *trace, struct problem *problem)
{
    struct text file = text_of(trace->folder);
    int fd = -1;
    uint64_t bytes = 0;
    int status = open_file(trace->folder, "metadata", trace->arena, &fd, &bytes, problem);
    if (status != STATUS_OK)
        return status;
    struct arena_mark mark = arena_mark(trace->arena);
    size_t wanted = bytes < METADATA_BYTES_MAX ? (size_t)bytes : METADATA_BYTES_MAX;
    char *content = arena_alloc(trace->arena, wanted + 1);
    ssize_t n = read_fully(fd, content, wanted, 0);
    close(fd);
    char uuid[TRACE_UUID_CHARS];
    trace_tsdl_uuid(uuid);
    static const char head[] = "/* CTF 1.8 */";
    if (n < 0)
        status = problem_set(problem, STATUS_IO, file, PROBLEM_NO_OFF, "cannot read 'metadata': %s",
                             strerror(errno));
    else if (strncmp(content, head, sizeof head - 1) != 0)
        status = problem_set(problem, STATUS_DAMAGED, file, 0,
                             "'metadata' does not begin with \"%s\"", head);
    else if (!strstr(content, uuid))
        status = problem_set(problem, STATUS_VERSION, file, PROBLEM_NO_OFF,
                             "was recorded with another table of events (ours is %s); "
                             "record it again with this version",
                             uuid);
    arena_rewind(trace->arena, mark);
    return status;
}

// Back to before the first packet.
static void reset(struct trace *trace)
{
    trace->problem = (struct problem){0};
    trace->loss = (struct trace_loss){0};
    trace->packet = (struct trace_packet){0};
    trace->at = trace->content_end = trace->buffer;
    trace->is_cut = trace->has_ended = false;
    trace->next_off = trace->clock = trace->serial = trace->packet_next = 0;
    trace->last_id = TRACE_EVENT_COUNT;
}

int trace_open(struct arena *arena, const char *folder, struct trace **result,
               struct problem *problem)
{
    struct text file = text_of(folder);
    struct stat info;
    if (stat(folder, &info) != 0) {
        bool is_absent = errno == ENOENT || errno == ENOTDIR;
        return problem_set(problem, is_absent ? STATUS_NOT_FOUND : STATUS_IO, file, PROBLEM_NO_OFF,
                           "%s", strerror(errno));
    }
    if (!S_ISDIR(info.st_mode))
        return problem_set(problem, STATUS_NOT_FOUND, file, PROBLEM_NO_OFF,
                           "is not a trace: a trace is a folder");
    struct trace *trace = ARENA_NEW(arena, struct trace);
    trace->arena = arena;
    trace->folder = folder;
    trace->fd = -1;
    trace_schema_uuid(trace->uuid);
    int status = check_metadata(trace, problem);
    if (status == STATUS_OK)
        status = open_file(folder, "events", arena, &trace->fd, &trace->file_bytes, problem);
    if (status == STATUS_OK)
        status = trace_run_read(trace, problem);
    if (status != STATUS_OK) {
        trace_close(trace);
        return status;
    }
    trace->buffer = arena_alloc(arena, BUFFER_BYTES);
    reset(trace);
    *result = trace;
    return STATUS_OK;
}

void trace_close(struct trace *trace)
{
    if (!trace)
        return;
    if (trace->fd >= 0)
        close(trace->fd);
    trace->fd = -1;
    trace_run_release(trace);
}

int trace_rewind(struct trace *trace)
{
    trace->buffer_used = 0;
    trace->buffer_off = 0;
    trace->is_at_file_end = false;
    reset(trace);
    return STATUS_OK;
}

// ---- packets ----

__attribute__((format(printf, 3, 4))) static int damaged(struct trace *trace, uint64_t off,
                                                         const char *format, ...)
{
    char message[sizeof trace->problem.message];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    trace->has_ended = true;
    return problem_set(&trace->problem, STATUS_DAMAGED, text_of(trace->folder), off, "events: %s",
                       message);
}

// Makes sure that the buffer holds `bytes` from offset `off` on, as far as the file goes.
// Result: how many it holds from there, at most TRACE_PACKET_BYTES_MAX; -1 if reading failed.
static ssize_t fill_buffer(struct trace *trace, uint64_t off, size_t bytes)
{
    assert(bytes <= TRACE_PACKET_BYTES_MAX);
    assert(off >= trace->buffer_off);
    uint64_t skip = off - trace->buffer_off;
    size_t have = skip < trace->buffer_used ? trace->buffer_used - (size_t)skip : 0;
    if (have < bytes && !trace->is_at_file_end) {
        memmove(trace->buffer, trace->buffer + (have ? skip : 0), have);
        trace->buffer_off = off;
        trace->buffer_used = have;
        size_t wanted = bytes - have < READ_BYTES ? READ_BYTES : bytes - have;
        ssize_t n = read_fully(trace->fd, trace->buffer + have, wanted, off + have);
        if (n < 0)
            return -1;
        trace->is_at_file_end = (size_t)n < wanted;
        trace->buffer_used += (size_t)n;
        have += (size_t)n;
    }
    return (ssize_t)(have < TRACE_PACKET_BYTES_MAX ? have : TRACE_PACKET_BYTES_MAX);
}

// Does the header of a packet keep the rules of the format, by itself?
static int check_header(struct trace *trace, const struct trace_packet_header *header)
{
    uint64_t off = trace->next_off;
    if (header->magic != TRACE_MAGIC)
        return damaged(trace, off, "no packet begins here (magic number 0x%08x)", header->magic);
    if (memcmp(header->uuid, trace->uuid, sizeof header->uuid) != 0)
        return damaged(trace, off, "packet of another table of events");
    if (header->stream_id != TRACE_STREAM_ID)
        return damaged(trace, off, "packet of unknown stream %u", header->stream_id);
    if (header->packet_size % 8 != 0 || header->content_size % 8 != 0 ||
        header->content_size > header->packet_size ||
        header->content_size / 8 < TRACE_PACKET_HEADER_BYTES ||
        header->packet_size / 8 > TRACE_PACKET_BYTES_MAX)
        return damaged(trace, off, "packet with a wrong size (%u bits, content %u bits)",
                       header->packet_size, header->content_size);
    if (header->timestamp_end < header->timestamp_begin)
        return damaged(trace, off, "packet ends before it begins");
    return STATUS_OK;
}

// Does it follow the packet before? Counts what is missing between the two.
static int check_sequence(struct trace *trace, const struct trace_packet_header *header)
{
    uint64_t off = trace->next_off;
    bool is_first = trace->packet.bytes == 0;
    if (header->packet_seq_num < trace->packet_next)
        return damaged(trace, off, "packet %llu comes again",
                       (unsigned long long)header->packet_seq_num);
    if (!is_first && header->timestamp_begin < trace->packet.clock_end)
        return damaged(trace, off, "packet begins before the last one ends");
    if (header->events_discarded < trace->packet.events_discarded)
        return damaged(trace, off, "count of discarded events decreases");
    if (header->serial_first <= trace->serial)
        return damaged(trace, off, "block number %llu comes again",
                       (unsigned long long)header->serial_first);
    trace->loss.packets_lost += header->packet_seq_num - trace->packet_next;
    trace->loss.blocks_lost += header->serial_first - 1 - trace->serial;
    trace->loss.events_discarded = header->events_discarded;
    return STATUS_OK;
}

static void end_of_trace(struct trace *trace, uint64_t cut_off)
{
    trace->has_ended = true;
    trace->loss.bytes_cut = trace->file_bytes > cut_off ? trace->file_bytes - cut_off : 0;
    trace->loss.is_unfinished = trace->last_id != TRACE_ID_end;
}

// Goes to the next packet. Result: 1, 0 at the end, or a failure.
static int next_packet(struct trace *trace)
{
    ssize_t have = fill_buffer(trace, trace->next_off, TRACE_PACKET_HEADER_BYTES);
    if (have >= 0 && have < (ssize_t)TRACE_PACKET_HEADER_BYTES) {
        uint32_t magic = TRACE_MAGIC;
        size_t bytes = (size_t)have < sizeof magic ? (size_t)have : sizeof magic;
        if (have > 0 &&
            memcmp(trace->buffer + (trace->next_off - trace->buffer_off), &magic, bytes) != 0)
            return damaged(trace, trace->next_off, "no packet begins here");
        trace->file_bytes = trace->next_off + (uint64_t)have;
        end_of_trace(trace, trace->next_off);
        return 0;
    }
    struct trace_packet_header header;
    if (have > 0) {
        memcpy(&header, trace->buffer + (trace->next_off - trace->buffer_off), sizeof header);
        int status = check_header(trace, &header);
        if (status == STATUS_OK)
            status = check_sequence(trace, &header);
        if (status != STATUS_OK)
            return status;
        have = fill_buffer(trace, trace->next_off, header.packet_size / 8);
    }
    if (have < 0) {
        trace->has_ended = true;
        return problem_set(&trace->problem, STATUS_IO, text_of(trace->folder), trace->next_off,
                           "events: %s", strerror(errno));
    }
    trace->packet = (struct trace_packet){
        .off = trace->next_off,
        .bytes = header.packet_size / 8,
        .content_bytes = header.content_size / 8,
        .clock_begin = header.timestamp_begin,
        .clock_end = header.timestamp_end,
        .events_discarded = header.events_discarded,
        .sequence = header.packet_seq_num,
        .serial_first = header.serial_first,
        .real_ns = header.real_ns,
    };
    const uint8_t *begin = trace->buffer + (trace->next_off - trace->buffer_off);
    trace->is_cut = (size_t)have < trace->packet.bytes;
    bool is_content_cut = (size_t)have < trace->packet.content_bytes;
    trace->at = begin + TRACE_PACKET_HEADER_BYTES;
    trace->content_end = begin + (is_content_cut ? (size_t)have : trace->packet.content_bytes);
    if (trace->is_cut)
        trace->file_bytes = trace->next_off + (uint64_t)have;
    trace->next_off += trace->packet.bytes;
    trace->packet_next = header.packet_seq_num + 1;
    trace->serial = header.serial_first - 1;
    trace->clock = header.timestamp_begin;
    return 1;
}

// ---- events ----

static uint64_t off_of(const struct trace *trace, const uint8_t *at)
{
    return trace->buffer_off + (uint64_t)(at - trace->buffer);
}

// The event at trace->at could not be decoded: end of a cut trace, or damage.
static int refuse_event(struct trace *trace, int32_t reason, const struct trace_event *event)
{
    uint64_t off = off_of(trace, trace->at);
    if (reason == TRACE_DECODE_SHORT && trace->is_cut) {
        end_of_trace(trace, off);
        return 0;
    }
    if (reason == TRACE_DECODE_SHORT)
        return damaged(trace, off, "event goes on behind the end of its packet");
    if (reason == TRACE_DECODE_BAD_ID)
        return damaged(trace, off, "event of unknown kind %u", event->id);
    return damaged(trace, off, "event '%s' with a value outside its enumeration",
                   trace_event_name(event->id));
}

// Slow part of trace_next: the packet is used up. Result as trace_next.
static int leave_packet(struct trace *trace)
{
    while (trace->at == trace->content_end) {
        if (trace->has_ended)
            return trace->problem.status;
        if (trace->is_cut) {
            end_of_trace(trace, off_of(trace, trace->at));
            return 0;
        }
        if (trace->clock > trace->packet.clock_end)
            return damaged(trace, trace->packet.off, "events after the end of their packet's time");
        int more = next_packet(trace);
        if (more <= 0)
            return more;
    }
    return 1;
}

int trace_next(struct trace *trace, struct trace_event *event)
{
    if (trace->has_ended)
        return trace->problem.status;
    if (trace->at == trace->content_end) {
        int more = leave_packet(trace);
        if (more <= 0)
            return more;
    }
    event->clock = trace->clock;
    int32_t bytes = trace_decode(trace->at, (size_t)(trace->content_end - trace->at), event);
    if (bytes <= 0)
        return refuse_event(trace, bytes, event);
    trace->at += bytes;
    trace->clock = event->clock;
    trace->last_id = event->id;
    bool is_block = event->id == TRACE_ID_alloc || event->id == TRACE_ID_string_new;
    trace->serial += is_block;
    event->serial = is_block ? trace->serial : 0;
    return 1;
}

// ---- questions ----

const struct problem *trace_problem(const struct trace *trace)
{
    return &trace->problem;
}

const struct trace_loss *trace_loss(const struct trace *trace)
{
    return &trace->loss;
}

const struct trace_packet *trace_packet(const struct trace *trace)
{
    return &trace->packet;
}

const struct trace_run *trace_run(const struct trace *trace)
{
    return &trace->run;
}

const char *trace_folder(const struct trace *trace)
{
    return trace->folder;
}

uint64_t trace_bytes(const struct trace *trace)
{
    return trace->file_bytes;
}

uint64_t trace_bytes_done(const struct trace *trace)
{
    return trace->has_ended ? trace->file_bytes : off_of(trace, trace->at);
}

const char *trace_image_path(struct trace *trace, struct text file)
{
    if (file.bytes == 0 || file.bytes > 255 || file.data[0] == '.' ||
        memchr(file.data, '/', file.bytes) || memchr(file.data, '\0', file.bytes))
        return NULL;
    return arena_format(trace->arena, "%s/.frost/%.*s", trace->folder, (int)file.bytes, file.data);
}
