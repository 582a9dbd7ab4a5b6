// serial_out.c: packets as frames on the console's UART, beside console text; probed build only.
//
// A whole packet waits in a ring of bytes until the line has taken it; one for which the ring has
// no room is dropped, and the program never waits (unless --trace-wait). Every probe lets the line
// take as much as it has room for. Hello, counts and answers are made when the line is free for
// them, so they need no room.
// Memory: the ring and one frame, static. Context: the one thread, after probes.
// Source: runtime/format/serial_frame.h.

#include "runtime/port/esp8266/serial_out.h"

#include "runtime/port/esp8266/trace_out.h"

#ifdef FROST_PROBED

#include <assert.h>
#include <string.h>

#include "runtime/port/esp8266/chip.h"
#include "runtime/port/esp8266/serial_uart.h"
#include "runtime/port/esp8266/trace.h"
#include "runtime/probe/probe.h"
#include "runtime/probe/start.h"

#define RING_BYTES 6144u // two to three packets: half a second at 115200 baud
#define HELLO_US 1000000u
#define COUNTS_US 250000u
#define POLL_US 2000u // the UART's FIFO takes 11 ms to fill at 115200 baud
#define ANSWER_BYTES_MAX 120u
#define END_FRAMES 2 // nothing after them would tell that one was lost
#define CPU_HZ 80000000u
#define BAUD_USUAL 115200u

// Memory that a reset does not clear: the last word of the RTC's memory that is not the program's
// (port_rtc_memory). Run only under QEMU.
#define BOOT_WORD (*(volatile uint32_t *)0x600011FCu)
#define BOOT_MAGIC 0x46u // above 16 bits of count and 8 that differ from boot to boot

// A packet that waits, in front of its bytes.
struct waiting {
    uint32_t number;
    struct serial_packet head;
    uint32_t bytes;
};

static struct {
    uint8_t ring[RING_BYTES];
    uint32_t head, used; // of the ring; head: the first byte that waits
    uint32_t used_max;
    struct waiting first; // of the packet that is being sent
    uint32_t first_sent;  // bytes of it; its head still stands in the ring until 0 < first.bytes
    uint8_t frame[SERIAL_WIRE_BYTES_MAX];
    uint32_t frame_bytes, frame_sent;
    uint16_t sequence;
    uint8_t boot;
    uint16_t boot_count;
    uint32_t hello_us, counts_us, poll_us, flush_us; // when the last of each was
    uint32_t every_us;
    int is_hello_due, is_image_due, is_answer_due, waits;
    uint32_t packets, events; // on their way
    uint64_t discarded, discarded_told, left_out_told;
    uint32_t packets_discarded;
    const struct chip_trace_settings *settings;
    struct serial_image image;
    char image_name[TRACE_RING_NAME_BYTES];
    char answer[ANSWER_BYTES_MAX];
} line;

// ---- ring ----

static void put_bytes(const void *data, uint32_t bytes)
{
    const uint8_t *from = data;
    assert(bytes <= RING_BYTES - line.used);
    uint32_t at = (line.head + line.used) % RING_BYTES;
    uint32_t first = bytes < RING_BYTES - at ? bytes : RING_BYTES - at;
    memcpy(line.ring + at, from, first);
    memcpy(line.ring, from + first, bytes - first);
    line.used += bytes;
}

static void get_bytes(void *data, uint32_t bytes)
{
    uint8_t *to = data;
    assert(bytes <= line.used);
    uint32_t first = bytes < RING_BYTES - line.head ? bytes : RING_BYTES - line.head;
    memcpy(to, line.ring + line.head, first);
    memcpy(to + first, line.ring, bytes - first);
    line.head = (line.head + bytes) % RING_BYTES;
    line.used -= bytes;
}

// ---- frames ----

// The payload of `bytes` bytes stands in the frame.
static void make_frame(uint8_t type, uint32_t bytes)
{
    assert(line.frame_sent == line.frame_bytes);
    assert(bytes <= SERIAL_PAYLOAD_BYTES_MAX);
    line.frame_bytes = serial_frame_make(line.frame, type, line.boot, line.sequence++, bytes);
    line.frame_sent = 0;
}

