// serial_decode.h: takes what comes over a serial line apart into frames and console text.
//
// Reads: bytes, in pieces of any size. Calls back for each frame and each run of text.
// Memory: one frame; nothing is allocated.
//
// After damage of any kind the next whole frame is found again, except that damage to a frame's
// last byte and to the next one's first two can cost the next one, too. What is not a frame is
// text; of a damaged frame nothing is shown, unless its own first bytes were hit.

#ifndef FROST_COLLECTORS_SERIAL_DECODE_H
#define FROST_COLLECTORS_SERIAL_DECODE_H

#include "analyzer/base/text.h"
#include "runtime/format/serial_frame.h"

struct serial_frame {
    struct serial_head head;
    const uint8_t *payload; // until the callback returns
    uint32_t bytes;
};

// Where the pieces go. Negative results end serial_decode with them.
struct serial_sink {
    void *context;
    int (*frame)(void *context, const struct serial_frame *frame);
    int (*text)(void *context, struct text text);
};

enum serial_state {
    SERIAL_IN_TEXT,
    SERIAL_BEHIND_ZERO,  // 00 may begin a frame
    SERIAL_BEHIND_START, // the length comes
    SERIAL_IN_BODY,
    SERIAL_BEHIND_BODY, // the frame was good; its 00 comes
    SERIAL_SKIPPING,    // the frame was bad; up to its 00, at most as long as a frame can be
};

// Set to zero at first.
struct serial_decoder {
    enum serial_state state;
    bool has_zero;     // the 00 that was seen is not accounted for yet
    bool is_zero_text; // it is text if no frame follows
    uint32_t head;     // bytes of the frame in front of its body that were seen
    uint32_t wanted, used;
    uint8_t block[SERIAL_PLAIN_BYTES_MAX + 1];
    uint64_t frames, frames_damaged;
    // Bytes of the line; together all that was read, but for a frame that has begun.
    uint64_t bytes_frames, bytes_text, bytes_damaged;
};

// Takes `bytes` bytes in. Result: STATUS_OK, or what a callback answered.
int serial_decode(struct serial_decoder *decoder, const uint8_t *data, size_t bytes,
                  const struct serial_sink *sink) __attribute__((warn_unused_result));

#endif
