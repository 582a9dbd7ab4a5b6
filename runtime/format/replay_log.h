// replay_log.h: what a replay reads: the turns, inputs and outputs of a recording, in their order.
//
// Written from a trace (analyzer/job/replay_log.c), read by a filling of the gate to the world
// (runtime/world/host/replay_log.c). Byte packed, little-endian. A header; then records, each of a
// head and as many bytes of data as it says, padded with zeros to a multiple of 8. The first record
// begins a boot, the last one ends the log.

#ifndef FROST_FORMAT_REPLAY_LOG_H
#define FROST_FORMAT_REPLAY_LOG_H

#include <stdint.h>

#define REPLAY_LOG_MAGIC 0x504C5246u // "FRLP"
#define REPLAY_LOG_VERSION 1u
#define REPLAY_LOG_ALIGN 8u
#define REPLAY_LOG_BYTES_MAX (8ull * UINT32_MAX) // places are counted in units of 8 bytes

struct replay_log_header {
    uint32_t magic;
    uint32_t version;
    uint64_t bytes; // all of it, this header included
};
_Static_assert(sizeof(struct replay_log_header) == 16, "header");

enum replay_record_type {
    REPLAY_BOOT = 1, // object: its number, from 1 on
    REPLAY_TURN,     // kind, object as of the `turn` event; data: struct replay_turn
    REPLAY_INPUT,    // data: the answer, or what arrived
    REPLAY_OUTPUT,   // data: what was told, or written to the console (object: 1 or 2)
    REPLAY_END,      // object: the program's exit status, or one of these
    REPLAY_MARK,     // data: a name for this moment, `mark` event
};

// It had not ended by itself: there was a signal, or it crashed; its time (--duration) was over.
#define REPLAY_CUT 0xffffffffu
#define REPLAY_OVER 0xfffffffeu

struct replay_record {
    uint8_t type;  // enum replay_record_type
    uint8_t kind;  // enum trace_world
    uint16_t mark; // 0; for the reader's use
    uint32_t object;
    uint32_t bytes; // of the data
    uint32_t next;  // 0; for the reader's use
};
_Static_assert(sizeof(struct replay_record) == 16, "record");

struct replay_turn {
    uint64_t device_us;
    uint32_t number;
    uint32_t zero;
};
_Static_assert(sizeof(struct replay_turn) == 16, "turn");

#endif
