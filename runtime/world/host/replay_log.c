// replay_log.c: see replay_log.h.

#include "runtime/world/host/replay_log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "runtime/format/trace_events.h"
#include "runtime/format/world.h"

// Of a datagram, which may have 12 bytes more than a segment, and where it comes from.
#define SOCKET_BYTES_MAX (WORLD_SEGMENT_BYTES_MAX + 12 + sizeof(struct world_datagram))

static int fail(char *problem, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(char *problem, size_t room, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(problem, room, format, list);
    va_end(list);
    return -1;
}

// ---- one record ----

static size_t size_of(const struct replay_record *record)
{
    size_t bytes = sizeof *record + (size_t)record->bytes;
    return (bytes + REPLAY_LOG_ALIGN - 1) & ~(size_t)(REPLAY_LOG_ALIGN - 1);
}

// What is wrong with a record that lies in the log with all its data; NULL: nothing.
static const char *fault_of(const struct replay_record *record)
{
    if (record->mark || record->next)
        return "has marks in a record";
    if (record->kind >= WORLD_COUNT)
        return "has a record of no known kind";
    switch (record->type) {
    case REPLAY_TURN:
        return record->bytes == sizeof(struct replay_turn) ? NULL : "has a turn of another size";
    case REPLAY_BOOT:
    case REPLAY_END:
        return record->bytes == 0 ? NULL : "has data where none belongs";
    case REPLAY_INPUT:
    case REPLAY_OUTPUT:
    case REPLAY_MARK:
        return NULL;
    default:
        return "has a record of no known type";
    }
}

static int is_arrival(const struct replay_record *turn, const struct replay_record *input)
{
    return turn && input->type == REPLAY_INPUT && input->kind == turn->kind &&
           input->object == turn->object;
}

// What begins a turn has the form that modules take for granted (runtime/format/world.h).
static const char *arrival_fault(const struct replay_record *input)
{
    size_t bytes = input->bytes;
    switch (input->kind) {
    case WORLD_CONNECTION:
        return bytes == sizeof(struct world_connection) ? NULL : "has a connection of another size";
    case WORLD_PIN:
        return bytes == sizeof(struct world_pin) ? NULL : "has an edge of another size";
    case WORLD_DNS:
        return bytes == 4 ? NULL : "has an address of another size";
    case WORLD_WIFI:
        return bytes >= sizeof(struct world_wifi) ? NULL : "has a Wi-Fi event of another size";
    case WORLD_SOCKET:
        return bytes <= SOCKET_BYTES_MAX ? NULL : "has too many bytes at once";
    default:
        return NULL;
    }
}

// ---- all of it ----

static const char *header_fault(const struct replay_log *log)
{
    struct replay_log_header header;
    if (log->bytes < sizeof header || log->bytes > REPLAY_LOG_BYTES_MAX)
        return "is too short or too long";
    memcpy(&header, log->data, sizeof header);
    if (header.magic != REPLAY_LOG_MAGIC)
        return "is no replay log";
    if (header.version != REPLAY_LOG_VERSION)
        return "is of another version";
    return header.bytes == log->bytes ? NULL : "has another length than it says";
}

int replay_log_check(struct replay_log *log, char *problem, size_t room)
{
    const char *fault = header_fault(log);
    if (fault)
        return fail(problem, room, "%s", fault);
    size_t at = sizeof(struct replay_log_header);
    log->boot_count = 0;
    const struct replay_record *turn = NULL;
    for (int is_first = 1;; is_first = 0) {
        const struct replay_record *record = (const void *)(log->data + at);
        if (log->bytes - at < sizeof *record || log->bytes - at < size_of(record))
            return fail(problem, room, "ends within a record, at byte %zu", at);
        fault = fault_of(record);
        if (!fault && is_first && record->type != REPLAY_BOOT)
            fault = "does not begin with a boot";
        if (!fault && is_arrival(turn, record)) {
            fault = arrival_fault(record);
            turn = NULL; // what it asks for further on is no arrival
        }
        if (fault)
            return fail(problem, room, "%s, at byte %zu", fault, at);
        log->boot_count += record->type == REPLAY_BOOT;
        if (record->type == REPLAY_TURN || record->type == REPLAY_BOOT)
            turn = record->type == REPLAY_TURN ? record : NULL;
        at += size_of(record);
        if (record->type == REPLAY_END)
            break;
    }
    return at == log->bytes ? 0 : fail(problem, room, "goes on after its end, at byte %zu", at);
}

int replay_log_map(struct replay_log *log, int descriptor, char *problem, size_t room)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return fail(problem, room, "cannot be read: %s", strerror(errno));
    log->bytes = (size_t)about.st_size;
    if (log->bytes == 0)
        return fail(problem, room, "is empty");
    log->data = mmap(NULL, log->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
                     descriptor, 0);
    if (log->data == MAP_FAILED) {
        log->data = NULL;
        return fail(problem, room, "cannot be mapped: %s", strerror(errno));
    }
    return replay_log_check(log, problem, room);
}

void replay_log_unmap(struct replay_log *log)
{
    if (log->data)
        munmap(log->data, log->bytes);
    *log = (struct replay_log){0};
}

replay_place replay_log_first(void)
{
    return sizeof(struct replay_log_header) / REPLAY_LOG_ALIGN;
}

replay_place replay_log_next(const struct replay_log *log, replay_place place)
{
    return place + (replay_place)(size_of(replay_log_at(log, place)) / REPLAY_LOG_ALIGN);
}

struct replay_turn replay_log_turn(const struct replay_record *record)
{
    struct replay_turn turn;
    memcpy(&turn, replay_log_data(record), sizeof turn);
    return turn;
}
