// program.c: events of a program as a whole: its boots, the images it has, what it prints, marks,
// its end.
//
// Writes: packets in the ring. Memory: none of its own. Context: the interpreter's thread.

#include <string.h>

#include "runtime/probe/doorbell.h"
#include "runtime/probe/loads.h"
#include "runtime/probe/probe.h"
#include "runtime/probe/sources.h"
#include "runtime/probe/start.h"
#include "runtime/probe/writer.h"

void probe_hush(void)
{
    probe_writer.is_busy++;
}

void probe_unhush(void)
{
    probe_writer.is_busy--;
}

// Copies a tail after an event that has room for it.
static void put_tail(void *behind, const char *text, size_t bytes)
{
    if (bytes)
        memcpy(behind, text, bytes);
}

static size_t tail_bytes(size_t bytes)
{
    return bytes < probe_writer.sizes.tail_bytes_max ? bytes : probe_writer.sizes.tail_bytes_max;
}

static int hides_text(void)
{
    return (probe_writer.flags & PROBE_START_NO_TEXT) != 0;
}

void probe_boot(unsigned number, unsigned flags, uint32_t heap_addr, uint32_t heap_bytes,
                uint32_t lua_bytes, const char *command)
{
    if (!writer_enter())
        return;
    texts_boot(heap_addr, heap_bytes);
    sites_boot();
    sources_boot();
    snapshot_boot();
    doorbell_boot(heap_addr, heap_bytes);
    size_t bytes = hides_text() ? 0 : tail_bytes(strlen(command));
    struct trace_wire_boot *event = packet_event(TRACE_ID_boot, (uint32_t)(sizeof *event + bytes));
    event->number = (uint16_t)number;
    event->flags = (uint8_t)flags;
    event->heap_bytes = heap_bytes;
    event->heap_addr = heap_addr;
    event->lua_bytes = lua_bytes;
    event->command_bytes = (uint16_t)bytes;
    put_tail(event + 1, command, bytes);
    loads_boot();
    writer_leave();
}

// "CRC-file" with the last part of the path, odd characters replaced.
static void image_name(char name[TRACE_RING_NAME_BYTES], uint32_t crc, const char *file)
{
    const char *slash = strrchr(file, '/');
    file = hides_text() ? "image" : slash ? slash + 1 : file;
    for (int i = 0; i < 8; i++)
        name[i] = "0123456789abcdef"[crc >> (28 - 4 * i) & 15];
    name[8] = '-';
    size_t used = 9;
    for (; *file && used < TRACE_RING_NAME_BYTES - 1; file++)
        name[used++] = *file > ' ' && *file < 127 ? *file : '_';
    name[used] = 0;
}

void probe_image_mounted(uint32_t addr, uint32_t bytes, uint32_t crc, const char *file)
{
    struct probe_writer *w = &probe_writer;
    if (!writer_enter())
        return;
    char name[TRACE_RING_NAME_BYTES];
    image_name(name, crc, file);
    sources_note_image(addr, bytes);
    sites_forget_range(addr, bytes);
    if (bytes > 0 && bytes <= TRACE_RING_IMAGE_BYTES && !hides_text()) // it is full of texts
        ring_send_image(w->ring, &w->port, name, (const void *)(uintptr_t)addr, bytes);
    uint32_t name_bytes = (uint32_t)strlen(name);
    struct trace_wire_image_mounted *event = packet_event(TRACE_ID_image_mounted,
                                                          (uint32_t)sizeof *event + name_bytes);
    event->addr = addr;
    event->bytes = bytes;
    event->crc = crc;
    event->file_bytes = (uint16_t)name_bytes;
    put_tail(event + 1, name, name_bytes);
    writer_leave();
}

void probe_console(int stream, const char *text, size_t bytes)
{
    if (!writer_enter())
        return;
    while (bytes > 0 && writer_wants(TRACE_ID_console)) {
        size_t piece = tail_bytes(bytes);
        size_t tail = hides_text() ? 0 : piece;
        struct trace_wire_console *event = packet_event(TRACE_ID_console,
                                                        (uint32_t)(sizeof *event + tail));
        event->stream = (uint8_t)stream;
        event->text_bytes = (uint16_t)tail;
        put_tail(event + 1, text, tail);
        text += piece;
        bytes -= piece;
    }
    writer_leave();
}

void probe_mark(const char *text, size_t bytes)
{
    if (!writer_enter())
        return;
    bytes = hides_text() ? 0 : tail_bytes(bytes);
    struct trace_wire_mark *event = packet_event(TRACE_ID_mark, (uint32_t)(sizeof *event + bytes));
    event->text_bytes = (uint16_t)bytes;
    put_tail(event + 1, text, bytes);
    writer_leave();
}

void probe_end(int status, uint32_t lua_bytes, uint32_t lua_bytes_max, uint32_t stack_bytes)
{
    if (probe_writer.is_inside)
        probe_writer.is_on = 0; // a fault in the writer itself: the recorder saves what is whole
    if (!writer_enter())
        return;
    if (!(probe_writer.flags & PROBE_START_RAW) && probe_writer.packet)
        counters_flush(); // so that `end` is the last event
    struct trace_wire_end *event = packet_event(TRACE_ID_end, sizeof *event);
    event->status = (uint8_t)status;
    event->lua_bytes = lua_bytes;
    event->lua_bytes_max = lua_bytes_max;
    event->stack_bytes = stack_bytes;
    writer_leave();
    probe_stop();
}
