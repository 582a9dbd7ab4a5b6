// serial_frame.h: frames of trace data beside plain console text on one serial line.
//
// Written by runtime/port/esp8266/serial_out.c and by tests, read by collectors/serial. Byte
// packed, little-endian.
//
// On the line
//   00 F5 LEN BODY[LEN] 00      a frame; F5 never occurs in UTF-8, and no 00 in a body
//   anything else               console text, as it is
// BODY is COBS of one block: HEAD PAYLOAD CRC, 8 to 254 bytes together, so LEN is 1 more than they
// have, 9 to 255. LEN frees a reader from waiting for a 00 that was lost; the 00 shows early that
// bytes of a body were. CRC: CRC-32 (that of zlib) over HEAD and PAYLOAD.
// Limit: a console text that itself contains 00 F5 loses up to 257 bytes after it.
//
// HEAD (struct serial_head)
//   off  bytes  field
//     0      1  type      enum serial_type
//     1      1  boot      differs from that of the boot before
//     2      2  sequence  0, 1, 2 ... over all frames of a boot, wraps; a gap means lost frames
//
// PAYLOAD by type
//   hello    struct serial_hello. First frame of a boot, then about once a second: a recording may
//            begin at any time, and nothing before the first hello is used.
//   packet   struct serial_piece, if `off` is 0 struct serial_packet, then bytes of a packet of
//            runtime/format/trace.h from its byte SERIAL_PACKET_SKIP on (the bytes before are the
//            same in all packets) to the end of its content. Pieces of a packet come in order,
//            other frames may come in between.
//   counts   struct serial_counts: when something was dropped or filtered since the last one
//   image    struct serial_image, then its name: an image was mounted. Its content does not travel:
//            the recorder is given the file and compares size and crc.
//   end      struct serial_end, twice: the program has ended, nothing more comes until the
//            next boot
//   answer   text: answer to a command
//
// Commands, to the device: lines of ASCII, ended by "\n" or "\r\n", each begun with 0x05 (ENQ) so
// that a prompt on the same line does not take them:
//   hello            sends a hello now
//   again            begins a new generation: packets were lost
//   stop, start      no events; events again
//   only NAME...     writes only these events (names of trace_events.h; `+NAME`, `-NAME` change the
//                    present choice); boot, image_mounted, name, site, text, end are always written
//   min BYTES        leaves out blocks and strings that are smaller
//   chunk TEXT       leaves out what happens in chunks whose names do not contain TEXT; none: all
//   every MS         ends a packet, with the sums of its counters, after that much time; 0: never
//   mark TEXT        writes a `mark` event
// Each is answered by an `answer` frame: "ok NAME ..." or "no NAME: reason".

#ifndef FROST_FORMAT_SERIAL_FRAME_H
#define FROST_FORMAT_SERIAL_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/format/trace.h"

#define SERIAL_PROTOCOL 2u
#define SERIAL_DELIMITER 0x00u
#define SERIAL_START 0xF5u
#define SERIAL_PLAIN_BYTES_MAX 254u // HEAD, PAYLOAD, CRC
#define SERIAL_PLAIN_BYTES_MIN 8u
#define SERIAL_PAYLOAD_BYTES_MAX (SERIAL_PLAIN_BYTES_MAX - 8u)
#define SERIAL_WIRE_BYTES_MAX (SERIAL_PLAIN_BYTES_MAX + 5u) // 00 F5 LEN code ... 00
#define SERIAL_PACKET_SKIP 21u                              // magic, uuid, stream_id
#define SERIAL_BUILD_ID_BYTES 20u

enum serial_type {
    SERIAL_HELLO = 1,
    SERIAL_PACKET = 2,
    SERIAL_COUNTS = 3,
    SERIAL_IMAGE = 4,
    SERIAL_END = 5,
    SERIAL_ANSWER = 6,
};

struct serial_head {
    uint8_t type;
    uint8_t boot;
    uint16_t sequence;
} __attribute__((packed));

// Flags of hello.
#define SERIAL_HELLO_INTEGER 1u // integer build
#define SERIAL_HELLO_FIRST 2u   // the first frame of its boot
#define SERIAL_HELLO_WAITS 4u   // the program waits for the line, nothing is dropped
#define SERIAL_HELLO_RAW 16u    // counters are written one by one
#define SERIAL_HELLO_NO_TEXT 32u

struct serial_hello {
    uint16_t protocol; // SERIAL_PROTOCOL; the rest of the payload belongs to that version
    uint8_t uuid[16];  // trace_schema_uuid()
    uint8_t build_id[SERIAL_BUILD_ID_BYTES]; // GNU build-id of the firmware's ELF; zero: none
    uint8_t flags;
    uint32_t boot_count; // since power was switched on, 1 for the first; 0: not known
    uint32_t heap_addr;
    uint32_t heap_bytes;
    uint32_t ring_bytes;   // for packets that wait for the line
    uint32_t packet_bytes; // longest packet
    uint32_t cpu_hz;       // of the clock after real_ns
    uint32_t baud;
    uint64_t events_kept; // bit i: events of id i are written
} __attribute__((packed));

