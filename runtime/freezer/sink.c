// sink.c: the words of a block: measured, compared with what lies in flash, or programmed.
//
// Reads and writes: the device of the area. Memory: the sink, the caller's. The same words are
// given three times rather than kept, so that a function of any size needs no buffer of its size.

#include <assert.h>
#include <string.h>

#include "runtime/flash/inflate.h"
#include "runtime/freezer/area.h"
#include "runtime/freezer/area_parts.h"

static void flush(struct frozen_sink *sink)
{
    uint32_t bytes = 4 * sink->buffered;
    if (bytes == 0)
        return;
    sink->crc = inflate_crc(sink->crc, sink->buffer, bytes);
    if (sink->mode == FROZEN_WRITE && sink->status == STATUS_OK)
        sink->status = flash_program(sink->area->device, sink->area->off + sink->off, sink->buffer,
                                     bytes);
    sink->off += bytes;
    sink->buffered = 0;
}

static void put(struct frozen_sink *sink, uint32_t word)
{
    if (sink->mode == FROZEN_COMPARE) {
        if (!sink->differs && sink->at[sink->words] != word)
            sink->differs = 1;
        sink->words++;
        return;
    }
    sink->words++;
    sink->buffer[sink->buffered++] = word;
    if (sink->buffered == FROZEN_BUFFER_WORDS)
        flush(sink);
}

static void mix(struct frozen_sink *sink, uint32_t word)
{
    uint32_t h = (sink->hash ^ word) * 0x9E3779B1u;
    sink->hash = h ^ h >> 15;
}

void frozen_put(struct frozen_sink *sink, uint32_t word)
{
    mix(sink, word);
    put(sink, word);
}

void frozen_put_inner(struct frozen_sink *sink, uint32_t rel)
{
    mix(sink, rel);
    put(sink, sink->addr + rel);
}

void frozen_put_bytes(struct frozen_sink *sink, const void *data, uint32_t bytes)
{
    const uint8_t *at = data;
    while (bytes > 0) {
        uint32_t word = 0, part = bytes < 4 ? bytes : 4;
        memcpy(&word, at, part);
        frozen_put(sink, word);
        at += part;
        bytes -= part;
    }
}

void frozen_run(struct frozen_sink *sink, const struct frozen_item *item)
{
    item->emit(sink, item->object);
    assert(sink->words == (item->bytes + 3) / 4);
    if (sink->words % 2 != 0)
        put(sink, 0);
    flush(sink);
}
