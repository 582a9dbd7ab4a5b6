// mqtt_packet.c: messages of MQTT as bytes.
//
// Memory: a block of 28 bytes and the packet for each (heap_take). Source: MQTT 3.1.1, chapter 2.

#include <assert.h>
#include <string.h>

#include "runtime/core/heap.h"
#include "runtime/nodemcu/net/mqtt.h"

struct mqtt_message *mqtt_message_new(enum mqtt_type type, int flags, size_t body_bytes)
{
    size_t header_bytes = body_bytes < 0x80 ? 2 : 3;
    assert(body_bytes < 0x4000);
    struct mqtt_message *message = heap_take(sizeof *message + header_bytes + body_bytes);
    if (!message)
        return NULL;
    *message = (struct mqtt_message){.type = (uint8_t)type,
                                     .room_bytes = (uint32_t)(header_bytes + body_bytes)};
    mqtt_put_byte(message, (int)type << 4 | flags);
    if (header_bytes == 2) {
        mqtt_put_byte(message, (int)body_bytes);
    } else {
        mqtt_put_byte(message, (int)(body_bytes & 0x7F) | 0x80);
        mqtt_put_byte(message, (int)(body_bytes >> 7));
    }
    return message;
}

void mqtt_message_free(struct mqtt_message *message)
{
    heap_give(message, sizeof *message + message->room_bytes);
}

void mqtt_put(struct mqtt_message *message, const void *data, size_t bytes)
{
    assert(bytes <= message->room_bytes - message->bytes);
    memcpy(message->packet + message->bytes, data, bytes);
    message->bytes += (uint32_t)bytes;
}

void mqtt_put_byte(struct mqtt_message *message, int value)
{
    uint8_t byte = (uint8_t)value;
    mqtt_put(message, &byte, 1);
}

void mqtt_put_word(struct mqtt_message *message, int value)
{
    mqtt_put_byte(message, value >> 8);
    mqtt_put_byte(message, value);
}

void mqtt_put_text(struct mqtt_message *message, const char *text, size_t bytes)
{
    mqtt_put_word(message, (int)bytes);
    mqtt_put(message, text, bytes);
}

int mqtt_read_header(const uint8_t *header, size_t bytes, uint32_t *message_bytes)
{
    uint32_t body_bytes = 0;
    for (unsigned at = 1; at < bytes; at++) {
        body_bytes |= (uint32_t)(header[at] & 0x7F) << 7 * (at - 1);
        if (header[at] & 0x80)
            continue;
        *message_bytes = at + 1 + body_bytes;
        return (int)at + 1;
    }
    return bytes < MQTT_HEADER_BYTES_MAX ? 0 : -1;
}
