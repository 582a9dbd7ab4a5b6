// serial_recorder.h: records what a device says over a serial line as a trace.
//
// Reads: the line (serial_line.h): frames of runtime/format/serial_frame.h and console text.
// Writes: a trace directory as collectors/host/recorder.h does (a result: it has its name when it
// is whole); console text to a file descriptor as it comes; a member "serial" of run.json: what was
// lost. Memory: the arena of the caller; grows with the number of names and sites only. Context:
// one recording at a time; SIGINT, SIGTERM and SIGHUP end it, the trace is closed.
//
// What is lost on the way is counted: packets that the device had no room for (events_discarded),
// packets of which a frame was lost or damaged (a gap in the packet numbers, and their events in
// events_discarded as far as the next packet tells). Texts, names and sites whose definitions may
// have been lost are not guessed: such events have text 0, or the site "(lost on the line)".
// Each boot of the device goes on in the same trace: clock, numbers of packets, blocks and sites.

#ifndef FROST_COLLECTORS_SERIAL_RECORDER_H
#define FROST_COLLECTORS_SERIAL_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/arena.h"
#include "collectors/serial/console.h"

#define SERIAL_COMMANDS_MAX 8

struct serial_setup {
    const char *directory; // of the trace; must outlive the problem
    const char *device;    // path of the line, or of a file with what came over one
    uint32_t baud;
    const char *lfs;        // file of the image that the device has mounted; NULL: not given
    uint64_t duration_ms;   // real time after which the recording ends, 0: no limit
    uint64_t hello_wait_ms; // without a frame for so long: a message
    const char *const *device_commands; // lines for the device, sent at each first hello of a boot
    uint32_t device_command_count;      // at most SERIAL_COMMANDS_MAX
    bool is_without_text;               // hash and length instead of texts
    int console_fd;                     // where console text goes
    int input_fd;                       // what is typed here goes to the device; -1: none
    const char *command;                // what the user asked for, for run.json
    const char *version;                // of Frostline
    const struct console_consumer *consumer; // of lines of console text, or NULL
    // Told of what the user should know while the recording goes on; may be NULL.
    void (*say)(void *context, const char *message);
    void *say_context;
};

enum serial_ending {
    SERIAL_ENDED_BY_PROGRAM, // end frame
    SERIAL_ENDED_BY_USER,    // a signal, or the consumer
    SERIAL_ENDED_BY_DURATION,
    SERIAL_ENDED_BY_LINE, // the device was unplugged, the file ended
};

struct serial_result {
    enum serial_ending ending;
    int exit_status;  // of the program, if it has ended; else 0
    bool has_hello;   // the device speaks our frames
    bool is_complete; // nothing was lost and the program has ended
    uint32_t boots;
    uint64_t event_count, packet_count, bytes; // of `events`
    uint64_t frames, frames_lost, frames_damaged;
    uint64_t packets_lost;
    uint64_t events_discarded; // all that is known to be missing
    uint64_t events_dropped;   // of these: by the device, for want of room
};

// Records until one of the endings above.
//
// Errors: STATUS_USAGE, STATUS_NOT_FOUND, STATUS_IO: the line (serial_line.h) or the directory;
//         STATUS_VERSION: the device's frames or events are of another version;
//         STATUS_NOT_FOUND: nothing for a trace came; STATUS_NO_SPACE. Then there is no trace.
int serial_record(struct arena *arena, const struct serial_setup *setup,
                  struct serial_result *result, struct problem *problem)
    __attribute__((warn_unused_result));

#endif
