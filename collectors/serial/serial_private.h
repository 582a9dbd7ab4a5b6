// serial_private.h: what the files of the serial recorder share.

#ifndef FROST_COLLECTORS_SERIAL_PRIVATE_H
#define FROST_COLLECTORS_SERIAL_PRIVATE_H

#include "analyzer/base/hash_table.h"
#include "collectors/host/recorder_private.h"
#include "collectors/serial/serial_decode.h"
#include "collectors/serial/serial_line.h"
#include "collectors/serial/serial_recorder.h"

struct json_t;

// A packet of the device, whose length without SERIAL_PACKET_SKIP has 16 bits.
#define SERIAL_ASSEMBLY_BYTES (65535u + SERIAL_PACKET_SKIP)
// One of the trace: such a packet, and what is added in front of it.
#define SERIAL_OUT_BYTES (4 * 65536u)

// ---- serial_out.c: packets of the trace ----

struct serial_out {
    uint8_t *packet; // room for SERIAL_OUT_BYTES
    size_t used;     // 0: no packet is open
    struct trace_packet_header header;
    uint64_t clock;             // of the last event
    uint64_t clock_end;         // the next packet begins here or later
    uint64_t sequence;          // of the next packet
    uint64_t serial;            // number of the last block
    uint64_t real_ns;           // of the last packet
    uint64_t discarded_written; // in the last packet
};

// ---- serial_ids.c: what ids of the device mean in the trace ----

struct serial_intern {
    uint64_t *hashes; // of item i, whose id is i + 1
    uint32_t count, room;
    struct hash_table by_hash; // of items, once there is one
};

struct serial_map {
    uint32_t *items;
    uint32_t count, room;
};

struct serial_ids {
    struct serial_intern names, sites;    // of the trace
    struct serial_map name_map, site_map; // id of the device -> id of the trace, 0: not defined
    struct serial_map text_epochs;        // id -> 1 + epoch in which it was defined
    struct serial_map text_hashes;        // id -> low bits of the hash of its text, 0: none known
    uint32_t epoch;
    uint32_t texts_redefined;              // ids that were seen to change their text
    uint32_t lost_name, lost_site;         // stand for what was lost; 0: not defined yet
    uint64_t unknown_texts, unknown_sites; // events that refer to what was lost
};

// ---- serial_boot.c: one boot of the device ----

struct serial_boot {
    bool is_known;  // a frame of it has come
    bool has_hello; // frames before that are not used
    bool has_begun; // its boot event, or one in its place, is in the trace
    bool has_packet;
    bool has_image;
    uint8_t number;
    uint16_t sequence_next; // of frames
    struct serial_hello hello;
    struct serial_image image;
    char image_name[TRACE_RING_NAME_BYTES];
    // What is added to the device's numbers.
    uint64_t clock_base, sequence_base, serial_base, real_base, discarded_base;
    uint64_t discarded; // by the device, as it last said
    uint32_t packet_next, events_next;
    uint32_t generation, redefined_next;
    bool is_whole;     // no packet of this generation is missing
    uint64_t asked_ns; // when a new generation was last asked for, 0: never
    // A packet in pieces.
    uint32_t piece_packet, piece_used, piece_total; // total 0: none
    struct serial_packet piece_head;
};

// ---- serial_console.c ----

struct serial_console {
    char line[CONSOLE_LINE_BYTES_MAX];
    size_t used;
    uint64_t number;
    bool is_passing; // the rest of this line is shown as it comes
};

struct serial_recorder {
    struct arena *arena;
    const struct serial_setup *setup;
    struct serial_result *result;
    struct problem *problem;
    struct serial_line line;
    uint64_t begin_ns, now_ns; // now: since the beginning
    uint64_t end_ns;           // when an end frame came, 0: none
    bool has_console_text;
    bool is_console_broken; // nobody reads it any more
    uint64_t consumer_events, consumer_lost;
    uint64_t line_events_lost, packets_refused, packets_early;
    uint64_t events_filtered;
    uint32_t ring_bytes_max;
    struct serial_decoder decoder;
    struct serial_console console;
    struct serial_boot boot;
    struct serial_ids ids;
    struct serial_out out;
    uint8_t *assembly; // a packet in pieces, SERIAL_ASSEMBLY_BYTES
    struct json_t *facts;
    struct recorder_setup directory_setup;
    struct recorder_result directory_result;
    struct recorder directory;
};

// ---- serial_talk.c ----

void serial_say(struct serial_recorder *recorder, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Sends one line of serial_frame.h to the device, if that is possible.
int serial_command(struct serial_recorder *recorder, const char *command)
    __attribute__((warn_unused_result));

// ---- serial_facts.c ----

// Member `serial` of run.json: where everything went that was sent.
void serial_facts_line(struct serial_recorder *recorder);

// ---- serial_out.c ----

// Begins a packet with these numbers of the trace (not yet: sizes, end).
void serial_out_begin(struct serial_recorder *recorder, const struct trace_packet_header *header);
// Appends an event; begins a packet first if none is open, ends it if it is full.
int serial_out_event(struct serial_recorder *recorder, const struct trace_event *event)
    __attribute__((warn_unused_result));
// Ends and writes the open packet, if any, with all that is known to be lost by now.
int serial_out_end(struct serial_recorder *recorder, uint64_t clock_end)
    __attribute__((warn_unused_result));
// Events that are known to be missing so far.
uint64_t serial_out_discarded(const struct serial_recorder *recorder);

// ---- serial_ids.c ----

// The device has started again.
void serial_ids_boot(struct serial_recorder *recorder);
// All ids mean nothing until they are defined again.
void serial_ids_forget(struct serial_recorder *recorder);
// No text id means anything until it is defined again.
void serial_ids_forget_texts(struct serial_recorder *recorder);
// Changes ids of the event to those of the trace; takes definitions in. *is_known: the trace has
// this definition already. May append a definition of its own.
int serial_ids_change(struct serial_recorder *recorder, struct trace_event *event, bool *is_known)
    __attribute__((warn_unused_result));

// ---- serial_boot.c, serial_packet.c ----

int serial_take_frame(struct serial_recorder *recorder, const struct serial_frame *frame)
    __attribute__((warn_unused_result));
int serial_take_piece(struct serial_recorder *recorder, const struct serial_frame *frame)
    __attribute__((warn_unused_result));

// ---- serial_image.c ----

// Keeps the image of the given file as .frost/NAME if it is the one that is mounted.
int serial_keep_image(struct serial_recorder *recorder, const struct serial_image *image,
                      const char *name) __attribute__((warn_unused_result));

// ---- serial_console.c ----

int serial_console_text(struct serial_recorder *recorder, struct text text)
    __attribute__((warn_unused_result));
// Nothing more came for a while, or (`is_end`) ever: shows what was held back.
int serial_console_flush(struct serial_recorder *recorder, bool is_end)
    __attribute__((warn_unused_result));

#endif