static void make_hello(uint32_t now)
{
    const struct chip_trace_settings *settings = line.settings;
    struct serial_hello hello = {
        .protocol = SERIAL_PROTOCOL,
        .flags = (sizeof(lua_Number) == 4 ? SERIAL_HELLO_INTEGER : 0) |
                 (line.sequence == 0 ? SERIAL_HELLO_FIRST : 0) |
                 (line.waits ? SERIAL_HELLO_WAITS : 0) | (settings->is_raw ? SERIAL_HELLO_RAW : 0) |
                 (settings->is_without_text ? SERIAL_HELLO_NO_TEXT : 0),
        .boot_count = line.boot_count,
        .heap_addr = settings->heap_addr,
        .heap_bytes = settings->heap_bytes,
        .ring_bytes = RING_BYTES,
        .packet_bytes = TRACE_OUT_SMALL_BYTES,
        .cpu_hz = CPU_HZ,
        .baud = settings->baud ? settings->baud : BAUD_USUAL,
        .events_kept = probe_filter.kept,
    };
    trace_schema_uuid(hello.uuid);
    chip_build_id(hello.build_id);
    memcpy(line.frame + SERIAL_WIRE_PAYLOAD, &hello, sizeof hello);
    line.is_hello_due = 0;
    line.hello_us = now;
    line.is_image_due = line.image.bytes != 0;
    make_frame(SERIAL_HELLO, sizeof hello);
}

static void make_image(void)
{
    uint32_t name = (uint32_t)strlen(line.image_name);
    memcpy(line.frame + SERIAL_WIRE_PAYLOAD, &line.image, sizeof line.image);
    memcpy(line.frame + SERIAL_WIRE_PAYLOAD + sizeof line.image, line.image_name, name);
    line.is_image_due = 0;
    make_frame(SERIAL_IMAGE, (uint32_t)sizeof line.image + name);
}

static void make_counts(uint32_t now)
{
    struct serial_counts counts = {
        .events_discarded = line.discarded,
        .packets_discarded = line.packets_discarded,
        .events_filtered = probe_filter.left_out,
        .ring_bytes_max = line.used_max,
    };
    line.discarded_told = line.discarded;
    line.left_out_told = probe_filter.left_out;
    line.counts_us = now;
    memcpy(line.frame + SERIAL_WIRE_PAYLOAD, &counts, sizeof counts);
    make_frame(SERIAL_COUNTS, sizeof counts);
}

static void make_answer(void)
{
    uint32_t bytes = (uint32_t)strlen(line.answer);
    memcpy(line.frame + SERIAL_WIRE_PAYLOAD, line.answer, bytes);
    line.is_answer_due = 0;
    make_frame(SERIAL_ANSWER, bytes);
}

// The next piece of the packet that waits longest.
static void make_piece(void)
{
    if (line.first.bytes == 0) {
        get_bytes(&line.first, sizeof line.first);
        line.first_sent = 0;
    }
    struct serial_piece piece = {
        .packet = line.first.number,
        .total = (uint16_t)line.first.bytes,
        .off = (uint16_t)line.first_sent,
    };
    uint8_t *payload = line.frame + SERIAL_WIRE_PAYLOAD;
    uint32_t used = sizeof piece;
    memcpy(payload, &piece, sizeof piece);
    if (line.first_sent == 0) {
        memcpy(payload + used, &line.first.head, sizeof line.first.head);
        used += (uint32_t)sizeof line.first.head;
    }
    uint32_t bytes = line.first.bytes - line.first_sent;
    if (bytes > SERIAL_PAYLOAD_BYTES_MAX - used)
        bytes = SERIAL_PAYLOAD_BYTES_MAX - used;
    get_bytes(payload + used, bytes);
    line.first_sent += bytes;
    if (line.first_sent == line.first.bytes)
        line.first.bytes = 0;
    make_frame(SERIAL_PACKET, used + bytes);
}

static int has_packets(void)
{
    return line.used != 0 || line.first.bytes != 0;
}

// Makes what is due. Result: 0 if nothing is.
static int next_frame(void)
{
    uint32_t now = serial_uart_time_us();
    if (line.is_hello_due || now - line.hello_us >= HELLO_US)
        make_hello(now);
    else if (line.is_image_due)
        make_image();
    else if (line.is_answer_due)
        make_answer();
    else if (now - line.counts_us >= COUNTS_US &&
             (line.discarded != line.discarded_told || probe_filter.left_out != line.left_out_told))
        make_counts(now);
    else if (has_packets())
        make_piece();
    else
        return 0;
    return 1;
}

static void send_rest_of_frame(void)
{
    while (line.frame_sent < line.frame_bytes)
        serial_uart_put(line.frame[line.frame_sent++]);
}

// Sends what the line has room for.
static void send_some(void)
{
    for (uint32_t room = serial_uart_room(); room > 0; room--) {
        if (line.frame_sent == line.frame_bytes && !next_frame())
            return;
        serial_uart_put(line.frame[line.frame_sent++]);
    }
}

