// fuzz_serial.c: bytes as what comes over a serial line from a device.
//
// libFuzzer's entry point. Built with -DFUZZ_REPLAY it is a program that replays files and makes
// the seeds: `fuzz_serial FILE...`, `fuzz_serial --seeds DIRECTORY`.
// An input is a list of parts: kind, length, then that many bytes. Kind bit 7: as they are;
// otherwise a frame with a right crc: bits 0-2 its type, bit 3 another boot, bit 4 a wrong
// sequence; unless bit 5 is set, the fields of hello and of packets that must be right are made
// right, so that what stands after them is believed. Whatever comes, a trace that is made must be
// one that the reader takes.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/trace/trace_dict.h"
#include "collectors/serial/serial_recorder.h"
#include "runtime/format/serial_frame.h"

#define KIND_PLAIN 0x80u
#define KIND_BOOT 0x08u
#define KIND_SEQUENCE 0x10u
#define KIND_AS_IS 0x20u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static struct arena arena;
static char line_file[64], directory[80];
static uint8_t *line;
static size_t line_bytes, line_room;
static uint8_t boot;
static uint16_t sequence;
static uint32_t packet_number;

static void require(int is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "fuzz_serial: %s\n", what);
    abort();
}

static void add_bytes(const void *data, size_t bytes)
{
    if (line_bytes + bytes > line_room) {
        line_room = 2 * (line_bytes + bytes);
        line = realloc(line, line_room);
        require(line != NULL, "no memory");
    }
    memcpy(line + line_bytes, data, bytes);
    line_bytes += bytes;
}

// ---- the line ----

static uint32_t make_hello(uint8_t *payload, uint32_t bytes)
{
    struct serial_hello *hello = (void *)payload;
    if (bytes < sizeof *hello)
        memset(payload + bytes, 0, sizeof *hello - bytes);
    hello->protocol = SERIAL_PROTOCOL;
    trace_schema_uuid(hello->uuid);
    return bytes < sizeof *hello ? sizeof *hello : bytes;
}

// The bytes are events: a packet in one piece, or two if they are many.
static uint32_t make_packet(uint8_t *payload, uint32_t bytes)
{
    uint8_t events[SERIAL_PAYLOAD_BYTES_MAX];
    struct trace_packet_header header = {
        .packet_seq_num = packet_number,
        .timestamp_end = TRACE_STAMP_RANGE / 2,
        .serial_first = 1,
    };
    const uint32_t head = TRACE_PACKET_HEADER_BYTES - SERIAL_PACKET_SKIP;
    uint32_t room = SERIAL_PAYLOAD_BYTES_MAX - sizeof(struct serial_piece) -
                    sizeof(struct serial_packet) - head;
    uint32_t count = bytes < room ? bytes : room;
    memcpy(events, payload, count);
    if (count) { // later ones have larger numbers
        header.timestamp_begin = header.timestamp_end = (uint64_t)packet_number << TRACE_STAMP_BITS;
        header.timestamp_end += TRACE_STAMP_RANGE - 1;
        header.serial_first = 1 + packet_number * 256u;
    }
    header.content_size = (TRACE_PACKET_HEADER_BYTES + count) * 8;
    struct serial_piece piece = {.packet = packet_number, .total = (uint16_t)(head + count)};
    struct serial_packet packet = {.generation = packet_number & 0xFFFFFFF0u};
    packet_number++;
    uint8_t *at = payload;
    at = (uint8_t *)memcpy(at, &piece, sizeof piece) + sizeof piece;
    at = (uint8_t *)memcpy(at, &packet, sizeof packet) + sizeof packet;
    memcpy(at, (uint8_t *)&header + SERIAL_PACKET_SKIP, head);
    memcpy(at + head, events, count);
    return (uint32_t)(at + head + count - payload);
}

static void add_frame(uint8_t kind, const uint8_t *data, uint32_t bytes)
{
    uint8_t wire[SERIAL_WIRE_BYTES_MAX + 8];
    uint8_t *payload = wire + SERIAL_WIRE_PAYLOAD;
    uint8_t type = kind & 7;
    if (bytes > SERIAL_PAYLOAD_BYTES_MAX)
        bytes = SERIAL_PAYLOAD_BYTES_MAX;
    memcpy(payload, data, bytes);
    if (kind & KIND_BOOT) {
        boot++;
        sequence = 0;
        packet_number = 0;
    }
    if (type == SERIAL_HELLO && !(kind & KIND_AS_IS))
        bytes = make_hello(payload, bytes);
    else if (type == SERIAL_PACKET && !(kind & KIND_AS_IS))
        bytes = make_packet(payload, bytes);
    uint16_t number = kind & KIND_SEQUENCE ? (uint16_t)(sequence += 3) : sequence++;
    add_bytes(wire, serial_frame_make(wire, type, boot, number, bytes));
}

