// serial_boot.c: frames other than packets; where one boot of the device ends and the next begins.
//
// Source: runtime/format/serial_frame.h.

#include <string.h>

#include <jansson.h>

#include "collectors/serial/serial_private.h"

// The device has started again: its numbers do, too.
static int begin_boot(struct serial_recorder *recorder, uint8_t number)
{
    struct serial_boot *boot = &recorder->boot;
    bool is_first = !boot->is_known;
    int status = serial_out_end(recorder, recorder->out.clock);
    recorder->result->packets_lost += boot->piece_total != 0;
    uint64_t next = boot->sequence_base + boot->packet_next + (boot->piece_total != 0);
    serial_ids_boot(recorder);
    *boot = (struct serial_boot){
        .is_known = true,
        .number = number,
        .clock_base = recorder->out.clock_end,
        .sequence_base = next > recorder->out.sequence ? next : recorder->out.sequence,
        .serial_base = recorder->out.serial,
        .real_base = is_first ? 0 : recorder->now_ns,
        .discarded_base = boot->discarded_base + boot->discarded,
    };
    if (boot->real_base < recorder->out.real_ns)
        boot->real_base = recorder->out.real_ns;
    recorder->end_ns = 0;
    if (!is_first)
        serial_say(recorder, "the device has started again");
    return status;
}

// Notes the frame's number, counts those that are missing.
static int follow(struct serial_recorder *recorder, const struct serial_frame *frame)
{
    struct serial_boot *boot = &recorder->boot;
    bool is_first_hello = frame->head.type == SERIAL_HELLO && frame->head.sequence == 0 &&
                          boot->sequence_next != 0;
    int status = STATUS_OK;
    if (!boot->is_known || boot->number != frame->head.boot || is_first_hello) {
        bool was_known = boot->is_known;
        status = begin_boot(recorder, frame->head.boot);
        // Of the first boot we may have come late; of others frame 0 was to come.
        boot->sequence_next = was_known ? 0 : frame->head.sequence;
    }
    recorder->result->frames_lost += (uint16_t)(frame->head.sequence - boot->sequence_next);
    boot->sequence_next = (uint16_t)(frame->head.sequence + 1);
    return status;
}

static int send_commands(struct serial_recorder *recorder)
{
    const struct serial_setup *setup = recorder->setup;
    int status = STATUS_OK;
    for (uint32_t i = 0; i < setup->device_command_count && status == STATUS_OK; i++)
        status = serial_command(recorder, setup->device_commands[i]);
    return status;
}

// What run.json tells of the firmware.
static void note_firmware(struct serial_recorder *recorder)
{
    const struct serial_hello *hello = &recorder->boot.hello;
    char id[2 * SERIAL_BUILD_ID_BYTES + 1] = "";
    bool has_id = false;
    for (size_t i = 0; i < SERIAL_BUILD_ID_BYTES; i++) {
        id[2 * i] = "0123456789abcdef"[hello->build_id[i] >> 4];
        id[2 * i + 1] = "0123456789abcdef"[hello->build_id[i] & 15];
        has_id |= hello->build_id[i] != 0;
    }
    if (has_id)
        serial_recorder_fact_text(recorder, "build_id", id);
    serial_recorder_fact_text(recorder, "number",
                              hello->flags & SERIAL_HELLO_INTEGER ? "integer" : "float");
    json_object_set_new(recorder->facts, "raw", json_boolean(hello->flags & SERIAL_HELLO_RAW));
    json_object_set_new(
        recorder->facts, "text",
        json_boolean(!recorder->setup->is_without_text && !(hello->flags & SERIAL_HELLO_NO_TEXT)));
}

