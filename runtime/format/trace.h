// trace.h: the bytes of a trace: folder, packets, event header, hash of the schema and of texts.
//
// Read by analyzer/trace, written by runtime/probe and analyzer/trace (text form). CTF 1.8; the
// events are those of runtime/format/trace_events.h.
//
// Folder of a trace
//   metadata            TSDL, written by analyzer/trace/trace_tsdl.c
//   events              packets one after another, nothing between them
//   .frost/run.json     what was run ("frost/run/1": collectors/host/recorder.h)
//   .frost/FILE         copies of the images that `image_mounted` events name
//
// Packet, byte packed, little-endian (struct trace_packet_header):
//   off  bytes  field
//     0      4  magic             TRACE_MAGIC
//     4     16  uuid              trace_schema_uuid(): a hash of the event table
//    20      1  stream_id         0
//    21      4  packet_size       bits of the whole packet, a multiple of 8
//    25      4  content_size      bits up to the end of the last event
//    29      8  timestamp_begin   clock at or before the first event
//    37      8  timestamp_end     clock at or after the last event
//    45      8  events_discarded  running total of the stream at the packet's end
//    53      8  packet_seq_num    0, 1, 2 ...; a gap means lost packets
//    61      8  serial_first      number of the first `alloc` or `string_new` in the packet
//    69      8  real_ns           real time when the packet was begun, since the run's start
//    77         events, then bytes of any value up to packet_size
//
// Event: u32 header (bits 0..4 id, bits 5..31 the low bits of the clock), fields, tail.
//
// A packet ends when the next event does not fit, or when the clock is TRACE_STAMP_RANGE past
// timestamp_begin; never on a timer. So within a packet the 27 bits of a stamp tell the time, and
// the same run gives the same packets. The writer on the host fills packets of TRACE_PACKET_BYTES
// and cuts packet_size down to what is used, rounded up to 8 bytes; other ports make smaller ones;
// a reader takes up to TRACE_PACKET_BYTES_MAX.

#ifndef FROST_FORMAT_TRACE_H
#define FROST_FORMAT_TRACE_H

#include <stdint.h>

#include "runtime/format/trace_events.h"

#define TRACE_MAGIC 0xC1FC1FC1u
#define TRACE_PACKET_BYTES 65536u
#define TRACE_PACKET_BYTES_MAX 1048576u
#define TRACE_STREAM_ID 0u

#define TRACE_ID_BITS 5
#define TRACE_ID_MASK 31u
#define TRACE_STAMP_BITS 27
#define TRACE_STAMP_RANGE (1u << TRACE_STAMP_BITS)
#define TRACE_STAMP_MASK (TRACE_STAMP_RANGE - 1u)
#define TRACE_EVENT_HEADER_BYTES 4u
#define TRACE_CLOCK_HZ 1000000000u // declared frequency of the instruction clock

struct trace_packet_header {
    uint32_t magic;
    uint8_t uuid[16];
    uint8_t stream_id;
    uint32_t packet_size;  // bits
    uint32_t content_size; // bits
    uint64_t timestamp_begin;
    uint64_t timestamp_end;
    uint64_t events_discarded;
    uint64_t packet_seq_num;
    uint64_t serial_first;
    uint64_t real_ns;
} __attribute__((packed));

#define TRACE_PACKET_HEADER_BYTES 77u
_Static_assert(sizeof(struct trace_packet_header) == TRACE_PACKET_HEADER_BYTES, "trace packet");
_Static_assert(TRACE_PACKET_BYTES_MAX < UINT32_MAX / 8, "packet sizes in bits fit 32 bits");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "traces are copied as they lie");

// C types of fields, and for enums the number of values (0: every value is right).
#define TRACE_CTYPE_u8 uint8_t
#define TRACE_CTYPE_u16 uint16_t
#define TRACE_CTYPE_u32 uint32_t
#define TRACE_CTYPE_u64 uint64_t
#define TRACE_CTYPE_kind uint8_t
#define TRACE_CTYPE_content uint8_t
#define TRACE_CTYPE_vm_what uint8_t
#define TRACE_CTYPE_gc_reason uint8_t
#define TRACE_CTYPE_gc_phase uint8_t
#define TRACE_CTYPE_place uint8_t
#define TRACE_CTYPE_flash_use uint8_t
#define TRACE_LIMIT_u8 0
#define TRACE_LIMIT_u16 0
#define TRACE_LIMIT_u32 0
#define TRACE_LIMIT_u64 0
#define TRACE_LIMIT_kind KIND_COUNT
#define TRACE_LIMIT_content CONTENT_COUNT
#define TRACE_LIMIT_vm_what VM_EVENT_COUNT
#define TRACE_LIMIT_gc_reason GC_REASON_COUNT
#define TRACE_LIMIT_gc_phase GC_PHASE_COUNT
#define TRACE_LIMIT_place PLACE_COUNT
#define TRACE_LIMIT_flash_use FLASH_USE_COUNT

