// serial_packet.c: packets of the device from their pieces, and into the trace.
//
// A packet counts only when all its pieces are there. What is missing between two packets is told
// by their numbers and by the numbers of their events.
// Source: runtime/format/serial_frame.h, runtime/format/trace.h.

#include <assert.h>
#include <string.h>

#include "analyzer/trace/trace_decode.h"
#include "collectors/serial/serial_private.h"

#define ASK_AGAIN_NS 2000000000u // a new generation is asked for at most so often

// ---- what comes before the first packet of a boot ----

static int add_event(struct serial_recorder *recorder, struct trace_event *event)
{
    event->clock = recorder->out.clock;
    return serial_out_event(recorder, event);
}

// The recording, or what has arrived of this boot, begins late: the events that a boot begins with
// are made from what the hello says.
static int begin_late(struct serial_recorder *recorder)
{
    const struct serial_boot *boot = &recorder->boot;
    struct trace_event event = {.id = TRACE_ID_boot};
    event.boot = (struct trace_event_boot){
        .number = (uint16_t)boot->hello.boot_count,
        .flags = boot->hello.flags & SERIAL_HELLO_INTEGER ? TRACE_BOOT_INTEGER : 0,
        .heap_bytes = boot->hello.heap_bytes,
        .heap_addr = boot->hello.heap_addr,
        .command = text_of("(recorded from later on)"),
    };
    int status = add_event(recorder, &event);
    if (status != STATUS_OK || !boot->has_image)
        return status;
    event = (struct trace_event){.id = TRACE_ID_image_mounted};
    event.image_mounted = (struct trace_event_image_mounted){
        .addr = boot->image.addr,
        .bytes = boot->image.bytes,
        .crc = boot->image.crc,
        .file = text_of(boot->image_name),
    };
    status = add_event(recorder, &event);
    return status != STATUS_OK ? status
                               : serial_keep_image(recorder, &boot->image, boot->image_name);
}

static int keep_mounted(struct serial_recorder *recorder,
                        const struct trace_event_image_mounted *event)
{
    struct serial_image image = {event->addr, event->bytes, event->crc};
    char name[TRACE_RING_NAME_BYTES];
    size_t bytes = event->file.bytes < sizeof name - 1 ? event->file.bytes : sizeof name - 1;
    memcpy(name, event->file.data, bytes);
    name[bytes] = 0;
    return serial_keep_image(recorder, &image, name);
}

// ---- without texts ----

// Takes the texts out of an event of a firmware that sends them; `name` is room for what stands for
// the name of a chunk. Names of C functions are hidden, too: here they cannot be told from others.
static void hide_text(struct trace_event *event, char name[TRACE_HIDDEN_NAME_BYTES])
{
    static const struct text image = {"image", 5};
    struct text *named = &event->name.text;
    switch (event->id) {
    case TRACE_ID_name:
        trace_hidden_name(name, trace_text_hash(named->data, named->bytes));
        *named = (struct text){name, TRACE_HIDDEN_NAME_BYTES};
        break;
    case TRACE_ID_text:
        event->text.text.bytes = 0;
        break;
    case TRACE_ID_console:
        event->console.text.bytes = 0;
        break;
    case TRACE_ID_mark:
        event->mark.text.bytes = 0;
        break;
    case TRACE_ID_boot:
        event->boot.command.bytes = 0;
        break;
    case TRACE_ID_image_mounted:
        event->image_mounted.file = image;
        break;
    default:
        break;
    }
}

// ---- one packet ----

// Are all events whole, of known kinds and in the packet's time? Result: how many, or -1.
static int64_t count_events(const uint8_t *packet, size_t bytes,
                            const struct trace_packet_header *header)
{
    struct trace_event event = {.clock = header->timestamp_begin};
    int64_t count = 0;
    for (size_t at = TRACE_PACKET_HEADER_BYTES; at < bytes; count++) {
        int32_t n = trace_decode(packet + at, bytes - at, &event);
        if (n <= 0 || event.clock > header->timestamp_end)
            return -1;
        at += (size_t)n;
    }
    return count;
}

// Appends the events, with ids and times of the trace.
static int add_events(struct serial_recorder *recorder, const uint8_t *packet, size_t bytes,
                      uint64_t clock)
{
    struct serial_boot *boot = &recorder->boot;
    struct trace_event decoded = {.clock = clock};
    int status = STATUS_OK;
    for (size_t at = TRACE_PACKET_HEADER_BYTES; at < bytes && status == STATUS_OK;) {
        at += (size_t)trace_decode(packet + at, bytes - at, &decoded);
        struct trace_event event = decoded;
        bool is_known = false;
        event.clock += boot->clock_base;
        // A boot that ends at once (--max-boots) is none.
        if (!boot->has_begun && event.id != TRACE_ID_boot && event.id != TRACE_ID_end)
            status = begin_late(recorder);
        boot->has_begun = true;
        if (status == STATUS_OK)
            status = serial_ids_change(recorder, &event, &is_known);
        char name[TRACE_HIDDEN_NAME_BYTES];
        if (recorder->setup->is_without_text)
            hide_text(&event, name);
        if (status == STATUS_OK && !is_known)
            status = serial_out_event(recorder, &event);
        if (status == STATUS_OK && event.id == TRACE_ID_image_mounted)
            status = keep_mounted(recorder, &event.image_mounted);
    }
    return status;
}

// Asks the device to define everything again, since definitions were lost.
static int ask_again(struct serial_recorder *recorder)
{
    struct serial_boot *boot = &recorder->boot;
    if (boot->asked_ns && recorder->now_ns - boot->asked_ns < ASK_AGAIN_NS)
        return STATUS_OK;
    boot->asked_ns = recorder->now_ns + 1;
    return serial_command(recorder, "again");
}

