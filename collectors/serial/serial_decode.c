// serial_decode.c: frames and text of a serial line, byte by byte.
//
// Source: runtime/format/serial_frame.h.

#include "collectors/serial/serial_decode.h"

#include <assert.h>
#include <string.h>

#include "runtime/format/status.h"

static void damage(struct serial_decoder *decoder, uint32_t bytes, enum serial_state next)
{
    decoder->frames_damaged++;
    decoder->bytes_damaged += bytes;
    decoder->state = next;
}

// A 00 has come that may be the first byte of a frame.
static void note_zero(struct serial_decoder *decoder, bool is_text)
{
    decoder->state = SERIAL_BEHIND_ZERO;
    decoder->has_zero = true;
    decoder->is_zero_text = is_text;
}

// The body is there. Result as serial_decode.
static int take_body(struct serial_decoder *decoder, const struct serial_sink *sink)
{
    assert(decoder->used == decoder->wanted);
    assert(decoder->wanted > SERIAL_PLAIN_BYTES_MIN);
    uint32_t bytes = serial_cobs_decode(decoder->block, decoder->wanted);
    const uint8_t *plain = decoder->block + 1;
    uint32_t crc = 0;
    if (bytes >= SERIAL_PLAIN_BYTES_MIN)
        memcpy(&crc, plain + bytes - sizeof crc, sizeof crc);
    if (bytes < SERIAL_PLAIN_BYTES_MIN || crc != serial_crc(0, plain, bytes - sizeof crc)) {
        damage(decoder, decoder->head + decoder->wanted, SERIAL_SKIPPING);
        return STATUS_OK;
    }
    decoder->frames++;
    decoder->bytes_frames += decoder->head + decoder->wanted;
    decoder->state = SERIAL_BEHIND_BODY;
    struct serial_frame frame = {
        .payload = plain + sizeof frame.head,
        .bytes = bytes - (uint32_t)(sizeof frame.head + sizeof crc),
    };
    memcpy(&frame.head, plain, sizeof frame.head);
    return sink->frame(sink->context, &frame);
}

static int take_text(struct serial_decoder *decoder, const uint8_t *data, size_t bytes,
                     const struct serial_sink *sink)
{
    decoder->bytes_text += bytes;
    struct text text = {(const char *)data, bytes};
    return sink->text(sink->context, text);
}

// One byte after a 00.
static int behind_zero(struct serial_decoder *decoder, const uint8_t *byte,
                       const struct serial_sink *sink)
{
    static const uint8_t zero;
    int status = STATUS_OK;
    if (*byte == SERIAL_START) {
        decoder->head = (uint32_t)decoder->has_zero + 1;
        decoder->state = SERIAL_BEHIND_START;
        return status;
    }
    if (decoder->has_zero && decoder->is_zero_text)
        status = take_text(decoder, &zero, 1, sink);
    else
        decoder->bytes_damaged += decoder->has_zero;
    if (*byte == SERIAL_DELIMITER) {
        note_zero(decoder, true);
        return status;
    }
    decoder->state = SERIAL_IN_TEXT;
    return status != STATUS_OK ? status : take_text(decoder, byte, 1, sink);
}

// One byte inside a frame.
static int inside(struct serial_decoder *decoder, uint8_t byte, const struct serial_sink *sink)
{
    if (byte == SERIAL_DELIMITER) {
        uint32_t body = decoder->state == SERIAL_IN_BODY ? decoder->used : 0;
        damage(decoder, decoder->head + body, SERIAL_BEHIND_ZERO);
        note_zero(decoder, false); // its own last byte, or the first of the next
    } else if (decoder->state == SERIAL_BEHIND_START) {
        decoder->head++;
        decoder->wanted = byte;
        decoder->used = 0;
        decoder->state = SERIAL_IN_BODY;
        if (byte <= SERIAL_PLAIN_BYTES_MIN)
            damage(decoder, decoder->head, SERIAL_SKIPPING);
    } else {
        assert(decoder->used < decoder->wanted && decoder->wanted <= sizeof decoder->block);
        decoder->block[decoder->used++] = byte;
        if (decoder->used == decoder->wanted)
            return take_body(decoder, sink);
    }
    return STATUS_OK;
}

// One byte after a body.
static int behind_body(struct serial_decoder *decoder, const uint8_t *byte,
                       const struct serial_sink *sink)
{
    if (*byte == SERIAL_DELIMITER && decoder->state == SERIAL_SKIPPING) {
        note_zero(decoder, false);
        return STATUS_OK;
    }
    if (*byte == SERIAL_DELIMITER) {
        // The frame's own; the next one's, too, if that one has lost its first byte.
        decoder->bytes_frames++;
        decoder->has_zero = false;
        decoder->state = SERIAL_BEHIND_ZERO;
        return STATUS_OK;
    }
    if (decoder->state == SERIAL_SKIPPING && decoder->used < SERIAL_WIRE_BYTES_MAX) {
        decoder->used++;
        decoder->bytes_damaged++;
        return STATUS_OK;
    }
    decoder->state = SERIAL_IN_TEXT;
    return take_text(decoder, byte, 1, sink);
}

int serial_decode(struct serial_decoder *decoder, const uint8_t *data, size_t bytes,
                  const struct serial_sink *sink)
{
    int status = STATUS_OK;
    size_t at = 0;
    while (at < bytes && status == STATUS_OK) {
        const uint8_t *byte = data + at;
        if (decoder->state == SERIAL_IN_TEXT) {
            const uint8_t *zero = memchr(byte, SERIAL_DELIMITER, bytes - at);
            size_t run = zero ? (size_t)(zero - byte) : bytes - at;
            if (run)
                status = take_text(decoder, byte, run, sink);
            if (zero)
                note_zero(decoder, true);
            at += run + (zero != NULL);
            continue;
        }
        at++;
        switch (decoder->state) {
        case SERIAL_BEHIND_ZERO:
            status = behind_zero(decoder, byte, sink);
            break;
        case SERIAL_BEHIND_START:
        case SERIAL_IN_BODY:
            status = inside(decoder, *byte, sink);
            break;
        default:
            status = behind_body(decoder, byte, sink);
        }
    }
    return status;
}
