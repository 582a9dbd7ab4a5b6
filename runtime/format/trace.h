// trace.h: the bytes of a trace: directory, packets, event header, hash of the schema and of texts.
//
// Read by analyzer/trace, written by runtime/probe and analyzer/trace (text form). CTF 1.8; the
// events are those of runtime/format/trace_events.h.
//
// Directory of a trace
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
// Event: header, fields, tail. The header is CTF's compact one, as LTTng writes it:
//   ids 0 to 30:  4 bytes  bits 0..4 the id, bits 5..31 the low bits of the clock
//   any id:      13 bytes  bits 0..4 are 31, bits 5..7 of any value; u32 id; u64 clock
// The clock of the second kind is the whole one; it must not go back. Our writers use the first for
// all ids that fit it.
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
#define TRACE_ID_EXTENDED 31u // in a compact header: it is an extended one
#define TRACE_STAMP_BITS 27
#define TRACE_STAMP_RANGE (1u << TRACE_STAMP_BITS)
#define TRACE_STAMP_MASK (TRACE_STAMP_RANGE - 1u)
#define TRACE_COMPACT_HEADER_BYTES 4u
#define TRACE_EXTENDED_HEADER_BYTES 13u
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

struct trace_extended_header {
    uint8_t mark; // TRACE_ID_EXTENDED
    uint32_t id;
    uint64_t clock;
} __attribute__((packed));
_Static_assert(sizeof(struct trace_extended_header) == TRACE_EXTENDED_HEADER_BYTES, "event header");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "traces are copied as they lie");

// Types of fields: in C, bits, what makes a bit field of it, and where not every value is right
// how many are, from 0 on.
#define TRACE_TYPE_u1(get) get(uint8_t, 1, : 1, 0)
#define TRACE_TYPE_u6(get) get(uint8_t, 6, : 6, 0)
#define TRACE_TYPE_u7(get) get(uint8_t, 7, : 7, 0)
#define TRACE_TYPE_place_bit(get) get(uint8_t, 1, : 1, PLACE_COUNT)
#define TRACE_TYPE_u8(get) get(uint8_t, 8, , 0)
#define TRACE_TYPE_u16(get) get(uint16_t, 16, , 0)
#define TRACE_TYPE_u32(get) get(uint32_t, 32, , 0)
#define TRACE_TYPE_u64(get) get(uint64_t, 64, , 0)
#define TRACE_TYPE_text_id(get) get(uint32_t, 32, , TRACE_TEXT_ID_MAX + 1)
#define TRACE_TYPE_name_id(get) get(uint32_t, 32, , TRACE_NAME_ID_MAX + 1)
#define TRACE_TYPE_origin(get) get(uint8_t, 8, , 0)
#define TRACE_TYPE_kind(get) get(uint8_t, 8, , KIND_COUNT)
#define TRACE_TYPE_content(get) get(uint8_t, 8, , CONTENT_COUNT)
#define TRACE_TYPE_vm_what(get) get(uint8_t, 8, , VM_EVENT_COUNT)
#define TRACE_TYPE_gc_reason(get) get(uint8_t, 8, , GC_REASON_COUNT)
#define TRACE_TYPE_gc_phase(get) get(uint8_t, 8, , GC_PHASE_COUNT)
#define TRACE_TYPE_gc_order(get) get(uint8_t, 8, , GC_PHASE_COUNT)
#define TRACE_TYPE_compact_reason(get) get(uint8_t, 8, , COMPACT_REASON_COUNT)
#define TRACE_TYPE_place(get) get(uint8_t, 8, , PLACE_COUNT)
#define TRACE_TYPE_flash_use(get) get(uint8_t, 8, , FLASH_USE_COUNT)
#define TRACE_TYPE_moment(get) get(uint8_t, 8, , MOMENT_COUNT)
#define TRACE_TYPE_edge(get) get(uint8_t, 8, , EDGE_COUNT)
#define TRACE_TYPE_world(get) get(uint8_t, 8, , WORLD_COUNT)
#define TRACE_TYPE_difference(get) get(uint8_t, 8, , DIFFERENCE_COUNT)
#define TRACE_TYPE_freeze_result(get) get(uint8_t, 8, , FREEZE_RESULT_COUNT)
#define TRACE_TYPE_flash_region(get) get(uint8_t, 8, , FLASH_REGION_COUNT)
#define TRACE_TYPE_flash_job(get) get(uint8_t, 8, , FLASH_JOB_COUNT)
#define TRACE_GET_CTYPE(ctype, bits, width, limit) ctype
#define TRACE_GET_BITS(ctype, bits, width, limit) bits
#define TRACE_GET_WIDTH(ctype, bits, width, limit) width
#define TRACE_GET_LIMIT(ctype, bits, width, limit) limit
#define TRACE_CTYPE(type) TRACE_TYPE_##type(TRACE_GET_CTYPE)
#define TRACE_BITS(type) TRACE_TYPE_##type(TRACE_GET_BITS)
#define TRACE_WIDTH(type) TRACE_TYPE_##type(TRACE_GET_WIDTH)
#define TRACE_LIMIT(type) TRACE_TYPE_##type(TRACE_GET_LIMIT)