// Sends all that waits; waits for the line.
static void send_all(void)
{
    send_rest_of_frame();
    while (has_packets()) {
        make_piece();
        send_rest_of_frame();
    }
}

// ---- the way out ----

static void after_probe(void)
{
    static int is_busy; // a mark that a command asks for is a probe, too
    if (is_busy)
        return;
    is_busy = 1;
    uint32_t now = serial_uart_time_us();
    send_some();
    if (now - line.poll_us >= POLL_US) {
        line.poll_us = now;
        serial_command_poll();
    }
    if (line.every_us && now - line.flush_us >= line.every_us) {
        line.flush_us = now;
        probe_flush();
    }
    is_busy = 0;
}

static int take_packet(const void *packet, uint32_t bytes)
{
    const struct trace_packet_header *header = packet;
    struct probe_packet_facts facts;
    probe_packet_facts(&facts);
    assert(header->content_size / 8 <= bytes);
    assert(bytes <= TRACE_OUT_SMALL_BYTES);
    struct waiting waiting = {
        .number = (uint32_t)header->packet_seq_num,
        .head = {line.events, facts.generation, facts.texts_redefined},
        .bytes = header->content_size / 8 - SERIAL_PACKET_SKIP,
    };
    uint32_t wanted = (uint32_t)sizeof waiting + waiting.bytes;
    send_some();
    if (line.waits && wanted > RING_BYTES - line.used)
        send_all();
    if (wanted > RING_BYTES - line.used) {
        line.discarded = header->events_discarded + facts.events;
        line.packets_discarded++;
        return 0;
    }
    put_bytes(&waiting, sizeof waiting);
    put_bytes((const uint8_t *)packet + SERIAL_PACKET_SKIP, waiting.bytes);
    if (line.used > line.used_max)
        line.used_max = line.used;
    line.discarded = header->events_discarded;
    line.packets++;
    line.events += facts.events;
    return 1;
}

static void take_image(const char *name, const void *image, uint32_t bytes)
{
    line.image.addr = (uint32_t)(uintptr_t)image;
    line.image.bytes = bytes;
    line.image.crc = serial_crc(0, image, bytes);
    memcpy(line.image_name, name, strlen(name) + 1);
    line.is_image_due = 1;
}

static void close_line(int status)
{
    uint32_t now = serial_uart_time_us();
    send_all();
    if (line.discarded != line.discarded_told || probe_filter.left_out != line.left_out_told) {
        make_counts(now);
        send_rest_of_frame();
    }
    struct serial_end end = {
        .status = (uint8_t)status,
        .packets = line.packets,
        .events = line.events,
        .events_discarded = line.discarded,
    };
    for (int i = 0; i < END_FRAMES; i++) {
        memcpy(line.frame + SERIAL_WIRE_PAYLOAD, &end, sizeof end);
        make_frame(SERIAL_END, sizeof end);
        send_rest_of_frame();
    }
}

static const struct trace_out to_line = {
    .packet = take_packet,
    .image = take_image,
    .close = close_line,
    .drain = send_all,
    .after = after_probe,
};

const struct trace_out *trace_out_serial_open(const struct chip_trace_settings *settings)
{
    uint32_t word = BOOT_WORD;
    line.boot = (uint8_t)(word + 1); // also of what a cold start finds there
    line.boot_count = word >> 24 == BOOT_MAGIC ? (uint16_t)((word >> 8) + 1) : 1;
    BOOT_WORD = BOOT_MAGIC << 24 | (uint32_t)line.boot_count << 8 | line.boot;
    line.settings = settings;
    line.waits = settings->waits;
    line.is_hello_due = 1;
    probe_filter.kept = ~(1ull << TRACE_ID_console); // it is on the line as text already
    serial_uart_init(settings->baud);
    serial_out_every(chip_services() ? 0 : 1000);
    if (settings->filter)
        serial_command_take(settings->filter);
    return &to_line;
}

void trace_out_before_text(uint32_t bytes)
{
    if (!line.settings)
        return;
    send_rest_of_frame();
    serial_uart_note_text(bytes);
}

void serial_out_hello(void)
{
    line.is_hello_due = 1;
}

void serial_out_answer(const char *text)
{
    size_t bytes = strnlen(text, sizeof line.answer - 1);
    memcpy(line.answer, text, bytes);
    line.answer[bytes] = 0;
    line.is_answer_due = 1;
}

int serial_out_is_answering(void)
{
    return line.is_answer_due;
}

void serial_out_every(uint32_t ms)
{
    line.every_us = ms * 1000u;
    line.flush_us = serial_uart_time_us();
}

#else

void trace_out_before_text(uint32_t bytes)
{
    (void)bytes;
}

#endif
