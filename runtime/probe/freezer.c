// freezer.c: events of the freezer: what moved into flash, and what that gave.
//
// Writes: packets in the ring. Memory: none of its own. Context: the interpreter's thread.

#include "runtime/probe/probe.h"
#include "runtime/probe/start.h"
#include "runtime/probe/writer.h"

void probe_freeze_begin(struct lua_State *L, uint32_t number, uint32_t addr, int kind)
{
    int site = probe_site_id(L);
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_freeze_begin)) {
        struct trace_wire_freeze_begin *event = packet_event_extended(TRACE_ID_freeze_begin,
                                                                      sizeof *event);
        event->number = number;
        event->addr = addr;
        event->kind = (uint8_t)kind;
        event->site = (uint16_t)site;
    }
    writer_leave();
}

void probe_freeze_object(uint32_t number, uint32_t old_addr, uint32_t addr, uint32_t bytes,
                         int kind)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_freeze_object)) {
        struct trace_wire_freeze_object *event = packet_event_extended(TRACE_ID_freeze_object,
                                                                       sizeof *event);
        event->number = number;
        event->old_addr = old_addr;
        event->addr = addr;
        event->bytes = bytes;
        event->kind = (uint8_t)kind;
    }
    writer_leave();
}

void probe_freeze_end(uint32_t number, int result, uint32_t objects, uint32_t ram_bytes,
                      uint32_t flash_bytes)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_freeze_end)) {
        struct trace_wire_freeze_end *event = packet_event_extended(TRACE_ID_freeze_end,
                                                                    sizeof *event);
        event->number = number;
        event->result = (uint8_t)result;
        event->objects = objects;
        event->ram_bytes = ram_bytes;
        event->flash_bytes = flash_bytes;
    }
    writer_leave();
}

void probe_thaw(struct lua_State *L, uint32_t old_addr, uint32_t addr, uint32_t bytes, int kind)
{
    int site = probe_site_id(L);
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_thaw)) {
        struct trace_wire_thaw *event = packet_event_extended(TRACE_ID_thaw, sizeof *event);
        event->old_addr = old_addr;
        event->addr = addr;
        event->bytes = bytes;
        event->kind = (uint8_t)kind;
        event->site = (uint16_t)site;
    }
    writer_leave();
}

void probe_freezer_erase(uint32_t objects, uint32_t flash_bytes)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_freezer_erase)) {
        struct trace_wire_freezer_erase *event = packet_event_extended(TRACE_ID_freezer_erase,
                                                                       sizeof *event);
        event->objects = objects;
        event->flash_bytes = flash_bytes;
    }
    writer_leave();
}

void probe_freezer_mounted(uint32_t addr, uint32_t objects, uint32_t flash_bytes)
{
    if (!writer_enter())
        return;
    if (writer_wants(TRACE_ID_freezer_mounted)) {
        struct trace_wire_freezer_mounted *event = packet_event_extended(TRACE_ID_freezer_mounted,
                                                                         sizeof *event);
        event->addr = addr;
        event->objects = objects;
        event->flash_bytes = flash_bytes;
    }
    writer_leave();
}