static void make_line(const uint8_t *data, size_t bytes)
{
    line_bytes = 0;
    boot = 0;
    sequence = 0;
    packet_number = 0;
    while (bytes >= 2) {
        uint32_t count = data[1] < bytes - 2 ? data[1] : (uint32_t)(bytes - 2);
        if (data[0] & KIND_PLAIN)
            add_bytes(data + 2, count);
        else
            add_frame(data[0], data + 2, count);
        data += 2 + count;
        bytes -= 2 + count;
    }
}

// ---- the trace ----

static void read_trace(void)
{
    struct trace *trace;
    struct trace_event event;
    struct problem problem = {0};
    struct trace_dict *dict = trace_dict_create(&arena);
    require(trace_open(&arena, directory, &trace, &problem) == STATUS_OK, "trace cannot be opened");
    int more;
    while ((more = trace_next(trace, &event)) > 0)
        (void)trace_dict_note(dict, &event, &problem);
    if (more < 0)
        fprintf(stderr, "%s\n", trace_problem(trace)->message);
    require(more == 0, "the reader refuses the trace");
    trace_close(trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static bool is_begun;
    if (!is_begun) {
        snprintf(line_file, sizeof line_file, "/tmp/frost-fuzz-serial.%d", (int)getpid());
        snprintf(directory, sizeof directory, "%s.trace", line_file);
        arena_init(&arena);
        is_begun = true;
    }
    make_line(data, bytes);
    int fd = open(line_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(fd >= 0 && write(fd, line, line_bytes) == (ssize_t)line_bytes, "no file");
    close(fd);
    static int console_fd = -1;
    if (console_fd < 0)
        console_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const struct serial_setup setup = {
        .directory = directory,
        .device = line_file,
        .baud = 115200,
        .hello_wait_ms = 1000,
        .console_fd = console_fd,
        .input_fd = -1,
        .command = "fuzz",
        .version = "fuzz",
    };
    struct serial_result result;
    struct problem problem = {0};
    struct arena_mark mark = arena_mark(&arena);
    int status = serial_record(&arena, &setup, &result, &problem);
    require(status <= 0 && (status == STATUS_OK || problem.message[0]), "a failure has a reason");
    if (status == STATUS_OK)
        read_trace();
    arena_rewind(&arena, mark);
    return 0;
}

#ifdef FUZZ_REPLAY

static void write_seed(const char *where, const char *name, const void *data, size_t bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", where, name);
    FILE *file = fopen(path, "wb");
    require(file && fwrite(data, 1, bytes, file) == bytes, "cannot write a seed");
    fclose(file);
}

// A hello, definitions and what refers to them, text between.
static void write_seeds(const char *where)
{
    uint8_t seed[512] = {SERIAL_HELLO, 0, KIND_PLAIN, 6, 'h', 'e', 'l', 'l', 'o', '\n'};
    size_t used = 10;
    struct trace_wire_name name = {TRACE_ID_name, 1, 2};
    struct trace_wire_site site = {TRACE_ID_site, 1, 1, 5, 0, 0, 0};
    struct trace_wire_text text = {TRACE_ID_text, 1, 77, 3, 0, 3};
    struct trace_wire_string_new string = {TRACE_ID_string_new, 0x3FFE9000, 1, 1, 0, 0};
    struct trace_wire_free end = {TRACE_ID_free, 0x3FFE9000};
    for (int packet = 0; packet < 3; packet++) {
        seed[used++] = packet == 2 ? SERIAL_PACKET | KIND_SEQUENCE : SERIAL_PACKET;
        size_t count_at = used++;
        const struct {
            const void *data;
            size_t bytes;
        } parts[] = {{&name, sizeof name}, {"ab", 2},  {&site, sizeof site},
                     {&text, sizeof text}, {"abc", 3}, {&string, sizeof string},
                     {&end, sizeof end}};
        for (size_t i = packet ? 5 : 0; i < 7; i++) {
            memcpy(seed + used, parts[i].data, parts[i].bytes);
            used += parts[i].bytes;
        }
        seed[count_at] = (uint8_t)(used - count_at - 1);
    }
    seed[used++] = SERIAL_HELLO | KIND_BOOT;
    seed[used++] = 0;
    seed[used++] = SERIAL_END;
    seed[used++] = 17;
    used += 17;
    write_seed(where, "seed", seed, used);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0) {
        write_seeds(argv[2]);
        return 0;
    }
    static uint8_t data[65536];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        require(file != NULL, "cannot read a file");
        size_t bytes = fread(data, 1, sizeof data, file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, bytes);
    }
    return 0;
}

#endif