// Ids of events: TRACE_ID_boot ...
#define TRACE_ID_ITEM(id, name, fields) TRACE_ID_##name = id,
#define TRACE_ID_NOTHING(...)
enum trace_event_id { TRACE_EVENTS(TRACE_ID_ITEM, TRACE_ID_NOTHING, TRACE_ID_NOTHING) };
#undef TRACE_ID_ITEM
#undef TRACE_ID_NOTHING

// Fields as they lie in a packet: struct trace_body_alloc { uint32_t addr; ... }, a tail as its
// length (TAIL(text): uint16_t text_bytes), its bytes follow the struct; and whole events: struct
// trace_wire_alloc { uint32_t header; uint32_t addr; ... }.
#define TRACE_WIRE_FIELD(type, name) TRACE_CTYPE(type) name TRACE_WIDTH(type);
#define TRACE_WIRE_TAIL(name) uint16_t name##_bytes;
#define TRACE_WIRE_BODY(id, name, fields)                                                          \
    struct trace_body_##name {                                                                     \
        fields                                                                                     \
    } __attribute__((packed));
#define TRACE_WIRE_COMPACT(id, name, fields)                                                       \
    struct trace_wire_##name {                                                                     \
        uint32_t header;                                                                           \
        fields                                                                                     \
    } __attribute__((packed));
#define TRACE_WIRE_EXTENDED(id, name, fields)                                                      \
    struct trace_wire_##name {                                                                     \
        struct trace_extended_header header;                                                       \
        fields                                                                                     \
    } __attribute__((packed));
TRACE_EVENTS(TRACE_WIRE_BODY, TRACE_WIRE_FIELD, TRACE_WIRE_TAIL)
TRACE_COMPACT_EVENTS(TRACE_WIRE_COMPACT, TRACE_WIRE_FIELD, TRACE_WIRE_TAIL)
TRACE_EXTENDED_EVENTS(TRACE_WIRE_EXTENDED, TRACE_WIRE_FIELD, TRACE_WIRE_TAIL)
#undef TRACE_WIRE_FIELD
#undef TRACE_WIRE_TAIL
#undef TRACE_WIRE_BODY
#undef TRACE_WIRE_COMPACT
#undef TRACE_WIRE_EXTENDED

_Static_assert(TRACE_ID_gc_marked < TRACE_ID_EXTENDED, "compact ids fit their bits");
_Static_assert(TRACE_ID_gc_held == TRACE_ID_LIMIT - 1, "the last event of the table");
_Static_assert(sizeof(struct trace_body_alloc) == 11, "events are byte packed");
_Static_assert(sizeof(struct trace_wire_alloc) == 15, "events are byte packed");
_Static_assert(sizeof(struct trace_wire_string_new) == 16, "events are byte packed");
_Static_assert(sizeof(struct trace_wire_string_found) == 12, "two fields share a byte");
_Static_assert(sizeof(struct trace_wire_stack) == 19, "events are byte packed");

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

// Without texts (--no-text) a name, of a chunk say, is "#" and eight digits of its hash: sites can
// still be told apart.
#define TRACE_HIDDEN_NAME_BYTES 9u
static inline void trace_hidden_name(char name[TRACE_HIDDEN_NAME_BYTES], uint64_t hash)
{
    name[0] = '#';
    for (unsigned i = 1; i < TRACE_HIDDEN_NAME_BYTES; i++)
        name[i] = "0123456789abcdef"[hash >> (32 - 4 * i) & 15];
}

// The schema as text, and its hash: the uuid of every packet and of the metadata. It changes with
// every change of the event table, so that a trace is never read by the wrong table.
#define TRACE_SCHEMA_FIELD(type, name) "(" #type " " #name ")"
#define TRACE_SCHEMA_TAIL(name) "[" #name "]"
#define TRACE_SCHEMA_EVENT(id, name, fields) #id " " #name " " fields ";"
#define TRACE_SCHEMA_WORD(name, text) text ","
#define TRACE_SCHEMA_BIT(name, text, bit) text ","
#define TRACE_SCHEMA_ENUM(type, list, count) #type "=" list(TRACE_SCHEMA_WORD) ";"
#define TRACE_SCHEMA                                                                               \
    "frost/trace/2;" TRACE_EVENTS(TRACE_SCHEMA_EVENT, TRACE_SCHEMA_FIELD, TRACE_SCHEMA_TAIL)       \
        TRACE_ENUMS(TRACE_SCHEMA_ENUM) TRACE_ORIGINS(TRACE_SCHEMA_BIT)

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