struct serial_piece {
    uint32_t packet; // low bits of packet_seq_num
    uint16_t total;  // bytes of the packet without the SERIAL_PACKET_SKIP first
    uint16_t off;    // of this piece in them
} __attribute__((packed));

// What lets a reader go on after lost packets. Ids of names and sites start again with each
// generation, which begins with a packet; a text that is met in a generation is defined in it.
struct serial_packet {
    uint32_t events_before;   // in the packets before of this boot, dropped ones not included
    uint32_t generation;      // number of its first packet
    uint32_t texts_redefined; // how often an id was given to another text before, in this boot
} __attribute__((packed));

struct serial_counts {
    uint64_t events_discarded; // in packets for which the ring had no room
    uint32_t packets_discarded;
    uint64_t events_filtered; // left out on request
    uint32_t ring_bytes_max;  // most that ever waited
} __attribute__((packed));

struct serial_image {
    uint32_t addr;
    uint32_t bytes;
    uint32_t crc;
} __attribute__((packed));

struct serial_end {
    uint8_t status;
    uint32_t packets; // written in this boot
    uint32_t events;  // in them
    uint64_t events_discarded;
} __attribute__((packed));

_Static_assert(sizeof(struct serial_head) == 4, "wire format");
_Static_assert(sizeof(struct serial_hello) == 75, "wire format");
_Static_assert(sizeof(struct serial_piece) == 8, "wire format");
_Static_assert(sizeof(struct serial_packet) == 12, "wire format");
_Static_assert(sizeof(struct serial_counts) == 24, "wire format");
_Static_assert(sizeof(struct serial_image) == 12, "wire format");
_Static_assert(sizeof(struct serial_end) == 17, "wire format");
_Static_assert(sizeof(struct serial_hello) <= SERIAL_PAYLOAD_BYTES_MAX, "hello fits a frame");
_Static_assert(SERIAL_PACKET_SKIP == offsetof(struct trace_packet_header, packet_size),
               "what is the same in all packets");

// CRC-32 of zlib, bit by bit: no table, since on the chip a table would be flash or RAM.
// `crc` is 0 at first, then the result so far.
static inline uint32_t serial_crc(uint32_t crc, const void *data, uint32_t bytes)
{
    const uint8_t *at = (const uint8_t *)data;
    crc = ~crc;
    for (uint32_t i = 0; i < bytes; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & -(crc & 1));
    }
    return ~crc;
}

// COBS of one block of at most 254 bytes: each 00 becomes the distance to the next one. Works in
// place: `block[0]` is free, the plain bytes begin at block[1]. Result: bytes of the block.
static inline uint32_t serial_cobs_encode(uint8_t *block, uint32_t plain_bytes)
{
    uint32_t code = 0;
    for (uint32_t i = 1; i <= plain_bytes; i++) {
        if (block[i] != 0)
            continue;
        block[code] = (uint8_t)(i - code);
        code = i;
    }
    block[code] = (uint8_t)(plain_bytes + 1 - code);
    return plain_bytes + 1;
}

// The reverse, in place; the plain bytes begin at block[1]. Result: how many, or 0 if the bytes are
// no such block.
static inline uint32_t serial_cobs_decode(uint8_t *block, uint32_t block_bytes)
{
    uint32_t at = 0;
    while (at < block_bytes) {
        uint32_t next = at + block[at];
        if (block[at] == 0 || next > block_bytes)
            return 0;
        block[at] = 0;
        at = next;
    }
    return block_bytes - 1;
}

// Makes a frame of `bytes` bytes of payload, at most SERIAL_PAYLOAD_BYTES_MAX, which the caller has
// put at wire[SERIAL_WIRE_PAYLOAD]; the rest of `wire`, of SERIAL_WIRE_BYTES_MAX bytes, is written
// here. Result: bytes for the line.
#define SERIAL_WIRE_PAYLOAD 8u
static inline uint32_t serial_frame_make(uint8_t *wire, uint8_t type, uint8_t boot,
                                         uint16_t sequence, uint32_t bytes)
{
    uint8_t *plain = wire + 4;
    plain[0] = type;
    plain[1] = boot;
    plain[2] = (uint8_t)sequence;
    plain[3] = (uint8_t)(sequence >> 8);
    uint32_t crc = serial_crc(0, plain, 4 + bytes);
    for (uint32_t i = 0; i < 4; i++)
        plain[4 + bytes + i] = (uint8_t)(crc >> (8 * i));
    uint32_t block = serial_cobs_encode(wire + 3, bytes + 8);
    wire[0] = SERIAL_DELIMITER;
    wire[1] = SERIAL_START;
    wire[2] = (uint8_t)block;
    wire[3 + block] = SERIAL_DELIMITER;
    return block + 4;
}

#endif
