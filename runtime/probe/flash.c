// flash.c: events of the flash: what was programmed and erased, and jobs of many programs and
// erases.
//
// Writes: packets in the ring. Memory: none of its own. Context: the interpreter's thread.

#include "runtime/probe/probe.h"
#include "runtime/probe/start.h"
#include "runtime/probe/writer.h"

void probe_flash_program(int region, uint32_t addr, uint32_t bytes, uint32_t times,
                         uint64_t device_ns)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_flash_program)) {
        struct trace_wire_flash_program *event = packet_event_extended(TRACE_ID_flash_program,
                                                                       sizeof *event);
        event->region = (uint8_t)region;
        event->addr = addr;
        event->bytes = bytes;
        event->times = times;
        event->device_ns = device_ns;
    }
    writer_leave();
}

void probe_flash_erase(int region, uint32_t addr, uint32_t count, uint64_t device_ns)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_flash_erase)) {
        struct trace_wire_flash_erase *event = packet_event_extended(TRACE_ID_flash_erase,
                                                                     sizeof *event);
        event->region = (uint8_t)region;
        event->addr = addr;
        event->count = count;
        event->device_ns = device_ns;
    }
    writer_leave();
}

void probe_flash_job(int job, int region, uint32_t bytes, uint32_t programs, uint32_t erases,
                     uint64_t device_ns)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_flash_job)) {
        struct trace_wire_flash_job *event = packet_event_extended(TRACE_ID_flash_job,
                                                                   sizeof *event);
        event->job = (uint8_t)job;
        event->region = (uint8_t)region;
        event->bytes = bytes;
        event->programs = programs;
        event->erases = erases;
        event->device_ns = device_ns;
    }
    writer_leave();
}