static int take_hello(struct serial_recorder *recorder, const struct serial_frame *frame)
{
    struct serial_boot *boot = &recorder->boot;
    struct serial_hello hello;
    uint8_t uuid[16];
    uint16_t protocol = 0;
    struct text device = text_of(recorder->setup->device);
    if (frame->bytes >= sizeof protocol)
        memcpy(&protocol, frame->payload, sizeof protocol);
    if (protocol != SERIAL_PROTOCOL || frame->bytes < sizeof hello)
        return problem_set(recorder->problem, STATUS_VERSION, device, PROBLEM_NO_OFF,
                           "the device sends frames of version %u, this program reads version %u",
                           protocol, SERIAL_PROTOCOL);
    memcpy(&hello, frame->payload, sizeof hello);
    trace_schema_uuid(uuid);
    if (memcmp(uuid, hello.uuid, sizeof uuid) != 0)
        return problem_set(
            recorder->problem, STATUS_VERSION, device, PROBLEM_NO_OFF,
            "the firmware has a different table of events (%02x%02x%02x%02x..., ours "
            "%02x%02x%02x%02x...): firmware and frost are of different versions",
            hello.uuid[0], hello.uuid[1], hello.uuid[2], hello.uuid[3], uuid[0], uuid[1], uuid[2],
            uuid[3]);
    boot->hello = hello;
    if (boot->has_hello)
        return STATUS_OK;
    boot->has_hello = true;
    recorder->result->has_hello = true;
    note_firmware(recorder);
    int status = serial_out_end(recorder, recorder->out.clock); // a consumer's
    return status != STATUS_OK ? status : send_commands(recorder);
}

static int take_image(struct serial_recorder *recorder, const struct serial_frame *frame)
{
    struct serial_boot *boot = &recorder->boot;
    if (frame->bytes < sizeof boot->image)
        return STATUS_OK;
    memcpy(&boot->image, frame->payload, sizeof boot->image);
    uint32_t bytes = frame->bytes - (uint32_t)sizeof boot->image;
    if (bytes > sizeof boot->image_name - 1)
        bytes = sizeof boot->image_name - 1;
    memcpy(boot->image_name, frame->payload + sizeof boot->image, bytes);
    boot->image_name[bytes] = 0;
    boot->has_image = true;
    return STATUS_OK;
}

// What the device says of its losses only grows; a late frame changes nothing.
static void take_discarded(struct serial_recorder *recorder, uint64_t discarded)
{
    if (discarded > recorder->boot.discarded)
        recorder->boot.discarded = discarded;
}

static void take_counts(struct serial_recorder *recorder, const struct serial_frame *frame)
{
    struct serial_counts counts;
    if (frame->bytes < sizeof counts)
        return;
    memcpy(&counts, frame->payload, sizeof counts);
    take_discarded(recorder, counts.events_discarded);
    recorder->events_filtered = counts.events_filtered;
    if (counts.ring_bytes_max > recorder->ring_bytes_max)
        recorder->ring_bytes_max = counts.ring_bytes_max;
}

static void take_end(struct serial_recorder *recorder, const struct serial_frame *frame)
{
    struct serial_boot *boot = &recorder->boot;
    struct serial_end end;
    if (frame->bytes < sizeof end || !boot->has_hello)
        return;
    memcpy(&end, frame->payload, sizeof end);
    take_discarded(recorder, end.events_discarded);
    // Lost packets at the end have no successor that would tell.
    if (end.packets != boot->packet_next)
        recorder->result->packets_lost += (uint32_t)(end.packets - boot->packet_next);
    recorder->line_events_lost += (uint32_t)(end.events - boot->events_next);
    boot->packet_next = end.packets;
    boot->events_next = end.events;
    boot->piece_total = 0;
    recorder->result->exit_status = end.status;
    recorder->end_ns = recorder->now_ns;
}

int serial_take_frame(struct serial_recorder *recorder, const struct serial_frame *frame)
{
    int status = follow(recorder, frame);
    if (status != STATUS_OK)
        return status;
    switch (frame->head.type) {
    case SERIAL_HELLO:
        return take_hello(recorder, frame);
    case SERIAL_PACKET:
        return serial_take_piece(recorder, frame);
    case SERIAL_IMAGE:
        return take_image(recorder, frame);
    case SERIAL_COUNTS:
        take_counts(recorder, frame);
        return STATUS_OK;
    case SERIAL_END:
        take_end(recorder, frame);
        return STATUS_OK;
    case SERIAL_ANSWER:
        serial_say(recorder, "device: %.*s", (int)frame->bytes, (const char *)frame->payload);
        return STATUS_OK;
    default:
        return STATUS_OK; // a later minor version may have more
    }
}
