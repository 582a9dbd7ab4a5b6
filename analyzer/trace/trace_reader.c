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

#include "analyzer/base/crc32.h"
#include "analyzer/trace/trace_decode.h"
#include "analyzer/trace/trace_fields.h"
#include "analyzer/trace/trace_private.h"
#include "analyzer/trace/trace_schema.h"
#include "runtime/format/string_hash.h"

#define METADATA_BYTES_MAX 262144u
#define READ_BYTES 262144u // asked for at once; a packet may need more
#define BUFFER_BYTES (TRACE_PACKET_BYTES_MAX + READ_BYTES)

// Times that any trace was read from its beginning.
static uint32_t passes;

// ---- opening ----

static int open_file(const char *directory, const char *name, struct arena *arena, int *fd,
                     uint64_t *bytes, struct problem *problem)
{
    struct text file = text_of(directory);
    const char *path = arena_format(arena, "%s/%s", directory, name);
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

// The metadata must be CTF and of our event table, or explain its own.
static int read_metadata(struct trace *trace, struct problem *problem)
{
    struct text file = text_of(trace->directory);
    int fd = -1;
    uint64_t bytes = 0;
    int status = open_file(trace->directory, "metadata", trace->arena, &fd, &bytes, problem);
    if (status != STATUS_OK)
        return status;
    size_t wanted = bytes < METADATA_BYTES_MAX ? (size_t)bytes : METADATA_BYTES_MAX;
    char *content = arena_alloc(trace->arena, wanted + 1);
    ssize_t n = read_fully(fd, content, wanted, 0);
    close(fd);
    static const char head[] = "/* CTF 1.8 */";
    if (n < 0)
        return problem_set(problem, STATUS_IO, file, PROBLEM_NO_OFF, "cannot read 'metadata': %s",
                           strerror(errno));
    if (strncmp(content, head, sizeof head - 1) != 0)
        return problem_set(problem, STATUS_DAMAGED, file, 0,
                           "'metadata' does not begin with \"%s\"", head);
    return trace_schema_open(trace->arena, (struct text){content, (size_t)n}, file, &trace->schema,
                             trace->uuid, problem);
}

// Back to before the first packet.
static void reset(struct trace *trace)
{
    trace->problem = (struct problem){0};
    trace->loss = (struct trace_loss){0};
    trace->packet = (struct trace_packet){0};
    trace->at = trace->content_end = trace->fast_end = trace->buffer;
    trace->is_cut = trace->has_ended = false;
    trace->next_off = trace->clock = trace->serial = trace->packet_next = 0;
    trace->event_count = 0;
    trace->crc_bytes = 0;
    trace->crc = 0;
    trace->last_id = TRACE_ID_LIMIT;
}

int trace_open(struct arena *arena, const char *directory, struct trace **result,
               struct problem *problem)
{
    struct text file = text_of(directory);
    struct stat info;
    if (stat(directory, &info) != 0) {
        bool is_absent = errno == ENOENT || errno == ENOTDIR;
        return problem_set(problem, is_absent ? STATUS_NOT_FOUND : STATUS_IO, file, PROBLEM_NO_OFF,
                           "%s", strerror(errno));
    }
    if (!S_ISDIR(info.st_mode))
        return problem_set(problem, STATUS_NOT_FOUND, file, PROBLEM_NO_OFF,
                           "is not a trace: a trace is a directory");
    struct trace *trace = ARENA_NEW(arena, struct trace);
    trace->arena = arena;
    trace->directory = directory;
    trace->fd = -1;
    int status = read_metadata(trace, problem);
    if (status == STATUS_OK)
        status = open_file(directory, "events", arena, &trace->fd, &trace->file_bytes, problem);
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

// Nothing more comes: trace_next is to look at has_ended.
static void stop(struct trace *trace)
{
    trace->has_ended = true;
    trace->fast_end = trace->at;
}

__attribute__((format(printf, 3, 4))) static int damaged(struct trace *trace, uint64_t off,
                                                         const char *format, ...)
{
    char message[sizeof trace->problem.message];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    stop(trace);
    return problem_set(&trace->problem, STATUS_DAMAGED, text_of(trace->directory), off,
                       "events: %s", message);
}

// Sums the bytes up that have just been read after those in the buffer.
static void add_to_sum(struct trace *trace, uint64_t off, size_t bytes)
{
    if (off == 0)
        passes++;
    if (!trace->sums || off != trace->crc_bytes)
        return;
    trace->crc = crc32_more(trace->crc, trace->buffer + trace->buffer_used, bytes);
    trace->crc_bytes += bytes;
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
        add_to_sum(trace, off + have, (size_t)n);
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
    stop(trace);
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
        trace->loss.is_cut = have > 0;
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
        stop(trace);
        return problem_set(&trace->problem, STATUS_IO, text_of(trace->directory), trace->next_off,
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
    trace->loss.is_cut = is_content_cut;
    trace->at = begin + TRACE_PACKET_HEADER_BYTES;
    trace->content_end = begin + (is_content_cut ? (size_t)have : trace->packet.content_bytes);
    trace->fast_end = trace->schema ? trace->at : trace->content_end;
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
        return damaged(trace, off, "event extends beyond the end of its packet");
    if (reason == TRACE_DECODE_BAD_ID)
        return damaged(trace, off, "event of unknown kind %u", event->id);
    if (reason == TRACE_DECODE_BAD_CLOCK)
        return damaged(trace, off, "event of kind %u is earlier than the one before", event->id);
    return damaged(trace, off, "event '%s' with a value outside its range",
                   trace_event_name(event->id));
}

// The packet is used up: goes to the next event. Result as trace_next.
static int leave_packet(struct trace *trace)
{
    while (trace->at == trace->content_end) {
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

static bool is_block(uint32_t id)
{
    return id == TRACE_ID_alloc || id == TRACE_ID_string_new;
}

// trace_next for a trace of another schema.
static int next_foreign(struct trace *trace, struct trace_event *event)
{
    do {
        int more = leave_packet(trace);
        if (more <= 0)
            return more;
        event->clock = trace->clock;
        int32_t bytes = trace_schema_decode(trace->schema, trace->at,
                                            (size_t)(trace->content_end - trace->at), event);
        if (bytes <= 0)
            return refuse_event(trace, bytes, event);
        trace->fast_end = trace->at += bytes;
        trace->clock = event->clock;
        trace->loss.events_unknown += event->id == TRACE_ID_LIMIT;
    } while (event->id == TRACE_ID_LIMIT);
    trace->last_id = event->id;
    event->number = ++trace->event_count;
    event->serial = is_block(event->id) ? ++trace->serial : 0;
    return 1;
}

// Takes events of the kinds in `ids`, `room` at most, that lie well inside the packet, and passes
// over others. Result: how many; 0: next_event is to judge what comes.
static uint32_t take_events(struct trace *trace, uint32_t ids, struct trace_event *events,
                            uint32_t room)
{
    const uint8_t *at = trace->at, *end = trace->fast_end;
    uint64_t clock = trace->clock, number = trace->event_count, serial = trace->serial;
    uint32_t id = trace->last_id, count = 0;
    while (count < room && (size_t)(end - at) >= TRACE_PASS_BYTES_MIN) {
        struct trace_event *event = &events[count];
        size_t bytes;
        uint32_t header;
        memcpy(&header, at, sizeof header);
        uint32_t next = header & TRACE_ID_MASK;
        if (ids >> next & 1) {
            event->clock = clock;
            int32_t decoded = trace_decode(at, (size_t)(end - at), event);
            if (decoded <= 0)
                break;
            bytes = (size_t)decoded;
            clock = event->clock;
            next = event->id;
            event->number = number + 1;
            event->serial = is_block(next) ? serial + 1 : 0;
            count++;
        } else {
            bytes = trace_pass_bytes(at, next);
            if (bytes == 0 || (size_t)(end - at) < bytes)
                break;
            clock += ((header >> TRACE_ID_BITS) - (uint32_t)clock) & TRACE_STAMP_MASK;
        }
        id = next;
        at += bytes;
        serial += is_block(id);
        number++;
    }
    trace->at = at;
    trace->clock = clock;
    trace->last_id = id;
    trace->event_count = number;
    trace->serial = serial;
    return count;
}

// As trace_next.
static int next_event(struct trace *trace, struct trace_event *event)
{
    if (trace->at == trace->fast_end) {
        if (trace->has_ended)
            return trace->problem.status;
        if (trace->schema)
            return next_foreign(trace, event);
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
    event->number = ++trace->event_count;
    bool is_new_block = is_block(event->id);
    trace->serial += is_new_block;
    event->serial = is_new_block ? trace->serial : 0;
    return 1;
}

// ---- texts that are left out ----

const char trace_excluded[] = "";

void trace_exclude(struct trace *trace, const struct exclude *exclude)
{
    struct text command = text_of(trace->run.command);
    trace->exclude = exclude;
    if (exclude_matches(exclude, command))
        trace->run.command = exclude_text(exclude, trace->arena, command).data;
}

// Names of chunks begin with a mark of their kind, which stays.
static struct text leave_out_name(struct trace *trace, struct text name)
{
    bool has_mark = name.bytes > 0 && (*name.data == '@' || *name.data == '=');
    struct text plain = {name.data + has_mark, name.bytes - has_mark};
    if (!exclude_matches(trace->exclude, name) && !exclude_matches(trace->exclude, plain))
        return name;
    struct text stand_in = exclude_stand_in(plain, trace->stand_in + 1);
    trace->stand_in[0] = has_mark ? *name.data : '(';
    return has_mark ? (struct text){trace->stand_in, stand_in.bytes + 1} : stand_in;
}

static struct text leave_out_tail(struct trace *trace, struct trace_event *event, struct text tail)
{
    if (event->id == TRACE_ID_name)
        return leave_out_name(trace, tail);
    if (event->id == TRACE_ID_image_mounted || !exclude_matches(trace->exclude, tail))
        return tail;
    if (event->id != TRACE_ID_text)
        return exclude_stand_in(tail, trace->stand_in);
    event->string_hash = string_hash(tail.data, (uint32_t)tail.bytes);
    return (struct text){trace_excluded, 0};
}

static void leave_out(struct trace *trace, struct trace_event *event)
{
    size_t count;
    const struct trace_field *fields = trace_fields(event->id, &count);
    for (size_t i = 0; i < count; i++)
        if (fields[i].bytes == 0) { // an event has one tail at most
            struct text *tail = trace_field_tail(event, &fields[i]);
            *tail = leave_out_tail(trace, event, *tail);
        }
}

int trace_next(struct trace *trace, struct trace_event *event)
{
    return trace_next_of(trace, UINT64_MAX, event, 1);
}

int trace_next_of(struct trace *trace, uint64_t ids, struct trace_event *events, uint32_t room)
{
    if (trace->exclude)
        room = 1; // there is one stand-in
    uint32_t count;
    while ((count = take_events(trace, (uint32_t)ids, events, room)) == 0) {
        int more = next_event(trace, events);
        if (more <= 0)
            return more;
        count = 1;
        if (ids >> events->id & 1)
            break;
    }
    if (trace->exclude)
        leave_out(trace, events);
    return (int)count;
}

// ---- questions ----

const struct problem *trace_problem(const struct trace *trace)
{
    return &trace->problem;
}

void trace_sum(struct trace *trace)
{
    trace->sums = true;
}

bool trace_crc(const struct trace *trace, uint32_t *crc)
{
    *crc = trace->crc;
    return trace->sums && trace->is_at_file_end;
}

uint32_t trace_passes(void)
{
    return passes;
}

uint64_t trace_event_count(const struct trace *trace)
{
    return trace->event_count;
}

uint64_t trace_clock(const struct trace *trace)
{
    return trace->clock;
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

const char *trace_directory(const struct trace *trace)
{
    return trace->directory;
}

const char *trace_table_lacks(const struct trace *trace)
{
    return trace->schema ? trace_schema_known(trace->uuid) : "";
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
    return arena_format(trace->arena, "%s/.frost/%.*s", trace->directory, (int)file.bytes,
                        file.data);
}
