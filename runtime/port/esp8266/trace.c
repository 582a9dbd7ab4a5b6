// trace.c: connects the probes to a way out (trace_out.h); nothing in the plain build.
//
// The chip has no recorder beside it: in place of the host's ring there is one packet, which is
// handed on when it is full.
// Memory, outside the Lua heap and both ledgers: for a file, as on the host, in RAM that only the
// emulator has and that outlives a restart, so a trace goes on over boots. For the serial line in
// the chip's own: a packet and the smaller tables in data RAM, that of texts in what the code has
// left of IRAM, which takes no narrower loads and stores.

#include "runtime/port/esp8266/trace.h"

#include <stdio.h>
#include <string.h>

#include "runtime/format/status.h"
#include "runtime/port/esp8266/chip.h"
#include "runtime/port/esp8266/trace_out.h"
#include "runtime/port/port.h"

#ifdef FROST_PROBED

#include "runtime/core/state.h"
#include "runtime/probe/probe.h"
#include "runtime/probe/ring.h"
#include "runtime/probe/start.h"
#include "runtime/probe/writer.h"

#define LARGE_PACKET_ADDR 0x62000000u // after the larger heaps (chip.h)
#define LARGE_TABLES_ADDR 0x62100000u
#define LARGE_TABLES_BYTES 0x4000000u
#define LARGE_KEPT_ADDR 0x62080000u
#define SMALL_TABLES_BYTES 6656u

// What goes on over a restart.
struct kept {
    uint32_t is_kept;
    uint64_t clock;
    struct probe_writer writer;
    struct trace_ring ring;
    lua_State *state; // the heap stays as it is until it is used again
};

static const struct probe_sizes small_sizes = {
    .text_room = PROBE_TEXTS_FILL,
    .flash_ids = 64,
    .site_cache = 32,
    .site_room = 160,
    .site_heads = 64,
    .name_room = 96,
    .name_heads = 32,
    .counter_room = 48,
    .counter_heads = 128,
    .tail_bytes_max = 256,
};

static const struct trace_out *out;
static lua_State *state;
static struct trace_ring ring; // the head of one; its packet lies elsewhere
static uint8_t *packet;
static uint32_t small_packet[TRACE_OUT_SMALL_BYTES / 4];
static uint64_t small_tables[SMALL_TABLES_BYTES / 8];

uint64_t trace_out_now_ns(void)
{
    return port_clock_us() * 1000u;
}

// ---- the ring of the writer: one packet ----

int ring_is_ours(const struct trace_ring *any)
{
    return any == &ring;
}

uint8_t *ring_begin(struct trace_ring *any, const struct ring_port *port)
{
    (void)any;
    (void)port;
    return packet;
}

int ring_commit(struct trace_ring *any, const struct ring_port *port)
{
    (void)port;
    any->open_bytes = 0;
    const struct trace_packet_header *header = (const void *)packet;
    return out->packet(packet, header->packet_size / 8);
}

void ring_send_image(struct trace_ring *any, const struct ring_port *port, const char *name,
                     const void *image, uint32_t bytes)
{
    (void)any;
    (void)port;
    out->image(name, image, bytes);
}

void ring_close(struct trace_ring *any, const struct ring_port *port)
{
    (void)any;
    (void)port;
}

// ---- start ----

static _Noreturn void refuse(const char *what, const char *why)
{
    char line[200];
    snprintf(line, sizeof line, "%.100s: %.80s", what, why);
    port_panic(line);
}

static void choose_way_out(const struct chip_trace_settings *settings)
{
    if (settings->path) {
        int error = 0;
        out = trace_out_file_open(settings->path, !settings->is_small, settings->boot_number,
                                  &error);
        if (!out)
            refuse(settings->path, port_error_text(error));
    } else if (settings->is_serial) {
        out = trace_out_serial_open(settings);
    }
}

// Goes on with the tables and the clock of the boot before; 0 if there are none.
static int take_up(void)
{
    struct kept *kept = (struct kept *)LARGE_KEPT_ADDR;
    if (!out->is_large || !kept->is_kept)
        return 0;
    kept->is_kept = 0;
    probe_writer = kept->writer;
    probe_clock = kept->clock;
    ring = kept->ring;
    state = kept->state;
    return 1;
}

void chip_trace_open(const struct chip_trace_settings *settings)
{
    choose_way_out(settings);
    if (!out)
        return;
    packet = out->is_large ? (uint8_t *)LARGE_PACKET_ADDR : (uint8_t *)small_packet;
    probe_literals_between(chip_rodata, chip_rodata_end); // not kept over a restart
    if (take_up())
        return;
    ring.slot_bytes = out->is_large ? TRACE_PACKET_BYTES : TRACE_OUT_SMALL_BYTES;
    trace_schema_uuid(ring.uuid);
    struct probe_setup setup = {
        .memory = small_tables,
        .memory_bytes = sizeof small_tables,
        .words = chip_iram_free,
        .word_bytes = (size_t)(chip_iram_top - chip_iram_free),
        .sizes = &small_sizes,
        .heap_bytes = settings->heap_bytes,
        .ring = &ring,
        .now_ns = trace_out_now_ns,
        .after = out->after,
        .flags = (out->is_large && settings->rings_doorbell ? PROBE_START_DOORBELL : 0) |
                 (settings->is_raw ? PROBE_START_RAW : 0) |
                 (settings->is_without_text ? PROBE_START_NO_TEXT : 0) |
                 (settings->is_without_inputs ? PROBE_START_NO_INPUTS : 0),
    };
    if (out->is_large) {
        setup.memory = (void *)LARGE_TABLES_ADDR;
        setup.memory_bytes = LARGE_TABLES_BYTES;
        setup.words = NULL;
        setup.sizes = NULL;
    } else {
        uint32_t *words = setup.words;
        for (size_t i = 0; i < setup.word_bytes / 4; i++)
            words[i] = 0;
    }
    if (!probe_start(&setup))
        refuse("trace", "its tables have no room for a heap of that size");
}

void chip_trace_state(lua_State *L)
{
    state = L;
}

void chip_trace_close(int status)
{
    if (!out)
        return;
    const struct global_state *g = state && !REF_IS_NULL(state->global) ? GLOBAL(state) : NULL;
    if (out->drain)
        out->drain();
    probe_end(status, g ? g->total_bytes : 0, g ? g->total_bytes_max : 0, port_stack_used_max());
    const struct trace_out *was = out;
    out = NULL; // should closing fail, nobody comes here again
    was->close(status);
}

void chip_trace_restart(void)
{
    if (!out)
        return;
    if (out->drain)
        out->drain();
    if (out->is_large) {
        struct kept *kept = (struct kept *)LARGE_KEPT_ADDR;
        kept->writer = probe_writer;
        kept->clock = probe_clock;
        kept->ring = ring;
        kept->state = state;
        kept->is_kept = 1;
    } else {
        probe_stop();
    }
    if (out->drain)
        out->drain();
}

#else

void chip_trace_open(const struct chip_trace_settings *settings)
{
    if (settings->path || (settings->is_serial && chip_services()))
        port_panic("this build of the firmware has no probes and cannot be recorded");
}

void chip_trace_state(lua_State *L)
{
    (void)L;
}

void chip_trace_close(int status)
{
    (void)status;
}

void chip_trace_restart(void)
{
}

#endif