// Ids of events: TRACE_ID_boot ...
#define TRACE_ID_ITEM(id, name, fields) TRACE_ID_##name = id,
#define TRACE_ID_NOTHING(...)
enum trace_event_id { TRACE_EVENTS(TRACE_ID_ITEM, TRACE_ID_NOTHING, TRACE_ID_NOTHING) };
#undef TRACE_ID_ITEM
#undef TRACE_ID_NOTHING

// Events as they lie in a packet: struct trace_wire_alloc { uint32_t header; uint32_t addr; ... },
// a tail as its length (TAIL(text): uint16_t text_bytes), its bytes follow the struct.
#define TRACE_WIRE_FIELD(type, name) TRACE_CTYPE_##type name;
#define TRACE_WIRE_TAIL(name) uint16_t name##_bytes;
#define TRACE_WIRE_EVENT(id, name, fields)                                                        \
    struct trace_wire_##name {                                                                    \
        uint32_t header;                                                                          \
        fields                                                                                    \
    } __attribute__((packed));
TRACE_EVENTS(TRACE_WIRE_EVENT, TRACE_WIRE_FIELD, TRACE_WIRE_TAIL)
#undef TRACE_WIRE_FIELD
#undef TRACE_WIRE_TAIL
#undef TRACE_WIRE_EVENT

_Static_assert(TRACE_EVENT_COUNT <= 1 << TRACE_ID_BITS, "event ids fit their bits");
_Static_assert(sizeof(struct trace_wire_alloc) == 15, "events are byte packed");
_Static_assert(sizeof(struct trace_wire_string_new) == 16, "events are byte packed");

// FNV-1a, 64 bits: the hash of a text's whole content, in `text` events.
#define TRACE_HASH_START 0xcbf29ce484222325u
static inline uint64_t trace_hash_more(uint64_t hash, const void *data, uint64_t bytes)
{
    const uint8_t *at = (const uint8_t *)data;
    for (uint64_t i = 0; i < bytes; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

static inline uint64_t trace_text_hash(const void *data, uint64_t bytes)
{
    return trace_hash_more(TRACE_HASH_START, data, bytes);
}

// The schema as text, and its hash: the uuid of every packet and of the metadata. It changes with
// every change of the event table, so that a trace is never read by the wrong table.
#define TRACE_SCHEMA_FIELD(type, name) "(" #type " " #name ")"
#define TRACE_SCHEMA_TAIL(name) "[" #name "]"
#define TRACE_SCHEMA_EVENT(id, name, fields) #id " " #name " " fields ";"
#define TRACE_SCHEMA_WORD(name, text) text ","
#define TRACE_SCHEMA                                                                              \
    "frost/trace/1;" TRACE_EVENTS(TRACE_SCHEMA_EVENT, TRACE_SCHEMA_FIELD, TRACE_SCHEMA_TAIL)      \
    TRACE_KINDS(TRACE_SCHEMA_WORD) TRACE_CONTENT_FUNCTIONS(TRACE_SCHEMA_WORD)                     \
    TRACE_VM_EVENTS(TRACE_SCHEMA_WORD) TRACE_GC_REASONS(TRACE_SCHEMA_WORD)                        \
    TRACE_GC_PHASES(TRACE_SCHEMA_WORD) TRACE_PLACES(TRACE_SCHEMA_WORD)                        \
    TRACE_FLASH_USES(TRACE_SCHEMA_WORD)

static inline void trace_schema_uuid(uint8_t uuid[16])
{
    static const char schema[] = TRACE_SCHEMA;
    uint64_t half = trace_text_hash(schema, sizeof schema - 1);
    for (int i = 0; i < 16; i++) {
        if (i == 8)
            half = trace_hash_more(half, schema, sizeof schema - 1);
        uuid[i] = (uint8_t)(half >> (8 * (i & 7)));
    }
    uuid[6] = (uint8_t)(0x80 | (uuid[6] & 0x0f)); // a uuid of one's own making: version 8
    uuid[8] = (uint8_t)(0x80 | (uuid[8] & 0x3f));
}

#endif
