// trace_out.h: where the packets of the probed build go. The writer of events (runtime/probe) fills
// one packet at a time; a way out takes it when it is full.
//
// Two ways: a file of the host under the emulator (trace_out_file.c), frames on the serial line
// (serial*.c). trace.c chooses one at boot and calls it.
// Memory: the packet is trace.c's and is used again as soon as `packet` returns.
// Context: the one thread, from inside a probe. A way out must not call what has probes
//          (port_console_*, the runtime), nor allocate from the Lua heap.

#ifndef FROST_PORT_ESP8266_TRACE_OUT_H
#define FROST_PORT_ESP8266_TRACE_OUT_H

#include <stdint.h>

struct trace_out {
    // How large packets and tables are made: 1: as the host's (TRACE_PACKET_BYTES, memory that only
    // the emulator has); 0: TRACE_OUT_SMALL_BYTES, tables in what the chip has.
    int is_large;
    // A whole packet (runtime/format/trace.h), `bytes` long, a multiple of 8; header and
    // packet_size are set. Result: 1 if it is on its way; 0 if it was dropped. The next packet then
    // has the same sequence number, and its events_discarded counts the events that were dropped.
    int (*packet)(const void *packet, uint32_t bytes);
    // An image was mounted at flash address `image`, readable there by words; `name` is what the
    // next packet's image_mounted event calls it (a plain file name of less than
    // TRACE_RING_NAME_BYTES characters). A way out may keep no copy of images.
    void (*image)(const char *name, const void *image, uint32_t bytes);
    // The last packet has been taken; `status` is the exit status. Called once, or never if the
    // program dies. A restart of the firmware is no close: see trace_out.drain.
    void (*close)(int status);
    // The firmware is about to end or to restart (then all of RAM will be cleared): waits until
    // what was taken is on its way, so that the last packets find room. May be NULL.
    void (*drain)(void);
    // After every probe. May be NULL.
    void (*after)(void);
};

// Bytes of a small packet, header included; texts and names in it are at most 256 bytes long.
#define TRACE_OUT_SMALL_BYTES 2048u

// ---- trace_out_file.c: --trace=PATH ----

// Opens the file or FIFO PATH for whole packets, one after another as in a trace's `events`; images
// go to the directory .frost beside it, which must exist. Goes on after what the boots before have
// written if `boot_number` is not 1. `is_large`: as trace_out.is_large; 0 is for tests of the small
// tables, and for one boot. Result: the way out; NULL: PATH cannot be opened, *error is an errno
// value.
const struct trace_out *trace_out_file_open(const char *path, int is_large, uint32_t boot_number,
                                            int *error);

// ---- serial*.c: --trace-serial=1, and on a chip, where there is no option, always ----

struct chip_trace_settings;

// `settings` (trace.h) must live as long as the trace. Result: the way out.
const struct trace_out *trace_out_serial_open(const struct chip_trace_settings *settings);
// Console text of so many bytes goes to the UART next: a frame on its way is ended first.
void trace_out_before_text(uint32_t bytes);

// Real time since the firmware was started, in nanoseconds: what packets are stamped with.
uint64_t trace_out_now_ns(void);

#endif