// Counts what is missing in front of a packet, forgets ids that may have another meaning now.
static int bridge_gap(struct serial_recorder *recorder, uint32_t number,
                      const struct serial_packet *head)
{
    struct serial_boot *boot = &recorder->boot;
    uint32_t missing = number - boot->packet_next;
    recorder->result->packets_lost += missing;
    recorder->line_events_lost += (uint32_t)(head->events_before - boot->events_next);
    if (!boot->has_packet || head->generation != boot->generation) {
        serial_ids_forget(recorder);
        boot->generation = head->generation;
        boot->is_whole = number == head->generation;
    } else if (missing) {
        boot->is_whole = false;
        if (head->texts_redefined != boot->redefined_next)
            serial_ids_forget_texts(recorder);
    }
    return boot->is_whole ? STATUS_OK : ask_again(recorder);
}

// Does the packet keep the rules, and follow what the trace has?
static bool is_sound(const struct serial_recorder *recorder, uint32_t number, size_t bytes,
                     const struct trace_packet_header *header)
{
    const struct serial_boot *boot = &recorder->boot;
    return (uint32_t)header->packet_seq_num == number &&
           (int32_t)(number - boot->packet_next) >= 0 && header->content_size == bytes * 8 &&
           header->timestamp_end >= header->timestamp_begin &&
           header->timestamp_end - header->timestamp_begin < TRACE_STAMP_RANGE &&
           header->timestamp_end < UINT64_MAX / 2 && header->serial_first < UINT64_MAX / 2 &&
           header->packet_seq_num < UINT64_MAX / 2 && header->events_discarded < UINT64_MAX / 2 &&
           header->timestamp_begin + boot->clock_base >= recorder->out.clock_end &&
           header->serial_first + boot->serial_base > recorder->out.serial &&
           header->packet_seq_num + boot->sequence_base >= recorder->out.sequence;
}

static int take_packet(struct serial_recorder *recorder, uint32_t number,
                       const struct serial_packet *head, uint8_t *packet, size_t bytes)
{
    struct serial_boot *boot = &recorder->boot;
    struct trace_packet_header header;
    memcpy(&header, packet, sizeof header);
    int64_t count = -1;
    if (is_sound(recorder, number, bytes, &header))
        count = count_events(packet, bytes, &header);
    if (count < 0) {
        recorder->packets_refused++;
        return STATUS_OK;
    }
    int status = bridge_gap(recorder, number, head);
    if (status != STATUS_OK)
        return status;
    if (header.events_discarded > boot->discarded)
        boot->discarded = header.events_discarded;
    uint64_t clock = header.timestamp_begin;
    header.timestamp_begin += boot->clock_base;
    header.packet_seq_num += boot->sequence_base;
    header.serial_first += boot->serial_base;
    header.real_ns += boot->real_base;
    recorder->out.serial = header.serial_first - 1;
    serial_out_begin(recorder, &header);
    uint32_t redefined = recorder->ids.texts_redefined;
    status = add_events(recorder, packet, bytes, clock);
    boot->has_packet = true;
    boot->packet_next = number + 1;
    boot->events_next = head->events_before + (uint32_t)count;
    boot->redefined_next = head->texts_redefined + recorder->ids.texts_redefined - redefined;
    return status != STATUS_OK ? status
                               : serial_out_end(recorder, header.timestamp_end + boot->clock_base);
}

// ---- pieces ----

static void begin_packet(struct serial_recorder *recorder, const struct serial_piece *piece,
                         const uint8_t **data, uint32_t *bytes)
{
    struct serial_boot *boot = &recorder->boot;
    boot->piece_total = 0;
    if (*bytes < sizeof boot->piece_head ||
        piece->total < TRACE_PACKET_HEADER_BYTES - SERIAL_PACKET_SKIP)
        return;
    memcpy(&boot->piece_head, *data, sizeof boot->piece_head);
    *data += sizeof boot->piece_head;
    *bytes -= (uint32_t)sizeof boot->piece_head;
    boot->piece_packet = piece->packet;
    boot->piece_total = piece->total;
    boot->piece_used = 0;
    memset(recorder->assembly, 0, SERIAL_PACKET_SKIP);
}

int serial_take_piece(struct serial_recorder *recorder, const struct serial_frame *frame)
{
    struct serial_boot *boot = &recorder->boot;
    struct serial_piece piece;
    if (frame->bytes < sizeof piece)
        return STATUS_OK;
    memcpy(&piece, frame->payload, sizeof piece);
    const uint8_t *data = frame->payload + sizeof piece;
    uint32_t bytes = frame->bytes - (uint32_t)sizeof piece;
    if (!boot->has_hello) {
        recorder->packets_early += piece.off == 0;
        return STATUS_OK;
    }
    if (piece.off == 0)
        begin_packet(recorder, &piece, &data, &bytes);
    bool is_next = boot->piece_total != 0 && piece.packet == boot->piece_packet &&
                   piece.off == boot->piece_used && piece.total == boot->piece_total &&
                   bytes <= boot->piece_total - boot->piece_used;
    if (!is_next) {
        boot->piece_total = 0; // its number will be missing
        return STATUS_OK;
    }
    assert(SERIAL_PACKET_SKIP + boot->piece_used + bytes <= SERIAL_ASSEMBLY_BYTES);
    memcpy(recorder->assembly + SERIAL_PACKET_SKIP + boot->piece_used, data, bytes);
    boot->piece_used += bytes;
    if (boot->piece_used < boot->piece_total)
        return STATUS_OK;
    uint32_t total = boot->piece_total;
    boot->piece_total = 0;
    return take_packet(recorder, boot->piece_packet, &boot->piece_head, recorder->assembly,
                       SERIAL_PACKET_SKIP + total);
}
